// @ts-check
// Banks take money back; staff answer each of them in the gateway's dashboard. Every other answer convinces.
import { setTimeout as sleep } from 'node:timers/promises';

import { ask, GaveUp } from './asking.mjs';

const LOOK_EVERY_MS = 2_000;
/** Disputed, or asked about by the bank. */
const WAITING = new Set(['needs_response', 'warning_needs_response']);

/** @typedef {{ disputes: { id: string, created: number, status: string }[] }} Disputes */

/**
 * Goes on beside everything else until it is told to stop.
 * @param {Pick<import('./world.mjs').World, 'urls' | 'stripeKey' | 'seed'>} world
 */
export function answerDisputes(world) {
  const ending = new AbortController();
  /** @type {string[]} */
  const answered = [];
  const round = async () => {
    /** @type {import('../demo/http.mjs').Answer<Disputes>} */
    const { body } = await ask(`${world.urls.stripe}/_sim/state?only=disputes`);
    for (const { id } of body.disputes.filter(({ status }) => WAITING.has(status))) {
      if (!answered.includes(id)) answered.push(id);
      const convinces = (world.seed + answered.indexOf(id)) % 2 === 0;
      await answer(world, { id, evidence: convinces ? 'winning_evidence' : 'losing_evidence' });
    }
  };
  const going = (async () => {
    while (!ending.signal.aborted) {
      await round().catch((error) => {
        if (!(error instanceof GaveUp)) throw error;
      });
      await sleep(LOOK_EVERY_MS, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  })();
  return {
    answered,
    async stop() {
      ending.abort();
      await going;
    },
  };
}

/**
 * @param {Pick<import('./world.mjs').World, 'urls' | 'stripeKey'>} world
 * @param {{ id: string, evidence: string }} dispute
 */
const answer = ({ urls, stripeKey }, { id, evidence }) =>
  ask(
    `${urls.stripe}/v1/disputes/${id}`,
    {
      method: 'POST',
      headers: { authorization: `Bearer ${stripeKey}` },
      form: { 'evidence[uncategorized_text]': evidence, submit: 'true' },
    },
    (status) => status >= 500 || status === 429,
  );
