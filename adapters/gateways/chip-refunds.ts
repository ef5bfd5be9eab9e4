// Refunds at CHIP, which gives them no name of ours: only what went back, compared with what we know of, tells whether one was made.
// What this can and cannot tell: docs/decisions/0012-chip-refunds.md.
import { equals } from '../../domain/money.ts';
import { GatewayRejected, GatewayUnreachable } from '../../domain/payment.ts';
import type { RefundFact, RefundOrder, Returnable } from '../../domain/payment.ts';
import { failedRefundSince, leftOf, moneyOf, refundedOf, wasTaken } from './chip-facts.ts';
import { rejectionOf, wordsOf } from './chip-http.ts';
import type { ChipCall, ChipReply } from './chip-http.ts';
import { paymentWire, purchaseWire } from './chip-wire.ts';
import type { PurchaseWire } from './chip-wire.ts';

export interface RefundDesk {
  readonly call: ChipCall;
  readonly read: (ref: string) => Promise<PurchaseWire>;
  readonly nowMs: () => number;
}

/** A call whose answer was lost may be at work for a while; only after that does its absence prove anything. */
const PROOF_MS = 30_000;
/** Whoever got round to the call so long after it was written down may have been overtaken by another try, or by a person's word. */
const CLAIM_LIVES_MS = 10_000;
/** By how much CHIP's clock may be behind ours. */
const SKEW_S = 60;

export async function refund(desk: RefundDesk, order: RefundOrder): Promise<RefundFact> {
  const purchase = await desk.read(order.paymentRef);
  if (purchase.status === 'pending_refund') return busy(order);
  if (wasTaken(purchase) && isMade(purchase, order)) return { kind: 'succeeded', ref: refOf(purchase, order) };
  if (order.askedAt !== undefined && desk.nowMs() - Date.parse(order.askedAt) > CLAIM_LIVES_MS)
    throw new GatewayUnreachable(`the refund of ${order.paymentRef} was not asked for in time`);
  const path = `/purchases/${encodeURIComponent(order.paymentRef)}/refund/`;
  const reply = await desk.call('POST', path, { amount: order.amount.minor });
  if (reply.kind === 'refused') return whyNot(desk, reply, order);
  const payment = paymentWire.safeParse(reply.body).data;
  if (payment) return finished(payment, order);
  const after = purchaseWire.safeParse(reply.body).data;
  if (after?.status === 'pending_refund') return { kind: 'pending', ref: ownName(order) };
  if (after && wasTaken(after) && isMade(after, order)) return { kind: 'succeeded', ref: refOf(after, order) };
  throw new GatewayUnreachable(`CHIP did not say what became of the refund of ${order.paymentRef}`);
}

export async function lookRefund(
  { read, nowMs }: RefundDesk,
  order: RefundOrder,
): Promise<RefundFact | { kind: 'absent' }> {
  const purchase = await read(order.paymentRef);
  if (!wasTaken(purchase)) return { kind: 'absent' };
  // No other of ours is under way, so that it is this one.
  if (purchase.status === 'pending_refund' && order.askedAt !== undefined) {
    return { kind: 'pending', ref: ownName(order) };
  }
  if (isMade(purchase, order)) return { kind: 'succeeded', ref: refOf(purchase, order) };
  if (order.askedAt === undefined) return { kind: 'absent' };
  const askedMs = Date.parse(order.askedAt);
  const failed = failedRefundSince(purchase, askedMs / 1000 - SKEW_S);
  if (failed) return { kind: 'failed', ref: null, ...failed };
  if (leftOf(purchase) === null)
    throw new GatewayUnreachable(
      `CHIP does not say what is left of ${order.paymentRef}: the refund may have been made`,
    );
  const unprovenMs = askedMs + PROOF_MS - nowMs();
  if (unprovenMs <= 0) return { kind: 'absent' };
  throw new GatewayUnreachable('CHIP may still be at work on the refund', { retryAfterMs: unprovenMs });
}

/** As much went back beyond the returns that we know of. Whoever made it, the customer has it: it is not given twice. */
const RETURNABLE = new Map<string, Returnable>([
  ['full_only', 'whole_only'],
  ['partial_only', 'parts_only'],
  ['pis_partial', 'parts_only'],
  ['none', 'not_at_all'],
]);

/** A word that we do not know forbids nothing: CHIP says no by itself. */
export const returnableOf = ({ refund_availability: word }: PurchaseWire): Returnable =>
  RETURNABLE.get(word ?? '') ?? 'any';

function isMade(purchase: PurchaseWire, { amount, beside }: RefundOrder): boolean {
  const returned = refundedOf(purchase);
  return returned.currency === amount.currency && returned.minor - beside.returned.minor >= amount.minor;
}

/** CHIP's own name for it, where its history tells one that belongs to none of the others. */
function refOf({ status_history: history }: PurchaseWire, order: RefundOrder): string {
  const names = history.flatMap(({ status, related_object: related }) =>
    status === 'refunded' && related?.type === 'payment' && related.id ? [related.id] : [],
  );
  return names.findLast((name) => !order.beside.refs.includes(name)) ?? ownName(order);
}

const ownName = ({ paymentRef, refundId }: RefundOrder): string => `${paymentRef}/${refundId}`;

const busy = ({ paymentRef }: RefundOrder): RefundFact => ({
  kind: 'failed',
  ref: null,
  code: 'refund_under_way',
  message: `CHIP is still at work on another refund of ${paymentRef}`,
});

function finished(
  { id, status, payment }: { id: string; status: string; payment: { amount: number; currency: string } },
  { refundId, amount }: RefundOrder,
): RefundFact {
  if (!equals(moneyOf(payment.amount, payment.currency), amount)) {
    const made = `${payment.amount} ${payment.currency}`;
    throw new GatewayRejected('refund_differs', `refund ${refundId} was made as ${id} over ${made}`);
  }
  return { kind: status === 'success' ? 'succeeded' : 'pending', ref: id };
}

async function whyNot(
  { read }: RefundDesk,
  refusal: Extract<ChipReply, { kind: 'refused' }>,
  order: RefundOrder,
): Promise<RefundFact> {
  const { fault } = refusal;
  const failed = (code: string): RefundFact => ({ kind: 'failed', ref: null, code, message: wordsOf(fault) });
  if (fault.code === 'purchase_refund_error') return failed(fault.code);
  if (fault.path === 'amount' && fault.code === 'max_value') return { kind: 'nothing_left', message: wordsOf(fault) };
  const purchase = await read(order.paymentRef);
  if (fault.code === 'purchase_refund_not_possible') {
    // Also said of ways to pay that take no refunds, or none in part. Nobody who did not say how much is left said that nothing is.
    const left = leftOf(purchase) ?? order.amount.minor;
    return left >= order.amount.minor ? failed(fault.code) : { kind: 'nothing_left', message: wordsOf(fault) };
  }
  if (fault.code !== 'purchase_refund_wrong_status') throw rejectionOf(refusal);
  if (purchase.status === 'pending_refund') return busy(order);
  if (purchase.status === 'chargeback') return failed('payment_disputed');
  if (wasTaken(purchase)) return failed(fault.code);
  throw new GatewayRejected('not_paid', `${order.paymentRef} was never paid`);
}
