// What other services are told, in the words of their contract. Topic = name of the fact.
import type { Booking } from './booking.ts';
import { isForTrip, isStray, isUnderWay, leadingPayment, paymentOf, refundOf } from './booking.ts';
import { isPending } from './dispute.ts';
import type { BookingEvent, EventOf } from './events.ts';
import type { Money } from './money.ts';
import { impossible } from './impossible-fact.ts';
import { exponentOf, money } from './money.ts';
import { mainPayment } from './payment-facts.ts';

export interface Publication {
  readonly topic: string;
  readonly key: string;
  readonly payload: Readonly<Record<string, string | number>>;
}

/** References of the storefront that owns the booking, as it gave them. */
export interface StorefrontRefs {
  readonly bookingReference: string;
  readonly userId: string;
}

export interface PublishedFact {
  readonly event: BookingEvent;
  readonly before: Booking;
  readonly after: Booking;
  readonly refs: StorefrontRefs;
  readonly at: string;
}

/** Dreamscape's bookings live in another service, and what is ordered in the shop is packed by one; the others hear of nothing. */
export function publishedAs(fact: PublishedFact): readonly Publication[] {
  if (fact.after.storefront === 'cart') return ordered(fact);
  return fact.after.storefront === 'dreamscape' ? bookedElsewhere(fact) : [];
}

function ordered({ event, after, refs, at }: PublishedFact): readonly Publication[] {
  if (event.type !== 'booking.confirmed') return [];
  const { id: bookingId, number: orderNumber, charge } = after;
  const payload = { orderNumber, bookingId, userId: refs.userId, total: charge.minor, currency: charge.currency };
  return [{ topic: 'order.paid', key: orderNumber, payload: { ...payload, paidAt: at } }];
}

function bookedElsewhere({ event, before, after, refs, at }: PublishedFact): readonly Publication[] {
  const tell = (topic: string, payload: Publication['payload']): readonly Publication[] => [
    { topic, key: after.externalId, payload: { bookingId: after.externalId, ...refs, ...payload } },
  ];
  switch (event.type) {
    case 'payment.captured':
    case 'booking.revived':
      return isPaid(after) && !isPaid(before) ? tell('payment.completed', completedWire(after, at)) : [];
    case 'payment.declined':
      return tell('payment.failed', declinedWire(after, event, at));
    case 'booking.confirmed':
      return tell('booking.confirmed', { confirmedAt: at });
    case 'payment.closed':
      // Whoever asked for another amount knows that the attempt before it is gone: their booking is not over.
      return event.reason === 'replaced' ? [] : tell('payment.canceled', canceledWire(after, event, at));
    case 'booking.expired':
    case 'booking.cancelled':
      return unheard(before, event).flatMap((closing) => tell('payment.canceled', canceledWire(after, closing, at)));
    case 'refund.succeeded':
      return wasTold(after, event.refundId) ? tell('payment.refunded', refundWire(after, event, at)) : [];
    case 'dispute.opened':
    case 'dispute.updated':
    case 'dispute.closed':
      return isNewStanding(event, before) ? tell('payment.disputed', disputeWire(after, event, at)) : [];
    case 'payment.opened':
    case 'payment.refused':
    case 'payment.action_required':
    case 'payment.processing':
    case 'payment.abandoned':
    case 'payment.adopted':
    case 'payment.authorised':
    case 'payment.fee_known':
    case 'payment.duplicate_refunded':
    case 'supplier.placing':
    case 'supplier.ordered':
    case 'supplier.refused':
    case 'supplier.paid':
    case 'supplier.confirmed':
    case 'supplier.ended':
    case 'vouchers.ready':
    case 'documents.issued':
    case 'booking.failed':
    case 'booking.compensation_started':
    case 'booking.compensated':
    case 'refund.requested':
    case 'refund.approved':
    case 'refund.pending':
    case 'refund.failed':
    case 'attention.raised':
    case 'attention.cleared':
    case 'notice.resent':
      return [];
  }
}

/** Whoever hears of it confirms the trip: money that buys none is nobody's news. */
const isPaid = (booking: Booking): boolean =>
  isUnderWay(booking.phase) &&
  booking.payments.some((payment) => payment.status === 'succeeded' && isForTrip(booking, payment));

/** What came beside the trip's money or too late was not: its return would read as the end of a trip that stands. */
function wasTold(after: Booking, refundId: string): boolean {
  const { cause, paymentId } = refundOf(after, refundId);
  return !isStray(cause) && isForTrip(after, paymentOf(after, paymentId));
}

function completedWire(after: Booking, at: string): Publication['payload'] {
  const { id, amount, capturedMinor, method, capturedAt } =
    mainPayment(after) ?? impossible(`nothing paid for ${after.id}`);
  return {
    ...paymentWire(after, id, money(capturedMinor, amount.currency)),
    paymentMethod: method?.type ?? 'card',
    completedAt: capturedAt ?? at,
  };
}

/** As it was asked for: another amount may have replaced it since. */
function declinedWire(after: Booking, event: EventOf<'payment.declined'>, at: string): Publication['payload'] {
  const { amount } = paymentOf(after, event.paymentId);
  return { ...paymentWire(after, event.paymentId, amount), reason: event.decline.message, failedAt: at };
}

type Closing = Pick<EventOf<'payment.closed'>, 'paymentId' | 'reason'>;

function canceledWire(after: Booking, { paymentId, reason }: Closing, at: string): Publication['payload'] {
  return { ...paymentWire(after, paymentId, paymentOf(after, paymentId).amount), reason, canceledAt: at };
}

type End = EventOf<'booking.expired'> | EventOf<'booking.cancelled'>;

/** The gateway refused the attempt that was to replace it: nothing else tells that the booking is over. */
function unheard(before: Booking, { type }: End): readonly Closing[] {
  if (leadingPayment(before)?.ref !== null) return [];
  const known = before.payments.findLast(({ ref }) => ref !== null);
  return known ? [{ paymentId: known.id, reason: type === 'booking.expired' ? 'expired' : 'cancelled' }] : [];
}

/** What went back, not what is left: several refunds are several messages, each known by its id. */
function refundWire(after: Booking, event: EventOf<'refund.succeeded'>, at: string): Publication['payload'] {
  const { paymentId, amount, cause } = refundOf(after, event.refundId);
  return { ...paymentWire(after, paymentId, amount), refundId: event.ref, reason: cause, refundedAt: at };
}

type DisputeEvent = Extract<BookingEvent, { type: `dispute.${string}` }>;

/** Others follow what it means for the money, not each letter that is exchanged about it. */
const isNewStanding = (event: DisputeEvent, before: Booking): boolean =>
  before.disputes.find(({ ref }) => ref === event.ref)?.standing !== event.standing;

/** Opened and closed are one topic: the status tells which. */
function disputeWire(after: Booking, event: DisputeEvent, at: string): Publication['payload'] {
  const { ref: disputeId, standing: status, reason, evidenceDueBy } = event;
  return {
    ...paymentWire(after, event.paymentId, event.amount),
    disputeId,
    status,
    reason,
    ...(isPending(event) && evidenceDueBy ? { evidenceDueBy } : {}),
    disputedAt: at,
  };
}

function paymentWire(booking: Booking, paymentId: string, amount: Money): Publication['payload'] {
  return {
    paymentId: paymentOf(booking, paymentId).ref ?? paymentId,
    amount: majorNumber(amount),
    currency: amount.currency,
  };
}

/** Exact for every amount we take: at most eight digits, at most three decimals. */
const majorNumber = (amount: Money): number => amount.minor / 10 ** exponentOf(amount.currency);
