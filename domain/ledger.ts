// Double entry: what each fact does to the accounts. Debits are positive, credits negative.
import type { Booking, Payment, Refund, SupplierOrder } from './booking.ts';
import {
  currentSupplierOrder,
  isForTrip,
  isMadeByHand,
  isStray,
  paymentOf,
  refundOf,
  refundedOf,
  supplierOrderOf,
  unreturnedOf,
} from './booking.ts';
import { lostMinor } from './dispute.ts';
import { lossInAdvance, shiftsOfDispute, shiftsOfRefund } from './dispute-postings.ts';
import type { Shift } from './dispute-postings.ts';
import type { BookingEvent, EventOf } from './events.ts';
import type { Money } from './money.ts';
import { convert, money, subtract, zero } from './money.ts';
import { duplicateSuccesses, sourcesOf } from './payment-facts.ts';

export const ACCOUNTS = [
  'customer_receivable',
  'gateway_clearing',
  'gateway_fees',
  'supplier_balance',
  'supplier_payable',
  'supplier_penalties',
  'revenue',
  'refunds_payable',
  'disputes',
  'dispute_losses',
  'fx',
] as const;
export type Account = (typeof ACCOUNTS)[number];

export interface Posting {
  readonly account: Account;
  /** The gateway or supplier whose sub-account it is, else empty. */
  readonly party: string;
  readonly minor: number;
  readonly currency: string;
}

export function postingsFor(event: BookingEvent, before: Booking): readonly Posting[] {
  switch (event.type) {
    case 'payment.captured':
      return moneyTaken(event, before);
    case 'payment.fee_known': {
      const { gateway, feeMinor } = paymentOf(before, event.paymentId);
      return feePaid(money(event.fee.minor - (feeMinor ?? 0), event.fee.currency), gateway);
    }
    case 'supplier.paid': {
      const { supplier } = supplierOrderOf(before, event.generation);
      return transfer(event.amount, ['supplier_payable', supplier], ['supplier_balance', supplier]);
    }
    case 'booking.confirmed':
      return earned(before);
    case 'supplier.ended':
      return supplierEnded(event, before);
    case 'refund.requested':
      return event.needsApproval ? [] : refundOwed(event, before);
    case 'refund.approved':
      return refundOwed(refundOf(before, event.refundId), before);
    case 'refund.succeeded': {
      const refund = { ...refundOf(before, event.refundId), ref: event.ref };
      return transfer(refund.amount, ['refunds_payable', ''], ['gateway_clearing', payerOf(before, refund)]);
    }
    case 'refund.failed':
      return refundFailed(event, before);
    case 'dispute.opened':
    case 'dispute.updated':
    case 'dispute.closed':
      return shifted(shiftsOfDispute(event, before), paymentOf(before, event.paymentId));
    case 'payment.opened':
    case 'payment.refused':
    case 'payment.action_required':
    case 'payment.processing':
    case 'payment.abandoned':
    case 'payment.adopted':
    case 'payment.authorised':
    case 'payment.declined':
    case 'payment.closed':
    case 'payment.duplicate_refunded':
    case 'supplier.placing':
    case 'supplier.ordered':
    case 'supplier.refused':
    case 'supplier.confirmed':
    case 'vouchers.ready':
    case 'documents.issued':
    case 'booking.revived':
    case 'booking.expired':
    case 'booking.failed':
    case 'booking.cancelled':
    case 'booking.compensation_started':
    case 'booking.compensated':
    case 'refund.pending':
    case 'attention.raised':
    case 'attention.cleared':
    case 'notice.resent':
      return [];
  }
}

function moneyTaken({ paymentId, amount, fee }: EventOf<'payment.captured'>, before: Booking): Posting[] {
  const { gateway } = paymentOf(before, paymentId);
  const taken = transfer(amount, ['gateway_clearing', gateway], ['customer_receivable', '']);
  return fee ? [...taken, ...feePaid(fee, gateway)] : taken;
}

