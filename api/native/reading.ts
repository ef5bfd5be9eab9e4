// Bookings read one by one, in pages, and along their line of time.
import { createRoute, z } from '@hono/zod-openapi';
import { listBookings } from '../../db/lists.ts';
import type { BookingFilter, Cursor } from '../../db/lists.ts';
import { openWords } from '../../db/audit.ts';
import { openAnswer } from '../../db/payment-answers.ts';
import { timelineOf } from '../../db/timeline.ts';
import type { TimelineEntry } from '../../db/timeline.ts';
import { BOOKING_STATUSES, STOREFRONTS } from '../../domain/booking.ts';
import { BACK_OFFICE, principalOf, STAFF } from '../auth.ts';
import type { Principal } from '../auth.ts';
import { bookingById } from '../bookings.ts';
import type { Desk } from '../bookings.ts';
import { nativeArea, VisibleError } from '../errors.ts';
import { BEARER, json, refusals } from '../http/router.ts';
import type { Router } from '../http/router.ts';
import { Listed, listedWire } from './wire.ts';

const Query = z.object({
  status: z.enum(BOOKING_STATUSES).optional(),
  storefront: z.enum(STOREFRONTS).optional(),
  q: z.string().trim().min(1).max(320).optional().openapi({
    description:
      "Number, id, reference, mail address, payment reference, supplier's order number or voucher code; whole, not in part",
  }),
  cursor: z.string().max(200).optional().openapi({ description: 'The nextCursor of the page before' }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

const Page = z.object({ items: z.array(Listed), nextCursor: z.string().nullable() });

export function addLists(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'get',
    path: '/v1/bookings',
    tags: ['bookings'],
    summary: 'Bookings, newest first',
    description: 'Everybody’s for the back office, one’s own for a customer.',
    security: BEARER,
    middleware: [desk.auth.require()] as const,
    request: { query: Query },
    responses: { 200: json('A page', Page), ...refusals(nativeArea, 'invalid', 'unauthenticated') },
  });
  router.openapi(route, async (c) => {
    const { cursor, limit, ...query } = c.req.valid('query');
    const filter = filterOf(desk, principalOf(c), query);
    const page = await listBookings(desk.db, filter, { cursor: readCursor(cursor), limit });
    return c.json({ items: page.items.map(listedWire), nextCursor: page.next ? writeCursor(page.next) : null }, 200);
  });
}

type Wanted = Omit<z.output<typeof Query>, 'cursor' | 'limit'>;

function filterOf({ keyring }: Desk, principal: Principal, { q, status, storefront }: Wanted): BookingFilter {
  if (principal.storefront && storefront && principal.storefront !== storefront) {
    throw new VisibleError('forbidden', 'The token is limited to another storefront.');
  }
  return {
    status,
    storefront: principal.storefront ?? storefront,
    ownerSub: BACK_OFFICE.includes(principal.role) ? undefined : principal.sub,
    search: q === undefined ? undefined : { text: q, mailHashes: keyring.blindIndexes(q) },
  };
}

const writeCursor = ({ createdAt, id }: Cursor): string => Buffer.from(`${createdAt}|${id}`).toString('base64url');

function readCursor(text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)\|(bk_[0-9a-z]+)$/.exec(
    Buffer.from(text, 'base64url').toString(),
  );
  if (match?.[1] && match[2]) return { createdAt: match[1], id: match[2] };
  throw new VisibleError('invalid', 'The request is not valid.', {
    fields: { cursor: ['This is no cursor of ours.'] },
  });
}

const Entry = z.object({
  at: z.iso.datetime(),
  kind: z.enum(['event', 'answer', 'webhook', 'notice', 'document', 'staff']),
  type: z.string(),
  detail: z.record(z.string(), z.unknown()).optional().openapi({ description: 'Only for staff' }),
});

export function addTimeline(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'get',
    path: '/v1/bookings/{id}/timeline',
    tags: ['bookings'],
    summary: 'What happened, in order',
    description:
      'Staff sees every fact, what the gateway said that told us so, every webhook, letter, paper and action with its details; the owner sees what concerns him, without.',
    security: BEARER,
    middleware: [desk.auth.require()] as const,
    request: { params: z.object({ id: z.string().max(64) }) },
    responses: {
      200: json('The line of time', z.object({ items: z.array(Entry) })),
      ...refusals(nativeArea, 'unauthenticated', 'forbidden', 'not_found'),
    },
  });
  router.openapi(route, async (c) => {
    const principal = principalOf(c);
    const { row } = await bookingById(desk, c.req.valid('param').id, principal);
    const entries = await timelineOf(desk.db, row.id);
    const full = (entry: TimelineEntry) => inFull(desk, row.id, entry);
    const items = STAFF.includes(principal.role)
      ? await Promise.all(entries.map(full))
      : entries.filter(isPublic).map(inShort);
    return c.json({ items }, 200);
  });
}

const HOUSE_MATTERS =
  /^(supplier\.|attention\.|dispute\.|payment\.fee_known|payment\.duplicate|booking\.compensation_started)/;

function isPublic(entry: TimelineEntry): boolean {
  switch (entry.kind) {
    case 'event':
      return !HOUSE_MATTERS.test(entry.type);
    case 'notice':
      return entry.audience === 'customer';
    case 'document':
      return entry.type !== 'evidence';
    case 'answer':
    case 'webhook':
    case 'staff':
      return false;
  }
}

const inShort = ({ at, kind, type }: TimelineEntry): z.output<typeof Entry> => ({ at: at.toISOString(), kind, type });

async function inFull(desk: Desk, bookingId: string, entry: TimelineEntry): Promise<z.output<typeof Entry>> {
  const { at: _at, kind: _kind, type: _type, ...rest } = entry;
  if ('sealedAnswer' in rest) {
    const { sealedAnswer, ...detail } = rest;
    const answer = await openAnswer(desk.keyring, bookingId, sealedAnswer);
    return { ...inShort(entry), detail: answer === undefined ? detail : { ...detail, answer } };
  }
  if (!('sealedWords' in rest)) return { ...inShort(entry), detail: rest };
  const { sealedWords, ...detail } = rest;
  const words = await openWords(desk.keyring, bookingId, sealedWords);
  return { ...inShort(entry), detail: words === undefined ? detail : { ...detail, words } };
}
