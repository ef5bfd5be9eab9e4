// @ts-check
// PostgreSQL refuses to run as root. This finds whom to step down to and a place that user can reach.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chown, cp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import { PartMissing } from './failure.mjs';

const OPEN_PLACE = '/var/lib/holdfast';

/** @typedef {{ uid: number, gid: number }} Account */

/**
 * The account to run as when we are root, or nothing when the current one will do.
 * @returns {Promise<Account | undefined>}
 */
export async function accountToStepDownTo() {
  if (process.getuid?.() !== 0) return undefined;
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '');
  for (const name of ['postgres', 'nobody']) {
    const account = accountOf(users, name);
    if (account) return account;
  }
  throw new PartMissing(
    'PostgreSQL does not run as root and this machine has neither a user "postgres" nor "nobody": start Holdfast as an ordinary user, or set DATABASE_URL to a running PostgreSQL.',
  );
}

/**
 * @param {string} passwd the text of /etc/passwd
 * @param {string} name
 * @returns {Account | undefined}
 */
export function accountOf(passwd, name) {
  const fields = passwd
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.split(':');
  const uid = Number(fields?.[2]);
  const gid = Number(fields?.[3]);
  return Number.isInteger(uid) && Number.isInteger(gid) && uid > 0 ? { uid, gid } : undefined;
}

/**
 * The folder itself when the account can work in it, else one of ours in a place that is open to it
 * (a checkout under /root or in a private temporary folder is closed to everybody else).
 * @param {string} dir
 * @param {Account | undefined} account
 */
export async function reachableDir(dir, account) {
  if (!account) {
    await mkdir(dir, { recursive: true });
    return dir;
  }
  await mkdir(path.dirname(dir), { recursive: true });
  const chosen = canEnter(path.dirname(dir), account) ? dir : path.join(OPEN_PLACE, `data-${digest(dir)}`);
  await mkdir(path.dirname(chosen), { recursive: true, mode: 0o755 });
  await mkdir(chosen, { recursive: true, mode: 0o700 });
  await chown(chosen, account.uid, account.gid);
  return chosen;
}

/**
 * Every folder that `reachableDir` may have used for `dir`.
 * @param {string} dir
 */
export function possibleDirs(dir) {
  return [dir, path.join(OPEN_PLACE, `data-${digest(dir)}`)];
}

/**
 * The programs' folder itself when the account can enter it, else a copy of it.
 * @param {string} dir
 * @param {Account | undefined} account
 */
export async function reachablePrograms(dir, account) {
  if (!account || canEnter(dir, account)) return dir;
  const copy = path.join(OPEN_PLACE, `programs-${digest((await versionOf(dir)) || dir)}`);
  if (canEnter(copy, account)) return copy;
  const fresh = `${copy}.${process.pid}`;
  await mkdir(OPEN_PLACE, { recursive: true, mode: 0o755 });
  await cp(dir, fresh, { recursive: true, verbatimSymlinks: true });
  await rename(fresh, copy).catch(() => rm(fresh, { recursive: true, force: true }));
  return copy;
}

/**
 * @param {string} dir
 * @param {Account} account
 */
function canEnter(dir, account) {
  return spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', dir], { ...account, cwd: '/', stdio: 'ignore' }).status === 0;
}

/** @param {string} text */
function digest(text) {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** @param {string} dir */
async function versionOf(dir) {
  return readFile(path.join(dir, '..', 'package.json'), 'utf8').catch(() => '');
}
