// What the merchant may do with a purchase over the API.
import { notFound, refusal } from './errors.ts';
import { announce } from './events.ts';
import { PAYABLE, inTime, move, release, take, withAttempt } from './life.ts';
import type { Payment, Purchase } from './objects.ts';
import { outOfRange, refund } from './refunds.ts';
import type { Channel, World } from './state.ts';

export function purchaseOf(world: World, id: string): Purchase {
  const purchase = world.purchases.get(id);
  if (!purchase) throw notFound();
  return inTime(world, purchase);
}

export function cancelPurchase(world: World, id: string, channels?: readonly Channel[]): Purchase {
  const purchase = purchaseOf(world, id);
  if (!PAYABLE.has(purchase.status))
    throw refusal('purchase_cancel_wrong_status', 'Only pending Purchases can be cancelled.');
  const cancelled = move(world, purchase, { status: 'cancelled' });
  announce(world, { type: 'purchase.cancelled', object: cancelled, channels });
  return cancelled;
}

/** Of a part: the rest is let go of. */
export function capturePurchase(world: World, id: string, body: Record<string, unknown>): Purchase {
  const purchase = purchaseOf(world, id);
  if (purchase.status !== 'hold')
    throw refusal('purchase_capture_wrong_status', 'Only Purchases with `status == hold` can be captured.');
  const amount = amountIn(body) ?? purchase.purchase.total;
  if (amount < 1) throw outOfRange('min_value', 'greater than or equal to 1');
  if (amount > purchase.purchase.total)
    throw outOfRange('max_value', `less than or equal to ${purchase.purchase.total}`);
  const method = purchase.transaction_data.payment_method;
  const tried = withAttempt(purchase, { type: 'capture', payment_method: method });
  return take(world, tried, { amount, type: 'purchase.captured' });
}

export function releasePurchase(world: World, id: string): Purchase {
  const purchase = purchaseOf(world, id);
  if (purchase.status !== 'hold')
    throw refusal('purchase_release_wrong_status', 'Only Purchases with `status == hold` can be released.');
  return release(world, purchase);
}

export function refundPurchase(world: World, id: string, body: Record<string, unknown>): Payment | Purchase {
  const amount = amountIn(body);
  return refund(world, purchaseOf(world, id), { amount });
}

/** Paid by other means, as the merchant says: none of it came through CHIP. */
export function markAsPaid(world: World, id: string): Purchase {
  const purchase = purchaseOf(world, id);
  if (!PAYABLE.has(purchase.status))
    throw refusal('purchase_mark_as_paid_wrong_status', 'Only pending Purchases can be marked as paid.');
  const marked = { ...purchase, marked_as_paid: true };
  return take(world, marked, { amount: purchase.purchase.total, type: 'purchase.paid' });
}

function amountIn({ amount }: Record<string, unknown>): number | undefined {
  if (amount === undefined || amount === null) return undefined;
  if (typeof amount === 'number' && Number.isSafeInteger(amount)) return amount;
  throw refusal('invalid', 'A valid integer is required.');
}
