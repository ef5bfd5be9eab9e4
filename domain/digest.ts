// The little of a booking that its workflow needs to decide and to show: ids and states, nothing personal.
import type { Booking, BookingStatus, Payment, Phase, Refund, RefundCause, Storefront } from './booking.ts';
import {
  currentSupplierOrder,
  heldPayment,
  isForTrip,
  isUnderWay,
  leadingPayment,
  paymentOf,
  refundableOfPayment,
  statusOf,
  totalMinor,
  unreturnedOf,
} from './booking.ts';
import { evidenceTurn, lostOf } from './dispute.ts';
import { goneMinor, paysByNow, sourcesOf, straySuccesses } from './payment-facts.ts';
import type { DisputeStanding } from './payment.ts';
import type { ProductKind } from './product.ts';
import { isTripFrozen } from './trip.ts';

export interface DisputeDigest {
  readonly ref: string;
  readonly standing: DisputeStanding;
  readonly amountMinor: number;
}

/** A refund that had arrived and was sent back. */
export interface ReturnedRefund {
  readonly refundId: string;
  readonly paymentId: string;
  readonly amountMinor: number;
  readonly cause: RefundCause;
  readonly reason: string;
  /** Of its payment: neither given back nor promised, nor lost to a bank. */
  readonly leftMinor: number;
  /** That payment pays for the trip by now: nobody is owed this. Only where so. */
  readonly paysTrip?: true;
}

export interface Digest {
  /** Grows with every fact: of two digests the newer one counts, whichever arrived first. */
  readonly version: number;
  readonly number: string;
  readonly storefront: Storefront;
  readonly kind: ProductKind;
  readonly status: BookingStatus;
  readonly phase: Phase;
  readonly amountMinor: number;
  readonly currency: string;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  /** What was asked for and not taken, though the gateway is done with it. */
  readonly shortMinor: number;
  /** Of what pays for the trip: given back or promised, or lost to a bank. */
  readonly goneMinor: number;
  /** How many attempts were paid, at whatever sum and in whichever currency. */
  readonly paidAttempts: number;
  /** The highest number that an attempt bears. Histories of before do not tell it. */
  readonly lastAttempt?: number;
  /** Taken for this trip, at what it costs, and not on its way back. */
  readonly payableMinor: number;
  /** Taken for this trip or beside it, in whichever currency, and neither given back nor lost: an open dispute may still bring it back. */
  readonly keptMinor: number;
  /** Of that, what a compensation gives back: the trip's money, or without a trip all of it. Histories of before do not tell it. */
  readonly toCompensateMinor?: number;
  /** Taken beside what pays for the trip, and not on its way back yet. */
  readonly strayMinor: number;
  /** Until when money that is only held can be taken; null when none is. */
  readonly heldUntil: string | null;
  readonly expiresAt: string;
  readonly serviceAt: string | null;
  readonly paymentId: string | null;
  readonly paymentStatus: string;
  readonly paymentRef: string | null;
  readonly gateway: string | null;
  readonly supplierStatus: string;
  readonly supplierRef: string | null;
  readonly disputes: readonly DisputeDigest[];
  /** A bank has money that paid for this trip, until it decides. */
  readonly isTripFrozen?: true;
  /** Of the paper for the bank: another one when that has to be drawn anew. Only once something was disputed. */
  readonly evidenceTurn?: number | undefined;
  /** Only once there was one. */
  readonly cameBack?: readonly ReturnedRefund[];
  /** Counted once nothing is under way any more: a refund that still fails makes up for it. */
  readonly overReturnedMinor: number;
}

/** All of what was asked for was taken, and it is not on its way back. */
export const isPaidFor = ({ payableMinor, shortMinor }: Digest): boolean => payableMinor > 0 && shortMinor === 0;

export function digestOf(booking: Booking): Digest {
  const payment = leadingPayment(booking);
  const order = currentSupplierOrder(booking);
  return {
    version: booking.version,
    number: booking.number,
    storefront: booking.storefront,
    kind: booking.kind,
    status: statusOf(booking),
    phase: booking.phase,
    amountMinor: booking.charge.minor,
    currency: booking.charge.currency,
    capturedMinor: booking.sums.capturedMinor,
    refundedMinor: booking.sums.refundedMinor,
    shortMinor: shortOf(booking),
    goneMinor: goneMinor(booking, 'cancellation'),
    paidAttempts: booking.payments.filter(({ status }) => status === 'succeeded').length,
    lastAttempt: Math.max(0, ...booking.payments.map(({ attempt }) => attempt)),
    payableMinor: minorOf(
      booking.payments.filter((p) => isForTrip(booking, p)),
      (p) => unreturnedOf(booking, p),
    ),
    keptMinor: minorOf(
      booking.payments.filter(({ ofEarlierTrip }) => !ofEarlierTrip),
      (p) => keptOf(booking, p),
    ),
    toCompensateMinor: minorOf(sourcesOf(booking, 'compensation'), (p) => keptOf(booking, p)),
    strayMinor: minorOf(straySuccesses(booking), (stray) => refundableOfPayment(booking, stray)),
    heldUntil: heldPayment(booking)?.heldUntil ?? null,
    expiresAt: booking.expiresAt,
    serviceAt: booking.serviceAt,
    paymentId: payment?.id ?? null,
    paymentStatus: payment?.status ?? 'none',
    paymentRef: payment?.ref ?? null,
    gateway: payment?.gateway ?? null,
    supplierStatus: order?.status ?? 'none',
    supplierRef: order?.orderNo ?? null,
    overReturnedMinor: booking.sums.reservedMinor > 0 ? 0 : booking.sums.overReturnedMinor,
    ...returnedRefunds(booking),
    ...(isTripFrozen(booking) && { isTripFrozen: true as const }),
    ...(booking.disputes.length > 0 && { evidenceTurn: evidenceTurn(booking) }),
    disputes: booking.disputes.map(({ ref, standing, amount }) => ({ ref, standing, amountMinor: amount.minor })),
  };
}

function returnedRefunds(booking: Booking): Pick<Digest, 'cameBack'> {
  const returned = booking.refunds.filter(({ cameBack }) => cameBack);
  return returned.length > 0 ? { cameBack: returned.map((refund) => returnedDigest(booking, refund)) } : {};
}

/** Of what pays for the trip, whichever attempt leads: another one may still be open. */
function shortOf(booking: Booking): number {
  const [paying] = isUnderWay(booking.phase) ? sourcesOf(booking, 'compensation') : [];
  const payment = paying ?? leadingPayment(booking);
  return payment?.status === 'succeeded' ? payment.amount.minor - payment.capturedMinor : 0;
}

const returnedDigest = (booking: Booking, { id, paymentId, amount, cause, reason }: Refund): ReturnedRefund => ({
  refundId: id,
  paymentId,
  amountMinor: amount.minor,
  cause,
  reason,
  leftMinor: unreturnedOf(booking, paymentOf(booking, paymentId)),
  ...(paysByNow(booking, { cause, paymentId }) && { paysTrip: true as const }),
});

const minorOf = (payments: readonly Payment[], of: (payment: Payment) => number): number =>
  payments.reduce((sum, payment) => sum + of(payment), 0);

function keptOf(booking: Booking, payment: Payment): number {
  const back = booking.refunds.filter(({ paymentId, status }) => paymentId === payment.id && status === 'succeeded');
  return Math.max(0, payment.capturedMinor - totalMinor(back) - lostOf(booking, payment));
}

/** A bank has money of it until it decides. */
export const hasOpenDispute = ({ disputes }: Pick<Digest, 'disputes'>): boolean =>
  disputes.some(({ standing }) => standing === 'open');
