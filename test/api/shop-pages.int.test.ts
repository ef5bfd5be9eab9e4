import { count } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createBareApp } from '../../api/app.ts';
import { createDesk } from '../../api/bookings.ts';
import { nativeArea, VisibleError } from '../../api/errors.ts';
import { shopPages } from '../../api/pages/shop.tsx';
import type { CheckoutOrder, MethodChoice } from '../../api/pages/till.ts';
import { cartArea } from '../../api/storefronts/cart/area.ts';
import { CUSTOMER_EXAMPLE } from '../../api/storefronts/cart/customer.ts';
import { carts } from '../../db/carts.ts';
import { describeWith } from '../setup/parts.ts';
import type { Router } from '../../api/http/router.ts';
import { openBench } from './app-under-test.ts';
import type { Bench } from './app-under-test.ts';
import { Tab } from './browser-tab.ts';
import type { Fields } from './browser-tab.ts';

const METHODS: readonly MethodChoice[] = [
  { id: 'visa', name: 'Visa', description: '', group: 'card' },
  { id: 'mastercard', name: 'Mastercard', description: '', group: 'card' },
  { id: 'fpx_b2c', name: 'FPX', description: '', group: 'fpx' },
];

const customer: Fields = { ...CUSTOMER_EXAMPLE, state: CUSTOMER_EXAMPLE.state ?? '' };

