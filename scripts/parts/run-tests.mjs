// @ts-check
// `npm test`: dependencies, then vitest (which starts the real parts once for all files), then the count as last line.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { runMain } from './failure.mjs';
import { ensureDependencies } from './install.mjs';
import { ROOT } from './paths.mjs';

/** @param {string[]} args handed on to vitest: files, `-t name` */
export async function runTests(args) {
  await runMain(async () => {
    await ensureDependencies();
    const folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-summary-'));
    const summary = path.join(folder, 'summary.json');
    const code = await runVitest(args, summary);
    const counts = await readFile(summary, 'utf8').catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
    return report(code, counts);
  });
}

/**
 * @param {number} code
 * @param {string | undefined} written
 */
function report(code, written) {
  if (written === undefined) {
    console.log('The run broke off before its tests were counted.');
    console.log('0 passed, 1 failed, 0 skipped');
    return code || 1;
  }
  /** @type {import('../../test/setup/summary-reporter.ts').TestCounts} */
  const { passed, failed, skipped } = JSON.parse(written);
  // vitest also fails a run without tests; that must not read as a clean count.
  console.log(`${passed} passed, ${failed === 0 && code !== 0 ? 1 : failed} failed, ${skipped} skipped`);
  return failed > 0 ? 1 : code;
}

/**
 * @param {string[]} args
 * @param {string} summary
 * @returns {Promise<number>}
 */
function runVitest(args, summary) {
  const vitest = path.join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', ...args], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'test', HOLDFAST_TEST_SUMMARY: summary },
    stdio: 'inherit',
  });
  // Ctrl-C reaches vitest too; it stops what it started and ends, and so do we.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('close', (code) => resolve(code ?? 1));
  });
}
