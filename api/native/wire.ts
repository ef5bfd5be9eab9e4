// How a booking reads on the native API: amounts in minor units, nothing personal.
import { z } from '@hono/zod-openapi';
import type { ListedBooking } from '../../db/lists.ts';
import type { StoredBooking } from '../../db/bookings.ts';
import {
  BOOKING_STATUSES,
  currentSupplierOrder,
  isEnded,
  isToHandOut,
  leadingPayment,
  PHASES,
  refundableMinor,
  statusOf,
  STOREFRONTS,
} from '../../domain/booking.ts';
import type { Booking, Dispute, Payment, Refund } from '../../domain/booking.ts';
import { soldOf } from '../../domain/product.ts';
import type { Product } from '../../domain/product.ts';
import { profitOf } from '../../domain/ledger.ts';
import { refundReasonOf } from '../../domain/refund-words.ts';
import type { PaymentAccess } from '../../db/payment-secrets.ts';

const Minor = z.int().openapi({ description: 'Minor units of the currency' });
const When = z.iso.datetime();

export const NextAction = z.discriminatedUnion('type', [
  z.object({ type: z.literal('confirm_card'), clientSecret: z.string() }),
  z.object({ type: z.literal('redirect'), url: z.string() }),
  z.object({ type: z.literal('none') }),
]);
const Links = z.record(z.string(), z.string());
const PaymentHead = z.object({ id: z.string(), gateway: z.string(), status: z.string() });

export const Created = z.object({
  id: z.string(),
  number: z.string(),
  status: z.enum(BOOKING_STATUSES),
  amount: Minor,
  currency: z.string(),
  payment: PaymentHead,
  nextAction: NextAction,
  expiresAt: When,
  links: Links,
});
/** The workflow is slow: ask the status link, or send the same request again. */
export const Accepted = Created.omit({ nextAction: true });

export const RefundWire = z.object({
  id: z.string(),
  ref: z.string().nullable().openapi({ description: "The gateway's name of it, once known" }),
  amount: Minor,
  currency: z.string(),
  status: z.enum(['awaiting_approval', 'pending', 'succeeded', 'failed', 'unknown']),
  toHandOut: z.boolean().openapi({
    description:
      'Paid at the desk, so it is handed out there: no bank sends it, and it stays `pending` until staff resolve it as done',
  }),
  whatToDo: z.string().nullable().optional().openapi({ description: 'Only for staff: what it waits for from them' }),
  cause: z.string(),
  reason: z.string(),
  requestedAt: When,
  failure: z.string().nullable(),
  staffReason: z.string().nullable().optional().openapi({ description: 'Only for staff: why they gave it back' }),
});

const DisputeWire = z.object({
  id: z.string().openapi({ description: "The gateway's name of it" }),
  paymentId: z.string(),
  status: z.enum(['inquiry', 'open', 'won', 'lost', 'dropped']).openapi({
    description:
      '`inquiry`: a bank asks, and has taken nothing; `open`: it has the money until it decides; `dropped`: it ended without taking any',
  }),
  reason: z.string(),
  amount: Minor,
  fee: Minor.nullable(),
  currency: z.string(),
  evidenceDueBy: When.nullable(),
  openedAt: When,
});

