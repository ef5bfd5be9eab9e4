import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { startBench, typesOf } from './chip-bench.ts';
import { HUNG_UP, eventually } from './http.ts';

let bench: Awaited<ReturnType<typeof startBench>>;

beforeAll(async () => {
  bench = await startBench();
});
beforeEach(() => bench.reset());
afterAll(() => bench.stop());

const NOBODY = '3c90c3cc-0d44-4b50-8888-8dd25736052a';
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;
/** Of the first thing that is wrong with the request as a whole. */
const codeIn = (body: object) => (body as Record<string, { code: string }[]>)['__all__']?.[0]?.code;

describe('a purchase', () => {
  it('is made with its page, its total and nothing paid', async () => {
    const { status, body } = await bench.create({ purchase: { metadata: { booking_id: 'bk_1' } } });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      type: 'purchase',
      status: 'created',
      status_history: [{ status: 'created' }],
      checkout_url: `${bench.sim.url}/p/${body.id}/`,
      reference: 'cart-1',
      reference_generated: expect.stringMatching(/^CH\d+$/),
      is_test: true,
      payment: null,
      refundable_amount: 0,
      refund_availability: 'none',
      purchase: { total: 10_000, currency: 'MYR', metadata: { booking_id: 'bk_1' }, due_strict: false },
      transaction_data: { attempts: [] },
    });
    expect(body.purchase.products).toMatchObject([{ quantity: '2.0000', discount: 0, tax_percent: '0.00' }]);
    expect(await bench.read(body.id)).toEqual(body);
  });

  it('is made anew by every call, whatever key comes along: nothing is idempotent here', async () => {
    const [first, second] = [await bench.made(), await bench.made()];
    expect(first.id).not.toBe(second.id);
    expect(bench.sim.state.purchases.size).toBe(2);
  });

  it.each([
    ['a tax that ends in half a sen', [{ price: 250, quantity: '1', tax_percent: '1' }], 253],
    ['a weight of four decimals', [{ price: 999, quantity: '1.2345' }], 1_233],
    ['a discount on the whole line', [{ price: 1_000, quantity: '3', discount: 500 }], 2_500],
    [
      'lines rounded one by one',
      [
        { price: 1, quantity: '0.5' },
        { price: 1, quantity: '0.5' },
      ],
      2,
    ],
    ['a price for the line', [{ price: 1_000, quantity: '3', total_price_override: 10 }], 10],
  ])('adds up %s', async (_, lines, total) => {
    const products = lines.map((line) => ({ name: 'x', ...line }));
    expect((await bench.made({ purchase: { products } })).purchase.total).toBe(total);
  });

  it('is charged what total_override says, and not what a sent total says', async () => {
    const { purchase } = await bench.made({ purchase: { total: 1, total_override: 12_900, subtotal_override: 5 } });
    expect(purchase.total).toBe(12_900);
  });

  it.each([
    [{ brand_id: undefined }, { brand_id: [{ code: 'required' }] }],
    [{ brand_id: 'mine' }, { brand_id: [{ code: 'invalid' }] }],
    [{ client: { email: 'nobody' } }, { client: { email: [{ code: 'invalid' }] } }],
    [{ client: { full_name: 'x'.repeat(129) } }, { client: { full_name: [{ code: 'max_length' }] } }],
    [{ purchase: { products: [] } }, { purchase: { products: [{ code: 'required' }] } }],
    [{ purchase: { products: [{ name: 'x', price: '5' }] } }, { purchase: { products: { 0: { price: [{}] } } } }],
    [{ purchase: { currency: 'XTS' } }, { purchase: { currency: [{ code: 'invalid_choice' }] } }],
    [{ due: 5 }, { due: [{ code: 'due_not_greater_than_now' }] }],
    [{ success_redirect: 'http://x/<script>' }, { success_redirect: [{ code: 'invalid' }] }],
    [{ success_callback: 'http://shop.example:8080/' }, { success_callback: [{ code: 'invalid' }] }],
    [{ reference: 'x'.repeat(129) }, { reference: [{ code: 'max_length' }] }],
    [{ payment_method_whitelist: ['fpx', 'cheque'] }, { payment_method_whitelist: [{ code: 'invalid_choice' }] }],
    [{ client_id: NOBODY }, { __all__: [{ code: 'purchase_client_or_id_only' }] }],
    [{ purchase: { products: [{ name: 'x', price: 0 }] } }, { __all__: [{ code: 'purchase_zero_total' }] }],
    [
      { purchase: { products: [{ name: 'x', price: 1, discount: 2 }] } },
      { purchase: { products: { 0: { __all__: [{ code: 'product_subtotal_negative' }] } } } },
    ],
  ])('is refused for %j', async (change, problems) => {
    const { status, body } = await bench.create(change);
    expect(status).toBe(400);
    expect(body).toMatchObject(problems);
    expect(bench.sim.state.purchases.size).toBe(0);
  });

  it('is refused without anybody to pay it', async () => {
    const { body } = await bench.call('POST', '/purchases/', { brand_id: NOBODY, purchase: { products: [] } });
    expect(codeIn(body)).toBe('purchase_client_or_id_required');
  });

  it('may hold nothing but a card, with skip_capture', async () => {
    expect(await bench.made({ skip_capture: true, purchase: { products: [{ name: 'x', price: 0 }] } })).toMatchObject({
      purchase: { total: 0 },
    });
  });
});

