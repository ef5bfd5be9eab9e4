// @ts-check
// Which installation `npm run check` and its neighbours are about, beside a stack that runs here.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { Refusal } from '../../scripts/parts/failure.mjs';
import { installationOf, placeOf } from '../../scripts/parts/installation.mjs';

const NEEDS = ['DATABASE_URL', 'ENCRYPTION_KEY', 'TEMPORAL_ADDRESS'];
const STACK = {
  DATABASE_URL: 'postgres://holdfast:inner@127.0.0.1:54329/holdfast',
  TEMPORAL_ADDRESS: '127.0.0.1:7233',
  ENCRYPTION_KEY: 'the key of the stack',
  STRIPE_SECRET_KEY: 'sk_test_holdfast',
  DATA_DIR: 'as npm start wrote it',
};
const OTHER = {
  DATABASE_URL: 'postgres://me:secret@books.example:5433/live',
  TEMPORAL_ADDRESS: 'temporal.example:7233',
  ENCRYPTION_KEY: 'the key of the others',
};

let dir = '';
/** @type {import('node:child_process').ChildProcess} */
let supervisor;

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'holdfast-installation-'));
  supervisor = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', 'start.mjs'], { stdio: 'ignore' });
  await once(supervisor, 'spawn');
  await writeFile(path.join(dir, 'run.json'), JSON.stringify({ pid: supervisor.pid, children: [] }));
  await writeFile(path.join(dir, 'stack.json'), JSON.stringify({ env: STACK }));
});
afterAll(async () => {
  supervisor.kill('SIGKILL');
  await rm(dir, { recursive: true, force: true });
});

const beside = (/** @type {NodeJS.ProcessEnv} */ env) => installationOf({ DATA_DIR: dir, ...env }, NEEDS);
const nowhere = (/** @type {NodeJS.ProcessEnv} */ env) =>
  installationOf({ DATA_DIR: path.join(dir, 'nothing'), ...env }, NEEDS);

describe('the installation that a command is about', () => {
  it('is the one that the environment names, though a stack runs here', async () => {
    const env = await beside(OTHER);
    expect(env).toMatchObject(OTHER);
    expect(env.STRIPE_SECRET_KEY).toBeUndefined();
  });

  it('is the stack that runs here when the environment names none', async () => {
    expect(await beside({})).toMatchObject(STACK);
    expect(await beside({ DATABASE_URL: '', LOG_LEVEL: 'info' })).toMatchObject({ ...STACK, LOG_LEVEL: 'info' });
  });

  it('is the stack when its own database is named', async () => {
    expect(await beside({ DATABASE_URL: STACK.DATABASE_URL })).toMatchObject(STACK);
  });

  it('is never completed from the stack when another database is named', async () => {
    const { DATABASE_URL, TEMPORAL_ADDRESS } = OTHER;
    const answer = beside({ DATABASE_URL, TEMPORAL_ADDRESS });
    await expect(answer).rejects.toThrow(/^Set ENCRYPTION_KEY:/);
    await expect(answer).rejects.toBeInstanceOf(Refusal);
    await expect(nowhere({ DATABASE_URL, TEMPORAL_ADDRESS })).rejects.toThrow(/^Set ENCRYPTION_KEY:/);
  });

  it.each(/** @type {const} */ (['ENCRYPTION_KEY', 'TEMPORAL_ADDRESS', 'STRIPE_SECRET_KEY']))(
    'is refused when the stack has another %s than the shell',
    async (name) => {
      const answer = beside({ [name]: 'another' });
      await expect(answer).rejects.toThrow(`with another ${name} than`);
      await expect(answer).rejects.toBeInstanceOf(Refusal);
      expect(await beside({ [name]: STACK[name] })).toMatchObject(STACK);
    },
  );

  it('must be somewhere', async () => {
    await expect(nowhere({})).rejects.toThrow(/Nothing runs on .*npm start.*DATABASE_URL, ENCRYPTION_KEY/);
  });
});

it.each([
  [OTHER, 'database books.example:5433/live, Temporal temporal.example:7233'],
  [{ DATABASE_URL: 'postgres://me:secret@db/live?sslmode=require' }, 'database db:5432/live'],
  [{ DATABASE_URL: 'postgres:///live?host=/run/postgresql' }, 'database /run/postgresql:5432/live'],
])('says where it is, without the password', (env, place) => {
  expect(placeOf(env)).toBe(place);
});

it('does not print a database address that it cannot read', () => {
  const place = () => placeOf({ DATABASE_URL: 'me secret' });
  expect(place).toThrow(Refusal);
  expect(place).toThrow(/^DATABASE_URL reads/);
});
