// What must be true of a booking once nothing is under way: its money is used, given back or kept by agreement, and booked so.
import type { Booking } from './booking.ts';
import { holdsMoney, isEnded, isOver, isServed, totalMinor, unreturnedOf } from './booking.ts';
import { disputedOf, EXCESS, lostIn } from './dispute.ts';
import type { EventOf } from './events.ts';
import type { BookingFacts, Recorded } from './judge-booking.ts';
import { balancesOf } from './judge-history.ts';
import type { Balances } from './judge-history.ts';
import type { Report } from './judging.ts';
import { payerOf, profitOf, resultOf } from './ledger.ts';
import type { Money } from './money.ts';
import { money } from './money.ts';
import { goneMinor, sourcesOf, straySuccesses } from './payment-facts.ts';

export function judgeAtRest({ booking, events, postings }: BookingFacts, report: Report): void {
  judgeKept(booking, report);
  judgeExcess(booking, events, report);
  judgeCancelled(booking, events, report);
  judgeOrders(booking, report);
  const balances = balancesOf(postings);
  judgeClearing(balances, report);
  judgeGatewayAccounts(booking, balances, report);
  judgeSupplierAccount(booking, balances, report);
  const [profit, result] = [profitOf(booking), resultOf(postings, booking.charge.currency)];
  if (profit.minor === result.minor) return;
  const unexplained = money(Math.abs(profit.minor - result.minor), profit.currency);
  report('I-27', {
    kind: 'amount_differs',
    subject: 'profit',
    unexplained,
    evidence: { profit: profit.minor, result: result.minor },
  });
}

/** Money that stands for nothing goes back: a second success, one that came too late, one of a trip that is over. */
function judgeKept(booking: Booking, report: Report): void {
  const { phase, confirmedAt } = booking;
  const strays = isServed(phase) || (phase === 'cancelled' && confirmedAt !== null) ? straySuccesses(booking) : [];
  const ofNothing = isEnded(phase) && !(phase === 'cancelled' && confirmedAt !== null);
  // What an earlier trip's customer did not get back is for a person to give.
  const all = ofNothing ? booking.payments.filter(({ ofEarlierTrip }) => !ofEarlierTrip) : strays;
  for (const payment of all) {
    const left = unreturnedOf(booking, payment);
    if (left === 0) continue;
    const invariant = !ofNothing ? 'I-1' : phase === 'refunded' ? 'I-23' : 'I-25';
    const unexplained = money(left, payment.amount.currency);
    report(invariant, { subject: payment.id, unexplained, evidence: { phase, taken: payment.capturedMinor, left } });
  }
}

/** Who got more than he paid is a person's to talk to: the case ends, but never unseen. */
function judgeExcess({ sums, charge }: Booking, events: readonly Recorded[], report: Report): void {
  const wasSeen = events.some(({ event }) => event.type === 'attention.raised' && event.step === EXCESS);
  if (sums.overReturnedMinor === 0 || wasSeen) return;
  const unexplained = money(sums.overReturnedMinor, charge.currency);
  report('I-3', { subject: 'excess', unexplained, evidence: { ...sums, seen: 0 } });
}

const isCancellation = (fact: Recorded): fact is Recorded & { event: EventOf<'booking.cancelled'> } =>
  fact.event.type === 'booking.cancelled';

/** The customer was promised a sum when he cancelled: it went back beside what had gone before, or his bank has it. */
function judgeCancelled(booking: Booking, events: readonly Recorded[], report: Report): void {
  const cancelled = events.find(isCancellation);
  const promised = cancelled?.event.refund;
  if (!cancelled || !promised || booking.phase !== 'cancelled' || booking.confirmedAt === null) return;
  const paying = sourcesOf(booking, 'cancellation');
  const sources = paying.map(({ id }) => id);
  const before = booking.refunds.filter(
    ({ cause, status, requestedAt, paymentId }) =>
      sources.includes(paymentId) && cause !== 'cancellation' && holdsMoney(status) && requestedAt < cancelled.at,
  );
  const beforeMinor = totalMinor(before) + lostBefore(booking, events, { cancelled, sources });
  const gone = goneMinor(booking, 'cancellation');
  const given = totalMinor(booking.refunds.filter((r) => r.cause === 'cancellation' && holdsMoney(r.status)));
  // A refund of staff that was reserved while the quote was accepted may have left less than it says.
  const leftMinor = paying.reduce((sum, { capturedMinor }) => sum + capturedMinor, 0) - beforeMinor;
  const owedMinor = Math.min(promised.minor, Math.max(0, leftMinor));
  const off = Math.max(owedMinor + beforeMinor - gone, given - promised.minor);
  if (off <= 0) return;
  const evidence = { promised: promised.minor, given, gone, goneBefore: beforeMinor };
  report('I-26', { kind: 'amount_differs', unexplained: money(off, promised.currency), evidence });
}

