// How this storefront says that something went wrong: the seed's shape, with Stripe's own code for card errors.
import { z } from '@hono/zod-openapi';
import type { ErrorArea } from '../../errors.ts';
import type { VisibleError } from '../../errors.ts';

export const airportArea: ErrorArea = {
  name: 'airport',
  prefixes: ['/services', '/bookings', '/payment'],
  statuses: { invalid: 400, unacceptable: 400, key_reused: 409, provider_error: 503 },
  body: (error) => ({
    success: false,
    message: error.publicMessage,
    data: { error_code: codeOf(error), error_message: detailOf(error) },
  }),
  schema: z.object({
    success: z.literal(false),
    message: z.string(),
    data: z.object({ error_code: z.string(), error_message: z.string() }),
  }),
};

const INVALID: readonly string[] = ['invalid', 'not_json', 'key_reused', 'too_large', 'forged'];

const codeOf = ({ kind, code }: VisibleError): string => (INVALID.includes(kind) ? 'invalid_request' : code);

/** This shape has no place for fields: they are said in words. */
function detailOf({ fields, publicMessage }: VisibleError): string {
  const said = Object.entries(fields ?? {}).map(([field, words]) => `${field}: ${words.join(', ')}`);
  return said.length > 0 ? said.join('; ') : publicMessage;
}
