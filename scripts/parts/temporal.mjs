// @ts-check
// One Temporal dev server on loopback, tuned: as shipped it answers ten times slower.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { PlainFailure } from './failure.mjs';
import { freePorts } from './free-ports.mjs';
import { LOOPBACK } from './ports.mjs';
import { endProcess, startServer } from './processes.mjs';

// The dev server has one history shard, and 20 polls per second per shard would make a clock of 50 ms.
const DYNAMIC_CONFIG = {
  'history.transferProcessorMaxPollRPS': 2000,
  'history.timerProcessorMaxPollRPS': 2000,
  'history.visibilityProcessorMaxPollRPS': 500,
  'system.enableActivityEagerExecution': true,
};
const SQLITE_PRAGMAS = { journal_mode: 'WAL', synchronous: 'NORMAL' };
const READY_WITHIN_MS = 60_000;

/**
 * @typedef {object} TemporalOptions
 * @property {string} cli
 * @property {number} port
 * @property {string} [dbFile] kept between runs; in memory without it
 * @property {number} [uiPort] no Web UI without it
 * @property {string} [codecUrl] where the Web UI has payloads decrypted
 * @property {Record<string, string>} [searchAttributes] name to type
 * @property {(line: string) => void} [onLine]
 */

/**
 * @typedef {object} RunningTemporal
 * @property {import('node:child_process').ChildProcess} child
 * @property {string} mark
 * @property {string} address
 * @property {() => Promise<void>} stop
 */

/**
 * @param {TemporalOptions} options
 * @returns {Promise<RunningTemporal>}
 */
export async function startTemporal(options) {
  if (options.dbFile) await mkdir(path.dirname(options.dbFile), { recursive: true });
  const [httpPort = 0, metricsPort = 0] = await freePorts(2);
  const child = startServer(options.cli, serverArguments({ ...options, httpPort, metricsPort }));
  const said = hear(child, options.onLine);
  await untilServing(child, { httpPort, said });
  return {
    child,
    mark: options.dbFile ?? String(options.port),
    address: `${LOOPBACK}:${options.port}`,
    stop: () => endProcess(child, { signal: 'SIGINT', graceMs: 6_000 }),
  };
}

/** @param {TemporalOptions & { httpPort: number, metricsPort: number }} options */
export function serverArguments(options) {
  const pairs = (/** @type {string} */ flag, /** @type {Record<string, string | number | boolean>} */ values) =>
    Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`]);
  return ['server', 'start-dev', '--ip', LOOPBACK, '--log-level', 'error'].concat(
    `--port=${options.port}`,
    `--http-port=${options.httpPort}`,
    `--metrics-port=${options.metricsPort}`,
    options.uiPort === undefined ? '--headless' : `--ui-port=${options.uiPort}`,
    options.codecUrl === undefined ? [] : `--ui-codec-endpoint=${options.codecUrl}`,
    options.dbFile === undefined ? [] : `--db-filename=${options.dbFile}`,
    pairs('--dynamic-config-value', DYNAMIC_CONFIG),
    pairs('--sqlite-pragma', SQLITE_PRAGMAS),
    pairs('--search-attribute', options.searchAttributes ?? {}),
  );
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {((line: string) => void) | undefined} onLine
 * @returns {() => string} the last of what the server said
 */
function hear(child, onLine) {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      said = (said + text).slice(-4_000);
      if (onLine) text.split('\n').filter(Boolean).forEach(onLine);
    });
  }
  return () => said;
}

/**
 * Serving means that the namespace is there too: a worker that connects a moment earlier would give up.
 * @param {import('node:child_process').ChildProcess} child
 * @param {{ httpPort: number, said: () => string }} options
 */
async function untilServing(child, { httpPort, said }) {
  const deadline = Date.now() + READY_WITHIN_MS;
  /** @type {Error | undefined} */
  let failure;
  child.once('error', (error) => (failure = error));
  while (Date.now() < deadline) {
    if (failure || child.exitCode !== null || child.signalCode !== null) {
      throw new PlainFailure(`The Temporal server did not start: ${failure?.message ?? said().trim()}`);
    }
    if (await namespaceAnswers(httpPort)) return;
    await sleep(50);
  }
  await endProcess(child);
  throw new PlainFailure(`The Temporal server did not answer within ${READY_WITHIN_MS / 1000} s: ${said().trim()}`);
}

/** @param {number} httpPort */
async function namespaceAnswers(httpPort) {
  return fetch(`http://${LOOPBACK}:${httpPort}/api/v1/namespaces/default`, { signal: AbortSignal.timeout(2_000) }).then(
    (response) => response.ok,
    () => false,
  );
}