/** What a bank had taken for good before the customer cancelled, and has not given back since. */
function lostBefore({ disputes }: Booking, events: readonly Recorded[], { cancelled, sources }: Cancelling): number {
  const told = new Map<string, number>();
  for (const { event } of events.slice(0, events.indexOf(cancelled)))
    if ('standing' in event && sources.includes(event.paymentId)) told.set(event.ref, lostIn(event));
  return disputes.reduce((sum, dispute) => sum + Math.min(told.get(dispute.ref) ?? 0, lostIn(dispute)), 0);
}

interface Cancelling {
  readonly cancelled: Recorded;
  /** The payments that paid for the trip. */
  readonly sources: readonly string[];
}

function judgeOrders({ phase, supplierOrders }: Booking, report: Report): void {
  for (const order of supplierOrders)
    if (isEnded(phase) && !isOver(order) && order.paidMinor > 0)
      report('I-24', {
        subject: order.id,
        unexplained: money(order.paidMinor, order.net.currency),
        evidence: { phase, status: order.status },
      });
}

const CLEARING = /^(customer_receivable|refunds_payable|supplier_payable|disputes)\b(?!_)/;

function judgeClearing(balances: Balances, report: Report): void {
  for (const [account, { minor, currency }] of balances)
    if (CLEARING.test(account) && minor !== 0)
      report('I-29', {
        kind: 'ledger_unbalanced',
        subject: account,
        unexplained: money(Math.abs(minor), currency),
        evidence: { account, minor },
      });
}

/** What lies at a gateway by the ledger, and by the rows of payments, refunds and disputes; and what staff laid out beside them. */
function judgeGatewayAccounts(booking: Booking, balances: Balances, report: Report): void {
  const rows = new Map<string, { minor: number; currency: string }>();
  const add = (party: string, { minor, currency }: Money): void => {
    const key = `gateway_clearing ${party} ${currency}`;
    rows.set(key, { minor: (rows.get(key)?.minor ?? 0) + minor, currency });
  };
  for (const payment of booking.payments) {
    const { currency } = payment.amount;
    const fees = booking.disputes.filter((d) => d.paymentId === payment.id && d.fee?.currency === currency);
    const left =
      payment.capturedMinor -
      (payment.feeMinor ?? 0) -
      disputedOf(booking, payment) -
      fees.reduce((sum, { fee }) => sum + (fee?.minor ?? 0), 0);
    add(payment.gateway, money(left, currency));
  }
  for (const refund of booking.refunds.filter(({ status }) => status === 'succeeded'))
    add(payerOf(booking, refund), money(-refund.amount.minor, refund.amount.currency));
  // Also where no row is left that would speak of it.
  for (const [key, { currency }] of balances)
    if (key.startsWith('gateway_clearing ') && !rows.has(key)) rows.set(key, { minor: 0, currency });
  compare(rows, balances, (key, found) => report('I-28', { kind: 'amount_differs', subject: key, ...found }));
}

function judgeSupplierAccount({ supplierOrders }: Booking, balances: Balances, report: Report): void {
  const rows = new Map<string, { minor: number; currency: string }>();
  for (const { supplier, net, paidMinor, returnedMinor } of supplierOrders) {
    const key = `supplier_balance ${supplier} ${net.currency}`;
    rows.set(key, { minor: (rows.get(key)?.minor ?? 0) + returnedMinor - paidMinor, currency: net.currency });
  }
  compare(rows, balances, (key, found) => report('I-30', { kind: 'amount_differs', subject: key, ...found }));
}

type Differing = Pick<Parameters<Report>[1], 'unexplained' | 'evidence'>;

function compare(rows: Balances, balances: Balances, differs: (key: string, found: Differing) => void): void {
  for (const [key, { minor, currency }] of rows) {
    const ledger = balances.get(key)?.minor ?? 0;
    if (ledger === minor) continue;
    differs(key, { unexplained: money(Math.abs(ledger - minor), currency), evidence: { rows: minor, ledger } });
  }
}
