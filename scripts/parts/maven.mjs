// @ts-check
// Gets Java programs that are published as jars: Maven finds all that belong to them, and we keep them outside the checkout.
import { chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { elapsed, whileSaying } from './progress.mjs';
import { findOnPath, runCommand } from './run-command.mjs';

/**
 * @typedef {object} JavaProgram
 * @property {string} name
 * @property {string} version
 * @property {string[]} artifacts group:name:version, each with all it needs
 * @property {string[]} [without] group:name of what it can do without
 * @property {string} folder where it is kept; the jars lie in its `lib`
 * @property {(folder: string) => Promise<void>} [finish] what else belongs into the folder, before anybody sees it
 * @property {import('./progress.mjs').Say} say
 * @property {NodeJS.ProcessEnv} env
 */

/**
 * @param {JavaProgram} program
 * @returns {Promise<boolean>} false where Java or Maven is missing, or Maven failed
 */
export async function fetchWithMaven({ name, version, artifacts, without = [], folder, finish, say, env }) {
  const [maven, java] = await Promise.all([findOnPath('mvn', env), findOnPath('java', env)]);
  if (!maven || !java) return false;
  const begun = Date.now();
  say(`fetching version ${version} from Maven Central, once …`);
  const fresh = await mkdtemp(`${folder}.`);
  const work = await mkdtemp(path.join(os.tmpdir(), 'holdfast-maven-'));
  await writeFile(path.join(work, 'pom.xml'), pom(name, artifacts, without));
  const result = await whileSaying({ say, line: (since) => `still fetching, ${since} so far …` }, () =>
    runCommand(maven, ['-B', '-q', 'dependency:copy-dependencies', `-DoutputDirectory=${fresh}/lib`], {
      cwd: work,
      env,
    }),
  );
  await rm(work, { recursive: true, force: true });
  const fetched = result.code === 0;
  if (fetched) {
    await finish?.(fresh);
    await publish(fresh, folder);
  }
  await rm(fresh, { recursive: true, force: true });
  say(fetched ? `fetched in ${elapsed(begun)}, kept in ${folder}` : `Maven failed: ${firstError(result.output)}`);
  return fetched;
}

/**
 * @param {string} fresh
 * @param {string} folder
 */
async function publish(fresh, folder) {
  await chmod(fresh, 0o755);
  await rm(folder, { recursive: true, force: true });
  await rename(fresh, folder);
}

/**
 * @param {string} name
 * @param {string[]} artifacts
 * @param {string[]} without
 */
function pom(name, artifacts, without) {
  const coordinates = (/** @type {string} */ artifact) => {
    const [group, id, version] = artifact.split(':');
    const place = `<groupId>${group}</groupId><artifactId>${id}</artifactId>`;
    return version === undefined ? place : `${place}<version>${version}</version>`;
  };
  const exclusions = without.map((each) => `<exclusion>${coordinates(each)}</exclusion>`).join('');
  const dependencies = artifacts.map(
    (each) => `<dependency>${coordinates(each)}<exclusions>${exclusions}</exclusions></dependency>`,
  );
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>holdfast</groupId><artifactId>${name}</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>${dependencies.join('')}</dependencies>
</project>
`;
}

/** @param {string} output */
function firstError(output) {
  return output.split('\n').find((line) => line.includes('[ERROR]')) ?? output.trim().split('\n').at(-1) ?? '';
}
