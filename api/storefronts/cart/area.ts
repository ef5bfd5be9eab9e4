// How this storefront says that something went wrong: a code for programs, a sentence for people, and the cart as it is where that helps.
import { z } from '@hono/zod-openapi';
import { STOREFRONT_STATUSES } from '../../errors.ts';
import type { ErrorArea, ErrorFields } from '../../errors.ts';

export const cartArea: ErrorArea = {
  name: 'cart',
  prefixes: ['/products', '/carts', '/cart', '/checkout', '/orders', '/webhooks/chip', '/dev/webhooks'],
  statuses: { ...STOREFRONT_STATUSES, provider_error: 503, forged: 401 },
  body: ({ code, publicMessage, fields, details }) => ({
    success: false,
    error: { code, message: fields ? listed(fields) : publicMessage },
    ...details,
  }),
  schema: z.object({ success: z.literal(false), error: z.object({ code: z.string(), message: z.string() }) }),
};

/** The shape has no place for fields, so the sentence names them. */
const listed = (fields: ErrorFields): string =>
  Object.entries(fields)
    .flatMap(([field, messages]) => messages.map((message) => `${field} ${message}`))
    .join('; ');
