// Refunds at CHIP, which gives them no name of ours: only what went back, compared with what we know of, tells whether one was made.
// What this can and cannot tell: docs/decisions/0012-chip-refunds.md.
import { equals } from '../../domain/money.ts';
import { GatewayRejected, GatewayUnreachable } from '../../domain/payment.ts';
import type { Returnable } from '../../domain/payment.ts';
import type { RefundBaseline, RefundFact, RefundOrder } from '../../domain/refund-order.ts';
import { failureOf, isKnown, isTold, leftOf, moneyOf, refundTries, refundedOf, wasTaken } from './chip-facts.ts';
import { rejectionOf, wordsOf } from './chip-http.ts';
import type { ChipCall, ChipReply } from './chip-http.ts';
import { paymentWire, purchaseWire } from './chip-wire.ts';
import type { AttemptWire, PurchaseWire } from './chip-wire.ts';

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

/** What is compared with later: written down with the call that is about to be made. */
export async function beforeRefund({ read }: RefundDesk, ref: string): Promise<RefundBaseline> {
  const purchase = await read(ref);
  return { leftMinor: leftOf(purchase), attempts: refundTries(purchase).length };
}

export async function refund(desk: RefundDesk, order: RefundOrder): Promise<RefundFact> {
  const purchase = await readKnown(desk, order);
  if (purchase.status === 'pending_refund') return busy(order);
  if (wasTaken(purchase) && hasIt(purchase, order)) return madeAs(purchase, order);
  if (order.askedAt !== undefined && desk.nowMs() - Date.parse(order.askedAt) > CLAIM_LIVES_MS)
    throw new GatewayUnreachable(`the refund of ${order.paymentRef} was not asked for in time`);
  const path = `/purchases/${encodeURIComponent(order.paymentRef)}/refund/`;
  const reply = await desk.call('POST', path, { amount: order.amount.minor });
  if (reply.kind === 'refused') return whyNot(desk, reply, order);
  const payment = paymentWire.safeParse(reply.body).data;
  if (payment) return finished(payment, order);
  const after = purchaseWire.safeParse(reply.body).data;
  if (after?.status === 'pending_refund') return { kind: 'pending', ref: ownName(order) };
  if (after && wasTaken(after) && hasIt(after, order)) return madeAs(after, order);
  throw new GatewayUnreachable(`CHIP did not say what became of the refund of ${order.paymentRef}`);
}

export async function lookRefund(desk: RefundDesk, order: RefundOrder): Promise<RefundFact | { kind: 'absent' }> {
  if (order.askedAt === undefined) {
    const purchase = await desk.read(order.paymentRef);
    return wasTaken(purchase) && isCovered(purchase, order) ? madeAs(purchase, order) : { kind: 'absent' };
  }
  const purchase = await readKnown(desk, order);
  if (!wasTaken(purchase)) return { kind: 'absent' };
  // No other of ours is under way, so that it is this one.
  if (purchase.status === 'pending_refund') return { kind: 'pending', ref: ownName(order) };
  const askedMs = Date.parse(order.askedAt);
  const unprovenMs = askedMs + PROOF_MS - desk.nowMs();
  // Clocks differ: a refund that failed just before may be another, until ours would have shown.
  const sinceS = askedMs / 1000 - (unprovenMs > 0 ? 0 : SKEW_S);
  const change = order.before ? changeSince(purchase, order, order.before) : changeByBooks(purchase, order, sinceS);
  if (change.kind === 'made') return madeAs(purchase, order);
  if (change.kind === 'failed') return { kind: 'failed', ref: null, ...failureOf(change.tried) };
  // Where CHIP never says what is left, nothing that it says proves absence.
  if (change.kind === 'unclear' || leftOf(purchase) === null) throw unclear(order);
  if (unprovenMs <= 0) return { kind: 'absent' };
  throw new GatewayUnreachable('CHIP may still be at work on the refund', { retryAfterMs: unprovenMs });
}

/** A state that we do not know may be one in which money goes back. */
async function readKnown({ read }: RefundDesk, { paymentRef }: RefundOrder): Promise<PurchaseWire> {
  const purchase = await read(paymentRef);
  if (!isKnown(purchase)) throw new GatewayUnreachable(`CHIP has ${paymentRef} in a state unknown to us`);
  return purchase;
}

