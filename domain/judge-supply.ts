// Whether the supplier and we say the same of an order, and of what is left of the balance we buy from.
import type { Booking, SupplierOrder } from './booking.ts';
import { isOver } from './booking.ts';
import type { Finding } from './findings.ts';
import { findingsOf } from './judging.ts';
import type { Recorded } from './judge-booking.ts';
import type { Report } from './judging.ts';
import { money } from './money.ts';
import type { Money } from './money.ts';
import type { SupplierName, SupplyFact } from './supply.ts';

export interface OrderSeen {
  readonly booking: Booking;
  readonly order: SupplierOrder;
  readonly fact: SupplyFact | { readonly kind: 'absent' };
  /** Staff or the terms let it stand there at our cost. */
  readonly isWrittenOff: boolean;
}

export const wasWrittenOff = (events: readonly Recorded[], { generation }: SupplierOrder): boolean =>
  events.some(({ event }) => event.type === 'supplier.ended' && event.generation === generation && event.writtenOffBy);

export function judgeSupplierOrder({ booking, order, fact, isWrittenOff }: OrderSeen): readonly Finding[] {
  return findingsOf(booking, (report) => {
    const keptMinor = order.paidMinor - order.returnedMinor;
    const kept = money(keptMinor, order.net.currency);
    if ('kind' in fact) {
      const isMissed = keptMinor > 0 || !isOver(order);
      const unexplained = keptMinor > 0 ? kept : null;
      const evidence = { order: order.orderNo, status: order.status, paid: order.paidMinor };
      if (isMissed) report('I-30', { kind: 'missing_there', subject: order.id, unexplained, evidence });
      return;
    }
    judgePaid(order, fact, report);
    judgeStanding({ order, fact, isWrittenOff }, report);
    judgeReturn(order, fact, report);
  });
}

const evidenceOf = (order: SupplierOrder, fact: SupplyFact) => ({
  order: fact.orderNo,
  status: order.status,
  statusThere: fact.wireStatus,
  paid: order.paidMinor,
  returned: order.returnedMinor,
  paidThere: fact.paid,
});

function judgePaid(order: SupplierOrder, fact: SupplyFact, report: Report): void {
  const evidence = { ...evidenceOf(order, fact), net: fact.net.minor };
  if (order.paidMinor === 0 && fact.paid)
    report('I-30', { kind: 'missing_here', subject: order.id, unexplained: fact.net, evidence });
  // Nothing is lost by it, but our balance there moved twice, and our books do not say so.
  if (order.paidMinor === 0 && isOver(order) && fact.refunded)
    report('I-30', { kind: 'missing_here', subject: order.id, unexplained: null, evidence });
  if (isOver(order) || order.paidMinor === 0) return;
  if (!fact.paid && !isOver(fact)) {
    const unexplained = money(order.paidMinor, order.net.currency);
    report('I-30', { kind: 'missing_there', subject: order.id, unexplained, evidence });
  } else if (fact.net.currency !== order.net.currency || fact.net.minor !== order.paidMinor) {
    const isComparable = fact.net.currency === order.net.currency;
    const unexplained = isComparable ? money(Math.abs(fact.net.minor - order.paidMinor), fact.net.currency) : fact.net;
    report('I-30', { kind: 'amount_differs', subject: order.id, unexplained, evidence });
  }
}

type Standing = Pick<OrderSeen, 'order' | 'isWrittenOff'> & { readonly fact: SupplyFact };

function judgeStanding({ order, fact, isWrittenOff }: Standing, report: Report): void {
  const evidence = evidenceOf(order, fact);
  const subject = `${order.id}/standing`;
  if (!isOver(order) && isOver(fact))
    report('I-23', {
      kind: 'missing_here',
      subject,
      unexplained: order.paidMinor > 0 ? money(order.paidMinor, order.net.currency) : null,
      evidence,
    });
  // Written off, it may stand there all the same: nothing came back for what it cost, and that is in the books.
  if (isOver(order) && fact.paid && !isOver(fact) && !(isWrittenOff && order.paidMinor > 0))
    report('I-24', { subject, unexplained: fact.net, evidence });
}

function judgeReturn(order: SupplierOrder, fact: SupplyFact, report: Report): void {
  const { cancellation } = fact;
  if (!isOver(order)) return;
  if (cancellation?.kind !== 'approved') return judgeReturnUntold(order, fact, report);
  const there = cancellation.returned;
  if (there.minor === order.returnedMinor) return;
  const evidence = { here: order.returnedMinor, there: there.minor, penalty: cancellation.penalty.minor };
  const unexplained = money(Math.abs(there.minor - order.returnedMinor), there.currency);
  report('I-26', { kind: 'amount_differs', subject: `${order.id}/return`, unexplained, evidence });
}

/** Without figures there is still its word on whether it has our money. */
function judgeReturnUntold(order: SupplierOrder, fact: SupplyFact, report: Report): void {
  const [subject, evidence] = [`${order.id}/return`, evidenceOf(order, fact)];
  const { currency } = order.net;
  if (isOver(fact) && fact.paid && order.returnedMinor > 0)
    report('I-30', { kind: 'missing_there', subject, unexplained: money(order.returnedMinor, currency), evidence });
  // The word is no sum: of an order that gave back a part it says nothing new.
  if (isOver(fact) && fact.refunded && order.returnedMinor === 0 && order.paidMinor > 0)
    report('I-30', { kind: 'missing_here', subject, unexplained: money(order.paidMinor, currency), evidence });
}

/** A paid order at the supplier, where every order is ours, that no booking knows. */
export function judgeListedOrder(fact: SupplyFact): readonly Finding[] {
  if (!fact.paid) return [];
  return findingsOf({ id: null }, (report) =>
    report('I-4', {
      kind: 'missing_here',
      subject: fact.orderNo,
      unexplained: fact.net,
      evidence: { ourRef: fact.ourRef, statusThere: fact.wireStatus, net: fact.net.minor },
    }),
  );
}

/** Both read while no order was in motion, so that they speak of the same moment. */
export interface BalanceSeen {
  readonly supplier: SupplierName;
  readonly reported: Money;
  /** What our ledger has drawn from it, in all. */
  readonly ledgerMinor: number;
}

/** Nobody tells us of top-ups, so only what left the balance beside our ledger can be found. */
export function judgeBalance(before: BalanceSeen | undefined, now: BalanceSeen): readonly Finding[] {
  if (!before || before.reported.currency !== now.reported.currency) return [];
  const drift = now.reported.minor - now.ledgerMinor - (before.reported.minor - before.ledgerMinor);
  if (drift >= 0) return [];
  // Both figures move with each sale; what is missing does not.
  const evidence = { reportedBefore: before.reported.minor, ledgerBefore: before.ledgerMinor, drift };
  const unexplained = money(-drift, now.reported.currency);
  return findingsOf({ id: null }, (report) =>
    report('I-30', { kind: 'amount_differs', subject: `balance ${now.supplier}`, unexplained, evidence }),
  );
}
