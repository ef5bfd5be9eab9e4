// @ts-check
import { randomInt } from 'node:crypto';

import { isPortFree } from './ports.mjs';

/** Below all that systems give to whoever asks for any port: from there one would be given to somebody else before it is used. */
const FIRST = 20_000;
const END = 32_000;

/** @type {Set<number>} */
const given = new Set();

/**
 * Ports nobody listens on, none of them given twice by this process.
 * @param {number} count
 * @returns {Promise<number[]>}
 */
export async function freePorts(count) {
  /** @type {number[]} */
  const ports = [];
  while (ports.length < count) {
    const port = randomInt(FIRST, END);
    if (given.has(port)) continue;
    given.add(port);
    if (await isPortFree(port)) ports.push(port);
  }
  return ports;
}