type Change =
  | { kind: 'made' }
  | { kind: 'failed'; tried: AttemptWire }
  | { kind: 'none' }
  /** Something happened, and not just this refund: a person has to look. */
  | { kind: 'unclear' };

/** What CHIP tells now, beside what it told before the call: attempts bear no sums, and none is ever taken away. */
function changeSince(purchase: PurchaseWire, order: RefundOrder, before: RefundBaseline): Change {
  const left = leftOf(purchase);
  const tries = refundTries(purchase);
  const { leftMinor, attempts } = before;
  const { amount } = order;
  if (left !== null && isTold(purchase)) {
    const goneMinor = leftMinor === null ? beyondBooks(purchase, order) : leftMinor - left;
    if (goneMinor === amount.minor) return { kind: 'made' };
    // All went back, whoever sent it: the customer has this one too.
    if (left === 0 && isCovered(purchase, order)) return { kind: 'made' };
  }
  if (left !== leftMinor) return { kind: 'unclear' };
  const since = tries.slice(0, Math.max(0, tries.length - attempts));
  const [tried] = since;
  if (tried && since.every(({ successful }) => !successful)) return { kind: 'failed', tried };
  return tries.length === attempts ? { kind: 'none' } : { kind: 'unclear' };
}

/** For calls that nothing was written down for but the time: what went back is compared with what our books know of. */
function changeByBooks(purchase: PurchaseWire, order: RefundOrder, sinceS: number): Change {
  if (isCovered(purchase, order)) return { kind: 'made' };
  const tried = refundTries(purchase).find((each) => !each.successful && (each.processing_time ?? 0) >= sinceS);
  if (tried) return { kind: 'failed', tried };
  const isExplained = leftOf(purchase) !== null && refundedOf(purchase).minor === order.beside.returned.minor;
  return { kind: isExplained ? 'none' : 'unclear' };
}

const unclear = ({ paymentRef }: RefundOrder): GatewayUnreachable =>
  new GatewayUnreachable(`our refund does not explain what CHIP says of ${paymentRef}: it may have been made`);

/** Before it is asked for, and after: whoever made it, the customer has it, and it is not given twice. */
function hasIt(purchase: PurchaseWire, order: RefundOrder): boolean {
  const change = order.before ? changeSince(purchase, order, order.before).kind : 'none';
  if (change === 'none') return isCovered(purchase, order);
  if (change === 'made') return true;
  throw unclear(order);
}

const RETURNABLE = new Map<string, Returnable>([
  ['full_only', 'whole_only'],
  ['partial_only', 'parts_only'],
  ['pis_partial', 'parts_only'],
  ['none', 'not_at_all'],
]);

/** A word that we do not know forbids nothing: CHIP says no by itself. */
export const returnableOf = ({ refund_availability: word }: PurchaseWire): Returnable =>
  RETURNABLE.get(word ?? '') ?? 'any';

/** As much went back beyond the returns that we know of. */
function isCovered(purchase: PurchaseWire, order: RefundOrder): boolean {
  return refundedOf(purchase).currency === order.amount.currency && beyondBooks(purchase, order) >= order.amount.minor;
}

const beyondBooks = (purchase: PurchaseWire, { beside }: RefundOrder): number =>
  refundedOf(purchase).minor - beside.returned.minor;

const madeAs = (purchase: PurchaseWire, order: RefundOrder): RefundFact => ({
  kind: 'succeeded',
  ref: refOf(purchase, order),
});

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
  desk: RefundDesk,
  refusal: Extract<ChipReply, { kind: 'refused' }>,
  order: RefundOrder,
): Promise<RefundFact> {
  const { fault } = refusal;
  const failed = (code: string): RefundFact => ({ kind: 'failed', ref: null, code, message: wordsOf(fault) });
  if (fault.code === 'purchase_refund_error') return failed(fault.code);
  if (fault.path === 'amount' && fault.code === 'max_value') return { kind: 'nothing_left', message: wordsOf(fault) };
  const purchase = await readKnown(desk, order);
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
