import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { ROOT } from '../tidy/tree.ts';
import { createTestDatabase } from '../setup/database.ts';
import { describeWith } from '../setup/parts.ts';
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
    const { url } = await createTestDatabase();
    const program = spawn(process.execPath, ['--import', 'tsx', path.join(ROOT, script)], {
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
