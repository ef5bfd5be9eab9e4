// @ts-check
// Programs beside the product, over the stack that runs here or the one that the environment names: `npm run check` holds its
// books against everybody else's, `npm run rotate-keys` makes an old master key superfluous.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';

import { PlainFailure, runMain } from './failure.mjs';
import { ensureDependencies } from './install.mjs';
import { dataDir, ROOT } from './paths.mjs';
import { runningSupervisor, stackFile } from './run-file.mjs';
import { withEnvFile } from './settings.mjs';

/** @param {readonly string[]} args */
export const runCheck = (args) => runBeside('worker/check.ts', args);

/** @param {readonly string[]} args */
export const runRotateKeys = (args) => runBeside('worker/rotate-keys.ts', args);

/**
 * @param {string} program
 * @param {readonly string[]} args
 */
async function runBeside(program, args) {
  await runMain(async () => {
    await ensureDependencies();
    const env = await reachable(await withEnvFile(process.env));
    const script = ['--import', 'tsx', '--enable-source-maps', program, ...args];
    const child = spawn(process.execPath, script, { cwd: ROOT, env, stdio: 'inherit' });
    const [code] = await once(child, 'exit');
    return code ?? 1;
  });
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
async function reachable(env) {
  const dir = dataDir(env);
  if ((await runningSupervisor(dir)) !== undefined) {
    const text = await readFile(stackFile(dir), 'utf8').catch(() => undefined);
    if (text === undefined) throw new PlainFailure(`Holdfast is still starting on ${dir}: ask again when it is ready.`);
    return { LOG_LEVEL: 'warn', ...env, ...JSON.parse(text).env };
  }
  if (env.DATABASE_URL && env.ENCRYPTION_KEY) return { LOG_LEVEL: 'warn', ...env };
  throw new PlainFailure(
    `Nothing runs on ${dir}: start it with npm start, or set DATABASE_URL, ENCRYPTION_KEY and the addresses of the stack that is meant.`,
  );
}
