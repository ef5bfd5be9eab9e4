// @ts-check
// Ending processes and telling ours from others that happen to have the same number.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { PlainFailure } from './failure.mjs';

/** @type {Set<import('node:child_process').ChildProcess>} */
const started = new Set();
let startsNoMore = false;

/** From now on nothing new comes up, whoever is still on its way to starting something. */
export function startNoMore() {
  startsNoMore = true;
}

/**
 * Starts a server of ours in its own process group (Ctrl-C in the terminal must reach the supervisor only, which ends
 * the parts in order) and remembers it while it lives.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 */
export function startServer(command, args, options = {}) {
  if (startsNoMore) throw new PlainFailure('Nothing starts any more: Holdfast is stopping.');
  // Whoever ends us without asking, as a test runner does on Ctrl-C: nothing of ours stays behind.
  if (!process.listeners('exit').includes(killEverything)) process.on('exit', killEverything);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options, detached: true });
  started.add(child);
  child.once('error', () => started.delete(child));
  child.once('exit', () => started.delete(child));
  return child;
}

/** Ends every server that was started and still lives, at once: for a start that is broken off. */
export async function endEverything() {
  await Promise.all([...started].map((child) => endProcess(child, { signal: 'SIGINT', graceMs: 5_000 })));
}

export function killEverything() {
  for (const child of started) child.kill('SIGKILL');
}

/** @param {number} pid */
export function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Ended, but not yet collected by whoever inherited it: in a container that may take for ever.
 * @param {number} pid
 */
function isZombie(pid) {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/**
 * Whether the process lives and has `mark` in its command line.
 * @param {number} pid
 * @param {string} mark
 */
export async function isOurProcess(pid, mark) {
  return isAlive(pid) && (await commandLineOf(pid)).includes(mark);
}

/** @param {number} pid */
async function commandLineOf(pid) {
  const kept = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  if (kept !== undefined) return kept.replaceAll('\0', ' ');
  return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
}

/**
 * @typedef {object} Ending
 * @property {NodeJS.Signals} [signal] the polite one
 * @property {number} [graceMs] how long it may take
 * @property {NodeJS.Signals} [lastSignal] what follows when it takes longer
 */

/**
 * Asks a process to end and waits until it has; after the grace it is made to.
 * @param {import('node:child_process').ChildProcess | number} target
 * @param {Ending} [ending]
 * @returns {Promise<void>}
 */
export async function endProcess(target, { signal = 'SIGTERM', graceMs = 10_000, lastSignal = 'SIGKILL' } = {}) {
  const pid = typeof target === 'number' ? target : target.pid;
  const gone = () =>
    typeof target === 'number' ? !isAlive(target) : target.exitCode !== null || target.signalCode !== null;
  if (pid === undefined || gone()) return;
  send(pid, signal);
  if (await becomes(gone, graceMs)) return;
  send(pid, lastSignal);
  if (await becomes(gone, 5_000)) return;
  send(pid, 'SIGKILL');
  await becomes(gone, 5_000);
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended between the look and the signal.
  }
}

/**
 * @param {() => boolean} condition
 * @param {number} withinMs
 */
async function becomes(condition, withinMs) {
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline) {
    if (condition()) return true;
    await sleep(20);
  }
  return condition();
}
