import { describe, expect, it } from 'vitest';
import { refundableOfPayment } from '../../domain/booking.ts';
import type { Booking, Payment, RefundCause } from '../../domain/booking.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { money } from '../../domain/money.ts';
import type { PaymentFact, PaymentStatus } from '../../domain/payment.ts';
import { causeNow, duplicateSuccesses, factsLearned, paysByNow, sourcesOf } from '../../domain/payment-facts.ts';
import { after, facts, newBooking, paymentNamed, CONFIRMED_PAID_TWICE, PAID } from './sample-booking.ts';

const OPEN = [facts.opened()];
const decline = { id: 'ch_9', code: 'card_declined', declineCode: null, message: 'no' };
const success = {
  status: 'succeeded',
  captured: money(10_000, 'HKD'),
  capturedAt: '2026-05-04T10:01:00.000Z',
} as const;

const saying = (fact: Partial<PaymentFact>): PaymentFact => ({
  ref: 'pi_1',
  status: 'requires_payment_method',
  wireStatus: 'wire',
  amount: money(10_000, 'HKD'),
  captured: null,
  capturedAt: null,
  heldUntil: null,
  fee: null,
  refunded: money(0, 'HKD'),
  disputes: [],
  decline: null,
  method: null,
  bookingId: null,
  paymentId: null,
  ...fact,
});

const payment = (events: readonly BookingEvent[]): Payment => paymentNamed(after(events), 1);
const typesOf = (events: readonly BookingEvent[], fact: Partial<PaymentFact>) =>
  factsLearned(payment(events), saying(fact)).map((e) => e.type);

describe('what a look at the gateway teaches', () => {
  it.each<[string, readonly BookingEvent[], Partial<PaymentFact>, readonly string[]]>([
    ['nothing while nothing happened', OPEN, {}, []],
    ['that 3-D Secure is asked for', OPEN, { status: 'requires_action' }, ['payment.action_required']],
    ['that only once', [...OPEN, facts.actionRequired()], { status: 'requires_action' }, []],
    ['that money is in flight', OPEN, { status: 'processing' }, ['payment.processing']],
    ['that only once', [...OPEN, facts.processing()], { status: 'processing' }, []],
    ['a refusal', OPEN, { decline }, ['payment.declined']],
    ['a refusal once, however long the gateway shows it', [...OPEN, facts.declined(1, 'ch_9')], { decline }, []],
    ['the next refusal', [...OPEN, facts.declined(1, 'ch_1')], { decline }, ['payment.declined']],
    ['success', OPEN, success, ['payment.captured']],
    ['success once', [...OPEN, facts.captured()], success, []],
    [
      'success after a refusal we had not heard of',
      OPEN,
      { ...success, decline },
      ['payment.declined', 'payment.captured'],
    ],
    ['success of what we had closed', [...OPEN, facts.closed()], success, ['payment.captured']],
    ['success of what had failed', [facts.refused()], success, ['payment.captured']],
    ['the end at the gateway', OPEN, { status: 'cancelled' }, ['payment.closed']],
    ['no end of what is over', [...OPEN, facts.closed()], { status: 'cancelled' }, []],
    ['no end of what was paid', [...OPEN, facts.captured()], { status: 'cancelled' }, []],
    ['nothing backwards from what was paid', [...OPEN, facts.captured()], { status: 'requires_action' }, []],
    [
      'the fee, when it comes later',
      [...OPEN, facts.captured(1, money(10_000, 'HKD'), null)],
      { ...success, fee: money(390, 'HKD') },
      ['payment.fee_known'],
    ],
    ['no fee twice', [...OPEN, facts.captured()], { ...success, fee: money(390, 'HKD') }, []],
    // The refusal set the attempt back; what it waits for now is news, even if it had waited for the same before.
    [
      '3-D Secure anew after another refusal',
      [...OPEN, facts.actionRequired()],
      { status: 'requires_action', decline },
      ['payment.declined', 'payment.action_required'],
    ],
    [
      'money in flight anew after another refusal',
      [...OPEN, facts.processing()],
      { status: 'processing', decline },
      ['payment.declined', 'payment.processing'],
    ],
  ])('is %s', (_, given, fact, types) => {
    expect(typesOf(given, fact)).toEqual(types);
  });

  it.each<PaymentStatus>(['requires_action', 'processing'])('ends in what the gateway says: %s', (status) => {
    for (const given of [OPEN, [...OPEN, facts.actionRequired()], [...OPEN, facts.processing()]]) {
      const booking = after(given);
      const learned = factsLearned(paymentNamed(booking, 1), saying({ status, decline }));
      expect(paymentNamed(after(learned, booking), 1)).toMatchObject({ status, declines: 1 });
    }
  });

  it('names 3-D Secure by the refusals before it, so that it is recorded again after each', () => {
    const [, asked] = factsLearned(
      payment([...OPEN, facts.declined()]),
      saying({ status: 'requires_action', decline }),
    );
    expect(asked).toMatchObject({ type: 'payment.action_required', declines: 2 });
  });

  it('takes amount, time, fee and card from the gateway, not from what was asked', () => {
    const fact = saying({
      ...success,
      captured: money(9_000, 'HKD'),
      fee: money(300, 'HKD'),
      method: { type: 'card', brand: 'visa', last4: '4242' },
    });
    expect(factsLearned(payment(OPEN), fact)).toEqual([
      {
        type: 'payment.captured',
        paymentId: 'pay_1_1',
        amount: money(9_000, 'HKD'),
        capturedAt: '2026-05-04T10:01:00.000Z',
        fee: money(300, 'HKD'),
        method: { type: 'card', brand: 'visa', last4: '4242' },
        wireStatus: 'wire',
      },
    ]);
  });

  it('is never a success of unknown size', () => {
    expect(() => factsLearned(payment(OPEN), saying({ status: 'succeeded' }))).toThrow('without saying how much');
  });
});

