// What a customer is charged: the supplier's net price and our markup, rounded once, on the total.
import { MAX_MINOR, add, chargeStep, exponentOf, money, parseDecimal, parseMajor, times, zero } from './money.ts';
import type { Money } from './money.ts';

export interface Markup {
  readonly type: 'percent' | 'fixed';
  /** Percent of the net price, or an amount in the net price's currency, as a decimal string. */
  readonly value: string;
}

export interface PricedLine {
  readonly count: number;
  readonly unitNet: Money;
}

export interface PriceRule {
  readonly net: Money;
  readonly markup: Markup;
  /** Units of `currency` per unit of the net price's currency; null where they are the same. */
  readonly fxRate: string | null;
  readonly currency: string;
}

export type AmountFault = 'not_an_amount' | 'too_many_decimals' | 'not_positive' | 'under_minimum' | 'too_large';

/** An exact value: numerator / denominator. */
interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export function netOf(lines: readonly PricedLine[]): Money {
  const [first] = lines;
  if (!first) throw new RangeError('a booking of nothing has no price');
  return lines.map(({ unitNet, count }) => times(unitNet, count)).reduce(add, zero(first.unitNet.currency));
}

/** Net plus markup, converted, then rounded half up to what can be charged: the only rounding there is. */
export function chargeOf({ net, markup, fxRate, currency }: PriceRule): Money {
  if (fxRate === null && net.currency !== currency) throw new RangeError(`no rate from ${net.currency} to ${currency}`);
  const marked = product(majorOf(net), markupFactor(net, markup));
  const exact = product(marked, decimalFraction(fxRate ?? '1'));
  const step = BigInt(chargeStep(currency));
  const denominator = exact.denominator * step;
  const steps = (exact.numerator * 10n ** BigInt(exponentOf(currency)) * 2n + denominator) / (denominator * 2n);
  return money(Number(steps * step), currency);
}

/** What the whole price is of the net price: 1.1 for ten percent. */
function markupFactor(net: Money, { type, value }: Markup): Fraction {
  const { numerator, denominator } = decimalFraction(value);
  if (type === 'percent') return { numerator: denominator * 100n + numerator, denominator: denominator * 100n };
  const base = majorOf(net);
  return sum(
    { numerator: 1n, denominator: 1n },
    { numerator: numerator * base.denominator, denominator: denominator * base.numerator },
  );
}

/** "10" and "10.00" are one markup. */
export function sameMarkup(a: Markup, b: Markup): boolean {
  return a.type === b.type && compare(decimalFraction(a.value), decimalFraction(b.value)) === 0;
}

/** Whether a markup lies between two percentages of the net price, both included. */
export function markupWithin(
  markup: Markup,
  net: Money,
  bounds: { readonly min: string; readonly max: string },
): boolean {
  const factor = markupFactor(net, markup);
  const least = markupFactor(net, { type: 'percent', value: bounds.min });
  const most = markupFactor(net, { type: 'percent', value: bounds.max });
  return compare(least, factor) <= 0 && compare(factor, most) <= 0;
}

/** Reads an amount a client names; says what is wrong with one that cannot be charged. */
export function readCharge(text: string, currency: string, minimumMinor: number): Money | AmountFault {
  const decimal = parseDecimal(text);
  if (!decimal) return /^-\d/.test(text) ? 'not_positive' : 'not_an_amount';
  if (decimal.digits === 0n) return 'not_positive';
  const amount = parseMajor(text, currency);
  if (!amount || amount.minor % chargeStep(currency) !== 0) return 'too_many_decimals';
  if (amount.minor > MAX_MINOR) return 'too_large';
  return amount.minor < minimumMinor ? 'under_minimum' : amount;
}

/** One spelling per value, so that "110.50", "110.5" and 110.5 are the same request. */
export function plainDecimal(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function majorOf({ minor, currency }: Money): Fraction {
  if (minor <= 0) throw new RangeError('only a positive price can be marked up');
  return { numerator: BigInt(minor), denominator: 10n ** BigInt(exponentOf(currency)) };
}

function decimalFraction(text: string): Fraction {
  const decimal = parseDecimal(text);
  if (!decimal) throw new RangeError(`not a decimal: ${text}`);
  return { numerator: decimal.digits, denominator: 10n ** BigInt(decimal.scale) };
}

function product(a: Fraction, b: Fraction): Fraction {
  return { numerator: a.numerator * b.numerator, denominator: a.denominator * b.denominator };
}

function sum(a: Fraction, b: Fraction): Fraction {
  return {
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
  };
}

function compare(a: Fraction, b: Fraction): -1 | 0 | 1 {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}
