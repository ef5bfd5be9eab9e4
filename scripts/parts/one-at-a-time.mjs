// @ts-check
// Lets only one process of this machine do a long job whose result all share.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { isAlive } from './processes.mjs';

const LOOK_EVERY_MS = 500;

/**
 * @template T
 * @param {{ lockFile: string, onWait: () => void }} options
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function oneAtATime({ lockFile, onWait }, work) {
  await mkdir(path.dirname(lockFile), { recursive: true });
  let waited = false;
  while (!(await take(lockFile))) {
    if (!waited) onWait();
    waited = true;
    await sleep(LOOK_EVERY_MS);
  }
  try {
    return await work();
  } finally {
    await rm(lockFile, { force: true });
  }
}

/**
 * @param {string} lockFile
 * @returns {Promise<boolean>}
 */
async function take(lockFile) {
  try {
    await writeFile(lockFile, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    // A holder that is gone did not finish; between its file's birth and its number's there is a moment without one.
    const holder = await readFile(lockFile, 'utf8').catch(() => '');
    if (holder !== '' && !isAlive(Number(holder))) await rm(lockFile, { force: true });
    return false;
  }
}
