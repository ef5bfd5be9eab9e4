// @ts-check
// `npm run doctor`: looks at everything the commands need, changes and fetches nothing, and says what to do.
import { PartMissing, runMain } from './failure.mjs';
import { dependenciesAreCurrent } from './install.mjs';
import { findKafka } from './kafka-jars.mjs';
import { cacheDir, dataDir, ROOT } from './paths.mjs';
import { isPortFree } from './ports.mjs';
import { platformPackageDir } from './postgres-programs.mjs';
import { findOnPath, runCommand } from './run-command.mjs';
import { runningSupervisor } from './run-file.mjs';
import { partsToStart, portsInUse, withEnvFile } from './settings.mjs';
import { findTemporalCli } from './temporal-cli.mjs';
import { findTimeSkippingServer } from './time-skipping.mjs';

/**
 * @typedef {object} Finding
 * @property {'ok' | 'note' | 'missing'} kind a note is worth knowing; what is missing keeps a command from working
 * @property {string} text
 */

export async function runDoctor() {
  await runMain(async () => {
    const env = await withEnvFile(process.env);
    const findings = (
      await Promise.all([
        lookAtNode(),
        lookAtData(env),
        lookAtPorts(env),
        lookAtPostgres(env),
        lookAtTemporal(env),
        lookAtTests(env),
        lookAtKafka(env),
      ])
    ).flat();
    for (const { kind, text } of findings) console.log(`${kind.padEnd(9)}${text}`);
    const missing = findings.filter(({ kind }) => kind === 'missing').length;
    console.log(
      missing === 0 ? 'npm start and npm test have what they need, or know where to get it.' : `${missing} missing.`,
    );
    return missing === 0 ? 0 : 1;
  });
}

/** @returns {Promise<Finding[]>} */
async function lookAtNode() {
  const current = await dependenciesAreCurrent(ROOT);
  return [
    { kind: 'ok', text: `Node ${process.version}` },
    current
      ? { kind: 'ok', text: 'npm dependencies are those of package-lock.json' }
      : { kind: 'note', text: 'npm dependencies are missing or old: the next command installs them' },
  ];
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Finding[]>}
 */
async function lookAtData(env) {
  const dir = dataDir(env);
  const pid = await runningSupervisor(dir);
  return [
    {
      kind: 'ok',
      text: pid === undefined ? `data in ${dir}, nothing runs on it` : `Holdfast runs on ${dir} (pid ${pid})`,
    },
  ];
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Finding[]>}
 */
async function lookAtPorts(env) {
  if ((await runningSupervisor(dataDir(env))) !== undefined) return [];
  return Promise.all(
    portsInUse(env).map(async ({ port, what, variable }) => {
      if (await isPortFree(port)) return { kind: 'ok', text: `port ${port} is free for ${what}` };
      return { kind: 'missing', text: `port ${port} for ${what} is taken: ${variable} changes it` };
    }),
  );
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Finding[]>}
 */
async function lookAtPostgres(env) {
  if (!partsToStart(env).postgres) return [{ kind: 'ok', text: 'PostgreSQL is reached at DATABASE_URL' }];
  if (!(await dependenciesAreCurrent(ROOT)))
    return [{ kind: 'note', text: 'PostgreSQL comes with the npm dependencies' }];
  try {
    platformPackageDir();
    return [{ kind: 'ok', text: 'PostgreSQL came with npm' }];
  } catch (error) {
    if (error instanceof PartMissing) return [{ kind: 'missing', text: error.message }];
    throw error;
  }
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Finding[]>}
 */
async function lookAtTemporal(env) {
  if (!partsToStart(env).temporal) return [{ kind: 'ok', text: 'Temporal is reached at TEMPORAL_ADDRESS' }];
  const cli = await findTemporalCli(env);
  if (cli) {
    const { output } = await runCommand(cli, ['--version'], { timeoutMs: 10_000 });
    return [{ kind: 'ok', text: `Temporal CLI at ${cli} (${output.trim()})` }];
  }
  const go = await findOnPath('go', env);
  const way = go ? `or it is built with ${go}` : 'there is no Go to build it with otherwise';
  return [{ kind: 'note', text: `no Temporal CLI yet: it is downloaded into ${cacheDir(env)}, ${way}` }];
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Finding[]>}
 */
async function lookAtTests(env) {
  const server = await findTimeSkippingServer(env);
  if (server) return [{ kind: 'ok', text: `time-skipping test server at ${server}` }];
  const [maven, java] = await Promise.all([findOnPath('mvn', env), findOnPath('java', env)]);
  const way =
    maven && java ? 'it is fetched with Maven' : 'without Java and Maven it is downloaded, or its tests are skipped';
  return [{ kind: 'note', text: `no time-skipping test server yet: ${way}` }];
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Finding[]>}
 */
async function lookAtKafka(env) {
  const jars = await findKafka(env);
  if (jars) return [{ kind: 'ok', text: `Apache Kafka for tests in ${jars}` }];
  const [maven, java] = await Promise.all([findOnPath('mvn', env), findOnPath('java', env)]);
  const way = maven && java ? 'they are fetched with Maven' : 'without Java and Maven its tests are skipped';
  return [{ kind: 'note', text: `no jars of Apache Kafka yet: ${way}` }];
}
