// What CHIP says of a purchase, and what that means to us.
import { money } from '../../domain/money.ts';
import type { Money } from '../../domain/money.ts';
import type { Decline, DisputeFact, PaymentFact, PaymentMethod, PaymentStatus } from '../../domain/payment.ts';
import { GatewayUnreachable } from '../../domain/payment.ts';
import { ours } from './chip-wire.ts';
import type { AttemptWire, PurchaseWire } from './chip-wire.ts';

const STATUSES = new Map<string, PaymentStatus>([
  ['created', 'requires_payment_method'],
  ['sent', 'requires_payment_method'],
  ['viewed', 'requires_payment_method'],
  // A try failed, or the day passed: both may still be paid.
  ['error', 'requires_payment_method'],
  ['overdue', 'requires_payment_method'],
  ['expired', 'cancelled'],
  ['cancelled', 'cancelled'],
  ['blocked', 'cancelled'],
  ['released', 'cancelled'],
  ['pending_execute', 'processing'],
  ['pending_charge', 'processing'],
  ['pending_capture', 'processing'],
  ['pending_release', 'processing'],
  ['hold', 'authorised'],
  ['paid', 'succeeded'],
  ['cleared', 'succeeded'],
  ['settled', 'succeeded'],
  ['pending_refund', 'succeeded'],
  ['refunded', 'succeeded'],
  ['chargeback', 'succeeded'],
]);
// CHIP adds states; in one we do not know the money may be on its way, so we wait.
export const statusOf = ({ status }: Pick<PurchaseWire, 'status'>): PaymentStatus =>
  STATUSES.get(status) ?? 'processing';

export function factOf(purchase: PurchaseWire, nowMs: number): PaymentFact {
  const status = statusOf(purchase);
  const { total, currency } = purchase.purchase;
  const changedOn = purchase.updated_on ?? purchase.created_on ?? nowMs / 1000;
  const paid = status === 'succeeded' ? paidIn(purchase) : null;
  return {
    ref: purchase.id,
    status,
    wireStatus: purchase.status,
    amount: moneyOf(total, currency),
    captured: paid && moneyOf(paid.amount, paid.currency),
    capturedAt: paid && isoOf(paid.paid_on ?? sinceOf(purchase, 'paid') ?? changedOn),
    heldUntil: status === 'authorised' ? isoOf((sinceOf(purchase, 'hold') ?? changedOn) + HOLD_LIVES_S) : null,
    fee: paid && typeof paid.fee_amount === 'number' ? moneyOf(paid.fee_amount, paid.currency) : null,
    refunded: paid ? refundedOf(purchase) : moneyOf(0, currency),
    disputes: paid ? disputesOf(purchase, nowMs) : [],
    decline: status === 'succeeded' || status === 'authorised' ? null : declineOf(purchase),
    method: methodOf(purchase),
    ...ours(purchase),
  };
}

export const moneyOf = (amount: number, currency: string): Money => money(amount, currency.toUpperCase());

const isoOf = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** Assumed: CHIP does not say how long money is held; a card's hold usually lives a week. */
const HOLD_LIVES_S = 7 * 24 * 3600;

/** When it last became so. */
const sinceOf = ({ status_history: history }: PurchaseWire, status: string): number | null | undefined =>
  history.findLast((entry) => entry.status === status)?.timestamp;

/** What is called paid and has no payment of its own took what it was about. */
function paidIn({ payment, purchase: { total, currency } }: PurchaseWire) {
  if (!payment) return { amount: total, currency, paid_on: null, fee_amount: null };
  return { ...payment, currency: payment.currency || currency };
}

/** In a state that CHIP has added since, money may have gone back. */
export const isKnown = ({ status }: PurchaseWire): boolean => STATUSES.has(status);

export const wasTaken = (purchase: PurchaseWire): boolean => statusOf(purchase) === 'succeeded';

/** What may still go back: null where CHIP does not say. Of money that went back in part it is all that tells how much. */
export function leftOf(purchase: PurchaseWire): number | null {
  const left = purchase.refundable_amount ?? null;
  if (left === null && hasRefunds(purchase))
    throw new GatewayUnreachable(`CHIP gave back of ${purchase.id} without saying how much`);
  return left;
}

