import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKlook } from '../../adapters/suppliers/klook.ts';
import { money } from '../../domain/money.ts';
import type { Supplier } from '../../domain/supply.ts';
import { detailBody, lineBody, notFound, refuses, says } from './klook-objects.ts';
import { startScriptedVendor } from './scripted-vendor.ts';
import type { Line, ScriptedVendor } from './scripted-vendor.ts';

let server: ScriptedVendor;
let klook: Supplier;

beforeAll(async () => {
  server = await startScriptedVendor();
  klook = createKlook({ apiKey: 'key-1', apiBase: server.url, timeoutMs: 5_000 });
});
afterAll(() => server.stop());

const look = (fields: object) => {
  server.say(says(detailBody({ ...fields })));
  return klook.look('KL1');
};

describe('looking at an order', () => {
  it('reads number, money, times and lines', async () => {
    expect(await look({ bookings: [lineBody()] })).toEqual({
      orderNo: 'KL1',
      ourRef: 'AG-1',
      status: 'unpaid',
      wireStatus: 'unpaid',
      paid: false,
      refunded: false,
      net: money(10_100, 'SGD'),
      payBy: '2026-12-01T09:30:00.000Z',
      packageId: '701',
      startTime: '2026-12-24 10:00:00',
      items: [
        { skuId: '9001', count: 2 },
        { skuId: '9002', count: 1 },
      ],
      lines: [
        {
          activityName: 'Sky tower',
          packageName: 'Day ticket',
          bookingRef: 'BR1',
          operatorContacts: ['+65 2', 'Ops +65 3'],
        },
      ],
      vouchersReady: false,
      vouchers: [],
      cancellation: null,
    });
  });

  it.each([
    ['unpaid', 'unpaid', 'unpaid', false],
    ['unpaid', 'paid', 'pending', true],
    ['pending', 'paid', 'pending', true],
    ['confirmed', 'paid', 'confirmed', true],
    ['CONFIRMED', null, 'confirmed', true],
    ['rejected', 'refunded', 'rejected', false],
    ['rejected', 'paid', 'rejected', true],
    ['expired', 'unpaid', 'expired', false],
    ['canceled', 'refunded', 'canceled', false],
    ['cancelled', null, 'canceled', false],
    ['some_word_of_2027', 'paid', 'unknown', true],
    ['some_word_of_2027', null, 'unknown', false],
  ])('%s × %s reads as %s', async (confirm_status, transaction_status, status, paid) => {
    expect(await look({ confirm_status, transaction_status })).toMatchObject({
      status,
      wireStatus: confirm_status,
      paid,
    });
  });

  it.each([
    ['rejected', 'refunded', true],
    ['rejected', 'paid', false],
    // It rejects only what was paid for.
    ['rejected', null, true],
    ['rejected', 'unpaid', false],
    ['canceled', 'refunded', true],
    ['canceled', null, false],
    ['expired', 'unpaid', false],
    ['confirmed', 'paid', false],
  ])('%s × %s: our money was there and came back: %s', async (confirm_status, transaction_status, refunded) => {
    expect(await look({ confirm_status, transaction_status })).toMatchObject({ refunded });
  });

  it.each([
    ['12.50', 'SGD', money(1_250, 'SGD')],
    [12.5, 'sgd', money(1_250, 'SGD')],
    ['1200.00', 'JPY', money(1_200, 'JPY')],
    [0.1, 'KWD', money(100, 'KWD')],
  ])('reads %s %s exactly', async (total_amount, currency, net) => {
    expect(await look({ total_amount, currency })).toMatchObject({ net });
  });

  it.each([
    ['an amount with too many decimals', { total_amount: '12.505' }],
    ['a negative amount', { total_amount: '-1' }],
    ['an amount in words', { total_amount: 'free' }],
    ['no currency', { currency: '' }],
    ['no number', { klook_order_no: null, order_id: null }],
    ['no reference of ours', { agent_order_id: null }],
  ])('does not guess at %s', async (_, fields) => {
    await expect(look(fields)).rejects.toMatchObject({ name: 'SupplierUnreachable' });
  });

  it('finds package, start and SKUs wherever they stand', async () => {
    const bare = { package_id: null, start_time: null, skus: null };
    const place = { package_id: 701, start_time: '2026-12-24 10:00:00' };
    const expected = { packageId: '701', startTime: place.start_time, items: [{ skuId: '9001', count: 2 }] };
    const skus = [{ sku_id: 9001, count: 2 }];
    expect(await look({ ...bare, items: [{ ...place, sku_list: skus }] })).toMatchObject(expected);
    expect(await look({ ...bare, bookings: [lineBody({ ...place, skus })] })).toMatchObject(expected);
    expect(await look(bare)).toMatchObject({ packageId: null, startTime: null, items: [] });
  });

  it('is absent at 404 of any shape', async () => {
    for (const line of [notFound, { status: 404, text: 'no such page' }]) {
      server.say(line);
      expect(await klook.look('KL1')).toEqual({ kind: 'absent' });
    }
  });
});

