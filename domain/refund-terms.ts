// The terms of a cancellation in words: as we print them everywhere, and as others wrote them.
import { NON_REFUNDABLE } from './refund-policy.ts';
import type { RefundPolicy, RefundTier } from './refund-policy.ts';
import { bestFirst, termOf } from './refund-policy.ts';

/** What every paper, letter and quote says of a policy, a sentence each. */
export function termsInWords(policy: RefundPolicy): readonly string[] {
  if (policy.length === 0) return ['This booking is not refundable.'];
  return [...bestFirst(policy).map((tier) => `${termOf(tier)}.`), 'After that nothing comes back.'];
}

/** Undefined when a part of the text is not understood: half a policy is none. */
export function readTerms(text: string): RefundPolicy | undefined {
  const clauses = text
    .toLowerCase()
    .split(/[;\n]|[.,](?!\d)/)
    .map((clause) => clause.trim())
    .filter((clause) => clause !== '');
  const read = clauses.map(readClause);
  if (read.length === 0 || read.includes('unclear')) return undefined;
  const tiers = read.filter((clause) => typeof clause === 'object');
  return tiers.length > 0 ? tiers : NON_REFUNDABLE;
}

const NOTHING = /non-?\s?refundable|not refundable|no refund|nothing comes back|no money back/;
const ALL = /free cancellation|free of charge|full refund|cancel(?:led)? (?:for )?free/;
const LATER = /\bless than\b|\bwithin\b|\bafter\b|\blater than\b/;

function readClause(clause: string): RefundTier | 'nothing' | 'unclear' {
  if (NOTHING.test(clause)) return 'nothing';
  const hoursBefore = hoursIn(clause);
  if (hoursBefore === undefined || LATER.test(clause)) return 'unclear';
  if (ALL.test(clause)) return { hoursBefore, percent: '100' };
  const [, share = '', what] =
    /(\d+(?:\.\d+)?)\s*%\s*(?:of the price\s*)?(fee|charge|penalty|refund|back|comes back)/.exec(clause) ?? [];
  if (what === undefined || Number(share) > 100) return 'unclear';
  const isKept = what === 'fee' || what === 'charge' || what === 'penalty';
  return { hoursBefore, percent: String(isKept ? 100 - Number(share) : Number(share)) };
}

function hoursIn(clause: string): number | undefined {
  const [, count, unit] = /(\d+)[\s-]*(hours?|hrs?|h|days?)\b/.exec(clause) ?? [];
  if (count === undefined || unit === undefined) return undefined;
  return Number(count) * (unit.startsWith('d') ? 24 : 1);
}

/** Whether a text speaks of this policy: in the supplier's own words, or in others that mean the same. */
export function speaksOf(text: string, { policy, words }: { policy: RefundPolicy; words: readonly string[] }): boolean {
  if (words.some((known) => plain(known) === plain(text))) return true;
  const read = readTerms(text);
  return read !== undefined && spelled(read) === spelled(policy);
}

const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}%]+/gu, ' ')
    .trim();

const spelled = (policy: RefundPolicy): string =>
  bestFirst(policy)
    .map(({ hoursBefore, percent }) => `${hoursBefore}:${Number(percent)}`)
    .join();
