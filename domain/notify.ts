// Whom a fact concerns. Each letter goes out at most once per booking, kind and version.
import type { Booking } from './booking.ts';
import { isServed, paymentOf, refundOf } from './booking.ts';
import type { BookingEvent, EventOf } from './events.ts';
import { REPLACING } from './intent.ts';
import { audienceOf } from './notices.ts';
import type { NoticeKind } from './notices.ts';
import { LAPSED } from './refund-verdict.ts';

export interface NoticeDue {
  readonly kind: NoticeKind;
  readonly version: string;
  readonly audience: 'customer' | 'staff';
}

export function noticesFor(event: BookingEvent, before: Booking, after: Booking): readonly NoticeDue[] {
  switch (event.type) {
    case 'payment.declined':
      return due('payment_failed', String(paymentOf(before, event.paymentId).attempt));
    case 'documents.issued':
      return documentsIssued(event, after);
    case 'notice.resent':
      return due(hasVouchers(after) ? 'voucher_ready' : 'booking_confirmed', `resent-${event.requestId}`);
    case 'booking.expired':
      return due('booking_expired', String(event.attempt));
    case 'booking.cancelled':
      return cancelled(event, before);
    // Who was refused before anything could be held has heard it from the shop.
    case 'booking.failed':
      return before.payments.some(({ heldUntil }) => heldUntil !== null)
        ? due('hold_released', String(event.attempt))
        : [];
    // A cancelled booking's customer was told with the cancellation what comes back.
    case 'booking.compensated':
      return after.phase === 'cancelled' ? [] : due('booking_refunded', `all-${event.attempt}`);
    case 'refund.requested':
      return refundAsked(event, before);
    case 'refund.succeeded':
      return returned(event, before);
    case 'refund.failed':
      return event.code === LAPSED ? due('refund_lapsed', event.refundId) : [];
    case 'dispute.opened':
    case 'dispute.updated':
      return disputed(event, before);
    case 'dispute.closed':
      return due('dispute_closed', `${event.ref}-${event.turn}`);
    case 'attention.raised':
      return event.told ? [] : due('needs_attention', event.id);
    case 'payment.opened':
    case 'payment.refused':
    case 'payment.action_required':
    case 'payment.processing':
    case 'payment.abandoned':
    case 'payment.adopted':
    case 'payment.authorised':
    case 'payment.captured':
    case 'payment.fee_known':
    case 'payment.closed':
    case 'payment.duplicate_refunded':
    case 'supplier.placing':
    case 'supplier.ordered':
    case 'supplier.refused':
    case 'supplier.paid':
    case 'supplier.confirmed':
    case 'supplier.ended':
    case 'vouchers.ready':
    case 'booking.confirmed':
    case 'booking.revived':
    case 'booking.compensation_started':
    case 'refund.approved':
    case 'refund.pending':
    case 'attention.cleared':
      return [];
  }
}

/** What all went back before was told of then; who goes on shopping has cancelled nothing. */
function cancelled({ actor }: EventOf<'booking.cancelled'>, { phase }: Booking): readonly NoticeDue[] {
  return phase === 'refunded' || actor === REPLACING ? [] : due('booking_cancelled', '1');
}

/** Once when it begins, and once more when it turns into something else: an inquiry that takes money now. */
function disputed(event: EventOf<'dispute.opened'> | EventOf<'dispute.updated'>, before: Booking) {
  const known = before.disputes.find(({ ref }) => ref === event.ref);
  return known?.standing === event.standing ? [] : due('dispute_opened', `${event.ref}-${event.turn}`);
}

const due = (kind: NoticeKind, version: string): readonly NoticeDue[] => [
  { kind, version, audience: audienceOf(kind) },
];

/** The first papers of a trip confirm it; vouchers that come later get a letter of their own, void ones none. */
function documentsIssued(event: EventOf<'documents.issued'>, after: Booking): readonly NoticeDue[] {
  // What is taken back is told of by a letter of its own.
  if (!isServed(after.phase)) return [];
  if (event.confirms !== undefined) return due('booking_confirmed', String(event.confirms));
  return event.kinds.includes('voucher') && hasVouchers(after) ? due('voucher_ready', String(event.version)) : [];
}

const hasVouchers = ({ vouchers }: Booking): boolean => vouchers.some(({ status }) => status === 'ready');

/** Once for the money, however often its return has to be tried. What nobody had asked for calls staff by itself. */
function refundAsked(event: EventOf<'refund.requested'>, before: Booking): readonly NoticeDue[] {
  const { refundId, paymentId, needsApproval, cause } = event;
  if (needsApproval) return due('refund_waits', refundId);
  return cause === 'late' && !paymentOf(before, paymentId).mispaid ? due('late_payment', paymentId) : [];
}

function returned(event: EventOf<'refund.succeeded'>, before: Booking): readonly NoticeDue[] {
  const { cause, paymentId } = refundOf(before, event.refundId);
  const wasMispaid = paymentOf(before, paymentId).mispaid;
  switch (cause) {
    case 'staff':
      return due('booking_refunded', event.refundId);
    case 'duplicate':
      return due(wasMispaid ? 'mispaid_refunded' : 'duplicate_refunded', event.refundId);
    case 'late':
      return due(wasMispaid ? 'mispaid_refunded' : 'late_payment_refunded', event.refundId);
    case 'compensation':
    case 'cancellation':
      return [];
  }
}
