// Bookings that were taken in but whose workflow nobody has seen: the API died between the two.
import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import type { Queryable } from './client.ts';
import { bookings } from './schema.ts';

/** A request in flight starts its own workflow; only after this has it forgotten. */
const FORGOTTEN_AFTER_S = 30;

export async function unstartedBookings(on: Queryable, limit: number): Promise<string[]> {
  const forgotten = sql`${bookings.createdAt} < now() - make_interval(secs => ${FORGOTTEN_AFTER_S})`;
  const rows = await on
    .select({ id: bookings.id })
    .from(bookings)
    .where(and(isNull(bookings.workflowSeenAt), eq(bookings.phase, 'awaiting_payment'), forgotten))
    .orderBy(asc(bookings.createdAt))
    .limit(limit);
  return rows.map(({ id }) => id);
}

export async function markWorkflowSeen(on: Queryable, bookingId: string): Promise<void> {
  await on
    .update(bookings)
    .set({ workflowSeenAt: sql`now()` })
    .where(and(eq(bookings.id, bookingId), isNull(bookings.workflowSeenAt)));
}
