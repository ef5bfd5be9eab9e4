// Verbs that ask a gateway how a payment stands: its word alone counts, whoever brought the news.
import { useUpAttempts } from '../db/bookings.ts';
import type { StoredBooking } from '../db/bookings.ts';
import type { AbandonedAs, Booking, Payment } from '../domain/booking.ts';
import { isForTrip, isLive, paymentOf, refundOf } from '../domain/booking.ts';
import type { Digest } from '../domain/digest.ts';
import { digestOf } from '../domain/digest.ts';
import type { BookingEvent } from '../domain/events.ts';
import { isUnknownThere } from '../domain/payment.ts';
import type { Gateway, PaymentFact } from '../domain/payment.ts';
import { paymentIdOf } from '../domain/ids.ts';
import { factsLearned } from '../domain/payment-facts.ts';
import { gatewayOf } from '../domain/routing.ts';
import type { Deps } from './deps.ts';
import { recordDisputes } from './disputes.ts';
import { notYet } from './failures.ts';
import { mustLoad } from './loading.ts';
import { keepingAnswer } from './payment-answers.ts';
import { bouncedRefunds, failedOf, refundsElsewhere } from './returns.ts';

export type PaymentNews = {
  kind: 'open' | 'in_flight' | 'authorised' | 'captured' | 'closed';
  /** Part of it went back by no deed of ours. */
  returnedElsewhere?: true;
  /** Taken, and given back in part already, before we heard of either: one at a time. Or a refund failed while it was read. */
  lookAgain?: true;
  now: Digest;
};

interface PaymentInput {
  readonly bookingId: string;
  readonly paymentId: string;
}

interface LookInput extends PaymentInput {
  /** The gateway has word of these as well: attempts that were given up may have been paid all the same. */
  readonly alsoRefs?: readonly string[];
}

interface AbandonedInput {
  readonly bookingId: string;
  readonly paymentRef: string;
  readonly as: AbandonedAs;
}

interface PollInput extends PaymentInput {
  readonly openedAt: string;
}

const MINUTE_MS = 60_000;

/** 1, 5 and 15 min after opening, every 15 min until 2 h, then hourly. */
function nextPollDelayMs(ageMs: number): number {
  if (ageMs < 4.5 * MINUTE_MS) return 5 * MINUTE_MS - ageMs;
  if (ageMs < 14.5 * MINUTE_MS) return 15 * MINUTE_MS - ageMs;
  return ageMs < 119 * MINUTE_MS ? 15 * MINUTE_MS : 60 * MINUTE_MS;
}

export const paymentNewsActivities = (deps: Deps) => ({
  async lookPayment({ bookingId, paymentId, alsoRefs = [] }: LookInput): Promise<PaymentNews> {
    const { booking } = await mustLoad(deps, bookingId);
    const unknown = alsoRefs.filter((named) => booking.payments.every(({ ref }) => ref !== named));
    for (const ref of unknown) await adoptPaid(deps, bookingId, ref);
    const known = unknown.length > 0 ? (await mustLoad(deps, bookingId)).booking : booking;
    const others = known.payments.filter(({ id, ref }) => id !== paymentId && ref && alsoRefs.includes(ref));
    const ofOthers: PaymentNews[] = [];
    // The older ones first: what they say may change what the one that leads means.
    for (const other of others) ofOthers.push(await lookAt(deps, { bookingId, paymentId: other.id }));
    const news = await lookAt(deps, { bookingId, paymentId });
    return ofOthers.reduce(both, news);
  },

  /** After the gateway was asked, and only of what it says can still be paid. */
  async noteAbandoned({ bookingId, paymentRef, as }: AbandonedInput): Promise<{ now: Digest }> {
    const after = await deps.record(bookingId, ({ booking }) => {
      const payment = booking.payments.find(({ ref }) => ref === paymentRef);
      if (!payment || !isLive(payment) || payment.status === 'processing') return [];
      const note = `the customer came back by the link for ${as}; the gateway has it as ${payment.wireStatus}`;
      const { id: paymentId, declines } = payment;
      return [{ type: 'payment.abandoned', paymentId, as, declines, note }];
    });
    return { now: digestOf(after) };
  },

  async pollPayment({ openedAt, ...input }: PollInput): Promise<PaymentNews> {
    const news = await lookAt(deps, input);
    if (news.kind !== 'open' && news.kind !== 'in_flight') return news;
    throw notYet('not paid yet', nextPollDelayMs(deps.clock().getTime() - Date.parse(openedAt)));
  },
});

/**
 * Nobody was sent to pay it, but money is money. While it is not paid it is nothing: the gateway lets it run out.
 * Answers the name under which the booking has it, which may be another than the one that it was asked by.
 */
