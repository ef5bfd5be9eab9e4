// Every business fact there is. A new one makes tsc list each place that must answer.
import type { AbandonedAs, RefundCause, VoucherCode } from './booking.ts';
import type { Money } from './money.ts';
import type { Decline, DisputeFact, GatewayName, PaymentMethod, PaymentStatus } from './payment.ts';
import type { SupplierName } from './supply.ts';

export interface VoucherIssued {
  readonly codes: readonly VoucherCode[];
  readonly bookingRef: string;
  readonly url: string | null;
}

/** A dispute as its gateway tells it: the whole of it each time, so that what is between two tellings may be lost. */
export interface DisputeNews extends DisputeFact {
  readonly paymentId: string;
  readonly turn: number;
}

export type BookingEvent =
  | {
      type: 'payment.opened';
      paymentId: string;
      attempt: number;
      gateway: GatewayName;
      ref: string;
      amount: Money;
      status: PaymentStatus;
      wireStatus: string;
      expiresAt: string;
    }
  | {
      type: 'payment.refused';
      paymentId: string;
      attempt: number;
      gateway: GatewayName;
      amount: Money;
      code: string;
      message: string;
    }
  /** A payment of ours that we did not know of, for the answer to its opening was lost; it was paid all the same. */
  | { type: 'payment.adopted'; paymentId: string; attempt: number; gateway: GatewayName; ref: string; amount: Money }
  | { type: 'payment.action_required'; paymentId: string; declines: number; wireStatus: string }
  | { type: 'payment.processing'; paymentId: string; declines: number; wireStatus: string }
  | { type: 'payment.declined'; paymentId: string; decline: Decline; wireStatus: string }
  /** The money is held on the customer's card; nothing was taken. */
  | {
      type: 'payment.authorised';
      paymentId: string;
      amount: Money;
      heldUntil: string;
      method: PaymentMethod | null;
      wireStatus: string;
    }
  | {
      type: 'payment.captured';
      paymentId: string;
      amount: Money;
      capturedAt: string;
      fee: Money | null;
      method: PaymentMethod | null;
      wireStatus: string;
    }
  | { type: 'payment.fee_known'; paymentId: string; fee: Money }
  /** The customer left the gateway's page unpaid, by its own word; it may still be paid. */
  | { type: 'payment.abandoned'; paymentId: string; as: AbandonedAs; declines: number; note: string }
  | { type: 'payment.closed'; paymentId: string; reason: string; wireStatus: string }
  | { type: 'payment.duplicate_refunded'; paymentId: string; refundId: string }
  | { type: 'supplier.placing'; supplier: SupplierName; generation: number; ourRef: string; net: Money }
  | {
      type: 'supplier.ordered';
      generation: number;
      orderNo: string;
      net: Money;
      payBy: string | null;
      adopted: boolean;
    }
  | { type: 'supplier.refused'; generation: number; reason: string; message: string }
  | { type: 'supplier.paid'; generation: number; amount: Money }
  | { type: 'supplier.confirmed'; generation: number; net: Money }
  | {
      type: 'supplier.ended';
      generation: number;
      as: 'rejected' | 'expired' | 'canceled';
      returned: Money;
      penalty: Money;
      /** Over in our books only, at our cost: by staff, or by terms that cover it. */
      writtenOffBy?: string;
    }
  | { type: 'vouchers.ready'; vouchers: readonly VoucherIssued[] }
  /** confirms: the attempt that paid for the trip, with the first papers after its confirmation. */
  | { type: 'documents.issued'; version: number; kinds: readonly ('voucher' | 'receipt')[]; confirms?: number }
  | { type: 'booking.confirmed'; attempt: number }
  | { type: 'booking.revived'; attempt: number }
  | { type: 'booking.expired'; attempt: number }
  | { type: 'booking.failed'; attempt: number; reason: string }
  /** refund: what comes back by the accepted terms; absent when nothing was paid yet. */
  | { type: 'booking.cancelled'; reason: string; actor: string; refund?: Money }
  | { type: 'booking.compensation_started'; attempt: number; reason: string; actor: string }
  | { type: 'booking.compensated'; attempt: number; reason: string }
  | {
      type: 'refund.requested';
      refundId: string;
      paymentId: string;
      amount: Money;
      cause: RefundCause;
      reason: string;
      actor: string;
      needsApproval: boolean;
      /** It has left already, by no deed of ours. */
      elsewhere?: true;
      /** A person says that he gave it by other means: a fact, whatever was left. */
      byHand?: true;
    }
  | { type: 'refund.approved'; refundId: string; actor: string }
  | { type: 'refund.pending'; refundId: string; ref: string }
  | { type: 'refund.succeeded'; refundId: string; ref: string }
  | { type: 'refund.failed'; refundId: string; code: string; message: string }
  | ({ type: 'dispute.opened' } & DisputeNews)
  | ({ type: 'dispute.updated' } & DisputeNews)
  | ({ type: 'dispute.closed' } & DisputeNews)
  /** told: staff have a letter about it already. */
  | { type: 'attention.raised'; id: string; step: string; reason: string; told?: true }
  | { type: 'attention.cleared'; id: string; actor: string; how: string }
  | { type: 'notice.resent'; requestId: string; actor: string };

export type EventType = BookingEvent['type'];
export type EventOf<T extends EventType> = Extract<BookingEvent, { type: T }>;

/**
 * Names the fact itself, so that recording it again changes nothing. Built from business ids only:
 * never from an attempt of ours or a clock.
 */
export function keyOf(event: BookingEvent): string {
  return `${event.type}/${discriminatorOf(event)}`;
}

function discriminatorOf(event: BookingEvent): string {
  switch (event.type) {
    case 'payment.opened':
    case 'payment.refused':
    case 'payment.adopted':
    case 'payment.authorised':
    case 'payment.captured':
    case 'payment.fee_known':
    case 'payment.closed':
      return event.paymentId;
    // The same attempt may ask for the customer again after each decline.
    case 'payment.action_required':
    case 'payment.processing':
      return `${event.paymentId}/${event.declines}`;
    case 'payment.declined':
      return `${event.paymentId}/${event.decline.id}`;
    case 'payment.abandoned':
      return `${event.paymentId}/${event.as}/${event.declines}`;
    case 'supplier.placing':
    case 'supplier.ordered':
    case 'supplier.refused':
    case 'supplier.paid':
    case 'supplier.confirmed':
    case 'supplier.ended':
      return String(event.generation);
    case 'payment.duplicate_refunded':
    case 'refund.requested':
    case 'refund.approved':
    case 'refund.pending':
    case 'refund.succeeded':
    case 'refund.failed':
      return event.refundId;
    case 'dispute.opened':
    case 'dispute.updated':
    case 'dispute.closed':
      return `${event.ref}/${event.turn}`;
    case 'documents.issued':
      return String(event.version);
    case 'attention.raised':
    case 'attention.cleared':
      return event.id;
    case 'notice.resent':
      return event.requestId;
    // A booking that was reopened may expire, fail or be undone once per payment attempt.
    case 'booking.confirmed':
    case 'booking.revived':
    case 'booking.expired':
    case 'booking.failed':
    case 'booking.compensation_started':
    case 'booking.compensated':
      return String(event.attempt);
    case 'vouchers.ready':
    case 'booking.cancelled':
      return 'once';
  }
}
