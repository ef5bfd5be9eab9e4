// What a customer was told would come back: good for ten minutes, and used once.
import { and, eq, sql } from 'drizzle-orm';
import { bigint, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import type { Queryable, Transaction } from './client.ts';

const minor = (name: string) => bigint(name, { mode: 'number' });
const moment = (name: string) => timestamp(name, { withTimezone: true });

export const cancelQuotes = pgTable('cancel_quotes', {
  id: text('id').primaryKey(),
  bookingId: text('booking_id').notNull(),
  refundMinor: minor('refund_minor').notNull(),
  keepMinor: minor('keep_minor').notNull(),
  currency: text('currency').notNull(),
  reason: text('reason').notNull(),
  createdAt: moment('created_at')
    .notNull()
    .default(sql`now()`),
  expiresAt: moment('expires_at').notNull(),
  usedAt: moment('used_at'),
  toldRefundMinor: minor('told_refund_minor'),
});

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
