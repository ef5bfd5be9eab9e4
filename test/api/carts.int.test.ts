import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cartIn, fill, NOBODY, openCart, SEEDED } from './cart-lives.ts';
import type { MadeCart } from './cart-lives.ts';
import { describeWith } from '../setup/parts.ts';
import { openShop } from './shop-bench.ts';
import type { Call, Shop } from './shop-bench.ts';

describeWith('postgres', 'a cart', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());

  const read = async (cart: MadeCart, call: Call = NOBODY) => shop.send('GET', `/carts/${cart.id}`, call);
  const at = ({ version }: MadeCart) => ({ 'If-Match': `"${version}"` });
  const put = (cart: MadeCart, product_id: string, call: Call = {}) =>
    shop.send('POST', `/carts/${cart.id}/items`, {
      ...NOBODY,
      ...call,
      headers: { ...at(cart), ...call.headers },
      body: { product_id, quantity: 1 },
    });

  describe('edited in two tabs', () => {
    it('goes to one of them; the other gets the cart as it is now, and with it nothing is lost', async () => {
      const seen = await fill(shop, await openCart(shop), SEEDED);
      const tabs = await Promise.all([
        put(seen, 'enamel-mug', { process: 0 }),
        put(seen, 'songket-scarf', { process: 1 }),
      ]);
      const [won, lost] = tabs.toSorted((a, b) => a.status - b.status);
      expect([won?.status, lost?.status]).toEqual([201, 409]);
      if (!won || !lost) throw new Error('there were two');
      expect(lost.body).toEqual({
        success: false,
        error: { code: 'cart_version_conflict', message: expect.any(String) },
        cart: won.body,
      });
      expect(lost.headers.get('ETag')).toBe(won.headers.get('ETag'));
      const other = JSON.stringify(won.body).includes('enamel-mug') ? 'songket-scarf' : 'enamel-mug';
      const again = await put(cartIn({ ...lost, body: Object(lost.body['cart']) }), other);
      expect(again.status).toBe(201);
      expect(cartIn(again).items).toHaveLength(4);
    });

    it('of fifty changes at once takes one, whatever they are', async () => {
      const seen = await fill(shop, await openCart(shop), SEEDED);
      const [first] = seen.items;
      const item = `/carts/${seen.id}/items/${first?.id}`;
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, nth) => {
          const call = { ...NOBODY, headers: at(seen), process: nth };
          if (nth % 4 === 0) return shop.send('DELETE', item, call);
          if (nth % 4 === 1) return shop.send('PATCH', item, { ...call, body: { quantity: nth } });
          if (nth % 4 === 2)
            return shop.send('POST', `/carts/${seen.id}/conditions`, { ...call, body: { code: 'RM15OFF' } });
          return put(seen, 'enamel-mug', call);
        }),
      );
      const won = answers.filter(({ status }) => status < 300);
      expect(won).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 409)).toHaveLength(49);
      expect((await read(seen)).body).toEqual(won[0]?.body);
      expect(won[0]?.body).toMatchObject({ version: seen.version + 1 });
    });

    it('keeps every change of tabs that read again and try until they are through', async () => {
      const { id } = await openCart(shop);
      const insist = async (process: number): Promise<void> => {
        for (;;) {
          const now = cartIn(await shop.send('GET', `/carts/${id}`, { ...NOBODY, process }));
          if ((await put(now, 'enamel-mug', { process })).status === 201) return;
        }
      };
      await Promise.all(Array.from({ length: 8 }, (_, nth) => insist(nth)));
      const { items, version } = cartIn(await shop.send('GET', `/carts/${id}`, NOBODY));
      expect(items).toMatchObject([{ quantity: 8 }]);
      expect(version).toBe(9);
    });
  });

  describe('of a signed-in customer', () => {
    it.each<[string, Call, number]>([
      ['the customer', { sub: 'alice' }, 200],
      ['the customer, with a token for this storefront', { sub: 'alice', storefront: 'cart' }, 200],
      ['the customer, with a token for another', { sub: 'alice', storefront: 'travello' }, 403],
      ['staff', { sub: 'sue', role: 'staff' }, 200],
      ['a service', { sub: 'mailer', role: 'service' }, 200],
      ['staff of another storefront', { sub: 'sue', role: 'staff', storefront: 'travello' }, 403],
      ['another customer', { sub: 'mallory' }, 404],
      ['nobody', NOBODY, 404],
    ])('is there for who may have it, in every way it can be asked for: %s', async (_who, call, expected) => {
      const owned = await fill(shop, await openCart(shop, { sub: 'alice' }), SEEDED);
      const [first] = owned.items;
      const item = `items/${first?.id}`;
      const asks = [
        ['GET', '', undefined],
        ['POST', '/items', { product_id: 'enamel-mug', quantity: 1 }],
        ['PATCH', `/${item}`, { quantity: 5 }],
        ['DELETE', `/${item}`, undefined],
        ['POST', '/conditions', { code: 'RM15OFF' }],
        ['DELETE', '/conditions/RM15OFF', undefined],
      ] as const;
      let { version } = owned;
      for (const [method, suffix, body] of asks) {
        const headers = { 'If-Match': `"${version}"` };
        const answer = await shop.send(method, `/carts/${owned.id}${suffix}`, { ...call, headers, body });
        expect([method, suffix, answer.status < 300 ? 200 : answer.status]).toEqual([method, suffix, expected]);
        expect(JSON.stringify(answer.body).includes('product_id')).toBe(expected === 200);
        if (expected === 200) ({ version } = cartIn(answer));
      }
      expect(version).toBe(expected === 200 ? owned.version + 5 : owned.version);
    });

    it('is there for who holds it: by header, by query, by the browser’s cookie', async () => {
      const owned = await openCart(shop, { sub: 'alice' });
      const other = randomUUID();
      const ways = [
        [{ 'X-Cart-Id': owned.id }, '', 200],
        [{}, `?cart_id=${owned.id}`, 200],
        [{ Cookie: `hf_cart=${owned.id}` }, '', 200],
        [{ 'X-Cart-Id': other, Cookie: `hf_cart=${other}` }, `?cart_id=${other}`, 404],
      ] as const;
      for (const [headers, query, status] of ways) {
        for (const who of [NOBODY, { sub: 'mallory' }])
          expect((await shop.send('GET', `/carts/${owned.id}${query}`, { ...who, headers })).status).toBe(status);
      }
    });
  });

  it('that nobody signed for is whoever’s who knows its id', async () => {
    const cart = await openCart(shop);
    expect((await read(cart)).status).toBe(200);
    expect((await read(cart, { sub: 'alice' })).status).toBe(200);
    expect((await openCart(shop, { sub: 'sue', role: 'staff' })).id).not.toBe(cart.id);
    expect(cart.id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  });

  describe('under an Idempotency-Key', () => {
    const headers = { 'Idempotency-Key': randomUUID() };

    it('is opened once, by name or without', async () => {
      for (const call of [
        { ...NOBODY, headers },
        { sub: 'alice', headers },
      ]) {
        const one = await shop.send('POST', '/carts', call);
        const two = await shop.send('POST', '/carts', call);
        expect(two.body).toEqual(one.body);
        expect(two.headers.get('Idempotent-Replayed')).toBe('true');
        expect(two.headers.get('ETag')).toBe('"1"');
      }
      expect((await openCart(shop, { ...NOBODY, headers })).id).not.toBe(
        (await openCart(shop, { sub: 'alice', headers })).id,
      );
    });

    it('is changed once; a change that came too late may be sent again with the cart of now', async () => {
      const seen = await openCart(shop);
      const now = await fill(shop, seen, SEEDED);
      const late = await put(seen, 'enamel-mug', { headers });
      expect(late.status).toBe(409);
      const done = await put(now, 'enamel-mug', { headers });
      expect(done.status).toBe(201);
      expect((await put(now, 'enamel-mug', { headers })).body).toEqual(done.body);
      expect((await put(now, 'batik-tote', { headers })).body).toMatchObject({ error: { code: 'key_reused' } });
      expect(cartIn(await read(seen)).items.map(({ quantity }) => quantity)).toEqual([1, 2, 1]);
    });
  });

  it('is not opened without end from one place', async () => {
    const busy = await openShop({ RATE_LIMIT_CREATES: '3' });
    const open = async (call: Call) => (await busy.send('POST', '/carts', call)).status;
    const statuses = [await open(NOBODY), await open(NOBODY), await open(NOBODY), await open(NOBODY)];
    expect(statuses).toEqual([201, 201, 201, 429]);
    expect(await open({ sub: 'alice' })).toBe(201);
    const refused = await busy.send('POST', '/carts', NOBODY);
    expect(refused.body).toMatchObject({ success: false, error: { code: 'rate_limited' } });
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
    await busy.close();
  });
});