/**
 * `refunded` is also what was refunded in part. That nothing may be refunded says nothing by itself: some ways to pay take no
 * refunds, and of what a bank took none may be left.
 */
export function refundedOf(purchase: PurchaseWire): Money {
  const { amount, currency } = paidIn(purchase);
  const left = leftOf(purchase);
  return moneyOf(hasRefunds(purchase) && left !== null && isTold(purchase) ? Math.max(0, amount - left) : 0, currency);
}

/** Of what a bank took all, it is not told how much had gone back. */
export const isTold = ({ status, refundable_amount: left }: PurchaseWire): boolean =>
  status !== 'chargeback' || left !== 0;

const hasRefunds = ({ status, status_history: history, transaction_data: { attempts } }: PurchaseWire): boolean =>
  status === 'refunded' ||
  history.some((entry) => entry.status === 'refunded') ||
  attempts.some((attempt) => attempt.type === 'refund' && attempt.successful);

/** CHIP has no word of how a bank decided: it either gives the money back or, after this long, never will. */
const UNDECIDED_S = 120 * 24 * 3600;

function disputesOf(purchase: PurchaseWire, nowMs: number): DisputeFact[] {
  const { id, status, status_history: history, updated_on } = purchase;
  const told = history.flatMap((entry, at) => (entry.status === 'chargeback' ? [{ ...entry, at }] : []));
  const isTaken = status === 'chargeback';
  const all = told.length === 0 && isTaken ? [{ at: history.length, timestamp: null }] : told;
  return all.map(({ at, timestamp }, index) => {
    const openedOn = timestamp ?? updated_on ?? nowMs / 1000;
    const withBank = isTaken && index === all.length - 1;
    const undecided = nowMs / 1000 - openedOn < UNDECIDED_S ? 'open' : 'lost';
    return {
      ref: `${id}/chargeback/${index + 1}`,
      standing: withBank ? undecided : 'won',
      wireStatus: withBank ? status : 'chargeback_reversed',
      reason: 'chargeback',
      amount: takenBack(purchase, at),
      fee: null,
      evidenceDueBy: null,
      openedAt: isoOf(openedOn),
    };
  });
}

/** CHIP does not say how much the bank took: what had not been given back by then, and where nothing seems left, all of it. */
function takenBack(purchase: PurchaseWire, at: number): Money {
  const { amount, currency } = paidIn(purchase);
  const before = purchase.status_history.slice(0, at).some(({ status }) => status === 'refunded');
  const left = before ? amount - refundedOf(purchase).minor : amount;
  return moneyOf(left > 0 ? left : amount, currency);
}

const BY_PAYER = new Set(['execute', 'authorize', 'charge']);

/** The last try, when it failed. Tries have no names: each is counted from the first, and none is ever taken away. */
function declineOf({ id, transaction_data: { attempts } }: PurchaseWire): Decline | null {
  const tries = attempts.filter(({ type }) => BY_PAYER.has(type));
  const [last] = tries;
  if (!last || last.successful) return null;
  const code = codeOf(last);
  return {
    id: `${id}/${tries.length}/${last.processing_time ?? 0}`,
    code,
    declineCode: null,
    message: last.error?.message || code.replaceAll('_', ' '),
  };
}

const codeOf = ({ error }: AttemptWire): string => error?.code || 'payment_failed';

/** Refunds that CHIP tried, newest first. */
export const refundTries = ({ transaction_data: { attempts } }: PurchaseWire): readonly AttemptWire[] =>
  attempts.filter(({ type }) => type === 'refund');

/** Why a refund that was tried could not be made. */
export function failureOf(tried: AttemptWire) {
  const code = tried.error?.code || 'purchase_refund_error';
  return { code, message: tried.error?.message || code.replaceAll('_', ' ') };
}

function methodOf({ transaction_data: { payment_method: type, extra } }: PurchaseWire): PaymentMethod | null {
  if (!type) return null;
  return { type, brand: extra?.card_brand ?? null, last4: /\d{4}$/.exec(extra?.masked_pan ?? '')?.[0] ?? null };
}
