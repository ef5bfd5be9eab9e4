// Numbers that were given away after the backup, and must not be given to anybody else.
import { sql } from 'drizzle-orm';
import type { Queryable } from '../../db/client.ts';

/** Beyond the last that was seen: some were given to requests that left no trace. */
const MARGIN = 1_000;

export interface NumbersSeen {
  /** The newest webhook that a workflow was told of: it hears none of that number again. */
  readonly inboxId: number;
  /** The last number of a booking where bookings are counted. */
  readonly bookingNumber: number;
  /** Payments whose numbers nobody but our books knew. */
  readonly payments: number;
}

export interface Advance {
  readonly what: 'webhooks' | 'bookings' | 'payments';
  readonly from: number;
  readonly to: number;
}

export async function advancesDue(on: Queryable, seen: NumbersSeen): Promise<readonly Advance[]> {
  const { rows } = await on.execute<Record<Advance['what'], string | null>>(sql`select
    (select last_value from pg_sequences where schemaname || '.' || sequencename = pg_get_serial_sequence('inbox', 'id')) as webhooks,
    (select last_value from pg_sequences where sequencename = 'travello_booking_ids') as bookings,
    (select last_value from pg_sequences where schemaname || '.' || sequencename = pg_get_serial_sequence('payments', 'serial')) as payments`);
  const last = (what: Advance['what']): number => Number(rows[0]?.[what] ?? 0);
  const wanted = {
    webhooks: seen.inboxId,
    bookings: seen.bookingNumber,
    payments: seen.payments === 0 ? 0 : last('payments') + seen.payments,
  };
  return (['webhooks', 'bookings', 'payments'] as const).flatMap((what) =>
    wanted[what] > last(what) ? [{ what, from: last(what), to: wanted[what] + MARGIN }] : [],
  );
}

export async function advance(on: Queryable, { what, to }: Advance): Promise<void> {
  switch (what) {
    case 'webhooks':
      return void (await on.execute(sql`select setval(pg_get_serial_sequence('inbox', 'id'), ${to})`));
    case 'bookings':
      return void (await on.execute(sql`select setval('travello_booking_ids', ${to})`));
    case 'payments':
      return void (await on.execute(sql`select setval(pg_get_serial_sequence('payments', 'serial'), ${to})`));
  }
}
