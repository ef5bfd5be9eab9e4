import { describe, expect, it } from 'vitest';
import type { Booking } from '../../domain/booking.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { money } from '../../domain/money.ts';
import type { Money } from '../../domain/money.ts';
import { judgeRefund, lapsedRefunds } from '../../domain/refund-verdict.ts';
import type { RefundVerdict, RefundWish } from '../../domain/refund-verdict.ts';
import { after, CONFIRMED, facts, newBooking } from './sample-booking.ts';

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
