// @ts-check
import net from 'node:net';

import { PlainFailure } from './failure.mjs';

export const LOOPBACK = '127.0.0.1';

/**
 * Whether something could listen on the port of the loopback address now.
 * @param {number} port
 * @returns {Promise<boolean>}
 */
export async function isPortFree(port) {
  if (await answers(port)) return false;
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host: LOOPBACK, port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/**
 * Whether something accepts connections on the port.
 * @param {number} port
 * @returns {Promise<boolean>}
 */
export function answers(port) {
  return new Promise((resolve) => {
    const socket = net.connect({ host: LOOPBACK, port });
    const end = (/** @type {boolean} */ answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/**
 * @typedef {object} PortUse
 * @property {string} what what wants the port, as a person would say it
 * @property {number} port
 * @property {string} variable the environment variable that moves it
 */

/**
 * Fails with one sentence naming every port that is taken and the variable that changes it.
 * @param {PortUse[]} uses
 */
export async function requireFreePorts(uses) {
  const free = await Promise.all(uses.map((use) => isPortFree(use.port)));
  const taken = uses.filter((_, index) => !free[index]);
  if (taken.length === 0) return;
  const list = taken.map((use) => `${use.port} (${use.what}, change it with ${use.variable})`).join(', ');
  const subject = taken.length === 1 ? 'This port is' : 'These ports are';
  throw new PlainFailure(
    `${subject} taken by another program: ${list}; stop that program, or for a second copy of Holdfast run PORT=4000 DATA_DIR=.holdfast-2 npm start.`,
  );
}

/**
 * A port from the environment, or its default.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} variable
 * @param {number} fallback
 */
export function portFrom(env, variable, fallback) {
  const text = env[variable];
  if (text === undefined || text === '') return fallback;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new PlainFailure(`${variable} must be a port number between 1 and 65535, not "${text}".`);
}
