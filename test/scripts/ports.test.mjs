// @ts-check
import net from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';

import { choosePorts } from '../../scripts/parts/choose-ports.mjs';
import { freePorts } from '../../scripts/parts/free-ports.mjs';
import { isPortFree, portFrom, requireFreePorts } from '../../scripts/parts/ports.mjs';

/** @type {net.Server[]} */
const listening = [];

afterEach(async () => {
  await Promise.all(listening.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

/** @param {number} port */
function listen(port) {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port }, () => {
      listening.push(server);
      resolve(undefined);
    });
  });
}

/**
 * A whole set of ports of ours that nobody uses, as somebody would set them.
 * @returns {Promise<Record<string, string>>}
 */
async function freeEnvironment() {
  const variables = [
    'PORT',
    'POSTGRES_PORT',
    'TEMPORAL_PORT',
    'TEMPORAL_UI_PORT',
    'STRIPE_SIM_PORT',
    'CHIP_SIM_PORT',
    'KLOOK_SIM_PORT',
    'MAIL_SMTP_PORT',
    'MAIL_PAGE_PORT',
  ];
  const ports = await freePorts(variables.length);
  return Object.fromEntries(variables.map((variable, index) => [variable, String(ports[index])]));
}

describe('a port', () => {
  it('is free until somebody listens on it', async () => {
    const [port = 0] = await freePorts(1);
    expect(await isPortFree(port)).toBe(true);
    await listen(port);
    expect(await isPortFree(port)).toBe(false);
  });

  it('that is taken is named with the variable that moves it', async () => {
    const [free = 0, taken = 0] = await freePorts(2);
    await listen(taken);
    const uses = [
      { what: 'PostgreSQL', port: taken, variable: 'POSTGRES_PORT' },
      { what: 'Temporal', port: free, variable: 'TEMPORAL_PORT' },
    ];
    await expect(requireFreePorts(uses)).rejects.toThrow(`${taken} (PostgreSQL, change it with POSTGRES_PORT)`);
    await expect(requireFreePorts(uses)).rejects.not.toThrow('TEMPORAL_PORT');
  });

  it.each(['0', '65536', '3000.5', 'http', '-1'])('can not be %s', (text) => {
    expect(() => portFrom({ PORT: text }, 'PORT', 3000)).toThrow('PORT must be a port number');
  });

  it('has its default when the variable is empty', () => {
    expect(portFrom({ PORT: '' }, 'PORT', 3000)).toBe(3000);
  });
});

describe('the ports of a start', () => {
  it('are those of the environment', async () => {
    const env = await freeEnvironment();
    expect(await choosePorts(env)).toMatchObject({ api: Number(env['PORT']), mailPage: Number(env['MAIL_PAGE_PORT']) });
  });

  it('are not moved when a chosen one is taken', async () => {
    /** @type {Record<string, string>} */
    const env = { ...(await freeEnvironment()), DATA_DIR: '.holdfast-2' };
    await listen(Number(env['POSTGRES_PORT']));
    await expect(choosePorts(env)).rejects.toThrow('POSTGRES_PORT');
  });

  it('are found for a second copy, which sets only PORT and DATA_DIR', async () => {
    await listen(12_126).catch(() => undefined);
    const [port = 0] = await freePorts(1);
    const ports = await choosePorts({ PORT: String(port), DATA_DIR: '.holdfast-2' });
    expect(ports.api).toBe(port);
    expect(ports.mailPage).not.toBe(12_126);
    expect(new Set(Object.values(ports)).size).toBe(9);
  });

  it('are not given twice: the two that want the same are named', async () => {
    /** @type {Record<string, string>} */
    const env = await freeEnvironment();
    await expect(choosePorts({ ...env, STRIPE_SIM_PORT: env['PORT'] })).rejects.toThrow(
      /^Port \d+ is wanted by the API and its pages and by the Stripe stand-in: give PORT or STRIPE_SIM_PORT another/,
    );
  });

  it('leave out what runs elsewhere', async () => {
    /** @type {Record<string, string>} */
    const env = { ...(await freeEnvironment()), DATABASE_URL: 'postgres://elsewhere/db' };
    await listen(Number(env['POSTGRES_PORT']));
    await expect(choosePorts(env)).resolves.toBeDefined();
  });
});
