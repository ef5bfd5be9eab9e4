import { Connection } from '@temporalio/client';
import { afterEach, expect, it } from 'vitest';
import type { Logger } from '../../log.ts';
import { prepareNamespace } from '../../worker/search-attributes.ts';
import { startMuteServer } from '../setup/mute-server.ts';
import type { MuteServer } from '../setup/mute-server.ts';

let server: MuteServer;
afterEach(() => server.close());

it('a Temporal that takes every call and answers none keeps no worker from its work', async () => {
  server = await startMuteServer();
  const connection = Connection.lazy({ address: `127.0.0.1:${server.port}` });
  const warned: unknown[] = [];
  const log = { warn: (_: unknown, message: string) => void warned.push(message) };
  await prepareNamespace({ connection, namespace: 'default', log: log as unknown as Logger, withinMs: 300 });
  expect(warned).toEqual(['search attributes could not be registered', 'the namespace keeps its own retention']);
  await connection.close();
}, 10_000);
