// @ts-check
// Gets the Temporal CLI, whose dev server is a whole Temporal with Web UI in one program.
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import { PartMissing } from './failure.mjs';
import { oneAtATime } from './one-at-a-time.mjs';
import { cacheDir } from './paths.mjs';
import { elapsed, speaker, whileSaying } from './progress.mjs';
import { findOnPath, isExecutable, runCommand } from './run-command.mjs';
import { downloadWithSdk } from './sdk-download.mjs';

const VERSION = 'v1.5.1';
const OLDEST_SERVER = [1, 29, 1];
const WAYS =
  'set TEMPORAL_CLI to a Temporal CLI, put `temporal` on PATH, allow downloads from temporal.download, install Go 1.25 or newer to build it, or set TEMPORAL_ADDRESS to a running Temporal';

const say = speaker('temporal');

/**
 * The path of a Temporal CLI: the first of TEMPORAL_CLI, PATH, our cache, the SDK's download, a build with Go.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string>}
 */
export async function obtainTemporalCli(env = process.env) {
  if (env.TEMPORAL_CLI) return givenCli(env.TEMPORAL_CLI);
  const installed = await findOnPath('temporal', env);
  if (installed && (await isNewEnough(installed))) return installed;
  const cached = cachedCli(env);
  if (await isExecutable(cached)) return cached;
  const onWait = () => say('another process is getting the Temporal CLI, waiting for it …');
  return oneAtATime({ lockFile: `${path.dirname(cached)}.lock`, onWait }, async () => {
    if (await isExecutable(cached)) return cached;
    await mkdir(path.dirname(cached), { recursive: true });
    return (
      (await downloadWithSdk({ what: 'dev-server', version: VERSION, file: cached, say })) ?? buildWithGo(cached, env)
    );
  });
}

/**
 * The CLI that would be used now, without getting one.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string | undefined>}
 */
export async function findTemporalCli(env = process.env) {
  const installed = await findOnPath('temporal', env);
  for (const file of [env.TEMPORAL_CLI, installed, cachedCli(env)]) {
    if (file && (await isExecutable(file))) return file;
  }
  return undefined;
}

/** @param {NodeJS.ProcessEnv} env */
function cachedCli(env) {
  return path.join(cacheDir(env), `temporal-cli-${VERSION}`, 'temporal');
}

/** @param {string} file */
async function givenCli(file) {
  if (await isExecutable(file)) return file;
  throw new PartMissing(`TEMPORAL_CLI names ${file}, which is not a program that can be run: correct it or unset it.`);
}

/** @param {string} file */
async function isNewEnough(file) {
  const { output } = await runCommand(file, ['--version'], { timeoutMs: 10_000 });
  if (servesAtLeast(output, OLDEST_SERVER)) return true;
  say(`${file} is left alone: its server is older than ${OLDEST_SERVER.join('.')} (${output.trim()})`);
  return false;
}

/**
 * @param {string} versionText what `temporal --version` prints
 * @param {number[]} oldest
 */
export function servesAtLeast(versionText, oldest) {
  const found = /Server (\d+)\.(\d+)\.(\d+)/.exec(versionText);
  if (!found) return false;
  const version = found.slice(1).map(Number);
  const index = version.findIndex((part, position) => part !== oldest[position]);
  return index === -1 || (version[index] ?? 0) > (oldest[index] ?? 0);
}

/**
 * @param {string} file
 * @param {NodeJS.ProcessEnv} env
 */
async function buildWithGo(file, env) {
  const go = await findOnPath('go', env);
  if (!go) throw new PartMissing(`The Temporal CLI is missing and could not be downloaded: ${WAYS}.`);
  const begun = Date.now();
  let fetched = 0;
  let compiled = 0;
  const onLine = (/** @type {string} */ line) => {
    if (line.startsWith('go: downloading')) fetched += 1;
    else if (/^[\w.-]+(\/|$)/.test(line)) compiled += 1;
  };
  say(`building the Temporal CLI ${VERSION} from source with Go, once (2 to 6 minutes) …`);
  const binDir = `${path.dirname(file)}.${process.pid}`;
  const result = await whileSaying(
    {
      say,
      line: (since) =>
        `building, ${since} so far: ${fetched} modules fetched, ${compiled} of some 1350 packages compiled …`,
    },
    () =>
      runCommand(
        go,
        ['install', '-v', '-trimpath', '-ldflags=-s -w', `github.com/temporalio/cli/cmd/temporal@${VERSION}`],
        {
          env: { ...env, GOBIN: binDir, GOFLAGS: '', CGO_ENABLED: '0' },
          onLine,
        },
      ),
  );
  if (result.code !== 0) throw goFailure(result.output);
  // Renamed into place whole, so that a build cut short or a second one at the same time can't leave half a program.
  await rename(path.join(binDir, path.basename(file)), file);
  await rm(binDir, { recursive: true, force: true });
  say(`built in ${elapsed(begun)}, kept in ${path.dirname(file)}`);
  return file;
}

/** @param {string} output */
function goFailure(output) {
  const last = output.trim().split('\n').slice(-3).join(' | ');
  return new PartMissing(`Building the Temporal CLI with Go failed (${last}): ${WAYS}.`);
}
