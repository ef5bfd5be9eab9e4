// What a dispute moves between accounts: to the bank and back, and at its end what of it is our loss.
import type { Booking, Payment } from './booking.ts';
import { paymentOf, refundedOf } from './booking.ts';
import { lostIn, lostOf, withBank } from './dispute.ts';
import type { DisputeNews } from './events.ts';
import { sourcesOf } from './payment-facts.ts';

type ShiftAccount = 'gateway_clearing' | 'gateway_fees' | 'disputes' | 'dispute_losses' | 'customer_receivable';

/** From one account to another; less than nothing goes the other way. */
export interface Shift {
  readonly minor: number;
  readonly to: ShiftAccount;
  readonly from: ShiftAccount;
}

/** Told by what it changes, so that any order of tellings ends in the same balances. */
export function shiftsOfDispute(news: DisputeNews, before: Booking): readonly Shift[] {
  const known = before.disputes.find(({ ref }) => ref === news.ref);
  const payment = paymentOf(before, news.paymentId);
  const taken = withBank(news) - (known ? withBank(known) : 0);
  const lost = lostIn(news) - (known ? lostIn(known) : 0);
  const loss = isEarned(before, payment) ? lost : excessGrowth(before, payment, { lost });
  return [
    { minor: taken, to: 'disputes', from: 'gateway_clearing' },
    { minor: loss, to: 'dispute_losses', from: 'disputes' },
    // Money that pays for no trip yet is the customer's: what his bank took of it we do not owe him any more.
    { minor: lost - loss, to: 'customer_receivable', from: 'disputes' },
    { minor: (news.fee?.minor ?? 0) - (known?.fee?.minor ?? 0), to: 'gateway_fees', from: 'gateway_clearing' },
  ];
}

/** A refund beside a lost dispute can give back more than was taken: nobody owes us that. */
export function shiftsOfRefund(before: Booking, paymentId: string, refunded: number): readonly Shift[] {
  const payment = paymentOf(before, paymentId);
  if (isEarned(before, payment)) return [];
  const minor = excessGrowth(before, payment, { refunded });
  return [{ minor, to: 'dispute_losses', from: 'customer_receivable' }];
}

/** What a bank took of the advance before it was earned. */
export const lossInAdvance = (booking: Booking): number =>
  sourcesOf(booking, 'compensation').reduce(
    (sum, payment) => sum + lostOf(booking, payment) - excessOf(booking, payment),
    0,
  );

/** By this trip or the one before it: what is lost of it since then is our loss. */
const isEarned = (booking: Booking, payment: Payment): boolean =>
  payment.earnedEarlier || (booking.confirmedAt !== null && sourcesOf(booking, 'compensation').includes(payment));

interface Growth {
  readonly refunded?: number;
  readonly lost?: number;
}

const excessGrowth = (booking: Booking, payment: Payment, growth: Growth): number =>
  excessOf(booking, payment, growth) - excessOf(booking, payment);

/** What the customer has got beyond what he paid: from us, and from his bank. */
const excessOf = (booking: Booking, payment: Payment, { refunded = 0, lost = 0 }: Growth = {}): number =>
  Math.max(0, refundedOf(booking, payment) + refunded + lostOf(booking, payment) + lost - payment.capturedMinor);
