// Forgetting a person, booking by booking: what names them goes, what happened and what it cost stays.
import { and, eq, inArray, isNotNull, isNull, or, sql } from 'drizzle-orm';
import { pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import { forgettableAt } from '../domain/erasure.ts';
import type { Forgettable } from '../domain/erasure.ts';
import type { Storefront } from '../domain/booking.ts';
import { orderIn } from '../domain/product.ts';
import { recordAudit } from './audit.ts';
import { loadBooking, lockBooking } from './bookings.ts';
import type { StoredBooking } from './bookings.ts';
import { forgetIntent } from './carts.ts';
import { forgetExplanations } from './findings.ts';
import type { Database, Queryable, Transaction } from './client.ts';
import { paymentAnswers } from './payment-answers.ts';
import { audit, bookingKeys, bookings, documents, idempotency, inbox, payments, travellers } from './schema.ts';

const moment = (name: string) => timestamp(name, { withTimezone: true });

export const erasures = pgTable('erasures', {
  bookingId: text('booking_id').primaryKey(),
  askedBy: text('asked_by').notNull(),
  askedAt: moment('asked_at')
    .notNull()
    .default(sql`now()`),
  erasedAt: moment('erased_at'),
  keyDestroyedAt: moment('key_destroyed_at'),
});

/** Who is meant: one booking, whoever bought under an address, or a customer as their storefront knows them. */
export type Person =
  | { readonly kind: 'booking'; readonly id: string }
  | { readonly kind: 'mail'; readonly hashes: readonly string[] }
  | { readonly kind: 'customer'; readonly storefront: Storefront; readonly sub: string };

export async function bookingsOf(on: Queryable, person: Person): Promise<readonly string[]> {
  const rows = await on.select({ id: bookings.id }).from(bookings).where(isAbout(person)).orderBy(bookings.createdAt);
  return rows.map(({ id }) => id);
}

function isAbout(person: Person) {
  switch (person.kind) {
    case 'booking':
      return or(eq(bookings.id, person.id), eq(bookings.number, person.id));
    case 'mail':
      return inArray(bookings.mailHash, [...person.hashes]);
    case 'customer':
      return and(eq(bookings.storefront, person.storefront), eq(bookings.ownerSub, person.sub));
  }
}

export interface Asker {
  readonly actor: string;
  readonly role: string;
}

/** Asked twice, it is asked once. */
export async function askErasure(db: Database, ids: readonly string[], { actor, role }: Asker): Promise<void> {
  if (ids.length === 0) return;
  await db.transaction(async (tx) => {
    const asked = await tx
      .insert(erasures)
      .values(ids.map((bookingId) => ({ bookingId, askedBy: actor })))
      .onConflictDoNothing()
      .returning({ bookingId: erasures.bookingId });
    for (const { bookingId } of asked) await recordAudit(tx, { actor, role, action: 'erase', bookingId });
  });
}

/** Forgets the person now, or says what they are still needed for. Again it also takes what was written since. */
export async function erase(db: Database, bookingId: string, nowMs: number): Promise<Forgettable> {
  return db.transaction(async (tx) => {
    const stored = await lockBooking(tx, bookingId);
    const forgettable = forgettableAt(stored.booking, nowMs);
    if (forgettable !== 'now') return forgettable;
    await forget(tx, stored);
    const erasedAt = sql`coalesce(${erasures.erasedAt}, now())`;
    await tx.update(erasures).set({ erasedAt }).where(eq(erasures.bookingId, bookingId));
    return 'now';
  });
}

async function forget(tx: Transaction, stored: StoredBooking): Promise<void> {
  const { id } = stored.row;
  await tx.delete(travellers).where(eq(travellers.bookingId, id));
  await tx.delete(documents).where(eq(documents.bookingId, id));
  await tx.delete(paymentAnswers).where(eq(paymentAnswers.bookingId, id));
  const nothing = sql`null`;
  await tx.update(bookings).set({ mailHash: nothing }).where(eq(bookings.id, id));
  await tx
    .update(payments)
    .set({ sealedSecret: nothing, redirectUrl: nothing })
    .where(and(eq(payments.bookingId, id), or(isNotNull(payments.sealedSecret), isNotNull(payments.redirectUrl))));
  await tx.update(audit).set({ sealedWords: nothing }).where(eq(audit.bookingId, id));
  // The row stays, so that the same request sent again makes no second booking.
  await tx
    .update(idempotency)
    .set({ sealedBody: nothing })
    .where(inArray(idempotency.bookingId, namesOf(stored)));
  await tx.update(inbox).set({ sealed: nothing }).where(isNewsOf(stored));
  await forgetExplanations(tx, id);
  const cartId = cartOf(stored);
  if (cartId !== undefined) await forgetIntent(tx, { cartId, bookingId: id });
}

const cartOf = ({ product }: StoredBooking): string | undefined => orderIn(product)?.cartId;

/** Answers and news are kept under the booking, or under the cart that it was made of. */
function namesOf(stored: StoredBooking): string[] {
  const cart = cartOf(stored);
  return cart === undefined ? [stored.row.id] : [stored.row.id, cart];
}

function isNewsOf(stored: StoredBooking) {
  const refs = stored.booking.payments.flatMap(({ ref }) => ref ?? []);
  return or(
    inArray(inbox.bookingId, namesOf(stored)),
    ...(refs.length > 0 ? [inArray(inbox.paymentRef, refs), inArray(inbox.objectRef, refs)] : []),
  );
}

/** For the last word, once the booking's workflow is over: nothing sealed for it can be read by anybody. Its history has a key of its own, and names nobody. */
export async function destroyKey(db: Database, bookingId: string): Promise<void> {
  const now = sql`now()`;
  await db.transaction(async (tx) => {
    await tx
      .update(bookingKeys)
      .set({ wrapped: sql`null`, destroyedAt: now })
      .where(and(eq(bookingKeys.keyId, bookingId), isNull(bookingKeys.destroyedAt)));
    await tx.update(erasures).set({ keyDestroyedAt: now }).where(eq(erasures.bookingId, bookingId));
  });
}

/** Asked for and not at its end: the person still known, or the key still there. */
export async function erasuresUnderWay(on: Queryable): Promise<readonly (typeof erasures.$inferSelect)[]> {
  return on.select().from(erasures).where(isNull(erasures.keyDestroyedAt)).orderBy(erasures.askedAt);
}

/** What the person of one that waits is still needed for. */
export async function waitsFor(on: Queryable, bookingId: string, nowMs: number): Promise<Forgettable> {
  const stored = await loadBooking(on, bookingId);
  return stored ? forgettableAt(stored.booking, nowMs) : 'now';
}

/** What gateways sent about the forgotten after that. */
export async function cutNewsOfErased(on: Queryable): Promise<void> {
  const erased = on.select({ id: erasures.bookingId }).from(erasures).where(isNotNull(erasures.erasedAt));
  const refs = on.select({ ref: payments.ref }).from(payments).where(inArray(payments.bookingId, erased));
  const isTheirs = or(
    inArray(inbox.bookingId, erased),
    inArray(inbox.paymentRef, refs),
    inArray(inbox.objectRef, refs),
  );
  await on
    .update(inbox)
    .set({ sealed: sql`null` })
    .where(and(isNotNull(inbox.sealed), isTheirs));
}

export async function isErased(on: Queryable, bookingId: string): Promise<boolean> {
  const erased = and(eq(erasures.bookingId, bookingId), isNotNull(erasures.erasedAt));
  return (await on.select({ id: erasures.bookingId }).from(erasures).where(erased)).length > 0;
}
