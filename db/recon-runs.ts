// Each comparison of our books with those of others: what it looked at, and how far it came.
import { and, desc, eq, isNotNull, sql } from 'drizzle-orm';
import { bigint, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import type { BalanceSeen } from '../domain/judge-supply.ts';
import { money } from '../domain/money.ts';
import type { SupplierName } from '../domain/supply.ts';
import type { Queryable } from './client.ts';

/** `recent`: what changed lately, is under way, or was found wrong before. */
export type ReconScope = 'recent' | 'all';

export const reconRuns = pgTable('recon_runs', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  scope: text('scope').$type<ReconScope>().notNull(),
  startedAt: timestamp('started_at', { withTimezone: true }).notNull(),
  finishedAt: timestamp('finished_at', { withTimezone: true }),
  bookings: integer('bookings').notNull().default(0),
  payments: integer('payments').notNull().default(0),
  supplierOrders: integer('supplier_orders').notNull().default(0),
  unread: integer('unread').notNull().default(0),
});

export const supplierBalances = pgTable('supplier_balances', {
  supplier: text('supplier').$type<SupplierName>().primaryKey(),
  reportedMinor: bigint('reported_minor', { mode: 'number' }).notNull(),
  currency: text('currency').notNull(),
  ledgerMinor: bigint('ledger_minor', { mode: 'number' }).notNull(),
  readAt: timestamp('read_at', { withTimezone: true }).notNull(),
});

export interface Counts {
  readonly bookings: number;
  readonly payments: number;
  readonly supplierOrders: number;
  readonly unread: number;
}

export type ReconRun = typeof reconRuns.$inferSelect;

export async function beginRun(on: Queryable, scope: ReconScope, at: Date): Promise<ReconRun> {
  const [run] = await on.insert(reconRuns).values({ scope, startedAt: at }).returning();
  if (!run) throw new Error('the run was not written down');
  return run;
}

export async function countRun(on: Queryable, runId: number, counts: Counts): Promise<void> {
  await on
    .update(reconRuns)
    .set({
      bookings: sql`${reconRuns.bookings} + ${counts.bookings}`,
      payments: sql`${reconRuns.payments} + ${counts.payments}`,
      supplierOrders: sql`${reconRuns.supplierOrders} + ${counts.supplierOrders}`,
      unread: sql`${reconRuns.unread} + ${counts.unread}`,
    })
    .where(eq(reconRuns.id, runId));
}

export async function endRun(on: Queryable, runId: number, at: Date): Promise<ReconRun> {
  const [run] = await on.update(reconRuns).set({ finishedAt: at }).where(eq(reconRuns.id, runId)).returning();
  if (!run) throw new Error(`no run ${runId}`);
  return run;
}

export async function lastRun(on: Queryable): Promise<ReconRun | undefined> {
  const [run] = await on
    .select()
    .from(reconRuns)
    .where(isNotNull(reconRuns.finishedAt))
    .orderBy(desc(reconRuns.finishedAt))
    .limit(1);
  return run;
}

/** The last of either scope that came to its end: what one of them could not read, the other may not even have looked at. */
export async function lastRuns(on: Queryable): Promise<readonly ReconRun[]> {
  return on
    .selectDistinctOn([reconRuns.scope])
    .from(reconRuns)
    .where(isNotNull(reconRuns.finishedAt))
    .orderBy(reconRuns.scope, desc(reconRuns.finishedAt));
}

export async function balanceBefore(on: Queryable, supplier: SupplierName): Promise<BalanceSeen | undefined> {
  const [row] = await on
    .select()
    .from(supplierBalances)
    .where(and(eq(supplierBalances.supplier, supplier)));
  return row && { supplier, reported: money(row.reportedMinor, row.currency), ledgerMinor: row.ledgerMinor };
}

export async function keepBalance(
  on: Queryable,
  { supplier, reported, ledgerMinor }: BalanceSeen,
  at: Date,
): Promise<void> {
  const seen = { reportedMinor: reported.minor, currency: reported.currency, ledgerMinor, readAt: at };
  await on
    .insert(supplierBalances)
    .values({ supplier, ...seen })
    .onConflictDoUpdate({ target: supplierBalances.supplier, set: seen });
}
