// Orders: what paid carts became, and how they have stood since.
import { asc, eq, sql } from 'drizzle-orm';
import { bigint, integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import type { CartSnapshot } from '../domain/cart.ts';
import { money } from '../domain/money.ts';
import type { Money } from '../domain/money.ts';
import type { OrderStatus } from '../domain/order.ts';
import type { Queryable, Transaction } from './client.ts';

export const orders = pgTable('orders', {
  orderNumber: text('order_number').primaryKey(),
  bookingId: text('booking_id').notNull(),
  cartId: text('cart_id').notNull(),
  status: text('status').$type<OrderStatus>().notNull(),
  totalMinor: bigint('total_minor', { mode: 'number' }).notNull(),
  currency: text('currency').notNull(),
  snapshot: jsonb('snapshot').$type<CartSnapshot>().notNull(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
});

export const orderItems = pgTable(
  'order_items',
  {
    orderNumber: text('order_number').notNull(),
    position: integer('position').notNull(),
    productId: text('product_id').notNull(),
    name: text('name').notNull(),
    quantity: integer('quantity').notNull(),
    unitMinor: bigint('unit_minor', { mode: 'number' }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.orderNumber, t.position] })],
);

export const orderStatusHistory = pgTable(
  'order_status_history',
  {
    orderNumber: text('order_number').notNull(),
    seq: integer('seq').notNull(),
    status: text('status').$type<OrderStatus>().notNull(),
    note: text('note').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.orderNumber, t.seq] })],
);

export interface NewOrder {
  readonly orderNumber: string;
  readonly bookingId: string;
  readonly cartId: string;
  readonly total: Money;
  readonly snapshot: CartSnapshot;
  readonly at: Date;
}

/** Placed and paid in one: an order that nobody paid for does not exist. One that was given back may be paid anew. */
export async function placeOrder(tx: Transaction, { total, at, ...order }: NewOrder): Promise<void> {
  const { orderNumber, snapshot } = order;
  const price = { totalMinor: total.minor, currency: total.currency };
  const row = { ...order, ...price, status: 'completed' as const, createdAt: at };
  const placed = await tx.insert(orders).values(row).onConflictDoNothing().returning({ of: orders.bookingId });
  if (placed.length === 0) return turnOrder(tx, { orderNumber, status: 'completed', note: 'paid anew', at });
  await tx.insert(orderItems).values(
    snapshot.items.map(({ product_id: productId, name, quantity, price: unitMinor }, i) => ({
      orderNumber,
      position: i + 1,
      productId,
      name,
      quantity,
      unitMinor,
    })),
  );
  await tx.insert(orderStatusHistory).values([
    { orderNumber, seq: 1, status: 'pending', note: 'placed', at },
    { orderNumber, seq: 2, status: 'completed', note: 'paid', at },
  ]);
}

export interface OrderTurn {
  readonly orderNumber: string;
  readonly status: OrderStatus;
  readonly note: string;
  readonly at: Date;
}

/** Under the lock of its booking, so that no two turns take one number. */
export async function turnOrder(tx: Transaction, { orderNumber, status, note, at }: OrderTurn): Promise<void> {
  const seq = sql<number>`(select max(seq) + 1 from order_status_history where order_number = ${orderNumber})`;
  await tx.update(orders).set({ status }).where(eq(orders.orderNumber, orderNumber));
  await tx.insert(orderStatusHistory).values({ orderNumber, seq, status, note, at });
}

export interface StoredOrder {
  readonly orderNumber: string;
  readonly bookingId: string;
  readonly cartId: string;
  readonly status: OrderStatus;
  readonly total: Money;
  readonly snapshot: CartSnapshot;
  readonly createdAt: Date;
  readonly items: readonly {
    readonly productId: string;
    readonly name: string;
    readonly quantity: number;
    readonly unitMinor: number;
  }[];
  readonly history: readonly { readonly status: OrderStatus; readonly note: string; readonly at: Date }[];
}

export const findOrder = (on: Queryable, orderNumber: string): Promise<StoredOrder | undefined> =>
  find(on, sql`${orders.orderNumber} = ${orderNumber}`);

export const findOrderOf = (on: Queryable, bookingId: string): Promise<StoredOrder | undefined> =>
  find(on, sql`${orders.bookingId} = ${bookingId}`);

async function find(on: Queryable, where: ReturnType<typeof sql>): Promise<StoredOrder | undefined> {
  const [row] = await on.select().from(orders).where(where);
  if (!row) return undefined;
  const { totalMinor, currency, ...order } = row;
  const { orderNumber } = row;
  const items = await on
    .select()
    .from(orderItems)
    .where(eq(orderItems.orderNumber, orderNumber))
    .orderBy(asc(orderItems.position));
  const history = await on
    .select()
    .from(orderStatusHistory)
    .where(eq(orderStatusHistory.orderNumber, orderNumber))
    .orderBy(asc(orderStatusHistory.seq));
  return { ...order, total: money(totalMinor, currency), items, history };
}
