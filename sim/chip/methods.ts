// The ways to pay that this company's brand has, as CHIP names them.
import { ChipError } from './errors.ts';
import type { Problem } from './errors.ts';
import type { RefundAvailability } from './objects.ts';

export type Method = {
  id: string;
  name: string;
  kind: 'card' | 'bank' | 'qr' | 'wallet' | 'later' | 'crypto';
  /** The least it takes, in sen. */
  minimum: number;
  /** Whether money can be held by it. */
  holds: boolean;
  refund: RefundAvailability;
};

const card = (id: string, name: string): Method => ({ id, name, kind: 'card', minimum: 1, holds: true, refund: 'all' });
const wallet = (id: string, name: string): Method => ({
  id,
  name,
  kind: 'wallet',
  minimum: 1,
  holds: false,
  refund: 'all',
});

export const methods: readonly Method[] = [
  { id: 'fpx', name: 'Online banking (FPX)', kind: 'bank', minimum: 100, holds: false, refund: 'all' },
  {
    id: 'fpx_b2b1',
    name: 'Corporate online banking (FPX)',
    kind: 'bank',
    minimum: 200,
    holds: false,
    refund: 'full_only',
  },
  { id: 'duitnow_qr', name: 'DuitNow QR', kind: 'qr', minimum: 1, holds: false, refund: 'all' },
  card('visa', 'Visa'),
  card('mastercard', 'Mastercard'),
  card('maestro', 'Maestro'),
  wallet('mpgs_apple_pay', 'Apple Pay'),
  wallet('mpgs_google_pay', 'Google Pay'),
  wallet('razer_grabpay', 'GrabPay'),
  wallet('razer_maybankqr', 'Maybank QRPay'),
  wallet('razer_shopeepay', 'ShopeePay'),
  wallet('razer_tng', "Touch 'n Go eWallet"),
  { id: 'razer_atome', name: 'Atome', kind: 'later', minimum: 1_000, holds: false, refund: 'full_only' },
  { id: 'crypto_coin', name: 'Crypto', kind: 'crypto', minimum: 1, holds: false, refund: 'none' },
];

/** May be named in a whitelist, though no method of this brand answers to it. */
const OTHER_NAMES = ['dnqr', 'shopee_pay'];

export const whitelistWords: readonly string[] = [...methods.map(({ id }) => id), ...OTHER_NAMES];

export const banks: ReadonlyMap<string, string> = new Map([
  ['MB2U0227', 'Maybank2u'],
  ['BCBB0235', 'CIMB Clicks'],
  ['PBB0233', 'Public Bank'],
  ['RHB0218', 'RHB Bank'],
  ['HLB0224', 'Hong Leong Bank'],
  ['AMBB0209', 'AmBank'],
  ['BIMB0340', 'Bank Islam'],
  ['ABB0233', 'Affin Bank'],
  ['BKRM0602', 'Bank Rakyat'],
  ['BSN0601', 'BSN'],
  ['UOB0226', 'UOB Bank'],
  ['OCBC0229', 'OCBC Bank'],
  ['SCB0216', 'Standard Chartered'],
  ['HSBC0223', 'HSBC Bank'],
  ['KFH0346', 'KFH'],
]);

export type Wanted = { currency: string; amount: number | null; hold: boolean; whitelist: readonly string[] | null };

/** Assumed: every method takes every currency that the account takes. */
export function methodsFor({ amount, hold, whitelist }: Omit<Wanted, 'currency'>): Method[] {
  return methods.filter(
    ({ id, minimum, holds }) =>
      (amount === null || amount >= minimum) && (!hold || holds) && (whitelist === null || whitelist.includes(id)),
  );
}

type Query = (name: string) => string | undefined;

export function listMethods(query: Query, { currencies, url }: { currencies: readonly string[]; url: string }) {
  const wanted = wantedIn(query);
  const found = currencies.includes(wanted.currency) ? methodsFor(wanted) : [];
  const ids = found.map(({ id }) => id);
  const cards = found.filter(({ kind }) => kind === 'card').map(({ id }) => id);
  const country = query('country');
  const everywhere = { MY: ids, any: cards };
  return {
    available_payment_methods: ids,
    by_country: country === undefined ? everywhere : { [country]: country === 'MY' ? ids : cards },
    country_names: { MY: 'Malaysia', any: 'Other' },
    names: Object.fromEntries(found.map(({ id, name }) => [id, name])),
    logos: Object.fromEntries(ids.map((id) => [id, `${url}/static/images/${id}.svg`])),
    card_methods: cards,
  };
}

function wantedIn(query: Query): Wanted {
  const problems: Problem[] = ['brand_id', 'currency']
    .filter((name) => !query(name))
    .map((name) => ({ path: [name], code: 'required', message: 'This field is required.' }));
  const amount = query('amount');
  if (amount !== undefined && !/^\d{1,12}$/.test(amount))
    problems.push({ path: ['amount'], code: 'invalid', message: 'A valid integer is required.' });
  if (problems.length > 0) throw new ChipError(400, problems);
  return {
    currency: query('currency') ?? '',
    amount: amount === undefined ? null : Number(amount),
    hold: query('skip_capture') === 'true',
    whitelist: null,
  };
}

/** Assumed: CHIP's real prices are a matter of contract. */
export function feeFor({ kind }: Pick<Method, 'kind'>, amount: number): number {
  if (kind === 'bank') return Math.min(100, amount);
  const basisPoints = { card: 250, qr: 50, wallet: 150, later: 550, crypto: 100 }[kind];
  return Math.ceil((amount * basisPoints) / 10_000);
}
