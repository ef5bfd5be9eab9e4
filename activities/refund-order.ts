// A refund of ours as its gateway is asked for it.
import type { Booking, Payment, Refund } from '../domain/booking.ts';
import { isMadeByHand, totalMinor } from '../domain/booking.ts';
import { money } from '../domain/money.ts';
import type { RefundOrder } from '../domain/refund-order.ts';

export function refundOrderOf(booking: Booking, refund: Refund, payment: Payment): RefundOrder {
  if (!payment.ref) throw new Error(`${payment.id} was never opened`);
  const others = madeAtGateway(booking, payment).filter(({ id }) => id !== refund.id);
  return {
    refundId: refund.id,
    bookingId: booking.id,
    paymentRef: payment.ref,
    amount: refund.amount,
    reason: refund.reason,
    beside: {
      returned: money(totalMinor(others), refund.amount.currency),
      refs: others.flatMap(({ ref }) => ref ?? []),
    },
  };
}

/** Those the gateway counts too: what a person gave back by other means it knows nothing of. */
export const madeAtGateway = (booking: Booking, payment: Payment): readonly Refund[] =>
  booking.refunds.filter((r) => r.paymentId === payment.id && r.status === 'succeeded' && !isMadeByHand(r));
