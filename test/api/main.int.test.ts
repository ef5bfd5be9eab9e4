import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '../setup/database.ts';
import { builtProgram, describeWith } from '../setup/parts.ts';
import { NOWHERE } from './app-under-test.ts';
import { SECRET } from './settings.ts';

const Line = z.looseObject({ level: z.string(), msg: z.string(), port: z.int().optional() });

/** Starting a program takes seconds where many are started at once. */
const PATIENCE = { timeout: 90_000 };

describeWith('postgres', 'the api process', () => {
  let child: ChildProcess | undefined;
  let occupant: Server | undefined;
  afterEach(() => {
    child?.kill('SIGKILL');
    occupant?.close();
  });

  const start = async (environment: Record<string, string> = {}, script = 'api/main.ts') => {
    const url = environment['DATABASE_URL'] ?? (await createTestDatabase()).url;
    const program = spawn(process.execPath, ['--enable-source-maps', builtProgram(script)], {
      env: {
        PATH: process.env['PATH'],
        DATABASE_URL: url,
        TEMPORAL_ADDRESS: NOWHERE,
        PORT: '0',
        JWT_SECRET: SECRET,
        ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = program;
    const ended = once(program, 'exit');
    const lines = createInterface({ input: program.stdout });
    const said = (message: string) =>
      new Promise<z.infer<typeof Line>>((resolve, reject) => {
        lines.on('line', (text) => {
          const line = Line.parse(JSON.parse(text));
          if (line.msg === message) resolve(line);
        });
        ended.then(() => reject(new Error(`ended without saying "${message}"`)), reject);
      });
    return { program, said, ended };
  };

  it('says when it is ready, answers while Temporal is away, and ends in order', PATIENCE, async () => {
    const { program, said, ended } = await start();
    const { port } = await said('api ready');
    const address = `http://127.0.0.1:${port}`;
    expect((await fetch(`${address}/livez`)).status).toBe(200);
    expect(await (await fetch(`${address}/readyz`)).json()).toMatchObject({
      status: 'down',
      checks: { database: { healthy: true } },
    });
    program.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('stays in sight of a recovery, with nothing to do and after the database broke off', PATIENCE, async () => {
    const { url } = await createTestDatabase();
    const { program, said, ended } = await start({ DATABASE_URL: url });
    await said('api ready');
    const seen = `from pg_stat_activity where application_name = 'holdfast-api' and datname = current_database()`;
    await queried(url, `select pg_terminate_backend(pid, 5000) ${seen}`);
    await expect.poll(() => queried(url, `select 1 ${seen}`), { timeout: 10_000 }).toHaveLength(1);
    program.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    await expect.poll(() => queried(url, `select 1 ${seen}`), { timeout: 10_000 }).toEqual([]);
  });

  it('finishes the request it is at when it is told to end', PATIENCE, async () => {
    const { program, said, ended } = await start();
    const { port } = await said('api ready');
    const socket = connect(port ?? 0, '127.0.0.1');
    const body = 'x'.repeat(20);
    socket.write(
      `POST /api/webhooks/stripe HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`,
    );
    const answer = new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())));
    await once(socket, 'connect');
    const stopping = said('api stopping');
    program.kill('SIGTERM');
    await stopping;
    socket.write(body.slice(10));
    expect(await answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(await ended).toEqual([0, null]);
  });

  it.each([
    ['api', 'api/main.ts'],
    ['worker', 'worker/main.ts'],
    ['background', 'worker/background.ts'],
    ['migrate', 'worker/migrate.ts'],
  ])('%s says in one line that no database answers, and ends', PATIENCE, async (name, script) => {
    const { said, ended } = await start({ DATABASE_URL: 'postgres://me:geheim@127.0.0.1:1/none' }, script);
    const line = await said(
      'No database answers at 127.0.0.1:1/none (ECONNREFUSED); DATABASE_URL says that it is there.',
    );
    expect(line).toMatchObject({ level: 'fatal', process: name });
    expect(await ended).toEqual([1, null]);
  });

  it.each([
    ['api', 'api/main.ts'],
    ['worker', 'worker/main.ts'],
    ['background', 'worker/background.ts'],
  ])('%s does not start without a master key that bookings are sealed by', PATIENCE, async (name, script) => {
    const { url } = await createTestDatabase();
    await queried(url, `insert into booking_keys (key_id, master_key_id, wrapped) values ('bk_rotated', 'm2', '')`);
    const { said, ended } = await start({ DATABASE_URL: url }, script);
    const line = await said(
      'Keys in the database are wrapped by the master key m2, which ENCRYPTION_KEY lacks: add it, under that name (docs/security.md).',
    );
    expect(line).toMatchObject({ level: 'fatal', process: name });
    expect(await ended).toEqual([1, null]);
  });

  it.each([
    ['api', 'api/main.ts'],
    ['worker', 'worker/main.ts'],
    ['background', 'worker/background.ts'],
  ])('%s does not start on books of which a recovery put back a part', PATIENCE, async (name, script) => {
    const { url } = await createTestDatabase();
    await queried(url, `insert into recoveries (since, begun_at) values (now(), '2026-11-21T09:30:00Z')`);
    const { said, ended } = await start({ DATABASE_URL: url }, script);
    const line = await said(
      'The recovery of 2026-11-21T09:30:00.000Z was not finished: run npm run recover with --apply again before anything is started (docs/recover.md).',
    );
    expect(line).toMatchObject({ level: 'fatal', process: name });
    expect(await ended).toEqual([1, null]);
  });

  it('ends with a clear line when its port is taken', PATIENCE, async () => {
    const listening = createServer().listen(0, '127.0.0.1');
    occupant = listening;
    await once(listening, 'listening');
    const taken = listening.address();
    const { said, ended } = await start({ PORT: String(typeof taken === 'object' ? taken?.port : 0) });
    const line = await said('the api cannot listen');
    expect(line).toMatchObject({ level: 'fatal', err: { code: 'EADDRINUSE' } });
    expect(await ended).toEqual([1, null]);
  });
});

async function queried(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(statement);
  await client.end();
  return rows;
}
