// Whether one booking's own books hold together: at every moment, once it has come to rest, and in time.
import type { Booking } from './booking.ts';
import { isEnded, isForTrip, isOver, isServed, isLive } from './booking.ts';
import { lostMinor } from './dispute.ts';
import type { BookingEvent } from './events.ts';
import type { Finding } from './findings.ts';
import { judgeAtRest } from './judge-rest.ts';
import { judgeHistory } from './judge-history.ts';
import { judgePace } from './judge-pace.ts';
import { findingsOf } from './judging.ts';
import type { Report } from './judging.ts';
import type { Patience } from './invariants.ts';
import type { Posting } from './ledger.ts';
import { equals, money } from './money.ts';
import type { Money } from './money.ts';
import { sumsOf } from './sums.ts';

export interface Recorded {
  readonly event: BookingEvent;
  readonly at: string;
}

export interface BookingFacts {
  readonly booking: Booking;
  /** When the last of its facts was written. */
  readonly updatedAt: string;
  readonly events: readonly Recorded[];
  readonly postings: readonly Posting[];
  /** What was ordered out of a cart; null where nothing was, undefined where it came of no cart. */
  readonly cartOrder: { readonly total: Money } | null | undefined;
}

export interface Judging {
  readonly now: Date;
  readonly patience: Patience;
}

export function judgeBooking(facts: BookingFacts, { now, patience }: Judging): readonly Finding[] {
  const stillMs = now.getTime() - Date.parse(facts.updatedAt);
  return findingsOf(facts.booking, (report) => {
    judgeMoney(facts.booking, report);
    judgeTrip(facts, report);
    judgeHistory(facts, report);
    judgePace(facts.booking, { now, stillMs, stillSince: facts.updatedAt, patience }, report);
    if (hasComeToRest(facts, { now, patience })) judgeAtRest(facts, report);
    if (isServed(facts.booking.phase)) judgeFulfilled(facts.booking, { now, patience }, report);
  });
}

/** What would be wrong if it stayed as it is: it opens nothing while something moves, and what was found stands for as long. */
export const judgeUnderWay = (facts: BookingFacts, judging: Judging): readonly Finding[] =>
  hasComeToRest(facts, judging) ? [] : findingsOf(facts.booking, (report) => judgeAtRest(facts, report));

const hasComeToRest = ({ booking, updatedAt }: BookingFacts, { now, patience }: Judging): boolean =>
  isAtRest(booking) && now.getTime() - Date.parse(updatedAt) >= patience.restMs;

/** Nothing is under way, nothing waits for a person or a bank: whatever is not right now will not become so by itself. */
function isAtRest({ phase, attention, sums, payments, refunds, disputes }: Booking): boolean {
  const isWaiting =
    attention !== null ||
    sums.reservedMinor > 0 ||
    payments.some(isLive) ||
    refunds.some(({ status }) => status === 'pending' || status === 'unknown') ||
    disputes.some(({ standing }) => standing === 'open' || standing === 'inquiry');
  return !isWaiting && (isServed(phase) || isEnded(phase));
}

function judgeMoney(booking: Booking, report: Report): void {
  const { payments, refunds, sums, charge } = booking;
  const live = payments.filter(isLive);
  if (live.length > 1) report('I-1', { evidence: { live: live.map(({ id }) => id).join(' ') } });
  for (const { id, amount, capturedMinor } of payments) {
    if (capturedMinor <= amount.minor) continue;
    const unexplained = money(capturedMinor - amount.minor, amount.currency);
    report('I-2', { subject: id, unexplained, evidence: { asked: amount.minor, taken: capturedMinor } });
  }
  const outMinor = sums.refundedMinor + sums.reservedMinor + sums.disputedMinor;
  const excessMinor = outMinor - sums.capturedMinor - sums.overReturnedMinor;
  const counted = Object.entries(sumsOf(booking));
  const off = counted.filter(([name, minor]) => minor !== Object.entries(sums).find(([known]) => known === name)?.[1]);
  if (excessMinor > 0 || off.length > 0) {
    const unexplained = excessMinor > 0 ? money(excessMinor, charge.currency) : null;
    report('I-3', { unexplained, evidence: { ...sums, miscounted: off.map(([name]) => name).join(' ') } });
  }
  for (const { id, actor, reason, amount } of refunds)
    if (actor.trim() === '' || reason.trim() === '')
      report('I-13', { subject: id, evidence: { actor, reason, minor: amount.minor } });
}

function judgeTrip({ booking, cartOrder }: BookingFacts, report: Report): void {
  const { supplierOrders, payments, disputes, phase, vouchers, sums, confirmedAt, charge } = booking;
  const standing = supplierOrders.filter((order) => !isOver(order) && order.paidMinor > 0);
  const refs = new Set(supplierOrders.map(({ ourRef }) => ourRef));
  if (standing.length > 1 || refs.size < supplierOrders.length)
    report('I-4', { evidence: { paid: standing.length, references: refs.size, orders: supplierOrders.length } });
  const wasSecured = payments.some(({ capturedAt, heldAt }) => capturedAt !== null || heldAt !== null);
  for (const { id, paidMinor, net } of supplierOrders)
    if (paidMinor > 0 && !wasSecured)
      report('I-5', { subject: id, unexplained: money(paidMinor, net.currency), evidence: { paid: paidMinor } });
  // Of exactly what it costs, and not of an earlier trip: whatever else was taken pays for nothing.
  const isPaid = payments.some((each) => each.status === 'succeeded' && isForTrip(booking, each));
  // What went back twice of one payment was not taken from another.
  const strayMinor = lostMinor({
    disputes: disputes.filter(({ ofStray, amount }) => ofStray && amount.currency === charge.currency),
  });
  const keptMinor = sums.capturedMinor - sums.refundedMinor - strayMinor + sums.overReturnedMinor;
  if (isServed(phase) && (!isPaid || keptMinor <= 0))
    report('I-18', { unexplained: charge, evidence: { phase, captured: sums.capturedMinor } });
  const open = vouchers.filter(({ status }) => status === 'ready').map(({ number }) => number);
  if (open.length > 0 && isEnded(phase))
    report('I-18', { subject: 'vouchers', evidence: { phase, ready: open.join(' ') } });
  if (confirmedAt !== null && cartOrder !== undefined && !(cartOrder && equals(cartOrder.total, charge)))
    report('I-16', { evidence: { charged: charge.minor, ordered: cartOrder?.total.minor ?? null } });
}

/** A trip of the supplier's that stands is paid and confirmed there, and its vouchers come in time. */
function judgeFulfilled(booking: Booking, { now, patience }: Judging, report: Report): void {
  const { kind, confirmedAt, vouchers, attention, charge } = booking;
  if (kind !== 'activity' || attention !== null || confirmedAt === null) return;
  const order = booking.supplierOrders.at(-1);
  if (order?.status !== 'confirmed' || order.paidMinor === 0) {
    const evidence = { order: order?.id ?? null, status: order?.status ?? null, paid: order?.paidMinor ?? 0 };
    report('I-23', { unexplained: charge, evidence });
  }
  const isLate = now.getTime() - Date.parse(confirmedAt) > patience.supplierMs;
  if (isLate && (vouchers.length === 0 || vouchers.some(({ status }) => status !== 'ready')))
    report('I-23', { kind: 'stuck', subject: 'vouchers', evidence: { vouchers: vouchers.length, confirmedAt } });
}
