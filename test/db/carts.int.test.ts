import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  cartConditions,
  cartItems,
  carts,
  changeCart,
  createCart,
  findCart,
  findCartByPurchase,
  takeOutSold,
  writeCartMetadata,
} from '../../db/carts.ts';
import type { StoredCart } from '../../db/carts.ts';
import { findProduct, findVoucher, listProducts, products, cartRules } from '../../db/catalogue.ts';
import { addItem, addVoucher, setQuantity, snapshotOf } from '../../domain/cart.ts';
import type { CartContents, CartDecision } from '../../domain/cart.ts';
import { describeWith } from '../setup/parts.ts';
import { openTestDatabase } from '../api/database-under-test.ts';
import type { DatabaseUnderTest } from '../api/database-under-test.ts';
import { refusedBy } from './test-bench.ts';

describeWith('postgres', 'carts', () => {
  let database: DatabaseUnderTest;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());

  let made = 0;
  const newCart = () => createCart(database.db, { id: `cart-${(made += 1)}`, ownerSub: null });
  const mustFind = async (id: string): Promise<StoredCart> => {
    const cart = await findCart(database.db, id);
    if (!cart) throw new Error(`no cart ${id}`);
    return cart;
  };
  /** One change after the other, each to the version that the one before made. */
  const changed = async (
    { id }: StoredCart,
    ...steps: ((contents: CartContents) => CartDecision)[]
  ): Promise<StoredCart> => {
    for (const step of steps) {
      const { version } = await mustFind(id);
      const change = await changeCart(database.db, { cartId: id, version }, step);
      if (change.kind !== 'changed') throw new Error(JSON.stringify(change));
      expect(change.cart).toEqual(await mustFind(id));
      expect(change.cart.version).toBe(version + 1);
    }
    return mustFind(id);
  };
  const product = async (id: string) => {
    const found = await findProduct(database.db, id);
    if (!found) throw new Error(`no product ${id}`);
    return found;
  };
  const put = async (id: string, quantity: number) => {
    const wanted = await product(id);
    return (contents: CartContents) => addItem(contents, { product: wanted, quantity, itemId: `ci_${(made += 1)}` });
  };
  const use = async (code: string) => {
    const voucher = await findVoucher(database.db, code);
    if (!voucher) throw new Error(`no voucher ${code}`);
    return (contents: CartContents) => addVoucher(contents, voucher.condition);
  };
  const quantities = ({ items }: CartContents) => items.map(({ productId, quantity }) => [productId, quantity]);

  it('come to the seed’s 12900 with what the shop sells and adds', async () => {
    expect((await listProducts(database.db)).map(({ id }) => id)).toContain('pandan-candle');
    const empty = await newCart();
    expect(empty).toEqual(await mustFind(empty.id));
    const cart = await changed(empty, await put('batik-tote', 1), await put('kopi-blend', 2));
    expect(snapshotOf(cart).totals).toEqual({ subtotal: 11_200, total: 12_900, savings: 0 });
  });

  it('keep their lines in the order they came, through every kind of change', async () => {
    const cart = await changed(
      await newCart(),
      await put('songket-scarf', 1),
      await put('enamel-mug', 4),
      await use('WELCOME10'),
      await put('songket-scarf', 2),
      await put('batik-tote', 1),
    );
    expect(quantities(cart)).toEqual([
      ['songket-scarf', 3],
      ['enamel-mug', 4],
      ['batik-tote', 1],
    ]);
    const [, mug] = cart.items;
    const without = await changed(cart, (contents) => setQuantity(contents, mug?.id ?? '', 0));
    expect(quantities(without)).toEqual([
      ['songket-scarf', 3],
      ['batik-tote', 1],
    ]);
    expect(without.conditions.map(({ name }) => name)).toContain('WELCOME10');
  });

  it('give each version to one change only, however many come at once, and lose nothing', async () => {
    const goods = ['batik-tote', 'kopi-blend', 'pandan-candle', 'songket-scarf'];
    const puts = await Promise.all(goods.map((id) => put(id, 1)));
    // Whether two of them meet in the database is left to chance: they have several.
    for (let round = 1; round <= 10; round += 1) {
      const cart = await changed(await newCart(), await put('enamel-mug', 1));
      const at = { cartId: cart.id, version: cart.version };
      const changes = await Promise.all(puts.map((change) => changeCart(database.db, at, change)));
      expect(changes.filter(({ kind }) => kind === 'changed')).toHaveLength(1);
      const now = await mustFind(cart.id);
      expect(now.version).toBe(cart.version + 1);
      expect(now.items).toHaveLength(2);
      for (const change of changes) expect(change).toMatchObject({ cart: now });
    }
  });

  it('of a change and a note on it, both made to one version, keep one', async () => {
    const { id, version } = await newCart();
    const note = writeCartMetadata(database.db, { cartId: id, version, metadata: { payment_intent: { amount: 1 } } });
    const change = changeCart(database.db, { cartId: id, version }, await put('enamel-mug', 1));
    const outcomes = [await note, (await change).kind];
    const now = await mustFind(id);
    expect(now.version).toBe(version + 1);
    const noted = 'payment_intent' in now.metadata;
    expect(outcomes).toEqual(noted ? [now.version, 'stale'] : ['stale', 'changed']);
    expect(now.items).toHaveLength(noted ? 0 : 1);
  });

  const intended = async (cart: StoredCart, purchase_id: string): Promise<StoredCart> => {
    const intent = { purchase_id, status: 'created' };
    const version = await writeCartMetadata(database.db, {
      cartId: cart.id,
      version: cart.version,
      metadata: { payment_intent: intent },
    });
    expect(version).toBe(cart.version + 1);
    return mustFind(cart.id);
  };

  it('are found by the purchase that is noted on them, by that one only and by an index', async () => {
    const cart = await intended(await newCart(), 'chip-1');
    expect(await findCartByPurchase(database.db, 'chip-1')).toEqual(cart);
    expect(await findCartByPurchase(database.db, 'chip-2')).toBeUndefined();
    const renewed = await intended(cart, 'chip-2');
    expect(await findCartByPurchase(database.db, 'chip-1')).toBeUndefined();
    expect(await findCartByPurchase(database.db, 'chip-2')).toEqual(renewed);
    expect(await refusedBy(intended(await newCart(), 'chip-2'))).toBe('carts_by_purchase');
    const plan = await database.db.transaction(async (tx) => {
      await tx.execute(sql`set local enable_seqscan = off`);
      return tx.execute(sql`explain select 1 from carts where metadata -> 'payment_intent' ->> 'purchase_id' = 'x'`);
    });
    expect(JSON.stringify(plan.rows)).toContain('carts_by_purchase');
  });

  const sell = (cart: StoredCart, purchaseId: string) =>
    database.db.transaction((tx) =>
      takeOutSold(tx, { cartId: cart.id, purchaseId, snapshot: snapshotOf(cart), status: 'paid' }),
    );

  it('lose what was sold, once, and keep what came after it', async () => {
    const frozen = await intended(
      await changed(await newCart(), await put('batik-tote', 1), await put('enamel-mug', 2), await use('RM15OFF')),
      'chip-sold',
    );
    await changed(frozen, await put('enamel-mug', 3), await put('kopi-blend', 1), await use('WELCOME10'));
    expect(await sell(frozen, 'chip-sold')).toBe(frozen.version + 4);
    const left = await mustFind(frozen.id);
    expect(quantities(left)).toEqual([
      ['enamel-mug', 3],
      ['kopi-blend', 1],
    ]);
    const names = left.conditions.map(({ name }) => name).toSorted();
    expect(names).toEqual(['Packing', 'Sales tax', 'Shipping', 'WELCOME10']);
    expect(left.metadata).toEqual({ payment_intent: { purchase_id: 'chip-sold', status: 'paid' } });
    expect(await sell(frozen, 'chip-sold')).toBe('not_held');
    expect(await mustFind(frozen.id)).toEqual(left);
  });

  it('lose nothing for a purchase that they are not about any more', async () => {
    const cart = await intended(await changed(await newCart(), await put('batik-tote', 1)), 'chip-old');
    const now = await intended(cart, 'chip-new');
    expect(await sell(cart, 'chip-old')).toBe('not_held');
    expect(await mustFind(cart.id)).toEqual(now);
  });

  it('can hold nothing that the rules forbid, whoever writes', async () => {
    const { id: cartId } = await changed(await newCart(), await put('batik-tote', 1));
    const { db } = database;
    const line = { id: 'ci_x', cartId, productId: 'enamel-mug', name: 'x', priceMinor: 1, quantity: 1 };
    const insert = (change: Partial<typeof line>) => db.insert(cartItems).values({ ...line, ...change });
    expect(await refusedBy(insert({ quantity: 0 }))).toBe('cart_items_quantity');
    expect(await refusedBy(insert({ quantity: 1_000 }))).toBe('cart_items_quantity');
    expect(await refusedBy(insert({ priceMinor: -1 }))).toBe('cart_items_price_minor_check');
    expect(await refusedBy(insert({ productId: 'batik-tote' }))).toBe('one_line_per_product');
    expect(await refusedBy(insert({ productId: 'nothing' }))).toBe('cart_items_product_id_fkey');
    const condition = { cartId, name: 'WELCOME10', kind: 'voucher', percent: '10', amountMinor: 5 } as const;
    expect(await refusedBy(db.insert(cartConditions).values(condition))).toBe('percent_or_amount');
    expect(await refusedBy(db.insert(carts).values({ id: 'c', currency: 'USD' }))).toBe('carts_currency_check');
    const rule = { name: 'ALL150', kind: 'voucher', percent: '150' } as const;
    expect(await refusedBy(db.insert(cartRules).values(rule))).toBe('vouchers_take_off_no_more_than_all');
    expect(await refusedBy(db.insert(cartRules).values({ ...rule, name: 'low', percent: '5' }))).toBe(
      'vouchers_go_by_a_code',
    );
    const gift = { id: 'gift', name: 'Gift', priceMinor: -1, rank: 9 };
    expect(await refusedBy(db.insert(products).values(gift))).toBe('products_price_minor_check');
  });
});
