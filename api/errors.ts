// The one error a client may see, and the shape each part of the API shows it in.
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import { isUnavailable } from '../db/client.ts';
import { KeyDestroyed } from '../db/keyring.ts';
import { GatewayUnreachable } from '../domain/payment.ts';

export interface ErrorKindFacts {
  /** On the native API; an area names the statuses in which it differs. */
  readonly status: ContentfulStatusCode;
  readonly title: string;
  readonly retryable?: true;
}

const KINDS = {
  not_json: { status: 400, title: 'The body is not JSON' },
  forged: { status: 400, title: 'The signature does not fit' },
  unauthenticated: { status: 401, title: 'A valid token is needed' },
  forbidden: { status: 403, title: 'Not allowed' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  /** Sold out, price moved, wrong state. */
  conflict: { status: 409, title: 'Not possible in the present state' },
  too_large: { status: 413, title: 'The body is too large' },
  /** Wrong type, missing field, an amount that cannot be one. */
  invalid: { status: 422, title: 'The request is not valid' },
  /** Well formed, but not what is for sale: amount ≠ price, markup, currency, schedule, unknown SKU. */
  unacceptable: { status: 422, title: 'The request cannot be accepted' },
  key_reused: { status: 422, title: 'The idempotency key was used for another request' },
  precondition_required: { status: 428, title: 'A precondition is required' },
  rate_limited: { status: 429, title: 'Too many requests', retryable: true },
  internal: { status: 500, title: 'Something went wrong on our side' },
  provider_error: { status: 502, title: 'A provider could not be reached', retryable: true },
  not_ready: { status: 503, title: 'Not ready yet', retryable: true },
  unavailable: { status: 503, title: 'Temporarily unavailable', retryable: true },
} as const satisfies Record<string, ErrorKindFacts>;

export type ErrorKind = keyof typeof KINDS;
export type ErrorFields = Readonly<Record<string, readonly string[]>>;

export interface VisibleErrorOptions {
  /** The machine-readable word; the kind where nothing more precise is promised. */
  readonly code?: string;
  readonly fields?: ErrorFields;
  readonly retryAfterS?: number;
  /** Only where a wire promises another status than its kind has. */
  readonly status?: ContentfulStatusCode;
  readonly headers?: Readonly<Record<string, string>>;
  /** What a wire adds to its error body, such as the current cart. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

export class VisibleError extends Error {
  override readonly name = 'VisibleError';
  readonly kind: ErrorKind;
  readonly code: string;
  readonly publicMessage: string;
  readonly fields: ErrorFields | undefined;
  readonly retryAfterS: number | undefined;
  readonly retryable: boolean;
  readonly status: ContentfulStatusCode | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(kind: ErrorKind, publicMessage: string, options: VisibleErrorOptions = {}) {
    super(publicMessage, { cause: options.cause });
    this.kind = kind;
    this.code = options.code ?? kind;
    this.publicMessage = publicMessage;
    this.fields = options.fields;
    this.retryAfterS = options.retryAfterS;
    this.retryable = 'retryable' in KINDS[kind];
    this.status = options.status;
    this.headers = options.headers ?? {};
    this.details = options.details;
  }
}

export const erasedError = (kind: 'conflict' | 'not_found' = 'conflict', cause?: unknown): VisibleError =>
  new VisibleError(kind, 'The data of this booking was erased.', { code: 'erased', cause });

/** A part of the API with an error shape of its own. */
export interface ErrorArea {
  readonly name: string;
  /** Whole path segments; of all areas the longest prefix of a path wins, so even an unknown route is answered in shape. */
  readonly prefixes: readonly string[];
  /** Its paths end in a slash, and mean the same without it. */
  readonly finalSlash?: true;
  readonly statuses: Readonly<Partial<Record<ErrorKind, ContentfulStatusCode>>>;
  readonly contentType?: string;
  readonly body: (error: VisibleError, status: ContentfulStatusCode) => Readonly<Record<string, unknown>>;
  /** The same shape for the OpenAPI document. */
  readonly schema: z.ZodType;
}

const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  retryable: z.boolean(),
});

