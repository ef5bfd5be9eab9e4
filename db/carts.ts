// Carts under optimistic locking: each change is made to one version and makes the next; whoever comes second is shown what came first.
import { and, eq, inArray, lte, notInArray, sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import { bigint, integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import { CART_CURRENCY } from '../domain/cart.ts';
import type { CartContents, CartDecision, CartItem, CartRefusal, CartSnapshot, ConditionKind } from '../domain/cart.ts';
import { money } from '../domain/money.ts';
import type { CartOrder } from '../domain/order.ts';
import { conditionOf, ruleRowOf, standingRules } from './catalogue.ts';
import type { Database, Queryable, Transaction } from './client.ts';

/** The storefront's own notes on a cart, `payment_intent` above all. */
export type CartMetadata = Readonly<Record<string, unknown>>;

export const carts = pgTable('carts', {
  id: text('id').primaryKey(),
  version: integer('version').notNull().default(1),
  currency: text('currency').notNull().default(CART_CURRENCY),
  ownerSub: text('owner_sub'),
  metadata: jsonb('metadata').$type<CartMetadata>().notNull().default({}),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
});

export const cartItems = pgTable('cart_items', {
  id: text('id').primaryKey(),
  cartId: text('cart_id').notNull(),
  productId: text('product_id').notNull(),
  name: text('name').notNull(),
  priceMinor: bigint('price_minor', { mode: 'number' }).notNull(),
  quantity: integer('quantity').notNull(),
  position: bigint('position', { mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
});

export const cartConditions = pgTable(
  'cart_conditions',
  {
    cartId: text('cart_id').notNull(),
    name: text('name').notNull(),
    kind: text('kind').$type<ConditionKind>().notNull(),
    percent: text('percent'),
    amountMinor: bigint('amount_minor', { mode: 'number' }),
  },
  (t) => [primaryKey({ columns: [t.cartId, t.name] })],
);

export interface StoredCart extends CartContents {
  readonly id: string;
  readonly version: number;
  readonly ownerSub: string | null;
  readonly metadata: CartMetadata;
}

export function createCart(db: Database, cart: { id: string; ownerSub: string | null }): Promise<StoredCart> {
  return db.transaction(async (tx) => {
    await tx.insert(carts).values(cart);
    const rules = await standingRules(tx);
    const conditions = rules.map(conditionOf);
    if (conditions.length > 0)
      await tx.insert(cartConditions).values(conditions.map((each) => ({ cartId: cart.id, ...ruleRowOf(each) })));
    return { ...cart, version: 1, currency: CART_CURRENCY, metadata: {}, items: [], conditions };
  });
}

export const findCart = (on: Queryable, id: string): Promise<StoredCart | undefined> => find(on, eq(carts.id, id));

const purchaseId = sql`${carts.metadata} -> 'payment_intent' ->> 'purchase_id'`;

export const findCartByPurchase = (on: Queryable, purchase: string): Promise<StoredCart | undefined> =>
  find(on, sql`${purchaseId} = ${purchase}`);

type ItemRow = Pick<typeof cartItems.$inferSelect, 'id' | 'productId' | 'name' | 'priceMinor' | 'quantity'>;
type ConditionRow = Omit<typeof cartConditions.$inferSelect, 'cartId'>;

/** One statement, so that a version is never shown with the contents of another. */
async function find(on: Queryable, where: SQL): Promise<StoredCart | undefined> {
  const [row] = await on
    .select({
      id: carts.id,
      version: carts.version,
      currency: carts.currency,
      ownerSub: carts.ownerSub,
      metadata: carts.metadata,
      items: ITEMS,
      conditions: CONDITIONS,
    })
    .from(carts)
    .where(where);
  if (!row) return undefined;
  const { currency } = row;
  const items = row.items.map(({ priceMinor, ...item }): CartItem => ({ ...item, price: money(priceMinor, currency) }));
  return { ...row, items, conditions: row.conditions.map(conditionOf) };
}

// Drizzle writes a column of the only table without its table, which in here would be another one's.
const ITEMS = sql<ItemRow[]>`(
  select coalesce(json_agg(json_build_object('id', i.id, 'productId', i.product_id, 'name', i.name,
    'priceMinor', i.price_minor, 'quantity', i.quantity) order by i.position), '[]')
  from cart_items i where i.cart_id = carts.id)`;
const CONDITIONS = sql<ConditionRow[]>`(
  select coalesce(json_agg(json_build_object('name', c.name, 'kind', c.kind, 'percent', c.percent,
    'amountMinor', c.amount_minor)), '[]')
  from cart_conditions c where c.cart_id = carts.id)`;

export interface CartAt {
  readonly cartId: string;
  readonly version: number;
}

export type CartChange =
  | { kind: 'changed'; cart: StoredCart }
  /** Somebody was first: the cart as it is now. */
  | { kind: 'stale'; cart: StoredCart }
  | { kind: 'refused'; reason: CartRefusal };

export async function changeCart(
  db: Database,
  at: CartAt,
  decide: (contents: CartContents) => CartDecision,
): Promise<CartChange> {
  const before = await mustFind(db, at.cartId);
  if (before.version !== at.version) return { kind: 'stale', cart: before };
  const decision = decide(before);
  if (decision.kind === 'refused') return decision;
  const cart = { ...before, ...decision.contents, version: at.version + 1 };
  const isSaved = await db.transaction(async (tx) => {
    if ((await nextVersion(tx, at)) === undefined) return false;
    await save(tx, cart);
    return true;
  });
  return isSaved ? { kind: 'changed', cart } : { kind: 'stale', cart: await mustFind(db, at.cartId) };
}

async function mustFind(on: Queryable, id: string): Promise<StoredCart> {
  const cart = await findCart(on, id);
  if (!cart) throw new Error(`no cart ${id}`);
  return cart;
}

/** Bars everybody else from the cart until the transaction ends; nothing when it is at another version by now. */
async function nextVersion(on: Queryable, at: CartAt, set: CartUpdate = {}): Promise<number | undefined> {
  const [row] = await on
    .update(carts)
    .set({ ...set, version: sql`${carts.version} + 1`, updatedAt: sql`now()` })
    .where(and(eq(carts.id, at.cartId), eq(carts.version, at.version)))
    .returning({ version: carts.version });
  return row?.version;
}

type CartUpdate = Pick<Partial<typeof carts.$inferInsert>, 'metadata'>;

/** The new version. */
export async function writeCartMetadata(
  on: Queryable,
  { metadata, ...at }: CartAt & { readonly metadata: CartMetadata },
): Promise<number | 'stale'> {
  return (await nextVersion(on, at, { metadata })) ?? 'stale';
}

async function save(tx: Transaction, { id: cartId, items, conditions }: StoredCart): Promise<void> {
  const itemIds = items.map(({ id }) => id);
  const names = conditions.map(({ name }) => name);
  await tx.delete(cartItems).where(and(eq(cartItems.cartId, cartId), notInArray(cartItems.id, itemIds)));
  await tx.delete(cartConditions).where(and(eq(cartConditions.cartId, cartId), notInArray(cartConditions.name, names)));
  if (items.length > 0) {
    await tx
      .insert(cartItems)
      .values(items.map(({ price, ...item }) => ({ ...item, cartId, priceMinor: price.minor })))
      .onConflictDoUpdate({
        target: cartItems.id,
        set: {
          quantity: sql`excluded.quantity`,
          name: sql`excluded.name`,
          priceMinor: sql`excluded.price_minor`,
        },
      });
  }
  if (conditions.length > 0) {
    const rows = conditions.map((condition) => ({ cartId, ...ruleRowOf(condition) }));
    await tx.insert(cartConditions).values(rows).onConflictDoNothing();
  }
}

/** Of the payment that was asked for with this booking: the page where it was made, and the trace of who asked. The version stands. */
export async function forgetIntent(tx: Transaction, { cartId, bookingId }: { cartId: string; bookingId: string }) {
  const isOfBooking = sql`${carts.metadata} -> 'payment_intent' ->> 'booking_id' = ${bookingId}`;
  await tx
    .update(carts)
    .set({ metadata: sql`${carts.metadata} #- '{payment_intent,checkout_url}' #- '{payment_intent,asked}'` })
    .where(and(eq(carts.id, cartId), isOfBooking));
}

export interface SoldCart {
  readonly cartId: string;
  /** What the cart's intent must still be, or nothing is taken out. */
  readonly purchaseId: string;
  readonly snapshot: CartSnapshot;
  /** What the intent is called from now on; one that is called so already was cleared before. */
  readonly status: string;
}

/**
 * Takes out what a snapshot sold, and leaves what came into the cart after it: of each product as many as were sold, and the vouchers
 * that were used. The new version; `not_held` when the cart is about another purchase by now, or was cleared for this one.
 */
export async function takeOutSold(
  tx: Transaction,
  { cartId, purchaseId: purchase, snapshot, status }: SoldCart,
): Promise<number | 'not_held'> {
  const isOpen = sql`${carts.metadata} -> 'payment_intent' ->> 'status' is distinct from ${status}`;
  const [row] = await tx
    .update(carts)
    .set({
      version: sql`${carts.version} + 1`,
      updatedAt: sql`now()`,
      metadata: sql`jsonb_set(${carts.metadata}, '{payment_intent,status}', to_jsonb(${status}::text))`,
    })
    .where(and(eq(carts.id, cartId), sql`${purchaseId} = ${purchase}`, isOpen))
    .returning({ version: carts.version });
  if (!row) return 'not_held';
  await takeAllOut(tx, cartId, snapshot);
  return row.version;
}

/** The same of a cart from a backup, which knows of no purchase yet. One that was changed since it was sold stays as it is. */
export async function takeOutOfOld(tx: Transaction, { cartId, cartVersion, snapshot }: CartOrder): Promise<void> {
  const [row] = await tx
    .update(carts)
    .set({ version: sql`${carts.version} + 1`, updatedAt: sql`now()` })
    .where(and(eq(carts.id, cartId), lte(carts.version, cartVersion)))
    .returning({ version: carts.version });
  if (row) await takeAllOut(tx, cartId, snapshot);
}

async function takeAllOut(tx: Transaction, cartId: string, { items, conditions }: CartSnapshot): Promise<void> {
  for (const sold of items) await takeOut(tx, cartId, sold);
  const used = conditions.filter(({ type }) => type === 'voucher').map(({ name }) => name);
  await tx.delete(cartConditions).where(and(eq(cartConditions.cartId, cartId), inArray(cartConditions.name, used)));
}

async function takeOut(
  tx: Transaction,
  cartId: string,
  { product_id, quantity }: CartSnapshot['items'][number],
): Promise<void> {
  const line = and(eq(cartItems.cartId, cartId), eq(cartItems.productId, product_id));
  const wholeLine = and(line, lte(cartItems.quantity, quantity));
  const gone = await tx.delete(cartItems).where(wholeLine).returning({ id: cartItems.id });
  if (gone.length > 0) return;
  await tx
    .update(cartItems)
    .set({ quantity: sql`${cartItems.quantity} - ${quantity}` })
    .where(line);
}
