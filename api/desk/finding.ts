// From a name in a path to a booking that the asker may see: 404 when nobody has it, 403 when somebody else does.
import { loadBooking } from '../../db/bookings.ts';
import type { StoredBooking } from '../../db/bookings.ts';
import { findByExternalId, findById, findByPayment, findByReference } from '../../db/find.ts';
import type { Found } from '../../db/find.ts';
import type { Payment, Storefront } from '../../domain/booking.ts';
import { forbidden, mayAct } from '../auth.ts';
import type { Principal } from '../auth.ts';
import { VisibleError } from '../errors.ts';
import type { Desk } from './desk.ts';
import { supplierOrderScope } from './known-request.ts';

export async function bookingById(desk: Desk, id: string, principal: Principal): Promise<StoredBooking> {
  const found = await findById(desk.db, id);
  return pick(desk, found ? [found] : [], principal);
}

interface Named {
  readonly storefront: Storefront;
  readonly text: string;
}

export async function bookingByReference(desk: Desk, named: Named, principal: Principal): Promise<StoredBooking> {
  return pick(desk, await allNamed(desk, named), principal);
}

/** Which of the asker's is meant, where that is all there is to know. */
export async function bookingIdByReference(
  desk: Desk,
  named: Named,
  principal: Principal,
): Promise<string | undefined> {
  return ownAmong(await allNamed(desk, named), principal)?.id;
}

const allNamed = ({ db }: Desk, named: Named): Promise<readonly Found[]> =>
  findByReference(db, { ...named, claimScope: supplierOrderScope(named.text) });

const ownAmong = (found: readonly Found[], principal: Principal): Found | undefined =>
  found.find((booking) => mayAct(principal, booking));

/** By the id the storefront gave it; whose it is, and who may know, is for the caller to say. */
export async function bookingByExternalId(
  desk: Desk,
  named: { storefront: Storefront; externalId: string },
): Promise<StoredBooking | undefined> {
  const found = await findByExternalId(desk.db, named);
  return found && loadBooking(desk.db, found.id);
}

export interface FoundPayment {
  readonly stored: StoredBooking;
  readonly payment: Payment;
}

/** By the gateway's name for one of its payments: a booking that was paid in several tries goes by each of them. */
export async function bookingByPayment(
  desk: Desk,
  named: { storefront: Storefront; ref: string },
  principal: Principal,
): Promise<FoundPayment> {
  const found = await findByPayment(desk.db, named);
  if (found && !mayAct(principal, found)) throw forbidden('This payment belongs to somebody else.');
  const stored = found && (await loadBooking(desk.db, found.id));
  const payment = stored?.booking.payments.find(({ ref }) => ref === named.ref);
  if (!stored || !payment) throw paymentNotFound();
  return { stored, payment };
}

export const paymentNotFound = (): VisibleError =>
  new VisibleError('not_found', 'There is no such payment.', { code: 'payment_not_found' });

async function pick(desk: Desk, found: readonly Found[], principal: Principal): Promise<StoredBooking> {
  const own = ownAmong(found, principal);
  if (!own && found.length > 0) throw forbidden('This booking belongs to somebody else.');
  const stored = own && (await loadBooking(desk.db, own.id));
  if (!stored) throw notFound();
  return stored;
}

/** For routes that a browser's link may open: who asks is checked by the caller. */
export async function bookingWithoutAsker(desk: Desk, id: string, storefront?: Storefront): Promise<StoredBooking> {
  const stored = await loadBooking(desk.db, id);
  if (!stored || (storefront && stored.row.storefront !== storefront)) throw notFound();
  return stored;
}

const notFound = (): VisibleError =>
  new VisibleError('not_found', 'There is no such booking.', { code: 'booking_not_found' });
