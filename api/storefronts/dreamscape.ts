// Payments for bookings that another house owns: the seed's wire, field by field.
import { createRoute, z } from '@hono/zod-openapi';
import { isLive } from '../../domain/booking.ts';
import {
  addStripeWebhook,
  accessTo,
  answerIsNotFinal,
  BACK_OFFICE,
  BEARER,
  bookingByPayment,
  createDesk,
  createRouter,
  isFinal,
  json,
  jsonBody,
  principalOf,
  refusals,
} from '../bookings.ts';
import type { AppDeps, Desk, Router } from '../bookings.ts';
import {
  Canceled,
  detailOf,
  envelope,
  Intent,
  PaymentDetail,
  Refunded,
  refundedOf,
  wrapped,
} from './dreamscape/answers.ts';
import { dreamscapeArea } from './dreamscape/area.ts';
import { openIntent } from './dreamscape/opening.ts';
import { CREATE_EXAMPLE, CreateIntent, PaymentIntent, Refund, REFUND_EXAMPLE } from './dreamscape/requests.ts';
import { cancelPayment, refundPayment } from './dreamscape/returning.ts';

const STOREFRONT = 'dreamscape';
const TAGS = [STOREFRONT];
const PREFIX = '/api/v1/payment';
const FOR_PROGRAMS = [{ bearer: [...BACK_OFFICE] }];

export function dreamscape(deps: AppDeps, desk: Desk = createDesk(deps)): Router {
  const router = createRouter();
  addCreate(router, desk);
  addConfig(router, desk);
  addStripeWebhook(router, desk, { path: `${PREFIX}/webhook`, tag: STOREFRONT, area: dreamscapeArea });
  addRefund(router, desk);
  addCancel(router, desk);
  addDetail(router, desk);
  return router;
}

function addCreate(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'post',
    path: `${PREFIX}/create-intent`,
    tags: TAGS,
    summary: 'Open the payment of a booking',
    description:
      'For services and staff, in the name of `userId`. Asked again for the same `bookingId` it gives the live intent; with another ' +
      'amount or currency it replaces it, and the one before is cancelled. With another reference or other metadata 409.',
    security: FOR_PROGRAMS,
    middleware: [
      desk.auth.require({ storefront: STOREFRONT, roles: BACK_OFFICE }),
      desk.limitCreates,
      desk.idempotent,
    ] as const,
    request: { body: jsonBody(CreateIntent, CREATE_EXAMPLE) },
    responses: {
      200: json('The intent', envelope(Intent)),
      ...refusals(dreamscapeArea, 'not_json', 'invalid', 'unauthenticated', 'forbidden', 'not_found', 'conflict'),
      ...refusals(dreamscapeArea, 'too_large', 'rate_limited', 'not_ready'),
    },
  });
  router.openapi(route, async (c) => {
    const { bookingId, intent } = await openIntent(desk, c.req.valid('json'), c.get('heldKey'));
    c.set('bookingId', bookingId);
    return c.json(wrapped(intent), 200);
  });
}

function addConfig(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'get',
    path: `${PREFIX}/config`,
    tags: TAGS,
    summary: 'What a frontend needs to load Stripe',
    responses: { 200: json('The key', envelope(z.object({ publishableKey: z.string() }))) },
  });
  router.openapi(route, (c) => c.json(wrapped({ publishableKey: desk.config.stripe.publishableKey }), 200));
}

function addRefund(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'post',
    path: `${PREFIX}/refund`,
    tags: TAGS,
    summary: 'Give back a part of a payment, or all that is left',
    description:
      'For services and staff; several times, until all went back. Not final in 5 s: `status` is `pending`, and it goes on. ' +
      'Without an `Idempotency-Key` each request is a refund of its own. Above `APPROVAL_LIMIT` one by staff stays `pending` until another staff member approves it.',
    security: FOR_PROGRAMS,
    middleware: [desk.auth.require({ storefront: STOREFRONT, roles: BACK_OFFICE }), desk.idempotent] as const,
    request: { body: jsonBody(Refund, REFUND_EXAMPLE) },
    responses: {
      200: json('The refund', envelope(Refunded)),
      ...refusals(dreamscapeArea, 'not_json', 'invalid', 'unauthenticated', 'forbidden', 'not_found', 'conflict'),
      ...refusals(dreamscapeArea, 'not_ready'),
    },
  });
  router.openapi(route, async (c) => {
    const body = c.req.valid('json');
    const now = await refundPayment(desk, { body, principal: principalOf(c), heldScope: c.get('heldKey')?.scope });
    if (!isFinal(now)) answerIsNotFinal(c);
    return c.json(wrapped(refundedOf(now, body.paymentIntentId)), 200);
  });
}

function addCancel(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'post',
    path: `${PREFIX}/cancel/{paymentIntentId}`,
    tags: TAGS,
    summary: 'Cancel a payment that was not made, and its booking',
    description: 'For services, staff and the customer it is for. Again: the same answer.',
    security: BEARER,
    middleware: [desk.auth.require({ storefront: STOREFRONT }), desk.idempotent] as const,
    request: { params: PaymentIntent },
    responses: {
      200: json('Canceled', envelope(Canceled)),
      ...refusals(dreamscapeArea, 'unauthenticated', 'forbidden', 'not_found', 'conflict', 'not_ready'),
    },
  });
  router.openapi(route, async (c) => {
    const { paymentIntentId } = c.req.valid('param');
    await cancelPayment(desk, paymentIntentId, principalOf(c));
    return c.json(wrapped({ paymentIntentId, status: 'canceled' as const }), 200);
  });
}

/** Only what can be the name of an intent: its neighbours in the path, such as `webhook`, have no GET. */
const DETAIL = `${PREFIX}/:paymentIntentId{pi_\\w{1,125}}` as const;

function addDetail(router: Router, desk: Desk): void {
  router.openAPIRegistry.registerPath({
    method: 'get',
    path: `${PREFIX}/{paymentIntentId}`,
    tags: TAGS,
    summary: 'How a payment stands',
    description: 'For services, staff and the customer it is for.',
    security: BEARER,
    request: { params: PaymentIntent },
    responses: {
      200: json('The payment', envelope(PaymentDetail)),
      ...refusals(dreamscapeArea, 'unauthenticated', 'forbidden', 'not_found'),
    },
  });
  router.get(DETAIL, desk.auth.require({ storefront: STOREFRONT }), async (c) => {
    const ref = c.req.param('paymentIntentId');
    const found = await bookingByPayment(desk, { storefront: STOREFRONT, ref }, principalOf(c));
    // Of several attempts only the live one can be paid, and only its secret is told.
    const access = isLive(found.payment) ? await accessTo(desk, found.stored.booking) : undefined;
    return c.json(wrapped(detailOf(found, access?.clientSecret ?? null)), 200);
  });
}
