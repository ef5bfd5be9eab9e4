// @ts-check
// One process of the drill's stack: it can be killed, and a supervisor brings it back, as in production.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { isAlive } from '../parts/processes.mjs';

const AGAIN_AFTER_MS = 500;
const GONE_WITHIN_MS = 10_000;

/** @typedef {import('../parts/supervise.mjs').Running} Running */
/** @typedef {Awaited<ReturnType<typeof startPart>>} Part */

/**
 * @param {string} name
 * @param {() => Promise<Running>} start
 */
export async function startPart(name, start) {
  let running = await start();
  const ending = new AbortController();
  let downMs = AGAIN_AFTER_MS;
  /** Deaths that nobody ordered. @type {string[]} */
  const unasked = [];
  let ordered = false;
  let isUp = true;

  const watch = () => {
    const { child } = running;
    const seen = (/** @type {number | null} */ code, /** @type {string | null} */ signal) => {
      if (ending.signal.aborted) return;
      isUp = false;
      if (!ordered) unasked.push(`${name} ended (${signal ?? `exit code ${code}`})`);
      void bringBack();
    };
    if (child.exitCode !== null || child.signalCode !== null) seen(child.exitCode, child.signalCode);
    else child.once('exit', seen);
  };
  const bringBack = async () => {
    const pauseMs = ordered ? downMs : AGAIN_AFTER_MS;
    ordered = false;
    await sleep(pauseMs);
    while (!ending.signal.aborted) {
      try {
        running = await start();
        isUp = true;
        if (ending.signal.aborted) await running.stop();
        else watch();
        return;
      } catch {
        // What it needs is down as well: a supervisor tries again.
        await sleep(AGAIN_AFTER_MS);
      }
    }
  };
  watch();

  return {
    name,
    unasked,
    isUp: () => isUp,
    /** `kill -9`, with all its children. @param {number} [staysDownMs] */
    async kill(staysDownMs = AGAIN_AFTER_MS) {
      const { pid } = running.child;
      if (!isUp || pid === undefined) return false;
      ordered = true;
      downMs = staysDownMs;
      const family = [pid, ...childrenOf(pid)];
      for (const each of family) killOne(each);
      const until = Date.now() + GONE_WITHIN_MS;
      while (family.some(isAlive) && Date.now() < until) await sleep(20);
      return true;
    },
    async stop() {
      ending.abort();
      await running.stop();
    },
  };
}

/** PostgreSQL's own children would go on writing for a moment after it. @param {number} pid */
function childrenOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** @param {number} pid */
function killOne(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself a moment before.
  }
}
