// Money that a person gave back by other means than the gateway's, and says so.
import { isToHandOut, refundOf } from '../domain/booking.ts';
import { digestOf } from '../domain/digest.ts';
import { givenByHand } from '../domain/given-by-hand.ts';
import type { Deps } from './deps.ts';
import type { RefundInput, RefundOutcome } from './refund.ts';

export const byHandActivities = (deps: Deps) => ({
  async settleRefundByHand({ bookingId, refundId, actor }: RefundInput & { actor: string }): Promise<RefundOutcome> {
    const after = await deps.record(bookingId, ({ booking }) => givenByHand(booking, { refundId, actor }));
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
