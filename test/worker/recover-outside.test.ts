// What others list of bookings that would be put back is no finding, and nothing else is explained by them.
import { expect, it } from 'vitest';
import { judgeListedPayment, judgeListedRefund } from '../../domain/judge-payment.ts';
import { money } from '../../domain/money.ts';
import { unexplainedBy } from '../../worker/recover/outside.ts';
import { CONFIRMED, after, facts } from '../domain/sample-booking.ts';

const BOOKING = after([...CONFIRMED, facts.refundAsked(1, 1_000), facts.refundSucceeded(1)]);
const OURS = { gateway: 'stripe_intent', bookingId: 'bk_1' } as const;
const paid = (ref: string, paymentId: string) =>
  judgeListedPayment({
    listed: { ...OURS, ref, paymentId, taken: money(10_000, 'HKD') },
    booking: null,
    isSecond: false,
  });
const returned = (refundId: string) => {
  const listed = { ...OURS, ref: `re_of_${refundId}`, refundId, amount: money(1_000, 'HKD'), isMade: true };
  return judgeListedRefund({ listed, booking: null });
};
const left = (findings: ReturnType<typeof paid>) => unexplainedBy([BOOKING], findings).map(({ subject }) => subject);

it('is explained by the payments and refunds that are about to be written', () => {
  expect(left([...paid('pi_1', 'pay_1_1'), ...returned('rf_1')])).toEqual([]);
  expect(unexplainedBy([], paid('pi_1', 'pay_1_1'))).toHaveLength(1);
});

it('stays a finding where our name stands on money of another payment', () => {
  expect(left([...paid('pi_stolen', 'pay_1_1'), ...paid('pi_9', 'pay_9_1'), ...returned('rf_9')])).toEqual([
    'pi_stolen',
    'pi_9',
    're_of_rf_9',
  ]);
});
