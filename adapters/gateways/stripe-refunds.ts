// Refunds of a PaymentIntent, found again by our own id in their metadata when an answer was lost.
import type Stripe from 'stripe';
import { z } from 'zod';
import { GatewayRejected } from '../../domain/payment.ts';
import type { PaymentFact } from '../../domain/payment.ts';
import type { RefundFact, RefundOrder } from '../../domain/refund-order.ts';
import { equals } from '../../domain/money.ts';
import type { IntentWire } from './stripe-facts.ts';
import { chargeOf } from './stripe-facts.ts';
import { isNoRoute, isNotFound } from './stripe-routes.ts';
import {
  asGatewayError,
  createOnce,
  expandableId,
  metadataWire,
  moneyOf,
  readAs,
  refusalOf,
  wireAmountOf,
} from './stripe.ts';

export const refundWire = z.object({
  id: z.string(),
  object: z.literal('refund').nullish(),
  status: z.string().nullish(),
  failure_reason: z.string().nullish(),
  amount: z.int(),
  currency: z.string(),
  payment_intent: expandableId.nullish(),
  metadata: metadataWire,
});
type RefundWire = z.output<typeof refundWire>;

export const DEAD = new Set(['failed', 'canceled']);
const DISPUTED = new Set(['charge_disputed', 'refund_disputed_payment']);

/** Keys are forgotten after a day and retries may be older, so a refund of ours is looked for before it is made. */
export async function refundOnce(stripe: Stripe, order: RefundOrder, key: string): Promise<RefundFact> {
  const { amount } = wireAmountOf(order.amount);
  try {
    const known = await knownRefunds(stripe, order);
    const done = aliveOf(known) ?? known.find(({ metadata }) => metadata?.['key'] === key);
    if (done) return factOf(done, order);
    const made = await createOnce({
      key,
      create: async (keyOfTry) => {
        const params = { ...paramsOf(order, key), amount };
        return readAs(refundWire, await stripe.refunds.create(params, { idempotencyKey: keyOfTry }));
      },
      // Not without the list: only that proves that a key made nothing.
      find: async () => aliveOf(await ownRefunds(stripe, order)),
    });
    return factOf(made, order);
  } catch (error) {
    const refusal = refusalOf(error);
    if (!refusal) throw asGatewayError(error);
    return whyNot(refusal, await lookRefund(stripe, order));
  }
}

export async function lookRefund(stripe: Stripe, order: RefundOrder): Promise<RefundFact | { kind: 'absent' }> {
  try {
    const refunds = await knownRefunds(stripe, order);
    const ours = aliveOf(refunds) ?? refunds[0];
    return ours ? factOf(ours, order) : { kind: 'absent' };
  } catch (error) {
    throw asGatewayError(error);
  }
}

/** Where the charge does not say how much of it went back, the refunds do; a server without such a list has made none. */
export async function withRefunded(stripe: Stripe, fact: PaymentFact, intent: IntentWire): Promise<PaymentFact> {
  if (intent.status !== 'succeeded' || typeof chargeOf(intent)?.amount_refunded === 'number') return fact;
  try {
    const refunds = await refundsOf(stripe, intent.id);
    const sum = refunds.reduce((total, { status, amount }) => total + (DEAD.has(status ?? '') ? 0 : amount), 0);
    return { ...fact, refunded: moneyOf(sum, intent.currency) };
  } catch (error) {
    if (isNotFound(error)) return fact;
    throw error;
  }
}

function paramsOf(order: RefundOrder, key: string): Stripe.RefundCreateParams {
  return {
    payment_intent: order.paymentRef,
    reason: 'requested_by_customer',
    metadata: { refund_id: order.refundId, booking_id: order.bookingId, key },
  };
}

/** Where there is no such list, the key alone keeps a refund from being made twice. */
async function knownRefunds(stripe: Stripe, order: RefundOrder): Promise<RefundWire[]> {
  try {
    return await ownRefunds(stripe, order);
  } catch (error) {
    if (isNoRoute(error)) return [];
    throw error;
  }
}

const ownRefunds = async (stripe: Stripe, { paymentRef, refundId }: RefundOrder): Promise<RefundWire[]> =>
  (await refundsOf(stripe, paymentRef)).filter(({ metadata }) => metadata?.['refund_id'] === refundId);

/** Of this payment: a simple server may list all there are. */
async function refundsOf(stripe: Stripe, intentId: string): Promise<RefundWire[]> {
  const refunds: RefundWire[] = [];
  for await (const answer of stripe.refunds.list({ payment_intent: intentId, limit: 100 })) {
    const refund = readAs(refundWire, answer);
    if ((refund.payment_intent ?? intentId) === intentId) refunds.push(refund);
  }
  return refunds;
}

const aliveOf = (refunds: readonly RefundWire[]): RefundWire | undefined =>
  refunds.find(({ status }) => !DEAD.has(status ?? ''));

function factOf(refund: RefundWire, order: RefundOrder): RefundFact {
  if (!equals(moneyOf(refund.amount, refund.currency), order.amount)) {
    const made = `${refund.amount} ${refund.currency}`;
    throw new GatewayRejected('refund_differs', `refund ${order.refundId} was made as ${refund.id} over ${made}`);
  }
  if (refund.status === 'succeeded') return { kind: 'succeeded', ref: refund.id };
  if (!DEAD.has(refund.status ?? '')) return { kind: 'pending', ref: refund.id };
  const code = refund.failure_reason ?? refund.status ?? 'failed';
  return { kind: 'failed', ref: refund.id, code, message: `Stripe could not carry the refund out: ${code}` };
}

/** A refusal is the last word only when no refund of ours is behind it. */
function whyNot(refusal: Stripe.errors.StripeError, ours: RefundFact | { kind: 'absent' }): RefundFact {
  if (ours.kind === 'succeeded' || ours.kind === 'pending') return ours;
  const { code, message, param } = refusal;
  if (code === 'charge_already_refunded') return { kind: 'nothing_left', message };
  // Stripe gives an over-refund no code: the parameter and the word are all there is to know it by.
  if (param === 'amount' && /unrefunded/i.test(message)) return { kind: 'nothing_left', message };
  if (code !== undefined && (DISPUTED.has(code) || code === 'balance_insufficient')) {
    return { kind: 'failed', ref: null, code, message };
  }
  throw asGatewayError(refusal);
}
