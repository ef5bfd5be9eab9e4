import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChipGateway } from '../../adapters/gateways/chip.ts';
import { money } from '../../domain/money.ts';
import type { Gateway, PaymentOrder } from '../../domain/payment.ts';
import { order, priceBody, purchaseBody, refuses, says } from './chip-objects.ts';
import { startScriptedVendor } from './scripted-vendor.ts';
import type { Line, ScriptedVendor } from './scripted-vendor.ts';

let chip: ScriptedVendor;
let gateway: Gateway;
let impatient: Gateway;
const config = () => ({
  apiKey: 'chip_unit',
  brandId: '409eb80e-3782-4b1d-afa8-b779759266a5',
  apiBase: `${chip.url}/api/v1`,
  callbackUrl: 'https://pay.example/webhooks/chip',
  webhookKeys: [],
});

beforeAll(async () => {
  chip = await startScriptedVendor();
  gateway = createChipGateway({ ...config(), timeoutMs: 5_000 });
  impatient = createChipGateway({ ...config(), timeoutMs: 50 });
});
afterAll(() => chip.stop());

const created = says(purchaseBody(), 201);

async function sent(fields: Partial<PaymentOrder> = {}, answer: Line = created) {
  chip.say(answer);
  await gateway.start({ ...order, ...fields }, 'pay_1_1');
  return JSON.parse(chip.heard[0]?.body ?? '{}');
}

describe('opening a purchase', () => {
  it('says who pays for what, until when, and where everybody is to go afterwards', async () => {
    expect(await sent()).toEqual({
      brand_id: '409eb80e-3782-4b1d-afa8-b779759266a5',
      client: {
        email: 'mei@example.com',
        full_name: 'Mei Lin',
        phone: '+60123456789',
        country: 'MY',
        street_address: '1 Jalan Ampang',
        city: 'Kuala Lumpur',
        zip_code: '50450',
      },
      purchase: {
        currency: 'MYR',
        products: [
          { name: 'Batik scarf', quantity: '2', price: 5_000 },
          { name: 'Tea', quantity: '1', price: 2_900 },
        ],
        due_strict: true,
        metadata: {
          cart_id: 'cart_1',
          booking_id: 'bk_1',
          payment_id: 'pay_1_1',
          booking_number: 'HF-1001',
          storefront: 'cart',
        },
      },
      reference: 'cart_1',
      due: Date.parse('2026-11-22T12:00:00.000Z') / 1000,
      skip_capture: false,
      send_receipt: false,
      platform: 'api',
      creator_agent: 'Holdfast',
      success_redirect: 'https://pay.example/checkout/success/cart_1',
      failure_redirect: 'https://pay.example/checkout/failure/cart_1',
      cancel_redirect: 'https://pay.example/checkout/cancel/cart_1',
      success_callback: 'https://pay.example/webhooks/chip',
    });
    expect(chip.heard[0]).toMatchObject({ method: 'POST', path: '/api/v1/purchases/' });
    expect(chip.heard[0]?.headers['authorization']).toBe('Bearer chip_unit');
  });

  it('leads to its page', async () => {
    chip.say(created);
    expect(await gateway.start(order, 'pay_1_1')).toEqual({
      kind: 'redirect',
      ref: 'pur_1',
      url: 'https://gate.example/p/pur_1/',
      wireStatus: 'created',
    });
  });

  it('says the price as such where vouchers and shipping make it another than the lines’', async () => {
    const { purchase } = await sent(
      { amount: money(11_000, 'MYR') },
      says(purchaseBody({ purchase: priceBody({ total: 11_000 }) })),
    );
    expect(purchase).toMatchObject({ total_override: 11_000, products: [{ price: 5_000 }, { price: 2_900 }] });
  });

  it('has one line where nothing is known of any', async () => {
    const { purchase } = await sent({ lines: [] });
    expect(purchase.products).toEqual([{ name: 'Batik scarf and 1 more', quantity: '1', price: 12_900 }]);
    expect(purchase).not.toHaveProperty('total_override');
  });

  it('names ways to pay as CHIP does, each once, and none where any will do', async () => {
    const { payment_method_whitelist } = await sent({ methods: ['fpx_b2c', 'fpx', 'duitnow_qr'] });
    expect(payment_method_whitelist).toEqual(['fpx', 'duitnow_qr']);
    expect(await sent()).not.toHaveProperty('payment_method_whitelist');
  });

  it('asks for a hold when the capture is ours to make', async () => {
    expect(await sent({ capture: 'manual' })).toMatchObject({ skip_capture: true });
  });

  it.each([
    ['https://gate.chip-in.asia/api/v1', 'http://127.0.0.1:3000/webhooks/chip'],
    ['https://gate.chip-in.asia/api/v1', 'https://pay.example:8443/webhooks/chip'],
  ])('at %s asks for no call to %s, which CHIP would refuse', async (apiBase, callbackUrl) => {
    const bodies: unknown[] = [];
    const real = globalThis.fetch;
    // Only CHIP's own name makes the difference, and nobody may be asked there.
    globalThis.fetch = async (_, request) => {
      bodies.push(request?.body);
      return Response.json(purchaseBody(), { status: 201 });
    };
    try {
      await createChipGateway({ ...config(), apiBase, callbackUrl }).start(order, 'k');
    } finally {
      globalThis.fetch = real;
    }
    expect(bodies).toEqual([expect.stringContaining('success_redirect')]);
    expect(bodies).toEqual([expect.not.stringContaining('success_callback')]);
  });

  it('needs to know who pays and where they return to', async () => {
    await expect(gateway.start({ ...order, payer: null }, 'k')).rejects.toThrow(/who pays/);
    await expect(gateway.start({ ...order, returnUrls: null }, 'k')).rejects.toThrow(/return/);
  });

  it('of too little is refused without asking', async () => {
    chip.say();
    const little = { ...order, amount: money(99, 'MYR') };
    expect(await gateway.start(little, 'k')).toMatchObject({ kind: 'refused', code: 'amount_too_small' });
    expect(chip.heard).toEqual([]);
  });
});

