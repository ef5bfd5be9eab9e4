// What became of a cart since somebody looked at it.
import type { CartContents } from './cart.ts';

/** A cart as it was seen: how many of which product, and which vouchers. */
export interface SeenCart {
  readonly quantities: Readonly<Record<string, number>>;
  readonly codes: readonly string[];
}

export type CartDifference =
  | { readonly kind: 'quantity'; readonly productId: string; readonly before: number; readonly now: number }
  | { readonly kind: 'code'; readonly code: string; readonly isOn: boolean };

export const seenOf = ({ items, conditions }: CartContents): SeenCart => ({
  quantities: Object.fromEntries(items.map(({ productId, quantity }) => [productId, quantity])),
  codes: conditions.filter(({ kind }) => kind === 'voucher').map(({ name }) => name),
});

export function differencesSince(seen: SeenCart, contents: CartContents): readonly CartDifference[] {
  const now = seenOf(contents);
  const productIds = new Set([...Object.keys(seen.quantities), ...Object.keys(now.quantities)]);
  const quantities = [...productIds]
    .map((productId) => ({ productId, before: quantityIn(seen, productId), now: quantityIn(now, productId) }))
    .filter((each) => each.before !== each.now)
    .map((each): CartDifference => ({ kind: 'quantity', ...each }));
  const codes = [...new Set([...seen.codes, ...now.codes])]
    .filter((code) => seen.codes.includes(code) !== now.codes.includes(code))
    .map((code): CartDifference => ({ kind: 'code', code, isOn: now.codes.includes(code) }));
  return [...quantities, ...codes];
}

export const quantityIn = ({ quantities }: SeenCart, productId: string): number =>
  Object.hasOwn(quantities, productId) ? (quantities[productId] ?? 0) : 0;
