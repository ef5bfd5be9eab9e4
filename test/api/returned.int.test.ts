// What is said to a customer who is back from the payment page while nobody can say how the payment stands.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newestOf } from '../../db/checkouts.ts';
import { paymentIdOf } from '../../domain/ids.ts';
import { describeWith } from '../setup/parts.ts';
import { NOBODY, prepareCart } from './cart-lives.ts';
import { checkedOut } from './checkout-lives.ts';
import type { CheckoutStage } from './golden.ts';
import { openShop } from './shop-bench.ts';
import type { Shop } from './shop-bench.ts';

describeWith('postgres', 'a customer who is back from the payment page', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());

  const JSON_ONLY = { ...NOBODY, headers: { Accept: 'application/json' } };
  const STAGES: readonly CheckoutStage[] = ['asked', 'declined', 'left', 'failed', 'processing'];

  it.each(STAGES)('is not told that nothing was paid while the gateway has not said so: %s', async (stage) => {
    const names = await checkedOut(shop, await prepareCart(shop, 'filled'), stage);
    shop.door.instead.set('checkPayment', { kind: 'slow' });
    const silent = await shop.send('GET', `/checkout/failure/${names['cart']}`, JSON_ONLY);
    expect(silent.body).toMatchObject({ isCompleted: false, isPending: true });
  });

  it('is told to pay anew when the gateway is done with what he was sent to pay', async () => {
    const names = await checkedOut(shop, await prepareCart(shop, 'filled'), 'asked');
    const bookingId = (await newestOf(shop.db, String(names['cart']))) ?? '';
    const closed = { type: 'payment.closed', reason: 'expired', wireStatus: 'blocked' } as const;
    await shop.door.record(bookingId, { ...closed, paymentId: paymentIdOf(bookingId, 1) });
    const answer = await shop.send('GET', `/checkout/failure/${names['cart']}`, JSON_ONLY);
    expect(answer.body).toMatchObject({ isCompleted: false, isPending: false });
  });
});
