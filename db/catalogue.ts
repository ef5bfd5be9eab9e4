// What the shop sells, and the rules by which the price of a cart is raised or lowered.
import { and, asc, eq, ne } from 'drizzle-orm';
import { bigint, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import type { CartCondition, CatalogueProduct, ConditionKind } from '../domain/cart.ts';
import { CART_CURRENCY } from '../domain/cart.ts';
import { money } from '../domain/money.ts';
import type { Queryable } from './client.ts';

export const products = pgTable('products', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  priceMinor: bigint('price_minor', { mode: 'number' }).notNull(),
  currency: text('currency').notNull().default(CART_CURRENCY),
  rank: integer('rank').notNull(),
});

export const cartRules = pgTable('cart_rules', {
  name: text('name').primaryKey(),
  kind: text('kind').$type<ConditionKind>().notNull(),
  percent: text('percent'),
  amountMinor: bigint('amount_minor', { mode: 'number' }),
  validUntil: timestamp('valid_until', { withTimezone: true }),
});

export async function listProducts(on: Queryable): Promise<readonly CatalogueProduct[]> {
  const rows = await on.select().from(products).orderBy(asc(products.rank), asc(products.id));
  return rows.map(productOf);
}

export async function findProduct(on: Queryable, id: string): Promise<CatalogueProduct | undefined> {
  const [row] = await on.select().from(products).where(eq(products.id, id));
  return row && productOf(row);
}

const productOf = ({ id, name, priceMinor, currency }: typeof products.$inferSelect): CatalogueProduct => ({
  id,
  name,
  price: money(priceMinor, currency),
});

export interface Voucher {
  readonly condition: CartCondition;
  readonly validUntil: Date | null;
}

export async function findVoucher(on: Queryable, code: string): Promise<Voucher | undefined> {
  const [row] = await on
    .select()
    .from(cartRules)
    .where(and(eq(cartRules.name, code), eq(cartRules.kind, 'voucher')));
  return row && { condition: conditionOf(row), validUntil: row.validUntil };
}

/** What every cart has on it. */
export const standingRules = (on: Queryable): Promise<readonly (typeof cartRules.$inferSelect)[]> =>
  on.select().from(cartRules).where(ne(cartRules.kind, 'voucher'));

type RuleRow = Pick<typeof cartRules.$inferSelect, 'name' | 'kind' | 'percent' | 'amountMinor'>;

export function conditionOf({ name, kind, percent, amountMinor }: RuleRow): CartCondition {
  if (percent !== null) return { name, kind, rate: { kind: 'percent', percent } };
  if (amountMinor === null) throw new Error(`${name} has neither a percentage nor a sum`);
  return { name, kind, rate: { kind: 'fixed', amount: money(amountMinor, CART_CURRENCY) } };
}

export const ruleRowOf = ({ name, kind, rate }: CartCondition): RuleRow =>
  rate.kind === 'percent'
    ? { name, kind, percent: rate.percent, amountMinor: null }
    : { name, kind, percent: null, amountMinor: rate.amount.minor };
