// Answers kept by idempotency key. Claiming comes before the work, so that of two equal requests one works and one waits.
import { and, eq, getTableColumns, isNull, lt, sql } from 'drizzle-orm';
import type { Queryable } from './client.ts';
import { idempotency } from './schema.ts';

const KEPT_DAYS = 30;
/** Longer than any request may take: a claim older than this belongs to a process that died. */
const CLAIM_S = 60;

export interface KeyUse {
  /** Names (storefront, sub, method, path, key). */
  readonly scope: string;
  readonly bodyHash: string;
}

export type Claim =
  /** The booking is there when an earlier try with this key got as far as making one. */
  | { kind: 'claimed'; bookingId: string | null }
  | { kind: 'answered'; status: number; sealedBody: Buffer }
  | { kind: 'in_progress' }
  | { kind: 'other_body' }
  /** Answered, but the answer spoke of a person who was erased. */
  | { kind: 'erased' };

const claimEnd = sql`now() + make_interval(secs => ${CLAIM_S})`;

/** The write is the guard: it takes a free key, or one that nobody works on any more. */
export async function claimKey(on: Queryable, use: KeyUse): Promise<Claim> {
  const [claimed] = await on
    .insert(idempotency)
    .values({ ...use, claimedUntil: claimEnd })
    .onConflictDoUpdate({
      target: idempotency.scope,
      set: { claimedUntil: claimEnd },
      setWhere: sql`${idempotency.bodyHash} = ${use.bodyHash} and ${idempotency.status} is null and ${idempotency.claimedUntil} <= now()`,
    })
    .returning({ bookingId: idempotency.bookingId });
  if (claimed) return { kind: 'claimed', ...claimed };
  const held = await readKey(on, use);
  // Given back just now: the next look will take it.
  return held.kind === 'free' ? { kind: 'in_progress' } : held;
}

/** What became of a key that somebody else holds; `free` once its holder ended or died without an answer. */
export async function readKey(on: Queryable, { scope, bodyHash }: KeyUse): Promise<Claim | { kind: 'free' }> {
  const ended = sql<boolean>`${idempotency.claimedUntil} <= now()`;
  const [row] = await on
    .select({ ...getTableColumns(idempotency), ended })
    .from(idempotency)
    .where(eq(idempotency.scope, scope));
  if (!row) return { kind: 'free' };
  if (row.bodyHash !== bodyHash) return { kind: 'other_body' };
  if (row.status !== null)
    return row.sealedBody ? { kind: 'answered', status: row.status, sealedBody: row.sealedBody } : { kind: 'erased' };
  return row.ended ? { kind: 'free' } : { kind: 'in_progress' };
}

/** In the transaction that makes the booking: from here on this key means this booking, whatever becomes of the request. */
export async function attachBooking(on: Queryable, scope: string, bookingId: string): Promise<void> {
  await on.update(idempotency).set({ bookingId }).where(eq(idempotency.scope, scope));
}

export interface StoredAnswer {
  readonly status: number;
  readonly sealedBody: Buffer;
  /** The booking or the cart it speaks of, so that erasing a person finds it. */
  readonly about: string | null;
}

export async function storeAnswer(on: Queryable, scope: string, { about, ...answer }: StoredAnswer): Promise<void> {
  await on
    .update(idempotency)
    .set({ ...answer, bookingId: sql`coalesce(${idempotency.bookingId}, ${about})` })
    .where(and(eq(idempotency.scope, scope), isNull(idempotency.status)));
}

/** Ends a claim without an answer: the same request may try again at once, and finds its booking if there is one. */
export async function releaseKey(on: Queryable, scope: string): Promise<void> {
  await on
    .update(idempotency)
    .set({ claimedUntil: sql`now()` })
    .where(and(eq(idempotency.scope, scope), isNull(idempotency.status)));
}

export async function purgeKeys(on: Queryable): Promise<number> {
  const gone = await on
    .delete(idempotency)
    .where(lt(idempotency.createdAt, sql`now() - make_interval(days => ${KEPT_DAYS})`));
  return gone.rowCount ?? 0;
}
