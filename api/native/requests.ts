// What a client of the native API sends to book: the storefront's own product, a customer, and for the back office a price.
import { z } from '@hono/zod-openapi';
import { formatMajor, money } from '../../domain/money.ts';
import type { Markup } from '../../domain/pricing.ts';
import { createIntentExample } from '../storefronts/trektoo/requests.ts';
import { activityFields, activityOrderOf, currencyWire, markupWire } from '../bookings.ts';
import type { ActivityOrder } from '../bookings.ts';

const text = z.string().trim().min(1).max(200);

const Customer = z.object({
  firstName: text,
  familyName: text,
  email: z.email().max(320),
  mobile: z.string().trim().min(1).max(40),
  country: z.string().trim().min(1).max(64),
  userId: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .openapi({ description: 'Whose booking it is; only the back office books for others' }),
});

const Price = z.object({
  amount: z
    .int()
    .positive()
    .optional()
    .openapi({ description: 'Minor units; compared with the price, never taken for it' }),
  currency: currencyWire,
  markup: markupWire.optional(),
});

export const CreateBooking = z
  .object({
    storefront: z.literal('trektoo'),
    product: z.object(activityFields),
    customer: Customer,
    payment: z.object({ gateway: z.literal('stripe_intent').optional() }).default({}),
    price: Price.optional().openapi({ description: 'Only for service and staff; else the price is ours' }),
  })
  .openapi('CreateBooking');
export type CreateBookingBody = z.output<typeof CreateBooking>;

export function orderOf({ product, customer, price }: CreateBookingBody, markup: Markup): ActivityOrder {
  const { firstName, familyName, email, mobile, country } = customer;
  const contact_info = { first_name: firstName, family_name: familyName, email, mobile, country };
  const amount = price?.amount === undefined ? null : formatMajor(money(price.amount, price.currency));
  return activityOrderOf(
    { ...product, contact_info },
    { currency: price?.currency ?? null, amount, markup: price?.markup ?? markup },
  );
}

const PRICE_FIELDS = new Set(['amount', 'currency', 'markup']);

export const fieldOf = (name: string): string => (PRICE_FIELDS.has(name) ? `price.${name}` : `product.${name}`);

export function createBookingExample(now: Date): z.input<typeof CreateBooking> {
  const { activity, schedule, items, passengers, contact_info: contact } = createIntentExample(now);
  return {
    storefront: 'trektoo',
    product: { activity, schedule, items, passengers },
    customer: {
      firstName: contact.first_name,
      familyName: contact.family_name,
      email: contact.email,
      mobile: contact.mobile,
      country: contact.country,
    },
  };
}
