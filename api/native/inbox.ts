// Staff's view of the webhooks received, and sending them round again.
import { createRoute, z } from '@hono/zod-openapi';
import { recordAudit } from '../../db/audit.ts';
import { openBody, wakeSweep } from '../../db/inbox.ts';
import { INBOX_STATES, listInbox, readInboxRow, replayMatching, replayRow } from '../../db/inbox-list.ts';
import { principalOf, STAFF } from '../auth.ts';
import type { AppDeps } from '../deps.ts';
import { nativeArea, VisibleError } from '../errors.ts';
import { FOR_STAFF, createRouter, json, jsonBody, refusals } from '../http/router.ts';
import type { Router } from '../http/router.ts';

const Filter = z.object({
  state: z.enum(INBOX_STATES).optional(),
  gateway: z.string().max(64).optional(),
  type: z.string().max(128).optional(),
  booking: z.string().max(64).optional(),
});

const Row = z.object({
  id: z.int(),
  gateway: z.string(),
  channel: z.string(),
  eventId: z.string().nullable(),
  type: z.string().nullable(),
  bookingId: z.string().nullable(),
  verdict: z.enum(['verified', 'rejected']),
  state: z.enum(INBOX_STATES),
  attempts: z.int(),
  receivedAt: z.iso.datetime(),
  handledAt: z.iso.datetime().nullable(),
  error: z.string().nullable(),
});

const Query = Filter.extend({
  cursor: z.coerce.number().int().positive().optional().openapi({ description: 'The nextCursor of the page before' }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

const listRoute = createRoute({
  method: 'get',
  path: '/v1/inbox',
  tags: ['inbox'],
  summary: 'Webhooks received, newest first',
  security: FOR_STAFF,
  request: { query: Query },
  responses: {
    200: json('A page', z.object({ items: z.array(Row), nextCursor: z.string().nullable() })),
    ...refusals(nativeArea, 'invalid', 'unauthenticated', 'forbidden'),
  },
});

const RowId = z.object({ id: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER) });

const readRoute = createRoute({
  method: 'get',
  path: '/v1/inbox/{id}',
  tags: ['inbox'],
  summary: 'One webhook, with what was sent',
  description:
    'The body may name a person, so each look is written down. It is null once the person was erased, and after 90 days.',
  security: FOR_STAFF,
  request: { params: RowId },
  responses: {
    200: json(
      'The webhook',
      Row.extend({ headers: z.record(z.string(), z.string()), bodySha256: z.string(), body: z.string().nullable() }),
    ),
    ...refusals(nativeArea, 'invalid', 'unauthenticated', 'forbidden', 'not_found'),
  },
});

const replayOneRoute = createRoute({
  method: 'post',
  path: '/v1/inbox/{id}/replay',
  tags: ['inbox'],
  summary: 'Deliver one webhook again',
  description:
    'Goes the way of a new one. The workflow reads the truth from the gateway, so a replay never applies anything twice.',
  security: FOR_STAFF,
  request: { params: RowId },
  responses: {
    200: json('Queued', z.object({ queued: z.literal(1) })),
    ...refusals(nativeArea, 'invalid', 'unauthenticated', 'forbidden', 'not_found', 'conflict'),
  },
});

const replayManyRoute = createRoute({
  method: 'post',
  path: '/v1/inbox/replay',
  tags: ['inbox'],
  summary: 'Deliver webhooks again, chosen by a filter',
  description: 'The oldest 1000 that match; ask again for more. Rejected and ignored ones are left out.',
  security: FOR_STAFF,
  request: { body: jsonBody(z.object({ filter: Filter }), { filter: { state: 'failed' } }) },
  responses: {
    200: json('How many were queued', z.object({ queued: z.int() })),
    ...refusals(nativeArea, 'not_json', 'invalid', 'unauthenticated', 'forbidden'),
  },
});

type Shown = Awaited<ReturnType<typeof listInbox>>[number];

const wireOf = (row: Shown) => ({
  ...row,
  receivedAt: row.receivedAt.toISOString(),
  handledAt: row.handledAt?.toISOString() ?? null,
});

export function inbox({ auth, db, keyring, idempotent }: AppDeps): Router {
  const router = createRouter();
  router.use('/v1/inbox/*', auth.require({ roles: STAFF, wholeHouse: true }), idempotent);

  router.openapi(listRoute, async (c) => {
    const { cursor, limit, booking, ...filter } = c.req.valid('query');
    const rows = await listInbox(db, { ...filter, bookingId: booking }, { before: cursor, limit: limit + 1 });
    const items = rows.slice(0, limit).map(wireOf);
    const nextCursor = rows.length > limit ? String(items.at(-1)?.id) : null;
    return c.json({ items, nextCursor }, 200);
  });

  router.openAPIRegistry.registerPath(readRoute);
  // Numbers only: the neighbour's path is no webhook that is not there.
  router.get('/v1/inbox/:id{[0-9]{1,15}}', async (c) => {
    const { id } = RowId.parse(c.req.param());
    const { sub, role } = principalOf(c);
    const row = await readInboxRow(db, id);
    if (!row) throw new VisibleError('not_found', 'There is no such webhook.');
    await recordAudit(db, {
      actor: sub,
      role,
      action: 'inbox.read',
      bookingId: row.bookingId,
      detail: { inboxId: id },
    });
    const { sealed, ...shown } = row;
    const body = sealed && (await openBody(keyring, sealed)).toString();
    return c.json({ ...wireOf(shown), headers: row.headers, bodySha256: row.bodySha256, body }, 200);
  });

  router.openapi(replayOneRoute, async (c) => {
    const { id } = c.req.valid('param');
    const { sub, role } = principalOf(c);
    await db.transaction(async (tx) => {
      const replay = await replayRow(tx, id);
      if (replay.kind === 'unknown') throw new VisibleError('not_found', 'There is no such webhook.');
      if (replay.kind === 'not_replayable')
        throw new VisibleError('conflict', `A webhook that was ${replay.why} cannot be delivered again.`);
      await recordAudit(tx, { actor: sub, role, action: 'inbox.replay', detail: { inboxId: id } });
      await wakeSweep(tx);
    });
    return c.json({ queued: 1 as const }, 200);
  });

  router.openapi(replayManyRoute, async (c) => {
    const { filter } = c.req.valid('json');
    const { booking, ...rest } = filter;
    const { sub, role } = principalOf(c);
    const queued = await db.transaction(async (tx) => {
      const count = await replayMatching(tx, { ...rest, bookingId: booking });
      await recordAudit(tx, { actor: sub, role, action: 'inbox.replay', detail: { filter, queued: count } });
      await wakeSweep(tx);
      return count;
    });
    return c.json({ queued }, 200);
  });

  return router;
}
