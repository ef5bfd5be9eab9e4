// @ts-check
// A copy of the checkout in which guards are taken out; the checkout itself is never touched.
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { PlainFailure } from '../parts/failure.mjs';
import { ROOT } from '../parts/paths.mjs';

const LEFT_OUT = /^(node_modules|\.git|\.holdfast.*)$/;

/** @typedef {{ dir: string, remove: () => Promise<void> }} Scratch */

/** @returns {Promise<Scratch>} */
export async function openScratch() {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'holdfast-guards-'));
  const entries = (await readdir(ROOT)).filter((name) => !LEFT_OUT.test(name));
  await Promise.all(entries.map((name) => cp(path.join(ROOT, name), path.join(dir, name), { recursive: true })));
  await symlink(path.join(ROOT, 'node_modules'), path.join(dir, 'node_modules'));
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

/**
 * Takes the guard out; what comes back puts it in again.
 * @param {string} dir
 * @param {import('./table.mjs').Guard} guard
 * @returns {Promise<() => Promise<void>>}
 */
export async function takeOut(dir, guard) {
  const file = path.join(dir, guard.file);
  const source = await readFile(file, 'utf8');
  await writeFile(file, sourceWithout(source, guard));
  return () => writeFile(file, source);
}

/**
 * @param {string} source
 * @param {Pick<import('./table.mjs').Guard, 'name' | 'file' | 'text' | 'without'>} guard
 */
export function sourceWithout(source, { name, file, text, without }) {
  const [before, after, ...more] = source.split(text);
  if (before === undefined || after === undefined || more.length > 0) {
    const found = source.split(text).length - 1;
    throw new PlainFailure(`${name}: its text is in ${file} ${found} times, not once. Mend scripts/guards.`);
  }
  return before + without + after;
}
