// @ts-check
// `npm run verify`: every check that needs no service, side by side; only what failed shows its output.
import path from 'node:path';

import { runMain } from './failure.mjs';
import { ensureDependencies } from './install.mjs';
import { ROOT } from './paths.mjs';
import { elapsed, speaker } from './progress.mjs';
import { runCommand } from './run-command.mjs';

/** @typedef {{ name: string, command: string[], mend?: string }} Check */

/** @type {Check[]} */
const CHECKS = [
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'types', command: ['tsc', '--noEmit', '-p', '.'] },
  { name: 'script types', command: ['tsc', '--noEmit', '-p', 'scripts'] },
  { name: 'dead code', command: ['knip', '--no-progress'] },
  { name: 'format', command: ['oxfmt', '--check'], mend: 'npm run format' },
  { name: 'tidy', command: ['vitest', 'run', '--project', 'unit', '--reporter=dot', 'test/tidy.test.ts'] },
];

export async function runChecks() {
  await runMain(async () => {
    await ensureDependencies();
    const passed = await Promise.all(CHECKS.map(runCheck));
    const failed = CHECKS.filter((_, index) => !passed[index]);
    console.log(
      failed.length === 0 ? `verified in ${elapsed()}` : `failed: ${failed.map(({ name }) => name).join(', ')}`,
    );
    return failed.length === 0 ? 0 : 1;
  });
}

/**
 * @param {Check} check
 * @returns {Promise<boolean>}
 */
async function runCheck({ name, command, mend }) {
  const begun = Date.now();
  const [tool = '', ...args] = command;
  const program = path.join(ROOT, 'node_modules', '.bin', tool);
  const { code, output } = await runCommand(program, args, { cwd: ROOT });
  const say = speaker(name);
  say(code === 0 ? `ok, ${elapsed(begun)}` : `FAILED, ${elapsed(begun)}${mend ? ` (mend it with ${mend})` : ''}`);
  if (code !== 0) console.log(output.trimEnd().replaceAll(/^/gm, '    '));
  return code === 0;
}
