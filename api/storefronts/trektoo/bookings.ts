// What the thank-you page calls: the booking, its vouchers and its receipt.
import { createRoute, z } from '@hono/zod-openapi';
import { isServed } from '../../../domain/booking.ts';
import {
  acceptedOf,
  BEARER,
  bookingByReference,
  bookingIdByReference,
  createRouter,
  json,
  newRequestId,
  NUMBERED_PDF,
  papersDoor,
  PDF,
  principalOf,
  refusals,
  sendPaper,
  travellersOf,
  voucherIn,
  writeDown,
} from '../../bookings.ts';
import type { Desk, Principal, Router } from '../../bookings.ts';
import { VisibleError } from '../../errors.ts';
import { BookingDetail, bookingDetailOf, envelope, Vouchers, vouchersOf, wrapped } from './answers.ts';
import { trektooArea } from './area.ts';
import { viewerOf } from './viewing.ts';

const STOREFRONT = 'trektoo';
const PATH = '/api/klook/bookings/{id}';
const TAGS = [STOREFRONT];
const Id = z.object({ id: z.string().max(128).openapi({ description: 'The booking id' }) });

export function trektooBookings(desk: Desk): Router {
  const router = createRouter();
  addReading(router, desk);
  addResend(router, desk);
  addPapers(router, desk);
  return router;
}

function addReading(router: Router, desk: Desk): void {
  const signedIn = desk.auth.require({ storefront: STOREFRONT });
  const shared = { tags: TAGS, security: BEARER, middleware: signedIn, request: { params: Id } };
  const seen = refusals(trektooArea, 'unauthenticated', 'forbidden', 'not_found');
  const one = createRoute({
    ...shared,
    method: 'get',
    path: PATH,
    summary: 'One booking in full',
    responses: { 200: json('The booking', envelope(BookingDetail)), ...seen },
  });
  router.openapi(one, async (c) => {
    const principal = principalOf(c);
    const stored = await bookingByReference(desk, { storefront: STOREFRONT, text: c.req.valid('param').id }, principal);
    const viewer = await viewerOf(desk, stored, principal);
    const travellers = await travellersOf(desk, stored);
    return c.json(wrapped(bookingDetailOf(stored, { viewer, travellers })), 200);
  });

  const vouchers = createRoute({
    ...shared,
    method: 'get',
    path: `${PATH}/vouchers`,
    summary: 'The vouchers of a booking',
    description: 'Empty until Klook has issued them.',
    responses: { 200: json('The vouchers', envelope(Vouchers)), ...seen },
  });
  router.openapi(vouchers, async (c) => {
    const { booking } = await bookingByReference(
      desk,
      { storefront: STOREFRONT, text: c.req.valid('param').id },
      principalOf(c),
    );
    return c.json(wrapped({ vouchers: vouchersOf(booking, desk.config.publicUrl) }), 200);
  });
}

const idOf = (desk: Desk, text: string, principal: Principal) =>
  bookingIdByReference(desk, { storefront: STOREFRONT, text }, principal);

function addResend(router: Router, desk: Desk): void {
  const limitLetters = desk.limitLetters((c) => idOf(desk, c.req.param('id') ?? '', principalOf(c)));
  const route = createRoute({
    method: 'post',
    path: `${PATH}/vouchers`,
    tags: TAGS,
    summary: 'Send the vouchers again',
    description:
      'Mails confirmation, vouchers and receipt to the customer once more. 409 before the booking is confirmed.',
    security: BEARER,
    middleware: [desk.auth.require({ storefront: STOREFRONT }), limitLetters, desk.idempotent] as const,
    request: { params: Id },
    responses: {
      200: json('The vouchers', envelope(Vouchers)),
      ...refusals(trektooArea, 'unauthenticated', 'forbidden', 'not_found', 'conflict', 'rate_limited', 'not_ready'),
    },
  });
  router.openapi(route, async (c) => {
    const principal = principalOf(c);
    const { booking, row } = await bookingByReference(
      desk,
      { storefront: STOREFRONT, text: c.req.valid('param').id },
      principal,
    );
    if (!isServed(booking.phase)) {
      throw new VisibleError('conflict', 'The booking is not confirmed.', { code: 'not_confirmed' });
    }
    const requestId = newRequestId('rs', c.get('heldKey')?.scope);
    acceptedOf(await desk.door.resend(row.id, { actor: principal.sub, requestId }), 'Nothing can be sent');
    await writeDown(desk, principal, { action: 'resend', bookingId: row.id, detail: { requestId } });
    return c.json(wrapped({ vouchers: vouchersOf(booking, desk.config.publicUrl) }), 200);
  });
}

function addPapers(router: Router, desk: Desk): void {
  const door = papersDoor(desk);
  const shared = {
    method: 'get' as const,
    tags: TAGS,
    security: BEARER,
    responses: { 200: PDF, ...refusals(trektooArea, 'unauthenticated', 'forbidden', 'not_found', 'conflict') },
  };
  router.openAPIRegistry.registerPath({
    ...shared,
    path: `${PATH}/vouchers/{n}.pdf`,
    summary: 'One voucher',
    request: { params: Id.extend({ n: z.int().min(1) }) },
  });
  router.get(`/api/klook/bookings/:id/vouchers/${NUMBERED_PDF}`, door, (c) =>
    sendPaper(desk, c, { ...voucherIn(c), storefront: STOREFRONT }),
  );
  router.openAPIRegistry.registerPath({
    ...shared,
    path: `${PATH}/receipt.pdf`,
    summary: 'The receipt',
    request: { params: Id },
  });
  router.get('/api/klook/bookings/:id/receipt.pdf', door, (c) =>
    sendPaper(desk, c, { kind: 'receipt', storefront: STOREFRONT }),
  );
}
