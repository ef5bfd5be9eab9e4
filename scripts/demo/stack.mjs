// @ts-check
// Finds the stack that runs on the data folder, or starts one and stops it in the end.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import { PlainFailure } from '../parts/failure.mjs';
import { dataDir, ROOT } from '../parts/paths.mjs';
import { endProcess, isAlive } from '../parts/processes.mjs';
import { runningSupervisor, stackFile } from '../parts/run-file.mjs';
import { withEnvFile } from '../parts/settings.mjs';

const LOOK_EVERY_MS = 100;
/** Once it is up, its links and good-byes would only disturb the story. */
const TROUBLE = /^\S+ +(warn|error|fatal): /;

/**
 * @typedef {object} Stack
 * @property {string} dir DATA_DIR
 * @property {{ api: string, temporalUi?: string, stripe: string, chip: string, klook: string, mail: string }} urls
 * @property {Record<string, string | undefined>} env
 * @property {boolean} ours started by this demo
 * @property {() => Promise<void>} stop
 */

/** @typedef {{ pid: number, urls: Record<string, string>, env: Record<string, string> }} StackFacts */

/**
 * @param {(line: string) => void} hear what `npm start` says when the demo has to start it
 * @returns {Promise<Stack>}
 */
export async function reachStack(hear) {
  const dir = dataDir(await withEnvFile(process.env));
  const pid = await runningSupervisor(dir);
  if (pid === undefined) return startStack(dir, hear);
  const facts = await untilAnnounced(dir, pid, () => isAlive(pid));
  return stackOf({ dir, facts, ours: false, stop: async () => {} });
}

/**
 * In a process group of its own: Ctrl-C reaches the demo alone, which stops it when the demo is cleared away.
 * @param {string} dir
 * @param {(line: string) => void} hear
 */
async function startStack(dir, hear) {
  hear(`no stack runs on ${dir}: starting one with npm start`);
  const script = path.join(ROOT, 'scripts', 'start.mjs');
  const child = spawn(process.execPath, [script], { cwd: ROOT, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let isUp = false;
  const onLine = (/** @type {string} */ line) => {
    if (!isUp || TROUBLE.test(line)) hear(line);
  };
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', onLine);
  const stop = () => endProcess(child, { graceMs: 40_000 });
  const broken = stopOnSignal(stop);
  try {
    const facts = await untilAnnounced(dir, child.pid, () => child.exitCode === null && child.signalCode === null);
    isUp = true;
    return stackOf({ dir, facts, ours: true, stop });
  } catch (error) {
    await stop();
    throw error;
  } finally {
    broken.forget();
  }
}

/**
 * While it comes up nobody else listens for Ctrl-C.
 * @param {() => Promise<void>} stop
 */
function stopOnSignal(stop) {
  const onSignal = () => void stop();
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    forget() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}

/**
 * A start that was killed may have left its note: only that of the process we wait for counts.
 * @param {string} dir
 * @param {number | undefined} pid
 * @param {() => boolean} isRunning
 * @returns {Promise<StackFacts>}
 */
async function untilAnnounced(dir, pid, isRunning) {
  for (;;) {
    const text = await readFile(stackFile(dir), 'utf8').catch(() => undefined);
    /** @type {StackFacts | undefined} */
    const facts = text === undefined ? undefined : JSON.parse(text);
    if (facts !== undefined && facts.pid === pid) return facts;
    if (!isRunning()) throw new PlainFailure('npm start ended before it was ready, so there is nothing to show.');
    await sleep(LOOK_EVERY_MS);
  }
}

/**
 * @param {Omit<Stack, 'urls' | 'env'> & { facts: StackFacts }} found
 * @returns {Stack}
 */
function stackOf({ facts: { urls, env }, ...rest }) {
  const { api, stripe, chip, klook, mail, temporalUi } = urls;
  if (!api || !stripe || !chip || !klook || !mail) {
    const real = [!stripe && 'Stripe', !chip && 'CHIP', !klook && 'Klook', !mail && 'mail'].filter(Boolean).join(', ');
    throw new PlainFailure(
      `The demo pays with a test card and reads the letters at the stand-ins, and this stack uses others for ${real}: start one without their keys and addresses.`,
    );
  }
  return { ...rest, env, urls: { api, stripe, chip, klook, mail, ...(temporalUi && { temporalUi }) } };
}
