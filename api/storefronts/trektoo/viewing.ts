// Who may see what of an order: the secret is the owner's alone, the profit is the house's.
import { accessFor, STAFF } from '../../bookings.ts';
import type { Desk, Principal, StoredBooking } from '../../bookings.ts';
import { orderStatusOf } from './answers.ts';
import type { Viewer } from './answers.ts';

export async function viewerOf(desk: Desk, stored: StoredBooking, principal: Principal): Promise<Viewer> {
  const access = await accessFor(desk, stored, principal);
  return {
    staff: STAFF.includes(principal.role),
    clientSecret: access?.clientSecret ?? null,
    publicUrl: desk.config.publicUrl,
  };
}

export async function statusFor(desk: Desk, stored: StoredBooking, principal: Principal) {
  return orderStatusOf(stored, await viewerOf(desk, stored, principal));
}
