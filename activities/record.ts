// The one place where a fact becomes state, postings, messages and mail: all in one transaction, or none.
import { inArray, eq, and, sql } from 'drizzle-orm';
import type { Database, Transaction } from '../db/client.ts';
import { lockBooking, saveBooking } from '../db/bookings.ts';
import type { StoredBooking } from '../db/bookings.ts';
import { bookingEvents, ledgerPostings, ledgerTransactions, notices, outbox } from '../db/schema.ts';
import type { Booking } from '../domain/booking.ts';
import type { BookingEvent } from '../domain/events.ts';
import { keyOf } from '../domain/events.ts';
import { evolve } from '../domain/evolve.ts';
import { postingsFor } from '../domain/ledger.ts';
import { noticesFor } from '../domain/notify.ts';
import { publishedAs } from '../domain/publish.ts';
import type { StorefrontRefs } from '../domain/publish.ts';
import type { KeptFact } from '../domain/recall.ts';
import { keepOrder } from './orders.ts';

export interface Recorder {
  /**
   * Decides under the booking's lock and records what was decided. A fact already known is skipped, so
   * an activity that is run again after its answer was lost changes nothing.
   */
  (bookingId: string, decide: Decide, alongside?: Alongside): Promise<Booking>;
}

/** In the same transaction, for what a decision needs to know beside the booking. */
export type Decide = (
  stored: StoredBooking,
  tx: Transaction,
) => readonly BookingEvent[] | Promise<readonly BookingEvent[]>;

/** Rows that belong to the same facts but to no event: sealed secrets, documents. Told which facts were new. */
export type Alongside = (tx: Transaction, after: Booking, recorded: readonly BookingEvent[]) => Promise<void>;

export function createRecorder(db: Database, clock: () => Date): Recorder {
  return (bookingId, decide, alongside) =>
    db.transaction(async (tx) => {
      const stored = await lockBooking(tx, bookingId);
      const events = await unknownOf(tx, bookingId, await decide(stored, tx));
      const at = clock();
      const dated = events.map((event) => ({ event, at }));
      const after = await appendAll(tx, stored, dated);
      await alongside?.(tx, after, events);
      return after;
    });
}

/** One fact that was lost and found again, as it was recorded then: nothing is decided anew. */
export async function recordAgain(tx: Transaction, stored: StoredBooking, { event, at }: KeptFact): Promise<void> {
  await appendAll(tx, stored, [{ event, at: new Date(at) }]);
}

async function unknownOf(
  tx: Transaction,
  bookingId: string,
  events: readonly BookingEvent[],
): Promise<readonly BookingEvent[]> {
  if (events.length === 0) return events;
  const known = await tx
    .select({ key: bookingEvents.key })
    .from(bookingEvents)
    .where(and(eq(bookingEvents.bookingId, bookingId), inArray(bookingEvents.key, events.map(keyOf))));
  const keys = new Set(known.map(({ key }) => key));
  // The set remembers while it filters: what stands twice in one decision is one fact as well.
  return events.filter((event) => !keys.has(keyOf(event)) && keys.add(keyOf(event)));
}

interface Dated {
  readonly event: BookingEvent;
  readonly at: Date;
}

async function appendAll(tx: Transaction, stored: StoredBooking, dated: readonly Dated[]): Promise<Booking> {
  let booking = stored.booking;
  for (const { event, at } of dated) {
    const before = booking;
    booking = evolve(before, event, at.toISOString());
    await append(tx, { stored, event, before, after: booking, at });
  }
  if (dated.length === 0) return booking;
  await saveBooking(tx, stored.booking, booking);
  await tx.execute(sql`select pg_notify('holdfast_booking', ${booking.id})`);
  return booking;
}

interface Fact {
  readonly stored: StoredBooking;
  readonly event: BookingEvent;
  readonly before: Booking;
  readonly after: Booking;
  readonly at: Date;
}

async function append(tx: Transaction, fact: Fact): Promise<void> {
  const { event, before, after, at } = fact;
  const id = { bookingId: after.id, seq: after.version };
  await tx.insert(bookingEvents).values({ ...id, key: keyOf(event), type: event.type, data: event, at });
  const postings = postingsFor(event, before).filter((posting) => posting.minor !== 0);
  if (postings.length > 0) {
    const [transaction] = await tx
      .insert(ledgerTransactions)
      .values({ ...id, at })
      .returning({ id: ledgerTransactions.id });
    if (!transaction) throw new Error('the ledger transaction was not written');
    await tx.insert(ledgerPostings).values(postings.map((posting) => ({ transactionId: transaction.id, ...posting })));
  }
  await keepOrder(tx, fact);
  await tell(tx, fact);
}

async function tell(tx: Transaction, { stored, event, before, after, at }: Fact): Promise<void> {
  const due = noticesFor(event, before, after);
  if (due.length > 0) {
    await tx
      .insert(notices)
      .values(due.map((notice) => ({ bookingId: after.id, ...notice })))
      .onConflictDoNothing();
    await tx.execute(sql`select pg_notify('holdfast_notices', '')`);
  }
  const published = publishedAs({ event, before, after, refs: refsOf(stored), at: at.toISOString() });
  for (const { topic, key, payload } of published) {
    const seq = sql<number>`(select coalesce(max(seq), 0) + 1 from outbox where key = ${key})`;
    await tx.insert(outbox).values({ bookingId: after.id, topic, key, seq, payload });
  }
}

/** Other houses know the booking by the reference they gave it. */
function refsOf({ product, row }: StoredBooking): StorefrontRefs {
  const given = product.kind === 'service' ? product.refs : {};
  return { bookingReference: given['bookingReference'] ?? row.number, userId: row.ownerSub };
}
