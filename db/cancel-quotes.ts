// What a customer was told would come back: good for ten minutes, and used once.
import { and, eq, gt, isNull, sql } from 'drizzle-orm';
import type { Queryable } from './client.ts';
import { cancelQuotes } from './schema.ts';

export type CancelQuote = typeof cancelQuotes.$inferSelect;

export async function keepQuote(on: Queryable, quote: typeof cancelQuotes.$inferInsert): Promise<void> {
  await on.insert(cancelQuotes).values(quote);
}

export type UsedQuote =
  | { kind: 'used'; quote: CancelQuote }
  /** By an earlier try whose answer may have been lost. */
  | { kind: 'used_before'; quote: CancelQuote }
  | { kind: 'expired' }
  | { kind: 'unknown' };

/** The write is the guard: a quote that runs out while it is being used is not used. */
export async function takeQuote(on: Queryable, bookingId: string, quoteId: string): Promise<UsedQuote> {
  const isThis = and(eq(cancelQuotes.id, quoteId), eq(cancelQuotes.bookingId, bookingId));
  const [taken] = await on
    .update(cancelQuotes)
    .set({ usedAt: sql`now()` })
    .where(and(isThis, isNull(cancelQuotes.usedAt), gt(cancelQuotes.expiresAt, sql`now()`)))
    .returning();
  if (taken) return { kind: 'used', quote: taken };
  const [quote] = await on.select().from(cancelQuotes).where(isThis);
  if (!quote) return { kind: 'unknown' };
  return quote.usedAt ? { kind: 'used_before', quote } : { kind: 'expired' };
}
