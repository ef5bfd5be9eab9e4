// What the API writes before anybody else knows of a booking: all of it, or nothing.
import { and, eq, getTableColumns, isNull, or, sql } from 'drizzle-orm';
import type { Phase, Storefront } from '../domain/booking.ts';
import type { Travellers } from '../domain/product.ts';
import type { Database, Queryable, Transaction } from './client.ts';
import { attachBooking } from './idempotency.ts';
import type { Keyring } from './keyring.ts';
import { bookings, idempotency, supplierOrders, travellers } from './schema.ts';

const CREATED = 201;

export interface Claim {
  /** What only one booking may stand for: a request's identity, a supplier's order. */
  readonly scope: string;
  readonly bodyHash: string;
  /** A booking that is over and whose place may be taken. */
  readonly replaces?: string | null;
}

export interface Intake {
  readonly booking: typeof bookings.$inferInsert;
  /** Null where another house keeps them. */
  readonly travellers: Travellers | null;
  readonly claims: readonly Claim[];
  /** The Idempotency-Key that the request holds, if it brought one. */
  readonly heldScope: string | null;
}

export type TakenIn =
  | { kind: 'taken_in' }
  | { kind: 'claimed_by_another'; scope: string }
  | { kind: 'number_or_id_in_use' };

/** Thrown to undo the transaction, caught at once: two requests met, and the other was first. */
class Lost extends Error {
  readonly outcome: TakenIn;
  constructor(outcome: TakenIn) {
    super(outcome.kind);
    this.outcome = outcome;
  }
}

export async function takeIn(db: Database, keyring: Keyring, intake: Intake): Promise<TakenIn> {
  try {
    await db.transaction((tx) => write(tx, keyring, intake));
    return { kind: 'taken_in' };
  } catch (error) {
    if (error instanceof Lost) return error.outcome;
    throw error;
  }
}

async function write(
  tx: Transaction,
  keyring: Keyring,
  { booking, travellers: people, claims, heldScope }: Intake,
): Promise<void> {
  for (const claim of claims) {
    if (!(await staked(tx, claim, booking.id))) throw new Lost({ kind: 'claimed_by_another', scope: claim.scope });
  }
  const seal = await keyring.create(tx, booking.id);
  const [row] = await tx.insert(bookings).values(booking).onConflictDoNothing().returning({ id: bookings.id });
  if (!row) throw new Lost({ kind: 'number_or_id_in_use' });
  if (people !== null) {
    const sealed = seal(Buffer.from(JSON.stringify(people)), 'travellers');
    await tx.insert(travellers).values({ bookingId: booking.id, sealed });
  }
  if (heldScope !== null) await attachBooking(tx, heldScope, booking.id);
}

/** The write is the guard: of two that want the same, the second waits for the first and then finds nothing. */
async function staked(tx: Transaction, { scope, bodyHash, replaces }: Claim, bookingId: string): Promise<boolean> {
  const [row] = await tx
    .insert(idempotency)
    .values({ scope, bodyHash, bookingId, claimedUntil: sql`now()` })
    .onConflictDoUpdate({
      target: idempotency.scope,
      set: { bookingId, bodyHash, status: null, sealedBody: null, createdAt: sql`now()` },
      setWhere: replaces ? eq(idempotency.bookingId, replaces) : sql`false`,
    })
    .returning({ scope: idempotency.scope });
  return row !== undefined;
}

/** A request that was taken in before, and the booking it became. */
export interface KnownRequest {
  readonly bookingId: string;
  readonly ownerSub: string;
  readonly phase: Phase;
  readonly bodyHash: string;
  /** The first answer, when one was given. */
  readonly sealedAnswer: Buffer | null;
}

export async function findByScope(on: Queryable, scope: string): Promise<KnownRequest | undefined> {
  const [row] = await on
    .select({
      bookingId: bookings.id,
      ownerSub: bookings.ownerSub,
      phase: bookings.phase,
      bodyHash: idempotency.bodyHash,
      sealedAnswer: idempotency.sealedBody,
    })
    .from(idempotency)
    .innerJoin(bookings, eq(bookings.id, idempotency.bookingId))
    .where(eq(idempotency.scope, scope));
  return row;
}

export async function findByExternalId(
  on: Queryable,
  storefront: Storefront,
  externalId: string,
): Promise<KnownRequest | undefined> {
  const { id: bookingId, ownerSub, phase, bodyHash } = getTableColumns(bookings);
  const [row] = await on
    .select({ bookingId, ownerSub, phase, bodyHash })
    .from(bookings)
    .where(and(eq(bookings.storefront, storefront), eq(bookings.externalId, externalId)));
  return row && { ...row, sealedAnswer: null };
}

/** Whether a supplier's order is one of ours already, under whichever of its names. */
export async function holdsSupplierOrder(
  on: Queryable,
  { orderNo, ourRef }: { orderNo: string; ourRef: string },
): Promise<boolean> {
  const [row] = await on
    .select({ id: supplierOrders.id })
    .from(supplierOrders)
    .where(or(eq(supplierOrders.orderNo, orderNo), eq(supplierOrders.ourRef, ourRef)))
    .limit(1);
  return row !== undefined;
}

/** The next attempt's number, taken once however many ask: the loser of a race goes on with the winner's. */
export async function takeAttempt(on: Queryable, bookingId: string, dead: number): Promise<number> {
  const [taken] = await on
    .update(bookings)
    .set({ attempt: dead + 1 })
    .where(and(eq(bookings.id, bookingId), eq(bookings.attempt, dead)))
    .returning({ attempt: bookings.attempt });
  return taken?.attempt ?? dead + 1;
}

export interface FirstAnswer {
  readonly scope: string;
  readonly bookingId: string;
  readonly instead: Buffer | null;
  readonly sealedBody: Buffer;
}

/** True when it was kept: nobody put another in the place of what stood there. */
export async function keepFirstAnswer(on: Queryable, answer: FirstAnswer): Promise<boolean> {
  const { scope, bookingId, instead, sealedBody } = answer;
  const kept = await on
    .update(idempotency)
    .set({ status: CREATED, sealedBody })
    .where(
      and(
        eq(idempotency.scope, scope),
        eq(idempotency.bookingId, bookingId),
        instead ? eq(idempotency.sealedBody, instead) : isNull(idempotency.sealedBody),
      ),
    )
    .returning({ scope: idempotency.scope });
  return kept.length > 0;
}
