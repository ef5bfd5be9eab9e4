import { createSign, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createChipGateway } from '../../adapters/gateways/chip.ts';
import type { Gateway } from '../../domain/payment.ts';
import { attempt, paidBody, paymentBody, purchaseBody, refuses, says } from './chip-objects.ts';
import { startScriptedVendor } from './scripted-vendor.ts';
import type { ScriptedVendor } from './scripted-vendor.ts';

const pair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
const company = pair();
const next = pair();
const ofHook = pair();
const HOOK = '7c1a9f0e-5a5b-4b52-9c0e-0d4f5a6b7c8d';
const COMPANY_KEY = says(company.publicKey);
const HOOK_KEY = says({ id: HOOK, type: 'webhook', public_key: ofHook.publicKey });
const MINUTE_MS = 60_000;

let chip: ScriptedVendor;
let gateway: Gateway;
let nowMs = 0;

const configOf = (webhookKeys: { webhookId: string; pem: string }[] = []) => ({
  apiKey: 'chip_unit',
  brandId: '409eb80e-3782-4b1d-afa8-b779759266a5',
  apiBase: `${chip.url}/api/v1`,
  callbackUrl: 'https://pay.example/webhooks/chip',
  webhookKeys,
  timeoutMs: 5_000,
});

beforeAll(async () => {
  chip = await startScriptedVendor();
});
// Keys are remembered, so that each test needs a gateway that has none.
beforeEach(() => {
  nowMs = 1_795_000_500_000;
  gateway = createChipGateway(configOf(), () => nowMs);
});
afterAll(() => chip.stop());

const sign = (body: string, by: { privateKey: string }): string =>
  createSign('RSA-SHA256').update(body).sign(by.privateKey, 'base64');

function read(body: unknown, by: { privateKey: string }, webhookId?: string) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const signature = sign(text, by);
  return gateway.readWebhook(Buffer.from(text), (name) => (name === 'x-signature' ? signature : undefined), webhookId);
}

const event = (event_type: string, body: object = paidBody()) => ({ ...body, event_type });
const forged = { kind: 'forged', reason: expect.stringMatching(/\w/) };
const asked = () => chip.heard.map(({ path }) => path.replace('/api/v1', ''));

