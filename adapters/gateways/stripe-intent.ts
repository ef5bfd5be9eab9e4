// Stripe PaymentIntents: the customer's browser confirms, we open, look, close and refund.
import type Stripe from 'stripe';
import { GatewayUnreachable } from '../../domain/payment.ts';
import type {
  Closed,
  Gateway,
  PaymentDoor,
  PaymentFact,
  PaymentOrder,
  PaymentStatus,
  Started,
  Taken,
} from '../../domain/payment.ts';
import { recordsOf } from './records.ts';
import { factOf, intentWire, statusOf } from './stripe-facts.ts';
import type { IntentWire } from './stripe-facts.ts';
import { listPayments, listRefunds } from './stripe-lists.ts';
import { retrieveIntent, withAftermath } from './stripe-reads.ts';
import { lookRefund, refundOnce } from './stripe-refunds.ts';
import { readStripeWebhook } from './stripe-webhook.ts';
import {
  asGatewayError,
  connectToStripe,
  findRecent,
  inItsWords,
  isMadeFor,
  minimumMinor,
  readAs,
  refusalOf,
  startOnce,
  wireAmountOf,
} from './stripe.ts';
import type { StripeConfig } from './stripe.ts';

export function createStripeIntentGateway(config: StripeConfig): Gateway {
  const stripe = connectToStripe(config);
  return {
    name: 'stripe_intent',
    minimumMinor,
    start: (order, key) => start(stripe, order, key),
    look: (ref) => look(stripe, ref),
    door: (ref) => door(stripe, ref),
    close: (ref) => closeIntent(stripe, ref),
    capture: (ref) => captureIntent(stripe, ref),
    refund: (order, key) => refundOnce(stripe, order, key),
    lookRefund: (order) => lookRefund(stripe, order),
    listPayments: (asked) => listPayments(stripe, asked),
    listRefunds: (asked) => listRefunds(stripe, asked),
    readWebhook: (raw, header) =>
      readStripeWebhook({ raw, signature: header('stripe-signature'), secrets: config.webhookSecrets }),
  };
}

async function start(stripe: Stripe, order: PaymentOrder, key: string): Promise<Started> {
  const params = paramsOf(order);
  const create = async (keyOfTry: string) =>
    readAs(intentWire, await stripe.paymentIntents.create(params, { idempotencyKey: keyOfTry }));
  return startOnce({ key, create, find: () => findIntent(stripe, order) }, startedOf);
}

// Not `automatic_async`, Stripe's default: only a synchronous capture tells its fee with its success.
function paramsOf(order: PaymentOrder): Stripe.PaymentIntentCreateParams {
  return {
    ...wireAmountOf(order.amount),
    automatic_payment_methods: { enabled: true },
    capture_method: order.capture,
    description: order.description,
    metadata: recordsOf(order),
  };
}

function startedOf(intent: IntentWire): Started {
  if (!intent.client_secret) throw new GatewayUnreachable(`Stripe gave no client secret for ${intent.id}`);
  const { id: ref, client_secret: clientSecret, status: wireStatus } = intent;
  return { kind: 'confirm', ref, clientSecret, status: statusOf(wireStatus), wireStatus };
}

const findIntent = (stripe: Stripe, order: PaymentOrder): Promise<IntentWire | undefined> =>
  findRecent(
    (page) => stripe.paymentIntents.list(page),
    (answer) => {
      const intent = readAs(intentWire, answer);
      return isMadeFor(order, intent) ? intent : undefined;
    },
  );

async function look(stripe: Stripe, ref: string): Promise<PaymentFact> {
  const answer = await retrieveIntent(stripe, ref);
  const intent = readAs(intentWire, answer);
  return withAftermath(stripe, { ...factOf(intent), answer: inItsWords(answer) }, intent);
}

async function door(stripe: Stripe, ref: string): Promise<PaymentDoor | null> {
  try {
    const { client_secret: clientSecret } = await read(stripe, ref);
    return clientSecret ? { kind: 'confirm', clientSecret } : null;
  } catch (error) {
    throw asGatewayError(error);
  }
}

const read = async (stripe: Stripe, ref: string): Promise<IntentWire> =>
  readAs(intentWire, await stripe.paymentIntents.retrieve(ref));

/**
 * Under no key of ours: Stripe stores refusals too, and would go on saying
 * "processing" of a payment that has long ended. Cancelling twice is harmless.
 */
export async function closeIntent(stripe: Stripe, ref: string): Promise<Closed> {
  try {
    return closedOf(readAs(intentWire, await stripe.paymentIntents.cancel(ref)));
  } catch (error) {
    const refusal = refusalOf(error);
    if (!refusal) throw asGatewayError(error);
    return closedAfterAll(stripe, ref, refusal);
  }
}

/** Whatever the refusal is called, the intent says what it was for; one that is still open was refused for another reason. */
async function closedAfterAll(stripe: Stripe, ref: string, refusal: Stripe.errors.StripeError): Promise<Closed> {
  try {
    const intent = intentWire.safeParse(refusal.payment_intent).data ?? (await read(stripe, ref));
    const mayChange = refusal.code === 'payment_intent_unexpected_state';
    if (OPEN.has(statusOf(intent.status)) && !mayChange) throw refusal;
    return closedOf(intent);
  } catch (error) {
    throw asGatewayError(error);
  }
}

const OPEN = new Set<PaymentStatus>(['requires_payment_method', 'requires_action', 'authorised']);

function closedOf({ status }: { status: string }): Closed {
  const state = statusOf(status);
  if (state === 'cancelled') return { kind: 'closed' };
  return { kind: state === 'succeeded' ? 'already_paid' : 'in_flight' };
}

/** Under no key of ours either. What was taken already is refused like what is gone: only looking tells them apart. */
export async function captureIntent(stripe: Stripe, ref: string): Promise<Taken> {
  try {
    await stripe.paymentIntents.capture(ref);
    return { kind: 'captured' };
  } catch (error) {
    const refusal = refusalOf(error);
    if (!refusal) throw asGatewayError(error);
    const { status } = await look(stripe, ref);
    if (status === 'succeeded') return { kind: 'captured' };
    return { kind: 'refused', code: refusal.code ?? 'invalid_request', message: refusal.message };
  }
}
