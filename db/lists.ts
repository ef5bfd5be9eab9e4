// Pages of bookings, newest first, each beginning where the one before ended.
import { and, desc, eq, sql } from 'drizzle-orm';
import type { BookingStatus, Storefront } from '../domain/booking.ts';
import type { Queryable } from './client.ts';
import { matchesAnything } from './find.ts';
import { bookings, payments } from './schema.ts';

export interface BookingFilter {
  readonly status?: BookingStatus | undefined;
  readonly storefront?: Storefront | undefined;
  /** Only this customer's. */
  readonly ownerSub?: string | undefined;
  readonly search?: { readonly text: string; readonly mailHashes: readonly string[] } | undefined;
}

export interface PageWanted {
  /** The nextCursor of the page before. */
  readonly cursor?: Cursor | undefined;
  readonly limit: number;
}

/** To the microsecond, as PostgreSQL keeps it: a page must neither repeat nor skip a booking. */
export interface Cursor {
  readonly createdAt: string;
  readonly id: string;
}

const leading = sql<
  string | null
>`(select p.ref from ${payments} p where p.booking_id = bookings.id order by p.attempt desc limit 1)`;
const columns = {
  id: bookings.id,
  number: bookings.number,
  storefront: bookings.storefront,
  externalId: bookings.externalId,
  status: bookings.status,
  chargeMinor: bookings.chargeMinor,
  currency: bookings.currency,
  refundedMinor: bookings.refundedMinor,
  serviceAt: bookings.serviceAt,
  createdAt: bookings.createdAt,
  confirmedAt: bookings.confirmedAt,
};
const { id, status, storefront, createdAt } = columns;
const cursorAt = sql<string>`to_char(${createdAt} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

export async function listBookings(on: Queryable, filter: BookingFilter, { cursor, limit }: PageWanted) {
  const rows = await on
    .select({ ...columns, paymentRef: leading, cursorAt })
    .from(bookings)
    .where(
      and(
        filter.status && eq(status, filter.status),
        filter.storefront && eq(storefront, filter.storefront),
        filter.ownerSub === undefined ? undefined : eq(bookings.ownerSub, filter.ownerSub),
        filter.search && matchesAnything(filter.search.text, filter.search.mailHashes),
        cursor && sql`(${createdAt}, ${id}) < (${cursor.createdAt}::timestamptz, ${cursor.id})`,
      ),
    )
    .orderBy(desc(createdAt), desc(id))
    .limit(limit + 1);
  const items = rows.slice(0, limit);
  const last = rows.length > limit ? items.at(-1) : undefined;
  return { items, next: last && { createdAt: last.cursorAt, id: last.id } };
}

export type ListedBooking = Awaited<ReturnType<typeof listBookings>>['items'][number];