export const BookingBody = z.object({
  id: z.string(),
  number: z.string(),
  storefront: z.enum(STOREFRONTS),
  externalId: z.string(),
  status: z.enum(BOOKING_STATUSES),
  phase: z.enum(PHASES),
  version: z
    .int()
    .openapi({ description: 'Grows with every change; give it back as ?version= to wait for the next one' }),
  amount: Minor,
  currency: z.string(),
  captured: Minor,
  refunded: Minor,
  refundable: Minor.openapi({ description: 'Now: nothing of a payment while it is disputed' }),
  attention: z
    .object({ id: z.string(), step: z.string(), reason: z.string(), since: When })
    .nullable()
    .optional()
    .openapi({ description: 'Only for staff, who name it by its id' }),
  profit: z
    .object({ amount: Minor, currency: z.string() })
    .nullable()
    .optional()
    .openapi({ description: 'Only for staff' }),
  disputes: z.array(DisputeWire).optional().openapi({ description: 'Only for staff' }),
  service: z.object({ at: When.nullable(), local: z.string().nullable(), timezone: z.string().nullable() }),
  product: z.object({
    kind: z.string(),
    name: z.string(),
    option: z.string().nullable(),
    items: z.array(z.object({ skuId: z.string().optional(), name: z.string(), count: z.int() })),
  }),
  payment: PaymentHead.extend({
    attempt: z.int(),
    ref: z.string().nullable(),
    wireStatus: z.string(),
    declines: z.int(),
    lastDecline: z.object({ code: z.string(), message: z.string() }).nullable(),
  }).nullable(),
  supplierOrder: z
    .object({ supplier: z.string(), ref: z.string(), orderNo: z.string().nullable(), status: z.string() })
    .nullable(),
  refunds: z.array(RefundWire),
  vouchers: z.array(z.object({ number: z.int(), status: z.enum(['pending', 'ready', 'void']), url: z.string() })),
  nextAction: NextAction,
  createdAt: When,
  expiresAt: When,
  confirmedAt: When.nullable(),
  links: Links,
});

export function linksOf({ id, phase }: Pick<Booking, 'id' | 'phase'>, publicUrl: string): Record<string, string> {
  const self = `${publicUrl}/v1/bookings/${id}`;
  return {
    self,
    status: self,
    events: `${self}/events`,
    timeline: `${self}/timeline`,
    ...(isEnded(phase) ? {} : { cancelQuote: `${self}/cancel-quote` }),
  };
}

/** What staff wrote, and what names them, stays in the house. */
export function refundWire(refund: Refund, { staff }: Pick<Viewing, 'staff'>): z.output<typeof RefundWire> {
  const { id, amount, status, cause, requestedAt } = refund;
  const { ref, reason, failure } = staff ? refund : forCustomers(refund);
  const toHandOut = isToHandOut(refund);
  const head = { id, ref, amount: amount.minor, currency: amount.currency, status, toHandOut };
  return { ...head, ...(staff && { whatToDo: whatToDo(toHandOut) }), cause, reason, requestedAt, failure };
}

export const whatToDo = (toHandOut: boolean): string | null =>
  toHandOut
    ? 'Hand it out at the desk, then POST /v1/bookings/{id}/resolve {"outcome":"done"}; "impossible" drops it.'
    : null;

const forCustomers = ({ ref, cause, failure }: Refund): Pick<Refund, 'ref' | 'reason' | 'failure'> => ({
  ref: ref?.startsWith('re_') ? ref : null,
  reason: refundReasonOf(cause),
  failure: failure && 'the refund did not go through',
});

export interface Viewing {
  readonly publicUrl: string;
  readonly staff: boolean;
  /** Set for the owner of a booking that can be paid now. */
  readonly access: PaymentAccess | undefined;
}

export function bookingWire(stored: StoredBooking, viewing: Viewing): z.output<typeof BookingBody> {
  const { booking, product, row } = stored;
  const sold = soldOf(product);
  const { publicUrl } = viewing;
  return {
    id: booking.id,
    number: booking.number,
    storefront: booking.storefront,
    externalId: booking.externalId,
    status: statusOf(booking),
    phase: booking.phase,
    version: booking.version,
    amount: booking.charge.minor,
    currency: booking.charge.currency,
    captured: booking.sums.capturedMinor,
    refunded: booking.sums.refundedMinor,
    refundable: refundableMinor(booking),
    ...(viewing.staff ? forStaff(booking) : {}),
    service: { at: booking.serviceAt, local: row.serviceLocal, timezone: booking.serviceZone },
    product: {
      kind: product.kind,
      name: sold.name,
      option: sold.option,
      items: sold.lines.map(({ name, count }, i) => ({ name, count, ...skuOf(product, i) })),
    },
    payment: paymentWire(leadingPayment(booking)),
    supplierOrder: supplierWire(booking),
    refunds: booking.refunds.map((refund) => refundWire(refund, viewing)),
    vouchers: booking.vouchers.map(({ number, status }) => ({
      number,
      status,
      url: `${publicUrl}/v1/bookings/${booking.id}/vouchers/${number}.pdf`,
    })),
    nextAction: nextActionOf(viewing.access),
    createdAt: row.createdAt.toISOString(),
    expiresAt: booking.expiresAt,
    confirmedAt: booking.confirmedAt,
    links: { ...linksOf(booking, publicUrl), ...papersOf(booking, viewing) },
  };
}

