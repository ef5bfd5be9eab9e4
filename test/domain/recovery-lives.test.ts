// Whatever a recovery is not told of a booking's life: what was told is recorded again or refused, and nothing else happens.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Booking } from '../../domain/booking.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { evolve } from '../../domain/evolve.ts';
import { ImpossibleFact } from '../../domain/impossible-fact.ts';
import { postingsFor } from '../../domain/ledger.ts';
import { noticesFor } from '../../domain/notify.ts';
import { publishedAs } from '../../domain/publish.ts';
import { ONE_SEED } from '../one-seed.ts';
import { lived, plans } from './life-plans.ts';
import { AT, CONFIRMED, facts, newBooking } from './sample-booking.ts';

/** All that activities/record.ts makes of facts, each of which may be refused for itself. */
function toldAgain(start: Booking, events: readonly BookingEvent[]): { booking: Booking; refused: string[] } {
  const refused: string[] = [];
  const booking = events.reduce((before, event) => {
    try {
      const after = evolve(before, event, AT);
      postingsFor(event, before);
      noticesFor(event, before, after);
      publishedAs({ event, before, after, refs: { bookingReference: after.number, userId: 'alice' }, at: AT });
      return after;
    } catch (error) {
      if (!(error instanceof ImpossibleFact)) throw error;
      refused.push(event.type);
      return before;
    }
  }, start);
  return { booking, refused };
}

const less = (events: readonly BookingEvent[], type: BookingEvent['type']) => events.filter((e) => e.type !== type);
const RETURNED = [...CONFIRMED, facts.refundAsked(1, 1_000), facts.refundSucceeded(1)];

it('refuses what stands on a fact that nobody told', () => {
  expect(toldAgain(newBooking(), less(RETURNED, 'refund.requested')).refused).toEqual(['refund.succeeded']);
  expect(toldAgain(newBooking(), less(RETURNED, 'payment.opened')).refused).toContain('payment.captured');
  expect(toldAgain(newBooking(), less(RETURNED, 'supplier.placing')).refused).toContain('supplier.ordered');
});

it('refuses what stands on a fact that was refused', () => {
  const wentOn = [...CONFIRMED, facts.refundAsked(7, 10_000), facts.refundSucceeded(7)];
  const { booking } = toldAgain(newBooking(), wentOn);
  const again = toldAgain(booking, [facts.refundAsked(1, 1_000), facts.refundSucceeded(1)]);
  expect(again).toEqual({ booking, refused: ['refund.requested', 'refund.succeeded'] });
});

it('tells any life again, whichever of its facts was told to nobody', ONE_SEED, () => {
  fc.assert(
    fc.property(plans, fc.nat(), (plan, die) => {
      const { start, steps } = lived(plan, { toRest: true });
      const untold = steps.length === 0 ? -1 : die % steps.length;
      const told = steps.filter((_, step) => step !== untold).map(({ event }) => event);
      expect(toldAgain(start, told).booking.sums.capturedMinor).toBeGreaterThanOrEqual(0);
    }),
  );
});
