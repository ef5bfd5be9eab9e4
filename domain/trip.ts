// Some storefronts sell a booking again once its money went back: what belongs to the trip it stands for now.
import type { Booking, Payment, Refund } from './booking.ts';
import { holdsMoney, isForTrip, isStray, isUnderWay, refundableOfPayment, totalMinor } from './booking.ts';
import { isFrozen, lostMinor } from './dispute.ts';
import { sourcesOf } from './payment-facts.ts';

export interface Trip {
  /** What was taken for it; money that came beside or after is left out. */
  readonly takenMinor: number;
  /** What of that came back. */
  readonly returnedMinor: number;
  /** What of that a bank took for good. */
  readonly lostMinor: number;
  /** Of that money, however they ended. */
  readonly refunds: readonly Refund[];
}

export function tripOf(booking: Booking): Trip {
  const { refunds, disputes } = booking;
  // A second success is owed back, however long its return waits.
  const paid = sourcesOf(booking, 'compensation').filter((payment) => isForTrip(booking, payment));
  const isPaid = ({ paymentId }: { paymentId: string }): boolean => paid.some(({ id }) => id === paymentId);
  const own = refunds.filter(isPaid);
  const disputed = disputes.filter(isPaid);
  const lostStray = disputed.filter(({ ofStray }) => ofStray);
  const strayReturns = own.filter(({ cause, status }) => isStray(cause) && holdsMoney(status));
  // What went back twice of a second payment took nothing from the trip.
  const usedFor = ({ id, capturedMinor }: Payment): number => {
    const isOfIt = ({ paymentId }: { paymentId: string }): boolean => paymentId === id;
    const stray = totalMinor(strayReturns.filter(isOfIt)) + lostMinor({ disputes: lostStray.filter(isOfIt) });
    return Math.max(0, capturedMinor - stray);
  };
  const ofTrip = own.filter(({ cause }) => !isStray(cause));
  return {
    takenMinor: paid.reduce((sum, payment) => sum + usedFor(payment), 0),
    returnedMinor: totalMinor(ofTrip.filter(({ status }) => status === 'succeeded')),
    lostMinor: lostMinor({ disputes: disputed.filter(({ ofStray }) => !ofStray) }),
    refunds: ofTrip,
  };
}

export interface Stake {
  readonly takenMinor: number;
  readonly refundableMinor: number;
}

/** What a cancellation divides: what paid for this trip. Nothing before that is taken, whatever an earlier one cost. */
export function stakeOf(booking: Booking): Stake {
  const paid = paidForIt(booking);
  return {
    takenMinor: paid.reduce((sum, { capturedMinor }) => sum + capturedMinor, 0),
    refundableMinor: paid.reduce((sum, payment) => sum + refundableOfPayment(booking, payment), 0),
  };
}

/** A bank has of it until it decides. What it has of other money is no reason to keep a customer from cancelling. */
export const isTripFrozen = (booking: Booking): boolean =>
  paidForIt(booking).some((payment) => isFrozen(booking, payment));

function paidForIt(booking: Booking): readonly Payment[] {
  const { phase } = booking;
  const isPaidFor = isUnderWay(phase) || phase === 'cancelled';
  return isPaidFor ? sourcesOf(booking, 'cancellation').filter(({ ofEarlierTrip }) => !ofEarlierTrip) : [];
}

/** For this trip, at what it costs: also where it has gone back since. */
export const tripTaken = (booking: Pick<Booking, 'charge' | 'payments'>): boolean =>
  booking.payments.some((p) => p.capturedAt !== null && isForTrip(booking, p));

/** Taken, and for nothing that was asked: it goes back, and nobody may be told that nothing was taken. */
export const strayTaken = (booking: Pick<Booking, 'charge' | 'payments'>): boolean =>
  booking.payments.some((p) => p.capturedAt !== null && !p.ofEarlierTrip && !isForTrip(booking, p));
