// What open bookings will still need from the prepaid balance.
import { and, eq, inArray, isNull, notExists, sql } from 'drizzle-orm';
import { money } from '../domain/money.ts';
import type { Money } from '../domain/money.ts';
import type { Queryable } from './client.ts';
import { bookings, supplierOrders } from './schema.ts';

/** Nets of bookings that are paid, or may yet be, and whose supplier order is not paid from this currency's balance. */
export async function committedNet(on: Queryable, currency: string): Promise<Money> {
  const paidOrder = on
    .select({ one: sql`1` })
    .from(supplierOrders)
    .where(and(eq(supplierOrders.bookingId, bookings.id), sql`${supplierOrders.paidMinor} > 0`));
  const open = and(
    inArray(bookings.phase, ['awaiting_payment', 'processing', 'confirming']),
    eq(bookings.netCurrency, currency),
    isNull(bookings.confirmedAt),
    notExists(paidOrder),
  );
  const [row] = await on
    .select({ minor: sql<string>`coalesce(sum(${bookings.netMinor}), 0)` })
    .from(bookings)
    .where(open);
  return money(Number(row?.minor ?? 0), currency);
}
