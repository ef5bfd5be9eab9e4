// What the checker says of a booking that facts made, in one line for each finding.
import type { Booking } from '../../domain/booking.ts';
import type { BookingEvent } from '../../domain/events.ts';
import type { Finding } from '../../domain/findings.ts';
import { PATIENCE } from '../../domain/invariants.ts';
import { judgeBooking } from '../../domain/judge-booking.ts';
import type { BookingFacts } from '../../domain/judge-booking.ts';
import { after, AT, postingsOf } from './sample-booking.ts';

const later = (ms: number): Date => new Date(Date.parse(AT) + ms);
/** Long enough for anything to count as at rest, and too short for it to be late. */
export const SOON = PATIENCE.restMs + 1;

export function told(events: readonly BookingEvent[], change: Partial<BookingFacts> = {}): BookingFacts {
  return {
    booking: after(events),
    updatedAt: AT,
    events: events.map((event) => ({ event, at: AT })),
    postings: postingsOf(events),
    cartOrder: undefined,
    ...change,
  };
}

export const judged = (of: BookingFacts, ms = SOON) => judgeBooking(of, { now: later(ms), patience: PATIENCE });
export const said = (findings: readonly Finding[]) =>
  findings.map(({ invariant, kind, subject, unexplained }) =>
    [invariant, kind, subject, unexplained ? `${unexplained.minor} ${unexplained.currency}` : ''].join(' ').trim(),
  );

/** Rows that facts did not make: every part of the books keeps to itself, so only what is planted is wrong. */
export const withRow = (events: readonly BookingEvent[], change: (booking: Booking) => Partial<Booking>) => {
  const sound = told(events);
  return { ...sound, booking: { ...sound.booking, ...change(sound.booking) } };
};
/** Without what follows from a planted row by itself: rows are not what the facts make. */
export const saidBeside = (findings: readonly Finding[]) => said(findings).filter((line) => !line.startsWith('I-8 '));
