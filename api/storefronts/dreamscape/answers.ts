// What the services of DreamScape read: the seed's names, minor units, lower-case currencies.
import { z } from '@hono/zod-openapi';
import type { Booking, Payment } from '../../../domain/booking.ts';
import type { FoundPayment, RefundNow } from '../../bookings.ts';

export const envelope = <T extends z.ZodType>(data: T) => z.object({ success: z.literal(true), data });
export const wrapped = <T>(data: T) => ({ success: true as const, data });

export const Intent = z.object({
  paymentIntentId: z.string(),
  clientSecret: z.string(),
  amount: z.int(),
  currency: z.string(),
  status: z.string().openapi({ description: "Stripe's word for it" }),
});

export function intentOf(payment: Payment, clientSecret: string | null): z.output<typeof Intent> {
  const { ref, amount, wireStatus: status } = payment;
  if (ref === null || clientSecret === null) throw new Error(`${payment.id} was opened without a way to pay it`);
  return {
    paymentIntentId: ref,
    clientSecret,
    amount: amount.minor,
    currency: amount.currency.toLowerCase(),
    status,
  };
}

export const PaymentDetail = Intent.extend({
  clientSecret: z.string().nullable().openapi({ description: 'Null once the intent cannot be paid any more' }),
  bookingId: z.string(),
  bookingReference: z.string(),
  refundedAmount: z.int(),
});

export function detailOf(
  { stored, payment }: FoundPayment,
  clientSecret: string | null,
): z.output<typeof PaymentDetail> {
  const { booking } = stored;
  return {
    paymentIntentId: payment.ref ?? '',
    clientSecret,
    amount: payment.amount.minor,
    currency: payment.amount.currency.toLowerCase(),
    status: payment.wireStatus,
    bookingId: booking.externalId,
    bookingReference: referenceOf(stored),
    refundedAmount: refundedMinor(booking, payment),
  };
}

const referenceOf = ({ product, booking }: FoundPayment['stored']): string =>
  (product.kind === 'service' ? product.refs['bookingReference'] : undefined) ?? booking.number;

/** What has arrived; a refund under way counts from the moment it did. */
const refundedMinor = ({ refunds }: Booking, { id }: Payment): number =>
  refunds
    .filter(({ paymentId, status }) => paymentId === id && status === 'succeeded')
    .reduce((sum, { amount }) => sum + amount.minor, 0);

export const Refunded = z.object({
  refundId: z.string().openapi({ description: "Stripe's `re_…` once known, before that ours: `rf_…`" }),
  paymentIntentId: z.string(),
  amount: z.int(),
  currency: z.string(),
  status: z.enum(['pending', 'succeeded', 'failed']),
  remaining: z.int().openapi({ description: 'What could be refunded after this' }),
});

export function refundedOf(now: RefundNow, paymentIntentId: string): z.output<typeof Refunded> {
  const { refundId, ref, amountMinor: amount, currency, status, leftMinor: remaining } = now;
  return {
    refundId: ref ?? refundId,
    paymentIntentId,
    amount,
    currency: currency.toLowerCase(),
    status: status === 'succeeded' || status === 'failed' ? status : 'pending',
    remaining,
  };
}

export const Canceled = z.object({ paymentIntentId: z.string(), status: z.literal('canceled') });
