// Family names of the contact that make an order go wrong on purpose ("Doe sold-out", "Doe-error-503").

const WORDS = [
  'sold-out',
  'sold-out-at-pay',
  'price-change',
  'price-change-small',
  'price-change-at-pay',
  'reject',
  'pending',
  'no-voucher',
  'no-balance',
  'not-cancellable',
  'cancel-refused',
  'timeout-at-create',
  'timeout-at-pay',
] as const;

export type SentinelWord = (typeof WORDS)[number];

export type Sentinel =
  | { kind: 'word'; word: SentinelWord }
  | { kind: 'error'; status: number; at: 'create' | 'pay'; once: boolean };

const ERROR = /error-([45]\d\d)(-at-pay)?(-once)?$/;
const LONGEST_FIRST = WORDS.toSorted((a, b) => b.length - a.length);

export function sentinelIn(familyName: string): Sentinel | null {
  const name = familyName
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-');
  const error = ERROR.exec(name);
  if (error) {
    return {
      kind: 'error',
      status: Number(error[1]),
      at: error[2] ? 'pay' : 'create',
      once: error[3] !== undefined,
    };
  }
  const word = LONGEST_FIRST.find((candidate) => name.endsWith(candidate));
  return word === undefined ? null : { kind: 'word', word };
}

export function isWord(sentinel: Sentinel | null, word: SentinelWord): boolean {
  return sentinel?.kind === 'word' && sentinel.word === word;
}

/** How an order's sentinel moves the price: beyond any tolerance, or within most. */
export function priceFactor(sentinel: Sentinel | null): number {
  if (isWord(sentinel, 'price-change') || isWord(sentinel, 'price-change-at-pay')) return 1.5;
  return isWord(sentinel, 'price-change-small') ? 1.01 : 1;
}
