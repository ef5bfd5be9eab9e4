// A booking's sums, counted anew after every fact: of the money that is in the currency of its charge, and of no other.
import type { Booking, Refund, RefundStatus, Sums } from './booking.ts';
import { refundedOf, totalMinor } from './booking.ts';
import { disputedOf } from './dispute.ts';

/** Money in another currency is bounded by its own payment, and goes back in full; it is never added to these. */
export function sumsOf(booking: Pick<Booking, 'charge' | 'payments' | 'refunds' | 'disputes'>): Sums {
  const { currency } = booking.charge;
  const isCounted = ({ amount }: { amount: { currency: string } }): boolean => amount.currency === currency;
  const payments = booking.payments.filter(isCounted);
  const refunds = booking.refunds.filter(isCounted);
  const disputes = booking.disputes.filter(isCounted);
  const fees = [...payments.map(({ feeMinor }) => feeMinor ?? 0), ...disputes.map(({ fee }) => fee?.minor ?? 0)];
  return {
    capturedMinor: total(payments.map(({ capturedMinor }) => capturedMinor)),
    refundedMinor: totalMinor(refunds.filter(isOneOf('succeeded'))),
    reservedMinor: totalMinor(refunds.filter(isOneOf('pending', 'unknown'))),
    disputedMinor: total(payments.map((payment) => disputedOf(booking, payment))),
    overReturnedMinor: total(
      payments.map((payment) =>
        Math.max(0, refundedOf(booking, payment) + disputedOf(booking, payment) - payment.capturedMinor),
      ),
    ),
    feesMinor: total(fees),
  };
}

const isOneOf =
  (...statuses: RefundStatus[]) =>
  ({ status }: Refund): boolean =>
    statuses.includes(status);

const total = (all: readonly number[]): number => all.reduce((sum, each) => sum + each, 0);
