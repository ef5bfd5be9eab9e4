// From a name in a path to a booking that the asker may see: 404 when nobody has it, 403 when somebody else does.
import { loadBooking } from '../../db/bookings.ts';
import type { StoredBooking } from '../../db/bookings.ts';
import { findById, findByReference } from '../../db/find.ts';
import type { Found } from '../../db/find.ts';
import type { Storefront } from '../../domain/booking.ts';
import { forbidden, mayAct } from '../auth.ts';
import type { Principal } from '../auth.ts';
import { VisibleError } from '../errors.ts';
import type { Desk } from './desk.ts';
import { supplierOrderScope } from './known-request.ts';

export async function bookingById(desk: Desk, id: string, principal: Principal): Promise<StoredBooking> {
  const found = await findById(desk.db, id);
  return pick(desk, found ? [found] : [], principal);
}

export async function bookingByReference(
  desk: Desk,
  reference: { storefront: Storefront; text: string },
  principal: Principal,
): Promise<StoredBooking> {
  const found = await findByReference(desk.db, { ...reference, claimScope: supplierOrderScope(reference.text) });
  return pick(desk, found, principal);
}

async function pick(desk: Desk, found: readonly Found[], principal: Principal): Promise<StoredBooking> {
  const own = found.find((booking) => mayAct(principal, booking));
  if (!own && found.length > 0) throw forbidden('This booking belongs to somebody else.');
  const stored = own && (await loadBooking(desk.db, own.id));
  if (!stored) throw notFound();
  return stored;
}

/** For routes that a browser's link may open: who asks is checked by the caller. */
export async function bookingWithoutAsker(desk: Desk, id: string): Promise<StoredBooking> {
  const stored = await loadBooking(desk.db, id);
  if (!stored) throw notFound();
  return stored;
}

const notFound = (): VisibleError =>
  new VisibleError('not_found', 'There is no such booking.', { code: 'booking_not_found' });
