// Facts that other services have still to be told: which may go next, what became of them, how far behind we are.
import { and, eq, isNull, notExists, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Queryable } from './client.ts';
import { outbox } from './schema.ts';

export interface DueFact {
  readonly id: number;
  readonly topic: string;
  readonly key: string;
  readonly payload: (typeof outbox.$inferSelect)['payload'];
  readonly attempts: number;
}

/** Keys are dealt to lanes, each key to one, so that lanes need not know of each other. */
export interface Lane {
  readonly number: number;
  readonly of: number;
}

/** Of each key only the oldest unsent fact, and only when it is due: what fails holds back its own key alone. */
export async function dueFacts(on: Queryable, lane: Lane, limit: number): Promise<DueFact[]> {
  const earlier = alias(outbox, 'earlier');
  const before = on
    .select({ one: sql`1` })
    .from(earlier)
    .where(and(eq(earlier.key, outbox.key), isNull(earlier.sentAt), sql`${earlier.seq} < ${outbox.seq}`));
  const { id, topic, key, payload, attempts } = outbox;
  return on
    .select({ id, topic, key, payload, attempts })
    .from(outbox)
    .where(
      and(
        isNull(outbox.sentAt),
        sql`${outbox.nextAt} <= now()`,
        sql`abs(hashtext(${outbox.key})::bigint) % ${lane.of} = ${lane.number}`,
        notExists(before),
      ),
    )
    .orderBy(outbox.nextAt, outbox.id)
    .limit(limit);
}

export async function markTold(on: Queryable, id: number): Promise<void> {
  await on
    .update(outbox)
    .set({ sentAt: sql`now()`, attempts: sql`${outbox.attempts} + 1`, error: null })
    .where(eq(outbox.id, id));
}

export async function postponeFact(on: Queryable, id: number, delay: { ms: number; error: string }): Promise<void> {
  const nextAt = sql`now() + make_interval(secs => ${delay.ms / 1_000})`;
  await on
    .update(outbox)
    .set({ nextAt, attempts: sql`${outbox.attempts} + 1`, error: delay.error })
    .where(eq(outbox.id, id));
}

export interface OutboxLag {
  readonly waiting: number;
  /** How long the oldest has waited; null when none does. */
  readonly oldestMs: number | null;
}

export async function outboxLag(on: Queryable): Promise<OutboxLag> {
  const age = sql<string | null>`extract(epoch from now() - min(${outbox.createdAt})) * 1000`;
  const [row] = await on
    .select({ waiting: sql<number>`count(*)::int`, age })
    .from(outbox)
    .where(isNull(outbox.sentAt));
  const oldest = row?.age ?? null;
  return { waiting: row?.waiting ?? 0, oldestMs: oldest === null ? null : Math.max(0, Math.round(Number(oldest))) };
}
