// Whether a booking still moves: what nobody waits for, and no person has in view, must go on in its time.
import type { Booking } from './booking.ts';
import type { Patience } from './invariants.ts';
import type { Report } from './judging.ts';

interface Pace {
  readonly now: Date;
  readonly stillMs: number;
  /** When something was last written about it. Evidence says that, and no span: an explanation holds while the evidence does. */
  readonly stillSince: string;
  readonly patience: Patience;
}

export function judgePace(booking: Booking, pace: Pace, report: Report): void {
  if (booking.attention !== null) return;
  judgeUnpaid(booking, pace, report);
  judgeUnknown(booking, pace, report);
  judgeRefunds(booking, pace, report);
  judgeUnderWay(booking, pace, report);
}

function judgeUnpaid({ phase, expiresAt }: Booking, { now, patience }: Pace, report: Report): void {
  const overdueMs = now.getTime() - Date.parse(expiresAt);
  if (phase === 'awaiting_payment' && overdueMs > patience.expiryMs)
    report('L-2', { kind: 'stuck', evidence: { phase, expiresAt } });
}

function judgeUnknown({ supplierOrders, refunds }: Booking, pace: Pace, report: Report): void {
  const { stillMs, stillSince, patience } = pace;
  if (stillMs <= patience.unknownMs) return;
  for (const { id, status } of supplierOrders)
    if (status === 'placing' || status === 'unknown')
      report('L-3', { kind: 'stuck', subject: id, evidence: { status, stillSince } });
  for (const { id, status, amount } of refunds)
    if (status === 'unknown')
      report('L-3', { kind: 'stuck', subject: id, unexplained: amount, evidence: { status, stillSince } });
}

function judgeRefunds({ refunds }: Booking, { now, patience }: Pace, report: Report): void {
  for (const refund of refunds) {
    const { id, status, requestedAt } = refund;
    const isOld = now.getTime() - Date.parse(requestedAt) > patience.bankMs;
    if (status === 'pending' && isOld) report('L-4', { kind: 'stuck', subject: id, evidence: { status, requestedAt } });
  }
}

function judgeUnderWay({ phase, supplierOrders }: Booking, pace: Pace, report: Report): void {
  const { stillMs, stillSince, patience } = pace;
  const isWithSupplier = supplierOrders.at(-1)?.status === 'pending';
  const limitMs = isWithSupplier ? patience.supplierMs : patience.fulfilmentMs;
  const isStill =
    (phase === 'confirming' && stillMs > limitMs) || (phase === 'processing' && stillMs > patience.bankMs);
  if (isStill) report('L-5', { kind: 'stuck', evidence: { phase, stillSince } });
}
