// Payer names that make things go wrong on purpose ("Tan refund-slow", "Tan error-503").

const WORDS = ['timeout-at-create', 'refund-slow', 'refund-slow-fails', 'refund-fails', 'chargeback'] as const;
type Word = (typeof WORDS)[number];

export type Sentinel = { kind: 'word'; word: Word } | { kind: 'error'; status: number };

const ERROR = /error-([45]\d\d)$/;

export function sentinelIn(fullName: string): Sentinel | null {
  const name = fullName
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-');
  const status = ERROR.exec(name)?.[1];
  if (status !== undefined) return { kind: 'error', status: Number(status) };
  const word = WORDS.find((candidate) => name.endsWith(candidate));
  return word === undefined ? null : { kind: 'word', word };
}

export function hasWord(fullName: string, word: Word): boolean {
  const sentinel = sentinelIn(fullName);
  return sentinel?.kind === 'word' && sentinel.word === word;
}
