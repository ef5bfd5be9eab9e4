// @ts-check
// Keeps one part running: starts it, starts it again when it dies, stops it when told to.
import { setTimeout as sleep } from 'node:timers/promises';

import { speaker } from './progress.mjs';

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
const STEADY_AFTER_MS = 60_000;

/**
 * @typedef {object} Running
 * @property {import('node:child_process').ChildProcess} child
 * @property {string} mark what its command line holds, by which it can be told from others with its pid later
 * @property {() => Promise<void>} stop
 */

/**
 * @typedef {object} Kept
 * @property {string} name
 * @property {() => Running} running the one that runs now
 * @property {() => Promise<void>} stop
 */

/**
 * @typedef {object} PartToKeep
 * @property {string} name
 * @property {() => Promise<Running>} start
 * @property {() => void} [onChange] hears that another process runs now
 * @property {number} [firstDelayMs]
 * @property {import('./progress.mjs').Say} [say]
 */

/**
 * Answers once the part runs for the first time; a part that fails then is the caller's to report.
 * @param {PartToKeep} part
 * @returns {Promise<Kept>}
 */
export async function keepRunning({
  name,
  start,
  onChange = () => {},
  firstDelayMs = FIRST_DELAY_MS,
  say = speaker(name),
}) {
  const ending = new AbortController();
  const delays = backOff(firstDelayMs);
  let running = await start();
  onChange();

  const startAgain = async (/** @type {string} */ reason) => {
    const delayMs = delays.next();
    say(`${reason}; starting it again in ${delayMs / 1000} s`);
    await sleep(delayMs, undefined, { signal: ending.signal });
    running = await start();
    onChange();
    say(`running again (pid ${running.child.pid})`);
  };
  const watch = async () => {
    while (!ending.signal.aborted) {
      const begun = Date.now();
      let reason = await endOf(running.child);
      if (Date.now() - begun > STEADY_AFTER_MS) delays.reset();
      while (!ending.signal.aborted && hasEnded(running.child)) {
        await startAgain(reason).catch((error) => (reason = String(error?.message ?? error)));
      }
    }
  };
  const watching = watch();

  return {
    name,
    running: () => running,
    stop: async () => {
      ending.abort();
      await running.stop();
      await watching;
      // It may have been on its way up when the word to stop came.
      await running.stop();
    },
  };
}

/** @param {number} firstMs */
export function backOff(firstMs) {
  let delayMs = firstMs;
  return {
    next() {
      const now = delayMs;
      delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
      return now;
    },
    reset() {
      delayMs = firstMs;
    },
  };
}

/** @param {import('node:child_process').ChildProcess} child */
function hasEnded(child) {
  return child.exitCode !== null || child.signalCode !== null;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<string>}
 */
function endOf(child) {
  const words = () => (child.signalCode ? `ended by ${child.signalCode}` : `ended with exit code ${child.exitCode}`);
  if (hasEnded(child)) return Promise.resolve(words());
  return new Promise((resolve) => child.once('exit', () => resolve(words())));
}
