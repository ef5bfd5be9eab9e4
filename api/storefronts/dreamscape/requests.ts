// What the services of DreamScape send, and what we understand by it. Amounts are Stripe's minor units.
import { z } from '@hono/zod-openapi';
import { chargeStep, formatMajor, MAX_MINOR, money } from '../../../domain/money.ts';
import type { Money } from '../../../domain/money.ts';
import { VisibleError } from '../../errors.ts';

const KNOWN_CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** Given back and passed on to the letter, so nothing is trimmed. */
const name = (max: number) => z.string().max(max).regex(/\S/, 'must not be empty');

const currency = z
  .string()
  .transform((code) => code.toUpperCase())
  .refine((code) => KNOWN_CURRENCIES.has(code), 'must be a currency such as eur');

/** Within what Stripe keeps beside a payment. */
const Metadata = z
  .record(
    z.string().regex(/^[^[\]]{1,40}$/, 'must have names of 1 to 40 characters without brackets'),
    z.union([z.string().max(500), z.number(), z.boolean()]).transform(String),
  )
  .refine((pairs) => Object.keys(pairs).length <= 20, 'must have at most 20 entries');

const PaymentIntentId = name(128);
const BookingId = name(128);
const UserId = name(255);

export const CreateIntent = z
  .object({
    amount: z
      .int()
      .positive()
      .max(MAX_MINOR)
      .openapi({ description: 'Minor units as Stripe counts them: 50000 is 500.00 EUR, or 50000 JPY' }),
    currency: currency.openapi({ type: 'string', description: 'In either case' }),
    bookingId: BookingId.openapi({ description: 'Yours; one booking has one live intent' }),
    bookingReference: name(128),
    userId: UserId.openapi({ description: 'The customer, as the `sub` of their tokens' }),
    metadata: Metadata.optional().openapi({
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'Ids of your own, kept at Stripe beside the payment; nothing personal',
    }),
  })
  .openapi('DreamscapeCreateIntent');
export type CreateIntentBody = z.output<typeof CreateIntent>;

export const CREATE_EXAMPLE: z.input<typeof CreateIntent> = {
  amount: 50_000,
  currency: 'eur',
  bookingId: 'booking-123',
  bookingReference: 'DREAM-2024-001',
  userId: 'user-123',
  metadata: { cartId: 'cart-456' },
};

export const Refund = z
  .object({
    paymentIntentId: PaymentIntentId,
    amount: z.int().positive().max(MAX_MINOR).optional().openapi({ description: 'All that is left when absent' }),
    reason: name(500),
    bookingId: BookingId,
    userId: UserId,
  })
  .openapi('DreamscapeRefund');

export const REFUND_EXAMPLE: z.input<typeof Refund> = {
  paymentIntentId: '$PAYMENT_INTENT_ID',
  amount: 25_000,
  reason: 'Customer requested cancellation',
  bookingId: 'booking-123',
  userId: 'user-123',
};

export const PaymentIntent = z.object({ paymentIntentId: PaymentIntentId });

/** What depends on the currency: whole units where there are no others, and what is worth the gateway's while. */
export function chargeOf(body: CreateIntentBody, minimumMinor: (currency: string) => number): Money {
  const charge = money(body.amount, body.currency);
  const step = chargeStep(charge.currency);
  const least = minimumMinor(charge.currency);
  if (charge.minor % step !== 0) throw badAmount(`must be a multiple of ${step} in ${charge.currency}`);
  if (charge.minor < least)
    throw badAmount(`must be at least ${least} (${formatMajor(money(least, charge.currency))} ${charge.currency})`);
  return charge;
}

const badAmount = (problem: string): VisibleError =>
  new VisibleError('invalid', 'The request is not valid.', { fields: { amount: [problem] } });
