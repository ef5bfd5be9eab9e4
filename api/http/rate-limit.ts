// So many per minute and key, counted in this process: a brake on floods, not a quota to bill by.
import { createHash } from 'node:crypto';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, MiddlewareHandler } from 'hono';
import { VisibleError } from '../errors.ts';
import type { AppEnv } from './env.ts';

const WINDOW_MS = 60_000;
const MOST_KEYS = 20_000;

export type Admission = { kind: 'admitted' } | { kind: 'refused'; retryAfterS: number };

export interface RateLimiter {
  take(key: string): Admission;
}

export interface RateLimit {
  readonly perMinute: number;
  readonly clock: () => Date;
}

export function createRateLimiter({ perMinute, clock }: RateLimit): RateLimiter {
  const windows = new Map<string, { startedMs: number; count: number }>();

  const windowOf = (key: string, nowMs: number) => {
    const known = windows.get(key);
    if (known && nowMs - known.startedMs < WINDOW_MS) return known;
    windows.delete(key);
    if (windows.size >= MOST_KEYS) forgetOldest(windows, nowMs);
    const fresh = { startedMs: nowMs, count: 0 };
    windows.set(key, fresh);
    return fresh;
  };

  return {
    take: (key) => {
      const nowMs = clock().getTime();
      const window = windowOf(key, nowMs);
      window.count += 1;
      if (window.count <= perMinute) return { kind: 'admitted' };
      return { kind: 'refused', retryAfterS: Math.max(1, Math.ceil((window.startedMs + WINDOW_MS - nowMs) / 1_000)) };
    },
  };
}

/** A map keeps its keys in the order of their windows, so the oldest stand first. */
function forgetOldest(windows: Map<string, { startedMs: number }>, nowMs: number): void {
  for (const [key, { startedMs }] of windows) {
    if (nowMs - startedMs < WINDOW_MS && windows.size < MOST_KEYS) return;
    windows.delete(key);
  }
}

export function tooMany(retryAfterS: number): VisibleError {
  return new VisibleError('rate_limited', 'Too many requests. Please wait a moment.', { retryAfterS });
}

/** For routes that create something; one token that was found good, else one address, has one allowance over all of them. */
export function limitPerToken(limiter: RateLimiter, trustedHops = 0): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    // The forms of pages stand behind no check of tokens: there anybody could make up one for each request.
    const token = c.get('principal') && c.req.header('Authorization')?.trim().split(' ').at(-1);
    const sender = token === undefined ? clientAddress(c, trustedHops) : claimsOf(token);
    const admission = limiter.take(createHash('sha256').update(sender).digest('base64url'));
    if (admission.kind === 'refused') throw tooMany(admission.retryAfterS);
    await next();
  };
}

/** Without the signature, of which several spellings are good. */
const claimsOf = (token: string): string => token.split('.').slice(0, 2).join('.');

/** Which booking the path means for whoever asks; undefined where it means none of theirs. */
export type BookingIdOf = (c: Context<AppEnv>) => Promise<string | undefined>;

/** For letters that somebody may ask for: of each booking so many, so that no mailbox is flooded by way of us. */
export function limitPerBooking(limiter: RateLimiter, bookingIdOf?: BookingIdOf): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const booking = (await bookingIdOf?.(c)) ?? c.req.param('id');
    const admission = limiter.take(`${c.get('principal')?.sub}/${booking}`);
    if (admission.kind === 'refused') throw tooMany(admission.retryAfterS);
    await next();
  };
}

/** The address of the caller, behind as many proxies of ours as `TRUST_PROXY` says; anything further left is hearsay. */
export function clientAddress(c: Context, trustedHops: number): string {
  const forwarded =
    c.req
      .header('X-Forwarded-For')
      ?.split(',')
      .map((part) => part.trim()) ?? [];
  const claimed = trustedHops > 0 ? forwarded.at(-Math.min(trustedHops, forwarded.length)) : undefined;
  return claimed || socketAddress(c);
}

function socketAddress(c: Context): string {
  try {
    return getConnInfo(c).remote.address ?? 'unknown';
  } catch {
    // A request handed in without a socket, as tests do.
    return 'unknown';
  }
}
