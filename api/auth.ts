// Who is asking, and whether they may: bearer tokens in, a principal out.
import type { Context, MiddlewareHandler } from 'hono';
import { createRemoteJWKSet, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { JWTPayload, JWTVerifyGetKey, JWTVerifyOptions } from 'jose';
import { z } from 'zod';
import { STOREFRONTS } from '../domain/booking.ts';
import type { Storefront } from '../domain/booking.ts';
import { VisibleError } from './errors.ts';
import type { AppEnv } from './http/env.ts';

export const ROLES = ['customer', 'staff', 'service', 'admin'] as const;
export type Role = (typeof ROLES)[number];
/** Who works here; `service` is a program and never decides over money already taken. */
export const STAFF: readonly Role[] = ['staff', 'admin'];
/** For what cannot be taken back, or would hide what was done. */
export const ADMINS: readonly Role[] = ['admin'];
/** Who acts for others. */
export const BACK_OFFICE: readonly Role[] = ['staff', 'service', 'admin'];

export interface Principal {
  readonly sub: string;
  readonly role: Role;
  readonly email?: string | undefined;
  readonly name?: string | undefined;
  /** Present: the token is good for this storefront only. */
  readonly storefront?: Storefront | undefined;
}

export interface AuthConfig {
  readonly secret: string | undefined;
  readonly jwksUrl: string | undefined;
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
}

export interface Requirement {
  readonly roles?: readonly Role[];
  /** The storefront whose route this is: tokens limited to another one stay out. */
  readonly storefront?: Storefront;
  /** What is behind it belongs to all storefronts together: tokens limited to one stay out. */
  readonly wholeHouse?: true;
}

export interface Auth {
  /** Middleware: 401 without a good token, 403 when it may not do this. */
  require(requirement?: Requirement): MiddlewareHandler<AppEnv>;
  /** Middleware for routes that answer strangers too, and owners more fully. A bad token is still a 401. */
  readonly optional: MiddlewareHandler<AppEnv>;
}

const Claims = z.object({
  exp: z.number(),
  sub: z.string().min(1).max(255),
  role: z.enum(ROLES).default('customer'),
  email: z.string().max(320).optional(),
  name: z.string().max(255).optional(),
  storefront: z.enum(STOREFRONTS).optional(),
});

export function createAuth(config: AuthConfig): Auth {
  const verifyToken = tokenVerifier(config);

  const verify = async (token: string): Promise<z.output<typeof Claims>> => {
    const claims = Claims.safeParse(await verifyToken(token));
    if (!claims.success) throw unauthenticated('The token lacks what it must say.');
    return claims.data;
  };

  const identify = async (c: Context<AppEnv>): Promise<Principal | undefined> => {
    const token = bearerOf(c.req.header('Authorization'));
    if (token === undefined) return undefined;
    const { exp, ...principal } = await verify(token);
    c.set('principal', principal);
    c.set('accessEndsAt', new Date(exp * 1_000));
    return principal;
  };

  return {
    require:
      (requirement = {}) =>
      async (c, next) => {
        const principal = await identify(c);
        if (!principal) throw unauthenticated('Send a token: Authorization: Bearer <token>.');
        refuseUnfit(principal, requirement);
        await next();
      },
    optional: async (c, next) => {
      await identify(c);
      await next();
    },
  };
}

function refuseUnfit(principal: Principal, { roles, storefront, wholeHouse }: Requirement): void {
  if (roles && !roles.includes(principal.role)) throw forbidden('Your role does not allow this.');
  if (storefront && principal.storefront && principal.storefront !== storefront) {
    throw forbidden('The token is limited to another storefront.');
  }
  if (wholeHouse && principal.storefront) throw forbidden('The token is limited to one storefront.');
}

/** Undefined without the header; any other scheme than Bearer is a bad token. */
function bearerOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const sent = /^Bearer +(\S+) *$/i.exec(header)?.[1];
  if (sent === undefined) throw unauthenticated('The Authorization header must read: Bearer <token>.');
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(sent)) throw unauthenticated('The bearer token cannot be read: it is no JWT.');
  return sent;
}

type TokenVerifier = (token: string) => Promise<JWTPayload>;

/**
 * Each key comes with the algorithms it may be used for, so a token can pick one of our keys but never
 * the way it is checked: an RSA public key taken for an HMAC secret is the classic forgery.
 */
function tokenVerifier({ secret, jwksUrl, issuer, audience }: AuthConfig): TokenVerifier {
  const options: JWTVerifyOptions = { requiredClaims: ['exp', 'sub'] };
  if (issuer) options.issuer = issuer;
  if (audience) options.audience = audience;
  const shared = secret === undefined ? undefined : new TextEncoder().encode(secret);
  const published =
    jwksUrl === undefined ? undefined : createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: 3_000 });
  if (!shared && !published) throw new Error('Neither JWT_SECRET nor JWKS_URL is set: nobody could be let in.');

  return async (token) => {
    try {
      const symmetric = decodeProtectedHeader(token).alg === 'HS256';
      if (symmetric && shared) return (await jwtVerify(token, shared, { ...options, algorithms: ['HS256'] })).payload;
      if (published)
        return (await jwtVerify(token, readable(published), { ...options, algorithms: ['RS256', 'ES256'] })).payload;
    } catch (error) {
      if (error instanceof VisibleError) throw error;
      throw unauthenticated(
        error instanceof errors.JWTExpired ? 'The token has expired.' : 'The token is not valid.',
        error,
      );
    }
    throw unauthenticated('The token is not valid.');
  };
}

/** Keys that cannot be fetched are our trouble, not the customer's: 503, not 401. */
function readable(keys: JWTVerifyGetKey): JWTVerifyGetKey {
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      if (error instanceof errors.JOSENotSupported) throw error;
      throw new VisibleError('unavailable', 'Tokens cannot be checked at the moment. Please try again.', {
        retryAfterS: 2,
        cause: error,
      });
    }
  };
}

const unauthenticated = (message: string, cause?: unknown): VisibleError =>
  new VisibleError('unauthenticated', message, { code: 'unauthorized', cause });

export const forbidden = (message: string): VisibleError => new VisibleError('forbidden', message);

/** On a route behind `require`, whoever passed it. */
export function principalOf(c: Context<AppEnv>): Principal {
  const principal = c.get('principal');
  if (!principal) throw unauthenticated('Send a token: Authorization: Bearer <token>.');
  return principal;
}

export interface Owned {
  readonly storefront: Storefront;
  readonly ownerSub: string;
}

/** Owner = (storefront, sub): the same customer id on two storefronts may be two people. */
export function mayAct(principal: Principal, booking: Owned): boolean {
  if (principal.storefront && principal.storefront !== booking.storefront) return false;
  return BACK_OFFICE.includes(principal.role) || principal.sub === booking.ownerSub;
}

export function requireOwnership(principal: Principal, booking: Owned): void {
  if (!mayAct(principal, booking)) throw forbidden('This booking belongs to somebody else.');
}
