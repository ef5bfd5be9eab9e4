// Staff took the money themselves.
import { createRoute, z } from '@hono/zod-openapi';
import { principalOf, STAFF } from '../auth.ts';
import { bookingById, markPaid, newRequestId } from '../bookings.ts';
import type { Desk } from '../bookings.ts';
import { nativeArea } from '../errors.ts';
import { FOR_STAFF, json, jsonBody, refusals } from '../http/router.ts';
import type { Router } from '../http/router.ts';
import { viewFor } from './viewing.ts';
import { BookingBody } from './wire.ts';

const Marking = z.object({
  note: z.string().trim().max(500).optional(),
  force: z.boolean().default(false).openapi({
    description: 'Also a booking that is to be paid online: what is open at its gateway is closed first',
  }),
});

export function addMarking(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'post',
    path: '/v1/bookings/{id}/mark-paid',
    tags: ['staff'],
    summary: 'Note that the customer paid on arrival',
    description:
      'In full, in the currency of the price. A payment that came through elsewhere before counts instead: 409 `already_paid`; while one is in ' +
      'flight 409 `payment_processing`. What was taken like this goes back by hand: a refund asks for it, and `resolve` says that it is done.',
    security: FOR_STAFF,
    middleware: [desk.auth.require({ roles: STAFF }), desk.idempotent] as const,
    request: {
      params: z.object({ id: z.string().max(64) }),
      body: { ...jsonBody(Marking, { note: 'cash, receipt 4711' }), required: false },
    },
    responses: {
      200: json('The booking as it stands now', BookingBody),
      ...refusals(nativeArea, 'not_json', 'invalid', 'unauthenticated', 'forbidden', 'not_found', 'conflict'),
      ...refusals(nativeArea, 'not_ready'),
    },
  });
  router.openapi(route, async (c) => {
    const principal = principalOf(c);
    const { id } = c.req.valid('param');
    const requestId = newRequestId('mp', c.get('heldKey')?.scope);
    const { note, force } = Marking.parse(c.req.valid('json'));
    await markPaid(desk, await bookingById(desk, id, principal), { requestId, principal, note, force });
    return c.json(await viewFor(desk, await bookingById(desk, id, principal), principal), 200);
  });
}
