// What this storefront's customers read: the public state in its own words.
import { z } from '@hono/zod-openapi';
import { BOOKING_STATUSES, currentSupplierOrder, isEnded, leadingPayment, statusOf } from '../../../domain/booking.ts';
import type { Booking } from '../../../domain/booking.ts';
import { profitOf } from '../../../domain/ledger.ts';
import { formatMajor, money } from '../../../domain/money.ts';
import { activityIn } from '../../../domain/product.ts';
import type { Travellers } from '../../../domain/product.ts';
import { tripOf } from '../../../domain/trip.ts';
import type { OpenedBooking, StoredBooking } from '../../bookings.ts';

export const envelope = <T extends z.ZodType>(data: T) => z.object({ success: z.literal(true), data });

export const wrapped = <T>(data: T) => ({ success: true as const, data });

export const Intent = z.object({
  booking_id: z.string(),
  payment_id: z.string(),
  payment_intent_id: z.string(),
  client_secret: z.string(),
  amount: z.string(),
  currency: z.string(),
  status: z.string(),
  agent_order_id: z.string(),
  order_id: z.string().nullable(),
  expires_at: z.string(),
  publishable_key: z.string(),
});

export function intentOf(
  { stored, payment, clientSecret }: OpenedBooking,
  publishableKey: string,
): z.output<typeof Intent> {
  const { booking } = stored;
  const product = activityIn(stored.product);
  return {
    booking_id: booking.id,
    payment_id: payment.id,
    payment_intent_id: payment.ref ?? '',
    client_secret: clientSecret ?? '',
    amount: formatMajor(booking.charge),
    currency: booking.charge.currency,
    status: payment.wireStatus,
    agent_order_id: product.agentOrderId,
    order_id: orderNoOf(stored),
    expires_at: booking.expiresAt,
    publishable_key: publishableKey,
  };
}

const PAYMENT_STATUSES = ['pending', 'paid', 'failed', 'refunded', 'partially_refunded'] as const;
const KLOOK_STATUSES = [
  'none',
  'unpaid',
  'pending',
  'confirmed',
  'rejected',
  'expired',
  'canceled',
  'unknown',
] as const;

export const VoucherWire = z.object({ number: z.int(), status: z.enum(['pending', 'ready', 'void']), url: z.string() });
export const Vouchers = z.object({ vouchers: z.array(VoucherWire) });

export const OrderStatus = z.object({
  order_id: z.string().nullable(),
  agent_order_id: z.string(),
  booking_id: z.string(),
  booking_status: z.enum(BOOKING_STATUSES),
  payment_status: z.enum(PAYMENT_STATUSES),
  amount: z.string(),
  currency: z.string(),
  klook_status: z.enum(KLOOK_STATUSES),
  klook_paid_amount: z.string().nullable(),
  klook_paid_currency: z.string().nullable(),
  vouchers: z.array(VoucherWire),
  client_secret: z.string().optional().openapi({ description: 'Only for the owner, while the booking can be paid' }),
  profit: z.string().nullable().optional().openapi({ description: 'Only for staff; null before payment' }),
  profit_currency: z.string().optional(),
});

export interface Viewer {
  readonly staff: boolean;
  /** Set for the owner of a booking that can still be paid. */
  readonly clientSecret: string | null;
  readonly publicUrl: string;
}

export function orderStatusOf(stored: StoredBooking, viewer: Viewer): z.output<typeof OrderStatus> {
  const { booking } = stored;
  const product = activityIn(stored.product);
  const paid = paidToKlook(booking);
  return {
    order_id: orderNoOf(stored),
    agent_order_id: product.agentOrderId,
    booking_id: booking.id,
    booking_status: statusOf(booking),
    payment_status: paymentStatusOf(booking),
    amount: formatMajor(booking.charge),
    currency: booking.charge.currency,
    klook_status: klookStatusOf(stored),
    klook_paid_amount: paid && formatMajor(paid),
    klook_paid_currency: paid?.currency ?? null,
    vouchers: vouchersOf(booking, viewer.publicUrl),
    ...(viewer.clientSecret === null ? {} : { client_secret: viewer.clientSecret }),
    ...(viewer.staff ? profitWire(booking) : {}),
  };
}

function profitWire(booking: Booking) {
  const { currency } = booking.charge;
  const profit = booking.sums.capturedMinor > 0 ? formatMajor(profitOf(booking)) : null;
  return { profit, profit_currency: currency };
}

