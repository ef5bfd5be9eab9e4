// When a call that moves something at a supplier was begun and ended: the evidence on which it may be repeated.
import { and, eq, sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import type { Queryable } from './client.ts';
import { supplierOrders } from './schema.ts';

export interface CallTrace {
  readonly calledAt: Date | null;
  /** Null while the call may still be under way, or its caller died. */
  readonly endedAt: Date | null;
  readonly absences: number;
}

const columns = {
  place: { called: supplierOrders.placeCalledAt, ended: supplierOrders.placeEndedAt, from: 'placing' },
  pay: { called: supplierOrders.payCalledAt, ended: supplierOrders.payEndedAt, from: 'unpaid' },
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

/** No call was begun since; compared as it was read, in milliseconds, whoever wrote it. */
function stillLast(call: CallKind, calledAt: Date | null): SQL {
  const { called } = columns[call];
  return sql`date_trunc('milliseconds', ${called}) is not distinct from ${calledAt?.toISOString() ?? null}::timestamptz`;
}

export interface CallBeginning {
  readonly call: CallKind;
  readonly at: Date;
  /** The last call that the decision to make this one rests on. */
  readonly since: Date | null;
}

/** False when another try has called meanwhile, or the order is past this call: what was seen of it is out of date. */
export async function callBegins(on: Queryable, orderId: string, { call, at, since }: CallBeginning): Promise<boolean> {
  const set =
    call === 'place'
      ? { placeCalledAt: at, placeEndedAt: sql`null`, placeAbsences: 0 }
      : { payCalledAt: at, payEndedAt: sql`null` };
  const isDue = eq(supplierOrders.status, columns[call].from);
  const begun = await on
    .update(supplierOrders)
    .set(set)
    .where(and(eq(supplierOrders.id, orderId), isDue, stillLast(call, since)))
    .returning({ id: supplierOrders.id });
  return begun.length > 0;
}

export interface CallEnd {
  readonly call: CallKind;
  readonly calledAt: Date;
  /** From here on the waiting time of the proof counts. */
  readonly at: Date;
}

/** Of this call only: a later one may still be under way. */
export async function callEnded(on: Queryable, orderId: string, { call, calledAt, at }: CallEnd): Promise<void> {
  const set = call === 'place' ? { placeEndedAt: at } : { payEndedAt: at };
  await on
    .update(supplierOrders)
    .set(set)
    .where(and(eq(supplierOrders.id, orderId), stillLast(call, calledAt)));
}

/** How often the order was looked for in vain since that call; nought when there was another since. */
export async function countAbsence(on: Queryable, orderId: string, calledAt: Date): Promise<number> {
  const [row] = await on
    .update(supplierOrders)
    .set({ placeAbsences: sql`${supplierOrders.placeAbsences} + 1` })
    .where(and(eq(supplierOrders.id, orderId), stillLast('place', calledAt)))
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
