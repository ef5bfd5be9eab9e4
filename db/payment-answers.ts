// What gateways said of a payment, word for word, kept beside the facts that were learned from it.
import { asc, eq, sql } from 'drizzle-orm';
import { customType, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import type { Queryable, Transaction } from './client.ts';
import { KeyDestroyed } from './keyring.ts';
import type { Keyring } from './keyring.ts';

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });

export const paymentAnswers = pgTable(
  'payment_answers',
  {
    paymentId: text('payment_id').notNull(),
    bookingVersion: integer('booking_version').notNull(),
    bookingId: text('booking_id').notNull(),
    wireStatus: text('wire_status').notNull(),
    sealed: bytea('sealed').notNull(),
    readAt: timestamp('read_at', { withTimezone: true })
      .notNull()
      .default(sql`now()`),
  },
  (t) => [primaryKey({ columns: [t.paymentId, t.bookingVersion] })],
);

export interface StoredAnswer {
  readonly paymentId: string;
  /** The booking's once the facts were on record. */
  readonly bookingVersion: number;
  readonly wireStatus: string;
  readonly sealed: Buffer;
  readonly at: Date;
}

const CONTEXT = 'payment-answer';

export const sealAnswer = (keyring: Keyring, bookingId: string, answer: string): Promise<Buffer> =>
  keyring.seal(bookingId, Buffer.from(answer), CONTEXT);

export async function keepAnswer(
  tx: Transaction,
  answer: Omit<StoredAnswer, 'at'> & { readonly bookingId: string },
): Promise<void> {
  await tx.insert(paymentAnswers).values(answer);
}

export const answersOf = (on: Queryable, bookingId: string): Promise<readonly StoredAnswer[]> => {
  const { paymentId, bookingVersion, wireStatus, sealed, readAt: at } = paymentAnswers;
  return on
    .select({ paymentId, bookingVersion, wireStatus, sealed, at })
    .from(paymentAnswers)
    .where(eq(paymentAnswers.bookingId, bookingId))
    .orderBy(asc(bookingVersion), asc(paymentId));
};

/** Undefined once the person was erased. */
export async function openAnswer(keyring: Keyring, bookingId: string, sealed: Buffer): Promise<unknown> {
  try {
    return JSON.parse((await keyring.unseal(bookingId, sealed, CONTEXT)).toString());
  } catch (error) {
    if (error instanceof KeyDestroyed) return undefined;
    throw error;
  }
}