type Side = readonly [Account, string];

function transfer(amount: Money, debit: Side, credit: Side): Posting[] {
  if (amount.minor === 0) return [];
  return [posting(debit, amount.minor, amount.currency), posting(credit, -amount.minor, amount.currency)];
}

const posting = ([account, party]: Side, minor: number, currency: string): Posting => ({
  account,
  party,
  minor,
  currency,
});

const feePaid = (fee: Money, gateway: string): Posting[] =>
  transfer(fee, ['gateway_fees', ''], ['gateway_clearing', gateway]);

/** What the supplier took, in the currency the customer paid in, at the rate frozen with the price. */
function inChargeCurrency(amount: Money, booking: Pick<Booking, 'charge' | 'fxRate'>): Money {
  if (amount.currency === booking.charge.currency) return amount;
  if (!booking.fxRate) throw new Error(`no frozen rate from ${amount.currency} to ${booking.charge.currency}`);
  return convert(amount, booking.fxRate, booking.charge.currency);
}

function shifted(shifts: readonly Shift[], { gateway, amount }: Payment): Posting[] {
  const sideOf = (account: Account): Side => [account, KEPT_AT_GATEWAY.includes(account) ? gateway : ''];
  return shifts.flatMap(({ minor, to, from }) => transfer(money(minor, amount.currency), sideOf(to), sideOf(from)));
}

const KEPT_AT_GATEWAY: readonly Account[] = ['gateway_clearing', 'disputes'];

/** Confirmation turns the customer's advance into what the trip cost us and what we earned. */
function earned(booking: Booking): Posting[] {
  const order = currentSupplierOrder(booking);
  const advance = advanceOf(booking);
  if (!order || order.paidMinor === 0) return transfer(advance, ['customer_receivable', ''], ['revenue', '']);
  const paid = money(order.paidMinor, order.net.currency);
  const cost = inChargeCurrency(paid, booking);
  return [
    ...transfer(subtract(advance, cost), ['customer_receivable', ''], ['revenue', '']),
    ...crossing(
      { amount: cost, side: ['customer_receivable', ''] },
      { amount: paid, side: ['supplier_payable', order.supplier] },
    ),
  ];
}

/** What was taken for the trip, less what was given back or promised, or lost to a bank, before it was confirmed. */
function advanceOf(booking: Booking): Money {
  const [paying] = sourcesOf(booking, 'compensation');
  if (!paying) return zero(booking.charge.currency);
  const gone = refundedOf(booking, paying) + lossInAdvance(booking);
  return money(paying.capturedMinor - gone, paying.amount.currency);
}

/** Moves value between two accounts that may be kept in different currencies, over the fx account. */
function crossing(to: Leg, from: Leg): Posting[] {
  if (to.amount.currency === from.amount.currency) return transfer(to.amount, to.side, from.side);
  return [...transfer(to.amount, to.side, ['fx', '']), ...transfer(from.amount, ['fx', ''], from.side)];
}

/** One end of a transfer, in the currency its account is kept in. */
interface Leg {
  readonly amount: Money;
  readonly side: Side;
}

function supplierEnded(event: EventOf<'supplier.ended'>, before: Booking): Posting[] {
  const order = supplierOrderOf(before, event.generation);
  if (order.paidMinor === 0) return [];
  const balance: Side = ['supplier_balance', order.supplier];
  const back = inChargeCurrency(event.returned, before);
  // Before confirmation the price is still owed to the supplier; after it, it is our cost.
  if (before.confirmedAt)
    return crossing({ amount: event.returned, side: balance }, { amount: back, side: ['revenue', ''] });
  const kept = money(order.paidMinor - event.returned.minor, order.net.currency);
  return [
    ...transfer(event.returned, balance, ['supplier_payable', order.supplier]),
    ...crossing(
      { amount: inChargeCurrency(kept, before), side: ['supplier_penalties', order.supplier] },
      { amount: kept, side: ['supplier_payable', order.supplier] },
    ),
  ];
}

