// @ts-check
// The real parts for tests, the demo and the drill: each call starts one and answers with how to reach and stop it.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { freePorts, LOOPBACK } from './ports.mjs';
import * as postgres from './postgres.mjs';
import { obtainTemporalCli } from './temporal-cli.mjs';
import * as temporal from './temporal.mjs';
import { possibleDirs } from './unprivileged.mjs';

export { PartMissing } from './failure.mjs';
export { obtainTimeSkippingServer } from './time-skipping.mjs';

/** @type {typeof import('./stack.d.mts').startPostgres} */
export async function startPostgres(options = {}) {
  const dir = options.dir ?? (await throwAwayDir());
  const [freePort = 0] = await freePorts(1);
  const password = options.password ?? postgres.newPassword();
  const port = options.port ?? freePort;
  const server = await postgres.startPostgres({
    dir,
    port,
    password,
    durable: options.durable ?? options.dir !== undefined,
  });
  const stop = async () => {
    await server.stop();
    if (options.dir === undefined) await removeThrowAway(dir);
  };
  return { url: server.url, pid: pidOf(server.child), stop };
}

/** @type {typeof import('./stack.d.mts').startTemporal} */
export async function startTemporal(options = {}) {
  const cli = await obtainTemporalCli();
  const [freePort = 0] = await freePorts(1);
  const server = await temporal.startTemporal({
    cli,
    port: options.port ?? freePort,
    ...(options.uiPort === undefined ? {} : { uiPort: options.uiPort }),
    ...(options.searchAttributes === undefined ? {} : { searchAttributes: options.searchAttributes }),
    ...(options.dir === undefined ? {} : { dbFile: path.join(options.dir, 'temporal.db') }),
  });
  const uiUrl = options.uiPort === undefined ? undefined : `http://${LOOPBACK}:${options.uiPort}`;
  return { address: server.address, pid: pidOf(server.child), stop: server.stop, ...(uiUrl && { uiUrl }) };
}

/** @type {typeof import('./stack.d.mts').removeClusterDir} */
export async function removeClusterDir(dir) {
  await Promise.all(possibleDirs(dir).map((each) => rm(each, { recursive: true, force: true })));
}

/** Open to others, so that the account PostgreSQL steps down to can reach it. */
async function throwAwayDir() {
  const parent = await mkdtemp(path.join(os.tmpdir(), 'holdfast-test-'));
  await chmod(parent, 0o755);
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
