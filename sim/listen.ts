// Starts and ends one HTTP server on the loopback address.
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SimEnv } from './reply.ts';

export type Listening = { url: string; port: number; close(): Promise<void> };

export async function listen(app: Hono<SimEnv>, port: number): Promise<Listening> {
  const server = createAdaptorServer({ fetch: (request, env) => app.fetch(request, env) });
  if (!(server instanceof Server)) throw new Error('expected a plain HTTP server');
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: bound } = addressOf(server);
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    close: () => closed(server),
  };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** A server listening on TCP always has this kind of address. */
export function addressOf(server: { address(): AddressInfo | string | null }): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP');
  return address;
}
