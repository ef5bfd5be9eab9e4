// The booking as the ledger of facts leaves it: everything a decision may depend on, nothing personal.
import { isFrozen, lostOf } from './dispute.ts';
import { impossible } from './impossible-fact.ts';
import type { Money } from './money.ts';
import { equals } from './money.ts';
import type { Decline, DisputeFact, GatewayName, PaymentMethod, PaymentStatus } from './payment.ts';
import type { ProductKind } from './product.ts';
import type { SupplierName, SupplyStatus } from './supply.ts';

export const STOREFRONTS = ['trektoo', 'cart', 'dreamscape', 'travello', 'airport'] as const;
export type Storefront = (typeof STOREFRONTS)[number];

export const PHASES = [
  'awaiting_payment',
  'processing',
  'confirming',
  'confirmed',
  'expired',
  'cancelled',
  'failed',
  'partially_refunded',
  'refunded',
] as const;
export type Phase = (typeof PHASES)[number];
export type BookingStatus = Phase | 'needs_attention';
export const BOOKING_STATUSES: readonly BookingStatus[] = [...PHASES, 'needs_attention'];

export interface Attention {
  readonly id: string;
  readonly step: string;
  readonly reason: string;
  readonly since: string;
}

export interface Payment {
  readonly id: string;
  readonly attempt: number;
  readonly gateway: GatewayName;
  readonly ref: string | null;
  readonly amount: Money;
  readonly status: PaymentStatus;
  readonly wireStatus: string;
  readonly declines: number;
  readonly lastDecline: Decline | null;
  readonly method: PaymentMethod | null;
  readonly capturedMinor: number;
  readonly feeMinor: number | null;
  readonly capturedAt: string | null;
  /** Since when its money is held, and until when it can be taken. */
  readonly heldAt: string | null;
  readonly heldUntil: string | null;
  /** It paid for a trip that was given back in full before the booking was opened anew. */
  readonly ofEarlierTrip: boolean;
  /** That trip had been confirmed, so that this had become revenue. */
  readonly earnedEarlier: boolean;
  /** More was taken than was asked for, or another currency: the amount is what was taken. */
  readonly mispaid: boolean;
  /** How the customer left the gateway's page last without paying. */
  readonly abandoned: Abandonment | null;
}

export type AbandonedAs = 'failed' | 'cancelled';

export interface Abandonment {
  readonly as: AbandonedAs;
  readonly note: string;
}

export type SupplierOrderStatus = 'placing' | Exclude<SupplyStatus, 'unknown'> | 'unknown';

export interface SupplierOrder {
  readonly id: string;
  readonly supplier: SupplierName;
  readonly generation: number;
  readonly ourRef: string;
  readonly orderNo: string | null;
  readonly status: SupplierOrderStatus;
  /** What we accepted to pay. */
  readonly net: Money;
  /** What left our balance, and what came back to it. */
  readonly paidMinor: number;
  readonly returnedMinor: number;
  readonly payBy: string | null;
}

export type RefundStatus = 'awaiting_approval' | 'pending' | 'succeeded' | 'failed' | 'unknown';
export type RefundCause = 'staff' | 'cancellation' | 'compensation' | 'duplicate' | 'late';

export interface Refund {
  readonly id: string;
  readonly paymentId: string;
  readonly amount: Money;
  readonly status: RefundStatus;
  readonly cause: RefundCause;
  readonly reason: string;
  readonly actor: string;
  readonly ref: string | null;
  readonly failure: string | null;
  /** It had arrived, and was sent back by the customer's bank. */
  readonly cameBack: boolean;
  readonly requestedAt: string;
}

/** As the gateway told it last. */
export interface Dispute extends DisputeFact {
  readonly paymentId: string;
  /** How many facts of it are known; names the next one. */
  readonly turn: number;
  /** Whether what was lost had come beside the money for the trip; null until it is lost for the first time. */
  readonly ofStray: boolean | null;
}

export interface VoucherCode {
  readonly code: string;
  readonly description: string;
}

export interface Voucher {
  /** 1, 2, 3 … as the documents are numbered. */
  readonly number: number;
  readonly status: 'pending' | 'ready' | 'void';
  /** One line of the supplier's order may let several people in, each with a code. */
  readonly codes: readonly VoucherCode[];
  readonly bookingRef: string;
  readonly url: string | null;
}

