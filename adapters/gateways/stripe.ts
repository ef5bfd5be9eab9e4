// What every Stripe gateway of ours shares: the client, which failures mean what, and creating a thing once.
import Stripe from 'stripe';
import { z } from 'zod';
import { GatewayRejected, GatewayUnreachable } from '../../domain/payment.ts';
import { chargeStep, MAX_MINOR, money } from '../../domain/money.ts';
import type { Money } from '../../domain/money.ts';
import type { PaymentOrder, Started } from '../../domain/payment.ts';
import { clientTellingRoutes, NO_ROUTE } from './stripe-routes.ts';

export interface StripeConfig {
  readonly secretKey: string;
  /** Where Stripe listens when it is not Stripe: protocol, host and port; the client puts `/v1` behind them itself. */
  readonly apiBase?: string | undefined;
  readonly webhookSecrets: readonly string[];
  readonly timeoutMs?: number | undefined;
}

// Under the 10 s that the shortest activity has, so that we learn of the time-out ourselves.
const DEFAULT_TIMEOUT_MS = 8_000;
const KEY_GENERATIONS = 5;
// Stripe forgets a key after a day at the earliest; whatever a stored failure hides is no older than that.
const KEY_LIFETIME_S = 25 * 3600;
const MAX_SEARCHED = 5_000;
const UNDECIDED_CODES = new Set(['idempotency_key_in_use', 'lock_timeout', 'rate_limit', NO_ROUTE]);

// Stripe's list, in minor units; for the rest the floor depends on our settlement currency and Stripe tells it.
const MINIMUM_MINOR: Readonly<Record<string, number>> = {
  AED: 200,
  AUD: 50,
  BRL: 50,
  CAD: 50,
  CHF: 50,
  DKK: 250,
  EUR: 50,
  GBP: 30,
  HKD: 400,
  INR: 50,
  JPY: 50,
  MXN: 1000,
  MYR: 200,
  NOK: 300,
  NZD: 50,
  SEK: 300,
  SGD: 50,
  THB: 1000,
  USD: 50,
};

export const minimumMinor = (currency: string): number => MINIMUM_MINOR[currency] ?? 0;

/**
 * Retries are Temporal's, so the client makes none but its one repeat, with the same key, of a call whose
 * kept-alive socket was closed under it.
 */
export function connectToStripe({ secretKey, apiBase, timeoutMs }: StripeConfig): Stripe {
  return new Stripe(secretKey, {
    ...(apiBase === undefined ? {} : { ...addressOf(apiBase), httpClient: clientTellingRoutes() }),
    maxNetworkRetries: 0,
    timeout: timeoutMs ?? DEFAULT_TIMEOUT_MS,
    telemetry: false,
  });
}

function addressOf(apiBase: string): { protocol: 'http' | 'https'; host: string; port: number } {
  const url = URL.canParse(apiBase) ? new URL(apiBase) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error(`not a base address for Stripe: ${apiBase}`);
  if (!/^(\/v1)?\/?$/.test(url.pathname) || url.search !== '' || url.username !== '') {
    throw new Error(`Stripe's client takes protocol, host and port only, no path: ${apiBase}`);
  }
  const protocol = url.protocol === 'http:' ? 'http' : 'https';
  return { protocol, host: url.hostname, port: Number(url.port) || (protocol === 'http' ? 80 : 443) };
}

/** Stripe's clear no to this very request; undefined when the failure says something else or nothing. */
export function refusalOf(error: unknown): Stripe.errors.StripeError | undefined {
  const { StripeError, StripeCardError, StripeInvalidRequestError } = Stripe.errors;
  if (!(error instanceof StripeError) || UNDECIDED_CODES.has(error.code ?? '')) return undefined;
  return error instanceof StripeInvalidRequestError || error instanceof StripeCardError ? error : undefined;
}

/** An unsupported currency comes without a code, yet callers must know it to try another. */
function refusalCodeOf(refusal: Stripe.errors.StripeError): string {
  return isOfCurrency(refusal) ? 'currency_not_supported' : (refusal.code ?? 'invalid_request');
}

/** Where neither parameter nor code says it the message may, unless the code says that something else is wrong. */
function isOfCurrency({ code, param, message, rawType }: Stripe.errors.StripeError): boolean {
  if (/(^|\[)currency\]?$/.test(param ?? '')) return true;
  if (rawType !== 'invalid_request_error') return false;
  const saysNothingElse = !code || /invalid/i.test(code);
  return /currency/i.test(code ?? '') || (saysNothingElse && /currency/i.test(message));
}

/** Whatever else went wrong, in our two words: unknown, or a person must look. */
export function asGatewayError(error: unknown): GatewayRejected | GatewayUnreachable {
  if (error instanceof GatewayRejected || error instanceof GatewayUnreachable) return error;
  if (!(error instanceof Stripe.errors.StripeError)) {
    return new GatewayUnreachable('Stripe gave an answer that cannot be read', { cause: error });
  }
  const { StripeAuthenticationError, StripeIdempotencyError, StripePermissionError } = Stripe.errors;
  if (error instanceof StripeAuthenticationError || error instanceof StripePermissionError) {
    // Stripe's own text repeats part of the key.
    return new GatewayRejected(error.code ?? 'not_permitted', `Stripe refuses our key (HTTP ${error.statusCode})`);
  }
  if (refusalOf(error) || error instanceof StripeIdempotencyError) {
    return new GatewayRejected(error.code ?? error.rawType ?? 'invalid_request', error.message);
  }
  return new GatewayUnreachable(error.message, { cause: error, ...retryAfterOf(error) });
}