describe('a second success', () => {
  const PAID_TWICE = [facts.opened(1), facts.closed(1), facts.opened(2), facts.captured(2), facts.captured(1)];
  const idsOf = (payments: readonly Payment[]) => payments.map((p) => p.id);

  it('is the later of the two by the gateway’s clock, whichever we heard of first', () => {
    expect(idsOf(duplicateSuccesses(after(PAID_TWICE)))).toEqual(['pay_1_2']);
  });

  it('is none while only one paid', () => {
    expect(duplicateSuccesses(after([facts.opened(), facts.captured()]))).toEqual([]);
  });

  it('is never the payment of which the trip’s refund was made: the customer keeps that refund', () => {
    const booking = after([
      ...PAID_TWICE.slice(0, 4),
      facts.refundAsked(1, 3_000, { paymentId: 'pay_1_2' }),
      facts.captured(1),
    ]);
    expect(idsOf(duplicateSuccesses(booking))).toEqual(['pay_1_1']);
  });

  it('stays the one that is on its way back, so that not both are returned', () => {
    const booking = after([...PAID_TWICE, facts.refundAsked(1, 10_000, { cause: 'late' })]);
    expect(idsOf(duplicateSuccesses(booking))).toEqual(['pay_1_1']);
    expect(idsOf(sourcesOf(booking, 'staff'))).toEqual(['pay_1_2']);
  });

  it('is all the money there is where no trip is under way', () => {
    const late = after([facts.opened(), facts.closed(), facts.expired(), facts.captured()]);
    expect(idsOf(duplicateSuccesses(late))).toEqual(['pay_1_1']);
    expect(idsOf(sourcesOf(late, 'late'))).toEqual(['pay_1_1']);
    expect(duplicateSuccesses(after([facts.revived()], late))).toEqual([]);
  });

  it('is not what pays anew for a booking that was refunded and sold again', () => {
    const sold = [
      facts.opened(1),
      facts.captured(1),
      facts.confirmed(1),
      facts.refundAsked(1, 10_000),
      facts.refundSucceeded(1),
    ];
    const again = after([...sold, facts.opened(2), facts.captured(2)], newBooking({ storefront: 'travello' }));
    const left = (booking: Booking) => duplicateSuccesses(booking).filter((p) => refundableOfPayment(booking, p) > 0);
    expect(left(again)).toEqual([]);
    expect(idsOf(sourcesOf(again, 'staff'))).toEqual(['pay_1_2']);
    // Nor does it become one when the second trip is cancelled and its price kept.
    const cancelled = after([facts.confirmed(2), facts.cancelled()], again);
    expect(left(cancelled)).toEqual([]);
    expect(idsOf(sourcesOf(cancelled, 'cancellation'))).toEqual(['pay_1_2']);
  });

  it('does go back when it came after the full refund of a booking that is not sold again', () => {
    const booking = after([facts.opened(1), facts.closed(1), facts.opened(2), facts.captured(2), facts.confirmed(2)]);
    const refunded = after(
      [facts.refundAsked(1, 10_000, { paymentId: 'pay_1_2' }), facts.refundSucceeded(1), facts.captured(1)],
      booking,
    );
    expect(idsOf(duplicateSuccesses(refunded))).toEqual(['pay_1_1']);
  });
});

