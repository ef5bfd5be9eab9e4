// A cart whose backup is older than its sale: what was paid must not be for sale in it a second time.
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { changeCart, createCart, findCart } from '../../db/carts.ts';
import { findProduct } from '../../db/catalogue.ts';
import { tellRecorded } from '../../db/keeping.ts';
import { createKeyring } from '../../db/keyring.ts';
import { addItem, snapshotOf } from '../../domain/cart.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { money } from '../../domain/money.ts';
import { lossOf } from '../../domain/recovery.ts';
import { rebuild } from '../../worker/recover/rebuild.ts';
import { openBench } from '../db/test-bench.ts';
import type { Bench } from '../db/test-bench.ts';
import { facts } from '../domain/sample-booking.ts';
import { describeWith } from '../setup/parts.ts';

const CART = 'cart_1';
const masters = [{ id: 'm1', bytes: randomBytes(32) }] as const;

describeWith('postgres', 'a cart in an old backup', () => {
  let lost: Bench;
  let restored: Bench;
  beforeEach(async () => {
    [lost, restored] = await Promise.all([openBench(), openBench()]);
    for (const { db } of [lost, restored]) await createCart(db, { id: CART, ownerSub: null });
  });
  afterEach(() => Promise.all([lost.close(), restored.close()]));

  async function put({ db }: Bench, id: string, quantity: number): Promise<void> {
    const [cart, product] = await Promise.all([findCart(db, CART), findProduct(db, id)]);
    if (!cart || !product) throw new Error(`no ${id}`);
    const at = { cartId: CART, version: cart.version };
    const change = await changeCart(db, at, (held) => addItem(held, { product, quantity, itemId: `ci_${id}` }));
    if (change.kind !== 'changed') throw new Error(change.kind);
  }
  const itemsIn = async ({ db }: Bench) =>
    (await findCart(db, CART))?.items.map(({ productId, quantity }) => [productId, quantity]);

  /** Checks out what is in the lost cart; all of it is told. */
  async function lossOfSale(story: (charge: ReturnType<typeof money>) => readonly BookingEvent[]) {
    const cart = await findCart(lost.db, CART);
    if (!cart) throw new Error('no cart');
    const snapshot = snapshotOf(cart);
    const charge = money(snapshot.totals.total, 'MYR');
    const booking = { storefront: 'cart', charge, fxRate: null, serviceAt: null } as const;
    const order = { cartId: CART, cartVersion: cart.version, snapshot, paymentMethods: [] };
    const what = { name: 'Batik tote bag', option: null, when: null, items: [], refundPolicy: [] };
    const how = { gateway: 'stripe_intent', payWhen: 'at_once', refs: { cart_id: CART }, order } as const;
    await lost.add(booking, { kind: 'service', product: { kind: 'service', ...what, ...how } });
    await lost.record('bk_1', () => story(charge));
    const recall = await tellRecorded(lost.db, 'bk_1');
    const loss = lossOf({ bookingId: 'bk_1', recalls: recall ? [recall] : [], version: 0 }, undefined);
    if (loss.kind !== 'absent') throw new Error(`the booking is ${loss.kind}`);
    return { bookingId: 'bk_1', loss, historyKey: randomBytes(32), late: [] };
  }
  const paid = (charge: ReturnType<typeof money>) => [facts.opened(1, charge), facts.captured(1, charge, null)];
  const sold = (charge: ReturnType<typeof money>) => [...paid(charge), facts.confirmed()];
  const deps = () => ({ ...restored, keyring: createKeyring(restored.db, masters), clock: () => new Date() });

  it('loses what was sold after it, as far as it holds it', async () => {
    await put(restored, 'batik-tote', 1);
    for (const id of ['batik-tote', 'kopi-blend']) await put(lost, id, 1);
    await rebuild(deps(), await lossOfSale(sold), true);
    expect(await itemsIn(restored)).toEqual([]);
    expect((await findCart(restored.db, CART))?.version).toBe(3);
  });

  it('keeps what was only to be paid, and what it came to hold after that', async () => {
    for (const bench of [lost, restored]) await put(bench, 'batik-tote', 1);
    const unconfirmed = await lossOfSale(paid);
    await rebuild(deps(), unconfirmed, true);
    expect(await itemsIn(restored)).toEqual([['batik-tote', 1]]);
  });

  it('keeps what it holds where it was changed after the sale', async () => {
    for (const bench of [lost, restored]) await put(bench, 'batik-tote', 1);
    await put(restored, 'batik-tote', 2);
    await rebuild(deps(), await lossOfSale(sold), true);
    expect(await itemsIn(restored)).toEqual([['batik-tote', 3]]);
  });
});
