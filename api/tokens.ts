// Tokens for trying things out. The routes do not exist unless the configuration says so, and never beyond this machine.
import { createRoute, z } from '@hono/zod-openapi';
import { SignJWT } from 'jose';
import type { Config } from '../config.ts';
import { STOREFRONTS } from '../domain/booking.ts';
import { ROLES } from './auth.ts';
import type { AuthConfig } from './auth.ts';
import { nativeArea, VisibleError } from './errors.ts';
import { isOnThisMachine } from './http/loopback.ts';
import { createRouter, json, jsonBody, refusals } from './http/router.ts';
import type { Router } from './http/router.ts';

const LIFETIME = '12h';

const TokenRequest = z.object({
  sub: z.string().min(1).max(255),
  role: z.enum(ROLES).default('customer'),
  email: z.email().optional(),
  name: z.string().min(1).max(255).optional(),
  storefront: z.enum(STOREFRONTS).optional(),
});
type TokenRequest = z.infer<typeof TokenRequest>;

const route = createRoute({
  method: 'post',
  path: '/dev/tokens',
  tags: ['development'],
  summary: 'A token for anybody, on a developer’s machine',
  description: 'Exists only with DEV_ROUTES=true. The token is good for 12 hours.',
  request: { body: jsonBody(TokenRequest, { sub: 'alice', role: 'customer' }) },
  responses: {
    200: json('A bearer token', z.object({ token: z.string() })),
    ...refusals(nativeArea, 'not_json', 'invalid', 'not_found'),
  },
});

export function devTokens({ devRoutes, auth }: Pick<Config, 'devRoutes' | 'auth'>): Router {
  const router = createRouter();
  const { secret } = auth;
  if (!devRoutes || secret === undefined) return router;
  router.openapi(route, async (c) => {
    // A page elsewhere can point a name of its own at this machine; its requests still carry that name.
    if (!isOnThisMachine(c)) throw new VisibleError('not_found', 'There is nothing here.');
    return c.json({ token: await signToken({ ...auth, secret }, c.req.valid('json')) }, 200);
  });
  return router;
}

function signToken(
  { secret, issuer, audience }: AuthConfig & { secret: string },
  claims: TokenRequest,
): Promise<string> {
  const token = new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).setIssuedAt().setExpirationTime(LIFETIME);
  if (issuer) token.setIssuer(issuer);
  if (audience) token.setAudience(audience);
  return token.sign(new TextEncoder().encode(secret));
}
