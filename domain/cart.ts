// A cart: what is in it, what is added to and taken off its price, and what it comes to. Whoever changes it gets a new one.
import { add, MAX_MINOR, percentOf, subtract, times, zero } from './money.ts';
import type { Money } from './money.ts';

export const CART_CURRENCY = 'MYR';
export const MAX_QUANTITY = 999;

export type ConditionKind = 'voucher' | 'shipping' | 'tax' | 'fee';
export type Rate =
  | { readonly kind: 'percent'; readonly percent: string }
  | { readonly kind: 'fixed'; readonly amount: Money };

/** A voucher is asked for by its code; the other kinds are on every cart. */
export interface CartCondition {
  readonly name: string;
  readonly kind: ConditionKind;
  readonly rate: Rate;
}

export interface CatalogueProduct {
  readonly id: string;
  readonly name: string;
  readonly price: Money;
}

export interface CartItem {
  readonly id: string;
  readonly productId: string;
  readonly name: string;
  readonly quantity: number;
  /** Of one, when it was last put in. */
  readonly price: Money;
}

export interface CartContents {
  readonly currency: string;
  readonly items: readonly CartItem[];
  readonly conditions: readonly CartCondition[];
}

/** How a cart reads on the wire, and how it is frozen when somebody sets out to pay for it. */
export interface CartSnapshot {
  readonly items: readonly SnapshotItem[];
  readonly conditions: readonly SnapshotCondition[];
  readonly totals: SnapshotTotals;
}

export interface SnapshotItem {
  readonly id: string;
  readonly product_id: string;
  readonly name: string;
  readonly quantity: number;
  readonly price: number;
  readonly subtotal: number;
}

export interface SnapshotCondition {
  readonly name: string;
  readonly type: ConditionKind;
  /** `-10%`, `+5%`, `-1500`, `+1000`. */
  readonly value: string;
  /** What it makes of this cart's price: below zero when it takes off. */
  readonly amount: number;
}

export interface SnapshotTotals {
  readonly subtotal: number;
  readonly total: number;
  readonly savings: number;
}

export function snapshotOf(contents: CartContents): CartSnapshot {
  const { subtotal, effects, savings, total } = priced(contents);
  return {
    items: contents.items.map((item) => ({
      id: item.id,
      product_id: item.productId,
      name: item.name,
      quantity: item.quantity,
      price: item.price.minor,
      subtotal: lineTotal(item).minor,
    })),
    conditions: effects.map(({ condition, amount }) => ({
      name: condition.name,
      type: condition.kind,
      value: valueOf(condition),
      amount: amount.minor,
    })),
    totals: { subtotal: subtotal.minor, total: total.minor, savings: savings.minor },
  };
}

export const totalOf = (contents: CartContents): Money => priced(contents).total;

interface Effect {
  readonly condition: CartCondition;
  readonly amount: Money;
}

interface Priced {
  readonly subtotal: Money;
  readonly effects: readonly Effect[];
  readonly savings: Money;
  readonly total: Money;
}

/**
 * Vouchers come off the goods first, percentages before fixed sums, each counted on the whole subtotal and never more than is left;
 * shipping, tax and fees follow, percentages of what the goods cost after that. Nothing is charged on an empty cart.
 */
function priced({ currency, items, conditions }: CartContents): Priced {
  const subtotal = items.reduce((sum, item) => add(sum, lineTotal(item)), zero(currency));
  const ordered = conditions.toSorted(byRank);
  let goods = subtotal;
  let extras = zero(currency);
  const effects = ordered.map((condition): Effect => {
    if (items.length === 0) return { condition, amount: zero(currency) };
    if (condition.kind === 'voucher') {
      const off = smaller(rated(condition.rate, subtotal), goods);
      goods = subtract(goods, off);
      return { condition, amount: subtract(zero(currency), off) };
    }
    const amount = rated(condition.rate, goods);
    extras = add(extras, amount);
    return { condition, amount };
  });
  return { subtotal, effects, savings: subtract(subtotal, goods), total: add(goods, extras) };
}

const lineTotal = ({ price, quantity }: CartItem): Money => times(price, quantity);

const rated = (rate: Rate, base: Money): Money =>
  rate.kind === 'percent' ? percentOf(base, rate.percent) : rate.amount;

const smaller = (a: Money, b: Money): Money => (a.minor < b.minor ? a : b);

const KINDS_IN_ORDER: readonly ConditionKind[] = ['voucher', 'shipping', 'tax', 'fee'];

function byRank(a: CartCondition, b: CartCondition): number {
  const kinds = KINDS_IN_ORDER.indexOf(a.kind) - KINDS_IN_ORDER.indexOf(b.kind);
  if (kinds !== 0) return kinds;
  if (a.rate.kind !== b.rate.kind) return a.rate.kind === 'percent' ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}

function valueOf({ kind, rate }: CartCondition): string {
  const sign = kind === 'voucher' ? '-' : '+';
  return rate.kind === 'percent' ? `${sign}${rate.percent}%` : `${sign}${rate.amount.minor}`;
}

export type CartRefusal =
  | 'quantity_too_large'
  | 'total_too_large'
  | 'item_not_found'
  | 'code_already_applied'
  | 'condition_not_found'
  | 'condition_required';

export type CartDecision = { kind: 'changed'; contents: CartContents } | { kind: 'refused'; reason: CartRefusal };

const refused = (reason: CartRefusal): CartDecision => ({ kind: 'refused', reason });

/** What nobody could pay is not put together either. */
function changed(contents: CartContents): CartDecision {
  const { subtotal, total } = priced(contents);
  const payable = subtotal.minor <= MAX_MINOR && total.minor <= MAX_MINOR;
  return payable ? { kind: 'changed', contents } : refused('total_too_large');
}

export interface Addition {
  readonly product: CatalogueProduct;
  readonly quantity: number;
  /** For the line, if it has to be a new one. */
  readonly itemId: string;
}

/** One line per product: more of it raises the quantity, at the price of today. */
export function addItem(contents: CartContents, { product, quantity, itemId }: Addition): CartDecision {
  const { id: productId, name, price } = product;
  const known = contents.items.find((item) => item.productId === productId);
  const line = { id: known?.id ?? itemId, productId, name, price, quantity: (known?.quantity ?? 0) + quantity };
  if (line.quantity > MAX_QUANTITY) return refused('quantity_too_large');
  const items = known ? contents.items.map((item) => (item === known ? line : item)) : [...contents.items, line];
  return changed({ ...contents, items });
}

/** None of it takes the line out. */
export function setQuantity(contents: CartContents, itemId: string, quantity: number): CartDecision {
  if (!contents.items.some(({ id }) => id === itemId)) return refused('item_not_found');
  if (quantity > MAX_QUANTITY) return refused('quantity_too_large');
  const items = contents.items
    .map((item) => (item.id === itemId ? { ...item, quantity } : item))
    .filter((item) => item.quantity > 0);
  return changed({ ...contents, items });
}

export function addVoucher(contents: CartContents, voucher: CartCondition): CartDecision {
  if (contents.conditions.some(({ name }) => name === voucher.name)) return refused('code_already_applied');
  return changed({ ...contents, conditions: [...contents.conditions, voucher] });
}

export function removeVoucher(contents: CartContents, code: string): CartDecision {
  const condition = contents.conditions.find(({ name }) => name === code);
  if (!condition) return refused('condition_not_found');
  if (condition.kind !== 'voucher') return refused('condition_required');
  return changed({ ...contents, conditions: contents.conditions.filter((each) => each !== condition) });
}
