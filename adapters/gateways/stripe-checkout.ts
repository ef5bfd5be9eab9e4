// Stripe Checkout Sessions: a page of Stripe's own takes the money; the session's intent, once there is one, tells the rest.
import type Stripe from 'stripe';
import { z } from 'zod';
import { money } from '../../domain/money.ts';
import { GatewayRejected, GatewayUnreachable } from '../../domain/payment.ts';
import type {
  Closed,
  Gateway,
  PaymentFact,
  PaymentOrder,
  PaymentStatus,
  Started,
  Taken,
} from '../../domain/payment.ts';
import type { RefundFact, RefundOrder } from '../../domain/refund-order.ts';
import { recordsOf } from './records.ts';
import { factOf, intentWire } from './stripe-facts.ts';
import { captureIntent, closeIntent } from './stripe-intent.ts';
import { retrieveSession, retrieveWholeSession, withAftermath } from './stripe-reads.ts';
import { lookRefund, refundOnce } from './stripe-refunds.ts';
import { readStripeWebhook } from './stripe-webhook.ts';
import {
  asGatewayError,
  connectToStripe,
  findRecent,
  inItsWords,
  isMadeFor,
  metadataWire,
  minimumMinor,
  moneyOf,
  readAs,
  refusalOf,
  startOnce,
  wireAmountOf,
} from './stripe.ts';
import type { StripeConfig } from './stripe.ts';

const sessionWire = z.object({
  id: z.string(),
  object: z.literal('checkout.session').nullish(),
  status: z.string(),
  payment_status: z.string().nullish(),
  amount_total: z.int(),
  currency: z.string(),
  url: z.string().nullish(),
  payment_intent: z.union([intentWire, z.string()]).nullish(),
  metadata: metadataWire,
});
type SessionWire = z.output<typeof sessionWire>;
const endedWire = z.object({ status: z.string() });

const MINUTE_MS = 60_000;
// Stripe takes 30 min to 24 h; the rest is for clocks that differ and requests that travel.
const SHORTEST_MS = 31 * MINUTE_MS;
const LONGEST_MS = (23 * 60 + 55) * MINUTE_MS;
const STEP_MS = 2 * MINUTE_MS;

export function createStripeCheckoutGateway(config: StripeConfig): Gateway {
  const stripe = connectToStripe(config);
  return {
    name: 'stripe_checkout',
    minimumMinor,
    start: (order, key) => start(stripe, order, key),
    look: (ref) => look(stripe, ref),
    door: async (ref) => {
      const { url } = await read(stripe, ref);
      return url ? { kind: 'redirect', url } : null;
    },
    close: (ref) => close(stripe, ref),
    capture: (ref) => capture(stripe, ref),
    refund: (order, key) => refund(stripe, order, key),
    lookRefund: (order) => lookRefundOfSession(stripe, order),
    readWebhook: (raw, header) =>
      readStripeWebhook({ raw, signature: header('stripe-signature'), secrets: config.webhookSecrets }),
  };
}

async function start(stripe: Stripe, order: PaymentOrder, key: string): Promise<Started> {
  const params = paramsOf(order, Date.now());
  const create = async (keyOfTry: string) =>
    readAs(sessionWire, await stripe.checkout.sessions.create(params, { idempotencyKey: keyOfTry }));
  const find = () => findSession(stripe, order);
  // A page that is over has no address; who follows the link lands where giving up would have led.
  return startOnce({ key, create, find, driftingTerms: true }, ({ id: ref, url, status: wireStatus }) => ({
    kind: 'redirect',
    ref,
    url: url ?? order.returnUrls?.cancel ?? '',
    wireStatus,
  }));
}

// As with intents, a synchronous capture tells its fee with its success.
function paramsOf(order: PaymentOrder, nowMs: number) {
  const { amount: unit_amount, currency } = wireAmountOf(order.amount);
  if (!order.returnUrls) throw new Error(`${order.paymentId} says nowhere to return to from Stripe's page`);
  const metadata = recordsOf(order);
  return {
    mode: 'payment',
    line_items: [{ quantity: 1, price_data: { currency, unit_amount, product_data: { name: order.description } } }],
    success_url: naming(order.returnUrls.success),
    cancel_url: naming(order.returnUrls.cancel),
    client_reference_id: order.bookingId,
    // What is taken is what was booked, in its own currency.
    adaptive_pricing: { enabled: false },
    expires_at: Math.floor(endMs(Date.parse(order.expiresAt), nowMs) / 1000),
    metadata,
    // Stripe does not pass a session's metadata on to its intent.
    payment_intent_data: { capture_method: order.capture, description: order.description, metadata },
  } satisfies Stripe.Checkout.SessionCreateParams;
}

/** Stripe puts the session's id in the place of these words when it sends its customer back; encoded it would not know them. */
const naming = (page: string): string => `${page}${page.includes('?') ? '&' : '?'}session_id={CHECKOUT_SESSION_ID}`;

/**
 * The end of our own window, moved into Stripe's limits in whole steps: a repeat within the same two minutes says
 * the same again, which its key demands.
 */
function endMs(wantedMs: number, nowMs: number): number {
  const tooShortMs = nowMs + SHORTEST_MS - wantedMs;
  if (tooShortMs > 0) return wantedMs + Math.ceil(tooShortMs / STEP_MS) * STEP_MS;
  const tooLongMs = wantedMs - (nowMs + LONGEST_MS);
  return tooLongMs > 0 ? wantedMs - Math.ceil(tooLongMs / STEP_MS) * STEP_MS : wantedMs;
}