function refundOwed({ amount, cause, paymentId }: Owed, before: Booking): Posting[] {
  const payment = paymentOf(before, paymentId);
  const paidTrip = !isStray(cause) && (isForTrip(before, payment) || payment.ofEarlierTrip);
  const isEarned = payment.ofEarlierTrip ? payment.earnedEarlier : before.confirmedAt !== null;
  const from: Account = isEarned && paidTrip ? 'revenue' : 'customer_receivable';
  return [
    ...transfer(amount, [from, ''], ['refunds_payable', '']),
    ...shifted(shiftsOfRefund(before, paymentId, amount.minor), payment),
  ];
}

type Owed = Pick<Refund, 'amount' | 'cause' | 'paymentId'>;

function refundFailed(event: EventOf<'refund.failed'>, before: Booking): Posting[] {
  const refund = refundOf(before, event.refundId);
  if (refund.status === 'awaiting_approval' || refund.status === 'failed') return [];
  // As if it had never been asked for: owed on the state without it, and taken back.
  const without = { ...before, refunds: before.refunds.filter((each) => each !== refund) };
  const owedAgain = refundOwed(refund, without).map((p) => ({ ...p, minor: -p.minor }));
  if (refund.status !== 'succeeded') return owedAgain;
  const payer = payerOf(before, refund);
  return [...transfer(refund.amount, ['gateway_clearing', payer], ['refunds_payable', '']), ...owedAgain];
}

/** Out of what a return was paid: what staff gave by other means still lies at the gateway, and money from the desk goes back over the desk. */
export function payerOf(booking: Booking, refund: Pick<Refund, 'paymentId' | 'ref'>): string {
  const { gateway } = paymentOf(booking, refund.paymentId);
  return isMadeByHand(refund) && gateway !== 'on_arrival' ? 'by_hand' : gateway;
}

const RESULT_ACCOUNTS: readonly Account[] = ['revenue', 'gateway_fees', 'supplier_penalties', 'dispute_losses'];

/** Profit as the ledger sees it: income is a credit, so the sign turns. */
export function resultOf(postings: readonly Posting[], currency: string): Money {
  const minor = postings
    .filter((p) => RESULT_ACCOUNTS.includes(p.account) && p.currency === currency)
    .reduce((sum, p) => sum - p.minor, 0);
  return money(minor, currency);
}

/** Profit by the formula: captured − returned − lost in disputes − cost − fees. Equal to the ledger's result once confirmed. */
export function profitOf(booking: Booking): Money {
  const isInChargeCurrency = ({ amount }: { amount: Money }): boolean => amount.currency === booking.charge.currency;
  const { capturedMinor, refundedMinor, reservedMinor, feesMinor } = booking.sums;
  const strays = duplicateSuccesses(booking).filter((each) => isInChargeCurrency(each) && !each.earnedEarlier);
  const owed = strays.reduce((sum, payment) => sum + unreturnedOf(booking, payment), 0);
  const cost = booking.supplierOrders.reduce((sum, order) => sum + costOf(order, booking), 0);
  const gone =
    refundedMinor + reservedMinor + lostMinor({ disputes: booking.disputes.filter(isInChargeCurrency) }) + owed;
  return money(capturedMinor - gone - cost - feesMinor, booking.charge.currency);
}

/** Rounded leg by leg as it was posted, so that both ways of counting agree to the minor unit. */
function costOf(order: SupplierOrder, booking: Booking): number {
  const inCharge = (minor: number): number => inChargeCurrency(money(minor, order.net.currency), booking).minor;
  const wasEarned = booking.confirmedAt !== null && order === currentSupplierOrder(booking);
  if (wasEarned) return inCharge(order.paidMinor) - inCharge(order.returnedMinor);
  return inCharge(order.paidMinor - order.returnedMinor);
}
