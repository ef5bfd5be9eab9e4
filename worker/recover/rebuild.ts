// Writes into the database what it lacks of one booking: through the one writer, fact by fact, as it was recorded then.
import { eq } from 'drizzle-orm';
import { recordAgain } from '../../activities/record.ts';
import { recordAudit } from '../../db/audit.ts';
import { loadBooking, lockBooking, useUpAttempts } from '../../db/bookings.ts';
import { takeOutOfOld } from '../../db/carts.ts';
import type { Database, Transaction } from '../../db/client.ts';
import { isUnavailable, violatedConstraint } from '../../db/client.ts';
import { takeInAgain } from '../../db/keeping.ts';
import type { Keyring } from '../../db/keyring.ts';
import { noteWork, oweWork } from '../../db/recoveries.ts';
import type { Left } from '../../db/recoveries.ts';
import { bookingEvents, latePayments } from '../../db/schema.ts';
import type { Booking } from '../../domain/booking.ts';
import { keyOf } from '../../domain/events.ts';
import { ImpossibleFact } from '../../domain/impossible-fact.ts';
import { orderIn } from '../../domain/product.ts';
import type { KeptFact } from '../../domain/recall.ts';
import type { Loss } from '../../domain/recovery.ts';
import { owedTo } from './belongings.ts';
import { leftOf, namelessOf } from './left.ts';

export interface RebuildDeps {
  readonly db: Database;
  readonly keyring: Keyring;
  readonly clock: () => Date;
}

export interface Rebuilding {
  readonly bookingId: string;
  readonly loss: Extract<Loss, { kind: 'absent' | 'behind' }>;
  readonly historyKey: Buffer | null;
  readonly late: readonly LateMoney[];
}

/** Taken for a booking that was over: whatever a bank held up of it goes back once it can. */
export interface LateMoney {
  readonly paymentRef: string;
  readonly paymentId: string;
}

export interface Rebuilt {
  readonly bookingId: string;
  readonly kind: 'absent' | 'behind';
  readonly written: readonly KeptFact[];
  /** Facts that do not follow from what is there. */
  readonly refused: readonly { readonly fact: KeptFact; readonly why: string }[];
  readonly untold: readonly number[];
  /** Bookings that were made later, for a request that was this one's. */
  readonly outbidBy: readonly string[];
  readonly after: Booking;
  /** Who travels was kept nowhere else. */
  readonly isNameless: boolean;
}

/** The names of a booking's facts in their order; undefined where there is no such booking. */
export async function knownFacts(db: Database, bookingId: string): Promise<readonly string[] | undefined> {
  if (!(await loadBooking(db, bookingId))) return undefined;
  const rows = await db
    .select({ key: bookingEvents.key })
    .from(bookingEvents)
    .where(eq(bookingEvents.bookingId, bookingId))
    .orderBy(bookingEvents.seq);
  return rows.map(({ key }) => key);
}

/** Thrown to take everything back: it was only tried. */
class Rehearsed extends Error {
  readonly rebuilt: Rebuilt;
  constructor(rebuilt: Rebuilt) {
    super('rehearsed');
    this.rebuilt = rebuilt;
  }
}

/** One booking's trouble is not another's: a run that ends half way lets nothing start, and ends there again. */
export async function rebuildOrLeave(deps: RebuildDeps, asked: Rebuilding, forGood: boolean): Promise<Rebuilt | Left> {
  try {
    return await rebuild(deps, asked, forGood);
  } catch (error) {
    if (isUnavailable(error)) throw error;
    return { subject: asked.bookingId, bookingId: asked.bookingId, reason: whyNot(asked, error) };
  }
}

/** Its place may have been taken meanwhile, by a booking that was made on the old backup. */
function whyNot({ loss }: Rebuilding, error: unknown): string {
  const constraint = violatedConstraint(error);
  const why = constraint === undefined ? wordsOf(error) : `another has its place (${constraint})`;
  return `${loss.kind === 'absent' ? 'it cannot be put back' : 'what it lacks cannot be recorded'}: ${why}`;
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : 'for no reason given');

