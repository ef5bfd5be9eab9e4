// What facts about money going back make of a booking.
import type { Booking, Payment, Refund } from './booking.ts';
import { leftThereOf, paymentOf, refundOf, refundableOfPayment, totalMinor } from './booking.ts';
import { moved, voided } from './changes.ts';
import { lostOf } from './dispute.ts';
import type { BookingEvent, EventOf } from './events.ts';
import { ImpossibleFact } from './impossible-fact.ts';
import { tripOf } from './trip.ts';

type RefundEvent = Extract<BookingEvent, { type: `refund.${string}` }>;

export function applyRefund(booking: Booking, event: RefundEvent, at: string): Booking {
  if (event.type === 'refund.requested') return requested(booking, event, at);
  const refund = refundOf(booking, event.refundId);
  switch (event.type) {
    case 'refund.approved':
      if (refund.status !== 'awaiting_approval')
        throw new ImpossibleFact(`${refund.id} is approved though it is ${refund.status}`);
      mustBeLeft(booking, refund);
      return patchRefund(booking, refund.id, { status: 'pending' });
    case 'refund.pending':
      if (refund.status === 'awaiting_approval') throw new ImpossibleFact(`${refund.id} is under way without approval`);
      // Word from the way there may arrive after the end.
      return isReserved(refund) ? patchRefund(booking, refund.id, { status: 'pending', ref: event.ref }) : booking;
    case 'refund.failed':
      return refundFailed(booking, refund, event.message);
    case 'refund.succeeded': {
      // Only a reservation becomes a return; a failed refund that revives must be reserved anew first.
      if (!isReserved(refund)) throw new ImpossibleFact(`${refund.id} succeeded though it is ${refund.status}`);
      return afterReturn(patchRefund(booking, refund.id, { status: 'succeeded', ref: event.ref }));
    }
  }
}

/** Set aside, and without its end. */
export const isReserved = ({ status }: Pick<Refund, 'status'>): boolean => status === 'pending' || status === 'unknown';

type Origin = Pick<EventOf<'refund.requested'>, 'elsewhere' | 'byHand'>;

function mustBeLeft(booking: Booking, { id, paymentId, amount }: Refund, { elsewhere, byHand }: Origin = {}): void {
  const payment = paymentOf(booking, paymentId);
  // What a gateway gave back of its own accord is a fact, whatever a bank took or staff gave by other means beside it.
  const leftAt = elsewhere ? leftThereOf(booking, payment) : refundableOfPayment(booking, payment);
  // What a person gave has left, and nobody asks a gateway for it: too much of it is for staff to see.
  const left = byHand ? amount.minor : leftAt;
  if (amount.minor <= 0 || amount.currency !== payment.amount.currency || amount.minor > left)
    throw new ImpossibleFact(`${id}: ${amount.minor} ${amount.currency} is not left of ${paymentId}`);
}

function requested(booking: Booking, event: EventOf<'refund.requested'>, at: string): Booking {
  const refund: Refund = {
    id: event.refundId,
    paymentId: event.paymentId,
    amount: event.amount,
    status: event.needsApproval ? 'awaiting_approval' : 'pending',
    cause: event.cause,
    reason: event.reason,
    actor: event.actor,
    ref: null,
    failure: null,
    cameBack: false,
    requestedAt: at,
  };
  mustBeLeft(booking, refund, event);
  return { ...booking, refunds: [...booking.refunds, refund] };
}

/** How the booking reads once money went back: stray money returned changes nothing for the trip. */
function afterReturn(booking: Booking): Booking {
  const { phase } = booking;
  if (phase === 'awaiting_payment' || phase === 'processing' || phase === 'cancelled') return booking;
  const { takenMinor, returnedMinor, lostMinor } = tripOf(booking);
  // Nothing of it is left with us, whoever gave it back.
  const whole =
    takenMinor > 0 ? returnedMinor + lostMinor >= takenMinor : booking.payments.every((each) => isBack(booking, each));
  if (whole) {
    const all = moved(booking, 'refunded');
    return { ...all, vouchers: voided(all) };
  }
  return phase === 'confirmed' && returnedMinor > 0 ? moved(booking, 'partially_refunded') : booking;
}

function isBack(booking: Booking, payment: Payment): boolean {
  const returned = booking.refunds.filter((r) => r.paymentId === payment.id && r.status === 'succeeded');
  return totalMinor(returned) + lostOf(booking, payment) >= payment.capturedMinor;
}

/** Also of a return that had succeeded: a bank may send it back. What was only asked for had reserved nothing. */
function refundFailed(booking: Booking, refund: Refund, failure: string): Booking {
  if (refund.status === 'failed') throw new ImpossibleFact(`${refund.id} failed before`);
  const cameBack = refund.status === 'succeeded';
  const back = patchRefund(booking, refund.id, { status: 'failed', failure, cameBack });
  if (!cameBack) return back;
  const nothingWent = back.phase === 'partially_refunded' && tripOf(back).returnedMinor === 0;
  return nothingWent ? moved(back, 'confirmed') : back;
}

function patchRefund(booking: Booking, id: string, patch: Partial<Refund>): Booking {
  return { ...booking, refunds: booking.refunds.map((r) => (r.id === id ? { ...r, ...patch } : r)) };
}
