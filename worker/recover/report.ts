// A recovery as lines for a terminal: what is missing of each booking, with its sums, and what follows from it.
import { reasonOf } from '../../db/findings.ts';
import type { Booking } from '../../domain/booking.ts';
import { statusOf } from '../../domain/booking.ts';
import { formatMoney } from '../../domain/display.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { money } from '../../domain/money.ts';
import type { Rebuilt } from './rebuild.ts';
import type { Recovery } from './recovery.ts';

export function reportOf(recovery: Recovery, apply: boolean): string {
  const { since, unfinished, workflows, rebuilt, advances, doubted, left, outside, unread } = recovery;
  const absent = rebuilt.filter(({ kind }) => kind === 'absent').length;
  return [
    ...(unfinished ? [`takes up the run of ${unfinished.begunAt.toISOString()}, which was broken off`] : []),
    `read ${workflows.open} open and ${workflows.ended} ended workflows that moved since ${since.toISOString()}`,
    ...rebuilt.flatMap(linesOf),
    ...advances.map(({ what, from, to }) => `numbers of ${what} go on after ${to} instead of ${from}`),
    ...(doubted > 0 ? [`${doubted} calls may have been begun: they are looked up before they are made`] : []),
    ...left.map(({ subject, reason }) => `for a person: ${subject}: ${reason}`),
    ...outside.flatMap((finding) => [`outside: ${reasonOf(finding)}`, `  ${JSON.stringify(finding.evidence)}`]),
    ...(unread > 0 ? [`${unread} lists could not be read: what is in them is not proven`] : []),
    rebuilt.length === 0
      ? 'nothing is missing'
      : `${absent} bookings ${apply ? 'put back' : 'missing'}, ${rebuilt.length - absent} ${apply ? 'completed' : 'incomplete'}`,
    ...(needsApply(recovery) && !apply ? ['nothing was written: run it again with --apply'] : []),
  ].join('\n');
}

export const needsApply = ({ unfinished, rebuilt, advances, doubted }: Recovery): boolean =>
  unfinished !== null || rebuilt.length + advances.length + doubted > 0;

function linesOf({ bookingId, kind, written, isNameless, after }: Rebuilt): string[] {
  const facts = written.map(({ event }) => `${event.type}${sumIn(event)}`).join(', ');
  const what = kind === 'absent' ? 'missing' : `lacks ${written.length} of ${after.version} facts`;
  return [
    `${bookingId}  ${after.number}  ${after.storefront}  ${what}  -> ${statusOf(after)}  ${sumsOf(after)}`,
    ...(facts === '' ? [] : [`  ${facts}`]),
    ...(isNameless ? ['  who booked it, and who travels, is lost: it was kept in the database only'] : []),
  ];
}

function sumsOf({ sums, charge, supplierOrders }: Booking): string {
  const inCharge = (minor: number): string => formatMoney(money(minor, charge.currency));
  const paid = supplierOrders.filter(({ paidMinor }) => paidMinor > 0);
  return [
    `taken ${inCharge(sums.capturedMinor)}`,
    `given back ${inCharge(sums.refundedMinor)}`,
    ...paid.map(({ paidMinor, net }) => `paid to the supplier ${formatMoney(money(paidMinor, net.currency))}`),
  ].join(', ');
}

const sumIn = (event: BookingEvent): string =>
  'amount' in event && event.amount ? ` ${formatMoney(event.amount)}` : '';
