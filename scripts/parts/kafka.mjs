// @ts-check
// One Apache Kafka broker on loopback, its own controller: for tests, and quick to start rather than fast for long.
import { access, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { PlainFailure } from './failure.mjs';
import { answers, LOOPBACK } from './ports.mjs';
import { endProcess, startServer } from './processes.mjs';
import { runCommand } from './run-command.mjs';

const READY_WITHIN_MS = 60_000;
const JAVA_OPTIONS = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];
/** Sixteen bytes, as Kafka wants them. */
const CLUSTER_ID = Buffer.from('holdfast-kafka-1').toString('base64url');
const QUIET = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error';

/**
 * @typedef {object} KafkaOptions
 * @property {string} jars
 * @property {string} dir kept between starts
 * @property {number} port where clients connect
 * @property {number} controllerPort
 * @property {Record<string, string | number | boolean>} [settings] of the broker, over ours
 */

/**
 * @typedef {object} RunningKafka
 * @property {import('node:child_process').ChildProcess} child
 * @property {string} address
 * @property {() => Promise<void>} stop
 */

/**
 * @param {KafkaOptions} options
 * @returns {Promise<RunningKafka>}
 */
export async function startKafka(options) {
  const { jars, dir, port } = options;
  const settings = path.join(dir, 'server.properties');
  await mkdir(dir, { recursive: true });
  await writeFile(settings, properties(options));
  await formatOnce(jars, dir, settings);
  const child = startServer('java', [...JAVA_OPTIONS, QUIET, '-cp', `${jars}/*`, 'kafka.Kafka', settings]);
  await untilListening(child, port);
  return { child, address: `${LOOPBACK}:${port}`, stop: () => endProcess(child, { graceMs: 15_000 }) };
}

/** @param {KafkaOptions} options */
function properties({ dir, port, controllerPort, settings = {} }) {
  const values = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.bootstrap.servers': `${LOOPBACK}:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://${LOOPBACK}:${port},CONTROLLER://${LOOPBACK}:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${LOOPBACK}:${port}`,
    'log.dirs': dataDirOf(dir),
    'num.partitions': 4,
    'offsets.topic.num.partitions': 1,
    'offsets.topic.replication.factor': 1,
    'group.initial.rebalance.delay.ms': 0,
    ...settings,
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** @param {string} dir */
function dataDirOf(dir) {
  return path.join(dir, 'data');
}

/**
 * @param {string} jars
 * @param {string} dir
 * @param {string} settings
 */
async function formatOnce(jars, dir, settings) {
  const formatted = await access(path.join(dataDirOf(dir), 'meta.properties')).then(
    () => true,
    () => false,
  );
  if (formatted) return;
  const command = [
    'kafka.tools.StorageTool',
    'format',
    '--cluster-id',
    CLUSTER_ID,
    '--config',
    settings,
    '--standalone',
  ];
  const { code, output } = await runCommand('java', [...JAVA_OPTIONS, QUIET, '-cp', `${jars}/*`, ...command]);
  if (code !== 0) throw new PlainFailure(`Kafka's data folder could not be made: ${output.trim()}`);
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {number} port
 */
async function untilListening(child, port) {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => (said = (said + text).slice(-4_000)));
  }
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new PlainFailure(`The Kafka broker did not start: ${said.trim()}`);
    if (await answers(port)) return;
    await sleep(100);
  }
  await endProcess(child);
  throw new PlainFailure(`The Kafka broker did not answer within ${READY_WITHIN_MS / 1_000} s: ${said.trim()}`);
}
