// What becomes of a booking as its payment attempts are opened, refused, held, taken and closed.
import type { Booking, Payment } from './booking.ts';
import { isForTrip, isLive, paymentOf } from './booking.ts';
import { moved } from './changes.ts';
import type { BookingEvent, EventOf } from './events.ts';
import { paymentIdOf } from './ids.ts';
import { ImpossibleFact } from './impossible-fact.ts';
import { duplicateSuccesses } from './payment-facts.ts';

type PaymentEvent = Extract<BookingEvent, { type: `payment.${string}` }>;

export function applyPayment(booking: Booking, event: PaymentEvent, at: string): Booking {
  switch (event.type) {
    case 'payment.opened':
      return opened(booking, event);
    case 'payment.refused': {
      const payment = blankPayment(booking, event);
      return withPayment(booking, { ...payment, status: 'failed', wireStatus: event.code });
    }
    case 'payment.action_required': {
      const next = patchLive(booking, event, { status: 'requires_action', wireStatus: event.wireStatus });
      return booking.phase === 'processing' ? moved(next, 'awaiting_payment') : next;
    }
    case 'payment.processing': {
      const next = patchLive(booking, event, { status: 'processing', wireStatus: event.wireStatus });
      // Another attempt may have paid already: this one's money is in flight, and the trip goes on.
      return booking.phase === 'awaiting_payment' ? moved(next, 'processing') : next;
    }
    case 'payment.declined':
      return declined(booking, event);
    case 'payment.authorised': {
      const { heldUntil, method, wireStatus } = event;
      const held = { status: 'authorised', heldAt: at, heldUntil, method, wireStatus } as const;
      const next = patchLive(booking, event, held);
      return isAwaited(booking) ? moved(next, 'confirming') : next;
    }
    case 'payment.captured':
      return captured(booking, event);
    case 'payment.fee_known':
      return patchPayment(booking, event.paymentId, { feeMinor: event.fee.minor });
    case 'payment.adopted':
      return withPayment(booking, { ...blankPayment(booking, event), ref: event.ref, status: 'cancelled' });
    case 'payment.abandoned':
      return patchLive(booking, event, { abandoned: { as: event.as, note: event.note } });
    case 'payment.closed':
      return patchLive(booking, event, { status: 'cancelled', wireStatus: event.wireStatus });
    case 'payment.duplicate_refunded':
      return booking;
  }
}

function blankPayment(
  booking: Booking,
  event: EventOf<'payment.opened' | 'payment.refused' | 'payment.adopted'>,
): Payment {
  return {
    id: paymentIdOf(booking.id, event.attempt),
    attempt: event.attempt,
    gateway: event.gateway,
    ref: null,
    amount: event.amount,
    status: 'opening',
    wireStatus: '',
    declines: 0,
    lastDecline: null,
    method: null,
    capturedMinor: 0,
    feeMinor: null,
    capturedAt: null,
    heldAt: null,
    heldUntil: null,
    ofEarlierTrip: false,
    earnedEarlier: false,
    mispaid: false,
    abandoned: null,
  };
}

function opened(booking: Booking, event: EventOf<'payment.opened'>): Booking {
  const rival = booking.payments.find((p) => isLive(p) && p.id !== event.paymentId);
  if (rival) throw new ImpossibleFact(`${booking.id}: ${event.paymentId} opened while ${rival.id} is live`);
  const payment = {
    ...blankPayment(booking, event),
    ref: event.ref,
    status: event.status,
    wireStatus: event.wireStatus,
  };
  if (event.amount.currency !== booking.charge.currency && booking.supplierOrders.length > 0)
    throw new ImpossibleFact(`${booking.id}: ${event.paymentId} changes the currency that its costs are counted in`);
  const reopened = booking.phase === 'refunded' ? withoutEarlierTrip(booking) : booking;
  const { amount: charge, expiresAt } = event;
  return { ...moved(withPayment(reopened, payment), 'awaiting_payment'), charge, expiresAt };
}

/** Reopened after a full refund, the trip is not confirmed any more, and what paid for it pays for nothing now. */
function withoutEarlierTrip(booking: Booking): Booking {
  const strays = duplicateSuccesses(booking);
  const isEarned = (p: Payment): boolean => p.earnedEarlier || (booking.confirmedAt !== null && !strays.includes(p));
  const payments = booking.payments.map((p) =>
    p.status === 'succeeded' ? { ...p, ofEarlierTrip: true, earnedEarlier: isEarned(p) } : p,
  );
  return { ...booking, payments, confirmedAt: null };
}

function declined(booking: Booking, event: EventOf<'payment.declined'>): Booking {
  const payment = paymentOf(booking, event.paymentId);
  // Word of an old refusal may arrive after the money did: the refusal is noted, the payment stands.
  const status = isLive(payment) ? 'requires_payment_method' : payment.status;
  const wireStatus = isLive(payment) ? event.wireStatus : payment.wireStatus;
  const next = patchPayment(booking, payment.id, {
    status,
    wireStatus,
    declines: payment.declines + 1,
    lastDecline: event.decline,
    // Whoever was refused had come back to the page.
    abandoned: null,
  });
  return booking.phase === 'processing' && isLive(payment) ? moved(next, 'awaiting_payment') : next;
}

function captured(booking: Booking, event: EventOf<'payment.captured'>): Booking {
  const payment = paymentOf(booking, event.paymentId);
  const { status, amount } = payment;
  if (status === 'succeeded') throw new ImpossibleFact(`${event.paymentId} was captured before`);
  // What the gateway has taken is a fact, whatever we had asked it for: it pays for nothing, and goes back.
  const mispaid = event.amount.currency !== amount.currency || event.amount.minor > amount.minor;
  const next = patchPayment(booking, event.paymentId, {
    ...(mispaid && { amount: event.amount, mispaid }),
    status: 'succeeded',
    wireStatus: event.wireStatus,
    capturedMinor: event.amount.minor,
    capturedAt: event.capturedAt,
    feeMinor: event.fee?.minor ?? null,
    method: event.method,
  });
  return isAwaited(booking) && isForTrip(next, paymentOf(next, payment.id)) ? moved(next, 'confirming') : next;
}

const isAwaited = ({ phase }: Booking): boolean => phase === 'awaiting_payment' || phase === 'processing';

function withPayment(booking: Booking, payment: Payment): Booking {
  const others = booking.payments.filter((p) => p.id !== payment.id);
  return { ...booking, payments: [...others, payment] };
}

function patchPayment(booking: Booking, id: string, patch: Partial<Payment>): Booking {
  const payment = { ...paymentOf(booking, id), ...patch };
  return { ...booking, payments: booking.payments.map((p) => (p.id === id ? payment : p)) };
}

function patchLive(booking: Booking, { type, paymentId }: PaymentEvent, patch: Partial<Payment>): Booking {
  if (!isLive(paymentOf(booking, paymentId))) throw new ImpossibleFact(`${type} of ${paymentId}, which is not live`);
  return patchPayment(booking, paymentId, patch);
}
