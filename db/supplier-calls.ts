// When a call that moves something at a supplier was begun and ended: the evidence on which it may be repeated.
import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Queryable } from './client.ts';
import { supplierOrders } from './schema.ts';

export interface CallTrace {
  readonly calledAt: Date | null;
  /** Null while the call may still be under way, or its caller died. */
  readonly endedAt: Date | null;
  readonly absences: number;
}

const columns = {
  place: { called: supplierOrders.placeCalledAt, ended: supplierOrders.placeEndedAt },
  pay: { called: supplierOrders.payCalledAt, ended: supplierOrders.payEndedAt },
} as const;
export type CallKind = keyof typeof columns;

export async function traceOf(on: Queryable, orderId: string, call: CallKind): Promise<CallTrace> {
  const { called, ended } = columns[call];
  const [row] = await on
    .select({ calledAt: called, endedAt: ended, absences: supplierOrders.placeAbsences })
    .from(supplierOrders)
    .where(eq(supplierOrders.id, orderId));
  return row ?? { calledAt: null, endedAt: null, absences: 0 };
}

export interface CallMoment {
  readonly call: CallKind;
  readonly at: Date;
}

export async function callBegins(on: Queryable, orderId: string, { call, at }: CallMoment): Promise<void> {
  const set =
    call === 'place'
      ? { placeCalledAt: at, placeEndedAt: sql`null`, placeAbsences: 0 }
      : { payCalledAt: at, payEndedAt: sql`null` };
  await on.update(supplierOrders).set(set).where(eq(supplierOrders.id, orderId));
}

/** The call came back without an answer: from here on the waiting time of the proof counts. */
export async function callEndedUnknown(on: Queryable, orderId: string, { call, at }: CallMoment): Promise<void> {
  const { ended } = columns[call];
  const set = call === 'place' ? { placeEndedAt: at } : { payEndedAt: at };
  await on
    .update(supplierOrders)
    .set(set)
    .where(and(eq(supplierOrders.id, orderId), isNull(ended)));
}

/** The supplier said no: the trace stays, so that the next try looks first; somebody may have paid by other means. */
export async function payRefused(on: Queryable, orderId: string): Promise<void> {
  await on.update(supplierOrders).set({ payEndedAt: supplierOrders.payCalledAt }).where(eq(supplierOrders.id, orderId));
}

export async function countAbsence(on: Queryable, orderId: string): Promise<number> {
  const [row] = await on
    .update(supplierOrders)
    .set({ placeAbsences: sql`${supplierOrders.placeAbsences} + 1` })
    .where(eq(supplierOrders.id, orderId))
    .returning({ absences: supplierOrders.placeAbsences });
  return row?.absences ?? 0;
}

/** When the cancellation of an order was first found to be under way. */
export async function cancelBegan(on: Queryable, orderId: string, at: Date): Promise<Date> {
  const [row] = await on
    .update(supplierOrders)
    .set({ cancelCalledAt: sql`coalesce(${supplierOrders.cancelCalledAt}, ${at.toISOString()}::timestamptz)` })
    .where(eq(supplierOrders.id, orderId))
    .returning({ began: supplierOrders.cancelCalledAt });
  return row?.began ?? at;
}