/** What would be written is found out by writing it; only with `forGood` it stays. */
export async function rebuild(deps: RebuildDeps, asked: Rebuilding, forGood: boolean): Promise<Rebuilt> {
  try {
    return await deps.db.transaction(async (tx) => {
      const rebuilt = await write(tx, deps, asked);
      // With the booking itself: whatever this run dies of, a further one finds the booking there and nothing missing.
      await noteWork(tx, [...leftOf(rebuilt), ...namelessOf(rebuilt)]);
      await oweWork(tx, owedTo(rebuilt));
      if (!forGood) throw new Rehearsed(rebuilt);
      return rebuilt;
    });
  } catch (error) {
    if (error instanceof Rehearsed) return error.rebuilt;
    throw error;
  }
}

async function write(
  tx: Transaction,
  deps: RebuildDeps,
  { bookingId, loss, historyKey, late }: Rebuilding,
): Promise<Rebuilt> {
  const outbidBy = loss.kind === 'absent' ? await putBack(tx, deps, { bookingId, loss, historyKey }) : [];
  const written: KeptFact[] = [];
  const refused: { fact: KeptFact; why: string }[] = [];
  for (const fact of loss.facts) {
    const why = await whyRefused(tx, bookingId, fact);
    if (why === undefined) written.push(fact);
    else refused.push({ fact, why });
  }
  const { booking: after, product } = await lockBooking(tx, bookingId);
  await claimAgain(tx, after, { late, written });
  const order = orderIn(product);
  if (order && written.some(({ event }) => event.type === 'booking.confirmed')) await takeOutOfOld(tx, order);
  if (after.payments.length > 0) await useUpAttempts(tx, bookingId, after.payments);
  if (loss.kind === 'absent' || written.length > 0) {
    const detail = { was: loss.kind, facts: written.length, refused: refused.map(({ fact }) => keyOf(fact.event)) };
    await recordAudit(tx, { actor: 'recover', role: 'system', action: 'recovered', bookingId, detail });
  }
  const isNameless = loss.kind === 'absent' && loss.intake.isNamed;
  return { bookingId, kind: loss.kind, written, refused, untold: loss.untold, outbidBy, after, isNameless };
}

interface Claiming extends Pick<Rebuilding, 'late'> {
  readonly written: readonly KeptFact[];
}

/** In the transaction of its fact, as when it came. */
async function claimAgain(tx: Transaction, after: Booking, { late, written }: Claiming): Promise<void> {
  const taken = new Set(written.flatMap(({ event }) => (event.type === 'payment.captured' ? event.paymentId : [])));
  const claims = after.payments.flatMap(({ id, ref, gateway }) => {
    const isLate = taken.has(id) && late.some(({ paymentId, paymentRef }) => paymentId === id && paymentRef === ref);
    return isLate && ref !== null ? { paymentRef: ref, gateway, bookingId: after.id } : [];
  });
  if (claims.length > 0) await tx.insert(latePayments).values(claims).onConflictDoNothing();
}

interface PuttingBack extends Pick<Rebuilding, 'bookingId' | 'historyKey'> {
  readonly loss: Extract<Loss, { kind: 'absent' }>;
}

async function putBack(tx: Transaction, { keyring, clock }: RebuildDeps, asked: PuttingBack) {
  const { bookingId, loss, historyKey } = asked;
  if (!historyKey) throw new Error(`the history of ${bookingId} brought no key of its own`);
  await keyring.createBeside(tx, bookingId, historyKey);
  return takeInAgain(tx, loss.intake, clock());
}

/** In a savepoint of its own: one fact that cannot be does not take the others with it. */
async function whyRefused(tx: Transaction, bookingId: string, fact: KeptFact): Promise<string | undefined> {
  try {
    await tx.transaction(async (point) => recordAgain(point, await lockBooking(point, bookingId), fact));
    return undefined;
  } catch (error) {
    if (error instanceof ImpossibleFact) return error.message;
    const constraint = violatedConstraint(error);
    if (constraint === undefined) throw error;
    return `the database refuses it: ${constraint}`;
  }
}
