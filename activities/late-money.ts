// Money for a booking whose workflow is over.
import { lastDocumentVersion } from '../db/documents.ts';
import { latePayments } from '../db/schema.ts';
import type { Booking } from '../domain/booking.ts';
import { paymentOf, refundableOfPayment } from '../domain/booking.ts';
import type { Digest } from '../domain/digest.ts';
import { digestOf } from '../domain/digest.ts';
import type { BookingEvent } from '../domain/events.ts';
import { money } from '../domain/money.ts';
import { factsLearned } from '../domain/payment-facts.ts';
import type { Deps } from './deps.ts';
import { mustLoad } from './loading.ts';

export interface LateMoneyInput {
  readonly bookingId: string;
  readonly gateway: string;
  readonly paymentRef: string;
}

export type LateMoney =
  /** documentVersion: that of the booking's newest papers. */
  | { kind: 'owed'; refundId: string; amountMinor: number; documentVersion: number; now: Digest }
  | { kind: 'nothing'; now: Digest };

export const lateMoneyActivities = (deps: Deps) => ({
  /** Money for a booking whose workflow is over: claimed once, recorded under the booking, owed in full. */
  async claimLateMoney({ bookingId, paymentRef, gateway }: LateMoneyInput): Promise<LateMoney> {
    const { booking } = await mustLoad(deps, bookingId);
    const payment = booking.payments.find((p) => p.ref === paymentRef && p.gateway === gateway);
    if (!payment) throw new Error(`${bookingId} has no payment ${paymentRef}`);
    const fact = await deps.gateways[payment.gateway].look(paymentRef);
    const refundId = `rf_${payment.id.slice('pay_'.length)}_late`;
    const after = await deps.record(
      bookingId,
      (stored) => lateFacts(stored.booking, { paymentId: payment.id, refundId, learned: factsLearned(payment, fact) }),
      async (tx, now) => {
        if (now.refunds.some((r) => r.id === refundId))
          await tx
            .insert(latePayments)
            .values({ paymentRef, gateway: payment.gateway, bookingId })
            .onConflictDoNothing();
      },
    );
    const owed = after.refunds.find((r) => r.id === refundId);
    const now = digestOf(after);
    if (!owed) return { kind: 'nothing', now };
    const documentVersion = await lastDocumentVersion(deps.db, bookingId);
    return { kind: 'owed', refundId, amountMinor: owed.amount.minor, documentVersion, now };
  },
});

interface LateFacts {
  readonly paymentId: string;
  readonly refundId: string;
  readonly learned: readonly BookingEvent[];
}

/** Only money we did not know of is late: a payment long recorded has had its use. */
function lateFacts(booking: Booking, { paymentId, refundId, learned }: LateFacts): readonly BookingEvent[] {
  const captured = learned.find((event) => event.type === 'payment.captured');
  if (!captured) return learned;
  const left =
    captured.amount.minor -
    (paymentOf(booking, paymentId).capturedMinor - refundableOfPayment(booking, paymentOf(booking, paymentId)));
  const owed: BookingEvent = {
    type: 'refund.requested',
    refundId,
    paymentId,
    amount: money(left, captured.amount.currency),
    cause: 'late',
    reason: 'the payment came after the booking had ended',
    actor: 'workflow',
    needsApproval: false,
  };
  return [...learned, owed];
}