const findSession = (stripe: Stripe, order: PaymentOrder): Promise<SessionWire | undefined> =>
  findRecent(
    (page) => stripe.checkout.sessions.list(page),
    (answer) => {
      const session = readAs(sessionWire, answer);
      return isMadeFor(order, { ...session, amount: session.amount_total }) ? session : undefined;
    },
  );

const read = async (stripe: Stripe, ref: string): Promise<SessionWire> =>
  readAs(sessionWire, await retrieveSession(stripe, ref));

async function look(stripe: Stripe, ref: string): Promise<PaymentFact> {
  const answer = await retrieveWholeSession(stripe, ref);
  const session = readAs(sessionWire, answer);
  const fact = { ...sessionFactOf(session), answer: inItsWords(answer) };
  const intent = session.payment_intent;
  return typeof intent === 'object' && intent ? withAftermath(stripe, fact, intent) : fact;
}

function sessionFactOf(session: SessionWire): PaymentFact {
  const intent = typeof session.payment_intent === 'object' ? session.payment_intent : null;
  const known = intent ? factOf(intent) : unpaidFactOf(session);
  if (isPaidUnseen(session, known.status)) throw doubtful(session);
  return {
    ...known,
    ref: session.id,
    status: statusIn(session, known.status),
    wireStatus: session.status,
    bookingId: session.metadata?.['booking_id'] ?? null,
    paymentId: session.metadata?.['payment_id'] ?? null,
  };
}

/** Whether the page speaks of money that we do not see: only an intent says that none was taken, or that it was let go. */
function isPaidUnseen(session: SessionWire, ofIntent: PaymentStatus): boolean {
  if (!session.payment_intent) return mayBePaid(session);
  const isWaiting = ofIntent === 'requires_payment_method' || ofIntent === 'requires_action';
  return isWaiting && session.payment_status === 'paid';
}

const mayBePaid = ({ status, payment_status }: SessionWire): boolean =>
  payment_status === 'paid' || (status !== 'open' && status !== 'expired');

const doubtful = ({ id, status, payment_status }: SessionWire): GatewayUnreachable =>
  new GatewayUnreachable(`Stripe says that ${id} is ${status} and ${payment_status}, but not what became of the money`);

const unpaidFactOf = ({ id, status, amount_total, currency, metadata }: SessionWire): PaymentFact => ({
  ref: id,
  status: 'requires_payment_method',
  wireStatus: status,
  amount: moneyOf(amount_total, currency),
  captured: null,
  capturedAt: null,
  heldUntil: null,
  fee: null,
  refunded: money(0, currency.toUpperCase()),
  disputes: [],
  decline: null,
  method: null,
  bookingId: metadata?.['booking_id'] ?? null,
  paymentId: metadata?.['payment_id'] ?? null,
});

/** Money speaks for itself; without it the page decides: a finished one takes no other card, an open one does. */
function statusIn(session: SessionWire, ofIntent: PaymentStatus): PaymentStatus {
  if (ofIntent === 'succeeded' || ofIntent === 'authorised' || ofIntent === 'processing') return ofIntent;
  if (session.status !== 'open') return 'cancelled';
  return ofIntent === 'requires_action' ? 'requires_action' : 'requires_payment_method';
}

/** Under no key of ours, as with intents: Stripe would go on repeating a refusal that has long been overtaken. */
async function close(stripe: Stripe, ref: string): Promise<Closed> {
  let refusal: unknown = new GatewayUnreachable(`Stripe did not say that ${ref} has ended`);
  try {
    const { status } = readAs(endedWire, await stripe.checkout.sessions.expire(ref));
    if (status === 'expired') return { kind: 'closed' };
  } catch (error) {
    if (!refusalOf(error)) throw asGatewayError(error);
    refusal = error;
  }
  const session = readAs(sessionWire, await retrieveWholeSession(stripe, ref));
  const { status } = sessionFactOf(session);
  if (status === 'requires_payment_method' || status === 'requires_action') throw asGatewayError(refusal);
  if (status === 'cancelled') return { kind: 'closed' };
  if (status === 'succeeded') return { kind: 'already_paid' };
  const intentId = intentIdOf(session);
  return status === 'authorised' && intentId ? closeIntent(stripe, intentId) : { kind: 'in_flight' };
}

async function capture(stripe: Stripe, ref: string): Promise<Taken> {
  const intentId = intentIdOf(await read(stripe, ref));
  if (intentId) return captureIntent(stripe, intentId);
  return { kind: 'refused', code: 'not_paid', message: `${ref} was never paid` };
}

function intentIdOf(session: SessionWire): string | undefined {
  const { payment_intent: intent } = session;
  if (!intent && mayBePaid(session)) throw doubtful(session);
  return typeof intent === 'object' ? intent?.id : intent;
}

async function refund(stripe: Stripe, order: RefundOrder, key: string): Promise<RefundFact> {
  const intentId = intentIdOf(await read(stripe, order.paymentRef));
  if (intentId) return refundOnce(stripe, { ...order, paymentRef: intentId }, key);
  throw new GatewayRejected('not_paid', `${order.paymentRef} was never paid`);
}

async function lookRefundOfSession(stripe: Stripe, order: RefundOrder): Promise<RefundFact | { kind: 'absent' }> {
  const intentId = intentIdOf(await read(stripe, order.paymentRef));
  return intentId ? lookRefund(stripe, { ...order, paymentRef: intentId }) : { kind: 'absent' };
}
