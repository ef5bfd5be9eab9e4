// @ts-check
// Gets Temporal's time-skipping test server: a Java program, wrapped so that the SDK can start it as an executable.
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { PartMissing } from './failure.mjs';
import { fetchWithMaven } from './maven.mjs';
import { oneAtATime } from './one-at-a-time.mjs';
import { cacheDir } from './paths.mjs';
import { speaker } from './progress.mjs';
import { isExecutable } from './run-command.mjs';
import { downloadWithSdk } from './sdk-download.mjs';

const VERSION = '1.38.0';
const MAIN_CLASS = 'io.temporal.testserver.TestServer';
const WAYS =
  'set TEMPORAL_TEST_SERVER to its executable, install Java and Maven to fetch it from Maven Central, or allow downloads from temporal.download';

const say = speaker('time-skipping');

/**
 * The path of the server's executable: TEMPORAL_TEST_SERVER, our cache, Maven, the SDK's download.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string>}
 */
export async function obtainTimeSkippingServer(env = process.env) {
  if (env.TEMPORAL_TEST_SERVER) return givenServer(env.TEMPORAL_TEST_SERVER);
  const cached = cachedServer(env);
  if (await isExecutable(cached)) return cached;
  const folder = path.dirname(cached);
  const onWait = () => say('another process is getting the time-skipping server, waiting for it …');
  return oneAtATime({ lockFile: `${folder}.lock`, onWait }, async () => {
    if ((await isExecutable(cached)) || (await fetchServer(folder, env))) return cached;
    await mkdir(folder, { recursive: true });
    const downloaded = await downloadWithSdk({ what: 'time-skipping', version: 'default', file: cached, say });
    if (downloaded) return downloaded;
    throw new PartMissing(`Temporal's time-skipping test server is missing: ${WAYS}.`);
  });
}

/**
 * The server that would be used now, without getting one.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string | undefined>}
 */
export async function findTimeSkippingServer(env = process.env) {
  for (const file of [env.TEMPORAL_TEST_SERVER, cachedServer(env)]) {
    if (file && (await isExecutable(file))) return file;
  }
  return undefined;
}

/** @param {NodeJS.ProcessEnv} env */
function cachedServer(env) {
  return path.join(cacheDir(env), `time-skipping-${VERSION}`, 'temporal-test-server');
}

/** @param {string} file */
async function givenServer(file) {
  if (await isExecutable(file)) return file;
  throw new PartMissing(
    `TEMPORAL_TEST_SERVER names ${file}, which is not a program that can be run: correct it or unset it.`,
  );
}

/**
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 */
function fetchServer(folder, env) {
  const artifacts = [`io.temporal:temporal-test-server:${VERSION}`];
  return fetchWithMaven({ name: 'time-skipping', version: VERSION, artifacts, folder, finish: addWrapper, say, env });
}

/** @param {string} folder */
async function addWrapper(folder) {
  const wrapper = path.join(folder, 'temporal-test-server');
  // It lives for one test file: quick start counts, peak speed does not.
  const script = `#!/bin/sh\nexec java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$(dirname "$0")/lib/*" ${MAIN_CLASS} "$@"\n`;
  await writeFile(wrapper, script);
  await chmod(wrapper, 0o755);
}