function skuOf(product: Product, line: number): { skuId?: string } {
  const sku = product.kind === 'activity' ? product.items[line]?.skuId : undefined;
  return sku === undefined ? {} : { skuId: sku };
}

function forStaff(booking: Booking) {
  const { attention, sums, charge } = booking;
  return {
    attention: attention && {
      id: attention.id,
      step: attention.step,
      reason: attention.reason,
      since: attention.since,
    },
    disputes: booking.disputes.map(disputeWire),
    profit: sums.capturedMinor > 0 ? { amount: profitOf(booking).minor, currency: charge.currency } : null,
  };
}

const disputeWire = ({ ref, standing, amount, fee, ...told }: Dispute): z.output<typeof DisputeWire> => ({
  id: ref,
  paymentId: told.paymentId,
  status: standing,
  reason: told.reason,
  amount: amount.minor,
  fee: fee?.minor ?? null,
  currency: amount.currency,
  evidenceDueBy: told.evidenceDueBy,
  openedAt: told.openedAt,
});

function papersOf(booking: Booking, { publicUrl, staff }: Viewing): Record<string, string> {
  const self = `${publicUrl}/v1/bookings/${booking.id}`;
  return {
    ...(booking.vouchers.length > 0 ? { voucher: `${self}/voucher.pdf` } : {}),
    ...(booking.sums.capturedMinor > 0 ? { receipt: `${self}/receipt.pdf` } : {}),
    ...(staff && booking.disputes.length > 0 ? { evidence: `${self}/evidence.pdf` } : {}),
  };
}

function paymentWire(payment: Payment | undefined): z.output<typeof BookingBody>['payment'] {
  if (!payment) return null;
  const { id, gateway, status, attempt, ref, wireStatus, declines, lastDecline } = payment;
  const declined = lastDecline && { code: lastDecline.declineCode ?? lastDecline.code, message: lastDecline.message };
  return { id, gateway, status, attempt, ref, wireStatus, declines, lastDecline: declined };
}

function supplierWire(booking: Booking): z.output<typeof BookingBody>['supplierOrder'] {
  const order = currentSupplierOrder(booking);
  return order ? { supplier: order.supplier, ref: order.ourRef, orderNo: order.orderNo, status: order.status } : null;
}

export function nextActionOf(access: PaymentAccess | undefined): z.output<typeof NextAction> {
  if (access?.clientSecret) return { type: 'confirm_card', clientSecret: access.clientSecret };
  if (access?.redirectUrl) return { type: 'redirect', url: access.redirectUrl };
  return { type: 'none' };
}

export const Listed = z.object({
  id: z.string(),
  number: z.string(),
  storefront: z.enum(STOREFRONTS),
  externalId: z.string(),
  status: z.string(),
  amount: Minor,
  currency: z.string(),
  refunded: Minor,
  paymentRef: z.string().nullable(),
  serviceAt: When.nullable(),
  createdAt: When,
  confirmedAt: When.nullable(),
});

export function listedWire(row: ListedBooking): z.output<typeof Listed> {
  const { chargeMinor, refundedMinor, serviceAt, createdAt, confirmedAt, cursorAt: _, status, ...rest } = row;
  return {
    ...rest,
    status: status ?? '',
    amount: chargeMinor,
    refunded: refundedMinor,
    serviceAt: serviceAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    confirmedAt: confirmedAt?.toISOString() ?? null,
  };
}
