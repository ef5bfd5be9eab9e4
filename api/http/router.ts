// How every route of the product is declared: validated on the way in, described in the OpenAPI document, refused in its area's shape.
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { z } from 'zod';
import { ADMINS, STAFF } from '../auth.ts';
import { invalidRequest, statusIn, titleOf } from '../errors.ts';
import type { ErrorArea, ErrorKind } from '../errors.ts';
import type { AppEnv } from './env.ts';
import { speakPlainly } from './issue-words.ts';

speakPlainly();

export type Router = OpenAPIHono<AppEnv>;
/** What a handler is given, whatever route it stands behind. */
export type RequestContext = Context<AppEnv>;

/** What fails its schema is thrown, like everything else that is wrong, and rendered once at the root. */
export const createRouter = (pathOf?: (request: Request) => string): Router =>
  new OpenAPIHono<AppEnv>({
    ...(pathOf && { getPath: pathOf }),
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.error);
    },
  });

/** A request body of JSON. */
export const jsonBody = <T extends z.ZodType>(schema: T, example?: unknown) => ({
  required: true as const,
  content: { 'application/json': example === undefined ? { schema } : { schema, example } },
});

/** An answer of JSON. */
export const json = <T extends z.ZodType>(description: string, schema: T) => ({
  description,
  content: { 'application/json': { schema } },
});

/** The OpenAPI name of bearer tokens; `createApp` registers the scheme. */
export const BEARER = [{ bearer: [] }];
/** With the roles it takes; OpenAPI has a place for them, and the page shows them. */
export const FOR_STAFF = [{ bearer: [...STAFF] }];
export const FOR_ADMINS = [{ bearer: [...ADMINS] }];

/**
 * The refusals a route may give, for its `responses`. Typed as nothing, because handlers throw them:
 * what a handler may return stays exactly what the route declares beside them.
 */
export function refusals(area: ErrorArea, ...kinds: readonly ErrorKind[]): Readonly<Record<never, never>> {
  const titles = new Map<number, string[]>();
  for (const kind of kinds) {
    const status = statusIn(area, kind);
    titles.set(status, [...(titles.get(status) ?? []), titleOf(kind)]);
  }
  const content = { [area.contentType ?? 'application/json']: { schema: area.schema } };
  return Object.fromEntries([...titles].map(([status, of]) => [status, { description: of.join('; '), content }]));
}
