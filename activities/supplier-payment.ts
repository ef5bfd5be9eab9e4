// Paying an order from the prepaid balance: at worst a second call is a second debit, so it needs proof.
import { callEnded, traceOf } from '../db/supplier-calls.ts';
import type { CallTrace } from '../db/supplier-calls.ts';
import type { Booking, SupplierOrder } from '../domain/booking.ts';
import { isOver, supplierOrderOf } from '../domain/booking.ts';
import { digestOf } from '../domain/digest.ts';
import type { SupplyPaid } from '../domain/supply.ts';
import { SETTLE_MS, traced, waitUntilSettled } from './call-trace.ts';
import type { Deps } from './deps.ts';
import { notYetUnless } from './failures.ts';
import { mustLoad } from './loading.ts';
import { endingIn, recordEnd } from './supplier-ending.ts';
import type { OrderEnd } from './supplier-ending.ts';
import type { PayOutcome, SupplyInput } from './supply-outcomes.ts';

export async function payOrder(deps: Deps, { bookingId, generation }: SupplyInput): Promise<PayOutcome> {
  const { booking } = await mustLoad(deps, bookingId);
  const order = supplierOrderOf(booking, generation);
  const { orderNo } = order;
  if (order.status === 'pending' || order.status === 'confirmed') return { kind: 'paid', now: digestOf(booking) };
  if (order.status !== 'unpaid' || orderNo === null) return overBefore(order, booking);
  const supplier = deps.suppliers[order.supplier];
  const trace = await traceOf(deps.db, order.id, 'pay');
  const before = trace.calledAt ? await paidAlready(deps, order, trace) : undefined;
  if (before?.kind === 'over') return ended(deps, { bookingId, generation, ...before.end });
  if (before) return recordPayment(deps, { bookingId, order, paid: before });
  const call = { orderId: order.id, call: 'pay', since: trace.calledAt } as const;
  const { answer: paid, calledAt } = await traced(deps, call, () => supplier.pay(orderNo));
  // A clear no leaves nothing in doubt. The trace stays: somebody may have paid by other means when it is tried again.
  if (paid.kind === 'insufficient_balance') await callEnded(deps.db, order.id, { call: 'pay', calledAt, at: calledAt });
  return recordPayment(deps, { bookingId, order, paid });
}

function overBefore({ status }: SupplierOrder, booking: Booking): PayOutcome {
  const now = digestOf(booking);
  if (status !== 'rejected') return { kind: 'expired', now };
  return { kind: 'refused', reason: 'not_available', message: 'the supplier rejected the order', now };
}

async function ended(deps: Deps, end: OrderEnd): Promise<PayOutcome> {
  const after = await recordEnd(deps, end);
  return overBefore(supplierOrderOf(after, end.generation), after);
}

/** How long an order may look strange before staff are called. */
const DOUBT_PATIENCE_MS = 5 * 60_000;

type Before = { kind: 'paid' } | { kind: 'over'; end: ReturnType<typeof endingIn> };

/** Undefined when the supplier itself says, long enough after the call, that it is unpaid. */
async function paidAlready(deps: Deps, order: SupplierOrder, trace: CallTrace): Promise<Before | undefined> {
  const asOf = deps.clock();
  const fact = await deps.suppliers[order.supplier].look(order.orderNo ?? '');
  const doubt = (what: string, delayMs: number) =>
    notYetUnless(what, {
      sinceMs: trace.calledAt?.getTime() ?? 0,
      nowMs: deps.clock().getTime(),
      patienceMs: DOUBT_PATIENCE_MS,
      delayMs,
    });
  if ('kind' in fact) throw doubt('the order is not readable', 1_000);
  if (fact.paid || fact.status === 'pending' || fact.status === 'confirmed') return { kind: 'paid' };
  if (isOver(fact)) return { kind: 'over', end: endingIn(fact) };
  if (fact.status !== 'unpaid') throw doubt(`the order is ${fact.wireStatus}`, SETTLE_MS);
  waitUntilSettled(trace, asOf);
  return undefined;
}

interface PaymentRecord {
  readonly bookingId: string;
  readonly order: SupplierOrder;
  readonly paid: SupplyPaid;
}

async function recordPayment(deps: Deps, { bookingId, order, paid }: PaymentRecord): Promise<PayOutcome> {
  const { generation, net } = order;
  switch (paid.kind) {
    case 'paid': {
      const after = await deps.record(bookingId, () => [{ type: 'supplier.paid', generation, amount: net }]);
      return { kind: 'paid', now: digestOf(after) };
    }
    case 'insufficient_balance':
      return {
        kind: 'insufficient_balance',
        payBy: order.payBy,
        now: digestOf((await mustLoad(deps, bookingId)).booking),
      };
    case 'expired':
      return ended(deps, { bookingId, generation, as: 'expired', cancel: null });
    case 'sold_out':
    case 'not_available':
    case 'invalid':
    case 'price_changed':
      return {
        kind: 'refused',
        reason: paid.kind,
        message: paid.message,
        now: digestOf((await mustLoad(deps, bookingId)).booking),
      };
  }
}
