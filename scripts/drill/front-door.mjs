// @ts-check
// What stands before two APIs in production: one address, and whoever listens behind it gets the next connection.
import net from 'node:net';

import { LOOPBACK } from '../parts/ports.mjs';

/**
 * @param {{ port: number, targets: readonly number[] }} options
 * @returns {Promise<{ close: () => Promise<void> }>}
 */
export async function openFrontDoor({ port, targets }) {
  /** @type {Set<net.Socket>} */
  const open = new Set();
  let turn = 0;
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    turn += 1;
    remember(open, client);
    const order = targets.map((_, i) => targets[(turn + i) % targets.length] ?? port);
    lead(client, { order, open });
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => resolve(undefined));
  });
  return {
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/**
 * To the first that takes the call. One that dies while it answers takes the call with it.
 * @param {net.Socket} client
 * @param {{ order: readonly number[], open: Set<net.Socket> }} way
 */
function lead(client, { order: [port, ...others], open }) {
  if (port === undefined) {
    client.destroy();
    return;
  }
  const server = net.connect({ host: LOOPBACK, port, allowHalfOpen: true });
  let connected = false;
  remember(open, server);
  server.once('connect', () => {
    connected = true;
    client.pipe(server);
    server.pipe(client);
    client.once('close', () => server.destroy());
  });
  server.on('error', () => undefined);
  server.once('close', () => {
    if (connected) client.destroy();
    else lead(client, { order: others, open });
  });
}

/** @param {Set<net.Socket>} open @param {net.Socket} socket */
function remember(open, socket) {
  open.add(socket);
  socket.on('error', () => undefined);
  socket.once('close', () => open.delete(socket));
}
