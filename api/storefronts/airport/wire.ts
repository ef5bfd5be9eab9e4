// The seed's bodies, and how a booking reads in its words.
import { z } from '@hono/zod-openapi';
import { formatMajor } from '../../../domain/money.ts';
import type { Money } from '../../../domain/money.ts';
import { isServed, isUnderWay, leadingPayment } from '../../../domain/booking.ts';
import type { Booking } from '../../../domain/booking.ts';
import { soldOf } from '../../../domain/product.ts';
import type { StoredBooking } from '../../bookings.ts';

export const envelope = <T extends z.ZodType>(data: T) => z.object({ success: z.literal(true), data });
export const wrapped = <T>(data: T) => ({ success: true as const, data });

export const Service = z.object({ code: z.string(), name: z.string(), price: z.number(), currency: z.string() });

export const NewBooking = z
  .object({
    service: z.string().min(1).max(64),
    flight: z.string().trim().min(1).max(32),
    date: z.iso.date(),
    passengers: z.int().min(1).max(50),
  })
  .openapi('AirportBooking');

const PAYMENT_STATES = ['completed', 'pending', 'failed'] as const;
const BOOKING_STATES = ['confirmed', 'pending'] as const;

export const BookingWire = z.object({
  id: z.string(),
  service: z.string(),
  flight: z.string(),
  date: z.string(),
  passengers: z.int(),
  amount: z.number(),
  currency: z.string(),
  bookingStatus: z.enum(BOOKING_STATES),
  paymentStatus: z.enum(PAYMENT_STATES),
});

export const NewPayment = z
  .object({
    bookingId: z.string().min(1).max(64),
    amount: z.number().openapi({ description: 'Major units; must be what the booking costs' }),
    currency: z.string().regex(/^[A-Za-z]{3}$/, 'must be a currency code of three letters'),
  })
  .openapi('AirportPayment');

export const Intent = z.object({
  paymentIntentId: z.string(),
  clientSecret: z.string(),
  status: z.string(),
  amount: z.number(),
  currency: z.string(),
});

export const Confirmation = z
  .object({ paymentIntentId: z.string().min(1).max(255), bookingId: z.string().min(1).max(64) })
  .openapi('AirportConfirmation');

export const Confirmed = envelope(
  z.object({ paymentStatus: z.literal('completed'), bookingStatus: z.enum(BOOKING_STATES), booking: BookingWire }),
);
export const NotPaid = z.object({
  success: z.literal(false),
  data: z.object({
    paymentStatus: z.string().openapi({ description: "Stripe's word for it" }),
    message: z.string(),
    clientSecret: z.string().nullable(),
    error_code: z.string().optional(),
    error_message: z.string().optional(),
  }),
});

export const Status = z.object({
  paymentStatus: z.enum(PAYMENT_STATES),
  bookingStatus: z.enum(BOOKING_STATES),
  stripeStatus: z.string(),
});

/** Exact: every amount we take has at most eight digits. */
export const majorOf = (amount: Money): number => Number(formatMajor(amount));

export function paymentStateOf(booking: Booking): (typeof PAYMENT_STATES)[number] {
  if (isUnderWay(booking.phase)) return 'completed';
  if (booking.phase === 'processing') return 'pending';
  const { declines = 0, status } = leadingPayment(booking) ?? {};
  const declined = declines > 0 && status === 'requires_payment_method';
  return booking.phase === 'awaiting_payment' && !declined ? 'pending' : 'failed';
}

export const bookingStateOf = ({ phase }: Booking): (typeof BOOKING_STATES)[number] =>
  isServed(phase) ? 'confirmed' : 'pending';

export function bookingWire({ booking, product, row }: StoredBooking): z.output<typeof BookingWire> {
  const { lines } = soldOf(product);
  const refs = product.kind === 'service' ? product.refs : {};
  return {
    id: booking.id,
    service: refs['service'] ?? '',
    flight: refs['flight'] ?? '',
    date: row.serviceLocal ?? '',
    passengers: lines[0]?.count ?? 0,
    amount: majorOf(booking.charge),
    currency: booking.charge.currency,
    bookingStatus: bookingStateOf(booking),
    paymentStatus: paymentStateOf(booking),
  };
}
