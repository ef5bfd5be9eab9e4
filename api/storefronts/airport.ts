// Airport services: booked first, paid in a request of their own, confirmed by being paid.
import { createRoute, z } from '@hono/zod-openapi';
import { isForTrip, leadingPayment } from '../../domain/booking.ts';
import type { Booking } from '../../domain/booking.ts';
import {
  addStripeWebhook,
  accessFor,
  BEARER,
  bookingByReference,
  createDesk,
  createRouter,
  json,
  jsonBody,
  payBooking,
  principalOf,
  refusals,
  turnOnceGrown,
} from '../bookings.ts';
import type { AppDeps, Desk, Router, StoredBooking } from '../bookings.ts';
import { VisibleError } from '../errors.ts';
import { airportArea } from './airport/area.ts';
import { addBookings } from './airport/bookings.ts';
import {
  bookingStateOf,
  bookingWire,
  Confirmation,
  Confirmed,
  envelope,
  Intent,
  majorOf,
  NewPayment,
  NotPaid,
  paymentStateOf,
  Status,
  wrapped,
} from './airport/wire.ts';

const STOREFRONT = 'airport';
const TAGS = [STOREFRONT];
const NO_PAYMENT = 'requires_payment_method';

export function airport(deps: AppDeps, desk: Desk = createDesk(deps)): Router {
  const router = createRouter();
  addBookings(router, desk);
  addCreateIntent(router, desk);
  addConfirm(router, desk);
  addStatus(router, desk);
  addStripeWebhook(router, desk, { path: '/payment/webhook', tag: STOREFRONT, area: airportArea });
  return router;
}

function addCreateIntent(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'post',
    path: '/payment/create-payment-intent',
    tags: TAGS,
    summary: 'Open the payment of a booking',
    description:
      'Asked again while it can be paid, the live intent is given again. `bookingId` is what `POST /bookings` answered.',
    security: BEARER,
    middleware: [desk.auth.require({ storefront: STOREFRONT }), desk.limitCreates, desk.idempotent] as const,
    request: { body: jsonBody(NewPayment, { bookingId: '$BOOKING_ID', amount: 450.99, currency: 'USD' }) },
    responses: {
      200: json('The payment intent', envelope(Intent)),
      ...refusals(
        airportArea,
        'not_json',
        'invalid',
        'unauthenticated',
        'forbidden',
        'not_found',
        'conflict',
        'not_ready',
      ),
    },
  });
  router.openapi(route, async (c) => {
    const { bookingId, amount, currency } = c.req.valid('json');
    const stored = await ownBooking(desk, bookingId, principalOf(c));
    c.set('bookingId', stored.row.id);
    mustBePayable(stored, { amount, currency: currency.toUpperCase() });
    const { payment, clientSecret } = await payBooking(desk, stored, null);
    if (payment.ref === null || clientSecret === null) throw new Error(`${payment.id} has no secret`);
    const { charge } = stored.booking;
    const intent = { paymentIntentId: payment.ref, clientSecret, status: payment.wireStatus };
    return c.json(wrapped({ ...intent, amount: majorOf(charge), currency: charge.currency.toLowerCase() }), 200);
  });
}

const ownBooking = (desk: Desk, id: string, principal: Parameters<typeof bookingByReference>[2]) =>
  bookingByReference(desk, { storefront: STOREFRONT, text: id }, principal);

/** What came in another sum goes back: the price can still be paid. */
const isPaid = (booking: Booking): boolean =>
  booking.payments.some((payment) => payment.capturedAt !== null && isForTrip(booking, payment));

function mustBePayable({ booking }: StoredBooking, asked: { amount: number; currency: string }): void {
  const { charge } = booking;
  if (isPaid(booking) || booking.phase === 'processing')
    throw new VisibleError('conflict', 'This booking is paid already.', { code: 'already_paid' });
  if (asked.currency !== charge.currency)
    throw new VisibleError('unacceptable', `The price is in ${charge.currency}.`, { code: 'currency_mismatch' });
  if (asked.amount !== majorOf(charge))
    throw new VisibleError('unacceptable', `The price is ${majorOf(charge)} ${charge.currency}.`, {
      code: 'amount_mismatch',
    });
}

