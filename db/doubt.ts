// After a loss nobody knows which calls were begun: what may have been asked for is looked up before it is asked for again.
import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { GatewayName } from '../domain/payment.ts';
import type { OpenRefund, RefundDoubt } from '../domain/refund-doubt.ts';
import { doubtOf } from '../domain/refund-doubt.ts';
import type { Queryable } from './client.ts';
import type { Left } from './recoveries.ts';
import { payments, refunds, supplierOrders } from './schema.ts';

const wasNotPlaced = and(eq(supplierOrders.status, 'placing'), isNull(supplierOrders.placeCalledAt));
const wasNotPaid = and(eq(supplierOrders.status, 'unpaid'), isNull(supplierOrders.payCalledAt));

export interface Doubting {
  /** How many traces were laid, or would be. */
  readonly doubted: number;
  /** Refunds that wait for a person. */
  readonly left: readonly Left[];
}

/** `oneByOne`: gateways that take one refund of a payment at a time, without a name of ours. */
export async function callsInDoubt(on: Queryable, oneByOne: readonly GatewayName[]): Promise<Doubting> {
  const of = { id: supplierOrders.id };
  const [doubts, placing, unpaid] = await Promise.all([
    refundDoubts(on, oneByOne),
    on.select(of).from(supplierOrders).where(wasNotPlaced),
    on.select(of).from(supplierOrders).where(wasNotPaid),
  ]);
  return { doubted: begunIn(doubts).length + placing.length + unpaid.length, left: doubts.flatMap(leftOf) };
}

interface DoubtCalls {
  /** No call that is in doubt was begun before. */
  readonly since: Date;
  readonly oneByOne: readonly GatewayName[];
}

export async function doubtCalls(on: Queryable, { since, oneByOne }: DoubtCalls): Promise<Doubting> {
  const doubts = await refundDoubts(on, oneByOne);
  const begun = begunIn(doubts);
  // Nobody asks for a refund that was not wanted yet: what failed before is another's.
  const calledAt = sql`greatest(${refunds.requestedAt}, ${since.toISOString()}::timestamptz)`;
  if (begun.length > 0) await on.update(refunds).set({ calledAt }).where(inArray(refunds.id, begun));
  const of = { id: supplierOrders.id };
  const placed = await on.update(supplierOrders).set({ placeCalledAt: since }).where(wasNotPlaced).returning(of);
  const paid = await on.update(supplierOrders).set({ payCalledAt: since }).where(wasNotPaid).returning(of);
  return { doubted: begun.length + placed.length + paid.length, left: doubts.flatMap(leftOf) };
}

interface PaymentDoubt extends RefundDoubt {
  readonly bookingId: string;
  readonly paymentId: string;
}

const begunIn = (doubts: readonly PaymentDoubt[]): string[] => doubts.flatMap(({ begun }) => begun);

async function refundDoubts(on: Queryable, oneByOne: readonly GatewayName[]): Promise<readonly PaymentDoubt[]> {
  const { id, bookingId, paymentId, ref, calledAt, requestedAt } = refunds;
  const rows = await on
    .select({ id, bookingId, paymentId, ref, calledAt, gateway: payments.gateway })
    .from(refunds)
    .innerJoin(payments, eq(payments.id, paymentId))
    .where(inArray(refunds.status, ['pending', 'unknown']))
    .orderBy(paymentId, asc(requestedAt), asc(id));
  return [...new Set(rows.map((row) => row.paymentId))].flatMap((each) => doubtIn(rows, each, oneByOne));
}

interface Row extends Omit<OpenRefund, 'wasCalled'> {
  readonly bookingId: string;
  readonly paymentId: string;
  readonly calledAt: Date | null;
  readonly gateway: GatewayName;
}

function doubtIn(rows: readonly Row[], paymentId: string, oneByOne: readonly GatewayName[]): readonly PaymentDoubt[] {
  const own = rows.filter((row) => row.paymentId === paymentId);
  const [first] = own;
  if (!first) return [];
  const open = own.map(({ id, ref, calledAt }) => ({ id, ref, wasCalled: calledAt !== null }));
  return [{ bookingId: first.bookingId, paymentId, ...doubtOf(open, { oneByOne: oneByOne.includes(first.gateway) }) }];
}

function leftOf({ bookingId, paymentId, unclear }: PaymentDoubt): readonly Left[] {
  if (unclear.length === 0) return [];
  const reason = `of the refunds ${unclear.join(', ')} of one payment the gateway may have been asked for any: each waits until a person has found out for which`;
  return [{ subject: `${bookingId}/refunds/${paymentId}`, bookingId, reason }];
}
