// @ts-check
// Does what the script's faults say, and counts what really struck.
import { setTimeout as sleep } from 'node:timers/promises';

import { ask } from './asking.mjs';

/** @typedef {Pick<import('./stack.mjs').Stack, 'parts' | 'urls' | 'kafkaIsAway'>} Target */
/** @typedef {import('./fault-script.mjs').Fault} Fault */
/** @typedef {ReturnType<typeof createChaos>} Chaos */

/**
 * @param {Target} stack
 * @param {(line: string) => void} say
 */
export function createChaos({ parts, urls, kafkaIsAway }, say) {
  /** @type {Record<string, number>} */
  const counts = kafkaIsAway ? { 'brokers away': 1 } : {};
  const count = (/** @type {string} */ name, times = 1) => (counts[name] = (counts[name] ?? 0) + times);

  const vendors = /** @type {const} */ (['stripe', 'chip', 'klook']);
  /** @param {import('./fault-script.mjs').StandIn} at @param {unknown} rule */
  const addRule = (at, rule) => ask(`${urls[at]}/_sim/faults`, { method: 'POST', json: rule });

  /** @param {Fault} fault */
  const strike = async (fault) => {
    switch (fault.kind) {
      case 'kill': {
        const killed = await parts.get(fault.part)?.kill(fault.downMs);
        say(
          `kill -9 ${fault.part}${killed ? `, back in ${(fault.downMs / 1_000).toFixed(1)} s` : ': was down already'}`,
        );
        if (killed) count(`kill -9 ${fault.part}`);
        return;
      }
      case 'rule':
        await addRule(fault.at, fault.rule);
        return;
      case 'balance':
        say('the balance at the supplier is empty');
        await setBalance(urls.klook, '0');
        count('balance empty');
        await sleep(fault.forMs);
        await setBalance(urls.klook, BALANCE);
        say('the balance is topped up');
        return;
      case 'smtp':
        say('the mail server takes no mail');
        await addRule('mail', fault.rule);
        await sleep(fault.forMs);
        count('mails refused', await forget(urls.mail));
        say('the mail server is back');
        return;
      case 'kafka':
        return;
    }
  };

  return {
    counts,
    /** Everything in its time. @param {readonly Fault[]} faults @param {number} beganAt */
    async run(faults, beganAt) {
      await Promise.all(
        faults.map(async (fault) => {
          await sleep(Math.max(0, beganAt + fault.atMs - Date.now()));
          await strike(fault);
        }),
      );
    },
    /** From now on everything works; what struck until then is counted. */
    async end() {
      for (const at of vendors) {
        for (const [kind, hits] of await hitsOf(urls[at])) count(`${at}: ${kind}`, hits);
        await forget(urls[at]);
      }
      await forget(urls.mail);
    },
  };
}

const BALANCE = '100000.00';

/** @param {string} klook @param {string} amount */
const setBalance = (klook, amount) => ask(`${klook}/_sim/balance`, { method: 'POST', json: { set: amount } });

/** @typedef {{ faults: { kind: string, hits: number }[] }} Faults */

/** @param {string} url @returns {Promise<[string, number][]>} */
async function hitsOf(url) {
  /** @type {import('../demo/http.mjs').Answer<Faults>} */
  const { body } = await ask(`${url}/_sim/faults`);
  return body.faults.filter(({ hits }) => hits > 0).map(({ kind, hits }) => [kind, hits]);
}

/** Drops the rules of a stand-in; answers with how often they hit. @param {string} url */
async function forget(url) {
  const hits = (await hitsOf(url)).reduce((sum, [, each]) => sum + each, 0);
  await ask(`${url}/_sim/faults`, { method: 'DELETE' });
  return hits;
}