describeWith('postgres', 'the pages of the shop', () => {
  let bench: Bench;
  let app: Router;
  let orders: CheckoutOrder[] = [];
  let checkOut: () => Promise<{ checkoutUrl: string }>;
  let methods: () => Promise<readonly MethodChoice[]>;

  const appWith = (deps = bench.deps) => {
    const till = {
      methods: () => methods(),
      checkOut: (order: CheckoutOrder) => {
        orders.push(order);
        return checkOut();
      },
    };
    const pages = shopPages(deps, { desk: createDesk(deps), till });
    const made = createBareApp(deps, [nativeArea, cartArea]).route('/', pages);
    made.post('/checkout', async (c) => c.json({ program: await c.req.json() }));
    return made;
  };
  beforeAll(async () => {
    bench = await openBench({ RATE_LIMIT_CREATES: '100000' });
    app = appWith();
  });
  afterAll(() => bench.close());
  beforeEach(() => {
    orders = [];
    checkOut = async () => ({ checkoutUrl: 'https://gate.example/p/1/' });
    methods = async () => METHODS;
  });

  const rows = async () => (await bench.database.db.select({ rows: count() }).from(carts))[0]?.rows;
  const add = { kind: 'add', product_id: 'batik-tote' };
  const set = (product_id: string, quantity: string, step = '0') => ({ kind: 'set', product_id, quantity, step });
  const filled = async (): Promise<Tab> => {
    const tab = await new Tab(app).open();
    await tab.act(add);
    await tab.act({ kind: 'add', product_id: 'kopi-blend' });
    return tab.act(set('kopi-blend', '2'));
  };

  it('show what is sold to who just looks, and make nothing of it', async () => {
    const before = await rows();
    const response = await app.request('/cart');
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(await rows()).toBe(before);
    const text = await response.text();
    expect(text).toMatch(/^<!doctype html>/i);
    expect(text).toContain('Your cart is empty');
    expect(text).toContain('Songket scarf');
  });

  it('run nothing that is written into them, and tell no other site where one came from', async () => {
    const response = await app.request('/cart');
    const policy = response.headers.get('Content-Security-Policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(response.headers.get('Referrer-Policy')).toBe('same-origin');
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    expect(await response.text()).not.toMatch(/<script(?![^>]* src="\/assets\/)|<style| style=| on\w+=/);
    for (const [path, type] of [
      ['/assets/cart.js', 'text/javascript'],
      ['/assets/shop.css', 'text/css'],
    ] as const) {
      const asset = await app.request(path);
      expect([asset.status, asset.headers.get('Content-Type')]).toEqual([200, `${type}; charset=utf-8`]);
      const etag = asset.headers.get('ETag') ?? '';
      expect((await app.request(path, { headers: { 'If-None-Match': etag } })).status).toBe(304);
    }
  });

  it('hold the cart in a cookie that no script and no other site gets', async () => {
    const [cookie] = (await new Tab(app).post('/cart', add)).headers.getSetCookie();
    expect(cookie).toMatch(/^hf_cart=[\da-f-]{36}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/);
    const config = { ...bench.deps.config, publicUrl: 'https://shop.example' };
    const secure = appWith({ ...bench.deps, config });
    const [other] = (
      await new Tab(secure).post('/cart', add, { Origin: 'https://shop.example' })
    ).headers.getSetCookie();
    expect(other).toContain('; Secure');
  });

  it('let one put in, change, take out, and use a code, with the total of then', async () => {
    const tab = await filled();
    expect([tab.quantity('batik-tote'), tab.quantity('kopi-blend'), tab.total()]).toEqual(['1', '2', '129.00']);
    await tab.act(set('kopi-blend', '2', '1'));
    expect(tab.quantity('kopi-blend')).toBe('3');
    await tab.act(set('kopi-blend', '3', '-1'));
    await tab.act({ kind: 'code', code: ' welcome10 ' });
    expect([tab.quantity('kopi-blend'), tab.total(), tab.note()]).toEqual(['2', '117.24', '']);
    await tab.act({ kind: 'uncode', code: 'WELCOME10' });
    expect(tab.total()).toBe('129.00');
    await tab.act({ kind: 'remove', product_id: 'batik-tote' });
    await tab.act(set('kopi-blend', '0'));
    expect(tab.text).toContain('Your cart is empty');
  });

  it.each<[Fields, string]>([
    [{ kind: 'code', code: 'NOPE' }, 'There is no such voucher code.'],
    [{ kind: 'code', code: 'MERDEKA24' }, 'This voucher code is not valid any more.'],
    [{ kind: 'uncode', code: 'Shipping' }, 'This belongs to every cart and stays on it.'],
    [{ kind: 'add', product_id: 'unicorn' }, 'There is no such product.'],
    [set('kopi-blend', '1000000'), 'A cart holds at most 999 of one product.'],
    [set('kopi-blend', '-1'), 'Please enter a whole number'],
    [set('kopi-blend', ''), 'Please enter a whole number'],
    [set('kopi-blend', '1.5'), 'Please enter a whole number'],
    [{ kind: 'drop', product_id: 'kopi-blend' }, 'Please enter a whole number'],
  ])('say once what was wrong with %j, and leave the cart as it was', async (fields, words) => {
    const tab = await (await filled()).act(fields);
    expect(tab.note()).toContain(words);
    expect([tab.status, tab.total()]).toEqual([200, '129.00']);
    expect((await tab.open()).note()).toBe('');
  });

  describe('in two tabs', () => {
    it('do both of two things that have nothing to do with each other, and tell the second what else changed', async () => {
      const one = await filled();
      const two = await one.another().open();
      await one.act({ kind: 'add', product_id: 'enamel-mug' });
      await one.act({ kind: 'code', code: 'RM15OFF' });
      await two.act({ kind: 'remove', product_id: 'batik-tote' });
      expect([two.quantity('batik-tote'), two.quantity('enamel-mug')]).toEqual([undefined, '1']);
      expect(two.note()).toMatch(
        /also changed elsewhere.*Enamel mug, hand painted was put in \(1\).*RM15OFF was added/s,
      );
      expect((await two.act(add)).note()).toBe('');
    });

    it('show the number that is there now to who changed another one', async () => {
      const one = await filled();
      const two = await one.another().open();
      await one.act(set('kopi-blend', '5'));
      await two.act(set('kopi-blend', '2', '1'));
      expect(two.note()).toMatch(/so this was not done.*500 g: now 5, not 2\..*try again/s);
      expect(two.quantity('kopi-blend')).toBe('5');
      expect((await two.act(set('kopi-blend', '5', '1'))).quantity('kopi-blend')).toBe('6');
    });

    it('lose nothing that is put in at the same moment', async () => {
      const one = await filled();
      const tabs = await Promise.all(Array.from({ length: 6 }, () => one.another().open()));
      await Promise.all(tabs.map((tab) => tab.act({ kind: 'add', product_id: 'pandan-candle' })));
      expect((await one.open()).quantity('pandan-candle')).toBe('6');
    });
  });

  it.each<[string, Record<string, string>]>([
    ['another site', { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }],
    ['a neighbour of this site', { 'Sec-Fetch-Site': 'same-site' }],
    ['a page that does not say where it stands', { Origin: 'null' }],
    ['nobody knows where', {}],
  ])('do nothing for a form on %s', async (_where, headers) => {
    const tab = await filled();
    for (const path of ['/cart', '/checkout']) {
      const response = await tab.post(path, { ...add, ...customer }, headers);
      expect([response.status, response.headers.get('Content-Type')]).toEqual([403, 'text/html; charset=UTF-8']);
      expect(await response.text()).toContain('not sent from the shop');
    }
    expect([(await tab.open()).total(), orders]).toEqual(['129.00', []]);
  });

  it('show what came from outside as text', async () => {
    const tab = await filled();
    const notice = { tone: 'problem', title: '<b>bold</b>', lines: ['<script>alert(1)</script>'] };
    tab.setCookie('hf_notice', encodeURIComponent(JSON.stringify(notice)));
    expect((await tab.open()).text).toContain('&lt;script&gt;alert(1)');
    expect(tab.text).not.toContain('<b>bold');
    for (const odd of ['{', '%7B', encodeURIComponent('{"tone":"loud"}')]) {
      tab.setCookie('hf_notice', odd);
      expect((await tab.open()).status).toBe(200);
    }
    await tab.act({ ...add, seen: '{"quantities":{"__proto__":1,"x":"<b>"},"codes":["<i>"]}' });
    expect([tab.status, tab.text.includes('<i>')]).toEqual([200, false]);
  });

  it('begin anew for a browser whose cart is not there any more', async () => {
    const tab = new Tab(app);
    tab.setCookie('hf_cart', '00000000-0000-4000-8000-000000000000');
    expect((await tab.open()).text).toContain('Your cart is empty');
    expect((await tab.act({ kind: 'code', code: 'RM15OFF' })).note()).toContain('not there any more');
    expect((await tab.act(add)).total()).toBe('58.65');
  });

  it('say as a page that there were too many forms', async () => {
    const busy = await openBench({ RATE_LIMIT_CREATES: '1' });
    const tab = await new Tab(appWith(busy.deps)).open();
    await tab.act(add);
    const refused = await tab.post('/cart', add);
    expect([refused.status, refused.headers.get('Content-Type')]).toEqual([429, 'text/html; charset=UTF-8']);
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
    await busy.close();
  });

  describe('at the checkout', () => {
    const atCheckout = async () => (await filled()).open('/checkout');

    it('want something in the cart', async () => {
      for (const tab of [new Tab(app), await new Tab(app).open()]) {
        const response = await tab.ask('/checkout');
        expect([response.status, response.headers.get('Location')]).toEqual([303, '/cart']);
        expect((await tab.post('/checkout', customer)).headers.get('Location')).toBe('/cart');
      }
      expect(orders).toEqual([]);
    });

    it('ask for everything that is needed, with Malaysia first', async () => {
      const { text, status } = await atCheckout();
      expect(status).toBe(200);
      for (const name of Object.keys(customer)) expect(text).toContain(`name="${name}"`);
      expect(/<select[^>]*><option value="(\w\w)" selected/.exec(text)?.[1]).toBe('MY');
      expect(text.match(/<option /g)).toHaveLength(249);
      expect(text).toContain('Online banking (FPX)');
      expect(text).toContain('Visa, Mastercard');
    });

    it('take who buys to the till, and the customer to its page', async () => {
      const tab = await atCheckout();
      const response = await tab.post('/checkout', { ...customer, payment_group: 'card' });
      expect([response.status, response.headers.get('Location')]).toEqual([303, 'https://gate.example/p/1/']);
      expect(orders).toEqual([
        { cartId: tab.cartId(), customer: CUSTOMER_EXAMPLE, paymentMethods: ['visa', 'mastercard'] },
      ]);
      const { state: _state, ...withoutState } = CUSTOMER_EXAMPLE;
      await tab.post('/checkout', { ...customer, state: ' ', payment_group: '' });
      expect(orders[1]).toEqual({ cartId: tab.cartId(), customer: withoutState });
    });

    it('mark what cannot be right, and keep what was typed', async () => {
      const tab = await (await atCheckout()).act({ ...customer, email: 'aisyah@', country: 'XX' }, '/checkout');
      expect(tab.status).toBe(400);
      expect(tab.text).toContain('Email must be a mail address');
      expect(tab.text).toContain('Country must be a country of ISO 3166');
      expect(tab.text).toMatch(/id="email"[^>]*value="aisyah@"[^>]*aria-invalid="true" aria-describedby="email-fault"/);
      expect(tab.text).toMatch(/id="name"[^>]*value="Aisyah Rahman"/);
      expect(orders).toEqual([]);
    });

    it('let nobody pay for a cart that changed since he saw it', async () => {
      const tab = await atCheckout();
      await (await tab.another().open()).act({ kind: 'add', product_id: 'songket-scarf' });
      await tab.act(customer, '/checkout');
      expect([tab.status, orders]).toEqual([409, []]);
      expect(tab.note()).toMatch(/changed elsewhere.*Songket scarf was put in/s);
      expect(tab.text).toMatch(/id="name"[^>]*value="Aisyah Rahman"/);
      expect((await tab.post('/checkout', customer)).status).toBe(303);
    });

    it('say why the till took nothing', async () => {
      checkOut = async () => {
        throw new VisibleError('invalid', 'CHIP takes no less than one ringgit.');
      };
      const tab = await (await atCheckout()).act(customer, '/checkout');
      expect([tab.status, tab.note()]).toEqual([409, expect.stringContaining('no less than one ringgit')]);
      checkOut = async () => {
        throw new Error('secret');
      };
      await tab.act(customer, '/checkout');
      expect([tab.status, tab.text.includes('secret'), tab.text.includes('Something went wrong')]).toEqual([
        500,
        false,
        true,
      ]);
    });

    it('do without the methods while they cannot be had', async () => {
      methods = async () => {
        throw new Error('CHIP is away');
      };
      const tab = await atCheckout();
      expect([tab.status, tab.text.includes('payment_group')]).toEqual([200, false]);
      expect((await tab.post('/checkout', { ...customer, payment_group: 'card' })).status).toBe(303);
      expect(orders[0]).not.toHaveProperty('paymentMethods');
    });

    it('leave what programs send to the route that is theirs', async () => {
      const response = await app.request('/checkout', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: '{"cart_id":"1"}',
      });
      expect(await response.json()).toEqual({ program: { cart_id: '1' } });
    });
  });
});
