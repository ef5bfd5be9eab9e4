// What only some may see or do of a booking, and the record of who did.
import { recordAudit } from '../../db/audit.ts';
import type { StoredBooking } from '../../db/bookings.ts';
import { paymentAccessOf } from '../../db/payment-secrets.ts';
import type { PaymentAccess } from '../../db/payment-secrets.ts';
import { readTravellers } from '../../db/travellers.ts';
import type { Booking } from '../../domain/booking.ts';
import { payablePayment } from '../../domain/payable.ts';
import type { Travellers } from '../../domain/product.ts';
import type { Principal } from '../auth.ts';
import type { Desk } from './desk.ts';

/** The way to pay: the owner's alone, and only while there is something to pay. */
export async function accessFor(
  desk: Desk,
  { booking, row }: StoredBooking,
  principal: Principal | undefined,
): Promise<PaymentAccess | undefined> {
  return row.ownerSub === principal?.sub ? accessTo(desk, booking) : undefined;
}

/** For a wire on which programs open payments for their customers and hand the way on. */
export async function accessTo(desk: Desk, booking: Booking): Promise<PaymentAccess | undefined> {
  const payment = payablePayment(booking);
  return payment && paymentAccessOf(desk.db, desk.keyring, payment.id);
}

/** Undefined once the person was erased. */
export const travellersOf = (desk: Desk, { row }: StoredBooking): Promise<Travellers | undefined> =>
  readTravellers(desk.db, desk.keyring, row.id);

export interface Deed {
  readonly action: string;
  readonly bookingId: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

export const writeDown = (desk: Desk, { sub: actor, role }: Principal, deed: Deed): Promise<void> =>
  recordAudit(desk.db, { actor, role, ...deed });
