// @ts-check
// Keeps a part's whole output in a file and passes on to the terminal only what somebody should read.
import { createWriteStream } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';

import { speaker } from './progress.mjs';

const ROTATE_AT_BYTES = 20 * 1024 * 1024;
const LONGEST_WORDS = 240;
const SERIOUS = ['warn', 'error', 'fatal'];

/**
 * @typedef {object} PartLog
 * @property {string} file
 * @property {(line: string) => void} keep in the file only
 * @property {(line: string) => void} hear in the file; on the terminal when it warns
 * @property {(line: string) => void} hearError the same for the error stream, where what is no log line is a crash
 */

/**
 * @param {string} dir
 * @param {string} name
 * @returns {Promise<PartLog>}
 */
export async function openPartLog(dir, name) {
  const file = path.join(dir, `${name}.log`);
  await mkdir(dir, { recursive: true });
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size > ROTATE_AT_BYTES) await rename(file, `${file}.1`);
  const stream = createWriteStream(file, { flags: 'a' });
  const say = speaker(name);
  const keep = (/** @type {string} */ line) => void stream.write(`${line}\n`);
  return {
    file,
    keep,
    hear(line) {
      keep(line);
      const words = warningIn(line);
      if (words !== undefined) say(words);
    },
    hearError(line) {
      keep(line);
      const words = parseEntry(line) ? warningIn(line) : line;
      if (words) say(words);
    },
  };
}

/**
 * What a person should see of a log line: warnings and errors.
 * @param {string} line
 * @returns {string | undefined}
 */
export function warningIn(line) {
  const entry = parseEntry(line);
  if (!entry?.level || !SERIOUS.includes(entry.level)) return undefined;
  const cause = entry.err?.message ? ` (${entry.err.message})` : '';
  return `${entry.level}: ${entry.msg ?? line}${cause}`.slice(0, LONGEST_WORDS);
}

/**
 * @param {string} line
 * @returns {{ level?: string, msg?: string, err?: { message?: string } } | undefined}
 */
export function parseEntry(line) {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
