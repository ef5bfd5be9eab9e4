import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createIntentExample } from '../../api/storefronts/trektoo/requests.ts';
import { bookings } from '../../db/schema.ts';
import { describeWith } from '../setup/parts.ts';
import { confirmBooking } from './booking-lives.ts';
import { dataOf, openShop } from './shop-bench.ts';
import type { Shop } from './shop-bench.ts';

const PATH = '/api/payments/klook/create-intent';
const MINUTE_MS = 60_000;
const example = () => createIntentExample(new Date());
let made = 0;

describeWith('postgres', 'an order that the frontend made at Klook', () => {
  let shop: Shop;
  /** How long after the real time the desk believes it is. */
  let aheadMs = 0;
  beforeAll(async () => {
    shop = await openShop({}, () => new Date(Date.now() + aheadMs));
  });
  afterAll(() => shop.close());

  const placed = async (count = 2) => {
    const { contact_info, items, schedule, activity } = example();
    const ref = `FE-${(made += 1)}`;
    const sku_list = items.map(({ sku_id, price }) => ({ sku_id, count, price }));
    const order = {
      agent_order_id: ref,
      contact_info,
      items: [{ package_id: activity.package_id, start_time: schedule.start_time, sku_list }],
    };
    const response = await fetch(`${shop.klook.url}/v3/orders`, {
      method: 'POST',
      body: JSON.stringify(order),
      headers: { 'Content-Type': 'application/json', 'X-API-KEY': 'klook_test_holdfast' },
    });
    const answer: unknown = await response.json();
    if (typeof answer !== 'object' || answer === null || !('klook_order_no' in answer))
      throw new Error('Klook made no order');
    return { ref, orderNo: String(answer.klook_order_no) };
  };
  const create = (change: object, sub = 'alice', process = 0) =>
    shop.send('POST', PATH, { body: { ...example(), ...change }, sub, process });

  it('is taken over when it is exactly what the request says, until 5 min before its pay-by', async () => {
    const { ref, orderNo } = await placed();
    const answer = await create({ order_id: orderNo });
    expect(answer.status).toBe(201);
    const data = dataOf(answer);
    expect(data).toMatchObject({ order_id: orderNo, agent_order_id: ref });
    const leftMs = Date.parse(String(data['expires_at'])) - Date.now();
    expect(leftMs).toBeGreaterThan(24 * MINUTE_MS);
    expect(leftMs).toBeLessThanOrEqual(25 * MINUTE_MS);
    expect((await create({ order_id: orderNo })).body).toEqual(answer.body);
    const found = await shop.send('GET', `/klook/order-status/${orderNo}`);
    expect(dataOf(found)).toMatchObject({ booking_id: data['booking_id'], klook_status: 'unpaid' });
  });

  it('is held by one booking only, however many ask at once', async () => {
    const { orderNo } = await placed();
    const askers = ['ann', 'ben', 'cat', 'dan', 'eve'];
    const answers = await Promise.all(askers.map((sub, process) => create({ order_id: orderNo }, sub, process)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409, 409, 409]);
    const rows = await shop.db
      .select()
      .from(bookings)
      .where(eq(bookings.externalId, `FE-${made}`));
    expect(rows).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => body['code']))).toEqual(new Set([undefined, 'order_not_adoptable']));
  });

  it.each([
    ['another reference', { agent_order_id: 'FE-other' }],
    ['another count', { items: [{ sku_id: '3001', count: 1, price: '42.50' }], amount: '46.75' }],
    ['another price', { items: [{ sku_id: '3001', count: 2, price: '40.00' }], amount: '88.00' }],
    ['another SKU', { items: [{ sku_id: '3002', count: 2, price: '42.50' }] }],
    ['another package', { activity: { ...example().activity, package_id: '2002' } }],
    [
      'another start',
      { schedule: { ...example().schedule, start_time: example().schedule.start_time.replace('19:', '18:') } },
    ],
  ])('is not taken over for %s', async (_name, change) => {
    const { orderNo } = await placed();
    const answer = await create({ order_id: orderNo, ...change });
    expect([answer.status, answer.body['code']]).toEqual([409, 'order_not_adoptable']);
  });

  it('is not taken over once it is paid', async () => {
    const { orderNo } = await placed();
    await fetch(`${shop.klook.url}/v3/pay/balance/${orderNo}`, {
      method: 'POST',
      headers: { 'X-API-KEY': 'klook_test_holdfast' },
    });
    const answer = await create({ order_id: orderNo });
    expect([answer.status, answer.body['code']]).toEqual([409, 'order_not_adoptable']);
  });

  it('is not taken over when we made it ourselves for another booking', async () => {
    const { ref, orderNo } = await placed();
    const other = dataOf(await create({ agent_order_id: `AG-A${made}` }));
    await confirmBooking(shop.door, String(other['booking_id']), `AG-A${made}`, { ref, orderNo });
    const answer = await create({ order_id: orderNo });
    expect([answer.status, answer.body['code']]).toEqual([409, 'order_not_adoptable']);
  });

  it('that Klook does not know is 404', async () => {
    const answer = await create({ order_id: 'KL-nowhere' });
    expect([answer.status, answer.body['code']]).toEqual([404, 'order_not_found']);
  });

  it('with less than 5 min left is refused', async () => {
    const { orderNo } = await placed();
    aheadMs = 25 * MINUTE_MS + 5_000;
    const answer = await create({ order_id: orderNo });
    aheadMs = 0;
    expect([answer.status, answer.body['code']]).toEqual([409, 'order_expired']);
  });
});
