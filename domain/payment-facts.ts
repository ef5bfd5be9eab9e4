// What the gateway's word adds to what we know: nothing twice, nothing backwards.
import type { Booking, Payment } from './booking.ts';
import { isLive } from './booking.ts';
import type { BookingEvent } from './events.ts';
import type { PaymentFact } from './payment.ts';

export function factsLearned(payment: Payment, fact: PaymentFact): readonly BookingEvent[] {
  const { id: paymentId } = payment;
  const { wireStatus } = fact;
  const events: BookingEvent[] = [];
  const fresh = fact.decline !== null && fact.decline.id !== payment.lastDecline?.id;
  if (fact.decline && fresh) events.push({ type: 'payment.declined', paymentId, decline: fact.decline, wireStatus });
  const declines = payment.declines + (fresh ? 1 : 0);

  if (fact.status === 'succeeded' && payment.status !== 'succeeded') {
    if (!fact.captured || !fact.capturedAt) throw new Error(`${fact.ref} succeeded without saying how much`);
    const { captured: amount, capturedAt, fee, method } = fact;
    events.push({ type: 'payment.captured', paymentId, amount, capturedAt, fee, method, wireStatus });
  } else if (payment.status === 'succeeded' && payment.feeMinor === null && fact.fee) {
    events.push({ type: 'payment.fee_known', paymentId, fee: fact.fee });
  } else if (isLive(payment)) {
    if (fact.status === 'requires_action' && payment.status !== 'requires_action')
      events.push({ type: 'payment.action_required', paymentId, declines, wireStatus });
    if (fact.status === 'processing' && payment.status !== 'processing')
      events.push({ type: 'payment.processing', paymentId, declines, wireStatus });
    if (fact.status === 'cancelled') events.push({ type: 'payment.closed', paymentId, reason: 'closed at the gateway', wireStatus });
  }
  return events;
}

/** A success beside the one that already paid for the booking: it must go back. */
export function duplicateSuccesses(booking: Booking): readonly Payment[] {
  const [, ...others] = booking.payments
    .filter((payment) => payment.status === 'succeeded')
    .toSorted((a, b) => (a.capturedAt ?? '').localeCompare(b.capturedAt ?? ''));
  return others;
}
