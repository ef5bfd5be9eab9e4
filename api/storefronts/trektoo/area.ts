// How this storefront says that something went wrong: Laravel's shape, one list of messages per field.
import { z } from '@hono/zod-openapi';
import type { ErrorArea } from '../../errors.ts';

export const trektooArea: ErrorArea = {
  name: 'trektoo',
  prefixes: ['/api/payments/klook', '/api/klook', '/klook', '/api/webhooks/stripe'],
  statuses: { invalid: 400, unacceptable: 422, key_reused: 409, provider_error: 503 },
  body: ({ publicMessage, code, fields, details }) => ({
    success: false,
    message: publicMessage,
    code,
    ...(fields && { errors: fields }),
    ...details,
  }),
  schema: z.object({
    success: z.literal(false),
    message: z.string(),
    code: z.string(),
    errors: z.record(z.string(), z.array(z.string())).optional(),
  }),
};