/** In the currency of the charge. */
export interface Sums {
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  /** Promised to refunds that have not ended yet. */
  readonly reservedMinor: number;
  /** With the customers' banks: taken until they decide, or lost. */
  readonly disputedMinor: number;
  /** What left beyond what was captured, payment by payment, through facts made elsewhere. */
  readonly overReturnedMinor: number;
  readonly feesMinor: number;
}

export interface Booking {
  readonly id: string;
  readonly number: string;
  readonly storefront: Storefront;
  readonly externalId: string;
  readonly kind: ProductKind;
  readonly version: number;
  readonly phase: Phase;
  readonly attention: Attention | null;
  readonly charge: Money;
  /** Units of the charge currency per unit of the supplier's; frozen when the price was made. */
  readonly fxRate: string | null;
  readonly expiresAt: string;
  readonly serviceAt: string | null;
  readonly serviceZone: string | null;
  readonly sums: Sums;
  readonly payments: readonly Payment[];
  readonly supplierOrders: readonly SupplierOrder[];
  readonly refunds: readonly Refund[];
  readonly disputes: readonly Dispute[];
  readonly vouchers: readonly Voucher[];
  readonly confirmedAt: string | null;
}

const LIVE: readonly PaymentStatus[] = [
  'opening',
  'requires_payment_method',
  'requires_action',
  'processing',
  'authorised',
];

export const isLive = ({ status }: Pick<Payment, 'status'>): boolean => LIVE.includes(status);

export const statusOf = (booking: Pick<Booking, 'phase' | 'attention'>): BookingStatus =>
  booking.attention ? 'needs_attention' : booking.phase;

/** Paid for, and neither taken back nor over. */
export const isUnderWay = (phase: Phase): boolean => phase === 'confirming' || isServed(phase);

/** Confirmed, and not taken back: somebody travels on it. */
export const isServed = (phase: Phase): boolean => phase === 'confirmed' || phase === 'partially_refunded';

/** The supplier issues them, and has not yet: they may come hours after the confirmation. */
export const awaitsVouchers = ({ kind, phase, vouchers }: Pick<Booking, 'kind' | 'phase' | 'vouchers'>): boolean =>
  kind === 'activity' && isServed(phase) && vouchers.length === 0;

/** Nobody travels on it, and nothing is under way. */
export const isEnded = (phase: Phase): boolean =>
  phase === 'expired' || phase === 'cancelled' || phase === 'failed' || phase === 'refunded';

/** An order that the supplier will do nothing for any more. */
export type OverStatus = 'rejected' | 'expired' | 'canceled';

export const isOver = <T extends { readonly status: string }>(order: T): order is T & { status: OverStatus } =>
  order.status === 'rejected' || order.status === 'expired' || order.status === 'canceled';

/** Money that counts as paid for the trip, and in no book of ours. */
export const heldPayment = (booking: Booking): Payment | undefined =>
  booking.payments.find(({ status }) => status === 'authorised');

/** Since when there is money for the trip, taken or held. */
export function securedAt({ payments }: Booking): string | null {
  const payment = payments.findLast(({ capturedAt, heldAt }) => capturedAt ?? heldAt);
  return payment?.capturedAt ?? payment?.heldAt ?? null;
}

/** Whoever paid another sum, or in another currency, has not paid what the booking costs: his money goes back. */
export const isForTrip = ({ charge }: Pick<Booking, 'charge'>, { amount, ofEarlierTrip, mispaid }: Payment): boolean =>
  !ofEarlierTrip && !mispaid && equals(amount, charge);

export const livePayment = (booking: Booking): Payment | undefined => booking.payments.find(isLive);

/** The attempt that speaks for the booking: the live one, else the one that paid for this trip, else the last. */
export function leadingPayment(booking: Booking): Payment | undefined {
  const paid = booking.payments.find((p) => p.status === 'succeeded' && isForTrip(booking, p));
  return livePayment(booking) ?? paid ?? booking.payments.at(-1);
}

export const currentSupplierOrder = (booking: Booking): SupplierOrder | undefined => booking.supplierOrders.at(-1);

