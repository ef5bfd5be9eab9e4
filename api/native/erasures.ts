// Forgetting a person: asked for here, done at once where nobody needs them any more, else by the background process.
import { createRoute, z } from '@hono/zod-openapi';
import { askErasure, bookingsOf, erase, erasuresUnderWay, waitsFor } from '../../db/erasures.ts';
import type { Person } from '../../db/erasures.ts';
import { STOREFRONTS } from '../../domain/booking.ts';
import { ADMINS, principalOf } from '../auth.ts';
import type { AppDeps } from '../deps.ts';
import { nativeArea, VisibleError } from '../errors.ts';
import { FOR_ADMINS, createRouter, json, jsonBody, refusals } from '../http/router.ts';
import type { Router } from '../http/router.ts';

const Wish = z
  .union([
    z.strictObject({ booking: z.string().min(1).max(64).openapi({ description: 'Its id, or its number' }) }),
    z.strictObject({ email: z.email().max(320) }),
    z.strictObject({ storefront: z.enum(STOREFRONTS), userId: z.string().min(1).max(255) }),
  ])
  .openapi({
    description: 'One booking, everything bought under an address, or a customer by the `sub` of their tokens',
  });
type Wish = z.output<typeof Wish>;

const Standing = z.enum(['erased', 'waiting']);
const Because = z
  .enum(['booking_under_way', 'service_to_come', 'refund_under_way', 'dispute_open', 'needs_attention'])
  .openapi({ description: 'What the person is still needed for; it is done by itself as soon as that is over' });

const ask = {
  method: 'post' as const,
  path: '/v1/erasures',
  tags: ['erasure'],
  summary: 'Forget a person',
  description:
    'For good. Names, addresses, papers, what gateways said and what staff wrote go; what was sold, paid, refunded and posted stays. ' +
    'The key of the booking is destroyed once its workflow is over. Asked again, the answer says how it stands; it is empty where nobody is known under that address or `sub`.',
  security: FOR_ADMINS,
  request: { body: jsonBody(Wish, { email: 'aisyah@example.com' }) },
  responses: {
    200: json(
      'Each booking of theirs',
      z.object({ bookings: z.array(z.object({ id: z.string(), state: Standing, because: Because.nullable() })) }),
    ),
    ...refusals(nativeArea, 'not_json', 'invalid', 'unauthenticated', 'forbidden', 'not_found'),
  },
};

const list = {
  method: 'get' as const,
  path: '/v1/erasures',
  tags: ['erasure'],
  summary: 'Erasures that are not at their end',
  description:
    '`waiting`: the person is still needed, or goes within the hour where `because` is null. `erased`: only the key of the booking is left, for as long as its workflow runs.',
  security: FOR_ADMINS,
  responses: {
    200: json(
      'The oldest first',
      z.object({
        items: z.array(
          z.object({
            bookingId: z.string(),
            state: Standing,
            because: Because.nullable(),
            askedBy: z.string(),
            askedAt: z.iso.datetime(),
          }),
        ),
      }),
    ),
    ...refusals(nativeArea, 'unauthenticated', 'forbidden'),
  },
};

export function erasures({ auth, db, keyring, clock, idempotent }: AppDeps): Router {
  const router = createRouter();
  const middleware = [auth.require({ roles: ADMINS, wholeHouse: true }), idempotent];

  const personIn = (wish: Wish): Person => {
    if ('booking' in wish) return { kind: 'booking', id: wish.booking };
    if ('email' in wish) return { kind: 'mail', hashes: keyring.blindIndexes(wish.email) };
    return { kind: 'customer', storefront: wish.storefront, sub: wish.userId };
  };

  router.openapi(createRoute({ ...ask, middleware }), async (c) => {
    const { sub: actor, role } = principalOf(c);
    const wish = c.req.valid('json');
    const ids = await bookingsOf(db, personIn(wish));
    // Mistyped, it must not look like done.
    if ('booking' in wish && ids.length === 0) throw new VisibleError('not_found', 'There is no such booking.');
    await askErasure(db, ids, { actor, role });
    const outcomes = [];
    for (const id of ids) outcomes.push({ id, forgettable: await erase(db, id, clock().getTime()) });
    const bookings = outcomes.map(({ id, forgettable }) =>
      forgettable === 'now'
        ? { id, state: 'erased' as const, because: null }
        : { id, state: 'waiting' as const, because: forgettable },
    );
    return c.json({ bookings }, 200);
  });

  router.openapi(createRoute({ ...list, middleware }), async (c) => {
    const items = [];
    for (const { bookingId, askedBy, askedAt, erasedAt } of await erasuresUnderWay(db)) {
      const forgettable = erasedAt === null ? await waitsFor(db, bookingId, clock().getTime()) : 'now';
      items.push({
        bookingId,
        state: erasedAt === null ? ('waiting' as const) : ('erased' as const),
        because: forgettable === 'now' ? null : forgettable,
        askedBy,
        askedAt: askedAt.toISOString(),
      });
    }
    return c.json({ items }, 200);
  });

  return router;
}
