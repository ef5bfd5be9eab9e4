import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { decideOrder, issueVouchers } from '../../sim/klook/pay.ts';
import { eventually } from './http.ts';
import { agentOrderId, orderBody, start, startBench } from './klook-bench.ts';

let bench: Awaited<ReturnType<typeof startBench>>;

beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.stop());

const becomes = (id: string, expected: object) =>
  eventually(async () => expect((await bench.detail(id)).body).toMatchObject(expected));

async function placed(change: object = {}): Promise<string> {
  const { body } = await bench.create(change);
  return String(body['klook_order_no']);
}

describe('an order', () => {
  it('costs nothing until it is paid, is confirmed at once when instant, and has its vouchers a little later', async () => {
    const id = agentOrderId();
    const { status, body } = await bench.create({ id, price: '42.50' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: true,
      agent_order_id: id,
      order_id: body['klook_order_no'],
      total_amount: '85.00',
      currency: 'USD',
      confirm_status: 'unpaid',
      transaction_status: 'unpaid',
      pay_by: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
    });
    expect(await bench.balance()).toBe('100000.00');
    const order = String(body['klook_order_no']);
    expect((await bench.pay(order)).body).toMatchObject({ confirm_status: 'confirmed', transaction_status: 'paid' });
    expect(await bench.balance()).toBe('99915.00');
    await becomes(order, {
      klktech_order_id: order,
      contact_info: { family_name: 'Lin' },
      skus: [{ sku_id: 3001, quantity: 2, sku_price: '42.50', currency: 'USD' }],
      bookings: [
        {
          activity_name: 'Harbour Lights Evening Cruise',
          confirm_status: 'confirmed',
          file_type: 'PDF',
          original_vouchers: [{ codes: [{ code: expect.any(String) }, { code: expect.any(String) }] }],
        },
      ],
      cancelation_request: null,
      error: null,
    });
  });

  it('has a voucher that is a PDF, and only once it is ready', async () => {
    const order = await placed();
    const url = `${bench.sim.url}/vouchers/${order}/1.pdf`;
    expect((await fetch(url)).status).toBe(404);
    await bench.tell('settings', { voucherMs: 60_000 });
    await bench.pay(order);
    await becomes(order, {
      confirm_status: 'confirmed',
      bookings: [{ voucher_url: '', original_vouchers: [] }],
    });
    issueVouchers(bench.sim.state, order);
    await becomes(order, { bookings: [{ voucher_url: url }] });
    const file = await fetch(url);
    expect(file.headers.get('content-type')).toBe('application/pdf');
    expect((await file.text()).slice(0, 5)).toBe('%PDF-');
    expect((await bench.call('POST', `/v2/orders/${order}/resend_voucher`)).body['success']).toBe(true);
  });

  it('waits for the operator when it is not instant', async () => {
    const order = await placed({ package_id: 2002, sku_id: 3003, count: 1 });
    await bench.tell('settings', { pendingMs: 60_000 });
    expect((await bench.pay(order)).body['confirm_status']).toBe('pending');
    expect((await bench.call('POST', `/v2/orders/${order}/resend_voucher`)).status).toBe(400);
    decideOrder(bench.sim.state, order);
    await becomes(order, { confirm_status: 'confirmed', transaction_status: 'paid' });
  });

  it('gives the money back when the operator rejects it', async () => {
    await bench.tell('settings', { pendingMs: 500 });
    const order = await placed({ package_id: 2004, sku_id: 3005, count: 1 });
    expect((await bench.pay(order)).body).toMatchObject({ confirm_status: 'pending', transaction_status: 'paid' });
    await becomes(order, { confirm_status: 'rejected', transaction_status: 'refunded' });
    const { ledger } = await bench.state<{ ledger: { type: string }[] }>();
    expect(ledger.map(({ type }) => type)).toEqual(['opening', 'debit', 'credit']);
    expect(await bench.balance()).toBe('100000.00');
    expect((await bench.pay(order)).body.error.code).toBe('ORDER_CLOSED');
  });

  it('expires when nobody pays, and says so at pay', async () => {
    await bench.tell('settings', { payByMs: 20 });
    const order = await placed();
    await becomes(order, { confirm_status: 'expired' });
    expect(await bench.pay(order)).toMatchObject({ status: 400, body: { error: { code: 'ORDER_EXPIRED' } } });
    expect(await bench.balance()).toBe('100000.00');
  });

  it('stays unpaid when the balance is short, and is paid after a top-up', async () => {
    await bench.tell('balance', { set: '84.99' });
    const order = await placed();
    expect(await bench.pay(order)).toMatchObject({ status: 400, body: { error: { code: 'INSUFFICIENT_BALANCE' } } });
    expect((await bench.detail(order)).body['confirm_status']).toBe('unpaid');
    await bench.tell('balance', { topup: '0.01' });
    expect((await bench.pay(order)).status).toBe(200);
    expect(await bench.balance()).toBe('0.00');
  });

  it('in another currency is debited at a stated rate', async () => {
    const order = await placed({ package_id: 2006, sku_id: 3007, count: 1, price: '9800' });
    expect((await bench.pay(order)).body).toMatchObject({ total_amount: '9800', currency: 'JPY' });
    expect(await bench.balance()).toBe('99934.34');
    const { ledger } = await bench.state<{ ledger: unknown[] }>();
    expect(ledger.at(-1)).toMatchObject({ type: 'debit', amountMinor: -6_566, order, note: '9800 JPY' });
  });

  it('is found by our own number and in the list of its time', async () => {
    const id = agentOrderId();
    const order = await placed({ id });
    expect((await bench.detail(id)).body['klktech_order_id']).toBe(order);
    const text = (ms: number) => encodeURIComponent(new Date(ms).toISOString().slice(0, 19).replace('T', ' '));
    const list = (from: number, to: number) =>
      bench.call('GET', `/v2/bookings?create_start=${text(from)}&create_end=${text(to)}&order=created:desc`);
    const now = Date.now();
    expect((await list(now - 5_000, now + 5_000)).body).toMatchObject({
      success: true,
      total: 1,
      bookings: [{ agent_order_id: id, klktech_order_id: order, confirm_status: 'unpaid' }],
    });
    expect((await list(now + 5_000, now + 9_000)).body['total']).toBe(0);
    expect((await list(now - 9_000, now - 5_000)).body['total']).toBe(0);
  });

  it('keeps its ledger equal to its balance', async () => {
    for (let made = 0; made < 3; made += 1) await bench.pay(await placed());
    const { ledger, balance_minor: balance } = await bench.state<{
      ledger: { amountMinor: number }[];
      balance_minor: number;
    }>();
    expect(ledger.reduce((total, line) => total + line.amountMinor, 0)).toBe(balance);
    expect(balance).toBe(10_000_000 - 3 * 8_500);
  });
});

