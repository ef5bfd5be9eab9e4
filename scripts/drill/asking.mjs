// @ts-check
// Asking as a patient frontend does: what got no answer, or "not now", is asked again in the same words.
import { setTimeout as sleep } from 'node:timers/promises';

import { call } from '../demo/http.mjs';

const PAUSE_MS = 700;
const PATIENCE_MS = 90_000;
const NOT_NOW = new Set([429, 502, 503, 504]);

/** Somebody who could not go on: they tried for long, or were refused what they are entitled to. */
export class GaveUp extends Error {}

/**
 * @template T
 * @param {string} url
 * @param {import('../demo/http.mjs').Request & { patienceMs?: number }} [request]
 * @param {(status: number) => boolean} [isAgain]
 * @returns {Promise<import('../demo/http.mjs').Answer<T>>}
 */
export async function ask(
  url,
  { patienceMs = PATIENCE_MS, ...request } = {},
  isAgain = (status) => NOT_NOW.has(status),
) {
  const giveUpAt = Date.now() + patienceMs;
  let last = '';
  do {
    try {
      /** @type {import('../demo/http.mjs').Answer<T>} */
      const answer = await call(url, request);
      if (!isAgain(answer.status) && !answer.headers.has('retry-after')) return answer;
      last = String(answer.status);
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await sleep(PAUSE_MS);
  } while (Date.now() < giveUpAt);
  throw new GaveUp(`${request.method ?? 'GET'} ${new URL(url).pathname}: ${last}`);
}

/**
 * Looks again and again until it is so, or for long enough.
 * @template T
 * @param {() => Promise<T | undefined>} look
 * @param {number} withinMs
 * @returns {Promise<T | undefined>}
 */
export async function until(look, withinMs) {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await look().catch(() => undefined);
    if (found !== undefined || Date.now() > deadline) return found;
    await sleep(PAUSE_MS);
  }
}
