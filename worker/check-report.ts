// What a reconciliation found, as lines for a terminal.
import type { RunSummary } from '../activities/reconciliation.ts';
import type { StoredFinding } from '../db/findings.ts';
import { reasonOf } from '../db/findings.ts';
import { formatMajor } from '../domain/money.ts';

export function reportOf(summary: RunSummary, findings: readonly StoredFinding[]): string {
  const { bookings, payments, supplierOrders, unread, unexplained } = summary;
  const money = unexplained.map((sum) => `money_unexplained{currency="${sum.currency}"} ${formatMajor(sum)}`);
  return [
    `compared ${bookings} bookings, ${payments} payments at gateways, ${supplierOrders} orders at suppliers`,
    ...(unread > 0 ? [`${unread} could not be read: what is there is not proven`] : []),
    ...(money.length > 0 ? money : ['money_unexplained 0.00']),
    countOf(findings),
    ...findings.flatMap((finding) => [
      `  #${finding.id}  ${finding.bookingId ?? 'house'}  ${finding.kind}  ${reasonOf(finding)}`,
      `    ${JSON.stringify(finding.evidence)}  open since ${finding.openedAt.toISOString()}`,
    ]),
  ].join('\n');
}

function countOf({ length }: readonly StoredFinding[]): string {
  if (length === 0) return 'no findings';
  return length === 1 ? '1 finding' : `${length} findings`;
}