describe('a refusal', () => {
  const code = async (change: object) => (await bench.create(change)).body.error.code;

  it('names what is sold out, withdrawn, past, at no such time or unknown', async () => {
    expect(await code({ package_id: 2003, sku_id: 3004 })).toBe('SOLD_OUT');
    expect(await code({ sku_id: 3009 })).toBe('NOT_AVAILABLE');
    expect(await code({ start_time: start(-1) })).toBe('NOT_AVAILABLE');
    expect(await code({ start_time: start(30, '03:17:00') })).toBe('NOT_AVAILABLE');
    expect(await code({ package_id: 9999 })).toBe('NOT_AVAILABLE');
    expect(await code({ package_id: 2002, sku_id: 3001 })).toBe('NOT_AVAILABLE');
    expect(bench.sim.state.orders.size).toBe(0);
  });

  it('of another price tells the new one', async () => {
    const at = start(30);
    const { status, body } = await bench.create({ price: '40.00', start_time: at });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({
      code: 'PRICE_CHANGED',
      status: 400,
      message: expect.any(String),
      help: expect.any(String),
      trace_id: expect.any(String),
      details: [{ sku_id: 3001, start_time: at, price: '42.50', currency: 'USD' }],
    });
  });

  it.each([
    [undefined],
    ['no object'],
    [[]],
    [{}],
    [{ ...orderBody({}), agent_order_id: '' }],
    [{ ...orderBody({}), contact_info: { email: 'a@b.c' } }],
    [{ ...orderBody({}), items: [] }],
    [{ ...orderBody({}), items: [null] }],
    [orderBody({ count: 0 })],
    [orderBody({ count: -1 })],
    [orderBody({ count: 1.5 })],
    [orderBody({ price: 'cheap' })],
    [orderBody({ price: '-42.50' })],
    [orderBody({ start_time: '2030-02-30 10:00:00' })],
    [orderBody({ start_time: 'tomorrow' })],
  ])('of %j is INVALID_PARAMS', async (body) => {
    expect(await bench.call('POST', '/v3/orders', body)).toMatchObject({
      status: 400,
      body: { success: false, error: { code: 'INVALID_PARAMS' } },
    });
  });

  it('asks for the answers a package needs', async () => {
    const transfer = { package_id: 2007, sku_id: 3008, count: 1 };
    expect(await code(transfer)).toBe('INVALID_PARAMS');
    const extra = {
      booking_extra_info: [{ key: 'flight_number', content: 'CX 100', selected: null, input_type: 'text' }],
      unit_extra_info: [{ key: 'passport_name', content: 'LIN MEI', selected: null, input_type: 'text' }],
    };
    expect((await bench.create({ ...transfer, extra })).status).toBe(200);
    const questions = await bench.call('GET', '/v3/otherinfo/2007/products');
    expect(questions.body['items']).toMatchObject([{ booking_extra_info: [{ key: 'flight_number', required: true }] }]);
  });

  it('has the shape of its version, without a key too', async () => {
    expect((await fetch(`${bench.sim.url}/v2/balance`)).status).toBe(401);
    expect((await bench.detail('KL0')).body).toEqual({
      success: false,
      error: { code: 'ORDER_NOT_FOUND', message: expect.any(String) },
    });
    expect((await bench.pay('KL0')).body.error).toMatchObject({
      code: 'ORDER_NOT_FOUND',
      status: 404,
      trace_id: expect.any(String),
    });
    expect((await bench.call('GET', '/v3/nothing')).body.error.code).toBe('NOT_FOUND');
    const broken = await fetch(`${bench.sim.url}/v3/orders`, {
      method: 'POST',
      headers: { 'x-api-key': 'bench' },
      body: '{"agent_order_id":',
    });
    expect(broken.status).toBe(400);
    expect(await broken.json()).toMatchObject({ error: { code: 'INVALID_PARAMS' } });
  });
});

