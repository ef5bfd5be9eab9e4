import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Deps } from '../../activities/deps.ts';
import { paymentOrderOf } from '../../activities/payment-order.ts';
import { loadBooking } from '../../db/bookings.ts';
import { travellers } from '../../db/schema.ts';
import { money } from '../../domain/money.ts';
import type { ServiceProduct, Travellers } from '../../domain/product.ts';
import { insertBooking, openTestDatabase } from '../api/database-under-test.ts';
import type { DatabaseUnderTest } from '../api/database-under-test.ts';
import { describeWith } from '../setup/parts.ts';

const PAYER: Travellers = {
  contact: { firstName: 'Mei', familyName: '', email: 'mei@example.com', mobile: '+60123456789', country: 'SG' },
  passengers: [],
  bookingExtra: [],
  unitExtra: [],
  address: { street: '1 Jalan Ampang', city: 'Kuala Lumpur', zip: '50450', state: null, country: 'MY' },
};
const items = [{ name: 'Batik scarf', count: 2, unit: money(500, 'USD') }];
const SCARVES: ServiceProduct = {
  kind: 'service',
  name: 'Batik scarf',
  option: null,
  when: null,
  items,
  refundPolicy: [],
  gateway: 'chip',
  payWhen: 'at_once',
  refs: { cart_id: 'cart_1' },
};
const ORDER = {
  cartId: 'cart_1',
  cartVersion: 3,
  snapshot: { items: [], conditions: [], totals: { subtotal: 1_000, total: 1_000, savings: 0 } },
  paymentMethods: ['fpx_b2c'],
};

describeWith('postgres', 'a payment, as its gateway is asked for it', () => {
  let database: DatabaseUnderTest;
  let made = 0;

  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());

  async function asked(product: ServiceProduct, asksForPayer: boolean) {
    made += 1;
    const id = `bk_order${made}`;
    await insertBooking(database, id, { kind: 'service', product });
    const sealed = await database.keyring.seal(id, Buffer.from(JSON.stringify(PAYER)), 'travellers');
    await database.db.insert(travellers).values({ bookingId: id, sealed });
    const gateway = asksForPayer ? { name: 'chip', asksForPayer } : { name: 'stripe_checkout' };
    const deps = {
      db: database.db,
      keyring: database.keyring,
      gateways: { chip: gateway, stripe_checkout: gateway },
      returnUrls: { success: 'https://shop.example/paid', cancel: 'https://shop.example/' },
      checkoutUrl: 'https://pay.example/checkout',
    };
    const stored = await loadBooking(database.db, id);
    if (!stored) throw new Error(`no ${id}`);
    return { id, ...(await paymentOrderOf(deps as unknown as Deps, stored, 2)) };
  }

  it('of a cart leads back to pages of ours by the cart, and shows what is in it', async () => {
    const { order, paymentId } = await asked({ ...SCARVES, order: ORDER }, true);
    expect(paymentId).toMatch(/_2$/);
    expect(order).toMatchObject({
      reference: 'cart_1',
      returnUrls: {
        success: 'https://pay.example/checkout/success/cart_1',
        failure: 'https://pay.example/checkout/failure/cart_1',
        cancel: 'https://pay.example/checkout/cancel/cart_1',
      },
      lines: items,
      methods: ['fpx_b2c'],
    });
  });

  it('of anything else leads back to the shop, by the booking’s number', async () => {
    const { order, id } = await asked({ ...SCARVES, gateway: 'stripe_checkout' }, false);
    expect(order).toMatchObject({ reference: `HF-${id}`, methods: [] });
    expect(order.returnUrls).toEqual({
      success: 'https://shop.example/paid',
      failure: 'https://shop.example/',
      cancel: 'https://shop.example/',
    });
  });

  it('says who pays only where the gateway asks', async () => {
    expect((await asked(SCARVES, false)).order.payer).toBeNull();
    expect((await asked(SCARVES, true)).order.payer).toEqual({
      name: 'Mei',
      email: 'mei@example.com',
      phone: '+60123456789',
      street: '1 Jalan Ampang',
      city: 'Kuala Lumpur',
      zip: '50450',
      state: null,
      country: 'MY',
    });
  });
});
