import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { changeCart, createCart, findCart, writeCartMetadata } from '../../db/carts.ts';
import { findProduct } from '../../db/catalogue.ts';
import { findOrder, findOrderOf } from '../../db/orders.ts';
import { addItem, snapshotOf } from '../../domain/cart.ts';
import type { CartSnapshot } from '../../domain/cart.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { money } from '../../domain/money.ts';
import type { ServiceProduct } from '../../domain/product.ts';
import { facts } from '../domain/sample-booking.ts';
import { describeWith } from '../setup/parts.ts';
import { openBench } from './test-bench.ts';
import type { Bench } from './test-bench.ts';

const MYR = (minor: number) => money(minor, 'MYR');

describeWith('postgres', 'an order', () => {
  let bench: Bench;
  let made = 0;
  let cartId: string;
  let bookingId: string;
  let paid: readonly BookingEvent[];

  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());
  beforeEach(async () => {
    made += 1;
    cartId = `cart_${made}`;
    bookingId = `bk_${made}`;
    await createCart(bench.db, { id: cartId, ownerSub: null });
    await put('batik-tote', 1);
    const snapshot = await put('kopi-blend', 2);
    const charge = MYR(snapshot.totals.total);
    const product = productOf(snapshot);
    await bench.add(
      { id: bookingId, externalId: bookingId, storefront: 'cart', charge, fxRate: null, serviceAt: null },
      { kind: 'service', product },
    );
    const ref = `purchase_${made}`;
    await noted(ref);
    paid = own([{ ...facts.opened(1, charge), ref } as BookingEvent, facts.captured(1, charge, null)]);
  });

  /** One more of it in the cart. */
  async function put(id: string, quantity: number): Promise<CartSnapshot> {
    const [cart, product] = await Promise.all([findCart(bench.db, cartId), findProduct(bench.db, id)]);
    if (!cart || !product) throw new Error(`no ${id}`);
    const itemId = `ci_${made}_${id}`;
    const at = { cartId, version: cart.version };
    const change = await changeCart(bench.db, at, (held) => addItem(held, { product, quantity, itemId }));
    if (change.kind !== 'changed') throw new Error(change.kind);
    return snapshotOf(change.cart);
  }

  const productOf = (snapshot: CartSnapshot): ServiceProduct => ({
    kind: 'service',
    name: 'Batik tote bag and 1 more',
    option: null,
    when: null,
    items: [],
    refundPolicy: [],
    gateway: 'stripe_intent',
    payWhen: 'at_once',
    refs: { cart_id: cartId },
    order: { cartId, cartVersion: 3, snapshot, paymentMethods: [] },
  });

  async function noted(purchaseId: string): Promise<void> {
    const cart = await findCart(bench.db, cartId);
    const metadata = { payment_intent: { purchase_id: purchaseId, status: 'created' } };
    await writeCartMetadata(bench.db, { cartId, version: cart?.version ?? 0, metadata });
  }

  /** The sample facts are of bk_1. */
  const own = (events: readonly BookingEvent[]): readonly BookingEvent[] =>
    events.map((event) =>
      'paymentId' in event ? { ...event, paymentId: event.paymentId.replace('_1_', `_${made}_`) } : event,
    );
  const happen = (events: readonly BookingEvent[]) => bench.record(bookingId, () => own(events));
  const itemsIn = async () => (await findCart(bench.db, cartId))?.items.map((item) => [item.productId, item.quantity]);

  it('comes with its payment, at the prices that were frozen, and leaves the cart empty', async () => {
    await happen(paid);
    expect(await findOrderOf(bench.db, bookingId)).toBeUndefined();
    await bench.db.execute(sql`update products set price_minor = 1 where id = 'batik-tote'`);
    await happen([facts.confirmed()]);
    await bench.db.execute(sql`update products set price_minor = 4500 where id = 'batik-tote'`);
    expect(await findOrder(bench.db, `HF-${bookingId}`)).toMatchObject({
      status: 'completed',
      cartId,
      total: MYR(12_900),
      items: [
        { productId: 'batik-tote', quantity: 1, unitMinor: 4_500 },
        { productId: 'kopi-blend', quantity: 2, unitMinor: 3_350 },
      ],
      history: [{ status: 'pending' }, { status: 'completed' }],
    });
    expect(await itemsIn()).toEqual([]);
    expect((await findCart(bench.db, cartId))?.metadata).toMatchObject({ payment_intent: { status: 'paid' } });
  });

  it('is one, however many say at the same moment that it is paid', async () => {
    await happen(paid);
    await Promise.all(Array.from({ length: 10 }, () => happen([facts.confirmed()])));
    const rows = await bench.rows(sql`select order_number from orders where booking_id = ${bookingId}`);
    expect(rows).toEqual([{ order_number: `HF-${bookingId}` }]);
    expect((await findOrderOf(bench.db, bookingId))?.history).toHaveLength(2);
  });

  it('is told of once, in the transaction that makes it', async () => {
    await happen([...paid, facts.confirmed()]);
    const told = await bench.rows(sql`select topic, payload from outbox where booking_id = ${bookingId}`);
    expect(told).toEqual([
      { topic: 'order.paid', payload: expect.objectContaining({ orderNumber: `HF-${bookingId}`, total: 12_900 }) },
    ]);
  });

  it('leaves in the cart what came into it since', async () => {
    await put('batik-tote', 2);
    await put('enamel-mug', 1);
    await happen([...paid, facts.confirmed()]);
    expect(await itemsIn()).toEqual([
      ['batik-tote', 2],
      ['enamel-mug', 1],
    ]);
    expect((await findOrderOf(bench.db, bookingId))?.total).toEqual(MYR(12_900));
  });

  it('empties the cart also when another purchase of its booking than the noted one was paid', async () => {
    const [opened, captured] = paid;
    const adopted = `pay_${made}_2`;
    const { amount, ...named } = { amount: MYR(12_900), paymentId: adopted, attempt: 2, ref: `orphan_${made}` };
    await happen([
      ...(opened ? [opened] : []),
      { type: 'payment.adopted', gateway: 'stripe_intent', amount, ...named },
      { ...captured, paymentId: adopted } as BookingEvent,
      facts.confirmed(),
    ]);
    expect(await findOrderOf(bench.db, bookingId)).toMatchObject({ status: 'completed' });
    expect(await itemsIn()).toEqual([]);
  });

  it('leaves a cart alone that waits for another purchase by now', async () => {
    await noted('purchase_of_another');
    await happen([...paid, facts.confirmed()]);
    expect(await itemsIn()).toHaveLength(2);
  });

  it('says what became of it when money goes back', async () => {
    await happen([...paid, facts.confirmed()]);
    const paymentId = `pay_${made}_1`;
    const back = (n: number, minor: number) => [
      facts.refundAsked(n, minor, { paymentId, amount: MYR(minor) }),
      facts.refundSucceeded(n),
    ];
    await happen(back(1, 2_900));
    expect(await findOrderOf(bench.db, bookingId)).toMatchObject({ status: 'partially_refunded' });
    await happen(back(2, 10_000));
    const order = await findOrderOf(bench.db, bookingId);
    expect(order?.history.map(({ status }) => status)).toEqual([
      'pending',
      'completed',
      'partially_refunded',
      'refunded',
    ]);
  });

  it('is refunded in part from the beginning where part of the money was back by then', async () => {
    const asked = facts.refundAsked(7, 2_900, { paymentId: `pay_${made}_1`, amount: MYR(2_900) });
    await happen([...paid, asked, facts.refundSucceeded(7)]);
    expect(await findOrderOf(bench.db, bookingId)).toBeUndefined();
    await happen([facts.confirmed()]);
    const order = await findOrderOf(bench.db, bookingId);
    expect(order?.status).toBe('partially_refunded');
    expect(order?.history.map(({ status }) => status)).toEqual(['pending', 'completed', 'partially_refunded']);
  });

  it('is none where the money went back before anything was sold', async () => {
    await happen(paid);
    await happen([
      facts.compensating(),
      facts.refundAsked(1, 12_900, { paymentId: `pay_${made}_1`, amount: MYR(12_900), cause: 'compensation' }),
      facts.refundSucceeded(1),
    ]);
    await happen([facts.compensated()]);
    expect(await findOrderOf(bench.db, bookingId)).toBeUndefined();
    expect(await itemsIn()).toHaveLength(2);
  });
});