describe('availability and validation', () => {
  const check = (entry: object) =>
    bench.call('POST', '/v3/availability/check', [
      { package_id: 2001, start_time: start(30), sku_list: [{ sku_id: 3001, count: 2, price: '', ...entry }] },
    ]);

  it('answer the current price, asked or not', async () => {
    for (const price of ['', '42.50', '1.00']) {
      expect((await check({ price })).body).toMatchObject({
        success: true,
        currency: 'USD',
        total_amount: '85.00',
        items: [
          {
            package_id: 2001,
            total_amount: '85.00',
            sku_list: [{ sku_id: 3001, count: 2, price: '42.50', currency: 'USD', available: true }],
          },
        ],
      });
    }
  });

  it('say what is sold out as an error or as a flag', async () => {
    await bench.tell('catalog', { sku_id: 3001, stock: 1 });
    expect((await check({})).body.error.code).toBe('SOLD_OUT');
    await bench.tell('settings', { availability: 'flag' });
    expect((await check({})).body).toMatchObject({
      success: true,
      items: [{ sku_list: [{ available: false, inventory: 1 }] }],
    });
  });

  it('validate an order as creating it would, and create nothing', async () => {
    const validate = (change: object) => bench.call('POST', '/v3/orders/validation', orderBody(change));
    expect((await validate({})).body).toMatchObject({ success: true, total_amount: '85.00' });
    expect((await validate({ price: '1.00' })).body.error.code).toBe('PRICE_CHANGED');
    expect(bench.sim.state.orders.size).toBe(0);
  });
});

describe('the catalogue', () => {
  it('lists categories, activities with their packages, and starts on any coming day', async () => {
    expect((await bench.call('GET', '/v3/products/categories')).body['categories']).toHaveLength(3);
    const { body } = await bench.call('GET', '/v3/activities?city_ids=1&limit=1&page=1');
    expect(body).toMatchObject({
      total: 2,
      activities: [{ activity_id: 1001, package_list: [{ package_id: 2001 }, {}] }],
    });
    expect((await bench.call('GET', '/v3/activities/1004')).body['activity']).toMatchObject({
      package_list: [
        { currency: 'JPY', timezone: 'Asia/Tokyo', instant: true, cancellation_type: 'free_cancellation' },
      ],
    });
    const from = encodeURIComponent(start(400, '00:00:00'));
    const path = `/v3/products/skus/3001,3007/schedules?start_time=${from}&end_time=${from}`;
    const { body: found } = await bench.call('GET', path);
    expect(found['schedules']).toMatchObject([
      { sku_id: 3001, currency: 'USD', calendars: [{ calendars: expect.any(Array) }] },
      { sku_id: 3007, currency: 'JPY' },
    ]);
    const entry = JSON.parse(JSON.stringify(found['schedules']))[0].calendars[0].calendars[0];
    expect(entry).toMatchObject({ selling_price: '42.50', inventory: 9999, start_time: start(400, '08:00:00') });
    // Hong Kong is eight hours ahead; sales end an hour before the start.
    expect(entry.block_out_time_utc).toBe(start(399, '23:00:00'));
  });

  it('shows itself to people', async () => {
    await placed({ familyName: '<script>' });
    const page = await (await fetch(`${bench.sim.url}/_sim`)).text();
    expect(page).toContain('Upper deck, Adult');
    expect(page).toContain('100000.00 USD');
  });
});