/** Of the money for the trip: what came beside it is another matter. Of an ended booking without any, of what came at all. */
export function paymentStatusOf(booking: Booking): (typeof PAYMENT_STATUSES)[number] {
  const { phase, sums } = booking;
  const trip = tripOf(booking);
  const isTrip = trip.takenMinor > 0 || !isEnded(phase);
  const taken = isTrip ? trip.takenMinor : sums.capturedMinor;
  const returned = isTrip ? trip.returnedMinor : sums.refundedMinor;
  if (taken === 0) return phase === 'failed' || phase === 'expired' || phase === 'cancelled' ? 'failed' : 'pending';
  if (returned >= taken) return 'refunded';
  return returned > 0 ? 'partially_refunded' : 'paid';
}

function klookStatusOf(stored: StoredBooking): (typeof KLOOK_STATUSES)[number] {
  const { booking } = stored;
  const order = currentSupplierOrder(booking);
  if (!order) return activityIn(stored.product).adoptedOrderNo === null ? 'none' : 'unpaid';
  // Asked for, and the answer has not come: nobody can say more.
  return order.status === 'placing' ? 'unknown' : order.status;
}

function paidToKlook(booking: Booking) {
  const paid = booking.supplierOrders.findLast((order) => order.paidMinor > 0);
  return paid ? money(paid.paidMinor, paid.net.currency) : null;
}

const orderNoOf = ({ booking, product }: StoredBooking): string | null =>
  currentSupplierOrder(booking)?.orderNo ?? activityIn(product).adoptedOrderNo;

export function vouchersOf(booking: Booking, publicUrl: string): z.output<typeof VoucherWire>[] {
  return booking.vouchers.map(({ number, status }) => ({
    number,
    status,
    url: `${publicUrl}/api/klook/bookings/${booking.id}/vouchers/${number}.pdf`,
  }));
}

export const BookingDetail = OrderStatus.extend({
  number: z.string(),
  type: z.literal('activity'),
  activity: z.object({
    activity_id: z.string(),
    activity_name: z.string(),
    package_id: z.string(),
    package_name: z.string(),
  }),
  schedule: z.object({ start_time: z.string(), timezone: z.string() }),
  items: z.array(z.object({ sku_id: z.string(), name: z.string(), count: z.int(), price: z.string() })),
  passengers: z.array(z.object({ first_name: z.string(), family_name: z.string(), type: z.string().nullable() })),
  contact_info: z.object({ first_name: z.string(), family_name: z.string(), email: z.string() }).nullable(),
  payment_intent_id: z.string().nullable(),
  decline_message: z.string().nullable(),
  expires_at: z.string(),
  created_at: z.string(),
  confirmed_at: z.string().nullable(),
  receipt_url: z.string().nullable(),
});

export interface Detail {
  readonly viewer: Viewer;
  /** Undefined once the person was erased. */
  readonly travellers: Travellers | undefined;
}

export function bookingDetailOf(stored: StoredBooking, { viewer, travellers }: Detail): z.output<typeof BookingDetail> {
  const { booking, row } = stored;
  const product = activityIn(stored.product);
  const { contact } = travellers ?? {};
  return {
    ...orderStatusOf(stored, viewer),
    number: booking.number,
    type: product.kind,
    activity: {
      activity_id: product.activityId,
      activity_name: product.activityName,
      package_id: product.packageId,
      package_name: product.packageName,
    },
    schedule: { start_time: product.startTime, timezone: product.timezone },
    items: product.items.map(({ skuId, name, count, unitNet }) => ({
      sku_id: skuId,
      name,
      count,
      price: formatMajor(unitNet),
    })),
    passengers: (travellers?.passengers ?? []).map((p) => ({
      first_name: p.firstName,
      family_name: p.familyName,
      type: p.type,
    })),
    contact_info: contact
      ? { first_name: contact.firstName, family_name: contact.familyName, email: contact.email }
      : null,
    payment_intent_id: leadingPayment(booking)?.ref ?? null,
    decline_message: leadingPayment(booking)?.lastDecline?.message ?? null,
    expires_at: booking.expiresAt,
    created_at: row.createdAt.toISOString(),
    confirmed_at: booking.confirmedAt,
    receipt_url:
      booking.sums.capturedMinor > 0 ? `${viewer.publicUrl}/api/klook/bookings/${booking.id}/receipt.pdf` : null,
  };
}
