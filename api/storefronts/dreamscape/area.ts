// How this storefront says that something went wrong: a code for programs, a sentence for people.
import { z } from '@hono/zod-openapi';
import { STOREFRONT_STATUSES } from '../../errors.ts';
import type { ErrorArea, ErrorFields } from '../../errors.ts';

export const dreamscapeArea: ErrorArea = {
  name: 'dreamscape',
  prefixes: ['/api/v1/payment'],
  statuses: { ...STOREFRONT_STATUSES, provider_error: 503 },
  body: ({ code, publicMessage, fields }) => ({
    success: false,
    error: { code, message: fields ? listed(fields) : publicMessage },
  }),
  schema: z.object({ success: z.literal(false), error: z.object({ code: z.string(), message: z.string() }) }),
};

/** The shape has no place for fields, so the sentence names them. */
const listed = (fields: ErrorFields): string =>
  Object.entries(fields)
    .flatMap(([field, messages]) => messages.map((message) => `${field} ${message}`))
    .join('; ');
