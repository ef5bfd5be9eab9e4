// Stripe PaymentIntents: the customer's browser confirms, we open, look, close and refund.
import type Stripe from 'stripe';
import { z } from 'zod';
import { GatewayRejected, GatewayUnreachable } from '../../domain/payment.ts';
import { money } from '../../domain/money.ts';
import type { Money } from '../../domain/money.ts';
import type {
  Closed,
  Decline,
  Gateway,
  PaymentFact,
  PaymentMethod,
  PaymentOrder,
  PaymentStatus,
  Started,
} from '../../domain/payment.ts';
import {
  asGatewayError,
  connectToStripe,
  createOnce,
  expandableId,
  metadataWire,
  minimumMinor,
  moneyOf,
  readAs,
  refusalOf,
  wireAmountOf,
} from './stripe.ts';
import type { StripeConfig } from './stripe.ts';
import { lookRefund, refundOnce } from './stripe-refunds.ts';
import { readStripeWebhook } from './stripe-webhook.ts';

const balanceTransactionWire = z.object({ fee: z.int(), currency: z.string(), created: z.int() });

const chargeWire = z.object({
  id: z.string(),
  created: z.int(),
  amount_refunded: z.int(),
  balance_transaction: z.union([balanceTransactionWire, z.string()]).nullish(),
  payment_method_details: z.looseObject({ type: z.string() }).nullish(),
});

const cardWire = z.object({ brand: z.string().nullish(), last4: z.string().nullish() });

const paymentErrorWire = z.object({
  type: z.string(),
  code: z.string().nullish(),
  decline_code: z.string().nullish(),
  message: z.string().nullish(),
  charge: expandableId.nullish(),
  payment_method: z.object({ id: z.string(), created: z.int().nullish() }).nullish(),
});

const intentWire = z.object({
  id: z.string(),
  object: z.literal('payment_intent'),
  status: z.string(),
  amount: z.int(),
  amount_received: z.int(),
  currency: z.string(),
  created: z.int(),
  client_secret: z.string().nullish(),
  metadata: metadataWire,
  latest_charge: z.union([chargeWire, z.string()]).nullish(),
  last_payment_error: paymentErrorWire.nullish(),
});
type IntentWire = z.output<typeof intentWire>;
type ChargeWire = z.output<typeof chargeWire>;

const STATUSES = new Map<string, PaymentStatus>([
  ['requires_payment_method', 'requires_payment_method'],
  ['requires_confirmation', 'requires_payment_method'],
  ['requires_action', 'requires_action'],
  ['processing', 'processing'],
  ['requires_capture', 'authorised'],
  ['succeeded', 'succeeded'],
  ['canceled', 'cancelled'],
]);
// Stripe adds states; in one we do not know the money may be on its way, so we wait.
const statusOf = (wireStatus: string): PaymentStatus => STATUSES.get(wireStatus) ?? 'processing';

// Stripe forgets a key after a day at the earliest; whatever a stored failure hides is no older than that.
const KEY_LIFETIME_S = 25 * 3600;
const MAX_SEARCHED = 5_000;

export function createStripeIntentGateway(config: StripeConfig): Gateway {
  const stripe = connectToStripe(config);
  return {
    name: 'stripe_intent',
    minimumMinor,
    start: (order, key) => start(stripe, order, key),
    look: (ref) => look(stripe, ref),
    close: (ref) => close(stripe, ref),
    refund: (order, key) => refundOnce(stripe, order, key),
    lookRefund: (order) => lookRefund(stripe, order),
    readWebhook: (raw, header) =>
      readStripeWebhook({ raw, signature: header('stripe-signature'), secrets: config.webhookSecrets }),
  };
}

async function start(stripe: Stripe, order: PaymentOrder, key: string): Promise<Started> {
  const params = paramsOf(order);
  try {
    const intent = await createOnce({
      key,
      create: async (keyOfTry) =>
        readAs(intentWire, await stripe.paymentIntents.create(params, { idempotencyKey: keyOfTry })),
      find: () => findIntent(stripe, order),
    });
    return startedOf(intent);
  } catch (error) {
    const refusal = refusalOf(error);
    if (!refusal) throw asGatewayError(error);
    return { kind: 'refused', code: refusalCodeOf(refusal), message: refusal.message };
  }
}

// Not `automatic_async`, Stripe's default: only a synchronous capture tells its fee with its success.
function paramsOf(order: PaymentOrder): Stripe.PaymentIntentCreateParams {
  return {
    ...wireAmountOf(order.amount),
    automatic_payment_methods: { enabled: true },
    capture_method: order.capture,
    description: order.description,
    metadata: {
      ...order.metadata,
      booking_id: order.bookingId,
      payment_id: order.paymentId,
      booking_number: order.bookingNumber,
      storefront: order.storefront,
    },
  };
}

