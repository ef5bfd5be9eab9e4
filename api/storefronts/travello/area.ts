// How this storefront says that something went wrong: one text, the seed's own where it gives one.
import { z } from '@hono/zod-openapi';
import { STOREFRONT_STATUSES } from '../../errors.ts';
import type { ErrorArea, ErrorFields, VisibleError } from '../../errors.ts';

export const travelloArea: ErrorArea = {
  name: 'travello',
  prefixes: [
    '/api/hotels',
    '/api/bookings',
    '/api/payments/create-session',
    '/api/payments/webhook',
    '/api/payments/booking',
  ],
  finalSlash: true,
  statuses: { ...STOREFRONT_STATUSES, provider_error: 503 },
  body: (error) => ({ success: false, error: textOf(error) }),
  schema: z.object({ success: z.literal(false), error: z.string() }),
};

const INVALID_ID = 'Invalid booking_id';

const TEXTS: Readonly<Record<string, string>> = {
  booking_not_found: 'Booking not found',
  forbidden: 'User not authorized',
  invalid_signature: 'Invalid Stripe Signature',
  already_paid: 'Payment already processed',
  booking_cancelled: 'Booking is cancelled',
  not_online: 'Payment method must be ONLINE',
  not_on_arrival: 'Payment method must be ARRIVAL',
  stripe_api_error: 'Stripe API error',
};

function textOf({ code, publicMessage, fields }: VisibleError): string {
  if (fields) return 'booking_id' in fields ? INVALID_ID : listed(fields);
  return TEXTS[code] ?? publicMessage;
}

/** The shape has no place for fields, so the sentence names them. */
const listed = (fields: ErrorFields): string =>
  Object.entries(fields)
    .flatMap(([field, messages]) => messages.map((message) => `${field} ${message}`))
    .join('; ');
