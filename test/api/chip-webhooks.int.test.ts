// What is posted to the shop in CHIP's name: believed by its signature alone, and with the key of that very channel.
import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { desc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openBody } from '../../db/inbox.ts';
import { bookings, inbox } from '../../db/schema.ts';
import { startChip } from '../../sim/chip/server.ts';
import type { ChipSim } from '../../sim/chip/server.ts';
import { paidBody } from '../adapters/chip-objects.ts';
import { describeWith } from '../setup/parts.ts';
import { fill, openCart, SEEDED } from './cart-lives.ts';
import { checkOut } from './checkout-lives.ts';
import { openShop } from './shop-bench.ts';
import type { Shop } from './shop-bench.ts';

const CALLBACK = '/webhooks/chip';
const stranger = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

interface Post {
  readonly body: string;
  readonly signature: string | undefined;
}

describeWith('postgres', 'what is posted in the name of CHIP', () => {
  let shop: Shop;
  let chip: ChipSim;
  let hook = '';
  beforeAll(async () => {
    chip = await startChip({ webhook: 'http://127.0.0.1:1/webhooks/chip/{id}' });
    hook = chip.state.standing.values()[0]?.webhook ?? '';
    shop = await openShop({ CHIP_API_BASE: `${chip.url}/api/v1`, RATE_LIMIT_BAD_SIGNATURES: '100000' });
  });
  beforeEach(async () => {
    await shop.db.delete(inbox);
  });
  afterAll(async () => {
    await shop.close();
    await chip.close();
  });

  const keyOf = (id: string): string => chip.state.keys.get(id)?.privateKey ?? '';
  const signed = (body: string, privateKey: string): Post => ({
    body,
    signature: createSign('RSA-SHA256').update(body).sign(privateKey, 'base64'),
  });
  const post = (path: string, { body, signature }: Post, at = shop) =>
    at.send('POST', path, {
      token: null,
      body,
      headers: { 'Content-Type': 'application/json', ...(signature !== undefined && { 'X-Signature': signature }) },
    });
  const rows = () => shop.db.select().from(inbox).orderBy(inbox.id);
  const told = (event_type: string, change: object = {}) => JSON.stringify({ ...paidBody(), event_type, ...change });

  describe.each([
    ['success callback', () => ({ path: CALLBACK, own: keyOf('company'), others: keyOf(hook) })],
    ['webhook', () => ({ path: `${CALLBACK}/${hook}`, own: keyOf(hook), others: keyOf('company') })],
  ])('by the %s', (_, channel) => {
    it.each<[string, (good: Post) => Post]>([
      ['without a signature', ({ body }) => ({ body, signature: undefined })],
      ['with an empty one', ({ body }) => ({ body, signature: '' })],
      ['with one that is no base64', ({ body }) => ({ body, signature: '~~~' })],
      ['with half of one', ({ body, signature = '' }) => ({ body, signature: signature.slice(0, 172) })],
      ['with one byte less of one', ({ body, signature = '' }) => ({ body, signature: cutShort(signature) })],
      ['with one byte changed', ({ body, signature }) => ({ body: body.replace('paid', 'paip'), signature })],
      ['with one byte more', ({ body, signature }) => ({ body: `${body} `, signature })],
      ['cut off', ({ body, signature }) => ({ body: body.slice(0, -1), signature })],
      ['signed with the key of the other channel', ({ body }) => signed(body, channel().others)],
      ['signed by a stranger', ({ body }) => signed(body, stranger.privateKey)],
      ['signed, but no JSON', () => signed('paid=1', channel().own)],
      ['signed, but nothing', () => signed('', channel().own)],
    ])('is refused and has no effect %s', async (_how, spoil) => {
      const { path, own } = channel();
      const answer = await post(path, spoil(signed(told('purchase.paid'), own)));
      expect(answer.status).toBe(401);
      expect(answer.body).toEqual({
        success: false,
        error: { code: 'invalid_signature', message: expect.any(String) },
      });
      expect(await rows()).toMatchObject([{ verdict: 'rejected', state: 'failed', paymentRef: null, bookingId: null }]);
    });

    it('is kept once, with all that was sent, however often it is sent', async () => {
      const { path, own } = channel();
      const news = signed(told('purchase.paid'), own);
      const answers = await Promise.all(Array.from({ length: 5 }, () => post(path, news)));
      expect(answers.map(({ status, body }) => [status, body])).toEqual(answers.map(() => [200, { received: true }]));
      const [row, ...more] = await rows();
      expect(more).toEqual([]);
      expect(row).toMatchObject({ gateway: 'chip', verdict: 'verified', state: 'pending', type: 'purchase.paid' });
      expect(row?.channel).toBe(path === CALLBACK ? 'success_callback' : `webhook/${hook}`);
      expect(row?.sealed && (await openBody(shop.deps.keyring, row.sealed)).toString()).toBe(news.body);
      expect(row?.headers).toMatchObject({ 'x-signature': news.signature });
    });
  });

  it('finds the booking it is about', async () => {
    const cart = await fill(shop, await openCart(shop), SEEDED);
    const { body } = await checkOut(shop, cart);
    const [booking] = await shop.db.select().from(bookings).orderBy(desc(bookings.createdAt)).limit(1);
    const metadata = { booking_id: booking?.id };
    const text = told('purchase.paid', { id: body['purchase_id'], purchase: { ...paidBody().purchase, metadata } });
    expect((await post(CALLBACK, signed(text, keyOf('company')))).status).toBe(200);
    expect(await rows()).toMatchObject([{ paymentRef: body['purchase_id'], bookingId: booking?.id }]);
  });

  it('counts by each channel for itself, so that one may make up for the other', async () => {
    const text = told('purchase.paid');
    await post(CALLBACK, signed(text, keyOf('company')));
    await post(`${CALLBACK}/${hook}`, signed(text, keyOf(hook)));
    expect((await rows()).map(({ channel }) => channel)).toEqual(['success_callback', `webhook/${hook}`]);
  });

  it.each(['purchase.created', 'purchase.viewed', 'purchase.settled', 'payout.success', 'of.tomorrow'])(
    'of a type that changes nothing is kept and ignored: %s',
    async (type) => {
      expect((await post(CALLBACK, signed(told(type), keyOf('company')))).status).toBe(200);
      expect(await rows()).toMatchObject([{ type, verdict: 'verified', state: 'ignored', effect: null }]);
    },
  );

  it('about a purchase that nobody knows waits for the booking it may be of', async () => {
    const [id, reference] = [randomUUID(), randomUUID()];
    const text = told('purchase.paid', { id, reference, purchase: {} });
    expect((await post(CALLBACK, signed(text, keyOf('company')))).status).toBe(200);
    // By its reference the sweep finds the booking of that cart, should there ever be one.
    expect(await rows()).toMatchObject([{ state: 'pending', paymentRef: id, bookingId: reference, paymentId: null }]);
  });

  it.each([randomUUID(), '..%2Fpublic_key', 'a b', 'x'.repeat(64)])(
    'is refused by a webhook there is none of: %s',
    async (id) => {
      const answer = await post(`${CALLBACK}/${id}`, signed(told('purchase.paid'), keyOf(hook)));
      expect([answer.status, answer.body['error']]).toMatchObject([401, { code: 'invalid_signature' }]);
    },
  );

  it('is taken by a webhook there is none of where the company signed it, and nowhere else', async () => {
    const news = signed(told('purchase.paid'), keyOf('company'));
    expect((await post(`${CALLBACK}/wh_1`, news)).status).toBe(200);
    expect((await post(`${CALLBACK}/..%2Fpublic_key`, news)).status).toBe(401);
    expect((await post(`${CALLBACK}/${hook}`, news)).status).toBe(401);
  });

  it('is asked for again while CHIP does not tell the key, and is not called forged', async () => {
    const alone = await openShop({ CHIP_API_BASE: 'http://127.0.0.1:1/api/v1' });
    const answer = await post(CALLBACK, signed(told('purchase.paid'), keyOf('company')), alone);
    expect([answer.status, answer.body['error']]).toMatchObject([503, { code: 'unavailable' }]);
    expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(await alone.db.select().from(inbox).where(eq(inbox.gateway, 'chip'))).toEqual([]);
    await alone.close();
  });
});

const cutShort = (signature: string): string => Buffer.from(signature, 'base64').subarray(0, 255).toString('base64');
