// After a loss nobody knows which calls were begun: what may have been asked for is looked up before it is asked for again.
import { and, asc, eq, inArray, isNull } from 'drizzle-orm';
import type { Queryable } from './client.ts';
import { refunds, supplierOrders } from './schema.ts';

const wasNotPlaced = and(eq(supplierOrders.status, 'placing'), isNull(supplierOrders.placeCalledAt));
const wasNotPaid = and(eq(supplierOrders.status, 'unpaid'), isNull(supplierOrders.payCalledAt));

/** How many traces would be laid. */
export async function callsInDoubt(on: Queryable): Promise<number> {
  const of = { id: supplierOrders.id };
  const [first, placing, unpaid] = await Promise.all([
    firstRefunds(on),
    on.select(of).from(supplierOrders).where(wasNotPlaced),
    on.select(of).from(supplierOrders).where(wasNotPaid),
  ]);
  return first.length + placing.length + unpaid.length;
}

/** How many traces were laid. `since`: no call that is in doubt was begun before. */
export async function doubtCalls(on: Queryable, since: Date): Promise<number> {
  const first = await firstRefunds(on);
  await on.update(refunds).set({ calledAt: since }).where(inArray(refunds.id, first));
  const of = { id: supplierOrders.id };
  const placed = await on.update(supplierOrders).set({ placeCalledAt: since }).where(wasNotPlaced).returning(of);
  const paid = await on.update(supplierOrders).set({ payCalledAt: since }).where(wasNotPaid).returning(of);
  return first.length + placed.length + paid.length;
}

/**
 * Of each payment the oldest refund that is under way, where nobody had called for it. Some gateways take one at a time, and what
 * they gave back bears no name: with two in doubt each would wait for the other, or both would take the same return for theirs.
 */
async function firstRefunds(on: Queryable): Promise<string[]> {
  const oldest = await on
    .selectDistinctOn([refunds.paymentId], { id: refunds.id, calledAt: refunds.calledAt })
    .from(refunds)
    .where(inArray(refunds.status, ['pending', 'unknown']))
    .orderBy(refunds.paymentId, asc(refunds.requestedAt), asc(refunds.id));
  return oldest.filter(({ calledAt }) => calledAt === null).map(({ id }) => id);
}
