// What a customer gets back who cancels, by the product's own terms.
import type { Money } from './money.ts';
import { downToStep, money, percentOf } from './money.ts';

export interface RefundTier {
  /** Holds while at least this many hours are left before the service begins. */
  readonly hoursBefore: number;
  /** Percent of what was paid, as a decimal string. */
  readonly percent: string;
}

/** Best tier first; no tier means nothing comes back. */
export type RefundPolicy = readonly RefundTier[];

export const NON_REFUNDABLE: RefundPolicy = [];

const HOUR_MS = 3_600_000;

export interface CancellationTerms {
  readonly policy: RefundPolicy;
  readonly captured: Money;
  readonly alreadyReturned: Money;
  readonly serviceAt: string | null;
  readonly now: string;
}

export interface CancellationQuote {
  readonly refund: Money;
  readonly keep: Money;
  readonly reason: string;
}

export function quoteCancellation(terms: CancellationTerms): CancellationQuote {
  const { policy, captured, alreadyReturned } = terms;
  const left = Math.max(0, captured.minor - alreadyReturned.minor);
  const tier = tierNow(terms);
  const owed = tier ? percentOf(captured, tier.percent).minor - alreadyReturned.minor : 0;
  const refund = downToStep(Math.min(Math.max(0, owed), left), captured.currency);
  return {
    refund: money(refund, captured.currency),
    keep: money(left - refund, captured.currency),
    reason: tier ? termOf(tier) : policy.length === 0 ? 'not refundable' : 'no longer refundable',
  };
}

export const bestFirst = (policy: RefundPolicy): RefundPolicy =>
  policy.toSorted((a, b) => b.hoursBefore - a.hoursBefore);

/** The steps that give something of their own, best first; undefined where they contradict each other. */
export function stepsOf(told: readonly RefundTier[]): RefundPolicy | undefined {
  const steps = told.toSorted((a, b) => b.hoursBefore - a.hoursBefore || Number(a.percent) - Number(b.percent));
  const later = (at: number): number => Number(steps[at + 1]?.percent ?? 0);
  if (steps.some(({ percent }, at) => Number(percent) < later(at))) return undefined;
  return steps.filter(({ percent }, at) => Number(percent) > later(at));
}

/** What is left of 100 %, without the dust of binary fractions. */
export const percentAfter = (fee: number): string => String(Number((100 - fee).toFixed(4)));

/** One step of the terms, in the same words wherever it is told. */
export function termOf({ hoursBefore, percent }: RefundTier): string {
  const until = `until ${hoursBefore} ${hoursBefore === 1 ? 'hour' : 'hours'} before the start`;
  return Number(percent) === 100 ? `Free cancellation ${until}` : `${percent} % comes back ${until}`;
}

function tierNow({ policy, serviceAt, now }: CancellationTerms): RefundTier | undefined {
  const hoursLeft = serviceAt ? (Date.parse(serviceAt) - Date.parse(now)) / HOUR_MS : Infinity;
  return bestFirst(policy).find((tier) => hoursLeft >= tier.hoursBefore);
}