function addConfirm(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'post',
    path: '/payment/confirm-payment',
    tags: TAGS,
    summary: 'Have Stripe asked whether the payment went through',
    description:
      'Waits for the booking to settle on what Stripe says. Two minutes after it was made, a booking is asked once in two seconds, ' +
      'later less often, at last once in two minutes; calls in between are answered as it stands. Not paid yet is no error of HTTP: `success` is false.',
    security: BEARER,
    middleware: [desk.auth.require({ storefront: STOREFRONT })] as const,
    request: { body: jsonBody(Confirmation, { paymentIntentId: '$PAYMENT_INTENT_ID', bookingId: '$BOOKING_ID' }) },
    responses: {
      200: json('Paid, or how it stands', z.union([Confirmed, NotPaid])),
      ...refusals(airportArea, 'not_json', 'invalid', 'unauthenticated', 'forbidden', 'not_found', 'provider_error'),
    },
  });
  router.openapi(route, async (c) => {
    const { bookingId, paymentIntentId } = c.req.valid('json');
    const principal = principalOf(c);
    const before = await ownBooking(desk, bookingId, principal);
    if (before.booking.payments.every(({ ref }) => ref !== paymentIntentId))
      throw new VisibleError('not_found', 'This payment is not of that booking.', { code: 'booking_not_found' });
    const reply = await askAbout(
      desk,
      { before, again: () => ownBooking(desk, bookingId, principal) },
      paymentIntentId,
    );
    const stored = await ownBooking(desk, bookingId, principal);
    if (paymentStateOf(stored.booking) === 'completed') return c.json(confirmedBody(stored), 200);
    // The booking could not be heard in time: what the customer wants to know is whether his money went through.
    if (reply.kind === 'slow' && (await isNewsAtStripe(desk, stored, paymentIntentId)))
      return c.json(confirmedBody(stored), 200);
    return c.json(await notPaidBody(desk, stored, principal), 200);
  });
}

interface Read {
  readonly before: StoredBooking;
  readonly again: () => Promise<StoredBooking>;
}

async function askAbout(desk: Desk, { before, again }: Read, paymentRef: string) {
  const turn = turnOnceGrown(desk, before);
  const reply = await desk.door.checkPayment(before.row.id, { paymentRef }, turn);
  if (turn === undefined || reply.kind === 'slow') return reply;
  // The answer may be that of the turn's beginning: who has paid since is not told that he has not.
  return (await isNewsAtStripe(desk, await again(), paymentRef))
    ? desk.door.checkPayment(before.row.id, { paymentRef })
    : reply;
}

/** Stripe goes on saying of money that it came, also when it was given back since: what our books know, they say themselves. */
async function isNewsAtStripe({ gateways }: Desk, { booking }: StoredBooking, intent: string): Promise<boolean> {
  const isKnown = booking.payments.some(({ ref, status }) => ref === intent && status === 'succeeded');
  return !isKnown && (await gateways.stripe_intent.look(intent)).status === 'succeeded';
}

const confirmedBody = (stored: StoredBooking) =>
  wrapped({
    paymentStatus: 'completed' as const,
    bookingStatus: bookingStateOf(stored.booking),
    booking: bookingWire(stored),
  });

const MESSAGES: Readonly<Record<string, string>> = {
  requires_action: 'Payment requires action. Use Stripe.js on frontend to complete payment.',
  processing: 'Payment is processing.',
  canceled: 'Payment was cancelled.',
  // Stripe says so for ever; whoever reads this is told that it does not stand.
  succeeded: 'Payment was received, but does not stand for this booking.',
};
const UNPAID = 'Payment requires payment method. Use Stripe.js on frontend to complete payment.';

async function notPaidBody(desk: Desk, stored: StoredBooking, principal: ReturnType<typeof principalOf>) {
  const payment = leadingPayment(stored.booking);
  const access = await accessFor(desk, stored, principal);
  const decline = payment?.status === 'requires_payment_method' ? payment.lastDecline : null;
  const paymentStatus = payment?.wireStatus ?? NO_PAYMENT;
  return {
    success: false as const,
    data: {
      paymentStatus,
      message: MESSAGES[paymentStatus] ?? UNPAID,
      clientSecret: access?.clientSecret ?? null,
      ...(decline && { error_code: decline.code, error_message: decline.message }),
    },
  };
}

function addStatus(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'get',
    path: '/payment/status/{bookingId}',
    tags: TAGS,
    summary: 'How the payment of a booking stands',
    security: BEARER,
    middleware: [desk.auth.require({ storefront: STOREFRONT })] as const,
    request: { params: z.object({ bookingId: z.string().max(64) }) },
    responses: {
      200: json('How it stands', envelope(Status)),
      ...refusals(airportArea, 'unauthenticated', 'forbidden', 'not_found'),
    },
  });
  router.openapi(route, async (c) => {
    const { booking } = await ownBooking(desk, c.req.valid('param').bookingId, principalOf(c));
    const stripeStatus = leadingPayment(booking)?.wireStatus ?? NO_PAYMENT;
    const status = { paymentStatus: paymentStateOf(booking), bookingStatus: bookingStateOf(booking), stripeStatus };
    return c.json(wrapped(status), 200);
  });
}
