// Whether a customer can pay right now, and with which attempt.
import { livePayment } from './booking.ts';
import type { Booking, Payment } from './booking.ts';
import { restsUntilMs } from './rest.ts';
import { hasBegun, mayReopen } from './transitions.ts';

export function payablePayment(booking: Booking): Payment | undefined {
  const payment = livePayment(booking);
  if (booking.phase !== 'awaiting_payment') return undefined;
  return payment?.status === 'requires_payment_method' || payment?.status === 'requires_action' ? payment : undefined;
}

/** Whether money for it is still to come: awaited now, or welcome anew, which it is for as long as somebody owns the booking. */
export function mayBePaid(booking: Booking, nowMs: number): boolean {
  if (booking.phase === 'awaiting_payment' || booking.phase === 'processing') return true;
  return mayReopen(booking) && !hasBegun(booking, nowMs) && nowMs < closesAtMs(booking);
}

/** Not before this: it was at rest at the earliest when its time to pay was over. */
function closesAtMs({ payments, serviceAt, expiresAt }: Booking): number {
  const paidAttempts = payments.filter(({ status }) => status === 'succeeded').length;
  return restsUntilMs({ paidAttempts, serviceAt }, Date.parse(expiresAt));
}
