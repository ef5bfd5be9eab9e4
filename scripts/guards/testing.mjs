// @ts-check
// Runs the named tests in the copy, and the compiler over it.
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';

import { PlainFailure } from '../parts/failure.mjs';
import { runCommand } from '../parts/run-command.mjs';
import { faultsIn } from './judge.mjs';
import { takeOut } from './scratch.mjs';
import { needsServices } from './table.mjs';

/** @typedef {import('./table.mjs').Guard} Guard */

/** Longer than any of these tests has, with the services' start. */
const RUN_LIMIT_MS = 600_000;

const stopping = new AbortController();

/** Ends what runs in the copy; vitest takes its services down with it. */
export const endTests = () => stopping.abort();

/** @param {string[]} args @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options */
async function run(args, options) {
  const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(RUN_LIMIT_MS)]);
  const result = await runCommand(process.execPath, args, { ...options, signal, killSignal: 'SIGINT' });
  if (stopping.signal.aborted) throw new PlainFailure('Broken off.');
  return result;
}

/**
 * Runs the tests of these guards, all with or all without services.
 * @param {string} dir
 * @param {readonly Guard[]} guards
 * @returns {Promise<import('./judge.mjs').Report | undefined>} nothing when the run broke off
 */
export async function runTestsOf(dir, guards) {
  const report = path.join(dir, 'guards-report.json');
  await rm(report, { force: true });
  const files = [...new Set(guards.map(({ test }) => test.file))];
  const names = [...new Set(guards.map(({ test }) => escaped(test.name)))];
  const project = guards.some(needsServices) ? 'int' : 'unit';
  const vitest = path.join(dir, 'node_modules', 'vitest', 'vitest.mjs');
  const chosen = ['--project', project, ...files, '-t', `(${names.join('|')})$`];
  // A race that is lost only now and then must not be given a second chance.
  const args = [vitest, 'run', '--retry=0', ...chosen, '--reporter=json', `--outputFile=${report}`];
  const env = { ...process.env, NODE_ENV: 'test' };
  await run(args, { cwd: dir, env });
  const text = await readFile(report, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

const escaped = (/** @type {string} */ name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/**
 * With the guards out the code must still be code: else a red test proves nothing. Those that overlap take turns.
 * @param {string} dir
 * @param {readonly Guard[]} guards
 */
export async function mustCompile(dir, guards) {
  let waiting = guards.filter(({ file }) => file.endsWith('.ts'));
  while (waiting.length > 0) {
    const { restore, left } = await takeOutAll(dir, waiting);
    const tsc = path.join(dir, 'node_modules', 'typescript', 'bin', 'tsc');
    const { output } = await run([tsc, '--noEmit', '-p', '.'], { cwd: dir });
    await restore();
    const faults = faultsIn(output);
    if (faults.length > 0) throw new PlainFailure(`With guards out the code does not compile:\n${faults.join('\n')}`);
    waiting = left;
  }
}

/** @param {string} dir @param {readonly Guard[]} guards */
async function takeOutAll(dir, guards) {
  /** @type {(() => Promise<void>)[]} */
  const putBack = [];
  /** @type {Guard[]} */
  const left = [];
  for (const guard of guards) {
    try {
      putBack.push(await takeOut(dir, guard));
    } catch (error) {
      // Another one has taken its text along; alone it must be found.
      if (putBack.length === 0) throw error;
      left.push(guard);
    }
  }
  const restore = async () => {
    for (const undo of putBack.toReversed()) await undo();
  };
  return { restore, left };
}
