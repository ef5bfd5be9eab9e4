// State after a fact. Pure: time comes with the event, and a fact that cannot be is an error, not a shrug.
import type { Booking, SupplierOrder } from './booking.ts';
import { heldPayment, isEnded, isOver, isServed, isUnderWay, supplierOrderOf, unreturnedOf } from './booking.ts';
import { moved, voided } from './changes.ts';
import type { BookingEvent, EventOf } from './events.ts';
import { applyDispute } from './evolve-dispute.ts';
import { applyPayment } from './evolve-payment.ts';
import { applyRefund } from './evolve-refund.ts';
import { supplierOrderIdOf } from './ids.ts';
import { ImpossibleFact } from './impossible-fact.ts';
import { sourcesOf } from './payment-facts.ts';
import { sumsOf } from './sums.ts';
import { tripOf } from './trip.ts';

export function evolve(booking: Booking, event: BookingEvent, at: string): Booking {
  const next = apply(booking, event, at);
  return { ...next, sums: sumsOf(next), version: booking.version + 1 };
}

function apply(booking: Booking, event: BookingEvent, at: string): Booking {
  switch (event.type) {
    case 'payment.opened':
    case 'payment.refused':
    case 'payment.action_required':
    case 'payment.processing':
    case 'payment.abandoned':
    case 'payment.adopted':
    case 'payment.declined':
    case 'payment.authorised':
    case 'payment.captured':
    case 'payment.fee_known':
    case 'payment.closed':
    case 'payment.duplicate_refunded':
      return applyPayment(booking, event, at);
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
    case 'dispute.opened':
    case 'dispute.updated':
    case 'dispute.closed':
      return applyDispute(booking, event);
    case 'attention.raised':
      return { ...booking, attention: { id: event.id, step: event.step, reason: event.reason, since: at } };
    case 'attention.cleared':
      return booking.attention?.id === event.id ? { ...booking, attention: null } : booking;
    case 'vouchers.ready':
      return { ...booking, vouchers: vouchersIn(event, booking) };
    case 'booking.confirmed':
      return confirmed(booking, at);
    case 'booking.revived':
      if (booking.disputes.length > 0) throw new ImpossibleFact(`${booking.id} is revived on money that was disputed`);
      return moved(booking, 'confirming');
    case 'booking.expired':
      return moved(booking, 'expired');
    case 'booking.failed':
      return failed(booking);
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

/** Those that come after the trip was taken back let nobody in. */
function vouchersIn({ vouchers }: EventOf<'vouchers.ready'>, { phase }: Booking): Booking['vouchers'] {
  const status = isEnded(phase) ? 'void' : 'ready';
  return vouchers.map((voucher, i) => ({ ...voucher, number: i + 1, status }));
}

/** Less what went back before anybody knew that the trip would be had. */
function confirmed(booking: Booking, at: string): Booking {
  if (heldPayment(booking)) throw new ImpossibleFact(`${booking.id} is confirmed before its money was taken`);
  if (isServed(booking.phase)) throw new ImpossibleFact(`${booking.id} is confirmed twice`);
  const next = { ...moved(booking, 'confirmed'), confirmedAt: at };
  return tripOf(next).returnedMinor > 0 ? moved(next, 'partially_refunded') : next;
}

function failed(booking: Booking): Booking {
  const isPaid = booking.phase === 'confirming' && booking.sums.capturedMinor > 0;
  if (isPaid || heldPayment(booking)) throw new ImpossibleFact(`${booking.id} fails while there is money for it`);
  return { ...moved(booking, 'failed'), vouchers: voided(booking) };
}

/** A trip that is made good has left 'confirming' with its money; one still under way may hold none. */
const heldForTrip = (booking: Booking): boolean =>
  isUnderWay(booking.phase) && sourcesOf(booking, 'compensation').some((payment) => unreturnedOf(booking, payment) > 0);

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

function patchStanding(booking: Booking, { type, generation }: SupplyEvent, patch: Partial<SupplierOrder>): Booking {
  if (isOver(supplierOrderOf(booking, generation)))
    throw new ImpossibleFact(`${booking.id}: ${type} of order ${generation}, which is over`);
  return patchOrder(booking, generation, patch);
}

function patchOrder(booking: Booking, generation: number, patch: Partial<SupplierOrder>): Booking {
  const order = { ...supplierOrderOf(booking, generation), ...patch };
  return { ...booking, supplierOrders: booking.supplierOrders.map((o) => (o.generation === generation ? order : o)) };
}
