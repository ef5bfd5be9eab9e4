// @ts-check
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { dependenciesAreCurrent } from '../../scripts/parts/install.mjs';
import { nodeComplaint } from '../../scripts/parts/node-version.mjs';
import { saysReady } from '../../scripts/parts/node-part.mjs';
import { warningIn } from '../../scripts/parts/part-log.mjs';
import { obtainTemporalCli, servesAtLeast } from '../../scripts/parts/temporal-cli.mjs';
import { serverArguments } from '../../scripts/parts/temporal.mjs';
import { obtainTimeSkippingServer } from '../../scripts/parts/time-skipping.mjs';
import { accountOf } from '../../scripts/parts/unprivileged.mjs';

describe('the Node version', () => {
  it.each(['v20.19.0', 'v20.20.2', 'v22.0.0', 'v24.1.0'])('%s will do', (version) => {
    expect(nodeComplaint(version)).toBeUndefined();
  });

  it.each(['v20.18.3', 'v18.20.0', 'v16.1.0', 'v9.9.9'])('%s is answered with one sentence', (version) => {
    expect(nodeComplaint(version)).toMatch(
      new RegExp(`^Holdfast needs Node 20\\.19 or newer and this is ${version}: .*\\.$`),
    );
  });
});

describe('npm dependencies', () => {
  /** @param {{ wanted: object, installed?: object, stamp?: object }} files */
  const areCurrent = async ({ wanted, installed, stamp }) => {
    const root = await mkdtemp(path.join(os.tmpdir(), 'holdfast-npm-'));
    await mkdir(path.join(root, 'node_modules'));
    const files = {
      'package-lock.json': wanted,
      'node_modules/.package-lock.json': installed,
      'node_modules/.holdfast-installed-lock.json': stamp,
    };
    for (const [name, content] of Object.entries(files))
      if (content) await writeFile(path.join(root, name), JSON.stringify(content));
    return dependenciesAreCurrent(root).finally(() => rm(root, { recursive: true }));
  };
  const lock = (/** @type {string} */ version) => ({
    packages: {
      '': {},
      'node_modules/zod': { version },
      'node_modules/fsevents': { version: '2.0.0', optional: true },
    },
  });

  it('are current when npm installed these versions, other platforms’ packages aside', async () => {
    expect(
      await areCurrent({
        wanted: lock('4.0.0'),
        installed: { packages: { 'node_modules/zod': { version: '4.0.0' } } },
      }),
    ).toBe(true);
  });

  it('are not when a version differs or nothing is installed', async () => {
    expect(
      await areCurrent({
        wanted: lock('4.0.1'),
        installed: { packages: { 'node_modules/zod': { version: '4.0.0' } } },
      }),
    ).toBe(false);
    expect(await areCurrent({ wanted: lock('4.0.1') })).toBe(false);
  });

  it('are not when the lock file changed since we installed', async () => {
    expect(await areCurrent({ wanted: lock('4.0.1'), installed: lock('4.0.1'), stamp: lock('4.0.0') })).toBe(false);
  });
});

describe('the Temporal server', () => {
  it.each([
    ['temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)', true],
    ['temporal version 1.9.1 (Server 1.32.0, UI 2.50.0)', true],
    ['temporal version 1.1.1 (Server 1.25.9, UI 2.30.0)', false],
    ['temporal version 1.5.0 (Server 1.29.0, UI 2.42.1)', false],
    ['command not found', false],
  ])('%s: new enough is %s', (text, expected) => {
    expect(servesAtLeast(text, [1, 29, 1])).toBe(expected);
  });

  it('listens on loopback and is tuned', () => {
    const args = serverArguments({
      cli: 'temporal',
      port: 7233,
      uiPort: 8233,
      dbFile: '/data/t.db',
      httpPort: 1,
      metricsPort: 2,
    });
    expect(args.join(' ')).toContain('--ip 127.0.0.1');
    expect(args).toEqual(
      expect.arrayContaining([
        '--ui-port=8233',
        '--db-filename=/data/t.db',
        'history.transferProcessorMaxPollRPS=2000',
        'journal_mode=WAL',
      ]),
    );
  });

  it('has no Web UI and no file unless asked for', () => {
    const args = serverArguments({ cli: 'temporal', port: 7233, httpPort: 1, metricsPort: 2 });
    expect(args).toContain('--headless');
    expect(args.join(' ')).not.toContain('--db-filename');
  });
});

it.each([
  ['TEMPORAL_CLI', () => obtainTemporalCli({ TEMPORAL_CLI: '/nowhere/temporal' })],
  ['TEMPORAL_TEST_SERVER', () => obtainTimeSkippingServer({ TEMPORAL_TEST_SERVER: '/nowhere/server' })],
])('%s that names nothing is an error, not a reason to fetch another', async (variable, obtain) => {
  await expect(obtain()).rejects.toThrow(`${variable} names /nowhere/`);
});

describe('a part’s log', () => {
  it('passes on what warns, in words', () => {
    expect(warningIn('{"level":"warn","msg":"low balance"}')).toBe('warn: low balance');
    expect(warningIn('{"level":"error","msg":"query failed","err":{"message":"no table"}}')).toBe(
      'error: query failed (no table)',
    );
  });

  it.each(['{"level":"info","msg":"worker ready"}', 'plain words', '{"level":'])('keeps %s to the file', (line) => {
    expect(warningIn(line)).toBeUndefined();
  });

  it('is searched for the word that it is ready', () => {
    expect(saysReady('{"level":"info","msg":"worker ready"}', 'worker ready')).toBe(true);
    expect(saysReady('sim ready {"stripe":"http://127.0.0.1:1"}', 'sim ready')).toBe(true);
    expect(saysReady('{"level":"info","msg":"worker starts"}', 'worker ready')).toBe(false);
  });
});

it('PostgreSQL steps down to an account of the machine, never to root', () => {
  const users = 'root:x:0:0:root:/root:/bin/sh\nfake:x:0:0::/:/bin/sh\nnobody:x:65534:65533:nobody:/:/bin/false\n';
  expect(accountOf(users, 'nobody')).toEqual({ uid: 65_534, gid: 65_533 });
  expect(accountOf(users, 'postgres')).toBeUndefined();
  expect(accountOf(users, 'fake')).toBeUndefined();
});
