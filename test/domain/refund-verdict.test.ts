import { describe, expect, it } from 'vitest';
import type { Booking } from '../../domain/booking.ts';
import { money } from '../../domain/money.ts';
import type { Money } from '../../domain/money.ts';
import { judgeRefund } from '../../domain/refund-verdict.ts';
import type { RefundVerdict, RefundWish } from '../../domain/refund-verdict.ts';
import { after, facts, newBooking } from './sample-booking.ts';

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