export const nativeArea: ErrorArea = {
  name: 'native',
  prefixes: ['/'],
  statuses: {},
  contentType: 'application/problem+json',
  body: (error, status) => ({
    type: `urn:holdfast:error:${error.code}`,
    title: KINDS[error.kind].title,
    status,
    code: error.code,
    detail: error.publicMessage,
    ...(error.fields && { errors: listed(error.fields) }),
    retryable: error.retryable,
    ...error.details,
  }),
  schema: Problem,
};

const listed = (fields: ErrorFields) =>
  Object.entries(fields).flatMap(([field, messages]) => messages.map((message) => ({ field, message })));

/** Where every storefront differs from the native API, unless it says otherwise itself. */
export const STOREFRONT_STATUSES = { invalid: 400, unacceptable: 400, key_reused: 409 } as const;

export const statusIn = (area: ErrorArea, kind: ErrorKind): ContentfulStatusCode =>
  area.statuses[kind] ?? KINDS[kind].status;

export const titleOf = (kind: ErrorKind): string => KINDS[kind].title;

export function renderError(c: Context, area: ErrorArea, error: VisibleError): Response {
  const status = error.status ?? statusIn(area, error.kind);
  if (error.retryAfterS !== undefined) c.header('Retry-After', String(error.retryAfterS));
  if (error.kind === 'unauthenticated') c.header('WWW-Authenticate', 'Bearer');
  for (const [name, value] of Object.entries(error.headers)) c.header(name, value);
  return c.body(JSON.stringify(area.body(error, status)), status, {
    'Content-Type': area.contentType ?? 'application/json',
  });
}

export function areaOf(areas: readonly ErrorArea[], path: string): ErrorArea {
  let best = { area: nativeArea, length: 0 };
  for (const area of areas) {
    for (const prefix of area.prefixes) {
      const owned = path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
      if (owned && prefix.length > best.length) best = { area, length: prefix.length };
    }
  }
  return best.area;
}

/** As the route is declared, whichever way it was asked for. */
export const withFinalSlash = (areas: readonly ErrorArea[], path: string): string =>
  areaOf(areas, path).finalSlash && !path.endsWith('/') ? `${path}/` : path;

/** Whatever was thrown, as what may be said of it. */
export function toVisible(error: unknown): VisibleError {
  if (error instanceof VisibleError) return error;
  if (error instanceof HTTPException) return fromHono(error);
  if (isUnavailable(error)) {
    return new VisibleError('unavailable', 'The service is temporarily unavailable. Please try again.', {
      retryAfterS: 2,
      cause: error,
    });
  }
  if (error instanceof GatewayUnreachable)
    return new VisibleError('provider_error', 'The payment provider cannot be asked at the moment. Please try again.', {
      retryAfterS: 2,
      cause: error,
    });
  if (isOfErased(error)) return erasedError('conflict', error);
  if (isUnstorableText(error))
    return new VisibleError('invalid', 'A text holds a character that cannot be stored.', { cause: error });
  return new VisibleError('internal', 'Something went wrong on our side. Please try again later.', { cause: error });
}

/** Also what goes to its workflow is sealed with the booking's key. */
export function isOfErased(error: unknown): boolean {
  for (let e = error; e instanceof Error; e = e.cause) if (e instanceof KeyDestroyed) return true;
  return false;
}

/** PostgreSQL keeps no NUL, neither in text (22021) nor in jsonb (22P05). */
function isUnstorableText(error: unknown): boolean {
  for (let e = error; e instanceof Error; e = e.cause) {
    if ('code' in e && (e.code === '22021' || e.code === '22P05')) return true;
  }
  return false;
}

/** Hono's own refusals: a body that cannot be parsed, or one that does not call itself JSON. */
function fromHono(error: HTTPException): VisibleError {
  if (error.status === 400 || error.status === 415) {
    return new VisibleError('not_json', 'The body must be JSON, sent with Content-Type: application/json.', {
      cause: error,
    });
  }
  return new VisibleError('internal', 'Something went wrong on our side. Please try again later.', { cause: error });
}

export function invalidRequest(error: z.core.$ZodError): VisibleError {
  const fields: Record<string, string[]> = {};
  for (const issue of error.issues) (fields[issue.path.join('.') || 'body'] ??= []).push(issue.message);
  return new VisibleError('invalid', 'The request is not valid.', { fields });
}