describe('vouchers', () => {
  const codes = [{ codes: [{ code: 'V1', description: 'adult' }, { code: 2 }] }];
  const link = 'https://vouchers.example/1.pdf';
  const confirmed = (...bookings: object[]) =>
    look({ confirm_status: 'confirmed', transaction_status: 'paid', bookings });

  it('carry code, line and link', async () => {
    expect(await confirmed(lineBody({ original_vouchers: codes, voucher_url: link }))).toMatchObject({
      vouchersReady: true,
      vouchers: [
        { code: 'V1', description: 'adult', bookingRef: 'BR1', url: link },
        { code: '2', description: '', bookingRef: 'BR1', url: link },
      ],
    });
  });

  it('with a link only are shown by their booking reference', async () => {
    expect(await confirmed(lineBody({ voucher_url: link }))).toMatchObject({
      vouchersReady: true,
      vouchers: [{ code: 'BR1', description: '', bookingRef: 'BR1', url: link }],
    });
  });

  it('are not ready until every line has one', async () => {
    const ready = lineBody({ original_vouchers: codes });
    expect(await confirmed(ready, lineBody({ original_vouchers: null }))).toMatchObject({ vouchersReady: false });
    expect(await confirmed(ready, lineBody({ original_vouchers: [{ codes: [] }] }))).toMatchObject({
      vouchersReady: false,
    });
    expect(await confirmed()).toMatchObject({ vouchersReady: false });
    expect(await look({ confirm_status: 'pending', bookings: [ready] })).toMatchObject({ vouchersReady: false });
  });
});

describe('finding an order by our reference', () => {
  const since = new Date('2026-11-21T10:00:00Z');
  const find = (...lines: Line[]) => {
    server.say(...lines);
    return klook.find('AG-1', since);
  };
  const other = (n: number) => detailBody({ klook_order_no: `X${n}`, agent_order_id: `AG-X${n}` });
  const list = (total: number | null, ...bookings: unknown[]) => says({ success: true, total, bookings });

  it('asks directly first', async () => {
    expect(await find(says(detailBody()))).toMatchObject({ orderNo: 'KL1' });
    expect(server.heard.map(({ path }) => path)).toEqual(['/v2/orders/AG-1']);
  });

  it('then reads the list from five minutes before', async () => {
    expect(await find(notFound, list(2, other(1), detailBody()))).toMatchObject({ orderNo: 'KL1' });
    const query = new URL(server.heard[1]?.path ?? '', server.url).searchParams;
    expect(query.get('create_start')).toBe('2026-11-21 09:55:00');
    expect(query.get('order')).toBe('created:desc');
  });

  it('reads on to the last page', async () => {
    expect(await find(notFound, list(3, other(1), other(2)), list(3, detailBody()))).toMatchObject({ orderNo: 'KL1' });
  });

  it('does not take an order that merely has our reference as its number', async () => {
    expect(await find(says(other(1)), list(0))).toEqual({ kind: 'absent' });
  });

  it.each<[string, Line[]]>([
    ['the list is empty', [list(0)]],
    ['the whole list went by', [list(2, other(1)), list(2, other(2))]],
    ['a list without a total repeats itself', [list(null, other(1)), list(null, other(1))]],
    ['there is no list', [{ status: 404, text: '' }]],
  ])('is absent when %s', async (_, lines) => {
    expect(await find(notFound, ...lines)).toEqual({ kind: 'absent' });
  });

  it('reads the list when Klook does not take our reference for a number', async () => {
    expect(await find(refuses('INVALID_PARAMS'), list(1, detailBody()))).toMatchObject({ orderNo: 'KL1' });
    expect(await find(refuses('INVALID_PARAMS'), list(0))).toEqual({ kind: 'absent' });
    const neither = find(refuses('INVALID_PARAMS'), { status: 404, text: '' });
    await expect(neither).rejects.toMatchObject({ name: 'SupplierRejected' });
  });

  it.each([200, 400, 404])(
    'is absent when there is no list and Klook knows no such order, told at %d',
    async (status) => {
      expect(await find(refuses('ORDER_NOT_FOUND', status), { status: 404, text: '' })).toEqual({ kind: 'absent' });
    },
  );

  it.each<[string, Line[]]>([
    ['the list is cut off', [list(9, other(1)), list(9, other(1))]],
    ['the list is unreachable', [{ status: 503, text: '' }]],
    ['the list is unreadable', [says({ success: true })]],
  ])('proves nothing when %s', async (_, lines) => {
    await expect(find(notFound, ...lines)).rejects.toMatchObject({ name: 'SupplierUnreachable' });
  });
});

