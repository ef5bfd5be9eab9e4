// Klook's amounts are decimal strings in major units; inside this stand-in they are minor units.

const NO_DECIMALS = new Set(['JPY', 'KRW', 'VND', 'IDR', 'TWD']);

function exponentOf(currency: string): number {
  return NO_DECIMALS.has(currency) ? 0 : 2;
}

export function decimal(minor: number, currency: string): string {
  const exponent = exponentOf(currency);
  const digits = String(Math.abs(minor)).padStart(exponent + 1, '0');
  const sign = minor < 0 ? '-' : '';
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/** `undefined` for anything that is not a plain amount with at most the currency's decimals. */
export function minorFrom(value: unknown, currency: string): number | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return undefined;
  const match = /^(\d{1,12})(?:\.(\d+))?$/.exec(text.trim());
  if (!match) return undefined;
  const exponent = exponentOf(currency);
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  if (fraction.length > exponent) return undefined;
  return Number(match[1]) * 10 ** exponent + Number(fraction.padEnd(exponent, '0') || 0);
}

/** Assumed rates into the balance's currency: US dollars per unit. */
const DOLLARS: Record<string, number> = {
  USD: 1,
  JPY: 0.0067,
  HKD: 0.128,
  EUR: 1.08,
  GBP: 1.27,
  SGD: 0.74,
  MYR: 0.21,
  THB: 0.028,
};

export function converted(minor: number, from: string, to: string): number | undefined {
  if (from === to) return minor;
  const [source, target] = [DOLLARS[from], DOLLARS[to]];
  if (source === undefined || target === undefined) return undefined;
  const major = (minor / 10 ** exponentOf(from)) * (source / target);
  return Math.round(major * 10 ** exponentOf(to));
}
