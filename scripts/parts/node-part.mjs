// @ts-check
// Starts one of our own programs, built by build.mjs, and waits until its log says that it is ready.
import { createInterface } from 'node:readline';

import { PlainFailure } from './failure.mjs';
import { parseEntry } from './part-log.mjs';
import { ROOT } from './paths.mjs';
import { endProcess, startServer } from './processes.mjs';

const READY_WITHIN_MS = 60_000;

/**
 * @typedef {object} NodePart
 * @property {string} name
 * @property {string} file
 * @property {NodeJS.ProcessEnv} env
 * @property {import('./part-log.mjs').PartLog} log
 * @property {string} ready the message of the log line that says so
 * @property {number} [graceMs] how long it may take to end
 */

/**
 * @param {Omit<NodePart, 'ready' | 'graceMs'>} part
 */
function launch({ file, env, log }) {
  const child = startServer(process.execPath, ['--enable-source-maps', file], { cwd: ROOT, env });
  if (!child.stdout || !child.stderr) throw new Error('A server is started with pipes.');
  const lines = createInterface({ input: child.stdout });
  lines.on('line', log.hear);
  createInterface({ input: child.stderr }).on('line', log.hearError);
  return { child, lines };
}

/**
 * @param {NodePart} part
 * @returns {Promise<import('./supervise.mjs').Running>}
 */
export async function startNodePart(part) {
  const { child, lines } = launch(part);
  const { name, ready, log, graceMs = 10_000 } = part;
  try {
    await new Promise((resolve, reject) => {
      const fail = (/** @type {string} */ what) => reject(new PlainFailure(`${name} ${what}; its log is ${log.file}.`));
      const timer = setTimeout(() => fail(`was not ready within ${READY_WITHIN_MS / 1000} s`), READY_WITHIN_MS);
      lines.on('line', (line) => {
        if (!saysReady(line, ready)) return;
        clearTimeout(timer);
        resolve(undefined);
      });
      child.once('error', (error) => fail(`could not be started (${error.message})`));
      child.once('exit', (code, signal) => {
        clearTimeout(timer);
        fail(`ended before it was ready (${signal ?? `exit code ${code}`})`);
      });
    });
  } catch (error) {
    await endProcess(child, { graceMs: 1_000 });
    throw error;
  }
  return { child, mark: part.file, stop: () => endProcess(child, { graceMs }) };
}

/**
 * @param {string} line
 * @param {string} ready
 */
export function saysReady(line, ready) {
  const message = parseEntry(line)?.msg ?? line;
  return message.startsWith(ready);
}

/**
 * Runs one of our programs to its end.
 * @param {Omit<NodePart, 'ready' | 'graceMs'>} part
 */
export async function runNodePart(part) {
  const { child } = launch(part);
  const how = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  if (how !== 'exit code 0') throw new PlainFailure(`${part.name} failed (${how}); its log is ${part.log.file}.`);
}
