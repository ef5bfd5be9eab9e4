// What a customer was told would come back: good for ten minutes, and used once.
import { and, eq, sql } from 'drizzle-orm';
import type { Queryable, Transaction } from './client.ts';
import { cancelQuotes } from './schema.ts';

export type CancelQuote = typeof cancelQuotes.$inferSelect;

export async function keepQuote(on: Queryable, quote: typeof cancelQuotes.$inferInsert): Promise<void> {
  await on.insert(cancelQuotes).values(quote);
}

export interface FoundQuote {
  readonly quote: CancelQuote;
  /** By the database's clock, at this moment. */
  readonly hasRunOut: boolean;
}

export async function findQuote(
  on: Queryable,
  { bookingId, quoteId }: { bookingId: string; quoteId: string },
): Promise<FoundQuote | undefined> {
  const hasRunOut = sql<boolean>`${cancelQuotes.expiresAt} <= clock_timestamp()`;
  const [found] = await on
    .select({ quote: cancelQuotes, hasRunOut })
    .from(cancelQuotes)
    .where(and(eq(cancelQuotes.id, quoteId), eq(cancelQuotes.bookingId, bookingId)));
  return found;
}

/** Remembers what the booking is told, so that a second try tells it the same. The caller holds the booking's lock. */
export async function markQuoteUsed(tx: Transaction, quoteId: string, toldRefundMinor: number | null): Promise<void> {
  await tx
    .update(cancelQuotes)
    .set({ usedAt: sql`now()`, toldRefundMinor })
    .where(eq(cancelQuotes.id, quoteId));
}
