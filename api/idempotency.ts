// `Idempotency-Key`: the same request sent again gets the same answer, and has its effect once.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, MiddlewareHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import { SYSTEM_KEY } from '../db/keyring.ts';
import type { Keyring } from '../db/keyring.ts';
import type { Database } from '../db/client.ts';
import { claimKey, readKey, releaseKey, storeAnswer } from '../db/idempotency.ts';
import type { Claim, KeyUse } from '../db/idempotency.ts';
import { erasedError, VisibleError } from './errors.ts';
import { bodyHashOf, canonicalJson, hashOf } from './http/canonical.ts';
import type { AppEnv } from './http/env.ts';
import { logOf } from './http/request-log.ts';

/** The request that holds the key waits 5 s for a workflow; the second one waits a little longer for the first. */
const PATIENCE_MS = 6_000;
const LOOK_EVERY_MS = 50;

export interface IdempotencyDeps {
  readonly db: Database;
  readonly keyring: Keyring;
}

/** What a handler may know of the key it works under. */
export interface HeldKey {
  /** Stable over retries: ids derived from it are made once. */
  readonly scope: string;
  /** Made by an earlier try whose answer never came: go on with it instead of making another. */
  readonly bookingId: string | null;
}

const StoredAnswer = z.object({
  contentType: z.string(),
  location: z.string().nullable(),
  etag: z.string().nullable().default(null),
  body: z.string(),
});

/**
 * Behind `auth.require` or `auth.optional`, before the handler. Answers of 5xx and 429 are not kept, nor is one whose handler
 * called `answerIsNotFinal`: the same request then tries again.
 */
export function idempotent({ db, keyring }: IdempotencyDeps): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const key = c.req.method === 'GET' ? undefined : keyOf(c);
    if (key === undefined) return next();
    const use = await useOf(c, key);
    const claim = await claimPatiently(db, use);
    if (claim.kind === 'other_body')
      throw new VisibleError('key_reused', 'This Idempotency-Key was used for another request.');
    if (claim.kind === 'in_progress') throw stillAtWork();
    if (claim.kind === 'erased') throw erasedError();
    if (claim.kind === 'answered') return replay(c, keyring, { ...claim, scope: use.scope });
    c.set('heldKey', { scope: use.scope, bookingId: claim.bookingId });
    await next();
    await keep(c, { db, keyring, scope: use.scope });
    return undefined;
  };
}

/** For an answer that only says "not yet", such as 202 while the workflow is slow. */
export const answerIsNotFinal = (c: Context<AppEnv>): void => c.set('answerNotFinal', true);

function keyOf(c: Context<AppEnv>): string | undefined {
  const key = c.req.header('Idempotency-Key');
  if (key === undefined || /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new VisibleError('invalid', 'An Idempotency-Key has 1 to 255 visible ASCII characters.', {
    fields: { 'Idempotency-Key': ['1 to 255 visible ASCII characters'] },
  });
}

const LEAST_SECRET_KEY = 16;

/** The path itself and not its pattern: one key sent to two bookings is two requests. */
async function useOf(c: Context<AppEnv>, key: string): Promise<KeyUse> {
  const { sub = null, storefront = null } = c.get('principal') ?? {};
  if (sub === null && key.length < LEAST_SECRET_KEY) throw guessable();
  const scope = hashOf(canonicalJson([storefront, sub, c.req.method, c.req.path, key]));
  return { scope, bodyHash: bodyHashOf(await c.req.text()) };
}

/** Without a name to it the key alone says whose answer it is. */
const guessable = (): VisibleError =>
  new VisibleError('invalid', `Without a token an Idempotency-Key has at least ${LEAST_SECRET_KEY} characters.`, {
    fields: { 'Idempotency-Key': [`at least ${LEAST_SECRET_KEY} characters without a token`] },
  });

async function claimPatiently(db: Database, use: KeyUse): Promise<Claim> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  let claim = await claimKey(db, use);
  while (claim.kind === 'in_progress' && performance.now() < giveUpAt) {
    await sleep(LOOK_EVERY_MS);
    const held = await readKey(db, use);
    claim = held.kind === 'free' ? await claimKey(db, use) : held;
  }
  return claim;
}

const stillAtWork = (): VisibleError =>
  new VisibleError('not_ready', 'The same request is still being worked on. Please ask again.', { retryAfterS: 2 });

interface Kept {
  readonly scope: string;
  readonly status: number;
  readonly sealedBody: Buffer;
}

async function replay(c: Context<AppEnv>, keyring: Keyring, { scope, status, sealedBody }: Kept): Promise<Response> {
  const opened = await keyring.unseal(SYSTEM_KEY, sealedBody, contextOf(scope));
  const { contentType, location, etag, body } = StoredAnswer.parse(JSON.parse(opened.toString()));
  const headers = {
    'Content-Type': contentType,
    'Idempotent-Replayed': 'true',
    ...(location === null ? {} : { Location: location }),
    ...(etag === null ? {} : { ETag: etag }),
  };
  return c.body(body, asStatus(status), headers);
}

/** Only statuses that a handler of ours answered with are ever stored. */
const asStatus = (status: number): ContentfulStatusCode => status as ContentfulStatusCode;

const contextOf = (scope: string): string => `idempotency/${scope}`;

async function keep(c: Context<AppEnv>, { db, keyring, scope }: IdempotencyDeps & { scope: string }): Promise<void> {
  const { status } = c.res;
  if (status >= 500 || status === 429 || c.get('answerNotFinal')) {
    // Without it the claim ends by itself after a minute; what went wrong before is the better thing to answer.
    return releaseKey(db, scope).catch((err: unknown) => logOf(c).warn({ err }, 'an idempotency key stays claimed'));
  }
  const answer = {
    contentType: c.res.headers.get('Content-Type') ?? 'application/json',
    location: c.res.headers.get('Location'),
    etag: c.res.headers.get('ETag'),
    body: await c.res.clone().text(),
  };
  const sealedBody = await keyring.seal(SYSTEM_KEY, Buffer.from(JSON.stringify(answer)), contextOf(scope));
  // On the native API and on carts the path says whose it is; elsewhere erasing a person would not find it unless told.
  const about = c.get('bookingId') ?? c.get('cartId') ?? c.req.param('id') ?? null;
  return storeAnswer(db, scope, { status, sealedBody, about });
}
