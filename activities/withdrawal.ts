// A refund that waits for a second person is taken back by whoever thinks better of it: nothing had been set aside.
import { eventNamed } from '../db/bookings.ts';
import type { Digest } from '../domain/digest.ts';
import { digestOf } from '../domain/digest.ts';
import type { EventOf } from '../domain/events.ts';
import { keyOf } from '../domain/events.ts';
import { WITHDRAWN } from '../domain/booking.ts';
import type { Deps } from './deps.ts';
import type { RefundInput } from './refund.ts';

export interface WithdrawOutcome {
  readonly kind: 'withdrawn' | 'not_waiting';
  readonly now: Digest;
}

export const withdrawalActivities = (deps: Deps) => ({
  /** Decided under the lock that an approval is decided under: of two that come at once one finds it waiting. */
  async withdrawRefund({ bookingId, refundId, actor }: RefundInput & { actor: string }): Promise<WithdrawOutcome> {
    const withdrawal: EventOf<'refund.failed'> = {
      type: 'refund.failed',
      refundId,
      code: WITHDRAWN,
      message: `${WITHDRAWN} by ${actor}`,
    };
    const known = await eventNamed(deps.db, bookingId, keyOf(withdrawal));
    let kind: WithdrawOutcome['kind'] =
      known?.type === 'refund.failed' && known.code === WITHDRAWN ? 'withdrawn' : 'not_waiting';
    const after = await deps.record(bookingId, ({ booking }) => {
      if (booking.refunds.find(({ id }) => id === refundId)?.status !== 'awaiting_approval') return [];
      kind = 'withdrawn';
      return [withdrawal];
    });
    return { kind, now: digestOf(after) };
  },
});
