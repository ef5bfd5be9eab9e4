// Rebuilding these books: the run that is under way, and the work that runs leave to a person or to a further run.
import { and, eq, gte, isNull, sql } from 'drizzle-orm';
import { bigint, pgTable, timestamp } from 'drizzle-orm/pg-core';
import type { Queryable } from './client.ts';
import { workItems } from './schema.ts';

const moment = (name: string) => timestamp(name, { withTimezone: true });

export const recoveries = pgTable('recoveries', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  since: moment('since').notNull(),
  begunAt: moment('begun_at')
    .notNull()
    .default(sql`now()`),
  finishedAt: moment('finished_at'),
});

export type RecoveryRun = typeof recoveries.$inferSelect;

/** Begun, and broken off. */
export async function unfinishedRecovery(on: Queryable): Promise<RecoveryRun | undefined> {
  const [run] = await on.select().from(recoveries).where(isNull(recoveries.finishedAt));
  return run;
}

/** Undefined when none is; else a sentence for whoever starts something: calls that are not marked as begun yet would be made twice. */
export async function whyUnfinished(on: Queryable): Promise<string | undefined> {
  const run = await unfinishedRecovery(on);
  return (
    run &&
    `The recovery of ${run.begunAt.toISOString()} was not finished: run npm run recover with --apply again before anything is started (docs/recover.md).`
  );
}

/** Goes on with the one that was broken off, if there is one; `since` is never younger than that one's. */
export async function beginRecovery(on: Queryable, since: Date): Promise<RecoveryRun> {
  const [taken] = await on.update(recoveries).set({ since }).where(isNull(recoveries.finishedAt)).returning();
  const [run] = taken ? [taken] : await on.insert(recoveries).values({ since }).returning();
  if (!run) throw new Error('the recovery was not written down');
  return run;
}

export async function endRecovery(on: Queryable, { id }: RecoveryRun): Promise<void> {
  await on
    .update(recoveries)
    .set({ finishedAt: sql`now()` })
    .where(eq(recoveries.id, id));
}

/** For a person, or for a further run. */
export interface Left {
  readonly subject: string;
  readonly bookingId: string | null;
  readonly reason: string;
}

const KIND = 'recovery';
const rowsOf = (left: readonly Left[]) => left.map((each) => ({ ...each, kind: KIND }));

/** Once, however often it is found: what a person has closed stays closed. */
export async function noteWork(on: Queryable, left: readonly Left[]): Promise<void> {
  if (left.length > 0) await on.insert(workItems).values(rowsOf(left)).onConflictDoNothing();
}

/** What we have to do ourselves, and leave to a person for as long as it is not done. */
export async function oweWork(on: Queryable, left: readonly Left[]): Promise<void> {
  if (left.length === 0) return;
  await on
    .insert(workItems)
    .values(rowsOf(left))
    .onConflictDoUpdate({
      target: [workItems.kind, workItems.subject],
      set: { reason: sql`excluded.reason`, closedAt: null },
    });
}

/** It was nobody's work after all. */
export async function dropWork(on: Queryable, subjects: readonly string[]): Promise<void> {
  const isOpen = and(eq(workItems.kind, KIND), isNull(workItems.closedAt));
  await on.delete(workItems).where(and(isOpen, sql`${workItems.subject} = any(${sql.param(subjects)})`));
}

export async function openWork(on: Queryable, since = new Date(0)): Promise<readonly Left[]> {
  return on
    .select({ subject: workItems.subject, bookingId: workItems.bookingId, reason: workItems.reason })
    .from(workItems)
    .where(and(eq(workItems.kind, KIND), isNull(workItems.closedAt), gte(workItems.createdAt, since)))
    .orderBy(workItems.id);
}
