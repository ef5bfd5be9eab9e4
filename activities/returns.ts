// Money that went back, or came back again, without a word to us: seen by comparing the gateway's figures with ours.
import type { Booking, Payment, Refund } from '../domain/booking.ts';
import { leftThereOf, totalMinor } from '../domain/booking.ts';
import type { BookingEvent, EventOf } from '../domain/events.ts';
import { money } from '../domain/money.ts';
import { isReserved } from '../domain/evolve-refund.ts';
import { causeOfElsewhere } from '../domain/payment-facts.ts';
import type { PaymentFact } from '../domain/payment.ts';
import type { Deps } from './deps.ts';
import { madeAtGateway, refundOrderOf } from './refund-order.ts';

/** Returns that the gateway knows as failed by now: a bank may send them back days later. */
export async function bouncedRefunds(
  deps: Deps,
  { booking, payment, fact }: Seen,
): Promise<readonly EventOf<'refund.failed'>[]> {
  let shortMinor = -returnedBeyondOurs(booking, payment, fact);
  if (shortMinor <= 0) return [];
  const looked = await Promise.all(
    madeAtGateway(booking, payment).map(async (refund) => ({
      refund,
      fate: await deps.gateways[payment.gateway].lookRefund(refundOrderOf(booking, refund, payment)),
    })),
  );
  const failed = looked.flatMap(({ refund, fate }) => (fate.kind === 'failed' ? [{ refund, ...fate }] : []));
  shortMinor -= totalMinor(failed.map(({ refund }) => refund));
  const unnamed = looked.flatMap(({ refund, fate }) => (fate.kind !== 'failed' && isMadeThere(refund) ? [refund] : []));
  for (const refund of isTold(fact) ? missingOf(unnamed, shortMinor) : [])
    failed.push({ refund, kind: 'failed', ref: null, code: 'came_back', message: 'the gateway has it again' });
  return failed.map(({ refund, code, message }) => ({ type: 'refund.failed', refundId: refund.id, code, message }));
}

/** While a bank has a hand in it, a gateway may not say how much of it went back. */
const isTold = ({ status, disputes }: PaymentFact): boolean =>
  status === 'succeeded' && disputes.every(({ standing }) => standing === 'won' || standing === 'dropped');

/** What the gateway was told by no name of ours is found by the sum that is missing, and only if that fits: the newest, or all. */
function missingOf(unnamed: readonly Refund[], shortMinor: number): readonly Refund[] {
  const one = unnamed.findLast(({ amount }) => amount.minor === shortMinor);
  if (one) return [one];
  return shortMinor > 0 && totalMinor(unnamed) === shortMinor ? unnamed : [];
}

export interface Seen {
  readonly booking: Booking;
  readonly payment: Payment;
  readonly fact: PaymentFact;
}

/** Made in the gateway's own dashboard: recorded as what it is, whatever a bank took beside it. */
export function refundsElsewhere({ booking, payment, fact }: Seen): readonly BookingEvent[] {
  const surplus = returnedBeyondOurs(booking, payment, fact) - totalMinor(inFlight(booking, payment));
  const amountMinor = Math.min(surplus, leftThereOf(booking, payment));
  if (payment.status !== 'succeeded' || amountMinor <= 0) return [];
  const refundId = nameOfElsewhere(booking, payment, fact);
  const amount = money(amountMinor, payment.amount.currency);
  const cause = causeOfElsewhere(booking, payment, amountMinor);
  const made = { cause, reason: 'made at the gateway', actor: 'gateway', needsApproval: false } as const;
  return [
    { type: 'refund.requested', refundId, paymentId: payment.id, amount, elsewhere: true, ...made },
    { type: 'refund.succeeded', refundId, ref: `${fact.ref}/elsewhere` },
  ];
}

/** A refund that failed since its payment was read may still be among what the gateway said it had given back. */
export const failedOf = ({ refunds }: Booking, { id }: Payment): number =>
  refunds.filter(({ paymentId, status }) => paymentId === id && status === 'failed').length;

/** Another refund arrived or failed since its payment was read: the gateway may have said so already, or not yet. */
export const hasMoved = (then: Booking, now: Booking, payment: Payment): boolean =>
  failedOf(then, payment) !== failedOf(now, payment) ||
  madeAtGateway(then, payment).length !== madeAtGateway(now, payment).length;

/** By the sum that the gateway has given back; when another came back meanwhile, that sum is reached again by another return. */
function nameOfElsewhere({ refunds }: Booking, { id }: Payment, { refunded }: PaymentFact): string {
  const name = `rf_${id.slice('pay_'.length)}_elsewhere_${refunded.minor}`;
  const isOfIt = new RegExp(`^${name}(_\\d+)?$`);
  const before = refunds.filter((refund) => isOfIt.test(refund.id)).length;
  return before === 0 ? name : `${name}_${before + 1}`;
}

const MADE_THERE = /\/(elsewhere|returned-at-the-gateway)$/;
const isMadeThere = ({ ref }: Refund): boolean => ref !== null && MADE_THERE.test(ref);

/** What the gateway gave back beside what we know to have gone. */
const returnedBeyondOurs = (booking: Booking, payment: Payment, { refunded }: PaymentFact): number =>
  refunded.minor - totalMinor(madeAtGateway(booking, payment));

/** Whether it went back there beside all our others: those under way may have gone already. */
export const wentBack = ({ booking, payment, fact }: Seen, { id, amount }: Refund): boolean =>
  returnedBeyondOurs(booking, payment, fact) -
    totalMinor(inFlight(booking, payment).filter((other) => other.id !== id)) >=
  amount.minor;

const inFlight = (booking: Booking, payment: Payment): readonly Refund[] =>
  booking.refunds.filter((r) => r.paymentId === payment.id && isReserved(r));
