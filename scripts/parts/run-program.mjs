// @ts-check
// Runs a program for operators beside the product: its options are read first, then where it is to work, then it begins.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { requireDatabase, requireUsableSettings } from './check-settings.mjs';
import { PlainFailure, Refusal, runMain } from './failure.mjs';
import { ensureDependencies } from './install.mjs';
import { placeOf } from './installation.mjs';
import { ROOT } from './paths.mjs';
import { withEnvFile } from './settings.mjs';

/** @typedef {{ kind: 'asked' } | { kind: 'usage' | 'refused', words: string }} Reading */

/**
 * @typedef {object} Program
 * @property {string} file
 * @property {readonly [file: string, name: string]} reader the function that reads its arguments, and where it lies
 * @property {(env: NodeJS.ProcessEnv) => Promise<NodeJS.ProcessEnv>} where the environment of the installation that is meant
 */

/** @param {Program} program @param {readonly string[]} args */
export async function runProgram({ file, reader, where }, args) {
  await runMain(async () => {
    await ensureDependencies();
    const unregister = (await import('tsx/esm/api')).register();
    const reading = await readingBy(reader, args);
    if (reading.kind === 'refused') throw new Refusal(reading.words);
    if (reading.kind === 'usage') {
      console.log(reading.words);
      return 0;
    }
    const env = await where(await withEnvFile(process.env));
    console.error(placeOf(env));
    await requireUsable(env);
    await unregister();
    const script = ['--import', 'tsx', '--enable-source-maps', file, ...args];
    const child = spawn(process.execPath, script, { cwd: ROOT, env, stdio: 'inherit' });
    const [code] = await once(child, 'exit');
    return code ?? 1;
  });
}

const inRoot = (/** @type {string} */ file) => path.join(ROOT, file);

/** @param {Program['reader']} reader @param {readonly string[]} args @returns {Promise<Reading>} */
async function readingBy([file, name], args) {
  const module = await import(pathToFileURL(inRoot(file)).href);
  return module[name](args, new Date());
}

/** Nothing has begun yet: what cannot be used or reached is a refusal. @param {NodeJS.ProcessEnv} env */
async function requireUsable(env) {
  try {
    await requireUsableSettings(inRoot, env);
    await requireDatabase(inRoot, env.DATABASE_URL ?? '');
  } catch (error) {
    throw error instanceof PlainFailure ? new Refusal(error.message) : error;
  }
}
