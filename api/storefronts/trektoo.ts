// Activities resold from Klook: the seed's wire, field by field.
import { createRoute, z } from '@hono/zod-openapi';
import { formatMajor, parseMajor } from '../../domain/money.ts';
import {
  addStripeWebhook,
  acceptedOf,
  askSupplier,
  BEARER,
  FOR_STAFF,
  bookActivity,
  bookingByReference,
  createDesk,
  createRouter,
  json,
  jsonBody,
  notReady,
  principalOf,
  refusals,
  STAFF,
  writeDown,
} from '../bookings.ts';
import type { AppDeps, Desk, Router } from '../bookings.ts';
import { VisibleError } from '../errors.ts';
import { envelope, Intent, intentOf, OrderStatus, wrapped } from './trektoo/answers.ts';
import { trektooArea } from './trektoo/area.ts';
import { trektooBookings } from './trektoo/bookings.ts';
import { CreateIntent, createIntentExample, orderOf } from './trektoo/requests.ts';
import { statusFor } from './trektoo/viewing.ts';

const STOREFRONT = 'trektoo';
const TAGS = [STOREFRONT];
const NOTHING_TO_RETRY = 'Nothing waits to be retried';
const Created = envelope(Intent);
const Status = envelope(OrderStatus);
const Balance = z.object({ balance: z.string(), currency: z.string(), floor: z.string(), low: z.boolean() });

export function trektoo(deps: AppDeps, desk: Desk = createDesk(deps)): Router {
  const router = createRouter();
  addCreate(router, desk);
  addOrderStatus(router, desk);
  addStaff(router, desk);
  addStripeWebhook(router, desk, { path: '/api/webhooks/stripe', tag: STOREFRONT, area: trektooArea });
  router.route('/', trektooBookings(desk));
  return router;
}

function addCreate(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'post',
    path: '/api/payments/klook/create-intent',
    tags: TAGS,
    summary: 'Book an activity and open its payment',
    description:
      'Prices are asked from Klook again and must agree. The same `agent_order_id` (else `order_id`, else the same body while it can be ' +
      'paid) gives the same answer; with another body 409. A fixed markup is in the currency of the net price.',
    security: BEARER,
    middleware: [desk.auth.require({ storefront: STOREFRONT }), desk.limitCreates, desk.idempotent] as const,
    request: { body: jsonBody(CreateIntent, createIntentExample(desk.clock())) },
    responses: {
      201: json('The booking and its payment intent', Created),
      ...refusals(
        trektooArea,
        'not_json',
        'invalid',
        'unauthenticated',
        'forbidden',
        'not_found',
        'conflict',
        'unacceptable',
      ),
      ...refusals(trektooArea, 'too_large', 'rate_limited', 'not_ready'),
    },
  });
  router.openapi(route, async (c) => {
    const order = orderOf(c.req.valid('json'));
    const principal = principalOf(c);
    const opening = await bookActivity(desk, {
      wire: STOREFRONT,
      storefront: STOREFRONT,
      order,
      principal,
      ownerSub: principal.sub,
      heldKey: c.get('heldKey'),
      field: (name) => name,
      render: (opened) => wrapped(intentOf(opened, desk.config.stripe.publishableKey)),
    });
    if (opening.kind === 'slow') throw notReady();
    const created = Created.parse(opening.body);
    c.set('bookingId', created.data.booking_id);
    return c.json(created, 201);
  });
}

const OrderId = z.object({
  orderId: z
    .string()
    .max(128)
    .openapi({ description: "Klook's order number, any generation of our reference, or the booking id" }),
});

function addOrderStatus(router: Router, desk: Desk): void {
  for (const path of ['/klook/order-status/{orderId}', '/api/klook/order-status/{orderId}'] as const) {
    const route = createRoute({
      method: 'get',
      path,
      tags: TAGS,
      summary: 'How an order stands',
      security: BEARER,
      middleware: [desk.auth.require({ storefront: STOREFRONT })] as const,
      request: { params: OrderId },
      responses: {
        200: json('The order', Status),
        ...refusals(trektooArea, 'unauthenticated', 'forbidden', 'not_found'),
      },
    });
    router.openapi(route, async (c) => {
      const principal = principalOf(c);
      const stored = await bookingByReference(
        desk,
        { storefront: STOREFRONT, text: c.req.valid('param').orderId },
        principal,
      );
      return c.json(wrapped(await statusFor(desk, stored, principal)), 200);
    });
  }
}

function addStaff(router: Router, desk: Desk): void {
  const staff = desk.auth.require({ storefront: STOREFRONT, roles: STAFF });
  const retry = createRoute({
    method: 'post',
    path: '/api/payments/klook/{orderNo}/retry',
    tags: TAGS,
    summary: 'Pay Klook again with the balance',
    description: 'Wakes the parked step of the booking; Klook is asked first whether the order is paid already.',
    security: FOR_STAFF,
    middleware: [staff, desk.idempotent] as const,
    request: { params: z.object({ orderNo: OrderId.shape.orderId }) },
    responses: {
      200: json('The order', Status),
      ...refusals(trektooArea, 'unauthenticated', 'forbidden', 'not_found', 'conflict', 'not_ready'),
    },
  });
  router.openapi(retry, async (c) => {
    const principal = principalOf(c);
    const { row, booking } = await bookingByReference(
      desk,
      { storefront: STOREFRONT, text: c.req.valid('param').orderNo },
      principal,
    );
    const { attention } = booking;
    // What is asked for is the order: nobody's money goes back by this.
    if (attention?.step.startsWith('refund ')) throw new VisibleError('conflict', NOTHING_TO_RETRY);
    const meant = { actor: principal.sub, attentionId: attention?.id ?? null };
    acceptedOf(await desk.door.retryStep(row.id, meant), NOTHING_TO_RETRY);
    await writeDown(desk, principal, { action: 'retry', bookingId: row.id });
    const stored = await bookingByReference(desk, { storefront: STOREFRONT, text: row.id }, principal);
    return c.json(wrapped(await statusFor(desk, stored, principal)), 200);
  });

  const balance = createRoute({
    method: 'get',
    path: '/api/klook/balance',
    tags: TAGS,
    summary: 'Our prepaid balance at Klook',
    security: FOR_STAFF,
    middleware: staff,
    responses: {
      200: json('The balance', envelope(Balance)),
      ...refusals(trektooArea, 'unauthenticated', 'forbidden', 'provider_error'),
    },
  });
  router.openapi(balance, async (c) => {
    const left = await askSupplier(() => desk.suppliers.klook.balance());
    const floor = desk.config.klook.balanceFloor;
    const low = left.minor < (parseMajor(floor, left.currency)?.minor ?? 0);
    return c.json(wrapped({ balance: formatMajor(left), currency: left.currency, floor, low }), 200);
  });
}
