import { afterAll, beforeAll, expect, it } from 'vitest';
import { createIntentExample } from '../../api/storefronts/trektoo/requests.ts';
import { describeWith } from '../setup/parts.ts';
import { confirmBooking } from './booking-lives.ts';
import { dataOf, openShop } from './shop-bench.ts';
import type { Shop } from './shop-bench.ts';

describeWith('postgres', 'the brake on letters', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());

  let made = 0;
  async function confirmed(): Promise<{ id: string; names: readonly string[] }> {
    const ref = `AG-B${(made += 1)}`;
    const body = { ...createIntentExample(new Date()), agent_order_id: ref };
    const id = String(dataOf(await shop.send('POST', '/api/payments/klook/create-intent', { body }))['booking_id']);
    await confirmBooking(shop.door, id, ref);
    const number = String((await shop.send('GET', `/v1/bookings/${id}`)).body['number']);
    const mixed = number.toLowerCase().replace(/[a-z]$/, (last) => last.toUpperCase());
    return { id, names: [number, number.toLowerCase(), mixed, ref, `${ref}-r1`, `KL-${id}`] };
  }
  const resend = async (name: string, sub = 'alice') =>
    (await shop.send('POST', `/api/klook/bookings/${name}/vouchers`, { sub })).status;
  const natively = async (id: string) => (await shop.send('POST', `/v1/bookings/${id}/resend`)).status;

  it('holds whichever of its names the booking is called by, on either wire', async () => {
    const { id, names } = await confirmed();
    expect([await resend(id), await resend(names[0] ?? ''), await natively(id)]).toEqual([200, 200, 200]);
    for (const name of [id, ...names]) expect([name, await resend(name)]).toEqual([name, 429]);
    expect(await natively(id)).toBe(429);
  });

  it('holds nobody up who asks for another booking, nor the owner for what a stranger asks', async () => {
    const [one, other] = [await confirmed(), await confirmed()];
    for (let times = 0; times < 5; times += 1) await resend(one.id, 'mallory');
    for (let times = 0; times < 3; times += 1) expect(await resend(one.id)).toBe(200);
    expect([await resend(one.id), await resend(other.id)]).toEqual([429, 200]);
  });
});
