// Which requests may be sent again under a key: read from what stands before their handlers, so that no route can forget to say it.
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from './http/env.ts';
import type { Router } from './http/router.ts';

type Document = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'A name of your own for this request: sent again under it, it is answered the same and has its effect once',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
} as const;

const METHODS = ['post', 'put', 'patch', 'delete'] as const;

export function withKeys(document: Document, app: Router, idempotent: MiddlewareHandler<AppEnv>): Document {
  const keyed = app.routes.filter(({ handler }) => handler === idempotent);
  const mayRepeat = (method: string, path: string): boolean =>
    keyed.some((route) => (route.method === method || route.method === 'ALL') && covers(route.path, path));
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation && mayRepeat(method.toUpperCase(), path))
        operation.parameters = [...(operation.parameters ?? []), IDEMPOTENCY_KEY];
    }
  }
  return document;
}

/** `/v1/bookings/:id` is `/v1/bookings/{id}`, and `/v1/inbox/*` is that path and all below. */
function covers(pattern: string, path: string): boolean {
  const written = pattern.replaceAll(/:(\w+)(\{[^}]*\})?/g, '{$1}');
  const base = written.endsWith('/*') ? written.slice(0, -'/*'.length) : undefined;
  return path === (base ?? written) || (base !== undefined && path.startsWith(`${base}/`));
}
