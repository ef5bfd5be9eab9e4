// A booking's row as it is told to Temporal, and back: all that was there before its first fact, and nobody's secret.
import { and, eq, gte } from 'drizzle-orm';
import type { KeptFact, KeptIntake, KeptRow, Recall } from '../domain/recall.ts';
import type { StoredBooking } from './bookings.ts';
import type { Queryable, Transaction } from './client.ts';
import { bookingEvents, bookings, idempotency, travellers } from './schema.ts';

type Row = StoredBooking['row'];

export async function intakeOf(on: Queryable, row: Row): Promise<KeptIntake> {
  const claims = await on
    .select({ scope: idempotency.scope, bodyHash: idempotency.bodyHash })
    .from(idempotency)
    .where(eq(idempotency.bookingId, row.id));
  const named = await on.select({ id: travellers.bookingId }).from(travellers).where(eq(travellers.bookingId, row.id));
  return { row: keptRow(row), isNamed: named.length > 0, claims };
}

/** What was recorded of a booking from then on. */
export async function recordedSince(on: Queryable, bookingId: string, since: Date): Promise<readonly Recall[]> {
  const rows = await on
    .select()
    .from(bookingEvents)
    .where(and(eq(bookingEvents.bookingId, bookingId), gte(bookingEvents.at, since)))
    .orderBy(bookingEvents.seq);
  const facts = rows.map(({ seq, at, data }): KeptFact => ({ seq, at: at.toISOString(), event: data }));
  if (facts[0]?.seq !== 1) return facts.length > 0 ? [{ bookingId, facts }] : [];
  const [row] = await on.select().from(bookings).where(eq(bookings.id, bookingId));
  // Its first fact brings what of the row has changed since the intake.
  return [{ bookingId, facts, ...(row && { intake: await intakeOf(on, row) }) }];
}

function keptRow({ fxAt, serviceAt, expiresAt, createdAt, ...row }: Row): KeptRow {
  const { id, number, storefront, externalId, bodyHash, kind, ownerSub, mailHash } = row;
  const { chargeMinor, currency, netMinor, netCurrency, fxRate, fxSource } = row;
  const { serviceLocal, serviceZone, attempt, product } = row;
  const who = { id, number, storefront, externalId, bodyHash, kind, ownerSub, mailHash };
  const price = { chargeMinor, currency, netMinor, netCurrency, fxRate, fxSource };
  return {
    ...who,
    ...price,
    serviceLocal,
    serviceZone,
    attempt,
    product,
    fxAt: fxAt?.toISOString() ?? null,
    serviceAt: serviceAt?.toISOString() ?? null,
    expiresAt: expiresAt.toISOString(),
    createdAt: createdAt.toISOString(),
  };
}

/** Puts the booking where it stood before its first fact; its claims bind again, without the answers that were given. */
export async function takeInAgain(tx: Transaction, { row, claims }: KeptIntake, at: Date): Promise<void> {
  const values: typeof bookings.$inferInsert = {
    ...row,
    fxAt: row.fxAt === null ? null : new Date(row.fxAt),
    serviceAt: row.serviceAt === null ? null : new Date(row.serviceAt),
    expiresAt: new Date(row.expiresAt),
    createdAt: new Date(row.createdAt),
    workflowSeenAt: at,
  };
  await tx.insert(bookings).values(values);
  const bound = claims.map((claim) => ({ ...claim, bookingId: row.id, claimedUntil: at, createdAt: values.createdAt }));
  if (bound.length > 0) await tx.insert(idempotency).values(bound).onConflictDoNothing();
}
