// Orders, for who placed them and for the back office.
import { createRoute, z } from '@hono/zod-openapi';
import { holdOf, json, orderByNumber, orderNotFound, refusals, shopper } from '../../bookings.ts';
import type { Desk, Router } from '../../bookings.ts';
import { cartArea } from './area.ts';
import { OrderWire, orderWire } from './order-wire.ts';
import { Holding, HoldingQuery } from './wire.ts';

export function addOrders(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'get',
    path: '/orders/{order_number}',
    tags: ['cart'],
    summary: 'An order',
    description:
      'For who holds the cart it was placed from (`X-Cart-Id`, `?cart_id=` or the browser’s cookie), who placed it and the back office; for ' +
      'everybody else there is none. Items are at the prices that were paid.',
    middleware: [desk.auth.optional] as const,
    request: { params: z.object({ order_number: z.string().max(64) }), headers: Holding, query: HoldingQuery },
    responses: {
      200: json('The order', OrderWire),
      ...refusals(cartArea, 'unauthenticated', 'forbidden', 'not_found'),
    },
  });
  router.openapi(route, async (c) => {
    const seen = await orderByNumber(desk, c.req.valid('param').order_number);
    const hold = holdOf(c, seen.cart);
    // A cart may have been opened before its customer signed in: the order is theirs who placed it.
    const isOwn = shopper(c)?.sub === seen.stored.row.ownerSub;
    if (!isOwn && (hold === undefined || hold === 'reference')) throw orderNotFound();
    return c.json(orderWire(seen), 200);
  });
}
