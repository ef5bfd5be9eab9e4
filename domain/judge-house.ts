// What belongs to no booking alone: open workflows, webhooks that wait, gaps in what others are told, the ledger as a whole.
import type { Attention, Phase } from './booking.ts';
import { isServed } from './booking.ts';
import type { Finding } from './findings.ts';
import { findingsOf } from './judging.ts';
import { money } from './money.ts';
import { restsUntilMs } from './rest.ts';

export interface Watched {
  readonly bookingId: string;
  readonly phase: Phase;
  readonly attention: Pick<Attention, 'id'> | null;
  readonly reservedMinor: number;
  readonly paidAttempts: number;
  readonly paymentRefs: readonly string[];
  readonly serviceAt: string | null;
  readonly confirmedAt: string | null;
  readonly updatedAt: string;
}

/**
 * Whether somebody must be at work on it. A trip is watched over until nobody can ask for its money back; what ended
 * otherwise may be left alone, for money that comes all the same has a workflow of its own.
 */
export function needsWorkflow(watched: Watched, now: Date): boolean {
  const { phase, attention, reservedMinor, confirmedAt, updatedAt } = watched;
  if (attention !== null || reservedMinor > 0) return true;
  if (phase === 'awaiting_payment' || phase === 'processing' || phase === 'confirming') return true;
  // From then on it is served: what happens later does not keep it open any longer.
  return isServed(phase) && now.getTime() < restsUntilMs(watched, Date.parse(confirmedAt ?? updatedAt));
}

export const orphanedRow = ({ bookingId, phase, attention, updatedAt }: Watched): readonly Finding[] =>
  findingsOf({ id: bookingId }, (report) =>
    report('I-31', {
      kind: 'orphan_row',
      evidence: { phase, attention: attention?.id ?? null, updatedAt, openWorkflows: 0 },
    }),
  );

export const orphanedWorkflow = (workflowId: string): readonly Finding[] =>
  findingsOf({ id: null }, (report) =>
    report('I-31', { kind: 'orphan_workflow', subject: workflowId, evidence: { workflow: workflowId, bookings: 0 } }),
  );

export interface WaitingWebhook {
  readonly id: number;
  readonly bookingId: string | null;
  readonly gateway: string;
  readonly state: string;
  readonly receivedAt: string;
}

export const waitingWebhook = ({ id, bookingId, ...evidence }: WaitingWebhook): readonly Finding[] =>
  findingsOf({ id: bookingId }, (report) => report('L-1', { kind: 'stuck', subject: `inbox/${id}`, evidence }));

export interface OutboxGap {
  readonly bookingId: string;
  readonly key: string;
  readonly count: number;
  readonly last: number;
}

/** Numbered one by one from 1 under each key: fewer than the last number says are not all. */
export const outboxGap = ({ bookingId, key, count, last }: OutboxGap): readonly Finding[] =>
  findingsOf({ id: bookingId }, (report) =>
    report('I-32', { subject: `outbox/${key}`, evidence: { key, count, last } }),
  );

export interface Unbalanced {
  readonly transactionId: number;
  readonly bookingId: string;
  readonly currency: string;
  readonly restMinor: number;
}

export const unbalanced = ({ transactionId, bookingId, currency, restMinor }: Unbalanced): readonly Finding[] =>
  findingsOf({ id: bookingId }, (report) =>
    report('I-14', {
      kind: 'ledger_unbalanced',
      subject: `transaction/${transactionId}`,
      unexplained: money(Math.abs(restMinor), currency),
      evidence: { transactionId, rest: restMinor },
    }),
  );