describe('the API', () => {
  it('knows no key, no path without its final slash, and no list', async () => {
    const url = `${bench.sim.url}/api/v1/purchases/`;
    for (const authorization of ['', 'Bearer wrong-key', 'Basic bench']) {
      const refused = await fetch(url, { method: 'POST', headers: { authorization }, body: '{}' });
      expect(refused.status).toBe(401);
      expect(codeIn((await refused.json()) as object)).toBe('authentication_failed');
    }
    expect((await bench.call('POST', '/purchases', {})).status).toBe(404);
    const list = await bench.call('GET', '/purchases/');
    expect([list.status, codeIn(list.body)]).toEqual([405, 'method_not_allowed']);
    const nobody = await bench.call('GET', `/purchases/${NOBODY}/`);
    expect([nobody.status, codeIn(nobody.body)]).toEqual([404, 'not_found']);
    expect((await bench.call('POST', '/purchases/', '{')).status).toBe(400);
  });

  it.each([
    ['lists', { __all__: [{ code: 'not_found', message: 'Not found.' }] }],
    ['objects', { __all__: { code: 'not_found', message: 'Not found.' } }],
    ['plain', { code: 'not_found', message: 'Not found.' }],
  ])('refuses in the shape that is asked for: %s', async (errors, body) => {
    await bench.tell('settings', { errors });
    expect((await bench.call('GET', `/purchases/${NOBODY}/`)).body).toEqual(body);
  });

  it('names the ways to pay that fit', async () => {
    const methods = async (query: string) =>
      (await bench.call('GET', `/payment_methods/?brand_id=${NOBODY}&currency=MYR${query}`)).body;
    expect(await methods('')).toMatchObject({
      available_payment_methods: expect.arrayContaining(['fpx', 'visa', 'razer_tng', 'razer_atome']),
      names: { fpx: expect.any(String) },
      logos: { fpx: `${bench.sim.url}/static/images/fpx.svg` },
      card_methods: ['visa', 'mastercard', 'maestro'],
    });
    expect((await methods('&amount=99'))['available_payment_methods']).not.toContain('fpx');
    expect((await methods('&skip_capture=true'))['available_payment_methods']).toEqual(
      (await methods(''))['card_methods'],
    );
    expect((await bench.call('GET', '/payment_methods/')).body).toMatchObject({ brand_id: [{}], currency: [{}] });
    expect((await fetch(`${bench.sim.url}/static/images/fpx.svg`)).headers.get('content-type')).toContain('svg');
  });

  it('fails as it is told to, by a rule or by the payer’s name', async () => {
    await bench.tell('faults', { match: 'POST .*/purchases/$', kind: 'status', status: 429, times: 1 });
    const limited = await bench.create();
    expect([limited.status, codeIn(limited.body)]).toEqual([429, 'rate_limited']);
    expect((await bench.create({ client: { full_name: 'Mei error-503' } })).status).toBe(503);
    const slow = { client: { full_name: 'Mei timeout-at-create' } };
    await expect(bench.create(slow)).rejects.toThrow(HUNG_UP);
    expect(bench.sim.state.purchases.size).toBe(1);
    expect((await bench.create(slow)).status).toBe(201);
  });

  it('is emptied by a reset, which leaves keys and webhooks alone', async () => {
    await bench.paid();
    const before = bench.sim.state.keys.values();
    await bench.tell('reset', {});
    expect(bench.sim.state.purchases.size).toBe(0);
    expect(bench.sim.state.keys.values()).toEqual(before);
    expect(bench.sim.state.webhooks.size).toBe(1);
  });
});

describe('an unpaid purchase', () => {
  it('is cancelled once, and never paid', async () => {
    const { id } = await bench.made();
    expect((await bench.call('POST', `/purchases/${id}/cancel/`)).body).toMatchObject({ status: 'cancelled' });
    const again = await bench.call('POST', `/purchases/${id}/cancel/`);
    expect([again.status, codeIn(again.body)]).toEqual([400, 'purchase_cancel_wrong_status']);
    expect((await bench.pay(id)).status).toBe(410);
    expect(await bench.read(id)).toMatchObject({ status: 'cancelled', payment: null });
  });

  it('with a strict end is over by itself, and nobody is told', async () => {
    const { id } = await bench.made({ due: inSeconds(1), purchase: { due_strict: true } });
    await eventually(async () => expect(await bench.read(id)).toMatchObject({ status: 'expired' }));
    expect((await bench.pay(id)).status).toBe(410);
    expect(typesOf(bench.inbox.webhooks(id))).toEqual(['purchase.created']);
  });

  it('with a soft end is overdue and can be paid all the same', async () => {
    const { id } = await bench.made({ due: inSeconds(1) });
    await eventually(async () => expect(await bench.read(id)).toMatchObject({ status: 'overdue' }));
    expect((await bench.pay(id)).status).toBe(303);
    expect(await bench.read(id)).toMatchObject({ status: 'paid' });
  });

  it('can be marked as paid by other means, which brings no fee', async () => {
    const { id } = await bench.made();
    expect((await bench.call('POST', `/purchases/${id}/mark_as_paid/`)).body).toMatchObject({
      status: 'paid',
      marked_as_paid: true,
      payment: { fee_amount: 0 },
    });
  });
});