function retryAfterOf(error: Stripe.errors.StripeError): { retryAfterMs?: number } {
  const seconds = Number(error.headers?.['retry-after']);
  return seconds > 0 ? { retryAfterMs: seconds * 1000 } : {};
}

/** Stripe stores a 500 under the key and repeats it for ever: only looking tells what came of it. */
function isStoredFailure(error: unknown): boolean {
  if (!(error instanceof Stripe.errors.StripeError)) return false;
  return (error.statusCode ?? 0) >= 500 && error.headers?.['idempotent-replayed'] === 'true';
}

export interface Creation<T> {
  readonly key: string;
  readonly create: (key: string) => Promise<T>;
  /** Finds what an earlier try with this key made, by our own id in its metadata. */
  readonly find: () => Promise<T | undefined>;
  /** The terms hold a time of day, so that a repeat may differ from what the key was first used for. */
  readonly driftingTerms?: true;
}

/** Creates under a deterministic key, and goes on to the next key only where the last one provably made nothing. */
export async function createOnce<T>({ key, create, find, driftingTerms }: Creation<T>): Promise<T> {
  for (let generation = 1; generation <= KEY_GENERATIONS; generation++) {
    try {
      return await create(generation === 1 ? key : `${key}/${generation}`);
    } catch (error) {
      const keyTaken = error instanceof Stripe.errors.StripeIdempotencyError;
      if (!keyTaken && !isStoredFailure(error)) throw error;
      const found = await find();
      if (found !== undefined) return found;
      if (keyTaken && !driftingTerms) throw error;
    }
  }
  throw new GatewayUnreachable(`Stripe stored a failure under ${KEY_GENERATIONS} keys in a row: ${key}`);
}

/** Looks through what was made lately for the thing that carries our own id. */
export async function findRecent<T>(
  list: (page: { created: { gte: number }; limit: number }) => AsyncIterable<unknown>,
  pick: (answer: unknown) => T | undefined,
): Promise<T | undefined> {
  let searched = 0;
  for await (const answer of list({ created: { gte: Math.floor(Date.now() / 1000) - KEY_LIFETIME_S }, limit: 100 })) {
    const found = pick(answer);
    if (found !== undefined) return found;
    if (++searched === MAX_SEARCHED) throw new GatewayUnreachable('too many payments at Stripe to search them');
  }
  return undefined;
}

/** What was made, or Stripe's clear no; whatever else happened is thrown. */
export async function startOnce<T>(creation: Creation<T>, startedOf: (made: T) => Started): Promise<Started> {
  try {
    return startedOf(await createOnce(creation));
  } catch (error) {
    const refusal = refusalOf(error);
    if (!refusal) throw asGatewayError(error);
    return { kind: 'refused', code: refusalCodeOf(refusal), message: refusal.message };
  }
}

export interface Made {
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
  readonly metadata?: Readonly<Record<string, string>> | null | undefined;
}

/** Whether it was made for this payment; made on other terms it must not be taken for it. */
export function isMadeFor(order: PaymentOrder, made: Made): boolean {
  if (made.metadata?.['payment_id'] !== order.paymentId) return false;
  const { amount, currency } = wireAmountOf(order.amount);
  const same = made.amount === amount && made.currency === currency;
  if (same && made.metadata['booking_id'] === order.bookingId) return true;
  throw new GatewayRejected('payment_differs', `${order.paymentId} was opened as ${made.id} with other terms`);
}

/** Stripe's client trusts what it is sent; a 500 without an error body would pass for an object. */
export function readAs<S extends z.ZodType>(schema: S, answer: unknown): z.output<S> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new GatewayUnreachable('Stripe gave an answer of unexpected shape', { cause: parsed.error });
}

/** As evidence, without what a payment could be made with. */
export const inItsWords = (answer: object): string =>
  JSON.stringify(answer, (field, value: unknown) => (field === 'client_secret' ? undefined : value));

/** Our minor units are Stripe's, down to the zero that ends a dinar; what breaks that never leaves the house. */
export function wireAmountOf({ minor, currency }: Money): { amount: number; currency: string } {
  if (minor <= 0 || minor > MAX_MINOR || minor % chargeStep(currency) !== 0) {
    throw new GatewayRejected('amount_not_chargeable', `${minor} minor units of ${currency} cannot be charged`);
  }
  return { amount: minor, currency: currency.toLowerCase() };
}

export const moneyOf = (amount: number, currency: string): Money => money(amount, currency.toUpperCase());

export const expandableId = z.union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)]);
/** Stripe keeps strings only; elsewhere a number is the same word as its digits, and what has no words says nothing to us. */
export const metadataWire = z.record(z.string(), z.unknown()).transform(wordsIn).nullish().catch(null);

function wordsIn(metadata: Readonly<Record<string, unknown>>): Record<string, string> {
  const words = Object.entries(metadata).flatMap(([name, value]) =>
    typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [],
  );
  return Object.fromEntries(words);
}
