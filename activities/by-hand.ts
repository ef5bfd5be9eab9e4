// Money that a person gave back by other means than the gateway's, and says so.
import type { Booking, Refund } from '../domain/booking.ts';
import { isToHandOut, paymentOf, refundedOf, refundOf } from '../domain/booking.ts';
import { digestOf } from '../domain/digest.ts';
import type { BookingEvent } from '../domain/events.ts';
import { money } from '../domain/money.ts';
import type { Deps } from './deps.ts';
import type { RefundInput, RefundOutcome } from './refund.ts';

export const byHandActivities = (deps: Deps) => ({
  async settleRefundByHand({ bookingId, refundId, actor }: RefundInput & { actor: string }): Promise<RefundOutcome> {
    const after = await deps.record(bookingId, ({ booking }) => settled(booking, refundOf(booking, refundId), actor));
    return { kind: 'succeeded', now: digestOf(after) };
  },

  /** Promised, and never given: what was set aside for it is free again. */
  async dropRefund({ bookingId, refundId, actor }: RefundInput & { actor: string }): Promise<RefundOutcome> {
    const after = await deps.record(bookingId, ({ booking }) =>
      isToHandOut(refundOf(booking, refundId))
        ? [{ type: 'refund.failed', refundId, code: 'not_handed_out', message: `not handed out, says ${actor}` }]
        : [],
    );
    return { kind: 'failed', now: digestOf(after) };
  },
});

function settled(booking: Booking, refund: Refund, actor: string): readonly BookingEvent[] {
  const ref = `by-hand/${actor}`;
  if (refund.status !== 'failed') return [{ type: 'refund.succeeded', refundId: refund.id, ref }];
  // What the gateway refused is a fact and stays: the money that went another way is a refund of its own.
  const { paymentId, cause, reason, amount } = refund;
  const payment = paymentOf(booking, paymentId);
  // It has left, whatever a bank took beside it.
  const left = Math.min(amount.minor, payment.capturedMinor - refundedOf(booking, payment));
  if (left <= 0) return [];
  const refundId = `${refund.id}_by_hand`;
  const made = { refundId, paymentId, cause, reason, amount: money(left, amount.currency) };
  return [
    { type: 'refund.requested', ...made, actor, needsApproval: false, elsewhere: true },
    { type: 'refund.succeeded', refundId, ref },
  ];
}
