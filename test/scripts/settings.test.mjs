// @ts-check
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { childEnvironment, keptSecrets, partsToStart, withEnvFile } from '../../scripts/parts/settings.mjs';

const ports = { api: 1, postgres: 2, temporal: 3, temporalUi: 4, stripe: 5, klook: 6, smtp: 7, mailPage: 8, chip: 9 };
const secrets = {
  JWT_SECRET: 'made jwt secret',
  ENCRYPTION_KEY: 'made key',
  STRIPE_WEBHOOK_SECRET: 'whsec_made',
  DATABASE_PASSWORD: 'a/b',
};

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'holdfast-settings-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** @param {NodeJS.ProcessEnv} env */
const told = (env) => childEnvironment({ env, ports, secrets });

describe('the .env file', () => {
  it('fills what the environment leaves open and overrides nothing', async () => {
    const file = path.join(dir, '.env');
    await writeFile(file, '# ours\nPORT=4000\nMARKUP="percent:12"\n');
    expect(await withEnvFile({ PORT: '5000' }, file)).toEqual({ PORT: '5000', MARKUP: 'percent:12' });
  });

  it('may be missing', async () => {
    expect(await withEnvFile({ PORT: '5000' }, path.join(dir, 'none'))).toEqual({ PORT: '5000' });
  });
});

describe('without anything set', () => {
  it('every part starts here', () => {
    expect(partsToStart({})).toEqual({ postgres: true, temporal: true, standIns: ['stripe', 'chip', 'klook', 'mail'] });
  });

  it('the children are sent to the parts started here', () => {
    expect(told({})).toMatchObject({
      DATABASE_URL: 'postgres://holdfast:a%2Fb@127.0.0.1:2/holdfast',
      TEMPORAL_ADDRESS: '127.0.0.1:3',
      PUBLIC_URL: 'http://127.0.0.1:1',
      STRIPE_API_BASE: 'http://127.0.0.1:5',
      FX_RATES: 'PKR/USD=0.0036',
      STRIPE_WEBHOOK_URL: 'http://127.0.0.1:1/api/webhooks/stripe',
      CHIP_API_BASE: 'http://127.0.0.1:9/api/v1',
      CHIP_WEBHOOK_URL: 'http://127.0.0.1:1/webhooks/chip/{id}',
      KLOOK_API_BASE: 'http://127.0.0.1:6',
      SMTP_URL: 'smtp://127.0.0.1:7',
      DEV_ROUTES: 'true',
      JWT_SECRET: 'made jwt secret',
    });
  });
});

describe('what is set', () => {
  it('keeps the embedded part from starting', () => {
    expect(partsToStart({ DATABASE_URL: 'x', TEMPORAL_ADDRESS: 'y', SMTP_URL: 'z' })).toEqual({
      postgres: false,
      temporal: false,
      standIns: ['stripe', 'chip', 'klook'],
    });
  });

  it('wins over what would be made up', () => {
    const env = { DATABASE_URL: 'postgres://elsewhere/db', JWT_SECRET: 'mine', DEV_ROUTES: 'false' };
    expect(told(env)).toMatchObject(env);
  });

  it('a vendor’s key means the vendor: no stand-in, no address of ours', () => {
    const env = { STRIPE_SECRET_KEY: 'sk_test_real' };
    expect(partsToStart(env).standIns).toEqual(['chip', 'klook', 'mail']);
    expect(told(env)['STRIPE_API_BASE']).toBeUndefined();
    expect(told(env)['STRIPE_WEBHOOK_URL']).toBeUndefined();
    expect(told(env)['STRIPE_SECRET_KEY']).toBe('sk_test_real');
  });

  it.each([
    ['no key', {}, true],
    ['a test key', { STRIPE_SECRET_KEY: 'sk_test_real' }, true],
    ['an address and a test key', { STRIPE_API_BASE: 'http://127.0.0.1:9', STRIPE_SECRET_KEY: 'sk_test_x' }, true],
    ['a live key', { STRIPE_SECRET_KEY: 'sk_live_real' }, false],
  ])('whoever takes real money names the rate, for play money there is one: %s', (_, env, isPlay) => {
    expect(told(env)['FX_RATES']).toBe(isPlay ? 'PKR/USD=0.0036' : undefined);
    expect(told({ ...env, FX_RATES: 'PKR/USD=0.004' })['FX_RATES']).toBe('PKR/USD=0.004');
  });

  it('a key of CHIP’s means its own brand, address and webhooks too', () => {
    const env = { CHIP_API_KEY: 'real' };
    expect(partsToStart(env).standIns).toEqual(['stripe', 'klook', 'mail']);
    for (const name of ['CHIP_API_BASE', 'CHIP_BRAND_ID', 'CHIP_WEBHOOK_URL']) expect(told(env)[name]).toBeUndefined();
  });

  it('a foreign address without a key gets the stand-in’s key', () => {
    const env = { KLOOK_API_BASE: 'http://127.0.0.1:9' };
    expect(partsToStart(env).standIns).toEqual(['stripe', 'chip', 'mail']);
    expect(told(env)).toMatchObject({ KLOOK_API_BASE: 'http://127.0.0.1:9', KLOOK_API_KEY: 'klook_test_holdfast' });
  });

  it('an empty variable counts as unset', () => {
    expect(partsToStart({ DATABASE_URL: '' }).postgres).toBe(true);
    expect(told({ JWT_SECRET: '' })['JWT_SECRET']).toBe('made jwt secret');
  });

  it('a shop that is paid at CHIP closes them too, unless it is tried on this machine', () => {
    const shop = { CHIP_API_KEY: 'key', PUBLIC_URL: 'https://shop.example.my' };
    expect(told(shop)['DEV_ROUTES']).toBe('false');
    expect(told({ ...shop, PUBLIC_URL: 'http://localhost:3000' })['DEV_ROUTES']).toBe('true');
    expect(told({ ...shop, CHIP_API_BASE: 'http://127.0.0.1:12113/api/v1' })['DEV_ROUTES']).toBe('true');
  });

  it.each([{ STRIPE_SECRET_KEY: 'sk_live_1' }, { NODE_ENV: 'production' }, { HOST: '0.0.0.0' }])(
    '%o closes the routes for development',
    (env) => {
      expect(told(env)['DEV_ROUTES']).toBe('false');
    },
  );

  it('keys from elsewhere (JWKS_URL) leave no second way in', () => {
    expect(told({ JWKS_URL: 'https://id.example.org/keys' })['JWT_SECRET']).toBeUndefined();
  });
});

describe('secrets', () => {
  it('are made once, kept, and nobody else’s to read', async () => {
    const first = await keptSecrets(path.join(dir, 'data'));
    expect(await keptSecrets(path.join(dir, 'data'))).toEqual(first);
    expect(Buffer.from(first.ENCRYPTION_KEY, 'base64')).toHaveLength(32);
    const { mode } = await stat(path.join(dir, 'data', 'secrets.json'));
    expect(mode & 0o777).toBe(0o600);
  });

  it('differ between two data folders', async () => {
    const [one, two] = await Promise.all([keptSecrets(path.join(dir, 'one')), keptSecrets(path.join(dir, 'two'))]);
    expect(new Set([...Object.values(one), ...Object.values(two)]).size).toBe(8);
  });
});
