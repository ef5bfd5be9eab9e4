// State after a fact. Pure: time comes with the event, and a fact that cannot be is an error, not a shrug.
import type { Booking, Payment, Phase, Refund, Sums, SupplierOrder } from './booking.ts';
import { isLive, paymentOf, refundOf, supplierOrderOf } from './booking.ts';
import type { BookingEvent, EventOf } from './events.ts';
import { paymentIdOf, supplierOrderIdOf } from './ids.ts';
import { mayMove } from './transitions.ts';

export class ImpossibleFact extends Error {
  override readonly name = 'ImpossibleFact';
}

export function evolve(booking: Booking, event: BookingEvent, at: string): Booking {
  const next = apply(booking, event, at);
  const { capturedMinor, refundedMinor, reservedMinor, disputedMinor, overReturnedMinor } = next.sums;
  if (reservedMinor < 0 || refundedMinor + reservedMinor + disputedMinor > capturedMinor + overReturnedMinor)
    throw new ImpossibleFact(`${booking.id}: ${event.type} would return more than was captured`);
  return { ...next, version: booking.version + 1 };
}

function apply(booking: Booking, event: BookingEvent, at: string): Booking {
  switch (event.type) {
    case 'payment.opened':
    case 'payment.refused':
    case 'payment.action_required':
    case 'payment.processing':
    case 'payment.declined':
    case 'payment.captured':
    case 'payment.fee_known':
    case 'payment.closed':
    case 'payment.duplicate_refunded':
      return applyPayment(booking, event);
    case 'supplier.placing':
    case 'supplier.ordered':
    case 'supplier.refused':
    case 'supplier.paid':
    case 'supplier.confirmed':
    case 'supplier.ended':
      return applySupply(booking, event);
    case 'refund.requested':
    case 'refund.approved':
    case 'refund.pending':
    case 'refund.succeeded':
    case 'refund.failed':
      return applyRefund(booking, event, at);
    case 'attention.raised':
      return { ...booking, attention: { id: event.id, step: event.step, reason: event.reason, since: at } };
    case 'attention.cleared':
      return { ...booking, attention: null };
    case 'vouchers.ready':
      return { ...booking, vouchers: event.vouchers.map((v, i) => ({ ...v, number: i + 1, status: 'ready' as const })) };
    case 'booking.confirmed':
      return { ...moved(booking, 'confirmed'), confirmedAt: at };
    case 'booking.revived':
      return moved(booking, 'confirming');
    case 'booking.expired':
      return moved(booking, 'expired');
    case 'booking.failed':
      return moved(booking, 'failed');
    case 'booking.cancelled':
      return { ...moved(booking, 'cancelled'), vouchers: voided(booking) };
    case 'booking.compensated':
      return booking.phase === 'cancelled' ? booking : moved(booking, 'refunded');
    case 'booking.compensation_started':
      return { ...booking, vouchers: voided(booking) };
    case 'documents.issued':
    case 'notice.resent':
      return booking;
  }
}

type PaymentEvent = Extract<BookingEvent, { type: `payment.${string}` }>;

function applyPayment(booking: Booking, event: PaymentEvent): Booking {
  switch (event.type) {
    case 'payment.opened':
      return opened(booking, event);
    case 'payment.refused': {
      const payment = blankPayment(booking, event);
      return withPayment(booking, { ...payment, status: 'failed', wireStatus: event.code });
    }
    case 'payment.action_required':
      return patchPayment(booking, event.paymentId, { status: 'requires_action', wireStatus: event.wireStatus });
    case 'payment.processing':
      return moved(patchPayment(booking, event.paymentId, { status: 'processing', wireStatus: event.wireStatus }), 'processing');
    case 'payment.declined':
      return declined(booking, event);
    case 'payment.captured':
      return captured(booking, event);
    case 'payment.fee_known': {
      const known = paymentOf(booking, event.paymentId).feeMinor ?? 0;
      const next = patchPayment(booking, event.paymentId, { feeMinor: event.fee.minor });
      return withSums(next, { feesMinor: booking.sums.feesMinor - known + event.fee.minor });
    }
    case 'payment.closed':
      return patchPayment(booking, event.paymentId, { status: 'cancelled', wireStatus: event.wireStatus });
    case 'payment.duplicate_refunded':
      return booking;
  }
}

function blankPayment(booking: Booking, event: EventOf<'payment.opened'> | EventOf<'payment.refused'>): Payment {
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
  };
}

function opened(booking: Booking, event: EventOf<'payment.opened'>): Booking {
  const rival = booking.payments.find((p) => isLive(p) && p.id !== event.paymentId);
  if (rival) throw new ImpossibleFact(`${booking.id}: ${event.paymentId} opened while ${rival.id} is live`);
  const payment = { ...blankPayment(booking, event), ref: event.ref, status: event.status, wireStatus: event.wireStatus };
  return { ...moved(withPayment(booking, payment), 'awaiting_payment'), expiresAt: event.expiresAt };
}

function declined(booking: Booking, event: EventOf<'payment.declined'>): Booking {
  const payment = paymentOf(booking, event.paymentId);
  // Word of an old refusal may arrive after the money did: the refusal is noted, the payment stands.
  const status = isLive(payment) ? 'requires_payment_method' : payment.status;
  const wireStatus = isLive(payment) ? event.wireStatus : payment.wireStatus;
  const next = patchPayment(booking, payment.id, { status, wireStatus, declines: payment.declines + 1, lastDecline: event.decline });
  return booking.phase === 'processing' && isLive(payment) ? moved(next, 'awaiting_payment') : next;
}

