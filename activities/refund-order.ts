// A refund of ours as its gateway is asked for it.
import type { Booking, Payment, Refund } from '../domain/booking.ts';
import type { RefundOrder } from '../domain/payment.ts';

export function refundOrderOf(booking: Booking, refund: Refund, payment: Payment): RefundOrder {
  if (!payment.ref) throw new Error(`${payment.id} was never opened`);
  return {
    refundId: refund.id,
    bookingId: booking.id,
    paymentRef: payment.ref,
    amount: refund.amount,
    reason: refund.reason,
  };
}
