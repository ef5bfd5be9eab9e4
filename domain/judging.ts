// How a judge says what it found: the invariant and what is special about this case, the rest being always the same.
import type { Finding } from './findings.ts';
import type { Invariant } from './invariants.ts';

type Case = Pick<Finding, 'evidence'> & Partial<Omit<Finding, 'invariant' | 'bookingId'>>;

export type Report = (invariant: Invariant, found: Case) => void;

export function findingsOf({ id: bookingId }: { id: string | null }, judge: (report: Report) => void): Finding[] {
  const findings: Finding[] = [];
  judge((invariant, found) =>
    findings.push({
      kind: 'invariant_broken',
      subject: bookingId ?? 'house',
      unexplained: null,
      ...found,
      invariant,
      bookingId,
    }),
  );
  return findings;
}
