// What customers' banks dispute: one row each, as it stands. Its history is in the booking's events.
import { asc, eq } from 'drizzle-orm';
import { bigint, boolean, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import type { Dispute } from '../domain/booking.ts';
import { money } from '../domain/money.ts';
import type { DisputeStanding } from '../domain/payment.ts';
import type { Queryable, Transaction } from './client.ts';

export const disputes = pgTable('disputes', {
  ref: text('ref').primaryKey(),
  bookingId: text('booking_id').notNull(),
  paymentId: text('payment_id').notNull(),
  standing: text('standing').$type<DisputeStanding>().notNull(),
  wireStatus: text('wire_status').notNull(),
  reason: text('reason').notNull(),
  amountMinor: bigint('amount_minor', { mode: 'number' }).notNull(),
  currency: text('currency').notNull(),
  feeMinor: bigint('fee_minor', { mode: 'number' }),
  evidenceDueBy: timestamp('evidence_due_by', { withTimezone: true }),
  openedAt: timestamp('opened_at', { withTimezone: true }).notNull(),
  turn: integer('turn').notNull(),
  ofStray: boolean('of_stray'),
});

export async function disputesOf(on: Queryable, bookingId: string): Promise<readonly Dispute[]> {
  const rows = await on
    .select()
    .from(disputes)
    .where(eq(disputes.bookingId, bookingId))
    .orderBy(asc(disputes.openedAt), asc(disputes.ref));
  return rows.map(toDispute);
}

function toDispute({ bookingId: _, ...row }: typeof disputes.$inferSelect): Dispute {
  const { amountMinor, feeMinor, currency, evidenceDueBy, openedAt, ...rest } = row;
  return {
    ...rest,
    amount: money(amountMinor, currency),
    fee: feeMinor === null ? null : money(feeMinor, currency),
    evidenceDueBy: evidenceDueBy?.toISOString() ?? null,
    openedAt: openedAt.toISOString(),
  };
}

export async function saveDispute(tx: Transaction, bookingId: string, dispute: Dispute): Promise<void> {
  const { ref, amount, fee, evidenceDueBy, openedAt, ...rest } = dispute;
  const values = {
    ...rest,
    bookingId,
    amountMinor: amount.minor,
    currency: amount.currency,
    feeMinor: fee?.minor ?? null,
    evidenceDueBy: evidenceDueBy ? new Date(evidenceDueBy) : null,
    openedAt: new Date(openedAt),
  };
  await tx
    .insert(disputes)
    .values({ ref, ...values })
    .onConflictDoUpdate({ target: disputes.ref, set: values });
}
