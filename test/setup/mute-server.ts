// A server that takes every connection and says nothing more than a greeting: a machine that is gone, and not known to be.
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface MuteServer {
  readonly port: number;
  readonly sockets: readonly Socket[];
  close(): void;
}

/** The greeting follows the first that it is sent. */
export async function startMuteServer(greeting?: Uint8Array): Promise<MuteServer> {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket.on('error', () => undefined));
    if (greeting) socket.once('data', () => socket.write(greeting));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port, sockets, close };
}
