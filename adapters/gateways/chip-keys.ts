// The keys that CHIP signs with: the company's for success callbacks, one of each webhook's own. Asked for when needed,
// kept for a while, asked for again when a signature does not fit, but never as often as strangers post.
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { GatewayUnreachable, isUnknownThere } from '../../domain/payment.ts';
import { answerOf, readAs } from './chip-http.ts';
import type { ChipCall } from './chip-http.ts';
import { companyKeyIn, keyIn } from './chip-public-key.ts';

export interface WebhookKey {
  readonly webhookId: string;
  readonly pem: string;
}

type Verdict = 'fits' | 'does not fit' | 'no such webhook';
type Fits = (key: KeyObject) => boolean;

export interface KeyRing {
  /** Whether a key of that sender fits; throws where that cannot be known. Null is the company. */
  check(webhookId: string | null, fits: Fits): Promise<Verdict>;
}

export interface KeyRingOptions {
  readonly call: ChipCall;
  /** Of webhooks whose keys we were told: CHIP is not asked for these. */
  readonly told: readonly WebhookKey[];
  readonly nowMs: () => number;
}

const GOOD_FOR_MS = 3_600_000;
/** How soon the same key may be asked for again. */
const AGAIN_AFTER_MS = 10_000;
/** What was signed just before a key changed is still on its way. */
const OUTGOING_FOR_MS = 600_000;
/** Webhooks that we have no key of may be anybody's invention: beyond so many all there are are read at once, and no stranger counts. */
const STRANGERS_PER_MINUTE = 20;
/** One post that was overheard could else be stored again under each name that somebody makes up. */
const MOST_UNLISTED = 20;

interface Held {
  readonly key: KeyObject;
  readonly learnedAtMs: number;
  readonly outgoing: { readonly key: KeyObject; readonly untilMs: number } | null;
}

/** What came of asking: no key means that CHIP knows no such webhook, `failed` that it did not say. */
type Answer = { kind: 'key'; held: Held } | { kind: 'unknown' } | { kind: 'failed'; error: unknown };

const COMPANY = 'company';

export function createKeyRing({ call, told, nowMs }: KeyRingOptions): KeyRing {
  const fixed = new Map(told.map(({ webhookId, pem }) => [webhookId, keyIn(pem)]));
  const learned = createLearner(call, nowMs);
  const opens = ({ key, outgoing }: Held, fits: Fits): boolean =>
    fits(key) || (outgoing !== null && outgoing.untilMs > nowMs() && fits(outgoing.key));
  const judge = async (name: string, fits: Fits): Promise<Verdict> => {
    const last = learned.recall(name);
    const opened = last !== undefined && opens(last, fits);
    if (opened && nowMs() - last.learnedAtMs < GOOD_FOR_MS) return 'fits';
    const answer = await learned.ask(name);
    if (answer.kind === 'unknown') return 'no such webhook';
    if (answer.kind === 'key') return opens(answer.held, fits) ? 'fits' : 'does not fit';
    // An old key that fits is as good as it ever was; one that does not may have been replaced.
    if (opened) return 'fits';
    throw new GatewayUnreachable('CHIP does not tell the key', { cause: answer.error });
  };
  const unlisted = createUnlisted(nowMs);
  return {
    check: async (webhookId, fits) => {
      const name = webhookId ?? COMPANY;
      const known = fixed.get(name);
      if (known) return fits(known) ? 'fits' : 'does not fit';
      if (unlisted.has(name) && (await judge(COMPANY, fits)) === 'fits') return 'fits';
      const verdict = await judge(name, fits);
      // Where CHIP knows the webhook its own key alone counts; where it does not, what the company signed is CHIP's all the same.
      if (verdict !== 'no such webhook' || (await judge(COMPANY, fits)) !== 'fits') return verdict;
      return unlisted.admit(name) ? 'fits' : verdict;
    },
  };
}

/** Webhooks that CHIP does not know and yet posts to, kept so that it is not asked for them each time. */
function createUnlisted(nowMs: () => number) {
  const since = new Map<string, number>();
  const has = (name: string): boolean => nowMs() - (since.get(name) ?? -Infinity) < GOOD_FOR_MS;
  return {
    has,
    admit: (name: string): boolean => {
      for (const known of since.keys()) if (!has(known)) since.delete(known);
      if (!since.has(name) && since.size >= MOST_UNLISTED) return false;
      since.set(name, nowMs());
      return true;
    },
  };
}