export async function adoptPaid(deps: Deps, bookingId: string, named: string): Promise<string | undefined> {
  const { product } = await mustLoad(deps, bookingId);
  const gateway = deps.gateways[gatewayOf(product)];
  const found = await purchaseAt(gateway, named);
  if (found?.bookingId !== bookingId || found.status !== 'succeeded') return undefined;
  // By its own name: what we know by another is no second payment.
  const { amount, ref } = found;
  await deps.record(
    bookingId,
    ({ booking, row }) => {
      if (booking.payments.some((payment) => payment.ref === ref)) return [];
      const attempt = Math.max(row.attempt, ...booking.payments.map((payment) => payment.attempt)) + 1;
      const paymentId = paymentIdOf(bookingId, attempt);
      return [{ type: 'payment.adopted', paymentId, attempt, gateway: gateway.name, ref, amount }];
    },
    (tx, { payments }) => useUpAttempts(tx, bookingId, payments),
  );
  return ref;
}

/** What the gateway does not know is nobody's money, and must not keep the payments waiting that it does know. */
async function purchaseAt(gateway: Gateway, ref: string): Promise<PaymentFact | undefined> {
  try {
    return await gateway.look(ref);
  } catch (error) {
    if (isUnknownThere(error)) return undefined;
    throw error;
  }
}

const both = (news: PaymentNews, other: PaymentNews): PaymentNews => ({
  ...news,
  kind: other.kind === 'captured' ? other.kind : news.kind,
  ...(other.returnedElsewhere && { returnedElsewhere: true }),
  ...(other.lookAgain && { lookAgain: true }),
});

/** Reads it at the gateway and writes down what is new. */
export async function lookAt(deps: Deps, { bookingId, paymentId }: PaymentInput): Promise<PaymentNews> {
  const { booking } = await mustLoad(deps, bookingId);
  const payment = paymentOf(booking, paymentId);
  // The gateway refused it, so there is nothing there to look at.
  if (!payment.ref) return { kind: newsOf(booking, payment), now: digestOf(booking) };
  const fact = await deps.gateways[payment.gateway].look(payment.ref);
  refuseForeign(fact, payment, bookingId);
  const bounced = await bouncedRefunds(deps, { booking, payment, fact });
  let elsewhere: readonly BookingEvent[] = [];
  let isOutOfDate = false;
  const learned = (stored: StoredBooking) => {
    const known = paymentOf(stored.booking, paymentId);
    // A refund that failed meanwhile may still be among what the gateway said it had given back.
    isOutOfDate = failedOf(stored.booking, known) !== failedOf(booking, payment);
    elsewhere = isOutOfDate ? [] : refundsElsewhere({ booking: stored.booking, payment: known, fact });
    const stillOut = bounced.filter(({ refundId }) => refundOf(stored.booking, refundId).status === 'succeeded');
    return [...factsLearned(known, fact), ...stillOut, ...elsewhere];
  };
  const recorded = await deps.record(bookingId, learned, await keepingAnswer(deps, { bookingId, paymentId, fact }));
  // Apart: whatever a bank says, the money is on record.
  const after = fact.disputes.length > 0 ? await recordDisputes(deps, { bookingId, paymentId, fact }) : recorded;
  const returned = elsewhere.length > 0 ? ({ returnedElsewhere: true } as const) : {};
  const unseen = payment.status !== 'succeeded' && fact.refunded.minor > 0;
  return {
    kind: newsOf(after, paymentOf(after, paymentId)),
    ...returned,
    ...((unseen || isOutOfDate) && { lookAgain: true }),
    now: digestOf(after),
  };
}

/** An object that names another booking must never settle this one, and one in another currency be waited for. */
function refuseForeign(fact: PaymentFact, payment: Payment, bookingId: string): void {
  if (fact.bookingId !== null && fact.bookingId !== bookingId)
    throw new Error(`${fact.ref} belongs to ${fact.bookingId}`);
  if (fact.captured === null && fact.amount.currency !== payment.amount.currency)
    throw new Error(`${fact.ref} is in ${fact.amount.currency}`);
}

function newsOf(booking: Booking, payment: Payment): PaymentNews['kind'] {
  switch (payment.status) {
    case 'opening':
    case 'requires_payment_method':
    case 'requires_action':
      return 'open';
    case 'processing':
      return 'in_flight';
    case 'authorised':
      return 'authorised';
    case 'succeeded':
      return isForTrip(booking, payment) ? 'captured' : 'closed';
    case 'cancelled':
    case 'failed':
      return 'closed';
  }
}
