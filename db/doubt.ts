// After a loss nobody knows which calls were begun: what may have been asked for is looked up before it is asked for again.
import { and, eq, inArray, isNull } from 'drizzle-orm';
import type { Queryable } from './client.ts';
import { refunds, supplierOrders } from './schema.ts';

/** How many traces were laid. `since`: no call that is in doubt was begun before. */
export async function doubtCalls(on: Queryable, since: Date): Promise<number> {
  const laid = await Promise.all([
    on
      .update(refunds)
      .set({ calledAt: since })
      .where(and(inArray(refunds.status, ['pending', 'unknown']), isNull(refunds.calledAt)))
      .returning({ id: refunds.id }),
    on
      .update(supplierOrders)
      .set({ placeCalledAt: since })
      .where(and(eq(supplierOrders.status, 'placing'), isNull(supplierOrders.placeCalledAt)))
      .returning({ id: supplierOrders.id }),
    on
      .update(supplierOrders)
      .set({ payCalledAt: since })
      .where(and(eq(supplierOrders.status, 'unpaid'), isNull(supplierOrders.payCalledAt)))
      .returning({ id: supplierOrders.id }),
  ]);
  return laid.flat().length;
}
