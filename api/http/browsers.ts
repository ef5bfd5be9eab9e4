// What browsers are told: which sites may call us, and what our own pages may do.
import type { Context, MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { originsOf } from './loopback.ts';

export interface AllowedOrigins {
  readonly frontends: readonly string[];
  /** The Temporal Web UI asks only the codec, and only it does. */
  readonly temporalUi: string;
}

export function crossOrigin({ frontends, temporalUi }: AllowedOrigins): MiddlewareHandler {
  const shops = new Set(frontends.map(originOf));
  const uis = new Set(originsOf(temporalUi));
  const allowed = (origin: string, c: Context): string | undefined => {
    const origins = c.req.path.startsWith('/codec/') ? uis : shops;
    return origins.has(origin) ? origin : undefined;
  };
  const answer = cors({
    origin: allowed,
    credentials: true,
    allowMethods: ['GET', 'POST', 'PATCH', 'DELETE'],
    allowHeaders: [
      'Authorization',
      'Content-Type',
      'Idempotency-Key',
      'If-Match',
      'X-Cart-Id',
      'X-Namespace',
      'X-Request-Id',
    ],
    exposeHeaders: ['Retry-After', 'X-Request-Id', 'ETag', 'Idempotent-Replayed'],
    maxAge: 600,
  });
  return async (c, next) => {
    c.header('Vary', 'Origin');
    return c.req.header('Origin') === undefined ? next() : answer(c, next);
  };
}

const originOf = (url: string): string => (URL.canParse(url) ? new URL(url).origin : url);

const PAGE_POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const SECURITY_HEADERS = Object.entries({
  // What is the same for everybody says so itself.
  'Cache-Control': 'no-store',
  'Content-Security-Policy': PAGE_POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=15552000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
});

/**
 * For an API that serves pages of its own: they load from here and from nowhere else. Set before the answer is
 * made, so that a page may loosen one for itself; changing headers afterwards costs as much as a small request.
 */
export function securityHeaders(): MiddlewareHandler {
  return async (c, next) => {
    for (const [name, value] of SECURITY_HEADERS) c.header(name, value);
    await next();
  };
}
