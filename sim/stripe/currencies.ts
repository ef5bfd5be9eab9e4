// Which amounts Stripe takes: exponents, minimums, its special cases. Amounts are minor units.
import { invalidParameter, invalidRequest } from './errors.ts';

const ZERO_DECIMAL = words('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf');
const THREE_DECIMAL = words('bhd jod kwd omr tnd');
/** No decimals in life, two on the wire: the last two digits must be zero. */
const PADDED = words('isk ugx');
const TWO_DECIMAL = words(
  `usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop crc
  cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr jmd kes kgs khr kyd kzt
  lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln
  qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah uyu uzs wst xcd yer zar
  zmw`,
);

const MINIMUM: Record<string, number> = {
  gbp: 30,
  hkd: 400,
  myr: 200,
  thb: 1000,
  mxn: 1000,
  aed: 200,
  dkk: 250,
  nok: 300,
  sek: 300,
  // About half a US dollar: what Stripe asks of currencies it settles in another one.
  pkr: 14_000,
};
const MAXIMUM = 99_999_999;

export type CurrencyRule = {
  unsupported: ReadonlySet<string>;
  /** Where in the request it was named. */
  param?: string;
};

export function checkCurrency(currency: string, { unsupported, param = 'currency' }: CurrencyRule): string {
  const code = currency.toLowerCase();
  const known = [TWO_DECIMAL, ZERO_DECIMAL, THREE_DECIMAL, PADDED].some((set) => set.has(code));
  if (known && !unsupported.has(code)) return code;
  throw invalidRequest(`Invalid currency: ${code}. Stripe currently supports these currencies: usd, eur, gbp, …`, {
    param,
  });
}

export function checkAmount(amount: number, currency: string): number {
  if (amount < 0) {
    throw invalidParameter('amount', 'parameter_invalid_integer', 'Invalid non-negative integer');
  }
  if (amount > MAXIMUM) {
    throw invalidParameter('amount', 'amount_too_large', `Amount must be no more than ${inWords(MAXIMUM, currency)}`);
  }
  const minimum = minimumOf(currency);
  if (amount < minimum) {
    throw invalidParameter('amount', 'amount_too_small', `Amount must be at least ${inWords(minimum, currency)}`);
  }
  if (THREE_DECIMAL.has(currency) && amount % 10 !== 0) {
    throw invalidRequest('The last digit of a three-decimal amount must be 0.', { param: 'amount' });
  }
  if (PADDED.has(currency) && amount % 100 !== 0) {
    throw invalidRequest(`Amounts in ${currency} must end with 00.`, { param: 'amount' });
  }
  return amount;
}

export function inWords(amount: number, currency: string): string {
  const decimals = ZERO_DECIMAL.has(currency) ? 0 : THREE_DECIMAL.has(currency) ? 3 : 2;
  const major = (amount / 10 ** decimals).toFixed(decimals);
  return currency === 'usd' ? `$${major}` : `${major} ${currency}`;
}

/** Assumed: 2.9 % and thirty hundredths of the unit (30 where there are no hundredths). */
export function feeFor(amount: number, currency: string): number {
  return Math.round(amount * 0.029) + (THREE_DECIMAL.has(currency) ? 300 : 30);
}

function minimumOf(currency: string): number {
  const listed = MINIMUM[currency];
  if (listed !== undefined) return listed;
  return THREE_DECIMAL.has(currency) ? 500 : 50;
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/));
}
