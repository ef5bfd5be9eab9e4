import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createBookingExample } from '../../api/native/requests.ts';
import { instantOf } from '../../domain/local-time.ts';
import { loadBooking } from '../../db/bookings.ts';
import { describeWith } from '../setup/parts.ts';
import { confirmBooking } from './booking-lives.ts';
import { openShop } from './shop-bench.ts';
import type { Shop } from './shop-bench.ts';

const HOUR_MS = 3_600_000;
const CATALOGUE = 'GET /v3/activities/';

describeWith('postgres', 'the terms of a cancellation', () => {
  let shop: Shop;
  let now = new Date();
  beforeAll(async () => {
    shop = await openShop({}, () => now);
  });
  afterAll(() => shop.close());
  beforeEach(async () => {
    now = new Date();
    await shop.tellKlook('reset', {});
  });

  let made = 0;
  interface Wish {
    readonly activity?: Record<string, unknown>;
    readonly sku?: Record<string, unknown>;
    readonly timezone?: string;
  }
  const book = async ({ activity = {}, sku = {}, timezone }: Wish = {}) => {
    const example = createBookingExample(new Date());
    const ref = `AG-T${(made += 1)}`;
    const { product } = example;
    const schedule = { ...product.schedule, ...(timezone && { timezone }) };
    const items = product.items.map((item) => ({ ...item, ...sku }));
    const body = {
      ...example,
      product: { ...product, agent_order_id: ref, schedule, items, activity: { ...product.activity, ...activity } },
    };
    const answer = await shop.send('POST', '/v1/bookings', { body });
    expect(answer.status).toBe(201);
    const id = String(answer.body['id']);
    await confirmBooking(shop.door, id, ref);
    return { id, start: product.schedule.start_time };
  };
  const quoteAt = async (id: string, at: number) => {
    now = new Date(at);
    const { body } = await shop.send('POST', `/v1/bookings/${id}/cancel-quote`, { body: {} });
    return { refund: body['refund'], keep: body['keep'], reason: body['reason'] };
  };
  const ALL = { refund: 9_350, keep: 0, reason: 'Free cancellation until 24 hours before the start' };
  const NEVER = { refund: 0, keep: 9_350, reason: 'not refundable' };

  it('are Klook’s: all comes back to the last second of the free time, and nothing after it', async () => {
    const { id, start } = await book();
    const deadline = Date.parse(instantOf(start, 'Asia/Hong_Kong')) - 24 * HOUR_MS;
    expect(await quoteAt(id, deadline)).toEqual(ALL);
    expect(await quoteAt(id, deadline + 1_000)).toEqual({ ...NEVER, reason: 'no longer refundable' });
  });

  it('run by the supplier’s clock, whatever clock a client names', async () => {
    const { id, start } = await book({ timezone: 'Pacific/Honolulu' });
    const deadline = Date.parse(instantOf(start, 'Asia/Hong_Kong')) - 24 * HOUR_MS;
    expect(await quoteAt(id, deadline)).toEqual(ALL);
    expect(await quoteAt(id, deadline + 1_000)).toMatchObject({ refund: 0 });
    const stored = await loadBooking(shop.db, id);
    expect(stored?.booking.serviceZone).toBe('Asia/Hong_Kong');
  });

  it('may fall in steps', async () => {
    const { id, start } = await book({
      activity: { package_id: '2002' },
      sku: { sku_id: '3003', count: 1, price: '180.00' },
    });
    const startsAt = Date.parse(instantOf(start, 'Asia/Hong_Kong'));
    expect(await quoteAt(id, startsAt - 72 * HOUR_MS)).toMatchObject({ refund: 9_350 });
    expect(await quoteAt(id, startsAt - 72 * HOUR_MS + 1_000)).toEqual({
      refund: 4_675,
      keep: 4_675,
      reason: '50 % comes back until 24 hours before the start',
    });
    expect(await quoteAt(id, startsAt - 24 * HOUR_MS + 1_000)).toMatchObject({ refund: 0 });
  });

  it('give nothing back of what never was refundable, and say so', async () => {
    const activity = { activity_id: '1003', package_id: '2005' };
    const { id } = await book({ activity, sku: { sku_id: '3006', count: 5, price: '18.00' } });
    expect(await quoteAt(id, Date.now())).toEqual(NEVER);
  });

  it.each([
    ['Free cancellation until 24 hours before the start; non-refundable after that', ALL],
    ['free cancellation up to 1 day before the start', ALL],
    ['Free cancellation until 1 hour before the start', NEVER],
    ['You may always have your money back', NEVER],
  ])('named by a client as %j count only if they are Klook’s', async (cancellation_policy, quote) => {
    const { id } = await book({ activity: { cancellation_policy } });
    expect(await quoteAt(id, Date.now())).toEqual(quote);
  });

  it.each([
    ['does not have the route', { kind: 'status', status: 404 }],
    ['is down', { kind: 'status', status: 503 }],
    ['refuses us', { kind: 'status', status: 403 }],
    ['cuts the line', { kind: 'drop_before' }],
  ])('are none where the catalogue %s, and the booking goes on', async (_, fault) => {
    await shop.tellKlook('faults', { match: CATALOGUE, ...fault });
    const { id } = await book();
    expect(await quoteAt(id, Date.now())).toEqual(NEVER);
  });

  it('are not waited for longer than a customer would', async () => {
    await shop.tellKlook('faults', { match: CATALOGUE, kind: 'delay', ms: 20_000 });
    const began = Date.now();
    const { id } = await book();
    expect(Date.now() - began).toBeLessThan(8_000);
    expect(await quoteAt(id, Date.now())).toEqual(NEVER);
  });
});
