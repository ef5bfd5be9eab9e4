import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKlook } from '../../adapters/suppliers/klook.ts';
import { money } from '../../domain/money.ts';
import type { Supplier } from '../../domain/supply.ts';
import { availabilityBody, detailBody, notFound, order, refuses, says } from './klook-objects.ts';
import { startScriptedVendor } from './scripted-vendor.ts';
import type { Line, ScriptedVendor } from './scripted-vendor.ts';

let server: ScriptedVendor;
let klook: Supplier;
/** Gives up at once, for the one failure that is silence; on a busy machine it would give up on good answers too. */
let impatient: Supplier;

beforeAll(async () => {
  server = await startScriptedVendor();
  const config = { apiKey: 'key-1', apiBase: `${server.url}/` };
  klook = createKlook({ ...config, timeoutMs: 5_000 });
  impatient = createKlook({ ...config, timeoutMs: 50 });
});
afterAll(() => server.stop());

const heard = () => server.heard.map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`);
const sent = (n = 0): unknown => JSON.parse(server.heard[n]?.body ?? 'null');

describe('asking what is available', () => {
  const check = (line: Line) => {
    server.say(line);
    return klook.check(order);
  };
  const available = {
    kind: 'available',
    net: money(10_100, 'SGD'),
    items: [
      { skuId: '9001', unitNet: money(4_050, 'SGD'), available: true, inventory: 9 },
      { skuId: '9002', unitNet: money(2_000, 'SGD'), available: true, inventory: null },
    ],
  };

  it('asks with our key and without a price, so that Klook tells its own', async () => {
    expect(await check(says(availabilityBody()))).toEqual(available);
    expect(server.heard[0]).toMatchObject({
      path: '/v3/availability/check',
      headers: { 'x-api-key': 'key-1', 'accept-language': 'en_US' },
    });
    expect(sent()).toEqual([
      {
        package_id: '701',
        start_time: '2026-12-24 10:00:00',
        sku_list: [
          { sku_id: '9001', count: 2, price: '' },
          { sku_id: '9002', count: 1, price: '' },
        ],
      },
    ]);
  });

  it('reads the same answer wrapped in data', async () => {
    expect(await check(says({ success: true, data: availabilityBody() }))).toEqual(available);
  });

  it('adds the lines up when Klook gives no total', async () => {
    const { total_amount: _, ...rest } = availabilityBody();
    expect(await check(says(rest))).toEqual(available);
  });

  it.each<[string, Line, string]>([
    ['sold out, as an error', refuses('SOLD_OUT'), 'sold_out'],
    ['not available, as an error', refuses('NOT_AVAILABLE'), 'not_available'],
    ['not available, in the answer', says(availabilityBody({ available: false, inventory: null })), 'not_available'],
    ['sold out, in the answer', says(availabilityBody({ available: false, inventory: 0 })), 'sold_out'],
    ['fewer left than asked for', says(availabilityBody({ inventory: 1 })), 'sold_out'],
    ['unknown SKU, as an error', refuses('INVALID_SKU'), 'unknown_sku'],
    ['unknown SKU, missing in the answer', says(availabilityBody({ sku_id: '8' })), 'unknown_sku'],
    ['unknown package', says({ ...availabilityBody(), items: [] }), 'unknown_sku'],
    ['bad parameters', refuses('INVALID_PARAMS'), 'invalid'],
    ['the word in error.status', refuses('400', 400, { status: 'SOLD_OUT' }), 'sold_out'],
    ['an error under HTTP 200', refuses('SOLD_OUT', 200), 'sold_out'],
  ])('%s', async (_, line, kind) => {
    expect(await check(line)).toMatchObject({ kind });
  });
});

describe('placing', () => {
  const placed = { kind: 'placed', orderNo: 'KL1', net: money(10_100, 'SGD'), payBy: '2026-12-01T09:30:00.000Z' };

  it('sends exactly our order, prices as decimal strings', async () => {
    server.say(says(detailBody()));
    expect(await klook.place(order)).toEqual(placed);
    expect(heard()).toEqual(['POST /v3/orders']);
    expect(sent()).toEqual({
      agent_order_id: 'AG-1',
      contact_info: { country: 'SG', email: 'mei@example.com', first_name: 'Mei', family_name: 'Lin', mobile: '+65 1' },
      items: [
        {
          package_id: '701',
          start_time: '2026-12-24 10:00:00',
          sku_list: [
            { sku_id: '9001', count: 2, price: '40.50' },
            { sku_id: '9002', count: 1, price: '20.00' },
          ],
          booking_extra_info: [{ key: 'hotel', content: 'Raffles', selected: null, input_type: 'text' }],
          unit_extra_info: [[{ key: 'meal', content: '', selected: [{ key: 'veg' }], input_type: 'single' }], []],
        },
      ],
    });
  });

  it.each([
    [{ success: true, klook_order_no: 'KL1' }, null],
    [
      { success: true, order_id: 'KL1', total_amount: 101, currency: 'sgd', pay_by: '2026-12-01 09:30:00' },
      placed.payBy,
    ],
    [
      {
        success: true,
        klktech_order_id: 'KL1',
        total_amount: '101',
        currency: 'SGD',
        error: { code: '', message: '' },
      },
      null,
    ],
  ])('reads %o', async (body, payBy) => {
    server.say(says(body));
    expect(await klook.place(order)).toEqual({ ...placed, payBy });
  });

  it.each(['SOLD_OUT', 'NOT_AVAILABLE'])('%s is a refusal', async (code) => {
    server.say(refuses(code));
    expect(await klook.place(order)).toEqual({ kind: code.toLowerCase(), message: 'Klook says why.' });
  });

  it.each(['INVALID_PARAMS', 'SOME_WORD_OF_2027'])('%s will not get better by repeating', async (code) => {
    server.say(refuses(code));
    expect(await klook.place(order)).toMatchObject({ kind: 'invalid' });
  });

  it('tells what the whole order costs at the new prices', async () => {
    const details = [{ sku_id: 9001, start_time: order.startTime, price: '41.00', currency: 'SGD' }];
    server.say(refuses('PRICE_CHANGED', 400, { details }));
    expect(await klook.place(order)).toEqual({
      kind: 'price_changed',
      newNet: money(10_200, 'SGD'),
      newUnitNets: [{ skuId: '9001', unitNet: money(4_100, 'SGD') }],
      message: 'Klook says why.',
    });
  });

  it.each([
    ['no prices told', {}, []],
    [
      'another currency',
      { details: [{ sku_id: '9001', price: '41.00', currency: 'USD' }] },
      [{ skuId: '9001', unitNet: money(4_100, 'USD') }],
    ],
  ])('does not add up what it cannot: %s', async (_, more, newUnitNets) => {
    server.say(refuses('PRICE_CHANGED', 400, more));
    expect(await klook.place(order)).toMatchObject({ kind: 'price_changed', newNet: null, newUnitNets });
  });

  const duplicate = (more: object = { klook_order_no: 'KL1' }): Line => ({
    status: 409,
    json: { success: false, error: { code: 'DUPLICATE_AGENT_ORDER_ID', message: 'Klook says why.' }, ...more },
  });

  it.each([
    ['by its number', duplicate(), 'GET /v2/orders/KL1'],
    [
      'by its number inside the error',
      duplicate({ error: { code: 'DUPLICATE_AGENT_ORDER_ID', order_id: 'KL1' } }),
      'GET /v2/orders/KL1',
    ],
    ['by our reference when no number came', duplicate({}), 'GET /v2/orders/AG-1'],
  ])('adopts the order it placed before, found %s', async (_, line, look) => {
    server.say(line, says(detailBody()));
    expect(await klook.place(order)).toEqual(placed);
    expect(heard()).toEqual(['POST /v3/orders', look]);
  });

  it.each([
    ['package', { package_id: '702' }],
    ['start', { start_time: '2026-12-25 10:00:00' }],
    [
      'count',
      {
        skus: [
          { sku_id: '9001', quantity: 3 },
          { sku_id: '9002', quantity: 1 },
        ],
      },
    ],
    ['SKUs', { skus: [{ sku_id: '9001', quantity: 2 }] }],
    ['reference', { agent_order_id: 'AG-2' }],
  ])('takes no order of another %s for its own', async (_, fields) => {
    server.say(duplicate(), says(detailBody(fields)));
    expect(await klook.place(order)).toEqual({ kind: 'duplicate_other_body', message: 'Klook says why.' });
  });

  const untold = { package_id: '', start_time: null, skus: null };

  it.each([
    ['nothing', untold],
    ['no SKUs', { skus: [] }],
    ['SKUs without their numbers', { skus: [{ sku_id: '9001' }, { sku_id: '9002' }] }],
    ['numbers without their SKUs', { skus: [{ sku_id: '', quantity: 3 }] }],
  ])('adopts an order of which Klook tells %s by our own reference', async (_, fields) => {
    server.say(duplicate(), says(detailBody(fields)));
    expect(await klook.place(order)).toEqual(placed);
    server.say(duplicate(), says(detailBody({ ...fields, agent_order_id: 'AG-2' })));
    expect(await klook.place(order)).toMatchObject({ kind: 'duplicate_other_body' });
  });

  it('does not know what came of it while the duplicate cannot be read', async () => {
    server.say(duplicate(), notFound);
    await expect(klook.place(order)).rejects.toMatchObject({ name: 'SupplierUnreachable' });
  });
});

describe('paying', () => {
  it.each<[string, Line, unknown]>([
    ['done', says(detailBody({ confirm_status: 'pending', transaction_status: 'paid' })), { kind: 'paid' }],
    ['done, in few words', says({ success: true }), { kind: 'paid' }],
    ['done before', refuses('ORDER_ALREADY_PAID', 409), { kind: 'paid' }],
    ['balance too low', refuses('INSUFFICIENT_BALANCE'), { kind: 'insufficient_balance', message: 'Klook says why.' }],
    ['too late', refuses('ORDER_EXPIRED'), { kind: 'expired', message: 'Klook says why.' }],
    ['sold out', refuses('SOLD_OUT'), { kind: 'sold_out', message: 'Klook says why.' }],
    [
      'price changed',
      refuses('PRICE_CHANGED'),
      { kind: 'price_changed', newNet: null, newUnitNets: [], message: 'Klook says why.' },
    ],
    ['cancelled meanwhile', refuses('ORDER_CANCELED', 409), { kind: 'invalid', message: 'Klook says why.' }],
  ])('%s', async (_, line, outcome) => {
    server.say(line);
    expect(await klook.pay('KL 1')).toEqual(outcome);
    expect(heard()).toEqual(['POST /v3/pay/balance/KL%201']);
  });

  it.each<[string, Line]>([
    ['a success that calls the order unpaid', says(detailBody())],
    ['an order not readable yet', notFound],
    ['no success, no reason', says({ success: false })],
  ])('is unknown after %s', async (_, line) => {
    server.say(line);
    await expect(klook.pay('KL1')).rejects.toMatchObject({ name: 'SupplierUnreachable' });
  });
});

describe('failures', () => {
  const calls: readonly (readonly [string, (supplier: Supplier) => Promise<unknown>])[] = [
    ['place', (supplier) => supplier.place(order)],
    ['pay', (supplier) => supplier.pay('KL1')],
    ['look', (supplier) => supplier.look('KL1')],
  ];
  const lost: readonly (readonly [string, Line])[] = [
    ['cut connection', { cut: 'before' }],
    ['cut within the answer', { cut: 'within' }],
    ['500', { status: 500, json: { success: false, error: { code: 'SOLD_OUT' } } }],
    ['504 in HTML', { status: 504, text: '<html>' }],
    ['200 that is not JSON', { text: '<html>' }],
    ['200 that is no object', says([])],
    ['a word for "later" under any status', refuses('SYSTEM_MAINTENANCE')],
  ];

  it.each(calls)('leave the truth unknown at %s', async (_, call) => {
    for (const [name, line] of lost) {
      server.say(line);
      await expect(call(klook), name).rejects.toMatchObject({ name: 'SupplierUnreachable' });
      expect(server.heard, name).toHaveLength(1);
    }
    server.say({ silence: true });
    await expect(call(impatient), 'silence').rejects.toMatchObject({ name: 'SupplierUnreachable' });
  });

  it.each([429, 503])('pass on how long Klook wants us to wait: %d', async (status) => {
    server.say({ status, headers: { 'retry-after': '3' }, json: {} });
    await expect(klook.pay('KL1')).rejects.toMatchObject({ name: 'SupplierUnreachable', retryAfterMs: 3_000 });
  });

  it.each<[string, Line]>([
    ['401', { status: 401, json: {} }],
    ['403', refuses('FORBIDDEN', 403)],
    ['the word alone', refuses('UNAUTHORIZED', 400)],
    ['400 in HTML', { status: 400, text: '<html>' }],
    ['a redirect', { status: 302, headers: { location: '/elsewhere' }, text: '' }],
  ])('need a person: %s', async (_, line) => {
    for (const [name, call] of calls) {
      server.say(line);
      await expect(call(klook), name).rejects.toMatchObject({ name: 'SupplierRejected' });
    }
  });

  it.each<[string, Line]>([
    ['place', { status: 404, text: 'no such page' }],
    ['place', { status: 422, json: { detail: 'no word' } }],
  ])('never refund a customer over a no without a word: %s', async (_, line) => {
    server.say(line);
    await expect(klook.place(order)).rejects.toMatchObject({ name: 'SupplierRejected' });
  });
});