function startedOf(intent: IntentWire): Started {
  if (!intent.client_secret) throw new GatewayUnreachable(`Stripe gave no client secret for ${intent.id}`);
  const { id: ref, client_secret: clientSecret, status: wireStatus } = intent;
  return { kind: 'confirm', ref, clientSecret, status: statusOf(wireStatus), wireStatus };
}

/** An unsupported currency comes without a code, yet callers must know it to try another. */
function refusalCodeOf({ code, param }: Stripe.errors.StripeError): string {
  return param === 'currency' ? 'currency_not_supported' : (code ?? 'invalid_request');
}

async function findIntent(stripe: Stripe, order: PaymentOrder): Promise<IntentWire | undefined> {
  const since = Math.floor(Date.now() / 1000) - KEY_LIFETIME_S;
  let searched = 0;
  for await (const answer of stripe.paymentIntents.list({ created: { gte: since }, limit: 100 })) {
    const intent = readAs(intentWire, answer);
    if (intent.metadata?.['payment_id'] === order.paymentId) return adopted(intent, order);
    if (++searched === MAX_SEARCHED) throw new GatewayUnreachable('too many payments at Stripe to search them');
  }
  return undefined;
}

function adopted(intent: IntentWire, order: PaymentOrder): IntentWire {
  const { amount, currency } = wireAmountOf(order.amount);
  const same = intent.amount === amount && intent.currency === currency;
  if (same && intent.metadata?.['booking_id'] === order.bookingId) return intent;
  throw new GatewayRejected('payment_differs', `${order.paymentId} was opened as ${intent.id} with other terms`);
}

async function look(stripe: Stripe, ref: string): Promise<PaymentFact> {
  try {
    const expand = ['latest_charge.balance_transaction'];
    return factOf(readAs(intentWire, await stripe.paymentIntents.retrieve(ref, { expand })));
  } catch (error) {
    throw asGatewayError(error);
  }
}

function factOf(intent: IntentWire): PaymentFact {
  const status = statusOf(intent.status);
  const charge = typeof intent.latest_charge === 'object' ? (intent.latest_charge ?? undefined) : undefined;
  const paid = status === 'succeeded';
  return {
    ref: intent.id,
    status,
    wireStatus: intent.status,
    amount: moneyOf(intent.amount, intent.currency),
    captured: paid ? moneyOf(intent.amount_received, intent.currency) : null,
    capturedAt: paid ? isoOf(capturedSecond(charge) ?? intent.created) : null,
    fee: paid ? feeOf(charge, intent.currency) : null,
    // A released hold reads as a refund of its charge, though nothing was ever taken.
    refunded: moneyOf(paid ? (charge?.amount_refunded ?? 0) : 0, intent.currency),
    decline: paid || status === 'authorised' ? null : declineOf(intent),
    method: methodOf(charge),
    bookingId: intent.metadata?.['booking_id'] ?? null,
    paymentId: intent.metadata?.['payment_id'] ?? null,
  };
}

const isoOf = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** A hold's charge is as old as the hold; its balance transaction is as old as the capture. */
function capturedSecond(charge: ChargeWire | undefined): number | undefined {
  const moved = charge?.balance_transaction;
  return typeof moved === 'object' && moved ? moved.created : charge?.created;
}

/** Stripe takes its fee in the settlement currency; in any other than the customer's it says nothing about his. */
function feeOf(charge: ChargeWire | undefined, currency: string): Money | null {
  const moved = charge?.balance_transaction;
  if (typeof moved !== 'object' || !moved || moved.currency !== currency) return null;
  return money(moved.fee, currency.toUpperCase());
}

function declineOf({ id, last_payment_error: error }: IntentWire): Decline | null {
  if (!error) return null;
  const code = error.code ?? error.type;
  const method = error.payment_method;
  const attempt = method ? `${method.id}/${method.created ?? 0}` : id;
  return {
    id: error.charge ?? `${attempt}/${code}`,
    code,
    declineCode: error.decline_code ?? null,
    message: error.message ?? code,
  };
}

function methodOf(charge: ChargeWire | undefined): PaymentMethod | null {
  const details = charge?.payment_method_details;
  if (!details) return null;
  const card = cardWire.safeParse(details[details.type]).data;
  return { type: details.type, brand: card?.brand ?? null, last4: card?.last4 ?? null };
}

/**
 * Under no key of ours: Stripe stores refusals too, and would go on saying
 * "processing" of a payment that has long ended. Cancelling twice is harmless.
 */
async function close(stripe: Stripe, ref: string): Promise<Closed> {
  try {
    return closedOf(readAs(intentWire, await stripe.paymentIntents.cancel(ref)));
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal?.code !== 'payment_intent_unexpected_state') throw asGatewayError(error);
    const embedded = intentWire.safeParse(refusal.payment_intent).data;
    return closedOf(embedded ?? (await look(stripe, ref)));
  }
}

function closedOf({ status }: { status: string }): Closed {
  const state = statusOf(status);
  if (state === 'cancelled') return { kind: 'closed' };
  return { kind: state === 'succeeded' ? 'already_paid' : 'in_flight' };
}
