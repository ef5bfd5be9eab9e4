// @ts-check
// The real parts for tests, the demo and the drill: each call starts one and answers with how to reach and stop it.
import { rmSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { PartMissing } from './failure.mjs';
import * as kafka from './kafka.mjs';
import { obtainKafka } from './kafka-jars.mjs';
import { freePorts } from './free-ports.mjs';
import { LOOPBACK } from './ports.mjs';
import * as postgres from './postgres.mjs';
import { obtainTemporalCli } from './temporal-cli.mjs';
import * as temporal from './temporal.mjs';
import { possibleDirs } from './unprivileged.mjs';

export { PartMissing };
export { obtainTemporalCli } from './temporal-cli.mjs';
export { obtainKafka } from './kafka-jars.mjs';
export { obtainTimeSkippingServer } from './time-skipping.mjs';

const PORTS_TO_TRY = 3;

/** @type {typeof import('./stack.d.mts').startPostgres} */
export async function startPostgres(options = {}) {
  const dir = options.dir ?? (await throwAwayDir());
  const password = options.password ?? postgres.newPassword();
  const durable = options.durable ?? options.dir !== undefined;
  const server = await onPort(options.port, (port) => postgres.startPostgres({ dir, port, password, durable }));
  const stop = async () => {
    await server.stop();
    if (options.dir === undefined) await removeThrowAway(dir);
  };
  return { url: server.url, pid: pidOf(server.child), stop };
}

/** @type {typeof import('./stack.d.mts').startTemporal} */
export async function startTemporal(options = {}) {
  const cli = await obtainTemporalCli();
  const { uiPort, searchAttributes, dir } = options;
  const asked = {
    ...(uiPort !== undefined && { uiPort }),
    ...(searchAttributes && { searchAttributes }),
    ...(dir !== undefined && { dbFile: path.join(dir, 'temporal.db') }),
  };
  const server = await onPort(options.port, (port) => temporal.startTemporal({ cli, port, ...asked }));
  const uiUrl = uiPort === undefined ? {} : { uiUrl: `http://${LOOPBACK}:${uiPort}` };
  return { address: server.address, pid: pidOf(server.child), stop: server.stop, ...uiUrl };
}

/** @type {typeof import('./stack.d.mts').startKafka} */
export async function startKafka({ dir, ports, settings }) {
  const jars = await obtainKafka();
  const [port = 0, controllerPort = 0] = ports ?? (await freePorts(2));
  const asked = { dir, port, controllerPort, ...(settings && { settings }) };
  const server = await kafka.startKafka({ jars, ...asked });
  return { address: server.address, ports: [port, controllerPort], pid: pidOf(server.child), stop: server.stop };
}

/**
 * On the given port, else on a free one; somebody else may take that in the moment before we listen.
 * @template T
 * @param {number | undefined} given
 * @param {(port: number) => Promise<T>} start
 * @returns {Promise<T>}
 */
async function onPort(given, start) {
  if (given !== undefined) return start(given);
  const ports = await freePorts(PORTS_TO_TRY);
  for (const port of ports.slice(1)) {
    const started = await start(port).catch(unlessMissing);
    if (started) return started;
  }
  return start(ports[0] ?? 0);
}

/** @type {typeof import('./stack.d.mts').removeClusterDir} */
export async function removeClusterDir(dir) {
  await Promise.all(possibleDirs(dir).map((each) => rm(each, { recursive: true, force: true })));
}

/** @param {unknown} error */
function unlessMissing(error) {
  if (error instanceof PartMissing) throw error;
  return undefined;
}

/** Open to others, so that the account PostgreSQL steps down to can reach it. */
async function throwAwayDir() {
  const parent = await mkdtemp(path.join(os.tmpdir(), 'holdfast-test-'));
  await chmod(parent, 0o755);
  process.once('exit', () => rmSync(parent, { recursive: true, force: true, maxRetries: 5 }));
  return path.join(parent, 'postgres');
}

/** @param {string} dir */
async function removeThrowAway(dir) {
  await removeClusterDir(dir);
  await rm(path.dirname(dir), { recursive: true, force: true });
}

/** @param {import('node:child_process').ChildProcess} child */
function pidOf(child) {
  if (child.pid === undefined) throw new Error('A process that serves has a pid.');
  return child.pid;
}
