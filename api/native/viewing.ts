// What this asker may see of a booking: the secret is the owner's alone, the profit is the house's.
import { accessFor, STAFF } from '../bookings.ts';
import type { Desk, Principal, StoredBooking } from '../bookings.ts';
import { bookingWire } from './wire.ts';

/** Without a principal: a browser that came by a link. */
export async function viewFor(desk: Desk, stored: StoredBooking, principal: Principal | undefined) {
  const access = await accessFor(desk, stored, principal);
  const staff = principal !== undefined && STAFF.includes(principal.role);
  return bookingWire(stored, { publicUrl: desk.config.publicUrl, staff, access });
}
