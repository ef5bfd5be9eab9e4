import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { BadConfiguration, VARIABLES, readConfig } from '../config.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const MINIMAL = { DATABASE_URL: 'postgres://localhost/x', ENCRYPTION_KEY: KEY };

/** Where `npm start` has its parts listen: read by the scripts, before there is a configuration. */
const PORT_VARIABLES = [
  ...readFileSync(new URL('../scripts/parts/settings.mjs', import.meta.url), 'utf8').matchAll(/variable: '([A-Z_]+)'/g),
].map(([, name = '']) => name);

describe('the configuration', () => {
  it('is documented, variable by variable', () => {
    const text = readFileSync(new URL('../docs/configuration.md', import.meta.url), 'utf8');
    expect(VARIABLES.length).toBeGreaterThan(40);
    expect([...VARIABLES, ...PORT_VARIABLES].filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });

  it('documents no variable that nobody reads', () => {
    const text = readFileSync(new URL('../docs/configuration.md', import.meta.url), 'utf8');
    const named = [...text.matchAll(/^\| (`[A-Z_`, ]+`) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name),
    );
    const read = new Set([...VARIABLES, ...PORT_VARIABLES]);
    expect(named.filter((name) => !read.has(name ?? ''))).toEqual([]);
  });

  it('counts an empty variable as unset', () => {
    expect(readConfig({ ...MINIMAL, PORT: '' }).port).toBe(3000);
  });

  it('limits what one person may give back by currency, and asks a second one where no limit is named', () => {
    const limits = (APPROVAL_LIMIT: string) => readConfig({ ...MINIMAL, APPROVAL_LIMIT }).approvalLimits;
    expect(limits('EUR:500, JPY:80000')).toEqual({
      of: new Map(Object.entries({ EUR: '500', JPY: '80000' })),
      others: null,
    });
    expect(limits('500')).toEqual({ of: new Map(), others: '500' });
    expect(limits('500,PKR:150000')).toEqual({ of: new Map([['PKR', '150000']]), others: '500' });
    expect(readConfig(MINIMAL).approvalLimits).toMatchObject({ others: null });
  });

  it('sends customers back to the first frontend, or where it is told to', () => {
    const shops = { ...MINIMAL, FRONTEND_URL: 'https://shop.example/,https://other.example' };
    expect(readConfig(shops).returnUrls).toEqual({
      success: 'https://shop.example/payment-success',
      cancel: 'https://shop.example/payment-cancel',
    });
    const told = { ...shops, FRONTEND_PAYMENT_SUCCESS_URL: 'https://shop.example/thanks?a=1' };
    expect(readConfig(told).returnUrls.success).toBe('https://shop.example/thanks?a=1');
  });

  it('reads the keys of webhooks from their files', () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'holdfast-config-'));
    try {
      const file = path.join(directory, 'one.pem');
      const options = { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' } } as const;
      const { publicKey: pem } = generateKeyPairSync('rsa', {
        ...options,
        privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      });
      writeFileSync(file, pem);
      const { chip } = readConfig({ ...MINIMAL, CHIP_WEBHOOK_KEYS: `wh-1=${file}, wh-2=${file}` });
      expect(chip.webhookKeys).toEqual([
        { webhookId: 'wh-1', pem },
        { webhookId: 'wh-2', pem },
      ]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('asks for a brand in CHIP’s form at CHIP itself alone', () => {
    const brandId = (CHIP_BRAND_ID: string, CHIP_API_BASE?: string) =>
      readConfig({ ...MINIMAL, CHIP_BRAND_ID, CHIP_API_BASE }).chip.brandId;
    const uuid = '409eb80e-3782-4b1d-afa8-b779759266a5';
    expect(brandId('brand_test', 'http://127.0.0.1:12112/api/v1')).toBe('brand_test');
    expect(brandId('brand_test', 'https://gate.not-chip-in.asia/api/v1')).toBe('brand_test');
    expect(brandId(uuid)).toBe(uuid);
    const refused = new BadConfiguration(
      'The environment cannot be used:\n  CHIP_BRAND_ID=brand_test: a brand of CHIP is a uuid',
    );
    for (const base of [undefined, 'https://gate.chip-in.asia/api/v1', 'https://chip-in.asia/'])
      expect(() => brandId('brand_test', base)).toThrow(refused);
  });

  it('tells CHIP where we can be reached', () => {
    const { chip } = readConfig({ ...MINIMAL, PUBLIC_URL: 'https://pay.example/' });
    expect(chip.callbackUrl).toBe('https://pay.example/webhooks/chip');
  });

  it('gives one window to all storefronts, or one to each', () => {
    expect(readConfig({ ...MINIMAL, PAYMENT_WINDOW: '45m' }).paymentWindowMs).toMatchObject({
      trektoo: 2_700_000,
      cart: 2_700_000,
    });
    const some = readConfig({ ...MINIMAL, PAYMENT_WINDOW: 'trektoo=90s' }).paymentWindowMs;
    expect(some).toMatchObject({ trektoo: 90_000, cart: 86_400_000 });
  });

  it('takes one encryption key or several, the first to wrap', () => {
    expect(readConfig(MINIMAL).masterKeys.map((key) => key.id)).toEqual(['m1']);
    expect(readConfig({ ...MINIMAL, ENCRYPTION_KEY: `new=${KEY},old=${KEY}` }).masterKeys.map((key) => key.id)).toEqual(
      ['new', 'old'],
    );
  });

  it.each([
    ['ENCRYPTION_KEY', 'c2hvcnQ='],
    ['ENCRYPTION_KEY', `${KEY},${KEY}`],
    ['ENCRYPTION_KEY', `new=${KEY},${KEY}`],
    ['ENCRYPTION_KEY', `m1=${KEY},m1=${KEY}`],
    ['PAYMENT_WINDOW', 'soon'],
    ['PAYMENT_WINDOW', 'nowhere=30m'],
    ['FX_RATES', 'PKR=0.0036'],
    ['APPROVAL_LIMIT', 'PKR=500'],
    ['APPROVAL_LIMIT', 'PKR:'],
    ['APPROVAL_LIMIT', 'JPY:100.5'],
    ['APPROVAL_LIMIT', 'USD:-1'],
    ['APPROVAL_LIMIT', 'USD:500,USD:600'],
    ['APPROVAL_LIMIT', '500,600'],
    ['APPROVAL_LIMIT', 'EUR:500,'],
    ['MARKUP', 'ten percent'],
    ['PORT', '99999'],
    ['KLOOK_ORDER', 'sometimes'],
    ['CAPTURE', 'later'],
    ['KAFKA_BROKERS', 'kafka-1:9092,kafka-2'],
    ['KAFKA_CLIENT_ID', 'two words'],
    ['CHIP_BRAND_ID', 'my brand'],
    ['CHIP_API_BASE', 'gate'],
    ['HOLDFAST_DIE', 'payOrder'],
    ['HOLDFAST_DIE', 'payOrder:sometimes'],
    ['HOLDFAST_DIE', 'payOrder:before:0'],
    ['CHIP_WEBHOOK_KEYS', 'wh_1'],
    ['CHIP_WEBHOOK_KEYS', 'wh_1=no/such/file.pem'],
    ['CHIP_WEBHOOK_KEYS', 'wh_1=package.json'],
  ])('refuses %s=%s and says which variable is wrong', (name, value) => {
    expect(() => readConfig({ ...MINIMAL, [name]: value })).toThrow(name);
  });

  it('says all that is wrong at once, each with what was found there', () => {
    const wrong = { ...MINIMAL, PORT: 'abc', MARKUP: 'ten percent', DATABASE_URL: '', ENCRYPTION_KEY: 'c2hvcnQ=' };
    expect(() => readConfig(wrong)).toThrow(
      new BadConfiguration(
        [
          'The environment cannot be used:',
          '  PORT=abc: must be a number',
          '  DATABASE_URL is missing',
          '  ENCRYPTION_KEY: must be 32 bytes in base64, or id=key pairs',
          '  MARKUP=ten percent: a markup reads percent:10 or fixed:5.00',
        ].join('\n'),
      ),
    );
  });

  it.each([
    ['in production', { NODE_ENV: 'production' }],
    ['with a live key', { STRIPE_SECRET_KEY: 'sk_live_x' }],
    ['where strangers can reach it', { HOST: '0.0.0.0' }],
    ['to the customers of a shop that is paid at CHIP', { PUBLIC_URL: 'https://shop.example.my' }],
  ])('hands out no dev tokens %s', (_where, env) => {
    expect(() => readConfig({ ...MINIMAL, DEV_ROUTES: 'true', ...env })).toThrow(BadConfiguration);
  });

  it('lets a worker die on purpose, but never where real money is', () => {
    const env = { ...MINIMAL, HOLDFAST_DIE: 'payOrder:inside:2,openPayment:before' };
    expect(readConfig(env).deaths).toEqual([
      { activity: 'payOrder', moment: 'inside', nth: 2 },
      { activity: 'openPayment', moment: 'before', nth: null },
    ]);
    expect(() => readConfig({ ...env, NODE_ENV: 'production' })).toThrow(/HOLDFAST_DIE/);
    expect(() => readConfig({ ...env, STRIPE_SECRET_KEY: 'sk_live_x' })).toThrow(/HOLDFAST_DIE/);
  });
});
