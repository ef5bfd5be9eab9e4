// A migrated database with the real recorder on it, and bookings put there as the intake would.
import type { SQL } from 'drizzle-orm';
import type { Deps } from '../../activities/deps.ts';
import { createRecorder } from '../../activities/record.ts';
import type { Recorder } from '../../activities/record.ts';
import { loadBooking } from '../../db/bookings.ts';
import { openDatabase, violatedConstraint } from '../../db/client.ts';
import type { OpenDatabase } from '../../db/client.ts';
import { bookings } from '../../db/schema.ts';
import type { Booking } from '../../domain/booking.ts';
import { AT, newBooking } from '../domain/sample-booking.ts';
import { createTestDatabase } from '../setup/database.ts';

export interface Bench extends OpenDatabase {
  readonly url: string;
  readonly record: Recorder;
  /** A booking nobody else uses; its ids begin anew, so only one at a time may have payments called `pi_1`. */
  add(change?: Partial<Booking>, row?: Partial<BookingRow>): Promise<Booking>;
  load(id: string): Promise<Booking>;
  rows(query: SQL): Promise<Record<string, unknown>[]>;
}

type BookingRow = typeof bookings.$inferInsert;

export async function openBench(): Promise<Bench> {
  const { url } = await createTestDatabase();
  const open = openDatabase({ url, poolSize: 12, applicationName: 'test', onIdleError: () => undefined });
  const { db } = open;
  const bench: Bench = {
    ...open,
    url,
    record: createRecorder(db, () => new Date(AT)),
    add: async (change = {}, row = {}) => {
      const booking = newBooking(change);
      await db.insert(bookings).values({ ...rowOf(booking), ...row });
      return bench.load(booking.id);
    },
    load: async (id) => {
      const stored = await loadBooking(db, id);
      if (!stored) throw new Error(`no booking ${id}`);
      return stored.booking;
    },
    rows: async (query) => (await db.execute(query)).rows,
  };
  return bench;
}

function rowOf(booking: Booking): BookingRow {
  return {
    id: booking.id,
    number: `HF-${booking.id}`,
    storefront: booking.storefront,
    externalId: booking.externalId,
    bodyHash: 'hash',
    kind: 'activity',
    ownerSub: 'alice',
    chargeMinor: booking.charge.minor,
    currency: booking.charge.currency,
    fxRate: booking.fxRate,
    serviceAt: new Date(booking.serviceAt ?? AT),
    serviceZone: booking.serviceZone,
    expiresAt: new Date(booking.expiresAt),
    product: NO_PRODUCT,
  };
}

/** Nothing here reads more of the product than its kind; the column only wants one. */
const NO_PRODUCT = { kind: 'activity' } as BookingRow['product'];

/** Activities that reach for a gateway, a supplier or a key fail at once: these tests end at the database. */
export function depsOf({ db, record }: Bench): Deps {
  return { db, record, clock: () => new Date(AT) } as Deps;
}

/** The constraint that a write ran into; empty when it was let through. */
export async function refusedBy(write: Promise<unknown>): Promise<string> {
  try {
    await write;
    return '';
  } catch (error) {
    return violatedConstraint(error) ?? String(error instanceof Error ? (error.cause ?? error) : error);
  }
}
