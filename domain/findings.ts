// What a comparison of the books with themselves and with others can find, and how much money it leaves unexplained.
import type { Invariant } from './invariants.ts';
import type { Money } from './money.ts';
import { money } from './money.ts';

export const FINDING_KINDS = [
  /** There is something at a gateway, a supplier or in Temporal that our books do not know. */
  'missing_here',
  /** Our books know something that the other side does not. */
  'missing_there',
  'amount_differs',
  'stuck',
  'orphan_workflow',
  'orphan_row',
  'ledger_unbalanced',
  'invariant_broken',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export interface Finding {
  readonly kind: FindingKind;
  readonly invariant: Invariant;
  /** Null: it concerns the house, or a booking that we do not know. */
  readonly bookingId: string | null;
  /** What it is about, by its own id: a payment, an order, a workflow; else the booking. */
  readonly subject: string;
  /** How much of it nobody can explain; null where no money is in question. */
  readonly unexplained: Money | null;
  /** What was compared: ids, states and minor units, never anything personal. */
  readonly evidence: Evidence;
  /** The workflow of the booking would mend it by reading this payment at its gateway. */
  readonly mendedBy?: { readonly gateway: string; readonly paymentRef: string };
}

export type Evidence = Readonly<Record<string, string | number | boolean | null>>;

/** The same finding of two runs has the same name, so that it is opened once. */
export const nameOf = ({ kind, invariant, bookingId, subject }: Finding): string =>
  [kind, invariant, bookingId ?? '', subject].join('/');

type Counted = Pick<Finding, 'bookingId' | 'subject' | 'unexplained'>;

/** One number per currency, 0 where all is explained. Of several findings about the same thing the largest counts: they speak of the same money. */
export function unexplainedOf(findings: readonly Counted[], currencies: readonly string[] = []): readonly Money[] {
  const largest = new Map<string, Money>();
  for (const { bookingId, subject, unexplained } of findings) {
    if (!unexplained) continue;
    const of = `${bookingId ?? ''}/${subject}/${unexplained.currency}`;
    if (Math.abs(unexplained.minor) > (largest.get(of)?.minor ?? 0))
      largest.set(of, money(Math.abs(unexplained.minor), unexplained.currency));
  }
  const sums = new Map(currencies.map((currency) => [currency, 0]));
  for (const { minor, currency } of largest.values()) sums.set(currency, (sums.get(currency) ?? 0) + minor);
  return [...sums].toSorted(([a], [b]) => a.localeCompare(b)).map(([currency, minor]) => money(minor, currency));
}
