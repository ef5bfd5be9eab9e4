// Links for browsers, which send no bearer token: an HMAC opens one booking for one purpose and for a day at most.
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { Auth, Owned } from './auth.ts';
import { principalOf, requireOwnership } from './auth.ts';
import { VisibleError } from './errors.ts';
import type { AppEnv } from './http/env.ts';

export const LINK_PURPOSES = ['pay', 'view', 'documents'] as const;
export type LinkPurpose = (typeof LINK_PURPOSES)[number];

export interface LinkedBooking {
  readonly bookingId: string;
  readonly purpose: LinkPurpose;
}

export interface Links {
  sign(link: LinkedBooking, lifetimeMs?: number): string;
  verify(token: string): (LinkedBooking & { readonly expiresAt: Date }) | undefined;
}

export const LONGEST_LINK_MS = 24 * 3_600_000;
const TOKEN = /^(bk_[0-9a-z]+)\.(pay|view|documents)\.(\d{1,12})\.([\w-]{43})$/;

export interface LinksOptions {
  /** The first signs, all verify: links outlive the rotation of a key. */
  readonly masterKeys: readonly [{ readonly bytes: Uint8Array }, ...{ readonly bytes: Uint8Array }[]];
  readonly clock: () => Date;
}

export function createLinks({ masterKeys, clock }: LinksOptions): Links {
  const keys = masterKeys.map(({ bytes }) => Buffer.from(hkdfSync('sha256', bytes, '', 'holdfast browser links', 32)));

  return {
    sign: ({ bookingId, purpose }, lifetimeMs = LONGEST_LINK_MS) => {
      const expiresS = Math.floor((clock().getTime() + Math.min(lifetimeMs, LONGEST_LINK_MS)) / 1_000);
      const claim = `${bookingId}.${purpose}.${expiresS}`;
      const [key] = keys;
      if (!key) throw new Error('no key to sign links with');
      return `${claim}.${macOf(key, claim).toString('base64url')}`;
    },
    verify: (token) => {
      const [, bookingId, purpose, expiresS, mac] = TOKEN.exec(token) ?? [];
      if (!bookingId || !isPurpose(purpose) || !mac) return undefined;
      const given = Buffer.from(mac, 'base64url');
      const genuine = keys.some((key) => timingSafeEqual(macOf(key, `${bookingId}.${purpose}.${expiresS}`), given));
      const expiresAt = new Date(Number(expiresS) * 1_000);
      return genuine && expiresAt > clock() ? { bookingId, purpose, expiresAt } : undefined;
    },
  };
}

const macOf = (key: Buffer, claim: string): Buffer => createHmac('sha256', key).update(claim).digest();

const isPurpose = (text: string | undefined): text is LinkPurpose => LINK_PURPOSES.some((purpose) => purpose === text);

const cookieNameOf = ({ purpose, bookingId }: LinkedBooking): string => `hf_${purpose}_${bookingId}`;

export interface LinkDoor {
  readonly auth: Auth;
  readonly links: Links;
  readonly purpose: LinkPurpose;
  /** Cookies over plain HTTP only where the site itself is. */
  readonly secure: boolean;
  /** The booking the route speaks of, as its path names it. */
  readonly bookingIdOf: (c: Context<AppEnv>) => string | undefined;
}

/**
 * Lets a token or a link in. `?t=` is exchanged at once: the cookie is set and the browser sent to
 * the same address without it, so that no history, referrer or log keeps a key.
 */
export function tokenOrLink({ auth, links, purpose, secure, bookingIdOf }: LinkDoor): MiddlewareHandler<AppEnv> {
  const withToken = auth.require();
  return async (c, next) => {
    const given = c.req.query('t');
    if (given !== undefined) return exchange(c, { link: links.verify(given), token: given, purpose, secure });
    const bookingId = bookingIdOf(c);
    const cookie = bookingId && getCookie(c, cookieNameOf({ purpose, bookingId }));
    const link = cookie ? links.verify(cookie) : undefined;
    if (!link || link.purpose !== purpose || link.bookingId !== bookingId) return withToken(c, next);
    c.set('linked', { bookingId, purpose });
    c.set('accessEndsAt', link.expiresAt);
    return next();
  };
}

interface Exchange {
  readonly link: ReturnType<Links['verify']>;
  readonly token: string;
  readonly purpose: LinkPurpose;
  readonly secure: boolean;
}

function exchange(c: Context<AppEnv>, { link, token, purpose, secure }: Exchange): Response {
  if (!link || link.purpose !== purpose)
    throw new VisibleError('unauthenticated', 'This link is not valid any more.', { code: 'unauthorized' });
  setCookie(c, cookieNameOf(link), token, {
    httpOnly: true,
    sameSite: 'Lax',
    secure,
    path: '/',
    expires: link.expiresAt,
  });
  const url = new URL(c.req.url);
  url.searchParams.delete('t');
  return c.redirect(url.pathname + url.search, 303);
}

/** After `tokenOrLink`: the link is for this very booking, or the token is its owner's or the back office's. */
export function requireAccess(c: Context<AppEnv>, booking: Owned & { readonly id: string }): void {
  if (c.get('linked')?.bookingId === booking.id) return;
  requireOwnership(principalOf(c), booking);
}