export const paymentOf = ({ id, payments }: Booking, paymentId: string): Payment =>
  payments.find((p) => p.id === paymentId) ?? impossible(`${id} has no payment ${paymentId}`);

export const supplierOrderOf = ({ id, supplierOrders: all }: Booking, generation: number): SupplierOrder =>
  all.find((o) => o.generation === generation) ?? impossible(`${id} has no supplier order of generation ${generation}`);

export const refundOf = ({ id, refunds }: Booking, refundId: string): Refund =>
  refunds.find((r) => r.id === refundId) ?? impossible(`${id} has no refund ${refundId}`);

/** What could be given back now without returning more than was taken, in the currency of the charge. */
export const refundableMinor = (booking: Booking): number =>
  inChargeCurrency(booking).reduce((sum, payment) => sum + refundableOfPayment(booking, payment), 0);

const inChargeCurrency = ({ charge, payments }: Booking): readonly Payment[] =>
  payments.filter(({ amount }) => amount.currency === charge.currency);

/** The same, of one payment: money goes back the way it came, and none while its customer's bank disputes it. */
export function refundableOfPayment(booking: Booking, payment: Payment): number {
  return isFrozen(booking, payment) ? 0 : unreturnedOf(booking, payment);
}

/** What neither we nor a bank gave back, nor are about to. */
export const unreturnedOf = (booking: Booking, payment: Payment): number =>
  Math.max(0, payment.capturedMinor - refundedOf(booking, payment) - lostOf(booking, payment));

export const unreturnedMinor = (booking: Booking): number =>
  inChargeCurrency(booking).reduce((sum, payment) => sum + unreturnedOf(booking, payment), 0);

/** What its gateway can have given back without our asking: what staff gave by other means never left it. */
export const leftThereOf = (booking: Pick<Booking, 'refunds'>, payment: Payment): number =>
  payment.capturedMinor - refundedOf({ refunds: booking.refunds.filter((r) => !isMadeByHand(r)) }, payment);

/** What was given back of a payment, or is promised. */
export const refundedOf = ({ refunds }: Pick<Booking, 'refunds'>, { id }: Pick<Payment, 'id'>): number =>
  totalMinor(refunds.filter((r) => r.paymentId === id && holdsMoney(r.status)));

/** What staff gave or wants to give back in one currency, refusals left out: no limit speaks of two. */
export function staffRefundsMinor({ refunds }: Pick<Booking, 'refunds'>, currency: string): number {
  const standing = refunds.filter(({ status }) => status !== 'failed');
  // What came back may go again without a second word; once it did, that is what counts.
  const mayGoAgain = refunds.filter(
    ({ id, cameBack }) => cameBack && standing.every((other) => !other.id.startsWith(`${id}_`)),
  );
  const ofStaff = [...standing, ...mayGoAgain].filter(
    ({ cause, amount }) => cause === 'staff' && amount.currency === currency,
  );
  return totalMinor(ofStaff);
}

const BY_HAND = /^by-hand\//;

/** A person gave it back by other means than the gateway's, which knows nothing of it. */
export const isMadeByHand = ({ ref }: Pick<Refund, 'ref'>): boolean => ref !== null && BY_HAND.test(ref);

/** Why a refund came to nothing that nobody had approved. */
export const WITHDRAWN = 'withdrawn';

export const isWithdrawn = ({ status, failure }: Pick<Refund, 'status' | 'failure'>): boolean =>
  status === 'failed' && failure !== null && failure.startsWith(`${WITHDRAWN} by `);

/** How a gateway without a way back names a refund that staff have to hand out. */
export const DESK = 'desk/';

/** Promised, and nobody but staff can give it. */
export const isToHandOut = ({ status, ref }: Pick<Refund, 'status' | 'ref'>): boolean =>
  status === 'pending' && ref !== null && ref.startsWith(DESK);

export const totalMinor = (refunds: readonly Refund[]): number =>
  refunds.reduce((sum, { amount }) => sum + amount.minor, 0);

export const holdsMoney = (status: RefundStatus): boolean =>
  status === 'pending' || status === 'unknown' || status === 'succeeded';

/** Whether the money came beside or after what paid for the trip: it goes back whatever becomes of the trip. */
export const isStray = (cause: RefundCause): boolean => cause === 'duplicate' || cause === 'late';
