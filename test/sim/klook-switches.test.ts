import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { decideCancel } from '../../sim/klook/cancel.ts';
import { decideOrder } from '../../sim/klook/pay.ts';
import { HUNG_UP, eventually } from './http.ts';
import { agentOrderId, orderBody, start, startBench } from './klook-bench.ts';

let bench: Awaited<ReturnType<typeof startBench>>;

beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.stop());

async function placed(change: object = {}): Promise<string> {
  const { body } = await bench.create(change);
  return String(body['klook_order_no']);
}

async function confirmed(change: object = {}): Promise<string> {
  const order = await placed(change);
  await bench.pay(order);
  await eventually(async () => expect((await bench.detail(order)).body['confirm_status']).toBe('confirmed'));
  return order;
}

describe('the same agent_order_id again', () => {
  it('is the same order by default, and a conflict with another body', async () => {
    const id = agentOrderId();
    const first = await placed({ id });
    expect(await placed({ id })).toBe(first);
    expect(await bench.create({ id, count: 3 })).toMatchObject({
      status: 409,
      body: { klook_order_no: first, error: { code: 'DUPLICATE_AGENT_ORDER_ID' } },
    });
    expect(bench.sim.state.orders.size).toBe(1);
  });

  it('may be a conflict that names the order', async () => {
    await bench.tell('settings', { duplicate: 'conflict' });
    const id = agentOrderId();
    const first = await placed({ id });
    expect(await bench.create({ id })).toMatchObject({ status: 409, body: { klook_order_no: first } });
  });

  it('may, at worst, be a second order', async () => {
    await bench.tell('settings', { duplicate: 'second' });
    const id = agentOrderId();
    expect(await placed({ id })).not.toBe(await placed({ id }));
    expect((await bench.call('GET', `/v2/bookings?agent_order_id=${id}`)).body['total']).toBe(2);
  });

  it('makes one order of one hundred at once', async () => {
    const body = orderBody({});
    await Promise.all(Array.from({ length: 100 }, () => bench.call('POST', '/v3/orders', body)));
    expect(bench.sim.state.orders.size).toBe(1);
  });
});

describe('paying twice', () => {
  it.each([
    ['conflict', 409, 'ORDER_ALREADY_PAID', '99915.00'],
    ['same', 200, undefined, '99915.00'],
    ['debit', 200, undefined, '99830.00'],
  ])('with repay %s answers %i %s and leaves %s', async (repay, status, code, left) => {
    await bench.tell('settings', { repay });
    const order = await placed();
    await bench.pay(order);
    const again = await bench.pay(order);
    expect(again.status).toBe(status);
    expect(again.body.error?.code).toBe(code);
    expect(await bench.balance()).toBe(left);
  });

  it('at once debits once', async () => {
    const order = await placed();
    await Promise.all(Array.from({ length: 20 }, () => bench.pay(order)));
    expect(await bench.balance()).toBe('99915.00');
  });
});

describe('between create and pay', () => {
  it('the price may change', async () => {
    const order = await placed({ price: '42.50' });
    await bench.tell('catalog', { sku_id: 3001, price: '45' });
    expect((await bench.pay(order)).body.error).toMatchObject({
      code: 'PRICE_CHANGED',
      details: [{ sku_id: 3001, price: '45.00' }],
    });
    expect(await bench.balance()).toBe('100000.00');
    expect((await bench.create({ price: '45.00' })).status).toBe(200);
  });

  it('the last seat may be gone', async () => {
    const order = await placed();
    await bench.tell('catalog', { sku_id: 3001, stock: 0 });
    expect((await bench.pay(order)).body.error.code).toBe('SOLD_OUT');
    expect(await bench.balance()).toBe('100000.00');
  });

  it('an unpaid order holds its seats, and lets go of them when it expires or is cancelled', async () => {
    await bench.tell('catalog', { sku_id: 3001, stock: 2 });
    const order = await placed({ count: 2 });
    expect((await bench.create({ count: 1 })).body.error.code).toBe('SOLD_OUT');
    await bench.applyCancel(order);
    expect((await bench.create({ count: 2 })).status).toBe(200);
    expect((await bench.create({ count: 2, start_time: start(31) })).status).toBe(200);
  });
});

