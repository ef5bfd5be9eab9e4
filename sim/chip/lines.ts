// What the lines of a purchase add up to: exact, each line rounded half up to the sen.
import type { Product } from './objects.ts';

const QUANTITY_SCALE = 10_000n;
const TAX_SCALE = 10_000n;

/** A non-negative number with so many decimals at most, as a whole number of its smallest steps. */
export function stepsOf(value: unknown, decimals: number): bigint | undefined {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : '';
  const match = /^(\d{1,9})(?:\.(\d+))?$/.exec(text);
  const fraction = (match?.[2] ?? '').replace(/0+$/, '');
  if (!match || fraction.length > decimals) return undefined;
  return BigInt(`${match[1]}${fraction.padEnd(decimals, '0')}`);
}

export function inDecimals(steps: bigint, decimals: number): string {
  const digits = String(steps).padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** In ten-thousandths of a sen. */
const netOf = ({ price, quantity, discount }: Product): bigint =>
  BigInt(price) * (stepsOf(quantity, 4) ?? 0n) - BigInt(discount) * QUANTITY_SCALE;

export const isNegative = (product: Product): boolean => netOf(product) < 0n;

export function lineTotal(product: Product): number {
  if (product.total_price_override !== null) return product.total_price_override;
  const withTax = netOf(product) * (TAX_SCALE + (stepsOf(product.tax_percent, 2) ?? 0n));
  const unit = QUANTITY_SCALE * TAX_SCALE;
  return Number((withTax * 2n + unit) / (unit * 2n));
}
