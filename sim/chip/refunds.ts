// Money going back: refunds at once, slow or refused, and what a cardholder's bank takes.
import { ChipError, refusal } from './errors.ts';
import { announce } from './events.ts';
import { TAKEN, move, outgoing, withAttempt } from './life.ts';
import type { Failure, Payment, Purchase } from './objects.ts';
import { hasWord } from './sentinels.ts';
import type { Channel, Settings, World } from './state.ts';

const ACQUIRER_REFUSED: Failure = { code: 'purchase_refund_error', message: 'The acquirer refused the refund' };

export type RefundWish = { amount?: number | undefined; channels?: readonly Channel[] | undefined };

/** A finished refund is answered as a payment, a slow one as the purchase. */
export function refund(world: World, purchase: Purchase, { amount: asked, channels }: RefundWish): Payment | Purchase {
  const amount = amountOf(purchase, asked);
  const fate = fateOf(world, purchase);
  if (fate === 'fail') {
    failRefund(world, purchase);
    throw refusal(ACQUIRER_REFUSED.code, ACQUIRER_REFUSED.message);
  }
  if (fate === 'at_once') return giveBack(world, purchase, { amount, channels });
  const method = purchase.transaction_data.payment_method;
  const ends = fate === 'slow' ? 'well' : 'badly';
  world.errands.put({ id: purchase.id, kind: 'refund', amount, method, ends });
  const pending = move(world, purchase, { status: 'pending_refund' });
  world.agenda.add('refund', purchase.id, world.settings.refundMs);
  announce(world, { type: 'purchase.pending_refund', object: pending });
  return pending;
}

function fateOf({ settings }: World, { client }: Purchase): Settings['refunds'] {
  if (hasWord(client.full_name, 'refund-slow')) return 'slow';
  if (hasWord(client.full_name, 'refund-slow-fails')) return 'slow_fail';
  return hasWord(client.full_name, 'refund-fails') ? 'fail' : settings.refunds;
}

function amountOf({ status, refundable_amount: left, refund_availability: may }: Purchase, asked = left): number {
  if (!TAKEN.has(status)) throw refusal('purchase_refund_wrong_status', 'Only paid Purchases can be refunded.');
  if (left === 0) throw refusal('purchase_refund_not_possible', 'This Purchase was already fully refunded.');
  if (may === 'none') throw refusal('purchase_refund_not_possible', 'This payment method takes no refunds.');
  if (!Number.isSafeInteger(asked) || asked < 1) throw outOfRange('min_value', 'greater than or equal to 1');
  if (asked > left) throw outOfRange('max_value', `less than or equal to ${left}`);
  if (may === 'full_only' && asked !== left)
    throw refusal('purchase_refund_not_possible', 'This payment method can only be refunded in full.');
  return asked;
}

export const outOfRange = (code: string, range: string): ChipError =>
  new ChipError(400, [{ path: ['amount'], code, message: `Ensure this value is ${range}.` }]);

function giveBack(world: World, purchase: Purchase, { amount, channels }: RefundWish & { amount: number }): Payment {
  const payment = outgoing(world, purchase, { type: 'refund', amount });
  const method = purchase.transaction_data.payment_method;
  move(world, withAttempt(purchase, { type: 'refund', payment_method: method }), {
    status: 'refunded',
    refundable_amount: purchase.refundable_amount - amount,
    related: { type: 'payment', id: payment.id },
  });
  announce(world, { type: 'payment.refunded', object: payment, channels });
  return payment;
}

/** Assumed: the purchase is again what it was before. */
function failRefund(world: World, purchase: Purchase): void {
  const method = purchase.transaction_data.payment_method;
  const tried = withAttempt(purchase, { type: 'refund', payment_method: method, error: ACQUIRER_REFUSED });
  const before = purchase.status_history.findLast(({ status }) => TAKEN.has(status))?.status ?? 'paid';
  announce(world, { type: 'purchase.refund_failure', object: move(world, tried, { status: before }) });
}

/** Task: a slow refund has ended. Assumed: what may still be refunded changes only then. */
export function finishRefund(world: World, id: string): void {
  const errand = world.errands.get(id);
  const purchase = world.purchases.get(id);
  if (errand?.kind !== 'refund' || purchase?.status !== 'pending_refund') return;
  world.errands.delete(id);
  if (errand.ends === 'well') giveBack(world, purchase, { amount: errand.amount });
  else failRefund(world, purchase);
}

/** Assumed: a bank takes what has not been given back, and what may be refunded is not touched by it. */
export function chargeBack(world: World, purchase: Purchase, channels?: readonly Channel[]): Payment | undefined {
  if (!TAKEN.has(purchase.status) || purchase.refundable_amount === 0) return undefined;
  const payment = outgoing(world, purchase, { type: 'chargeback', amount: purchase.refundable_amount });
  const refund_availability = 'none';
  move(world, purchase, { status: 'chargeback', refund_availability, related: { type: 'payment', id: payment.id } });
  announce(world, { type: 'payment.charged_back', object: payment, channels });
  return payment;
}

/** Task: the payer was called so. */
export function chargeBackByName(world: World, id: string): void {
  const purchase = world.purchases.get(id);
  if (purchase) chargeBack(world, purchase);
}

/** The bank gave the money back. */
export function reverseChargeback(
  world: World,
  purchase: Purchase,
  channels?: readonly Channel[],
): Payment | undefined {
  const taken = world.paymentsByPurchase.all(purchase.id).findLast((it) => it.payment.payment_type === 'chargeback');
  if (purchase.status !== 'chargeback' || !taken) return undefined;
  const { amount } = taken.payment;
  const payment = outgoing(world, purchase, { type: 'chargeback_reversal', amount });
  const returned = world.payments.put({ ...payment, payment: { ...payment.payment, is_outgoing: false } });
  const status = amount < (purchase.payment?.amount ?? 0) ? 'refunded' : 'paid';
  const refund_availability = 'all';
  move(world, purchase, { status, refund_availability, related: { type: 'payment', id: payment.id } });
  announce(world, { type: 'payment.chargeback_reversed', object: returned, channels });
  return returned;
}