describe('cancelling', () => {
  it('gives everything back while it is free, after a moment', async () => {
    await bench.tell('settings', { cancel: 'process' });
    const order = await confirmed();
    const applied = await bench.applyCancel(order);
    expect(applied.body).toMatchObject({ success: true, status: 'processing', refund_amount: '85.00' });
    expect((await bench.cancelStatus(order)).body).toMatchObject({ status: 'processing' });
    decideCancel(bench.sim.state, order);
    await eventually(async () =>
      expect((await bench.cancelStatus(order)).body).toMatchObject({
        status: 'approved',
        result: [
          {
            cancel_confirm_time: expect.stringMatching(/^\d{4}-/),
            finance_info: { refund_amount: '85.00', transaction_fee: '0.00', currency: 'USD' },
          },
        ],
      }),
    );
    expect(await bench.balance()).toBe('100000.00');
    expect((await bench.detail(order)).body).toMatchObject({
      confirm_status: 'canceled',
      transaction_status: 'refunded',
      cancelation_request: { status: 'approved', refund_amount: '85.00' },
    });
  });

  it('keeps a fee where the policy says so, and refuses when it is too late or never allowed', async () => {
    const cabin = { package_id: 2002, sku_id: 3003, count: 1 };
    const soon = await confirmed({ ...cabin, start_time: start(2, '20:00:00') });
    expect((await bench.applyCancel(soon)).body).toMatchObject({ refund_amount: '90.00', transaction_fee: '90.00' });
    await eventually(async () => expect(await bench.balance()).toBe('99910.00'));
    const fixed = await confirmed({ package_id: 2005, sku_id: 3006, count: 1 });
    expect(await bench.applyCancel(fixed)).toMatchObject({ status: 400, body: { error: { code: 'NOT_CANCELLABLE' } } });
    expect((await bench.cancelStatus(fixed)).body.error.code).toBe('CANCEL_NOT_APPLIED');
  });

  it('costs nothing before payment or confirmation', async () => {
    const unpaid = await placed();
    expect((await bench.applyCancel(unpaid)).body).toMatchObject({ status: 'approved', refund_amount: '0.00' });
    expect((await bench.detail(unpaid)).body['confirm_status']).toBe('canceled');
    const pending = await placed({ familyName: 'Doe pending', package_id: 2005, sku_id: 3006 });
    await bench.pay(pending);
    expect((await bench.applyCancel(pending)).body).toMatchObject({ refund_amount: '36.00' });
    await eventually(async () => expect(await bench.balance()).toBe('100000.00'));
  });

  it('twice returns the same request and pays back once', async () => {
    const order = await confirmed();
    const first = await bench.applyCancel(order);
    const second = await bench.applyCancel(order, 99);
    expect(second.body['refund_id']).toBe(first.body['refund_id']);
    await eventually(async () => expect(await bench.balance()).toBe('100000.00'));
    expect((await bench.applyCancel(order)).body['status']).toBe('approved');
    expect(await bench.balance()).toBe('100000.00');
  });

  it('may be refused, or never decided', async () => {
    await bench.tell('settings', { cancel: 'refuse' });
    const refused = await confirmed();
    await bench.applyCancel(refused);
    await eventually(async () => expect((await bench.cancelStatus(refused)).body['status']).toBe('refused'));
    expect((await bench.detail(refused)).body['confirm_status']).toBe('confirmed');
  });

  it('ends with the money back when the operator rejects meanwhile', async () => {
    await bench.tell('settings', { cancelMs: 60_000, pendingMs: 60_000 });
    const order = await placed({ package_id: 2004, sku_id: 3005 });
    await bench.pay(order);
    await bench.applyCancel(order);
    decideOrder(bench.sim.state, order);
    await eventually(async () =>
      expect((await bench.detail(order)).body).toMatchObject({
        confirm_status: 'rejected',
        cancelation_request: { status: 'approved' },
      }),
    );
    decideCancel(bench.sim.state, order);
    expect(await bench.balance()).toBe('100000.00');
  });

  it('wants a reason it knows, and has an older call', async () => {
    const order = await confirmed();
    expect((await bench.applyCancel(order, 42)).body.error.code).toBe('INVALID_PARAMS');
    expect((await bench.call('POST', `/v2/orders/${order}/cancel`)).body).toMatchObject({
      success: true,
      cancelation_id: expect.any(String),
      refund_amount: '85.00',
      transaction_fee: '0.00',
      currency: 'USD',
    });
  });
});

