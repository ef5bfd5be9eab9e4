// A booking's row as it is told to Temporal, and back: all that was there before its first fact, and nobody's secret.
import { and, eq, gt, isNotNull, lt, or, sql } from 'drizzle-orm';
import type { KeptFact, KeptIntake, KeptRow, Recall } from '../domain/recall.ts';
import type { StoredBooking } from './bookings.ts';
import type { Queryable, Transaction } from './client.ts';
import { bookingEvents, bookings, idempotency, travellers } from './schema.ts';

type Row = StoredBooking['row'];

async function intakeOf(on: Queryable, row: Row): Promise<KeptIntake> {
  const claims = await on
    .select({ scope: idempotency.scope, bodyHash: idempotency.bodyHash })
    .from(idempotency)
    .where(eq(idempotency.bookingId, row.id));
  const named = await on.select({ id: travellers.bookingId }).from(travellers).where(eq(travellers.bookingId, row.id));
  return { row: keptRow(row), isNamed: named.length > 0, claims };
}

/** Far more than one answer ever tells, and little enough for each answer that comes after a failure. */
const AGAIN = 100;

/**
 * What nobody has told yet of a booking, whoever recorded it: whoever reads it tells it. With `again` also the newest that was told
 * before, however long ago it was recorded: the answer that told it may have been lost.
 */
export async function tellRecorded(on: Queryable, bookingId: string, again = false): Promise<Recall | undefined> {
  const told = again ? sql`${bookings.toldSeq} - ${AGAIN}` : bookings.toldSeq;
  const rows = await on
    .select({ booking: bookings, fact: bookingEvents })
    .from(bookings)
    .leftJoin(bookingEvents, and(eq(bookingEvents.bookingId, bookings.id), gt(bookingEvents.seq, told)))
    .where(and(eq(bookings.id, bookingId), or(isNotNull(bookingEvents.seq), eq(bookings.version, 0))))
    .orderBy(bookingEvents.seq);
  const [first] = rows;
  if (!first) return undefined;
  const facts = rows.flatMap(({ fact }): KeptFact[] =>
    fact ? [{ seq: fact.seq, at: fact.at.toISOString(), event: fact.data }] : [],
  );
  const last = facts.at(-1);
  // Whoever is to pay later knows his booking for weeks before anything happens to it.
  if (!last) return { bookingId, facts, intake: await intakeOf(on, first.booking) };
  // The first fact brings what of the row has changed since the intake.
  const intake = facts[0]?.seq === 1 ? await intakeOf(on, first.booking) : undefined;
  await on
    .update(bookings)
    .set({ toldSeq: last.seq })
    .where(and(eq(bookings.id, bookingId), lt(bookings.toldSeq, last.seq)));
  return { bookingId, facts, ...(intake && { intake }) };
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

/**
 * Puts the booking where it stood before its first fact; its claims bind again, without the answers that were given. The answer is who
 * holds them instead.
 */
export async function takeInAgain(tx: Transaction, { row, claims }: KeptIntake, at: Date): Promise<readonly string[]> {
  const createdAt = new Date(row.createdAt);
  const values: typeof bookings.$inferInsert = {
    ...row,
    fxAt: row.fxAt === null ? null : new Date(row.fxAt),
    serviceAt: row.serviceAt === null ? null : new Date(row.serviceAt),
    expiresAt: new Date(row.expiresAt),
    createdAt,
    workflowSeenAt: at,
  };
  await tx.insert(bookings).values(values);
  const bound = claims.map((claim) => ({ ...claim, bookingId: row.id, claimedUntil: at, createdAt }));
  const holders = new Set<string>();
  for (const claim of bound) holders.add(await bindAgain(tx, claim));
  return [...holders].filter((holder) => holder !== row.id);
}

type Bound = typeof idempotency.$inferInsert & { readonly bookingId: string };

/** The booking it stands for: an earlier one had given its place to this one, which a backup of that time does not know. */
async function bindAgain(tx: Transaction, claim: Bound): Promise<string> {
  const { bookingId, bodyHash, createdAt } = claim;
  const [taken] = await tx
    .insert(idempotency)
    .values(claim)
    .onConflictDoUpdate({
      target: idempotency.scope,
      set: { bookingId, bodyHash, status: null, sealedBody: null, createdAt },
      setWhere: sql`${idempotency.bookingId} is null or ${idempotency.createdAt} < excluded.created_at`,
    })
    .returning({ bookingId: idempotency.bookingId });
  if (taken) return bookingId;
  const [held] = await tx
    .select({ bookingId: idempotency.bookingId })
    .from(idempotency)
    .where(eq(idempotency.scope, claim.scope));
  return held?.bookingId ?? bookingId;
}
