// State after a fact. Pure: time comes with the event, and a fact that cannot be is an error, not a shrug.
import type { Booking, Payment, SupplierOrder } from './booking.ts';
import {
  isEnded,
  isLive,
  isOver,
  isUnderWay,
  paymentOf,
  refundableMinor,
  refundableOfPayment,
  supplierOrderOf,
} from './booking.ts';
import { ImpossibleFact, moved, voided, withSums } from './changes.ts';
import type { BookingEvent, EventOf } from './events.ts';
import { applyRefund } from './evolve-refund.ts';
import { paymentIdOf, supplierOrderIdOf } from './ids.ts';
import { sourcesOf } from './payment-facts.ts';

export function evolve(booking: Booking, event: BookingEvent, at: string): Booking {
  const next = apply(booking, event, at);
  const { capturedMinor, refundedMinor, reservedMinor, disputedMinor, overReturnedMinor } = next.sums;
  if (
    reservedMinor < 0 ||
    refundedMinor < 0 ||
    refundedMinor + reservedMinor + disputedMinor > capturedMinor + overReturnedMinor
  )
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
      return booking.attention?.id === event.id ? { ...booking, attention: null } : booking;
    case 'vouchers.ready': {
      // Vouchers that come after the trip was taken back let nobody in.
      const status = isEnded(booking.phase) ? 'void' : 'ready';
      return { ...booking, vouchers: event.vouchers.map((v, i) => ({ ...v, number: i + 1, status })) };
    }
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
      if (heldForTrip(booking)) throw new ImpossibleFact(`${booking.id} is compensated while money for it is held`);
      return booking.phase === 'cancelled' ? booking : { ...moved(booking, 'refunded'), vouchers: voided(booking) };
    case 'booking.compensation_started':
      return { ...booking, vouchers: voided(booking) };
    case 'documents.issued':
    case 'notice.resent':
      return booking;
  }
}

/** A trip that is made good has left 'confirming' with its money; one still under way may hold none. */
const heldForTrip = (booking: Booking): boolean =>
  isUnderWay(booking.phase) &&
  refundableMinor(booking) > 0 &&
  sourcesOf(booking, 'compensation').some((payment) => refundableOfPayment(booking, payment) > 0);

type PaymentEvent = Extract<BookingEvent, { type: `payment.${string}` }>;

function applyPayment(booking: Booking, event: PaymentEvent): Booking {
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
    case 'payment.captured':
      return captured(booking, event);
    case 'payment.fee_known': {
      const known = paymentOf(booking, event.paymentId).feeMinor ?? 0;
      const next = patchPayment(booking, event.paymentId, { feeMinor: event.fee.minor });
      return withSums(next, { feesMinor: booking.sums.feesMinor - known + event.fee.minor });
    }
    case 'payment.closed':
      return patchLive(booking, event, { status: 'cancelled', wireStatus: event.wireStatus });
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
    ofEarlierTrip: false,
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
  if (event.amount.currency !== booking.charge.currency && booking.sums.capturedMinor > 0)
    throw new ImpossibleFact(`${booking.id}: ${event.paymentId} changes the currency of money that was taken`);
  const reopened = booking.phase === 'refunded' ? withoutEarlierTrip(booking) : booking;
  const { amount: charge, expiresAt } = event;
  return { ...moved(withPayment(reopened, payment), 'awaiting_payment'), charge, expiresAt };
}

/** Reopened after a full refund, the trip is not confirmed any more, and what paid for it pays for nothing now. */
function withoutEarlierTrip(booking: Booking): Booking {
  const payments = booking.payments.map((p) => (p.status === 'succeeded' ? { ...p, ofEarlierTrip: true } : p));
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
  });
  return booking.phase === 'processing' && isLive(payment) ? moved(next, 'awaiting_payment') : next;
}

function captured(booking: Booking, event: EventOf<'payment.captured'>): Booking {
  const { status, amount } = paymentOf(booking, event.paymentId);
  if (status === 'succeeded') throw new ImpossibleFact(`${event.paymentId} was captured before`);
  if (event.amount.currency !== amount.currency || event.amount.minor > amount.minor)
    throw new ImpossibleFact(
      `${event.paymentId} captured ${event.amount.minor} ${event.amount.currency}, asked was ${amount.minor} ${amount.currency}`,
    );
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
      const rival = booking.supplierOrders.find((o) => !isOver(o));
      if (rival)
        throw new ImpossibleFact(`${booking.id}: order ${event.generation} placed while ${rival.generation} stands`);
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
      return patchStanding(booking, event, {
        status: 'unpaid',
        orderNo: event.orderNo,
        net: event.net,
        payBy: event.payBy,
      });
    case 'supplier.refused':
      return patchStanding(booking, event, { status: 'rejected' });
    case 'supplier.paid': {
      // Word that our balance was charged may come after the order's end: the money is noted, the order stays over.
      const order = supplierOrderOf(booking, event.generation);
      return patchOrder(booking, event.generation, {
        status: isOver(order) ? order.status : 'pending',
        paidMinor: event.amount.minor,
      });
    }
    case 'supplier.confirmed':
      return patchStanding(booking, event, { status: 'confirmed', net: event.net });
    case 'supplier.ended':
      return patchStanding(booking, event, { status: event.as, returnedMinor: event.returned.minor });
  }
}

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

function patchStanding(booking: Booking, { type, generation }: SupplyEvent, patch: Partial<SupplierOrder>): Booking {
  if (isOver(supplierOrderOf(booking, generation)))
    throw new ImpossibleFact(`${booking.id}: ${type} of order ${generation}, which is over`);
  return patchOrder(booking, generation, patch);
}

function patchOrder(booking: Booking, generation: number, patch: Partial<SupplierOrder>): Booking {
  const order = { ...supplierOrderOf(booking, generation), ...patch };
  return { ...booking, supplierOrders: booking.supplierOrders.map((o) => (o.generation === generation ? order : o)) };
}
