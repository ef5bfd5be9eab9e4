// What the shop's pages say: prices, and what became of what a customer did.
import type { CartDifference } from '../../domain/cart-changes.ts';
import type { Money } from '../../domain/money.ts';
import { formatMajor } from '../../domain/money.ts';

const SIGNS: Readonly<Record<string, string>> = { MYR: 'RM' };

export function priceWords(price: Money): string {
  const { currency, minor } = price;
  const digits = formatMajor({ currency, minor: Math.abs(minor) });
  const grouped = digits.replace(/\d+/, (whole) => whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ','));
  // A space that does not break, and a minus that is one.
  return `${minor < 0 ? '−' : ''}${SIGNS[currency] ?? currency}\u{a0}${grouped}`;
}

export interface Notice {
  readonly tone: 'done' | 'changed' | 'problem';
  readonly title: string;
  readonly lines: readonly string[];
}

export type NameOf = (productId: string) => string;

export function differenceWords(difference: CartDifference, nameOf: NameOf): string {
  if (difference.kind === 'code') return `Voucher ${difference.code} was ${difference.isOn ? 'added' : 'removed'}.`;
  const { productId, before, now } = difference;
  const name = nameOf(productId);
  if (before === 0) return `${name} was put in (${now}).`;
  return now === 0 ? `${name} was taken out.` : `${name}: now ${now}, not ${before}.`;
}