describe('cancelling', () => {
  const approved = { kind: 'approved', returned: money(9_100, 'SGD'), penalty: money(1_000, 'SGD') };
  const request = { refund_amount: '91.00', transaction_fee: '10.00', currency: 'SGD' };
  const finance = {
    cancel_confirm_time: '2026-12-01 10:00:00',
    finance_info: { refund_amount: 91, transaction_fee: 10, currency: 'SGD' },
  };

  it.each([
    ['bare', { success: true, status: 'approved', ...request }, approved],
    ['in data', { success: true, data: { status: 'APPROVED', ...request } }, approved],
    ['in a result list', { success: true, result: [finance] }, approved],
    ['in the order, one l', { success: true, cancelation_request: { status: 'approved', ...request } }, approved],
    ['in the order, two l', { success: true, cancellation_request: { status: 'approved', ...request } }, approved],
    [
      'no fee told',
      { success: true, status: 'approved', refund_amount: '91', currency: 'SGD' },
      { ...approved, penalty: money(0, 'SGD') },
    ],
    ['under way', { success: true, status: 'processing', ...request }, { kind: 'processing' }],
    ['unknown word', { success: true, status: 'some_word_of_2027', ...request }, { kind: 'processing' }],
    ['refused', { success: true, status: 'refused', message: 'too late' }, { kind: 'refused', message: 'too late' }],
  ])('reads its state: %s', async (_, body, fact) => {
    server.say(says(body), says(body));
    expect(await klook.cancel('KL1')).toEqual(fact);
    expect(await klook.lookCancel('KL1')).toEqual(fact);
    expect(server.heard.map(({ path }) => path)).toEqual([
      '/v3/orders/KL1/cancel/apply',
      '/v3/orders/KL1/cancel/status',
    ]);
  });

  it.each<[string, Line, unknown]>([
    ['gone', notFound, { kind: 'none' }],
    ['expired', says(detailBody({ confirm_status: 'expired' })), { kind: 'none' }],
    ['rejected', says(detailBody({ confirm_status: 'rejected' })), { kind: 'none' }],
    [
      'confirmed for good',
      says(detailBody({ confirm_status: 'confirmed' })),
      { kind: 'refused', message: 'Klook says why.' },
    ],
    [
      'cancelled before',
      says(detailBody({ confirm_status: 'canceled', cancelation_request: { status: 'approved', ...request } })),
      approved,
    ],
  ])('refused by Klook because the order is %s', async (_, detail, fact) => {
    server.say(refuses('NOT_CANCELLABLE'), detail);
    expect(await klook.cancel('KL1')).toEqual(fact);
  });

  it('that never was has no state', async () => {
    server.say(refuses('CANCEL_NOT_FOUND', 404));
    expect(await klook.lookCancel('KL1')).toEqual({ kind: 'none' });
  });
});

describe('the rest', () => {
  it('reads the balance', async () => {
    server.say(says({ success: true, remaining_balance: '1234.50', currency: 'SGD', timestamp: 1, error: {} }));
    expect(await klook.balance()).toEqual(money(123_450, 'SGD'));
  });
});
