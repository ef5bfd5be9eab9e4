// What a customer's bank may do to the money of a booking, at any time and in any order.
import { refundedOf } from '../../domain/booking.ts';
import type { Booking, Dispute, Payment } from '../../domain/booking.ts';
import { EXCESS, isPending } from '../../domain/dispute.ts';
import { disputesLearned } from '../../domain/dispute-facts.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { money } from '../../domain/money.ts';
import type { DisputeRead, DisputeStanding } from '../../domain/payment.ts';
import { causeOfElsewhere } from '../../domain/payment-facts.ts';
import type { Life } from './life.ts';
import type { Move, Throw } from './life-moves.ts';
import { AT } from './sample-booking.ts';

const NEXT: Readonly<Record<DisputeStanding, readonly DisputeStanding[]>> = {
  inquiry: ['open', 'dropped'],
  open: ['open', 'won', 'lost', 'dropped'],
  // A bank may take a case up again, and a network may turn its verdict round.
  won: ['open', 'lost'],
  lost: ['open', 'won'],
  dropped: ['open'],
};

export function disputeMoves(life: Life, { amount }: Throw): Move[] {
  const { booking } = life;
  const succeeded = booking.payments.filter(({ status }) => status === 'succeeded');
  return [
    ...succeeded.flatMap((payment) => openings(life, payment, amount)),
    ...booking.disputes.flatMap((dispute) => NEXT[dispute.standing].map((to) => turning(booking, dispute, to))),
    ...succeeded.map((payment) => returnedElsewhere(life, payment)),
  ];
}

/** Of the whole, of a part, of what was given back already: a bank looks at the payment alone. */
function openings(life: Life, payment: Payment, amount: number): Move[] {
  const { booking } = life;
  if (booking.disputes.filter(({ paymentId }) => paymentId === payment.id).length > 1) return [];
  const { minor, currency } = payment.amount;
  const over = (part: number, standing: DisputeStanding): Move => {
    return () => {
      life.named += 1;
      const fee = amount % 2 === 0 ? money(amount % 100, currency) : null;
      return learned(booking, payment, {
        ...BLANK,
        ref: `du_${life.named}`,
        standing,
        amount: money(part, currency),
        fee,
      });
    };
  };
  const part = 1 + (amount % minor);
  return [over(minor, 'open'), over(part, 'open'), over(part, 'lost'), over(minor, 'inquiry')];
}

const BLANK = { wireStatus: '', reason: 'fraudulent', evidenceDueBy: null, openedAt: AT } as const;

const turning =
  (booking: Booking, dispute: Dispute, standing: DisputeStanding): Move =>
  () => {
    const payment = booking.payments.find(({ id }) => id === dispute.paymentId);
    const { paymentId: _p, turn, ofStray: _o, ...told } = dispute;
    // A part of the fee comes and goes with the answer to the bank.
    const fee = told.fee ?? money(turn, dispute.amount.currency);
    const now = { ...told, standing, wireStatus: `${standing}/${turn}`, fee };
    return payment ? learned(booking, payment, { ...now, isTakenUpAgain: true }) : [];
  };

const learned = (booking: Booking, payment: Payment, told: DisputeRead): readonly BookingEvent[] =>
  disputesLearned(booking, payment, {
    ref: payment.ref ?? '',
    status: 'succeeded',
    wireStatus: 'succeeded',
    amount: payment.amount,
    captured: payment.amount,
    capturedAt: payment.capturedAt,
    heldUntil: null,
    fee: null,
    refunded: money(0, payment.amount.currency),
    disputes: [told],
    decline: null,
    method: null,
    bookingId: null,
    paymentId: null,
  });

/** In the gateway's dashboard, whatever a bank took beside it. */
const returnedElsewhere =
  (life: Life, payment: Payment): Move =>
  () =>
    elsewhere(life, payment);

/** All that we have not given back. */
export function elsewhere(life: Life, payment: Payment): readonly BookingEvent[] {
  const left = payment.capturedMinor - refundedOf(life.booking, payment);
  if (left <= 0) return [];
  life.named += 1;
  const refundId = `rf_${life.named}`;
  const amount = money(left, payment.amount.currency);
  const cause = causeOfElsewhere(life.booking, payment, left);
  const made = { cause, reason: 'elsewhere', actor: 'gateway', needsApproval: false } as const;
  return [
    { type: 'refund.requested', refundId, paymentId: payment.id, amount, elsewhere: true, ...made },
    { type: 'refund.succeeded', refundId, ref: refundId },
  ];
}

/** No bank takes for ever. */
export const closings = (booking: Booking): Move[] =>
  booking.disputes
    .filter(isPending)
    .map((dispute) => turning(booking, dispute, CLOSES_AS[dispute.turn % CLOSES_AS.length] ?? 'lost'));

const CLOSES_AS = ['won', 'lost', 'dropped'] as const;

/** Staff are called for what went back twice. */
export function excessShown({ booking, steps }: Life): Move | undefined {
  const wasShown = steps.some(({ event }) => event.type === 'attention.raised' && event.step === EXCESS);
  if (wasShown || booking.sums.overReturnedMinor === 0) return undefined;
  return () => [{ type: 'attention.raised', id: 'excess', step: EXCESS, reason: 'more went back than was taken' }];
}
