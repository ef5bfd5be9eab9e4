// @ts-check
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout this script lies in. */
export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/**
 * Where things that outlive a checkout are kept: built and downloaded servers.
 * @param {NodeJS.ProcessEnv} [env]
 */
export function cacheDir(env = process.env) {
  return path.join(env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'holdfast');
}

/**
 * @param {NodeJS.ProcessEnv} env
 */
export function dataDir(env) {
  return path.resolve(ROOT, env.DATA_DIR || '.holdfast');
}