describe('a purchase that would take something else than was asked', () => {
  it.each([{ total: 12_899 }, { total: 1 }, { currency: 'USD' }])('%o is cancelled, and none', async (fields) => {
    chip.say(says(purchaseBody({ purchase: priceBody(fields) }), 201), says(purchaseBody({ status: 'cancelled' })));
    expect(await gateway.start(order, 'k')).toMatchObject({ kind: 'refused', code: 'amount_differs' });
    expect(chip.heard.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /api/v1/purchases/',
      'POST /api/v1/purchases/pur_1/cancel/',
    ]);
  });

  it('is none either where it cannot be cancelled now: nobody knows its address', async () => {
    chip.say(says(purchaseBody({ purchase: priceBody({ total: 1 }) }), 201), { cut: 'before' });
    expect(await gateway.start(order, 'k')).toMatchObject({ kind: 'refused', code: 'amount_differs' });
  });
});

describe('CHIP’s no', () => {
  it.each<[string, Line, object]>([
    ['in a list', refuses('purchase_zero_total', 'Zero.'), { code: 'purchase_zero_total', message: 'Zero.' }],
    ['as an object', says({ __all__: { code: 'a_word', message: 'Why.' } }, 400), { code: 'a_word', message: 'Why.' }],
    ['plain', says({ code: 'a_word', message: 'Why.' }, 422), { code: 'a_word', message: 'Why.' }],
    [
      'about a field',
      says({ due: [{ code: 'due_too_far', message: 'Far.' }] }, 400),
      { code: 'due_too_far', message: 'due: Far.' },
    ],
    [
      'that the time to pay is over, which the customer never chose,',
      says({ due: [{ code: 'due_not_greater_than_now', message: 'Past.' }] }, 400),
      { code: 'time_over', message: expect.stringContaining('Please try again') },
    ],
    [
      'about a field inside a list',
      says({ purchase: { products: [{}, { name: [{ code: 'max_length', message: 'Long.' }] }] } }, 400),
      { code: 'max_length', message: 'purchase.products.name: Long.' },
    ],
    ['in words only', says({ due: ['Not a date.'] }, 400), { code: 'invalid', message: 'due: Not a date.' }],
    [
      'about the currency, so that callers may try another',
      says({ purchase: { currency: [{ code: 'invalid_choice', message: '"XTS"?' }] } }, 400),
      { code: 'currency_not_supported' },
    ],
  ])('%s is a refusal in its words', async (_, line, said) => {
    chip.say(line);
    expect(await gateway.start(order, 'k')).toMatchObject({ kind: 'refused', ...said });
  });

  it('does not repeat what it was told of a person', async () => {
    chip.say(says({ client: { email: [{ code: 'invalid', message: '"mei@example.com" is no address.' }] } }, 400));
    const refused = await gateway.start(order, 'k');
    expect(refused).toEqual({
      kind: 'refused',
      code: 'invalid',
      message: 'CHIP does not accept client.email: invalid',
    });
  });

  it.each<[string, Line]>([
    ['an unknown key', refuses('authentication_failed', 'key chip_unit is wrong', 401)],
    ['a key without permission', { status: 403, text: 'Forbidden' }],
    ['another place', { status: 302, text: '', headers: { location: 'https://elsewhere.example/' } }],
    ['a refusal that says nothing', { status: 400, text: '<html>' }],
  ])('to %s needs a person, and repeats no key', async (_, line) => {
    chip.say(line);
    const failure = await gateway.start(order, 'k').catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'GatewayRejected' });
    expect(String(failure)).not.toContain('chip_unit');
  });
});

describe('no answer', () => {
  it.each<[string, Line]>([
    ['a failure of CHIP’s', { status: 500, text: 'oh' }],
    ['too much asked', refuses('rate_limited', 'Slowly.', 429)],
    ['a cut line', { cut: 'before' }],
    ['half an answer', { cut: 'within' }],
    ['something else than a purchase', says({ ok: true }, 201)],
    ['no JSON', { status: 201, text: 'created!' }],
    ['a purchase without a page', says(purchaseBody({ checkout_url: null }), 201)],
  ])('%s leaves it unknown', async (_, line) => {
    chip.say(line);
    await expect(gateway.start(order, 'k')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
  });

  it('within our time leaves it unknown', async () => {
    chip.say({ silence: true });
    await expect(impatient.start(order, 'k')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
  });

  it('comes later when CHIP says when', async () => {
    chip.say({ ...refuses('rate_limited', 'Slowly.', 429), headers: { 'retry-after': '7' } });
    await expect(gateway.start(order, 'k')).rejects.toMatchObject({ retryAfterMs: 7_000 });
  });
});
