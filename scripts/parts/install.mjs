// @ts-check
import { spawn } from 'node:child_process';
import { copyFile, readFile } from 'node:fs/promises';
import path from 'node:path';

import { PlainFailure } from './failure.mjs';
import { ROOT } from './paths.mjs';
import { elapsed, speaker, whileSaying } from './progress.mjs';

// A copy of the lock file as it was when `npm ci` last ended well: file times say nothing after a clone or a copy.
const STAMP = path.join('node_modules', '.holdfast-installed-lock.json');

/**
 * Installs npm dependencies when they are missing or not those of the lock file.
 * @param {string} [root]
 */
export async function ensureDependencies(root = ROOT) {
  if (await dependenciesAreCurrent(root)) return;
  const say = speaker('npm');
  const begun = Date.now();
  say('installing dependencies from package-lock.json (npm ci) …');
  const code = await whileSaying({ say, line: (since) => `still installing, ${since} so far …` }, () => npmCi(root));
  if (code !== 0) {
    throw new PlainFailure(
      `npm ci failed with exit code ${code} (its own words are above): check that the npm registry is reachable, then run the same command again.`,
    );
  }
  await copyFile(path.join(root, 'package-lock.json'), path.join(root, STAMP));
  say(`dependencies installed in ${elapsed(begun)}`);
}

/**
 * @param {string} root
 * @returns {Promise<boolean>}
 */
export async function dependenciesAreCurrent(root) {
  const wanted = await readFile(path.join(root, 'package-lock.json'), 'utf8');
  const stamp = await readIfThere(path.join(root, STAMP));
  if (stamp !== undefined) return stamp === wanted;
  const installed = await readIfThere(path.join(root, 'node_modules', '.package-lock.json'));
  return installed !== undefined && holdsTheSamePackages(JSON.parse(wanted), JSON.parse(installed));
}

/**
 * npm's own note of what it installed leaves out the root and what is optional elsewhere, so only versions are compared.
 * @param {{ packages: Record<string, { version?: string, optional?: boolean, peer?: boolean, link?: boolean }> }} wanted
 * @param {{ packages: Record<string, { version?: string }> }} installed
 */
function holdsTheSamePackages(wanted, installed) {
  return Object.entries(wanted.packages)
    .filter(([name, entry]) => name !== '' && !entry.optional)
    .every(([name, entry]) => installed.packages[name]?.version === entry.version);
}

/**
 * @param {string} root
 * @returns {Promise<number>}
 */
function npmCi(root) {
  return new Promise((resolve) => {
    const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
    const child = spawn('npm', args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', () => resolve(-1));
    child.once('close', (code) => resolve(code ?? -1));
  });
}

/** @param {string} file */
async function readIfThere(file) {
  return readFile(file, 'utf8').catch(() => undefined);
}
