// A booking that its workflow speaks of is there.
import { loadBooking } from '../db/bookings.ts';
import type { StoredBooking } from '../db/bookings.ts';
import type { Deps } from './deps.ts';

export async function mustLoad(deps: Deps, bookingId: string): Promise<StoredBooking> {
  const stored = await loadBooking(deps.db, bookingId);
  if (!stored) throw new Error(`no booking ${bookingId}`);
  return stored;
}
