// Whether a customer can pay right now, and with which attempt.
import { livePayment } from './booking.ts';
import type { Booking, Payment } from './booking.ts';

export function payablePayment(booking: Booking): Payment | undefined {
  const payment = livePayment(booking);
  if (booking.phase !== 'awaiting_payment') return undefined;
  return payment?.status === 'requires_payment_method' || payment?.status === 'requires_action' ? payment : undefined;
}