describe('a refund', () => {
  const twice = after(CONFIRMED_PAID_TWICE);

  it.each(['staff', 'cancellation', 'compensation'] as const)(
    'for the trip (%s) draws on the trip’s payment only',
    (cause) => {
      expect(sourcesOf(twice, cause).map((p) => p.id)).toEqual(['pay_1_1']);
    },
  );

  it.each(['duplicate', 'late'] as const)('of stray money (%s) never draws on the trip’s', (cause) => {
    expect(sourcesOf(twice, cause).map((p) => p.id)).toEqual(['pay_1_2']);
  });
});

describe('why money goes back that was to go back before', () => {
  const [trip, stray] = ['pay_1_1', 'pay_1_2'] as const;
  const back = (n: number, paymentId: string, cause: RefundCause) => [
    facts.refundAsked(n, 10_000, { paymentId, cause }),
    facts.refundSucceeded(n),
  ];
  const TWICE = CONFIRMED_PAID_TWICE;
  const BOUNCED = [...TWICE, ...back(1, stray, 'duplicate'), facts.refundFailed(1)];
  const SWITCHED = [...BOUNCED, ...back(2, trip, 'duplicate')];
  const ASKED_LATE = [
    facts.opened(),
    facts.closed(),
    facts.expired(),
    facts.captured(),
    facts.refundAsked(1, 10_000, { cause: 'late' }),
  ];
  const LATE = [...ASKED_LATE, facts.refundSucceeded(1)];
  const SOLD_AGAIN = [...back(1, trip, 'staff'), facts.refundFailed(1), ...back(2, trip, 'staff'), facts.opened(2)];

  it.each<[string, readonly BookingEvent[], string, RefundCause, RefundCause]>([
    ['is what it was, of the second of two', BOUNCED, stray, 'duplicate', 'duplicate'],
    ['is what it was, of the one that pays', BOUNCED, trip, 'compensation', 'compensation'],
    ['is the trip’s, once the other went back in its place', SWITCHED, stray, 'duplicate', 'staff'],
    ['is a second success, once the other pays in its place', SWITCHED, trip, 'cancellation', 'duplicate'],
    [
      'is what it was again, once the other came back as well',
      [...SWITCHED, facts.refundFailed(2)],
      stray,
      'duplicate',
      'duplicate',
    ],
    ['is what it was, of late money', LATE, trip, 'late', 'late'],
    [
      'is the trip’s, of late money that was used',
      [...ASKED_LATE, facts.refundFailed(1), facts.revived()],
      trip,
      'late',
      'staff',
    ],
    [
      'is what it was, of a trip before',
      [...PAID, facts.confirmed(), ...SOLD_AGAIN, facts.captured(2)],
      trip,
      'staff',
      'staff',
    ],
  ])('%s', (_, events, paymentId, cause, now) => {
    const booking = after(events, newBooking({ storefront: 'travello' }));
    expect(causeNow(booking, { paymentId, cause })).toBe(now);
  });

  it('is none while its payment pays for a trip, and one again once that is over', () => {
    const duplicate = { paymentId: stray, cause: 'duplicate' } as const;
    expect(paysByNow(after(BOUNCED), duplicate)).toBe(false);
    expect(paysByNow(after(SWITCHED), duplicate)).toBe(true);
    expect(paysByNow(after([...SWITCHED, facts.cancelled()]), duplicate)).toBe(false);
    expect(paysByNow(after(SWITCHED), { paymentId: trip, cause: 'staff' })).toBe(false);
  });
});
