// A database with one booking, an outbox to fill by hand, and a Kafka that does what the test says.
import { sql } from 'drizzle-orm';
import type { Message, Publisher, Publishing } from '../../adapters/kafka.ts';
import { outboxLag } from '../../db/outbox.ts';
import { outbox } from '../../db/schema.ts';
import { insertBooking, openTestDatabase } from '../api/database-under-test.ts';
import type { DatabaseUnderTest } from '../api/database-under-test.ts';

export interface OutboxBench extends DatabaseUnderTest {
  add(key: string, topic?: string): Promise<void>;
  rows(): Promise<(typeof outbox.$inferSelect)[]>;
  waiting(): Promise<number>;
}

export async function openOutboxBench(): Promise<OutboxBench> {
  const database = await openTestDatabase();
  // Its workflow was seen, so that no sweep looks for it.
  await insertBooking(database, 'bk_1', { workflowSeenAt: new Date() });
  return {
    ...database,
    add: async (key, topic = 'payment.completed') => {
      const seq = sql<number>`(select coalesce(max(seq), 0) + 1 from outbox where key = ${key})`;
      const next = await database.db.execute<{ n: number }>(
        sql`select coalesce(max(seq), 0) + 1 as n from outbox where key = ${key}`,
      );
      const payload = { bookingId: key, n: next.rows[0]?.n ?? 1 };
      await database.db.insert(outbox).values({ bookingId: 'bk_1', topic, key, seq, payload });
    },
    rows: () => database.db.select().from(outbox).orderBy(outbox.id),
    waiting: async () => (await outboxLag(database.db)).waiting,
  };
}

export interface ScriptedKafka {
  /** What arrived, in the order it was answered. */
  readonly told: Message[];
  /** Every message that was tried. */
  tries: number;
  answer(message: Message): Publishing | Promise<Publishing>;
  readonly create: () => Publisher;
}

export function scriptedKafka(): ScriptedKafka {
  const kafka: ScriptedKafka = {
    told: [],
    tries: 0,
    answer: () => ({ kind: 'accepted' }),
    create: () => ({
      publish: async (message) => {
        kafka.tries += 1;
        const outcome = await kafka.answer(message);
        if (outcome.kind === 'accepted') kafka.told.push(message);
        return outcome;
      },
      close: async () => undefined,
    }),
  };
  return kafka;
}

/** For each key the numbers that were told, in the order of telling. */
export function numbersByKey(told: readonly { readonly key: string; readonly value: string }[]): Map<string, number[]> {
  const byKey = new Map<string, number[]>();
  for (const { key, value } of told) byKey.set(key, [...(byKey.get(key) ?? []), numberIn(value)]);
  return byKey;
}

function numberIn(value: string): number {
  const parsed: unknown = JSON.parse(value);
  if (typeof parsed === 'object' && parsed !== null && 'n' in parsed) return Number(parsed.n);
  throw new Error(`no number in ${value}`);
}

/** 1, 2, 3 … n. */
export const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);

/** A repetition of what was just said does not count. */
export const withoutRepeats = (numbers: readonly number[]): number[] =>
  numbers.filter((each, index) => each !== numbers[index - 1]);
