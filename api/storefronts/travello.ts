// Hotel stays: paid on Stripe's own page, or to staff on arrival. The seed's wire, with and without the final slash.
import { createRoute } from '@hono/zod-openapi';
import {
  BEARER,
  addStripeWebhook,
  createDesk,
  createRouter,
  json,
  jsonBody,
  principalOf,
  refusals,
} from '../bookings.ts';
import type { AppDeps, Desk, Router } from '../bookings.ts';
import { openSession, bookingOf } from './travello/acting.ts';
import { travelloArea } from './travello/area.ts';
import { addBookings } from './travello/bookings.ts';
import { BookingId, NewSession, Session, Status, statusWire } from './travello/wire.ts';

const STOREFRONT = 'travello';
const TAGS = [STOREFRONT];

export function travello(deps: AppDeps, desk: Desk = createDesk(deps)): Router {
  const router = createRouter();
  addBookings(router, desk);
  addCreateSession(router, desk);
  addStatus(router, desk);
  addStripeWebhook(router, desk, { path: '/api/payments/webhook/', tag: STOREFRONT, area: travelloArea });
  return router;
}

function addCreateSession(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'post',
    path: '/api/payments/create-session/',
    tags: TAGS,
    summary: "Open Stripe's page to pay a booking on",
    description:
      'For the owner and the back office. A session that is still open is given again, one that ended is replaced. Where Stripe refuses ' +
      'the currency of the price, the session takes `STRIPE_CURRENCY_FALLBACK` at the rate frozen with the booking.',
    security: BEARER,
    middleware: [desk.auth.require({ storefront: STOREFRONT }), desk.limitCreates, desk.idempotent] as const,
    request: { body: jsonBody(NewSession, { booking_id: 1 }) },
    responses: {
      200: json('The session', Session),
      ...refusals(travelloArea, 'not_json', 'invalid', 'unauthenticated', 'forbidden', 'not_found', 'conflict'),
      ...refusals(travelloArea, 'rate_limited', 'internal', 'not_ready'),
    },
  });
  router.openapi(route, async (c) => {
    const asked = { bookingId: c.req.valid('json').booking_id, principal: principalOf(c) };
    const { bookingId, session } = await openSession(desk, asked);
    c.set('bookingId', bookingId);
    return c.json(session, 200);
  });
}

function addStatus(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'get',
    path: '/api/payments/booking/{booking_id}/status/',
    tags: TAGS,
    summary: 'How the payment of a booking stands',
    description:
      'For the owner and the back office. `payment_required` after `REFUNDED`: the booking is pending again and may be paid anew, until ' +
      'its stay begins. What was not paid in time may be for seven days more. `REFUNDED` without it: the money is back with the guest, ' +
      'through his bank or with the cancellation, and the booking is not sold anew.',
    security: BEARER,
    middleware: [desk.auth.require({ storefront: STOREFRONT })] as const,
    request: { params: BookingId },
    responses: {
      200: json('How it stands', Status),
      ...refusals(travelloArea, 'invalid', 'unauthenticated', 'forbidden', 'not_found'),
    },
  });
  router.openapi(route, async (c) => {
    const asked = { bookingId: c.req.valid('param').booking_id, principal: principalOf(c) };
    return c.json(statusWire(await bookingOf(desk, asked), desk.clock()), 200);
  });
}
