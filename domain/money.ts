// Money is a whole number of minor units with its currency; floats never touch it.

export interface Money {
  readonly minor: number;
  readonly currency: string;
}

export const MAX_MINOR = 99_999_999;

const ZERO_DECIMAL = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '));
const THREE_DECIMAL = new Set('BHD JOD KWD OMR TND'.split(' '));
// Written with two decimals on the card networks' wire, yet only whole units exist.
const WHOLE_UNITS_ONLY = new Set(['ISK', 'UGX']);

export function isCurrency(text: string): boolean {
  return /^[A-Z]{3}$/.test(text);
}

export function exponentOf(currency: string): number {
  if (ZERO_DECIMAL.has(currency)) return 0;
  return THREE_DECIMAL.has(currency) ? 3 : 2;
}

/** The smallest amount a card network can move: a charge must be a multiple of it. */
export function chargeStep(currency: string): number {
  if (WHOLE_UNITS_ONLY.has(currency)) return 100;
  return THREE_DECIMAL.has(currency) ? 10 : 1;
}

/** The most of it that a card network can move. */
export const downToStep = (minor: number, currency: string): number => minor - (minor % chargeStep(currency));

export function money(minor: number, currency: string): Money {
  if (!Number.isSafeInteger(minor)) throw new RangeError(`not a whole number of minor units: ${minor}`);
  if (!isCurrency(currency)) throw new RangeError(`not a currency: ${currency}`);
  return { minor: minor === 0 ? 0 : minor, currency };
}

export function zero(currency: string): Money {
  return money(0, currency);
}

function sameCurrency(a: Money, b: Money): string {
  if (a.currency !== b.currency) throw new RangeError(`${a.currency} and ${b.currency} do not add up`);
  return a.currency;
}

export function add(a: Money, b: Money): Money {
  return money(a.minor + b.minor, sameCurrency(a, b));
}

export function subtract(a: Money, b: Money): Money {
  return money(a.minor - b.minor, sameCurrency(a, b));
}

export function times(a: Money, count: number): Money {
  return money(a.minor * count, a.currency);
}

export function equals(a: Money, b: Money): boolean {
  return a.currency === b.currency && a.minor === b.minor;
}

/** A non-negative decimal as an exact fraction: digits / 10^scale. */
interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

export function parseDecimal(text: string): Decimal | undefined {
  const match = /^(\d{1,15})(?:\.(\d{1,12}))?$/.exec(text);
  if (!match) return undefined;
  const fraction = match[2] ?? '';
  return { digits: BigInt(`${match[1]}${fraction}`), scale: fraction.length };
}

function divideHalfUp(numerator: bigint, denominator: bigint): bigint {
  return (numerator * 2n + denominator) / (denominator * 2n);
}

/** Reads "12.50" (or 12.5) exactly; undefined when it is not an amount of this currency. */
export function parseMajor(amount: string | number, currency: string): Money | undefined {
  const decimal = parseDecimal(String(amount));
  if (!decimal || !isCurrency(currency)) return undefined;
  const exponent = exponentOf(currency);
  const surplus = decimal.scale - exponent;
  if (surplus <= 0) return safe(decimal.digits * 10n ** BigInt(-surplus), currency);
  const divisor = 10n ** BigInt(surplus);
  return decimal.digits % divisor === 0n ? safe(decimal.digits / divisor, currency) : undefined;
}

function safe(minor: bigint, currency: string): Money | undefined {
  return minor <= BigInt(Number.MAX_SAFE_INTEGER) ? money(Number(minor), currency) : undefined;
}

export function formatMajor({ minor, currency }: Money): string {
  const exponent = exponentOf(currency);
  const sign = minor < 0 ? '-' : '';
  const digits = String(Math.abs(minor)).padStart(exponent + 1, '0');
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/** base + percent of base, rounded once, half up, to what can be charged. */
export function withPercent(base: Money, percent: string): Money {
  const { digits, scale } = decimalOf(percent);
  const whole = 100n * 10n ** BigInt(scale);
  return roundToStep(BigInt(base.minor) * (whole + digits), whole, base.currency);
}

export function percentOf(base: Money, percent: string): Money {
  const { digits, scale } = decimalOf(percent);
  return roundToStep(BigInt(base.minor) * digits, 100n * 10n ** BigInt(scale), base.currency);
}

/** Splits a whole by weight; the parts add up to it to the last minor unit. */
export function allocate(whole: Money, weights: readonly number[]): readonly Money[] {
  const total = BigInt(weights.reduce((sum, weight) => sum + weight, 0));
  if (total <= 0n || weights.some((weight) => weight < 0))
    throw new RangeError('weights are shares of more than nothing');
  let given = 0n;
  let weighed = 0n;
  return weights.map((weight) => {
    weighed += BigInt(weight);
    const upTo = (BigInt(whole.minor) * weighed) / total;
    const part = upTo - given;
    given = upTo;
    return money(Number(part), whole.currency);
  });
}

/** Converts at a decimal rate (units of `to` per unit of the source), half up to what can be charged. */
export function convert(amount: Money, rate: string, to: string): Money {
  const { digits, scale } = decimalOf(rate);
  const numerator = BigInt(amount.minor) * digits * 10n ** BigInt(exponentOf(to));
  const denominator = 10n ** BigInt(scale) * 10n ** BigInt(exponentOf(amount.currency));
  return roundToStep(numerator, denominator, to);
}

function roundToStep(numerator: bigint, denominator: bigint, currency: string): Money {
  if (numerator < 0n) throw new RangeError('only amounts of zero and more are rounded');
  const step = BigInt(chargeStep(currency));
  return money(Number(divideHalfUp(numerator, denominator * step) * step), currency);
}

function decimalOf(text: string): Decimal {
  const decimal = parseDecimal(text);
  if (!decimal) throw new RangeError(`not a decimal: ${text}`);
  return decimal;
}
