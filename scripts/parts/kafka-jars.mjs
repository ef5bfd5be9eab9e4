// @ts-check
// Gets Apache Kafka for tests: the broker's jars from Maven Central, once per machine.
import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { PartMissing } from './failure.mjs';
import { fetchWithMaven } from './maven.mjs';
import { oneAtATime } from './one-at-a-time.mjs';
import { cacheDir } from './paths.mjs';
import { speaker } from './progress.mjs';
import { findOnPath, runCommand } from './run-command.mjs';

const VERSION = '4.4.0';
const OLDEST_JAVA = 17;
const ARTIFACTS = [`org.apache.kafka:kafka_2.13:${VERSION}`, 'org.slf4j:slf4j-simple:1.7.36'];
/** Not to be had from every repository, and the broker runs without it. */
const WITHOUT = ['org.apache.kafka:kafka-tools-api'];

const say = speaker('kafka');

/**
 * The folder that holds the broker's jars, fetched when it is not there yet.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string>}
 */
export async function obtainKafka(env = process.env) {
  await requireJava(env);
  const folder = cachedFolder(env);
  const jars = path.join(folder, 'lib');
  if (await holdsJars(jars)) return jars;
  const onWait = () => say('another process is getting Apache Kafka, waiting for it …');
  return oneAtATime({ lockFile: `${folder}.lock`, onWait }, async () => {
    if (await holdsJars(jars)) return jars;
    const program = { name: 'kafka-broker', version: VERSION, artifacts: ARTIFACTS, without: WITHOUT };
    if (await fetchWithMaven({ ...program, folder, say, env })) return jars;
    throw new PartMissing('An Apache Kafka broker is missing: install Maven to fetch it from Maven Central.');
  });
}

/**
 * The folder that would be used now, without getting anything.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string | undefined>}
 */
export async function findKafka(env = process.env) {
  const jars = path.join(cachedFolder(env), 'lib');
  return (await holdsJars(jars)) ? jars : undefined;
}

/** @param {NodeJS.ProcessEnv} env */
function cachedFolder(env) {
  return path.join(cacheDir(env), `kafka-${VERSION}`);
}

/** @param {string} folder */
async function holdsJars(folder) {
  const files = await readdir(folder).catch(() => []);
  return files.some((file) => file.startsWith('kafka-server-'));
}

/** @param {NodeJS.ProcessEnv} env */
async function requireJava(env) {
  const java = await findOnPath('java', env);
  const { output } = java ? await runCommand(java, ['-version'], { env, timeoutMs: 20_000 }) : { output: '' };
  if (javaVersionIn(output) >= OLDEST_JAVA) return;
  throw new PartMissing(`Apache Kafka needs Java ${OLDEST_JAVA} or newer: install it so that java is on PATH.`);
}

/** @param {string} text what `java -version` says; 0 when it says nothing of the kind */
export function javaVersionIn(text) {
  const match = /version "(?:1\.)?(\d+)/.exec(text);
  return Number(match?.[1] ?? 0);
}
