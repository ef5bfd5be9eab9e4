// Verbs about the booking itself: how it ends, and when a person must look.
import { isErased } from '../db/erasures.ts';
import { isServed } from '../domain/booking.ts';
import type { Booking } from '../domain/booking.ts';
import type { Digest } from '../domain/digest.ts';
import { digestOf } from '../domain/digest.ts';
import type { BookingEvent } from '../domain/events.ts';
import { money } from '../domain/money.ts';
import { mayMove } from '../domain/transitions.ts';
import type { Deps } from './deps.ts';
import { mustLoad } from './loading.ts';

export type Milestone =
  | { as: 'compensating'; reason: string; actor: string }
  | { as: 'compensated'; reason: string }
  | { as: 'confirmed' }
  | { as: 'revived' }
  | { as: 'failed'; reason: string }
  | { as: 'cancelled'; reason: string; actor: string; refundMinor: number };

interface MilestoneInput {
  readonly bookingId: string;
  readonly milestone: Milestone;
}

interface ResendInput {
  readonly bookingId: string;
  readonly requestId: string;
  readonly actor: string;
}

export interface ClearAttentionInput {
  readonly bookingId: string;
  readonly id: string;
  readonly actor: string;
  readonly how: string;
}

export interface AttentionInput {
  readonly bookingId: string;
  readonly id: string;
  readonly step: string;
  readonly reason: string;
  readonly told?: true;
}

export const bookingActivities = (deps: Deps) => ({
  async readBooking({ bookingId }: { bookingId: string }): Promise<{ now: Digest }> {
    return { now: digestOf((await mustLoad(deps, bookingId)).booking) };
  },

  async recordMilestone({ bookingId, milestone }: MilestoneInput): Promise<{ now: Digest }> {
    const after = await deps.record(bookingId, async ({ booking }, tx) => {
      if (milestone.as === 'revived' && (await isErased(tx, bookingId))) return [];
      // All of it may have gone back since it was asked: then there is nothing to cancel any more.
      if (milestone.as === 'cancelled' && !mayMove(booking.storefront, booking.phase, 'cancelled')) return [];
      // By a try whose answer was lost: another payment may have come since.
      if (milestone.as === 'confirmed' && isServed(booking.phase)) return [];
      return [milestoneEvent(booking, milestone)];
    });
    return { now: digestOf(after) };
  },

  async raiseAttention({ bookingId, ...attention }: AttentionInput): Promise<{ now: Digest }> {
    const after = await deps.record(bookingId, () => [{ type: 'attention.raised', ...attention }]);
    return { now: digestOf(after) };
  },

  async clearAttention({ bookingId, id, actor, how }: ClearAttentionInput): Promise<{ now: Digest }> {
    const after = await deps.record(bookingId, ({ booking }) =>
      booking.attention?.id === id ? [{ type: 'attention.cleared', id, actor, how }] : [],
    );
    return { now: digestOf(after) };
  },

  async requestResend({ bookingId, requestId, actor }: ResendInput): Promise<{ now: Digest }> {
    const after = await deps.record(bookingId, () => [{ type: 'notice.resent', requestId, actor }]);
    return { now: digestOf(after) };
  },
});

function milestoneEvent(booking: Booking, milestone: Milestone): BookingEvent {
  const attempt = booking.payments.at(-1)?.attempt ?? 0;
  switch (milestone.as) {
    case 'compensating':
      return { type: 'booking.compensation_started', attempt, reason: milestone.reason, actor: milestone.actor };
    case 'compensated':
      // What was only held was let go: there was nothing to give back.
      return booking.sums.capturedMinor === 0
        ? { type: 'booking.failed', attempt, reason: milestone.reason }
        : { type: 'booking.compensated', attempt, reason: milestone.reason };
    case 'confirmed':
      return { type: 'booking.confirmed', attempt };
    case 'revived':
      return { type: 'booking.revived', attempt };
    case 'failed':
      return { type: 'booking.failed', attempt, reason: milestone.reason };
    case 'cancelled': {
      const { reason, actor, refundMinor } = milestone;
      return { type: 'booking.cancelled', reason, actor, refund: money(refundMinor, booking.charge.currency) };
    }
  }
}
