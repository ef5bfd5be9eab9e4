// The little of a booking that its workflow needs to decide and to show: ids and states, nothing personal.
import type { Booking, BookingStatus, Payment, Phase, Storefront } from './booking.ts';
import {
  currentSupplierOrder,
  heldPayment,
  leadingPayment,
  refundableOfPayment,
  statusOf,
  totalMinor,
} from './booking.ts';
import { lostOf } from './dispute.ts';
import { goneMinor, straySuccesses } from './payment-facts.ts';
import type { DisputeStanding } from './payment.ts';
import type { ProductKind } from './product.ts';

export interface DisputeDigest {
  readonly ref: string;
  readonly standing: DisputeStanding;
  readonly amountMinor: number;
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
  /** Taken beside what pays for the trip, and not on its way back yet. */
  readonly strayMinor: number;
  /** Of earlier trips, and not with their customers: a refund bounced. Below zero when more went back than was taken. */
  readonly earlierMinor: number;
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
  /** Counted once nothing is under way any more: a refund that still fails makes up for it. */
  readonly overReturnedMinor: number;
}

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
    shortMinor: payment?.status === 'succeeded' ? payment.amount.minor - payment.capturedMinor : 0,
    goneMinor: goneMinor(booking, 'cancellation'),
    strayMinor: straySuccesses(booking).reduce((sum, stray) => sum + refundableOfPayment(booking, stray), 0),
    earlierMinor: keptOfEarlier(booking),
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
    disputes: booking.disputes.map(({ ref, standing, amount }) => ({ ref, standing, amountMinor: amount.minor })),
  };
}

function keptOfEarlier(booking: Booking): number {
  const earlier = booking.payments.filter(({ ofEarlierTrip }) => ofEarlierTrip);
  const backOf = ({ id }: Payment): number =>
    totalMinor(booking.refunds.filter(({ paymentId, status }) => paymentId === id && status === 'succeeded'));
  return earlier.reduce((sum, p) => sum + p.capturedMinor - backOf(p) - lostOf(booking, p), 0);
}

/** A bank has money of it until it decides. */
export const hasOpenDispute = ({ disputes }: Pick<Digest, 'disputes'>): boolean =>
  disputes.some(({ standing }) => standing === 'open');

/** Taken for this trip or beside it, and neither given back nor lost to a bank: an open dispute may still bring it back. */
export const keptMinor = ({ capturedMinor, refundedMinor, earlierMinor, disputes }: Digest): number => {
  const lost = disputes.reduce((sum, { standing, amountMinor }) => sum + (standing === 'lost' ? amountMinor : 0), 0);
  return capturedMinor - refundedMinor - lost - earlierMinor;
};
