import { describe, expect, it } from 'vitest';
import type { Booking } from '../../domain/booking.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { money } from '../../domain/money.ts';
import type { Money } from '../../domain/money.ts';
import { givenByHand } from '../../domain/given-by-hand.ts';
import { judgeRefund, lapsedRefunds } from '../../domain/refund-verdict.ts';
import type { RefundVerdict, RefundWish } from '../../domain/refund-verdict.ts';
import { after, CONFIRMED, CONFIRMED_PAID_TWICE, facts, newBooking, postingsOf, balanceOf } from './sample-booking.ts';

const RUPEES = money(3_000_000, 'PKR');

/** A page in rupees was given up for one in dollars, and both were paid when the time to pay was over. */
const paidInBoth = (): Booking =>
  after(
    [
      facts.opened(1, RUPEES),
      facts.closed(1),
      facts.opened(2),
      facts.closed(2),
      facts.expired(2),
      facts.captured(1, RUPEES),
      facts.captured(2),
    ],
    newBooking({ storefront: 'travello' }),
  );

const WISH: RefundWish = {
  refundId: 'rf_1',
  amountMinor: null,
  cause: 'staff',
  reason: 'asked for',
  actor: 'staff-1',
  approvalLimitMinor: null,
};
const LOST = facts.disputed(2, { amount: money(4_000, 'HKD'), standing: 'lost' });
const amountOf = (verdict: RefundVerdict): Money | undefined =>
  verdict.kind === 'reserve' && verdict.event.type === 'refund.requested' ? verdict.event.amount : undefined;

describe('a refund of a booking that was paid in two currencies', () => {
  it('is of the currency of the charge when somebody names an amount, however much lies in the other', () => {
    expect(amountOf(judgeRefund(paidInBoth(), { ...WISH, amountMinor: 4_000 }))).toEqual(money(4_000, 'HKD'));
  });

  it('exceeds what was taken in the currency of the charge, however much lies in the other', () => {
    const verdict = judgeRefund(paidInBoth(), { ...WISH, amountMinor: 20_000 });
    expect(verdict).toEqual({ kind: 'exceeds', leftMinor: 10_000 });
  });

  it('is of either, each in its own, when everything goes back', () => {
    const first = judgeRefund(paidInBoth(), WISH);
    expect(amountOf(first)).toEqual(RUPEES);
    const next = first.kind === 'reserve' ? after([first.event], paidInBoth()) : paidInBoth();
    expect(amountOf(judgeRefund(next, { ...WISH, refundId: 'rf_2' }))).toEqual(money(10_000, 'HKD'));
  });
});

describe('a refund that is meant for one payment', () => {
  const paymentOf = (verdict: RefundVerdict): string | undefined =>
    verdict.kind === 'reserve' && verdict.event.type === 'refund.requested' ? verdict.event.paymentId : undefined;
  const [rupees, dollars] = paidInBoth().payments.map(({ id }) => id);
  const meant = (paymentId: string | undefined, amountMinor: number | null): RefundWish => ({
    ...WISH,
    upTo: true,
    amountMinor,
    ...(paymentId && { paymentId }),
  });

  it('goes back on that, in its own currency, and on no other', () => {
    const verdict = judgeRefund(paidInBoth(), meant(rupees, 5_000));
    expect([paymentOf(verdict), amountOf(verdict)]).toEqual([rupees, money(5_000, 'PKR')]);
    expect(paymentOf(judgeRefund(paidInBoth(), meant(dollars, null)))).toBe(dollars);
  });

  it('is never made up from another, however much lies there', () => {
    const first = judgeRefund(paidInBoth(), meant(dollars, null));
    const next = first.kind === 'reserve' ? after([first.event], paidInBoth()) : paidInBoth();
    expect(judgeRefund(next, { ...meant(dollars, 10_000), refundId: 'rf_2' })).toEqual({ kind: 'nothing_left' });
  });
});

describe('a refund that awaits approval', () => {
  const waits = facts.refundAsked(1, 8_000, { needsApproval: true });
  const lost = [facts.disputed(1, { amount: money(4_000, 'HKD') })];
  const namesOf = (events: readonly BookingEvent[]) =>
    lapsedRefunds(after([...CONFIRMED, ...events])).map((event) => 'refundId' in event && event.refundId);

  it.each<[string, readonly BookingEvent[], readonly string[]]>([
    ['waits on while there is enough', [waits], []],
    ['waits on while a bank decides', [waits, ...lost], []],
    ['lapses when what a bank took for good leaves less', [waits, ...lost, LOST], ['rf_1']],
    [
      'lapses when what went back leaves less',
      [waits, facts.refundAsked(2, 3_000), facts.refundSucceeded(2)],
      ['rf_1'],
    ],
    ['waits on while the rest is only on its way', [waits, facts.refundAsked(2, 3_000)], []],
    ['lapses once', [waits, ...lost, LOST, facts.refundFailed(1, 'lapsed')], []],
    ['is no other', [facts.refundAsked(1, 8_000), ...lost, LOST], []],
  ])('%s', (_, events, lapsed) => {
    expect(namesOf(events)).toEqual(lapsed);
  });
});

