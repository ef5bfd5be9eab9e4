import { describe, expect, it } from 'vitest';
import type { BookingEvent } from '../../domain/events.ts';
import { money } from '../../domain/money.ts';
import { isTripFrozen, stakeOf, strayTaken, tripOf } from '../../domain/trip.ts';
import { after, facts, newBooking } from './sample-booking.ts';

const sold = (events: readonly BookingEvent[]) => after(events, newBooking({ storefront: 'travello' }));

/** Paid, confirmed, given back in full, and opened again. */
const REOPENED = [
  facts.opened(1),
  facts.captured(1),
  facts.confirmed(1),
  facts.refundAsked(1, 10_000),
  facts.refundSucceeded(1),
  facts.opened(2),
];
const PAID_AGAIN = [...REOPENED, facts.captured(2)];
const SECOND_TRIP = [...PAID_AGAIN, facts.confirmed(2)];
const ofSecond = (n: number, minor: number, cause: 'staff' | 'duplicate' = 'staff') => [
  facts.refundAsked(n, minor, { paymentId: 'pay_1_2', cause }),
  facts.refundSucceeded(n),
];

describe('the trip that a booking stands for now', () => {
  it.each<[string, readonly BookingEvent[], boolean]>([
    ['with the bank', [...SECOND_TRIP, facts.disputed(1, { paymentId: 'pay_1_2' })], true],
    [
      'asked about by the bank',
      [...SECOND_TRIP, facts.disputed(1, { paymentId: 'pay_1_2', standing: 'inquiry' })],
      false,
    ],
    ['not what the bank has', [...SECOND_TRIP, facts.disputed(1)], false],
    ['not paid yet', [...REOPENED, facts.disputed(1)], false],
  ])('is frozen only with its own money: %s', (_, events, frozen) => {
    expect(isTripFrozen(sold(events))).toBe(frozen);
  });

  it('counts neither the money nor the refunds of the one before it', () => {
    expect(tripOf(sold(SECOND_TRIP))).toEqual({ takenMinor: 10_000, returnedMinor: 0, lostMinor: 0, refunds: [] });
    const refunded = tripOf(sold([...SECOND_TRIP, ...ofSecond(2, 4_000)]));
    expect(refunded).toMatchObject({ takenMinor: 10_000, returnedMinor: 4_000, refunds: [{ id: 'rf_2' }] });
  });

  it('leaves out what was not what it costs, back or not', () => {
    const dearer = [facts.opened(1, money(9_000, 'HKD')), facts.closed(1), facts.opened(2), facts.captured(2)];
    const paid = sold([...dearer, facts.confirmed(2), facts.captured(1, money(9_000, 'HKD'))]);
    expect(tripOf(paid)).toMatchObject({ takenMinor: 10_000, returnedMinor: 0 });
    const back = after([facts.refundAsked(1, 9_000, { cause: 'duplicate' }), facts.refundSucceeded(1)], paid);
    expect(tripOf(back)).toMatchObject({ takenMinor: 10_000, returnedMinor: 0, refunds: [] });
    expect(back.phase).toBe('confirmed');
  });

  it('leaves out what came beside its money, and its return', () => {
    const third = [...REOPENED, facts.closed(2), facts.opened(3), facts.captured(3), facts.confirmed(3)];
    const beside = sold([...third, facts.captured(2), ...ofSecond(2, 10_000, 'duplicate')]);
    expect(tripOf(beside)).toEqual({ takenMinor: 10_000, returnedMinor: 0, lostMinor: 0, refunds: [] });
    expect(beside.phase).toBe('confirmed');
  });

  it('stands as confirmed again when the only refund of it bounced', () => {
    const given = [...SECOND_TRIP, ...ofSecond(2, 4_000)];
    expect(sold(given).phase).toBe('partially_refunded');
    expect(sold([...given, facts.refundFailed(2)]).phase).toBe('confirmed');
  });

  it('is not touched by a refund of the one before it that bounces and is made again', () => {
    const bounced = [...SECOND_TRIP, facts.refundFailed(1)];
    expect(sold(bounced)).toMatchObject({ phase: 'confirmed', sums: { refundedMinor: 0 } });
    expect(tripOf(sold(bounced))).toMatchObject({ takenMinor: 10_000, returnedMinor: 0 });
  });
});

describe('what a cancellation divides', () => {
  it.each<[string, readonly BookingEvent[], number, number]>([
    ['nothing before any payment', [facts.opened(1)], 0, 0],
    ['nothing while a further trip is not paid, whatever the first one cost', REOPENED, 0, 0],
    ['nothing then, also when money of the first trip bounced', [...REOPENED, facts.refundFailed(1)], 0, 0],
    ['nothing while money for a further trip is only held', [...REOPENED, facts.authorised(2)], 0, 0],
    ['the payment of this trip once it is there', PAID_AGAIN, 10_000, 10_000],
    ['that also when money of the first trip bounced', [...SECOND_TRIP, facts.refundFailed(1)], 10_000, 10_000],
    ['the rest of it after a refund in part', [...SECOND_TRIP, ...ofSecond(2, 4_000)], 10_000, 6_000],
  ])('is %s', (_, given, takenMinor, refundableMinor) => {
    expect(stakeOf(sold(given))).toEqual({ takenMinor, refundableMinor });
  });

  it('leaves out a second success, which goes back by itself', () => {
    const twice = sold([facts.opened(1), facts.closed(1), facts.opened(2), facts.captured(2), facts.confirmed(2)]);
    const beside = after([facts.captured(1, money(10_000, 'HKD'))], twice);
    expect(stakeOf(beside)).toEqual({ takenMinor: 10_000, refundableMinor: 10_000 });
  });
});

describe('money that was taken for nothing that was asked', () => {
  const MISPAID = [facts.opened(1), facts.captured(1, money(15_000, 'HKD'))];

  it.each<[string, readonly BookingEvent[], boolean]>([
    ['none before any payment', [facts.opened(1), facts.declined(1)], false],
    ['none where the price was paid', [facts.opened(1), facts.captured(1)], false],
    ['more than the price', MISPAID, true],
    ['the sum in another currency', [facts.opened(1), facts.captured(1, money(10_000, 'MYR'))], true],
    [
      'also once it went back',
      [...MISPAID, facts.refundAsked(1, 15_000, { cause: 'late' }), facts.refundSucceeded(1)],
      true,
    ],
    ['also while it can be paid again', [...MISPAID, facts.opened(2)], true],
    ['none where it bought an earlier trip', REOPENED, false],
  ])('%s', (_, events, taken) => {
    expect(strayTaken(sold(events))).toBe(taken);
  });
});
