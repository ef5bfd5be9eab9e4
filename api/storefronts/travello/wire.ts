// The seed's bodies, and how a booking reads in its words.
import { z } from '@hono/zod-openapi';
import { isUnderWay, leadingPayment, livePayment } from '../../../domain/booking.ts';
import type { Booking, Payment } from '../../../domain/booking.ts';
import { equals, formatMajor } from '../../../domain/money.ts';
import type { Money } from '../../../domain/money.ts';
import { mayBePaid } from '../../../domain/payable.ts';
import { priceOf } from '../../../domain/product.ts';
import { isDueOnArrival } from '../../../domain/routing.ts';
import { tripOf } from '../../../domain/trip.ts';
import type { StoredBooking } from '../../bookings.ts';

const PAYMENT_METHODS = ['ONLINE', 'ARRIVAL'] as const;
const BOOKING_STATUSES = ['PENDING', 'PAID', 'CANCELLED'] as const;
const PAYMENT_STATUSES = ['PAY_ON_ARRIVAL', 'NOT_INITIATED', 'PROCESSING', 'SUCCEEDED', 'FAILED', 'REFUNDED'] as const;
type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

const Room = z.object({
  id: z.int(),
  name: z.string(),
  price: z.number().openapi({ description: 'For one night, in major units' }),
  currency: z.string(),
  capacity: z.int(),
});
export const Hotels = z.object({
  results: z.array(z.object({ id: z.int(), name: z.string(), rooms: z.array(Room) })),
});

export const NewBooking = z
  .object({
    hotel: z.int().positive(),
    room: z.int().positive(),
    check_in: z.iso.date(),
    check_out: z.iso.date(),
    guests: z.int().min(1),
    payment_method: z.enum(PAYMENT_METHODS),
  })
  .openapi('TravelloBooking');

export const BookingWire = z.object({
  id: z.int(),
  hotel: z.int(),
  room: z.int(),
  check_in: z.string(),
  check_out: z.string(),
  guests: z.int(),
  payment_method: z.enum(PAYMENT_METHODS),
  status: z.enum(BOOKING_STATUSES),
  amount: z.number().openapi({ description: 'Major units: nights × the price of the room' }),
  currency: z.string(),
  nights: z.int(),
});

/** In the path; whatever is no number is refused in the seed's words. */
export const BookingId = z.object({
  booking_id: z
    .string()
    .regex(/^[1-9]\d{0,14}$/)
    .openapi({ type: 'integer' }),
});

export const NewSession = z.object({ booking_id: z.int().positive() }).openapi('TravelloSession');

export const Session = z.object({
  success: z.literal(true),
  session_id: z.string(),
  session_url: z.string().openapi({ description: "Stripe's own page: send the customer there" }),
  payment_id: z.int(),
  publishable_key: z.string(),
});

export const Status = z.object({
  booking_id: z.int(),
  payment_status: z.enum(PAYMENT_STATUSES),
  payment_required: z.boolean().openapi({ description: 'Paid online, and not yet: a session can be had' }),
  stripe_session_id: z.string().nullable(),
  amount: z.number(),
  currency: z.string(),
  charged_amount: z
    .number()
    .optional()
    .openapi({ description: 'With `charged_currency`, where Stripe refused the currency of the price' }),
  charged_currency: z.string().optional(),
});

export const MarkPaid = z
  .object({
    note: z.string().trim().max(500).optional(),
    force: z.boolean().default(false).openapi({
      description: 'Also a booking that is to be paid online: its session is closed first',
    }),
  })
  .openapi('TravelloMarkPaid');

/** Exact: every amount we take has at most eight digits. */
export const majorOf = (amount: Money): number => Number(formatMajor(amount));

function bookingStatusOf({ phase }: Booking): (typeof BOOKING_STATUSES)[number] {
  if (phase === 'cancelled') return 'CANCELLED';
  return isUnderWay(phase) ? 'PAID' : 'PENDING';
}

export function bookingWire({ booking, product }: StoredBooking): z.output<typeof BookingWire> {
  const refs = product.kind === 'service' ? product.refs : {};
  const price = priceOf(product, booking.charge);
  return {
    id: Number(booking.externalId),
    hotel: Number(refs['hotel']),
    room: Number(refs['room']),
    check_in: refs['check_in'] ?? '',
    check_out: refs['check_out'] ?? '',
    guests: Number(refs['guests']),
    payment_method: isDueOnArrival(product) ? 'ARRIVAL' : 'ONLINE',
    status: bookingStatusOf(booking),
    amount: majorOf(price),
    currency: price.currency,
    nights: Number(refs['nights']),
  };
}

export function statusWire({ booking, product }: StoredBooking, now: Date): z.output<typeof Status> {
  const status = isDueOnArrival(product) ? 'PAY_ON_ARRIVAL' : paymentStatusOf(booking);
  const price = priceOf(product, booking.charge);
  return {
    booking_id: Number(booking.externalId),
    payment_status: status,
    payment_required: AWAITED.includes(status) && mayBePaid(booking, now.getTime()),
    stripe_session_id: HAS_SESSION.includes(status) ? sessionOf(leadingPayment(booking)) : null,
    amount: majorOf(price),
    currency: price.currency,
    ...(!equals(price, booking.charge) && {
      charged_amount: majorOf(booking.charge),
      charged_currency: booking.charge.currency,
    }),
  };
}

/** Online and not there yet; what went back in full may be paid anew. */
const AWAITED: readonly PaymentStatus[] = ['NOT_INITIATED', 'PROCESSING', 'FAILED', 'REFUNDED'];
const HAS_SESSION: readonly PaymentStatus[] = ['PROCESSING', 'SUCCEEDED', 'FAILED', 'REFUNDED'];

/** What staff took instead at the desk has no session. */
const sessionOf = (payment: Payment | undefined): string | null =>
  payment?.gateway === 'stripe_checkout' ? payment.ref : null;

function paymentStatusOf(booking: Booking): PaymentStatus {
  switch (booking.phase) {
    case 'awaiting_payment':
      return statusOfLive(livePayment(booking));
    case 'processing':
      return 'PROCESSING';
    case 'confirming':
      return 'SUCCEEDED';
    case 'confirmed':
    case 'partially_refunded':
      return isAllBack(booking) ? 'REFUNDED' : 'SUCCEEDED';
    case 'refunded':
      return 'REFUNDED';
    case 'expired':
      return 'NOT_INITIATED';
    case 'failed':
      return 'FAILED';
    case 'cancelled':
      return lastWordOf(booking);
  }
}

function statusOfLive(payment: Payment | undefined): PaymentStatus {
  if (!payment) return 'NOT_INITIATED';
  return payment.declines > 0 && payment.status === 'requires_payment_method' ? 'FAILED' : 'PROCESSING';
}

function lastWordOf(booking: Booking): PaymentStatus {
  if (booking.payments.some(({ status }) => status === 'succeeded'))
    return isAllBack(booking) ? 'REFUNDED' : 'SUCCEEDED';
  return (booking.payments.at(-1)?.declines ?? 0) > 0 ? 'FAILED' : 'NOT_INITIATED';
}

/** Nothing of what was paid is left with the hotel, whoever gave it back: we, or for good the guest's bank. */
function isAllBack(booking: Booking): boolean {
  const { takenMinor, returnedMinor, lostMinor } = tripOf(booking);
  return takenMinor <= returnedMinor + lostMinor;
}
