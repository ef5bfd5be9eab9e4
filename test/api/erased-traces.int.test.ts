import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CUSTOMER_EXAMPLE } from '../../api/storefronts/cart/customer.ts';
import { findCart } from '../../db/carts.ts';
import { askErasure, erase } from '../../db/erasures.ts';
import { bookings } from '../../db/schema.ts';
import { describeWith } from '../setup/parts.ts';
import { fill, NOBODY, openCart, SEEDED } from './cart-lives.ts';
import { letDoorClose } from './checkout-lives.ts';
import { dataOf, openShop } from './shop-bench.ts';
import type { Shop } from './shop-bench.ts';
import { bookStay } from './travello-lives.ts';

describeWith('postgres', 'what was left of a person beside their booking', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
    letDoorClose(shop);
  });
  afterAll(() => shop.close());

  interface Asked {
    readonly bookingId: string;
    readonly path: string;
    readonly body: unknown;
  }

  async function asStay(): Promise<Asked> {
    const { id, booking } = await bookStay(shop);
    return { bookingId: id, path: '/api/payments/create-session/', body: { booking_id: booking } };
  }

  async function asFlight(): Promise<Asked> {
    const wish = { service: 'meet_assist', flight: 'HF 714', date: '2099-05-04', passengers: 3 };
    const bookingId = String(dataOf(await shop.send('POST', '/bookings', { body: wish }))['id']);
    const body = { bookingId, amount: 450.99, currency: 'USD' };
    return { bookingId, path: '/payment/create-payment-intent', body };
  }

  async function asGoods(): Promise<Asked> {
    const { id } = await fill(shop, await openCart(shop), SEEDED);
    return { bookingId: '', path: '/checkout', body: { cart_id: id, customer: CUSTOMER_EXAMPLE } };
  }

  const bookingOfCart = async (cartId: string): Promise<string> => {
    const rows = await shop.db.select().from(bookings).where(eq(bookings.storefront, 'cart'));
    return rows.find(({ product }) => JSON.stringify(product).includes(cartId))?.id ?? '';
  };

  async function forget(id: string): Promise<void> {
    const paymentId = `pay_${id.slice('bk_'.length)}_1`;
    await shop.door.record(
      id,
      { type: 'payment.closed', paymentId, reason: 'expired', wireStatus: 'expired' },
      { type: 'booking.expired', attempt: 1 },
    );
    await askErasure(shop.db, [id], { actor: 'ada', role: 'admin' });
    expect(await erase(shop.db, id, Date.now())).toBe('now');
  }

  it.each([
    ['a session on Stripe’s page', asStay],
    ['a payment intent and its secret', asFlight],
    ['the page where a cart is paid', asGoods],
  ])('goes with it: %s, kept for whoever asks the same again', async (_, asking) => {
    const { bookingId, path, body } = await asking();
    const headers = { 'Idempotency-Key': randomUUID() };
    const ask = () => shop.send('POST', path, { body, headers });
    expect((await ask()).status).toBe(200);
    const { cart_id: cartId } = Object(body) as { cart_id?: string };
    await forget(cartId === undefined ? bookingId : await bookingOfCart(cartId));
    const again = await ask();
    expect([again.status, again.headers.get('Idempotent-Replayed')]).toEqual([409, null]);
  });

  it('goes with it: a refusal to be asked for money, kept for whoever asks the same again', async () => {
    const { id } = await fill(shop, await openCart(shop), SEEDED);
    const body = { cart_id: id, customer: CUSTOMER_EXAMPLE };
    expect((await shop.send('POST', '/checkout', { ...NOBODY, body })).status).toBe(200);
    const headers = { 'Idempotency-Key': randomUUID() };
    shop.door.instead.set('cancel', { kind: 'answered', value: { kind: 'too_late', status: 'processing' } });
    const other = { ...body, customer: { ...CUSTOMER_EXAMPLE, name: 'Somebody Else' } };
    const ask = () => shop.send('POST', '/checkout', { ...NOBODY, body: other, headers });
    expect((await ask()).status).toBe(409);
    await forget(await bookingOfCart(id));
    const { body: again } = await ask();
    expect(again).toMatchObject({ error: { code: 'erased' } });
  });

  it('goes with it: the page where the cart is paid and the trace of what was asked, while the cart stays a cart', async () => {
    const made = await fill(shop, await openCart(shop), SEEDED);
    const { id } = made;
    const body = { cart_id: id, customer: CUSTOMER_EXAMPLE };
    const holding = { ...NOBODY, headers: { 'X-Cart-Id': id } };
    const first = await shop.send('POST', '/checkout', { ...holding, body });
    const noted = async () => JSON.stringify((await findCart(shop.db, id))?.metadata);
    expect(await noted()).toContain(first.body['checkout_url']);
    const bookingId = await bookingOfCart(id);
    await forget(bookingId);

    const left = (await findCart(shop.db, id))?.metadata['payment_intent'];
    expect(left).toMatchObject({ booking_id: bookingId, purchase_id: first.body['purchase_id'] });
    expect(left).not.toHaveProperty('checkout_url');
    expect(left).not.toHaveProperty('asked');

    const shown = await shop.send('GET', `/carts/${id}`, holding);
    const payment_intent = { checkout_url: null, customer_data: null, status: 'expired' };
    expect([shown.status, shown.body]).toMatchObject([200, { metadata: { payment_intent } }]);
    const diagnostics = await shop.send('GET', `/carts/${id}/payment-intent`, holding);
    expect(diagnostics.body).toMatchObject({ has_intent: true, valid: false, status: 'expired' });
    const anew = await shop.send('POST', '/checkout', { ...holding, body });
    expect(anew).toMatchObject({ status: 200 });
    expect(anew.body['purchase_id']).not.toBe(first.body['purchase_id']);
  });

  it('stays on a cart that was asked to be paid anew since: that is another booking', async () => {
    const { id } = await fill(shop, await openCart(shop), SEEDED);
    const holding = { ...NOBODY, headers: { 'X-Cart-Id': id } };
    const ask = (name: string) =>
      shop.send('POST', '/checkout', {
        ...holding,
        body: { cart_id: id, customer: { ...CUSTOMER_EXAMPLE, name } },
      });
    await ask('Aisyah Rahman');
    const before = await bookingOfCart(id);
    const { body } = await ask('Badrul Hisham');
    await askErasure(shop.db, [before], { actor: 'ada', role: 'admin' });
    expect(await erase(shop.db, before, Date.now())).toBe('now');
    const shown = await shop.send('GET', `/carts/${id}`, holding);
    expect(shown.body).toMatchObject({ metadata: { payment_intent: { checkout_url: body['checkout_url'] } } });
  });
});
