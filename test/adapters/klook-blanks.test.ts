// What some write for "nothing": PHP an empty array, Go a zero value. Neither may hide an order that is paid for.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKlook } from '../../adapters/suppliers/klook.ts';
import { money } from '../../domain/money.ts';
import type { Supplier } from '../../domain/supply.ts';
import { detailBody, lineBody, notFound, order, says } from './klook-objects.ts';
import { startScriptedVendor } from './scripted-vendor.ts';
import type { ScriptedVendor } from './scripted-vendor.ts';

let server: ScriptedVendor;
let klook: Supplier;

beforeAll(async () => {
  server = await startScriptedVendor();
  klook = createKlook({ apiKey: 'key-1', apiBase: server.url, timeoutMs: 5_000 });
});
afterAll(() => server.stop());

const paid = { confirm_status: 'confirmed', transaction_status: 'paid' };
const look = (fields: object) => {
  server.say(says(detailBody({ ...paid, ...fields })));
  return klook.look('KL1');
};

describe('an order with empty fields', () => {
  it('goes by the number that is filled', async () => {
    expect(await look({ klook_order_no: '', order_id: 0, klktech_order_id: 'KL1' })).toMatchObject({ orderNo: 'KL1' });
    await expect(look({ klook_order_no: '', order_id: 0 })).rejects.toMatchObject({ name: 'SupplierUnreachable' });
  });

  it.each([
    ['""', { package_id: '', start_time: '' }],
    ['0', { package_id: 0, start_time: null }],
  ])('finds package, start and SKUs in its lines behind %s', async (_, empty) => {
    const line = { package_id: 701, start_time: '2026-12-24 10:00:00', skus: [{ sku_id: 9001, count: 2 }] };
    const expected = { packageId: '701', startTime: line.start_time, items: [{ skuId: '9001', count: 2 }] };
    expect(await look({ ...empty, skus: [], items: [], bookings: [lineBody(line)] })).toMatchObject(expected);
    expect(await look({ ...empty, skus: [], bookings: [lineBody({ ...empty, skus: [] })] })).toMatchObject({
      packageId: null,
      startTime: null,
      items: [],
    });
  });

  it('has no booking reference until Klook gives one', async () => {
    expect(await look({ bookings: [lineBody({ booking_ref_number: '' })] })).toMatchObject({
      status: 'confirmed',
      lines: [{ bookingRef: '' }],
      vouchersReady: false,
    });
  });

  it.each([
    ['an empty code', [{ code: '' }]],
    ['an empty text', ['']],
    ['no code', [{ code: null }, {}]],
    ['a zero', [{ code: 0, description: '' }]],
  ])('has no voucher yet: %s', async (_, codes) => {
    expect(await look({ bookings: [lineBody({ original_vouchers: [{ codes }] })] })).toMatchObject({
      vouchersReady: false,
      vouchers: [],
    });
  });

  it('takes codes as plain texts, and leaves out the empty ones', async () => {
    const codes = ['V1', '', 2, { code: '' }, { code: 'V3', description: 'adult' }];
    const voucher = { description: '', bookingRef: 'BR1', url: null };
    expect(await look({ bookings: [lineBody({ original_vouchers: [{ codes }] })] })).toMatchObject({
      vouchersReady: true,
      vouchers: [
        { ...voucher, code: 'V1' },
        { ...voucher, code: '2' },
        { ...voucher, code: 'V3', description: 'adult' },
      ],
    });
  });
});

describe('an order that nobody cancelled', () => {
  it.each([
    ['an empty array', []],
    ['an empty object', {}],
    ['an empty text', ''],
    ['false', false],
    ['zero values', { refund_id: '', timestamp: '', refund_amount: '', transaction_fee: '', currency: '', status: '' }],
    ['zeros', { refund_id: 0, refund_amount: 0, transaction_fee: '0.00', currency: 'SGD', status: '' }],
    ['zero times', { cancel_confirm_time: '0001-01-01T00:00:00Z', finance_info: { refund_amount: 0, currency: '' } }],
    ['an array of zero values', [{ status: '', cancel_confirm_time: '0000-00-00 00:00:00', finance_info: {} }]],
  ])('has no cancellation: %s', async (_, request) => {
    expect(await look({ cancelation_request: request })).toMatchObject({ paid: true, cancellation: null });
    expect(await look({ cancellation_request: request })).toMatchObject({ paid: true, cancellation: null });
  });

  it('does not hide one in the other spelling, or in an array', async () => {
    const request = { status: 'approved', refund_amount: '91.00', transaction_fee: '', currency: '' };
    const approved = { kind: 'approved', returned: money(9_100, 'SGD'), penalty: money(0, 'SGD') };
    const both = { cancelation_request: [], cancellation_request: [request] };
    expect(await look({ confirm_status: 'canceled', ...both })).toMatchObject({ cancellation: approved });
  });
});

describe('an order just placed', () => {
  it.each([
    ['""', { total_amount: '', currency: '', pay_by: '' }],
    ['0', { total_amount: 0, currency: '' }],
    ['null', { total_amount: null, currency: null }],
  ])('costs what was asked when Klook tells nothing: %s', async (_, empty) => {
    server.say(says({ success: true, klook_order_no: 'KL1', order_id: '', ...empty }));
    expect(await klook.place(order)).toEqual({
      kind: 'placed',
      orderNo: 'KL1',
      net: money(10_100, 'SGD'),
      payBy: null,
    });
  });
});

describe('a list with orders that are not ours', () => {
  const since = new Date('2026-11-21T10:00:00Z');
  const foreign = detailBody({ klook_order_no: 'X1', agent_order_id: '', ...paid });
  const unreadable = [null, 'order', {}, [], { agent_order_id: {}, klook_order_no: [] }, { currency: '' }];
  const list = (...bookings: unknown[]) => says({ success: true, total: bookings.length, bookings });

  it('still shows ours', async () => {
    server.say(notFound, list(foreign, ...unreadable, detailBody()));
    expect(await klook.find('AG-1', since)).toMatchObject({ orderNo: 'KL1' });
  });

  it('still proves that ours is absent', async () => {
    server.say(notFound, list(foreign, ...unreadable));
    expect(await klook.find('AG-1', since)).toEqual({ kind: 'absent' });
  });

  it.each([0, '', null])('is read to its end when its total is left empty: %j', async (total) => {
    const page = (...bookings: unknown[]) => says({ success: true, total, bookings });
    server.say(notFound, page(foreign), page(detailBody()));
    expect(await klook.find('AG-1', since)).toMatchObject({ orderNo: 'KL1' });
  });

  it('never takes ours for absent because it cannot be read', async () => {
    const ours = { agent_order_id: 'AG-1', klook_order_no: {}, currency: '' };
    server.say(notFound, list(foreign, ours));
    await expect(klook.find('AG-1', since)).rejects.toMatchObject({ name: 'SupplierUnreachable' });
  });

  it('is compared order by order: one bought from our balance without a reference is told too', async () => {
    server.say(list(foreign, ...unreadable, detailBody()));
    expect(await klook.list?.(since, 1)).toMatchObject({
      orders: [
        { orderNo: 'X1', ourRef: '', paid: true },
        { orderNo: 'KL1', ourRef: 'AG-1' },
      ],
      total: 8,
    });
  });

  it('is not compared by halves when one with a reference cannot be read', async () => {
    server.say(list(detailBody({ currency: '' })));
    await expect(klook.list?.(since, 1)).rejects.toMatchObject({ name: 'SupplierUnreachable' });
  });
});