describe('a refund that a person says was given by other means', () => {
  const REFUSED = [...CONFIRMED, facts.refundAsked(1, 10_000, { cause: 'compensation' }), facts.refundFailed(1)];
  const TAKEN = [facts.disputed(1), facts.disputed(2, { standing: 'lost' })];
  const wish = { ...WISH, refundId: 'rf_all_2', upTo: true, elsewhere: true, cause: 'compensation' } as const;
  const given = (booking: Booking, more: Partial<RefundWish>): readonly number[] => {
    const verdict = judgeRefund(booking, { ...wish, ...more });
    if (verdict.kind !== 'reserve') throw new Error(verdict.kind);
    const made = after(
      [verdict.event, { type: 'refund.succeeded', refundId: wish.refundId, ref: 'by-hand/sue' }],
      booking,
    );
    return [made.sums.refundedMinor, made.sums.overReturnedMinor];
  };

  it('is written down though a bank took the money for good: the customer has it twice', () => {
    const booking = after([...REFUSED, ...TAKEN]);
    expect(given(booking, { amountMinor: 10_000, insteadOf: 'rf_1' })).toEqual([10_000, 10_000]);
    expect(given(booking, { amountMinor: 10_000 })).toEqual([10_000, 10_000]);
    expect(given(booking, { amountMinor: 10_000, goneBeforeMinor: 0 })).toEqual([10_000, 10_000]);
  });

  it('is written down though all went back meanwhile', () => {
    const booking = after([...REFUSED, facts.refundAsked(2, 10_000), facts.refundSucceeded(2)]);
    expect(given(booking, { amountMinor: 10_000, insteadOf: 'rf_1' })).toEqual([20_000, 10_000]);
    expect(given(booking, { amountMinor: 10_000 })).toEqual([20_000, 10_000]);
  });

  it('is the one that was refused, and no more, however much is owed beside', () => {
    const refused = after([
      ...CONFIRMED,
      facts.refundAsked(1, 4_000, { cause: 'compensation' }),
      facts.refundFailed(1),
    ]);
    expect(given(refused, { amountMinor: 10_000, insteadOf: 'rf_1' })).toEqual([4_000, 0]);
    expect(given(refused, { amountMinor: null, insteadOf: 'rf_1' })).toEqual([4_000, 0]);
  });
});

describe('a refund of one of two successes, where the other went back in its place since', () => {
  const [trip, stray] = ['pay_1_1', 'pay_1_2'] as const;
  const ofStray = { paymentId: stray, cause: 'duplicate' } as const;
  const REFUSED = [...CONFIRMED_PAID_TWICE, facts.refundAsked(1, 10_000, ofStray), facts.refundFailed(1)];
  const elsewhere = facts.refundAsked(2, 10_000, { paymentId: trip, cause: 'duplicate' });
  const SWITCHED = [...REFUSED, elsewhere, facts.refundSucceeded(2)];
  const eventOf = (verdict: RefundVerdict) => (verdict.kind === 'reserve' ? verdict.event : undefined);
  const SUCCEEDED = { type: 'refund.succeeded', refundId: 'rf_3', ref: 'by-hand/sue' } as const;
  const open = (events: readonly BookingEvent[]) => {
    const postings = postingsOf(events);
    return [balanceOf(postings, 'customer_receivable'), balanceOf(postings, 'revenue')];
  };

  it('is not made: its payment pays for the trip', () => {
    const wish = { ...WISH, ...ofStray, refundId: 'rf_3', amountMinor: 10_000, upTo: true } as const;
    expect(judgeRefund(after(REFUSED), wish)).toMatchObject({ kind: 'reserve', event: { cause: 'duplicate' } });
    expect(judgeRefund(after(SWITCHED), wish)).toEqual({ kind: 'nothing_left' });
  });

  it('is a second success’s where its payment paid for the trip before', () => {
    const came = [...SWITCHED, facts.refundFailed(2), facts.refundAsked(4, 10_000, { paymentId: stray })];
    const wish = { ...WISH, refundId: 'rf_3', paymentId: trip, upTo: true } as const;
    expect(eventOf(judgeRefund(after(came), wish))).toMatchObject({ paymentId: trip, cause: 'duplicate' });
  });

  it('takes the trip’s revenue back when a person says that he gave it by other means: instead of what was refused', () => {
    const wish = { ...WISH, refundId: 'rf_3', elsewhere: true, insteadOf: 'rf_1', cause: 'duplicate' } as const;
    const asked = eventOf(judgeRefund(after(SWITCHED), wish));
    const events = [...SWITCHED, ...(asked ? [asked, SUCCEEDED] : [])];
    expect([after(events).phase, ...open(events)]).toEqual(['refunded', 0, 0]);
  });

  it('takes the trip’s revenue back when a person says that he gave it by other means: what came back', () => {
    const events = [...SWITCHED, ...givenByHand(after(SWITCHED), { refundId: 'rf_1', actor: 'sue' })];
    expect([after(events).phase, ...open(events)]).toEqual(['refunded', 0, 0]);
  });
});