describe('a family name', () => {
  const create = (familyName: string, change: object = {}) => bench.create({ familyName, ...change });

  it('ending error-503 makes create fail without effect', async () => {
    expect(await create('Doe-error-503')).toMatchObject({ status: 503, body: { error: { code: 'MAINTENANCE' } } });
    expect(bench.sim.state.orders.size).toBe(0);
    const id = agentOrderId();
    expect((await create('Doe error-500-once', { id })).status).toBe(500);
    expect((await create('Doe error-500-once', { id })).status).toBe(200);
  });

  it('ending timeout-at-… loses the answer after the effect, once', async () => {
    const id = agentOrderId();
    await expect(create('Doe timeout-at-create', { id })).rejects.toThrow(HUNG_UP);
    expect((await create('Doe timeout-at-create', { id })).status).toBe(200);
    expect(bench.sim.state.orders.size).toBe(1);
    const order = await placed({ familyName: 'timeout-at-pay' });
    await expect(bench.pay(order)).rejects.toThrow(HUNG_UP);
    expect((await bench.detail(order)).body['transaction_status']).toBe('paid');
  });

  it('ending sold-out, price-change or no-balance decides create and pay', async () => {
    expect((await create('sold-out')).body.error.code).toBe('SOLD_OUT');
    const late = await placed({ familyName: 'Sold Out At Pay' });
    expect((await bench.pay(late)).body.error.code).toBe('SOLD_OUT');
    expect((await create('price-change', { price: '42.50' })).body.error).toMatchObject({
      code: 'PRICE_CHANGED',
      details: [{ price: '63.75' }],
    });
    const small = (await create('price-change-small', { price: '42.50' })).body.error;
    expect(small.details).toMatchObject([{ price: '42.93' }]);
    const accepted = await placed({ familyName: 'price-change-small', price: '42.93' });
    expect((await bench.pay(accepted)).status).toBe(200);
    const moved = await placed({ familyName: 'price-change-at-pay', price: '42.50' });
    expect((await bench.pay(moved)).body.error).toMatchObject({ code: 'PRICE_CHANGED', details: [{ price: '63.75' }] });
    const again = await placed({ familyName: 'price-change-at-pay', price: '63.75' });
    expect((await bench.pay(again)).status).toBe(200);
    expect((await bench.pay(await placed({ familyName: 'no-balance' }))).body.error.code).toBe('INSUFFICIENT_BALANCE');
  });

  it('ending pending, reject or no-voucher decides what comes after', async () => {
    const ids = await Promise.all(
      ['pending', 'reject', 'no-voucher'].map(async (familyName) => {
        const order = await placed({ familyName });
        await bench.pay(order);
        return order;
      }),
    );
    const details = () => Promise.all(ids.map(async (id) => (await bench.detail(id)).body));
    await eventually(async () =>
      expect((await details()).map((detail) => detail['confirm_status'])).toEqual(['pending', 'rejected', 'confirmed']),
    );
    expect((await details())[2]?.['bookings']).toMatchObject([{ voucher_url: '' }]);
  });
});

describe('a switch', () => {
  it('hides new orders for a while', async () => {
    await bench.tell('settings', { unreadableMs: 60_000 });
    const order = await placed();
    expect((await bench.detail(order)).status).toBe(404);
    expect((await bench.call('GET', '/v2/bookings')).body['total']).toBe(0);
    await bench.tell('settings', { unreadableMs: 0 });
    expect((await bench.detail(order)).status).toBe(200);
  });

  it.each([
    ['both', 200, 1],
    ['order', 200, 0],
    ['list', 404, 1],
    ['none', 404, 0],
  ])('lookup %s answers %i by our number and lists %i', async (lookup, status, total) => {
    await bench.tell('settings', { lookup });
    const id = agentOrderId();
    const order = await placed({ id });
    expect((await bench.detail(id)).status).toBe(status);
    expect((await bench.call('GET', '/v2/bookings')).body['total']).toBe(total);
    expect((await bench.detail(order)).status).toBe(200);
  });

  it('that is unknown, of the wrong type or with an unknown word is refused whole', async () => {
    for (const wrong of [{ nothing: 1 }, { pendingMs: '5' }, { pendingMs: -1 }, { repay: 'maybe' }, [], 'x']) {
      expect((await bench.tell('settings', wrong)).status).toBe(400);
    }
    expect((await bench.tell('settings', { pendingMs: 7, repay: 'never' })).status).toBe(400);
    expect(bench.sim.state.settings).toMatchObject({ pendingMs: 40, repay: 'conflict' });
  });

  it('of the catalogue adds and changes what is sold', async () => {
    const added = { sku_id: 'X-1', package_id: 'P-1', price: '12.5', instant: false, currency: 'eur', stock: 1 };
    expect((await bench.tell('catalog', added)).status).toBe(200);
    const { body } = await bench.call('POST', '/v3/availability/check', [
      { package_id: 'P-1', start_time: start(3), sku_list: [{ sku_id: 'X-1', count: 1 }] },
    ]);
    expect(body).toMatchObject({ currency: 'EUR', total_amount: '12.50', items: [{ package_id: 'P-1' }] });
    expect((await bench.tell('catalog', { sku_id: 'X-2' })).status).toBe(400);
    expect((await bench.tell('catalog', { sku_id: 3001, price: 'x' })).status).toBe(400);
    expect((await bench.tell('catalog', { sku_id: 3001, stock: -1 })).status).toBe(400);
    expect((await bench.tell('balance', { set: 'lots' })).status).toBe(400);
  });

  it('back to the beginning is reset', async () => {
    await bench.tell('settings', { repay: 'debit' });
    await bench.tell('catalog', { sku_id: 3001, price: '1' });
    await confirmed();
    await bench.tell('reset', {});
    expect(await bench.balance()).toBe('100000.00');
    expect(bench.sim.state.orders.size).toBe(0);
    expect(bench.sim.state.settings.repay).toBe('conflict');
    expect((await bench.create({ price: '42.50' })).status).toBe(200);
  });
});