/** What CHIP has told, and how seldom it is asked for more. */
function createLearner(call: ChipCall, nowMs: () => number) {
  const held = new Map<string, Held>();
  const asking = new Map<string, Promise<Answer>>();
  const asked = new Map<string, { readonly atMs: number; readonly answer: Answer }>();
  const strangers = budget(STRANGERS_PER_MINUTE, nowMs);
  let all: { readonly atMs: number; readonly failure: Promise<Answer | null> } | undefined;

  const keep = (name: string, key: KeyObject): Held => {
    const now = after(held.get(name), key, nowMs());
    held.set(name, now);
    return now;
  };

  const askForOne = async (name: string): Promise<Answer> => {
    const answer = await fetched(call, { name, isHeld: held.has(name) }).then(
      (key): Answer => (key ? { kind: 'key', held: keep(name, key) } : { kind: 'unknown' }),
      (error: unknown): Answer => ({ kind: 'failed', error }),
    );
    if (answer.kind === 'unknown') held.delete(name);
    // Only of those there are: names that strangers make up are not kept.
    if (held.has(name) || name === COMPANY) asked.set(name, { atMs: nowMs(), answer });
    return answer;
  };

  const learnAll = async (): Promise<Answer | null> => {
    try {
      for await (const { id, key } of fetchedAll(call)) keep(id, key);
      return null;
    } catch (error) {
      return { kind: 'failed', error };
    }
  };

  /** From the list of them, which is read as seldom as any key. */
  const amongAll = async (name: string): Promise<Answer> => {
    if (!all || nowMs() - all.atMs >= AGAIN_AFTER_MS) all = { atMs: nowMs(), failure: learnAll() };
    const failure = await all.failure;
    const known = held.get(name);
    if (known) return { kind: 'key', held: known };
    return failure ?? { kind: 'unknown' };
  };

  /** The answer there is already, where it is too soon to ask again. */
  const ask = (name: string): Promise<Answer> | Answer => {
    const running = asking.get(name);
    if (running) return running;
    const last = asked.get(name);
    if (last && nowMs() - last.atMs < AGAIN_AFTER_MS) return last.answer;
    const isStranger = !held.has(name) && name !== COMPANY;
    const answer = isStranger && !strangers.take() ? amongAll(name) : askForOne(name);
    const settled = answer.finally(() => asking.delete(name));
    asking.set(name, settled);
    return settled;
  };

  return { ask, recall: (name: string): Held | undefined => held.get(name) };
}

function after(last: Held | undefined, key: KeyObject, nowMs: number): Held {
  const replaced = last && !last.key.equals(key);
  const outgoing = replaced ? { key: last.key, untilMs: nowMs + OUTGOING_FOR_MS } : (last?.outgoing ?? null);
  return { key, learnedAtMs: nowMs, outgoing };
}

function budget(perMinute: number, nowMs: () => number) {
  let sinceMs = -Infinity;
  let left = 0;
  return {
    take: (): boolean => {
      if (nowMs() - sinceMs >= 60_000) {
        sinceMs = nowMs();
        left = perMinute;
      }
      left -= 1;
      return left >= 0;
    },
  };
}

const webhookWire = z.object({ public_key: z.string() });
const webhooksWire = z.object({
  results: z.array(webhookWire.extend({ id: z.string() })),
  next: z.string().nullish(),
});
/** Far more than anybody has: a list that goes round in a circle ends as well. */
const MOST_PAGES = 100;

async function fetched(
  call: ChipCall,
  { name, isHeld }: { name: string; isHeld: boolean },
): Promise<KeyObject | undefined> {
  if (name === COMPANY) return companyKeyIn(answerOf(await call('GET', '/public_key/')));
  const reply = await call('GET', `/webhooks/${encodeURIComponent(name)}/`).catch((error: unknown) => {
    // A 404 without a reason is one too, unless it is about one that was there: then somebody stands before CHIP.
    if (isHeld || !isUnknownThere(error)) throw error;
  });
  if (!reply || (reply.kind === 'refused' && reply.status === 404)) return undefined;
  return keyIn(readAs(webhookWire, answerOf(reply)).public_key);
}

async function* fetchedAll(call: ChipCall): AsyncGenerator<{ readonly id: string; readonly key: KeyObject }> {
  let query = '';
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { results, next } = readAs(webhooksWire, answerOf(await call('GET', `/webhooks/${query}`)));
    for (const { id, public_key } of results) yield { id, key: keyIn(public_key) };
    if (!next) return;
    query = queryIn(next);
  }
  throw new GatewayUnreachable(`CHIP lists webhooks on more than ${MOST_PAGES} pages`);
}

/** Of the next page's address the question alone: our key goes nowhere but to the address that we were told. */
function queryIn(next: string): string {
  const query = URL.canParse(next, 'https://chip.invalid') ? new URL(next, 'https://chip.invalid').search : '';
  if (query === '') throw new GatewayUnreachable('CHIP does not say where its list of webhooks goes on');
  return query;
}
