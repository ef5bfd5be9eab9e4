// The bookings that were made from a cart, of which at most one may wait for its money.
import { and, desc, eq, inArray, ne, or, sql } from 'drizzle-orm';
import type { Phase } from '../domain/booking.ts';
import type { Queryable } from './client.ts';
import { bookings } from './schema.ts';

/** Somebody may still pay for it, its money may come late, or was just taken and no order made of it yet. */
const UNDECIDED: readonly Phase[] = ['awaiting_payment', 'processing', 'confirming', 'expired'];

const other = (ownHash: string | null) =>
  ownHash === null ? undefined : or(ne(bookings.bodyHash, ownHash), eq(bookings.phase, 'expired'));

const madeFrom = (cartId: string) => and(eq(bookings.storefront, 'cart'), sql`${cartOf} = ${cartId}`);
const cartOf = sql`${bookings.product} #>> '{order,cartId}'`;

/** Save the one that stands for this very request. */
export async function undecidedOf(on: Queryable, cartId: string, ownHash: string | null): Promise<readonly string[]> {
  const rows = await on
    .select({ id: bookings.id })
    .from(bookings)
    .where(and(madeFrom(cartId), inArray(bookings.phase, [...UNDECIDED]), other(ownHash)))
    .orderBy(desc(bookings.createdAt));
  return rows.map(({ id }) => id);
}

/** The newest booking of the cart: what its redirect pages are about. */
export async function newestOf(on: Queryable, cartId: string): Promise<string | undefined> {
  const [row] = await on
    .select({ id: bookings.id })
    .from(bookings)
    .where(madeFrom(cartId))
    .orderBy(desc(bookings.createdAt))
    .limit(1);
  return row?.id;
}
