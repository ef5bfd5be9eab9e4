// The terms of a cancellation in words: as we print them everywhere, and as others wrote them.
import { orderIn } from './product.ts';
import type { Product } from './product.ts';
import type { RefundPolicy, RefundTier } from './refund-policy.ts';
import { bestFirst, percentAfter, stepsOf, termOf } from './refund-policy.ts';

/** Of goods nothing is said: what a buyer may send back is the law's, and no tier of ours. */
export const termsOf = (product: Product): readonly string[] =>
  orderIn(product) ? [] : termsInWords(product.refundPolicy);

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
    .map((clause) => clause.replace(/\s+/g, ' ').trim())
    .filter((clause) => clause !== '');
  const read = clauses.map(readClause);
  if (read.length === 0 || read.includes('unclear')) return undefined;
  const tiers = read.filter((clause) => typeof clause === 'object');
  // Nothing at all, and yet something: one of the two is meant otherwise.
  if (read.includes('nothing') && tiers.length > 0) return undefined;
  return stepsOf(tiers);
}

// A clause is understood as a whole or not at all: any word beside these may be a "not" or an "only if".
const NOTHING =
  /^(after that )?(?:this booking is )?(?:non-? ?refundable|not refundable|no refunds?|nothing comes back|no money back)( after that| thereafter)?$/;
const ALL = 'free cancellation|full refund|cancel(?:lation)? (?:for free|free of charge)';
const SHARE = String.raw`(?<share>\d{1,3}(?:\.\d{1,4})?) ?% (?:(?<kept>fee|charge|penalty)|refund|(?:of the price )?(?:comes )?back)`;
const UNTIL = String.raw`(?:(?:until|up to|at least) )?(?<count>\d{1,6}(?:\.\d+)?)[ -]?(?<unit>h|hrs?|hours?|days?) (?:before|prior to)`;
const START = '(?: (?:the )?(?:start|activity|departure))?';
const STEP = new RegExp(`^(?:${ALL}|${SHARE}) ${UNTIL}${START}$`);

function readClause(clause: string): RefundTier | 'nothing' | 'nothing_later' | 'unclear' {
  const [nothing, before, after] = NOTHING.exec(clause) ?? [];
  if (nothing !== undefined) return before || after ? 'nothing_later' : 'nothing';
  const { share = '100', kept, count, unit } = STEP.exec(clause)?.groups ?? {};
  if (count === undefined || Number(share) > 100) return 'unclear';
  const hoursBefore = Number(count) * (unit?.startsWith('d') ? 24 : 1);
  return { hoursBefore, percent: kept ? percentAfter(Number(share)) : String(Number(share)) };
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
