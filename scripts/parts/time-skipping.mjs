// @ts-check
// Gets Temporal's time-skipping test server: a Java program, wrapped so that the SDK can start it as an executable.
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { PartMissing } from './failure.mjs';
import { oneAtATime } from './one-at-a-time.mjs';
import { cacheDir } from './paths.mjs';
import { elapsed, speaker, whileSaying } from './progress.mjs';
import { findOnPath, isExecutable, runCommand } from './run-command.mjs';
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
    if ((await isExecutable(cached)) || (await fetchWithMaven(folder, env))) return cached;
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
 * @returns {Promise<boolean>}
 */
async function fetchWithMaven(folder, env) {
  const [maven, java] = await Promise.all([findOnPath('mvn', env), findOnPath('java', env)]);
  if (!maven || !java) return false;
  const begun = Date.now();
  say(`fetching version ${VERSION} from Maven Central, once …`);
  const fresh = await mkdtemp(`${folder}.`);
  const work = await mkdtemp(path.join(os.tmpdir(), 'holdfast-maven-'));
  await writeFile(path.join(work, 'pom.xml'), pom());
  const result = await whileSaying({ say, line: (since) => `still fetching, ${since} so far …` }, () =>
    runCommand(maven, ['-B', '-q', 'dependency:copy-dependencies', `-DoutputDirectory=${fresh}/lib`], {
      cwd: work,
      env,
    }),
  );
  await rm(work, { recursive: true, force: true });
  if (result.code === 0) await publish(fresh, folder);
  await rm(fresh, { recursive: true, force: true });
  say(
    result.code === 0
      ? `fetched in ${elapsed(begun)}, kept in ${folder}`
      : `Maven failed: ${firstError(result.output)}`,
  );
  return result.code === 0;
}

/**
 * @param {string} fresh
 * @param {string} folder
 */
async function publish(fresh, folder) {
  const wrapper = path.join(fresh, 'temporal-test-server');
  // It lives for one test file: quick start counts, peak speed does not.
  const script = `#!/bin/sh\nexec java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$(dirname "$0")/lib/*" ${MAIN_CLASS} "$@"\n`;
  await writeFile(wrapper, script);
  await chmod(wrapper, 0o755);
  await chmod(fresh, 0o755);
  await rm(folder, { recursive: true, force: true });
  await rename(fresh, folder);
}

function pom() {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>holdfast</groupId><artifactId>time-skipping</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>io.temporal</groupId><artifactId>temporal-test-server</artifactId><version>${VERSION}</version></dependency>
  </dependencies>
</project>
`;
}

/** @param {string} output */
function firstError(output) {
  return output.split('\n').find((line) => line.includes('[ERROR]')) ?? output.trim().split('\n').at(-1) ?? '';
}
