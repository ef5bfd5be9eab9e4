// What facts about disputes make of a booking. They come from a bank: none is refused for what it does to our sums.
import type { Booking, Dispute } from './booking.ts';
import { paymentOf } from './booking.ts';
import { isPending } from './dispute.ts';
import type { BookingEvent } from './events.ts';
import { ImpossibleFact } from './impossible-fact.ts';
import { duplicateSuccesses } from './payment-facts.ts';

type DisputeEvent = Extract<BookingEvent, { type: `dispute.${string}` }>;

/** The trip stays what it was: what becomes of it when its money is lost is for people to decide. */
export function applyDispute(booking: Booking, event: DisputeEvent): Booking {
  const known = booking.disputes.find(({ ref }) => ref === event.ref);
  mustFollow(booking, event, known);
  const { type: _, ...news } = event;
  const dispute: Dispute = {
    ...news,
    ofStray: known?.ofStray ?? (event.standing === 'lost' ? isStray(booking, event) : null),
  };
  const others = booking.disputes.filter((each) => each !== known);
  return { ...booking, disputes: [...others, dispute] };
}

function mustFollow(booking: Booking, event: DisputeEvent, known: Dispute | undefined): void {
  const payment = paymentOf(booking, event.paymentId);
  const sane =
    payment.status === 'succeeded' &&
    event.amount.currency === payment.amount.currency &&
    event.amount.minor >= 0 &&
    (event.type === 'dispute.opened') === (known === undefined) &&
    (event.type === 'dispute.closed') === !isPending(event) &&
    (known === undefined || known.paymentId === event.paymentId) &&
    event.turn === (known?.turn ?? 0) + 1;
  if (!sane) throw new ImpossibleFact(`${booking.id}: ${event.type} of ${event.ref} does not fit what is known of it`);
}

const isStray = (booking: Booking, { paymentId }: DisputeEvent): boolean =>
  duplicateSuccesses(booking).some(({ id }) => id === paymentId);
