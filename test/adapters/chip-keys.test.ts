// Whose signature opens what, where a CHIP knows no webhooks or tells its key in another shape.
import { createSign, generateKeyPairSync, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectToChip } from '../../adapters/gateways/chip-http.ts';
import { createKeyRing } from '../../adapters/gateways/chip-keys.ts';
import type { KeyRing } from '../../adapters/gateways/chip-keys.ts';
import { refuses, says } from './chip-objects.ts';
import { startScriptedVendor } from './scripted-vendor.ts';
import type { Line, ScriptedVendor } from './scripted-vendor.ts';

const pair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
const company = pair();
const ofHook = pair();
const stranger = pair();
const COMPANY_KEY = says(company.publicKey);
const NONE = refuses('not_found', 'Not found.', 404);
const MINUTE_MS = 60_000;

let chip: ScriptedVendor;
let keys: KeyRing;
let nowMs = 0;

beforeAll(async () => {
  chip = await startScriptedVendor();
});
beforeEach(() => {
  nowMs = 1_795_000_500_000;
  const call = connectToChip({ apiKey: 'chip_unit', apiBase: `${chip.url}/api/v1`, timeoutMs: 5_000 });
  keys = createKeyRing({ call, told: [], nowMs: () => nowMs });
});
afterAll(() => chip.stop());

const BODY = Buffer.from('{}');
const check = (webhookId: string | null, by: { privateKey: string }) => {
  const signature = createSign('RSA-SHA256').update(BODY).sign(by.privateKey);
  return keys.check(webhookId, (key: KeyObject) => verify('RSA-SHA256', BODY, key, signature));
};
const asked = () => chip.heard.map(({ path }) => path.replace('/api/v1', ''));

describe('a webhook that CHIP does not know', () => {
  it.each<[string, Line]>([
    ['says so', NONE],
    ['says so in its own words', says({ error: 'no such thing' }, 404)],
    ['has no such page', { status: 404, text: 'Cannot GET' }],
  ])('is the company’s where CHIP %s and signs as such', async (_, none) => {
    chip.say(none, COMPANY_KEY);
    expect(await check('wh_1', company)).toBe('fits');
    expect(asked()).toEqual(['/webhooks/wh_1/', '/public_key/']);
  });

  it('is still the one that it was when somebody before CHIP has no such page', async () => {
    chip.say(says({ id: 'wh_1', public_key: ofHook.publicKey }));
    expect(await check('wh_1', ofHook)).toBe('fits');
    nowMs += 61 * MINUTE_MS;
    chip.say({ status: 404, text: 'Cannot GET' });
    expect(await check('wh_1', ofHook)).toBe('fits');
    nowMs += MINUTE_MS;
    chip.say(NONE, COMPANY_KEY);
    expect(await check('wh_1', ofHook)).toBe('no such webhook');
  });

  it('is nobody’s where the company did not sign', async () => {
    chip.say(NONE, COMPANY_KEY, NONE);
    expect(await check('wh_1', stranger)).toBe('no such webhook');
    expect(await check('wh_1', ofHook)).toBe('no such webhook');
  });

  it('is not asked for with each post, and again after an hour', async () => {
    chip.say(NONE, COMPANY_KEY, NONE, COMPANY_KEY);
    for (let posts = 0; posts < 60; posts += 1) {
      expect(await check('wh_1', company)).toBe('fits');
      nowMs += 500;
    }
    expect(asked()).toHaveLength(2);
    nowMs += 61 * MINUTE_MS;
    expect(await check('wh_1', company)).toBe('fits');
    expect(asked()).toHaveLength(4);
  });

  it('may have been made since: its own key opens what the company’s does not', async () => {
    chip.say(NONE, COMPANY_KEY, COMPANY_KEY, says({ id: 'wh_1', public_key: ofHook.publicKey }));
    await check('wh_1', company);
    nowMs += MINUTE_MS;
    expect(await check('wh_1', ofHook)).toBe('fits');
  });

  it('is made up a few times a minute at most: CHIP is asked no more, and the genuine go on', async () => {
    chip.say(NONE, COMPANY_KEY, ...Array.from({ length: 19 }, () => NONE), says({ results: [], next: null }));
    await check('wh_1', company);
    for (let posts = 0; posts < 60; posts += 1)
      expect(await check(`made-up-${posts}`, stranger)).toBe('no such webhook');
    expect(await check('wh_1', company)).toBe('fits');
    expect(asked()).toHaveLength(22);
  });

  it('is made up in vain, beyond a few an hour, with a post that was overheard', async () => {
    chip.say(NONE, COMPANY_KEY, ...Array.from({ length: 19 }, () => NONE), says({ results: [], next: null }));
    const verdicts: string[] = [];
    for (let posts = 0; posts < 100; posts += 1) verdicts.push(await check(`made-up-${posts}`, company));
    expect(verdicts.filter((verdict) => verdict === 'fits')).toHaveLength(20);
    expect(asked()).toHaveLength(22);
  });

  it('is neither genuine nor forged while the company’s key is not told', async () => {
    chip.say(NONE, { status: 503, text: '' });
    await expect(check('wh_1', company)).rejects.toMatchObject({ name: 'GatewayUnreachable' });
  });
});

describe('a webhook that CHIP knows', () => {
  it('is opened by its own key alone, whatever CHIP knew before', async () => {
    chip.say(says({ id: 'wh_1', public_key: ofHook.publicKey }));
    expect(await check('wh_1', company)).toBe('does not fit');
    expect(await check('wh_1', ofHook)).toBe('fits');
    expect(asked()).toEqual(['/webhooks/wh_1/']);
  });

  it.each<[string, Line]>([
    ['does not say', { status: 503, text: '' }],
    ['does not let us ask', refuses('permission_denied', 'No.', 403)],
  ])('is not the company’s because CHIP %s', async (_, line) => {
    chip.say(line, COMPANY_KEY);
    await expect(check('wh_1', company)).rejects.toMatchObject({ name: 'GatewayUnreachable' });
    expect(asked()).toEqual(['/webhooks/wh_1/']);
  });
});

describe('the company’s key', () => {
  const pem = company.publicKey;
  const bare = pem.replaceAll(/-----[^-]+-----|\n/g, '');
  it.each<[string, Line]>([
    ['in an object', says({ public_key: pem })],
    ['on one line', says(pem.replaceAll('\n', ''))],
    ['on one line with blanks', says(pem.replaceAll('\n', ' '))],
    ['with other line breaks', says(pem.replaceAll('\n', '\r\n'))],
    ['with other line breaks, escaped', says(pem.replaceAll('\n', String.raw`\r\n`))],
    ['without a frame', says(bare)],
    ['without a frame, in an object', says({ public_key: bare })],
    ['without a frame nor quotes', { text: bare }],
  ])('may come %s', async (_, line) => {
    chip.say(line);
    expect(await check(null, company)).toBe('fits');
    expect(await check(null, stranger)).toBe('does not fit');
  });

  it.each([['no key'], [{ key: pem }], [{ public_key: null }], [[pem]], [bare.slice(8)]])(
    'is not %j',
    async (answer) => {
      chip.say(says(answer));
      await expect(check(null, company)).rejects.toMatchObject({ name: 'GatewayUnreachable' });
    },
  );
});
