// What is made of a gateway's figures when money went back that nobody here asked for.
import { describe, expect, it } from 'vitest';
import { refundsElsewhere } from '../../activities/returns.ts';
import type { Booking } from '../../domain/booking.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { keyOf } from '../../domain/events.ts';
import { money } from '../../domain/money.ts';
import type { PaymentFact } from '../../domain/payment.ts';
import { duplicateSuccesses } from '../../domain/payment-facts.ts';
import {
  after,
  CONFIRMED,
  facts,
  paymentNamed,
  postingsOf,
  CONFIRMED_PAID_TWICE,
  succeeded,
} from '../domain/sample-booking.ts';

const HKD = (minor: number) => money(minor, 'HKD');

const saying = (refunded: number, attempt: number): PaymentFact =>
  succeeded({ ref: `pi_${attempt}`, refunded: HKD(refunded), paymentId: `pay_1_${attempt}` });

/** Given back there beside all that we know of. */
function seen(events: readonly BookingEvent[], refunded: number, attempt = 1): readonly BookingEvent[] {
  const booking = after(events);
  return refundsElsewhere({ booking, payment: paymentNamed(booking, attempt), fact: saying(refunded, attempt) });
}

const sumsOf = ({ refunds }: Booking) =>
  refunds.filter(({ status }) => status === 'succeeded').map(({ amount, cause }) => [amount.minor, cause]);

describe('money given back in the gateway’s dashboard, beside a second success', () => {
  const straysOf = (events: readonly BookingEvent[]) => duplicateSuccesses(after(events)).map(({ attempt }) => attempt);

  it.each([1, 2])('is the return of whichever it was made on: attempt %i', (attempt) => {
    const events = [...CONFIRMED_PAID_TWICE, ...seen(CONFIRMED_PAID_TWICE, 10_000, attempt)];
    expect(sumsOf(after(events))).toEqual([[10_000, 'duplicate']]);
    expect(after(events).phase).toBe('confirmed');
    expect(straysOf(events)).toEqual([attempt]);
  });

  it('is a refund of the trip when only a part of what paid for it went back', () => {
    const [paying] = [1, 2].filter((attempt) => !straysOf(CONFIRMED_PAID_TWICE).includes(attempt));
    const events = [...CONFIRMED_PAID_TWICE, ...seen(CONFIRMED_PAID_TWICE, 4_000, paying)];
    expect(sumsOf(after(events))).toEqual([[4_000, 'staff']]);
    expect(after(events).phase).toBe('partially_refunded');
  });

  it('is a refund of the trip when a bank has the other one', () => {
    const [stray = 0] = straysOf(CONFIRMED_PAID_TWICE);
    const taken = facts.disputed(1, { paymentId: `pay_1_${stray}` });
    const events = [...CONFIRMED_PAID_TWICE, taken, ...seen([...CONFIRMED_PAID_TWICE, taken], 10_000, 3 - stray)];
    expect(sumsOf(after(events))).toEqual([[10_000, 'staff']]);
  });

  it('takes nothing from the trip where staff gave the second one back by hand as well', () => {
    const [stray = 0] = straysOf(CONFIRMED_PAID_TWICE);
    const [strayId, tripId] = [`pay_1_${stray}`, `pay_1_${3 - stray}`];
    const byHand: BookingEvent = { type: 'refund.succeeded', refundId: 'rf_1', ref: 'by-hand/staff-1' };
    const given = [
      ...CONFIRMED_PAID_TWICE,
      facts.refundAsked(1, 10_000, { cause: 'duplicate', paymentId: strayId }),
      byHand,
    ];
    const events = [...given, ...seen(given, 4_000, stray)];
    const booking = after([...events, facts.refundAsked(2, 6_000, { paymentId: tripId }), facts.refundSucceeded(2)]);
    expect(booking).toMatchObject({ phase: 'partially_refunded', sums: { overReturnedMinor: 4_000 } });
  });

  it('is a refund of the trip when the other one is on its way back already', () => {
    const [stray = 0] = straysOf(CONFIRMED_PAID_TWICE);
    const asked = facts.refundAsked(1, 10_000, { cause: 'duplicate', paymentId: `pay_1_${stray}` });
    const events = [...CONFIRMED_PAID_TWICE, asked, ...seen([...CONFIRMED_PAID_TWICE, asked], 10_000, 3 - stray)];
    expect(sumsOf(after(events))).toEqual([[10_000, 'staff']]);
    expect(after(events).phase).toBe('refunded');
  });
});

describe('money given back in the gateway’s dashboard', () => {
  it('has a name of its own where another refund had come back and the same sum is reached again', () => {
    const returned = [...CONFIRMED, facts.refundAsked(1, 2_000), facts.refundSucceeded(1)];
    const once = [...returned, ...seen(returned, 5_000), facts.refundFailed(1)];
    const again = seen(once, 5_000);
    const known = once.map(keyOf);
    expect(again.filter((event) => known.includes(keyOf(event)))).toEqual([]);
    expect(sumsOf(after([...once, ...again]))).toEqual([
      [3_000, 'staff'],
      [2_000, 'staff'],
    ]);
  });

  it('is on record though staff gave the same by other means: the customer has it twice', () => {
    const byHand: BookingEvent = { type: 'refund.succeeded', refundId: 'rf_1', ref: 'by-hand/staff-1' };
    const given = [...CONFIRMED, facts.refundAsked(1, 10_000), byHand];
    const events = [...given, ...seen(given, 10_000)];
    expect(after(events).sums).toMatchObject({ refundedMinor: 20_000, overReturnedMinor: 10_000 });
    const left = postingsOf(events).filter(({ account }) => account === 'gateway_clearing');
    expect(left.filter(({ party }) => party === 'by_hand').map(({ minor }) => minor)).toEqual([-10_000]);
    expect(seen(events, 10_000)).toEqual([]);
  });

  it('is never more than the payment was', () => {
    expect(seen([...CONFIRMED, facts.refundAsked(1, 10_000, {}), facts.refundPending(1)], 10_000)).toEqual([]);
  });
});
