// What the gateway's word adds to what we know: nothing twice, nothing backwards.
import type { Booking, Payment, Refund, RefundCause } from './booking.ts';
import { holdsMoney, isForTrip, isLive, isStray, isUnderWay, paymentOf, refundedOf } from './booking.ts';
import { isFrozen, lostOf } from './dispute.ts';
import type { BookingEvent } from './events.ts';
import type { PaymentFact } from './payment.ts';

/** Why money goes back that its gateway took beyond what it was asked for, or in another currency. */
export const MISPAID = 'the gateway took another sum than it was asked for';

export function factsLearned(payment: Payment, fact: PaymentFact): readonly BookingEvent[] {
  const { id: paymentId } = payment;
  const { wireStatus } = fact;
  const events: BookingEvent[] = [];
  if (payment.status === 'authorised' && fact.status !== 'succeeded' && fact.status !== 'cancelled') return events;
  const fresh = fact.decline !== null && fact.decline.id !== payment.lastDecline?.id;
  if (fact.decline && fresh) events.push({ type: 'payment.declined', paymentId, decline: fact.decline, wireStatus });
  const declines = payment.declines + (fresh ? 1 : 0);
  // After a refusal the attempt waits for another card, whatever it had waited for before.
  const known = fresh ? 'requires_payment_method' : payment.status;

  if (fact.status === 'succeeded' && payment.status !== 'succeeded') {
    if (!fact.captured || !fact.capturedAt) throw new Error(`${fact.ref} succeeded without saying how much`);
    const { captured: amount, capturedAt, fee, method } = fact;
    events.push({ type: 'payment.captured', paymentId, amount, capturedAt, fee, method, wireStatus });
  } else if (payment.status === 'succeeded' && payment.feeMinor === null && fact.fee) {
    events.push({ type: 'payment.fee_known', paymentId, fee: fact.fee });
  } else if (isLive(payment)) {
    if (fact.status === 'authorised' && known !== 'authorised') events.push(heldFact(payment, fact));
    if (fact.status === 'requires_action' && known !== 'requires_action')
      events.push({ type: 'payment.action_required', paymentId, declines, wireStatus });
    if (fact.status === 'processing' && known !== 'processing')
      events.push({ type: 'payment.processing', paymentId, declines, wireStatus });
    if (fact.status === 'cancelled')
      events.push({ type: 'payment.closed', paymentId, reason: 'closed at the gateway', wireStatus });
  }
  return events;
}

function heldFact(
  { id: paymentId, amount }: Payment,
  { ref, heldUntil, method, wireStatus }: PaymentFact,
): BookingEvent {
  if (!heldUntil) throw new Error(`${ref} is held without saying until when`);
  return { type: 'payment.authorised', paymentId, amount, heldUntil, method, wireStatus };
}

/** Successes beside the one that pays for the trip: they must go back. Without a trip, all of them. Of any currency. */
export function duplicateSuccesses(booking: Booking): readonly Payment[] {
  const paying = payingOf(booking);
  return successesOf(booking).filter((payment) => payment !== paying);
}

/** Those that go back by themselves. What an earlier trip's customer did not get is for a person to give back. */
export const straySuccesses = (booking: Booking): readonly Payment[] =>
  duplicateSuccesses(booking).filter((payment) => !payment.ofEarlierTrip);

/**
 * Why money went back that nobody told us of. Beside a second success it is that one's return, whichever of the two it was made
 * on: the trip needs one of them, and the other must not go back as well.
 */
export function causeOfElsewhere(booking: Booking, payment: Payment, minor: number): 'staff' | 'duplicate' {
  const paying = payingOf(booking);
  if (!paying || payment.ofEarlierTrip) return 'staff';
  if (paying.id !== payment.id) return 'duplicate';
  return minor === payment.capturedMinor && mayTakeOver(booking, payment) ? 'duplicate' : 'staff';
}

/** Another success for this trip is with us, and could pay for it instead. */
function mayTakeOver(booking: Booking, payment: Payment): boolean {
  const others = successesOf(booking).filter((other) => other.id !== payment.id && isForTrip(booking, other));
  const isFree = (other: Payment): boolean => !wentBack(booking, other, { asStray: true }) && !isFrozen(booking, other);
  return !wentBack(booking, payment, { asStray: false }) && others.some(isFree);
}

type Returned = Pick<Refund, 'cause' | 'paymentId'>;

/** Why money goes back on this payment by now: which of several pays for the trip may have changed since that was said first. */
export function causeNow(booking: Booking, { cause, paymentId }: Returned): RefundCause {
  const payment = paymentOf(booking, paymentId);
  const paying = payingOf(booking);
  const isOther = payment !== paying;
  if (!paying || payment.ofEarlierTrip || isStray(cause) === isOther) return cause;
  if (isOther) return 'duplicate';
  return mayTakeOver(booking, payment) ? cause : 'staff';
}

/** It was to go back as money beside the trip's, and pays for the trip by now: nobody is owed it while there is one. */
export const paysByNow = (booking: Booking, returned: Returned): boolean =>
  isUnderWay(booking.phase) && isStray(returned.cause) && !isStray(causeNow(booking, returned));

/** The payments a refund of this cause may draw on: a trip's refund never takes stray money, nor the other way round. */
export function sourcesOf(booking: Booking, cause: RefundCause): readonly Payment[] {
  const paying = payingOf(booking);
  if (paying && !isStray(cause)) return [paying];
  return cause === 'staff' ? successesOf(booking) : straySuccesses(booking);
}

/** Of what a refund of this cause may draw on: given back or promised, or lost to a bank. */
export const goneMinor = (booking: Booking, cause: RefundCause): number =>
  sourcesOf(booking, cause).reduce((sum, each) => sum + refundedOf(booking, each) + lostOf(booking, each), 0);

/** What paid for the trip, else what was taken last: its receipt is the booking's. */
export const mainPayment = (booking: Booking): Payment | undefined => sourcesOf(booking, 'staff').at(-1);

function payingOf(booking: Booking): Payment | undefined {
  if (booking.confirmedAt === null && !isUnderWay(booking.phase)) return undefined;
  const successes = successesOf(booking).filter((payment) => isForTrip(booking, payment));
  // Gateways may tell of payments in another order than they took them: what went back already has settled which is which.
  return (
    successes.find((payment) => wentBack(booking, payment, { asStray: false })) ??
    successes.find((payment) => !wentBack(booking, payment, { asStray: true }))
  );
}

const wentBack = ({ refunds, disputes }: Booking, { id }: Payment, { asStray }: { asStray: boolean }): boolean =>
  refunds.some((r) => r.paymentId === id && isStray(r.cause) === asStray && holdsMoney(r.status)) ||
  disputes.some((d) => d.paymentId === id && d.ofStray === asStray);

function successesOf(booking: Booking): readonly Payment[] {
  return booking.payments
    .filter((payment) => payment.status === 'succeeded')
    .toSorted((a, b) => (a.capturedAt ?? '').localeCompare(b.capturedAt ?? ''));
}
