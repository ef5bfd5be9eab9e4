// What is written down when a person says that he gave a refund's money back by other means than the gateway's.
import type { Booking } from './booking.ts';
import { isMadeByHand, refundOf } from './booking.ts';
import type { BookingEvent } from './events.ts';
import { causeNow } from './payment-facts.ts';

export interface Gift {
  readonly refundId: string;
  readonly actor: string;
}

/** All that he says he gave, though too much: staff are called for what went back beyond what was taken. */
export function givenByHand(booking: Booking, { refundId: of, actor }: Gift): readonly BookingEvent[] {
  const refund = refundOf(booking, of);
  const ref = `by-hand/${actor}`;
  const isOver = refund.status === 'failed' || (refund.status === 'succeeded' && !isMadeByHand(refund));
  if (!isOver) return [{ type: 'refund.succeeded', refundId: of, ref }];
  // What the gateway refused or made is a fact and stays: the money that went another way is a refund of its own.
  const { paymentId, reason, amount } = refund;
  // By this name the same word is written down once.
  const refundId = `${of}_by_hand`;
  const made = { refundId, paymentId, reason, amount, actor, needsApproval: false } as const;
  return [
    { type: 'refund.requested', ...made, cause: causeNow(booking, refund), elsewhere: true, byHand: true },
    { type: 'refund.succeeded', refundId, ref },
  ];
}
