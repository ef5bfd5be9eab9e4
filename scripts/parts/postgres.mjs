// @ts-check
// One real PostgreSQL on loopback: creates its cluster once, clears what a crash left, starts and stops it.
import { randomBytes } from 'node:crypto';
import { access, chown, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { PlainFailure } from './failure.mjs';
import { LOOPBACK } from './ports.mjs';
import { postgresPrograms } from './postgres-programs.mjs';
import { endProcess, isOurProcess, startServer } from './processes.mjs';
import { runCommand } from './run-command.mjs';
import { accountToStepDownTo, reachableDir } from './unprivileged.mjs';

const USER = 'holdfast';

const TUNED = {
  listen_addresses: LOOPBACK,
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '128MB',
  // Nothing replicates from here, so the log carries only what a crash needs.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
};
const DURABLE = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' };
const FORGETFUL = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/**
 * @typedef {object} PostgresOptions
 * @property {string} dir the folder of the cluster; made when missing
 * @property {number} port
 * @property {string} password of the user `holdfast`; kept in the cluster, so it must stay the same for a folder
 * @property {boolean} [durable] false only for throw-away clusters of tests
 * @property {(line: string) => void} [onLine] hears the server's log
 */

/**
 * @typedef {object} RunningPostgres
 * @property {import('node:child_process').ChildProcess} child
 * @property {string} mark
 * @property {string} url of the database `holdfast`
 * @property {() => Promise<void>} stop
 */

/**
 * @param {PostgresOptions} options
 * @returns {Promise<RunningPostgres>}
 */
export async function startPostgres(options) {
  const account = await accountToStepDownTo();
  const [programs, dir] = await Promise.all([postgresPrograms(account), reachableDir(options.dir, account)]);
  if (!(await isFile(path.join(dir, 'PG_VERSION')))) await createCluster({ ...options, programs, dir, account });
  await clearLeftovers(dir);
  const settings = { ...TUNED, ...(options.durable === false ? FORGETFUL : DURABLE), port: String(options.port) };
  const args = ['-D', dir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const child = startServer(path.join(programs, 'bin', 'postgres'), args, {
    ...account,
    cwd: dir,
    env: { ...process.env, LC_MESSAGES: 'C' },
  });
  await untilReady(child, options.onLine);
  const url = databaseUrl(options, USER);
  await ensureDatabase(databaseUrl(options, 'postgres'));
  return {
    child,
    url,
    mark: dir,
    stop: () => endProcess(child, { signal: 'SIGINT', graceMs: 8_000, lastSignal: 'SIGQUIT' }),
  };
}

/**
 * @param {PostgresOptions} options
 * @param {string} database
 */
function databaseUrl({ password, port }, database) {
  return `postgres://${USER}:${encodeURIComponent(password)}@${LOOPBACK}:${port}/${database}`;
}

/** @param {PostgresOptions & { programs: string, account: import('./unprivileged.mjs').Account | undefined }} options */
async function createCluster({ programs, dir, account, password, durable }) {
  const secretDir = await reachableDir(path.join(os.tmpdir(), `holdfast-initdb-${process.pid}`), account);
  const secretFile = path.join(secretDir, 'password');
  await writeFile(secretFile, `${password}\n`, { mode: 0o600 });
  if (account) await chown(secretFile, account.uid, account.gid);
  const args = [
    `--pgdata=${dir}`,
    `--username=${USER}`,
    `--pwfile=${secretFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // The built-in collation sorts the same on every machine and never changes under an index.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...(durable === false ? ['--no-sync'] : []),
  ];
  try {
    const result = await runCommand(path.join(programs, 'bin', 'initdb'), args, { ...account, cwd: dir });
    if (result.code === 0) return;
    await rm(dir, { recursive: true, force: true });
    throw new PlainFailure(`PostgreSQL could not create its data folder ${dir}: ${lastLine(result.output)}`);
  } finally {
    await rm(secretDir, { recursive: true, force: true });
  }
}

/**
 * After a kill -9 the lock file names a process that is gone, or one that has got the same number since.
 * A postmaster that is still alive for this very folder is stopped: only one may own the data.
 * @param {string} dir
 */
async function clearLeftovers(dir) {
  const lock = path.join(dir, 'postmaster.pid');
  const text = await readFile(lock, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const pid = Number(text.split('\n')[0]);
  if (await isOurProcess(pid, dir)) await endProcess(pid, { signal: 'SIGINT', graceMs: 8_000, lastSignal: 'SIGQUIT' });
  await rm(lock, { force: true });
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {((line: string) => void) | undefined} onLine
 * @returns {Promise<void>}
 */
function untilReady(child, onLine) {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdout?.resume();
    child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      said = (said + text).slice(-4_000);
      if (onLine) text.split('\n').filter(Boolean).forEach(onLine);
      if (said.includes('database system is ready to accept connections')) resolve();
    });
    child.once('error', reject);
    child.once('close', () => reject(new PlainFailure(`PostgreSQL did not start: ${failureLine(said)}`)));
  });
}

/** @param {string} said */
function failureLine(said) {
  return said.split('\n').find((line) => /FATAL|PANIC/.test(line)) ?? lastLine(said);
}

/** @param {string} text */
function lastLine(text) {
  return text.trim().split('\n').at(-1) ?? '';
}

/** @param {string} adminUrl */
async function ensureDatabase(adminUrl) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [USER]);
    if (rowCount === 0) await client.query(`create database ${USER}`);
  } finally {
    await client.end();
  }
}

/** @param {string} file */
async function isFile(file) {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** A password for a new cluster. */
export function newPassword() {
  return randomBytes(18).toString('base64url');
}
