// @ts-check
// Lets the Temporal SDK fetch a server program from Temporal's own site, when that site answers.
import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { elapsed, whileSaying } from './progress.mjs';
import { runCommand } from './run-command.mjs';

const SITE = 'https://temporal.download/';
const ANSWER_WITHIN_MS = 4_000;
const DOWNLOAD_WITHIN_MS = 180_000;
const CHILD = path.join(path.dirname(fileURLToPath(import.meta.url)), 'sdk-download-child.mjs');

/**
 * @typedef {object} Download
 * @property {'dev-server' | 'time-skipping'} what
 * @property {string} version
 * @property {string} file where the program shall lie
 * @property {import('./progress.mjs').Say} say
 */

/**
 * The file once it is there; nothing when the site does not answer or the download fails.
 * @param {Download} download
 * @returns {Promise<string | undefined>}
 */
export async function downloadWithSdk({ what, version, file, say }) {
  if (!(await siteAnswers())) {
    say(`${SITE} does not answer, trying another way …`);
    return undefined;
  }
  const begun = Date.now();
  const folder = `${path.dirname(file)}.${process.pid}`;
  say('downloading from temporal.download …');
  // A process of its own: the SDK's download can't be cancelled, a process can.
  const result = await whileSaying({ say, line: (since) => `still downloading, ${since} so far …` }, () =>
    runCommand(process.execPath, [CHILD, what, version, folder], { timeoutMs: DOWNLOAD_WITHIN_MS }),
  );
  const [name] = result.code === 0 ? await readdir(folder) : [];
  if (name) await rename(path.join(folder, name), file);
  await rm(folder, { recursive: true, force: true });
  say(
    name
      ? `downloaded in ${elapsed(begun)}`
      : `the download failed (${result.output.trim().split('\n').at(-1)}), trying another way …`,
  );
  return name ? file : undefined;
}

async function siteAnswers() {
  return fetch(SITE, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(ANSWER_WITHIN_MS) }).then(
    () => true,
    () => false,
  );
}
