// An order that was placed with a token from a cart that was opened without one.
import { desc } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bookings } from '../../db/schema.ts';
import { describeWith } from '../setup/parts.ts';
import { NOBODY, prepareCart } from './cart-lives.ts';
import { checkOut, payCart } from './checkout-lives.ts';
import { openShop } from './shop-bench.ts';
import type { Shop } from './shop-bench.ts';

describeWith('postgres', 'an order of a cart that was opened before its customer signed in', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());

  it('is shown to who placed it, by the token alone, and to no other token', async () => {
    const id = String((await prepareCart(shop, 'filled'))['cart']);
    await checkOut(shop, { id }, { sub: 'alice' });
    const [booking] = await shop.db.select().from(bookings).orderBy(desc(bookings.createdAt)).limit(1);
    await payCart(shop.door, booking?.id ?? '');
    const path = `/orders/${booking?.number}`;
    expect((await shop.send('GET', path, { sub: 'alice' })).status).toBe(200);
    expect((await shop.send('GET', path, { sub: 'alice', storefront: 'airport' })).status).toBe(403);
    expect((await shop.send('GET', path, { sub: 'mallory' })).status).toBe(404);
    expect((await shop.send('GET', path, NOBODY)).status).toBe(404);
  });
});
