import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { once } from 'node:events';
import { Connection } from '@temporalio/client';
import { afterEach, expect, it } from 'vitest';
import type { Logger } from '../../log.ts';
import { prepareNamespace } from '../../worker/search-attributes.ts';

let server: Server;
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

it('a Temporal that takes every call and answers none keeps no worker from its work', async () => {
  server = createServer((socket) => void sockets.push(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const connection = Connection.lazy({ address: `127.0.0.1:${port}` });
  const warned: unknown[] = [];
  const log = { warn: (_: unknown, message: string) => void warned.push(message) };
  await prepareNamespace({ connection, namespace: 'default', log: log as unknown as Logger, withinMs: 300 });
  expect(warned).toEqual(['search attributes could not be registered', 'the namespace keeps its own retention']);
  await connection.close();
}, 10_000);
