// @ts-check
// The note in DATA_DIR of who runs what: keeps two supervisors apart and lets a start clear what a killed one left.
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { PlainFailure } from './failure.mjs';
import { endProcess, isOurProcess } from './processes.mjs';

const SUPERVISOR_MARK = 'start.mjs';

/**
 * @typedef {object} ChildNote
 * @property {string} name
 * @property {number} pid
 * @property {string} mark what its command line holds, so that a reused number is not taken for it
 */

/** @typedef {{ pid: number, children: ChildNote[] }} RunNote */

/** @param {string} dir */
const runFile = (dir) => path.join(dir, 'run.json');
/** @param {string} dir */
export const stackFile = (dir) => path.join(dir, 'stack.json');

/**
 * The supervisor that runs on this data folder now, if one does.
 * @param {string} dir
 * @returns {Promise<number | undefined>}
 */
export async function runningSupervisor(dir) {
  const note = await readRun(dir);
  if (!note || note.pid === process.pid) return undefined;
  return (await isOurProcess(note.pid, SUPERVISOR_MARK)) ? note.pid : undefined;
}

/**
 * Fails when another supervisor has the folder; ends the children of one that was killed.
 * @param {string} dir
 * @param {import('./progress.mjs').Say} say
 */
export async function takeOver(dir, say) {
  const pid = await runningSupervisor(dir);
  if (pid !== undefined) {
    throw new PlainFailure(
      `Holdfast already runs on ${dir} (pid ${pid}): stop it first or, for a second copy, run PORT=4000 DATA_DIR=.holdfast-2 npm start.`,
    );
  }
  const note = await readRun(dir);
  // Last started, first ended: the database goes when nobody writes any more.
  for (const child of (note?.children ?? []).toReversed()) {
    if (!(await isOurProcess(child.pid, child.mark))) continue;
    say(`ending ${child.name} (pid ${child.pid}), left over from a start that was killed`);
    // For PostgreSQL the word that ends its clients' sessions too is SIGINT.
    await endProcess(child.pid, { signal: child.name === 'postgres' ? 'SIGINT' : 'SIGTERM', graceMs: 5_000 });
  }
  await rm(stackFile(dir), { force: true });
}

/**
 * @param {string} dir
 * @param {RunNote} note
 */
export async function writeRun(dir, note) {
  await writeWhole(runFile(dir), note);
}

/** @param {string} dir */
export async function removeRun(dir) {
  await Promise.all([runFile(dir), stackFile(dir)].map((file) => rm(file, { force: true })));
}

/**
 * A reader never sees half of it; it holds secrets, so it is ours alone.
 * @param {string} file
 * @param {unknown} content
 */
export async function writeWhole(file, content) {
  const fresh = `${file}.${process.pid}`;
  await writeFile(fresh, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await rename(fresh, file);
}

/**
 * @param {string} dir
 * @returns {Promise<RunNote | undefined>}
 */
async function readRun(dir) {
  const text = await readFile(runFile(dir), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}
