// What the gateway's word adds to what we know: nothing twice, nothing backwards.
import type { Booking, Payment, Phase } from './booking.ts';
import { isLive, returnedWhole } from './booking.ts';
import type { BookingEvent } from './events.ts';
import type { PaymentFact } from './payment.ts';
import { reopens } from './transitions.ts';

export function factsLearned(payment: Payment, fact: PaymentFact): readonly BookingEvent[] {
  const { id: paymentId } = payment;
  const { wireStatus } = fact;
  const events: BookingEvent[] = [];
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
    if (fact.status === 'requires_action' && known !== 'requires_action')
      events.push({ type: 'payment.action_required', paymentId, declines, wireStatus });
    if (fact.status === 'processing' && known !== 'processing')
      events.push({ type: 'payment.processing', paymentId, declines, wireStatus });
    if (fact.status === 'cancelled')
      events.push({ type: 'payment.closed', paymentId, reason: 'closed at the gateway', wireStatus });
  }
  return events;
}

/** A success beside the one that already paid for the booking: it must go back. */
export function duplicateSuccesses(booking: Booking): readonly Payment[] {
  const successes = booking.payments
    .filter((payment) => payment.status === 'succeeded')
    .toSorted((a, b) => (a.capturedAt ?? '').localeCompare(b.capturedAt ?? ''));
  // Reopened after a full refund, a booking is paid anew: what paid for it before counts no more.
  const anew = reopens(booking.storefront) && UNDER_WAY.includes(booking.phase);
  const [, ...others] = anew ? successes.filter((payment) => !returnedWhole(booking, payment)) : successes;
  return others;
}

const UNDER_WAY: readonly Phase[] = ['confirming', 'confirmed', 'partially_refunded'];
