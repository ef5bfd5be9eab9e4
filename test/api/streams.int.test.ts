import { afterAll, beforeAll, expect, it } from 'vitest';
import { createIntentExample } from '../../api/storefronts/trektoo/requests.ts';
import { describeWith } from '../setup/parts.ts';
import { bearer } from './settings.ts';
import { dataOf, openShop } from './shop-bench.ts';
import type { Shop } from './shop-bench.ts';

describeWith('postgres', 'a stream of a booking', () => {
  let shop: Shop;
  let id: string;
  beforeAll(async () => {
    shop = await openShop();
    const body = createIntentExample(new Date());
    id = String(dataOf(await shop.send('POST', '/api/payments/klook/create-intent', { body }))['booking_id']);
  });
  afterAll(() => shop.close());

  const byToken = () => bearer({ sub: 'alice' }, { expiresIn: '2s' });
  const byLink = async () => ({
    Cookie: `hf_view_${id}=${shop.deps.links.sign({ bookingId: id, purpose: 'view' }, 2_000)}`,
  });

  // Well before it would look again by itself.
  it.each([
    ['token', byToken],
    ['link', byLink],
  ])('ends with the %s that opened it', { timeout: 10_000 }, async (_, opening) => {
    const response = await shop.request('GET', `/v1/bookings/${id}/events`, { token: null, headers: await opening() });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('event: booking');
    const again = await shop.request('GET', `/v1/bookings/${id}/events`, { token: null });
    expect(again.status).toBe(401);
  });
});
