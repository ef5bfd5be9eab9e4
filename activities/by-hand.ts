// Money that a person gave back by other means than the gateway's, and says so.
import type { Refund } from '../domain/booking.ts';
import { isMadeByHand, isToHandOut, refundOf } from '../domain/booking.ts';
import { digestOf } from '../domain/digest.ts';
import type { BookingEvent } from '../domain/events.ts';
import type { Deps } from './deps.ts';
import type { RefundInput, RefundOutcome } from './refund.ts';

export const byHandActivities = (deps: Deps) => ({
  async settleRefundByHand({ bookingId, refundId, actor }: RefundInput & { actor: string }): Promise<RefundOutcome> {
    const after = await deps.record(bookingId, ({ booking }) => settled(refundOf(booking, refundId), actor));
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

/** All that he says he gave, though too much: staff are called for what went back beyond what was taken. */
function settled(refund: Refund, actor: string): readonly BookingEvent[] {
  const ref = `by-hand/${actor}`;
  const isOver = refund.status === 'failed' || (refund.status === 'succeeded' && !isMadeByHand(refund));
  if (!isOver) return [{ type: 'refund.succeeded', refundId: refund.id, ref }];
  // What the gateway refused or made is a fact and stays: the money that went another way is a refund of its own.
  const { paymentId, cause, reason, amount } = refund;
  // By this name the same word is written down once.
  const refundId = `${refund.id}_by_hand`;
  const made = { refundId, paymentId, cause, reason, amount, actor, needsApproval: false } as const;
  return [
    { type: 'refund.requested', ...made, elsewhere: true, byHand: true },
    { type: 'refund.succeeded', refundId, ref },
  ];
}