describe('what CHIP posts', () => {
  beforeEach(() => chip.say(COMPANY_KEY));

  it('leads to the purchase and to what is ours', async () => {
    expect(await read(event('purchase.paid'), company)).toEqual({
      kind: 'event',
      eventId: expect.stringMatching(/^sha256:[\da-f]{64}$/),
      type: 'purchase.paid',
      objectRef: 'pur_1',
      effect: 'succeeded',
      paymentRef: 'pur_1',
      bookingId: 'bk_1',
      paymentId: 'pay_1_1',
    });
  });

  it('may be wrapped, and means the same', async () => {
    const flat = await read(event('purchase.paid'), company);
    expect(await read({ event_type: 'purchase.paid', object: paidBody() }, company)).toEqual(flat);
  });

  it.each([
    ['payment.refunded', 'refunded'],
    ['payment.charged_back', 'dispute/taken'],
    ['payment.chargeback_reversed', 'dispute/returned'],
  ])('as %s speaks of money of its own, and names the purchase it belongs to', async (type, effect) => {
    expect(await read(event(type, paymentBody()), company)).toMatchObject({
      kind: 'event',
      objectRef: 'ref_1',
      effect,
      paymentRef: 'pur_1',
      bookingId: 'cart_1',
      paymentId: null,
    });
  });

  it.each([
    'purchase.captured',
    'purchase.payment_failure',
    'purchase.pending_execute',
    'purchase.pending_charge',
    'purchase.hold',
    'purchase.released',
    'purchase.capture_failure',
    'purchase.cancelled',
    'purchase.refund_failure',
  ])('as %s is news of a purchase', async (type) => {
    expect(await read(event(type), company)).toMatchObject({ kind: 'event', type, paymentRef: 'pur_1' });
  });

  it.each(['purchase.created', 'purchase.viewed', 'purchase.settled', 'payout.success', 'some.event.of.2027'])(
    'as %s changes nothing',
    async (type) => {
      expect(await read(event(type), company)).toMatchObject({ kind: 'ignored', type, objectRef: 'pur_1' });
    },
  );

  it('of the wrong kind of object changes nothing', async () => {
    expect(await read(event('purchase.paid', paymentBody()), company)).toMatchObject({ kind: 'ignored' });
    expect(await read(event('payment.refunded', paymentBody({ related_to: null })), company)).toMatchObject({
      kind: 'ignored',
    });
  });

  it('names itself by object, type and time, the same at every delivery', async () => {
    const id = async (type: string, fields: Record<string, unknown> = {}) => {
      const reading = await read(event(type, paidBody(fields)), company);
      return reading.kind === 'forged' ? reading.reason : reading.eventId;
    };
    const first = await id('purchase.paid');
    expect(await id('purchase.paid')).toBe(first);
    const others = [
      await id('purchase.payment_failure'),
      await id('purchase.paid', { id: 'pur_2' }),
      await id('purchase.paid', { updated_on: 1 }),
    ];
    expect(new Set([first, ...others]).size).toBe(4);
  });

  it('of two refusals within one second tells two effects', async () => {
    const failure = (...attempts: object[]) => {
      const transaction_data = { payment_method: '', extra: {}, attempts };
      return read(event('purchase.payment_failure', purchaseBody({ status: 'error', transaction_data })), company);
    };
    const [one, two] = [await failure(attempt()), await failure(attempt(), attempt())];
    expect(one).toMatchObject({ kind: 'event', effect: expect.stringMatching(/^declined\//) });
    expect(two).not.toMatchObject({ effect: one.kind === 'event' ? one.effect : '' });
    expect(two).not.toMatchObject({ eventId: one.kind === 'event' ? one.eventId : '' });
  });

  it('with other metadata than ours leads by its reference', async () => {
    const purchase = { currency: 'MYR', total: 1, metadata: null };
    const reading = await read(event('purchase.paid', paidBody({ purchase })), company);
    expect(reading).toMatchObject({ bookingId: 'cart_1', paymentId: null });
  });
});

describe('a post that is not CHIP’s', () => {
  it('is told by a signature that is missing, truncated or another’s', async () => {
    chip.say(COMPANY_KEY);
    const body = JSON.stringify(event('purchase.paid'));
    const signature = sign(body, company);
    for (const header of [undefined, '', 'AAAA', signature.slice(0, -8), sign(body, next), sign(`${body} `, company)])
      expect(await gateway.readWebhook(Buffer.from(body), () => header)).toEqual(forged);
  });

  it('is told although the key is known: a webhook’s key does not open what comes as a success callback, nor the other way', async () => {
    chip.say(COMPANY_KEY, HOOK_KEY);
    expect(await read(event('purchase.paid'), ofHook)).toEqual(forged);
    expect(await read(event('purchase.paid'), company, HOOK)).toEqual(forged);
    expect(await read(event('purchase.paid'), ofHook, HOOK)).toMatchObject({ kind: 'event' });
    expect(asked()).toEqual(['/public_key/', `/webhooks/${HOOK}/`]);
  });

  it('is what is signed well and is no JSON', async () => {
    chip.say(COMPANY_KEY);
    expect(await read('{"id":', company)).toEqual(forged);
  });

  it.each(['../purchases', 'a/b', '', 'x'.repeat(65)])('came by no webhook there could be: %j', async (webhookId) => {
    chip.say();
    expect(await read(event('purchase.paid'), ofHook, webhookId)).toEqual(forged);
    expect(chip.heard).toEqual([]);
  });

  it('came by a webhook that CHIP does not know', async () => {
    chip.say(...unknownThere(1));
    expect(await read(event('purchase.paid'), ofHook, HOOK)).toEqual(forged);
  });
});

/** The first is held against the company's key, which is then known. */
const unknownThere = (times: number) =>
  Array.from({ length: times }, () => refuses('not_found', 'Not found.', 404)).toSpliced(1, 0, COMPANY_KEY);

describe('the keys', () => {
  it.each([
    ['with its line breaks escaped', says(company.publicKey.replaceAll('\n', String.raw`\n`))],
    ['without quotes around it', { text: company.publicKey }],
  ])('may come %s', async (_, line) => {
    chip.say(line);
    expect(await read(event('purchase.paid'), company)).toMatchObject({ kind: 'event' });
  });

  it('are asked for once for many posts, and again after an hour', async () => {
    chip.say(COMPANY_KEY, COMPANY_KEY);
    await Promise.all(Array.from({ length: 5 }, () => read(event('purchase.paid'), company)));
    nowMs += 59 * MINUTE_MS;
    await read(event('purchase.paid'), company);
    expect(asked()).toEqual(['/public_key/']);
    nowMs += 2 * MINUTE_MS;
    expect(await read(event('purchase.paid'), company)).toMatchObject({ kind: 'event' });
    expect(asked()).toHaveLength(2);
  });

  it('may change: the next is learned from the first post that does not fit, and the last still opens what is on its way', async () => {
    chip.say(COMPANY_KEY, says(next.publicKey), says(next.publicKey));
    await read(event('purchase.paid'), company);
    nowMs += MINUTE_MS;
    expect(await read(event('purchase.paid'), next)).toMatchObject({ kind: 'event' });
    expect(await read(event('purchase.paid'), company)).toMatchObject({ kind: 'event' });
    nowMs += 11 * MINUTE_MS;
    expect(await read(event('purchase.paid'), company)).toEqual(forged);
    expect(await read(event('purchase.paid'), next)).toMatchObject({ kind: 'event' });
  });

  it('are not asked for as often as strangers post', async () => {
    chip.say(...Array.from({ length: 9 }, () => COMPANY_KEY));
    for (let posts = 0; posts < 60; posts += 1) {
      expect(await read(event('purchase.paid'), next)).toEqual(forged);
      nowMs += 500;
    }
    expect(asked()).toHaveLength(3);
  });

  it('of webhooks that strangers make up are asked for a few times a minute, and keep no others out', async () => {
    chip.say(HOOK_KEY, ...unknownThere(19), says({ results: [], next: null, previous: null }));
    await read(event('purchase.paid'), ofHook, HOOK);
    for (let posts = 0; posts < 60; posts += 1) expect(await read('{}', next, `made-up-${posts}`)).toEqual(forged);
    expect(asked().length).toBeLessThan(30);
    expect(await read(event('purchase.paid'), ofHook, HOOK)).toMatchObject({ kind: 'event' });
  });

  it('of a webhook that was never heard of before are learned however many strangers make one up', async () => {
    const list = says({ results: [{ id: HOOK, public_key: ofHook.publicKey }], next: null, previous: null });
    chip.say(...unknownThere(20), list);
    for (let posts = 0; posts < 60; posts += 1) expect(await read('{}', next, `made-up-${posts}`)).toEqual(forged);
    expect(await read(event('purchase.paid'), ofHook, HOOK)).toMatchObject({ kind: 'event' });
    expect(asked().filter((path) => path === '/webhooks/')).toHaveLength(1);
  });

  it('are read in all pages of the list, and our own key is shown to nobody whom a page names', async () => {
    const page = (id: string, goesOn: string | null) =>
      says({ results: [{ id, public_key: ofHook.publicKey }], next: goesOn });
    const first = page('another', 'https://elsewhere.example/webhooks/?page=2');
    chip.say(...unknownThere(20), first, page(HOOK, null));
    for (let posts = 0; posts < 20; posts += 1) await read('{}', next, `made-up-${posts}`);
    expect(await read(event('purchase.paid'), ofHook, HOOK)).toMatchObject({ kind: 'event' });
    expect(asked().slice(21)).toEqual(['/webhooks/', '/webhooks/?page=2']);
  });

  it('of a list that does not end, or says not where it goes on, leave it open whether a stranger is one', async () => {
    const page = (goesOn: string) => says({ results: [], next: goesOn });
    for (const list of [Array.from({ length: 100 }, () => page('/webhooks/?page=2')), [page('more')]]) {
      gateway = createChipGateway(configOf(), () => nowMs);
      chip.say(...unknownThere(20), ...list);
      for (let posts = 0; posts < 20; posts += 1) await read('{}', next, `made-up-${posts}`);
      await expect(read(event('purchase.paid'), ofHook, HOOK)).rejects.toMatchObject({ name: 'GatewayUnreachable' });
      expect(chip.heard).toHaveLength(21 + list.length);
    }
  });

  it('that the list does not tell leave it open whether a stranger is one', async () => {
    chip.say(...unknownThere(20), { status: 503, text: '' });
    for (let posts = 0; posts < 20; posts += 1) await read('{}', next, `made-up-${posts}`);
    await expect(read(event('purchase.paid'), ofHook, HOOK)).rejects.toMatchObject({ name: 'GatewayUnreachable' });
  });

  it('that CHIP does not tell leave it open whether a post is genuine', async () => {
    for (const line of [
      { cut: 'before' } as const,
      { status: 503, text: '' },
      says('no key'),
      refuses('x', 'y', 401),
    ]) {
      gateway = createChipGateway(configOf(), () => nowMs);
      chip.say(line);
      await expect(read(event('purchase.paid'), company)).rejects.toMatchObject({ name: 'GatewayUnreachable' });
      // Nor is it asked at once again.
      await expect(read(event('purchase.paid'), company)).rejects.toMatchObject({ name: 'GatewayUnreachable' });
      expect(chip.heard).toHaveLength(1);
    }
  });

  it('that are known go on opening while CHIP is away, and what they do not open is neither genuine nor forged', async () => {
    chip.say(COMPANY_KEY, { cut: 'before' }, { cut: 'before' });
    await read(event('purchase.paid'), company);
    nowMs += 61 * MINUTE_MS;
    expect(await read(event('purchase.paid'), company)).toMatchObject({ kind: 'event' });
    nowMs += MINUTE_MS;
    await expect(read(event('purchase.paid'), next)).rejects.toMatchObject({ name: 'GatewayUnreachable' });
  });

  it('that we were told are not asked for', async () => {
    chip.say();
    gateway = createChipGateway(configOf([{ webhookId: HOOK, pem: ofHook.publicKey }]));
    expect(await read(event('purchase.paid'), ofHook, HOOK)).toMatchObject({ kind: 'event' });
    expect(await read(event('purchase.paid'), next, HOOK)).toEqual(forged);
    expect(chip.heard).toEqual([]);
  });
});
