// Who buys, and where it goes: what has to be true of a customer's own words before anything is made of them.
import { z } from '@hono/zod-openapi';
import { isCountry } from '../../../domain/countries.ts';

/** One line as people write it: no line breaks, nothing invisible. */
const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'must be one line of text');

const LEAST_DIGITS = 7;
/** E.164 has no longer numbers. */
const MOST_DIGITS = 15;

const phone = z
  .string()
  .trim()
  .max(32)
  .refine((text) => {
    const digits = text.replaceAll(/\D/g, '').length;
    return /^\+?[\d ().-]+$/.test(text) && digits >= LEAST_DIGITS && digits <= MOST_DIGITS;
  }, 'must be a telephone number, like +60 12-345 6789');

const country = z
  .string()
  .trim()
  .transform((text) => text.toUpperCase())
  .refine(isCountry, 'must be a country of ISO 3166, like MY')
  .openapi({ type: 'string', example: 'MY' });

const zipCode = z
  .string()
  .trim()
  .min(1)
  .max(16)
  .regex(/^[A-Za-z\d -]+$/, 'must be a postcode');

export const Customer = z
  .object({
    name: line(128),
    email: z.email().max(254),
    phone,
    street1: line(128),
    city: line(64),
    zip_code: zipCode,
    state: line(64).optional(),
    country,
  })
  .superRefine(({ country: where, zip_code }, context) => {
    if (where === 'MY' && !/^\d{5}$/.test(zip_code))
      context.addIssue({ code: 'custom', path: ['zip_code'], message: 'must have five digits in Malaysia' });
  })
  .openapi('CartCustomer');

export const CUSTOMER_EXAMPLE: z.input<typeof Customer> = {
  name: 'Aisyah Rahman',
  email: 'aisyah@example.com',
  phone: '+60 12-345 6789',
  street1: '12 Jalan Ampang',
  city: 'Kuala Lumpur',
  zip_code: '50450',
  state: 'Wilayah Persekutuan',
  country: 'MY',
};