function captured(booking: Booking, event: EventOf<'payment.captured'>): Booking {
  const next = patchPayment(booking, event.paymentId, {
    status: 'succeeded',
    wireStatus: event.wireStatus,
    capturedMinor: event.amount.minor,
    capturedAt: event.capturedAt,
    feeMinor: event.fee?.minor ?? null,
    method: event.method,
  });
  const sums = withSums(next, {
    capturedMinor: booking.sums.capturedMinor + event.amount.minor,
    feesMinor: booking.sums.feesMinor + (event.fee?.minor ?? 0),
  });
  const wanted = booking.phase === 'awaiting_payment' || booking.phase === 'processing';
  return wanted ? moved(sums, 'confirming') : sums;
}

type SupplyEvent = Extract<BookingEvent, { type: `supplier.${string}` }>;

function applySupply(booking: Booking, event: SupplyEvent): Booking {
  switch (event.type) {
    case 'supplier.placing': {
      const order: SupplierOrder = {
        id: supplierOrderIdOf(booking.id, event.generation),
        supplier: event.supplier,
        generation: event.generation,
        ourRef: event.ourRef,
        orderNo: null,
        status: 'placing',
        net: event.net,
        paidMinor: 0,
        returnedMinor: 0,
        payBy: null,
      };
      return { ...booking, supplierOrders: [...booking.supplierOrders, order] };
    }
    case 'supplier.ordered':
      return patchOrder(booking, event.generation, {
        status: 'unpaid',
        orderNo: event.orderNo,
        net: event.net,
        payBy: event.payBy,
      });
    case 'supplier.refused':
      return patchOrder(booking, event.generation, { status: 'rejected' });
    case 'supplier.paid':
      return patchOrder(booking, event.generation, { status: 'pending', paidMinor: event.amount.minor });
    case 'supplier.confirmed':
      return patchOrder(booking, event.generation, { status: 'confirmed', net: event.net });
    case 'supplier.ended':
      return patchOrder(booking, event.generation, { status: event.as, returnedMinor: event.returned.minor });
  }
}

type RefundEvent = Extract<BookingEvent, { type: `refund.${string}` }>;

function applyRefund(booking: Booking, event: RefundEvent, at: string): Booking {
  if (event.type === 'refund.requested') return requested(booking, event, at);
  const refund = refundOf(booking, event.refundId);
  const amount = refund.amount.minor;
  const { reservedMinor, refundedMinor } = booking.sums;
  switch (event.type) {
    case 'refund.approved':
      return withSums(patchRefund(booking, refund.id, { status: 'pending' }), { reservedMinor: reservedMinor + amount });
    case 'refund.pending':
      return patchRefund(booking, refund.id, { status: 'pending', ref: event.ref });
    case 'refund.failed': {
      const held = refund.status === 'succeeded' ? { refundedMinor: refundedMinor - amount } : { reservedMinor: reservedMinor - amount };
      return withSums(patchRefund(booking, refund.id, { status: 'failed', failure: event.message }), held);
    }
    case 'refund.succeeded': {
      // Only a reservation becomes a return; a failed refund that revives must be reserved anew first.
      if (refund.status !== 'pending' && refund.status !== 'unknown')
        throw new ImpossibleFact(`${refund.id} succeeded though it is ${refund.status}`);
      const next = withSums(patchRefund(booking, refund.id, { status: 'succeeded', ref: event.ref }), {
        reservedMinor: reservedMinor - amount,
        refundedMinor: refundedMinor + amount,
      });
      return afterReturn(next, refund);
    }
  }
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
    requestedAt: at,
  };
  const reservedMinor = booking.sums.reservedMinor + (event.needsApproval ? 0 : event.amount.minor);
  return withSums({ ...booking, refunds: [...booking.refunds, refund] }, { reservedMinor });
}

/** How the booking reads once money went back: a second success returned changes nothing for the trip. */
function afterReturn(booking: Booking, refund: Refund): Booking {
  if (refund.cause === 'duplicate' || booking.phase === 'cancelled') return booking;
  const whole = booking.sums.refundedMinor >= booking.sums.capturedMinor;
  if (whole) {
    const all = moved(booking, 'refunded');
    return { ...all, vouchers: voided(all) };
  }
  return booking.phase === 'confirmed' ? moved(booking, 'partially_refunded') : booking;
}

function moved(booking: Booking, phase: Phase): Booking {
  if (!mayMove(booking.storefront, booking.phase, phase))
    throw new ImpossibleFact(`${booking.id} cannot go from ${booking.phase} to ${phase}`);
  return booking.phase === phase ? booking : { ...booking, phase };
}

const voided = (booking: Booking): Booking['vouchers'] => booking.vouchers.map((v) => ({ ...v, status: 'void' as const }));

const withSums = (booking: Booking, sums: Partial<Sums>): Booking => ({ ...booking, sums: { ...booking.sums, ...sums } });

function withPayment(booking: Booking, payment: Payment): Booking {
  const others = booking.payments.filter((p) => p.id !== payment.id);
  return { ...booking, payments: [...others, payment] };
}

function patchPayment(booking: Booking, id: string, patch: Partial<Payment>): Booking {
  const payment = { ...paymentOf(booking, id), ...patch };
  return { ...booking, payments: booking.payments.map((p) => (p.id === id ? payment : p)) };
}

function patchOrder(booking: Booking, generation: number, patch: Partial<SupplierOrder>): Booking {
  const order = { ...supplierOrderOf(booking, generation), ...patch };
  return { ...booking, supplierOrders: booking.supplierOrders.map((o) => (o.generation === generation ? order : o)) };
}

function patchRefund(booking: Booking, id: string, patch: Partial<Refund>): Booking {
  return { ...booking, refunds: booking.refunds.map((r) => (r.id === id ? { ...r, ...patch } : r)) };
}
