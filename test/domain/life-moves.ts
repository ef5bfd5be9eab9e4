// What may plausibly happen next in a booking's life, and what still must happen before it is at rest.
import {
  heldPayment,
  isForTrip,
  isUnderWay,
  paymentOf,
  refundableOfPayment,
  unreturnedOf,
} from '../../domain/booking.ts';
import type { Booking, Payment } from '../../domain/booking.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { paymentIdOf, supplierRefOf } from '../../domain/ids.ts';
import { chargeStep, exponentOf, money } from '../../domain/money.ts';
import type { Money } from '../../domain/money.ts';
import type { PaymentFact, PaymentStatus } from '../../domain/payment.ts';
import { duplicateSuccesses, factsLearned, sourcesOf, straySuccesses } from '../../domain/payment-facts.ts';
import { reopens } from '../../domain/transitions.ts';
import type { Life } from './life.ts';
import { GIVEN_BESIDE, liveOf, refund, saidGiven, standing } from './life.ts';
import { closings, disputeMoves, elsewhere } from './life-disputes.ts';

/** Called when it is chosen; the life is not touched before. */
export type Move = () => readonly BookingEvent[];

export interface Throw {
  readonly netCurrency: string;
  /** Any number: the moves take from it what they need to choose amounts. */
  readonly amount: number;
}

export function plausible(life: Life, roll: Throw): Move[] {
  return [
    ...customerMoves(life),
    ...gatewayMoves(life, roll),
    ...supplyMoves(life, roll),
    ...staffMoves(life, roll),
    ...refundMoves(life),
    ...disputeMoves(life, roll),
  ];
}

/** What leads on to the trip, so that dice do not spend whole lives at the till. */
export function onward(life: Life, roll: Throw): Move[] {
  const { booking } = life;
  const live = liveOf(booking);
  const untilPaid: Move[] = booking.phase === 'awaiting_payment' && !live ? [() => [opened(booking)]] : [];
  const paid = live ? successes(life, live, roll) : [];
  return [...untilPaid, ...paid, ...supplyMoves(life, roll)];
}

function customerMoves(life: Life): Move[] {
  const { booking } = life;
  const { phase, payments } = booking;
  const moves: Move[] = [];
  const paying = phase === 'awaiting_payment' || phase === 'processing';
  if (phase === 'awaiting_payment' && !liveOf(booking)) {
    moves.push(
      () => [opened(booking)],
      () => [opened(booking, otherSum(booking))],
    );
    if (payments.length === 0)
      moves.push(() => [refused(booking), { type: 'booking.failed', attempt: 1, reason: 'refused' }]);
  }
  if (paying) {
    moves.push(() => [...closed(booking), { type: 'booking.expired', attempt: lastAttempt(booking) }]);
    moves.push(() => [...closed(booking), { type: 'booking.cancelled', reason: 'no interest', actor: 'customer' }]);
    moves.push(() => closed(booking));
  }
  if (booking.storefront === 'cart') moves.push(...pageMoves(booking));
  const over = phase === 'expired' || phase === 'refunded';
  if (
    over &&
    reopens(booking.storefront) &&
    !life.compensating &&
    booking.sums.reservedMinor === 0 &&
    nothingHeld(booking)
  )
    moves.push(() => [...closed(booking), opened(booking)]);
  if (phase === 'confirmed' || phase === 'partially_refunded')
    moves.push(() => [{ type: 'booking.cancelled', reason: 'cancelled on quote', actor: 'customer' }]);
  return moves;
}

/** Where the customer pays on a page that is not ours. */
function pageMoves(booking: Booking): Move[] {
  const live = liveOf(booking);
  const mayLeave = live && live.status !== 'processing' && live.abandoned === null;
  const mayTurnUp = ['awaiting_payment', 'confirmed'].includes(booking.phase) && booking.payments.length === 1;
  return [...(mayLeave ? [() => [leftBy(live)]] : []), ...(mayTurnUp ? [() => [adopted(booking)]] : [])];
}

const leftBy = ({ id: paymentId, declines }: Payment): BookingEvent => ({
  type: 'payment.abandoned',
  paymentId,
  as: declines > 0 ? 'failed' : 'cancelled',
  declines,
  note: 'came back',
});

/** The answer to its opening was lost; how it stands is learned next. */
function adopted(booking: Booking): BookingEvent {
  const attempt = lastAttempt(booking) + 1;
  const paymentId = paymentIdOf(booking.id, attempt);
  return {
    type: 'payment.adopted',
    paymentId,
    attempt,
    gateway: 'stripe_intent',
    ref: `lost_${attempt}`,
    amount: booking.charge,
  };
}

const says =
  (payment: Payment, fact: Partial<PaymentFact>): Move =>
  () =>
    factsLearned(payment, factOf(payment, fact));

/** With the fee, and without it yet. */
function successes(life: Life, payment: Payment, { amount }: Throw): Move[] {
  const fee = money(Math.floor((payment.amount.minor * (amount % 5)) / 100), payment.amount.currency);
  const success = { status: 'succeeded', captured: payment.amount, capturedAt: momentOf(life) } as const;
  return [says(payment, { ...success, fee }), says(payment, { ...success, fee: null })];
}

function gatewayMoves(life: Life, roll: Throw): Move[] {
  const decline = () => ({ id: `ch_${(life.named += 1)}`, code: 'card_declined', declineCode: null, message: 'no' });
  const refusing = (payment: Payment, status: PaymentStatus): Move => {
    return () => factsLearned(payment, factOf(payment, { status, decline: decline() }));
  };
  return life.booking.payments
    .filter((p) => p.ref !== null)
    .flatMap((payment) => [
      says(payment, { status: 'requires_action' }),
      says(payment, { status: 'processing' }),
      says(payment, { status: 'cancelled' }),
      ...(life.booking.storefront === 'trektoo'
        ? [says(payment, { status: 'authorised', heldUntil: momentOf(life) })]
        : []),
      ...successes(life, payment, roll),
      refusing(payment, 'requires_payment_method'),
      refusing(payment, 'requires_action'),
      says(payment, { status: 'requires_payment_method', decline: payment.lastDecline }),
    ]);
}

function supplyMoves(life: Life, roll: Throw): Move[] {
  const { booking } = life;
  const attempt = booking.payments.findLast((p) => p.status === 'succeeded')?.attempt ?? 1;
  if (
    booking.phase === 'expired' &&
    booking.disputes.length === 0 &&
    booking.payments.some((p) => isForTrip(booking, p) && unreturnedOf(booking, p) > 0)
  )
    return [() => [{ type: 'booking.revived', attempt }]];
  if (booking.phase !== 'confirming') return [];
  const held = heldPayment(booking);
  if (held) return [...successes(life, held, roll), () => letGo(booking, held)];
  if (booking.sums.capturedMinor === 0) return [() => [failedFor(booking)]];
  if (booking.storefront !== 'trektoo') return [() => [{ type: 'booking.confirmed', attempt }]];
  return orderMoves(life, roll, { type: 'booking.confirmed', attempt });
}

/** What another attempt took meanwhile is to be given back first: there is money for it still. */
const letGo = (booking: Booking, { id: paymentId }: Payment): BookingEvent[] => [
  { type: 'payment.closed', paymentId, reason: 'released', wireStatus: 'canceled' },
  ...(booking.sums.capturedMinor === 0 ? [failedFor(booking)] : []),
];

const failedFor = (booking: Booking): BookingEvent => ({
  type: 'booking.failed',
  attempt: lastAttempt(booking),
  reason: 'sold out',
});

function orderMoves(life: Life, { netCurrency, amount }: Throw, confirmed: BookingEvent): Move[] {
  const { booking, compensating } = life;
  const order = standing(booking);
  if (!order) {
    const generation = booking.supplierOrders.length;
    const net = netFor(booking, netCurrency, amount);
    const ourRef = supplierRefOf('TRK-1', generation);
    return compensating || generation > 2
      ? []
      : [() => [{ type: 'supplier.placing', supplier: 'klook', generation, ourRef, net }]];
  }
  const { generation, net } = order;
  const ended =
    (as: 'rejected' | 'expired', returned: number): Move =>
    () => [
      {
        type: 'supplier.ended',
        generation,
        as,
        returned: money(returned, net.currency),
        penalty: money(order.paidMinor - returned, net.currency),
      },
    ];
  const refusal: Move = () => [{ type: 'supplier.refused', generation, reason: 'sold_out', message: 'sold out' }];
  if (order.status === 'placing') {
    const ordered: Move = () => [
      { type: 'supplier.ordered', generation, orderNo: `K${generation}`, net, payBy: null, adopted: false },
    ];
    return [ordered, refusal];
  }
  if (order.status === 'unpaid')
    return [() => [{ type: 'supplier.paid', generation, amount: net }], refusal, ended('expired', 0)];
  // Not stopped by a compensation that has begun: the supplier's word may be under way.
  return [
    () => [{ type: 'supplier.confirmed', generation, net }, confirmed, vouchers],
    () => [{ type: 'supplier.confirmed', generation, net }, confirmed],
    ended('rejected', amount % 3 === 0 ? amount % (order.paidMinor + 1) : order.paidMinor),
  ];
}

function staffMoves(life: Life, { amount }: Throw): Move[] {
  const { booking } = life;
  const { phase } = booking;
  const moves: Move[] = [];
  const attempt = lastAttempt(booking);
  const started: BookingEvent = { type: 'booking.compensation_started', attempt, reason: 'stopped', actor: 'staff' };
  const trip = phase === 'confirming' || phase === 'confirmed' || phase === 'partially_refunded';
  if (trip && !life.compensating) moves.push(() => [started]);
  if (trip) {
    const part = (left: number) => 1 + (amount % left);
    moves.push(() => refund(life, 'staff', part));
    moves.push(() =>
      refund(life, 'staff', part).map((e) => (e.type === 'refund.requested' ? { ...e, needsApproval: true } : e)),
    );
    moves.push(() => [vouchers]);
  }
  if (phase === 'cancelled' && booking.confirmedAt)
    moves.push(() => refund(life, 'cancellation', (left) => amount % (left + 1)));
  const id = `step/${(amount % 3) + 1}`;
  moves.push(() => [{ type: 'attention.raised', id, step: 'step', reason: 'stuck' }]);
  if (booking.attention) moves.push(() => [{ type: 'attention.cleared', id, actor: 'staff', how: 'retried' }]);
  return moves;
}

function refundMoves(life: Life): Move[] {
  const { booking } = life;
  const moves: Move[] = [];
  const stray = duplicateSuccesses(booking).some((p) => refundableOfPayment(booking, p) > 0);
  if (stray) moves.push(...(['duplicate', 'late'] as const).map((cause) => () => refund(life, cause, (left) => left)));
  for (const { id: refundId, status, paymentId, amount } of booking.refunds) {
    const sentBack: Move = () => [{ type: 'refund.failed', refundId, code: 'closed', message: 'the card is closed' }];
    if (status === 'awaiting_approval') {
      const left = refundableOfPayment(booking, paymentOf(booking, paymentId));
      if (amount.minor <= left) moves.push(() => [{ type: 'refund.approved', refundId, actor: 'staff-2' }]);
      moves.push(sentBack);
    } else if (status === 'pending') {
      moves.push(() => [{ type: 'refund.pending', refundId, ref: refundId }]);
      for (const ref of [refundId, 'by-hand/staff-1']) moves.push(() => [{ type: 'refund.succeeded', refundId, ref }]);
      moves.push(sentBack);
    } else if (status === 'succeeded') {
      moves.push(() => [{ type: 'refund.pending', refundId, ref: refundId }]);
      // A bank sends back what it got, also after the booking was sold anew.
      moves.push(sentBack);
    } else if (status === 'failed' && !booking.refunds.some(({ id }) => id === refundId + GIVEN_BESIDE)) {
      moves.push(() => saidGiven(booking, refundId));
    }
  }
  return moves;
}

/** What the program owes before it may rest, the most urgent first. */
export function settling(life: Life): Move[] {
  const { booking } = life;
  const { phase } = booking;
  const attempt = lastAttempt(booking);
  const moves: Move[] = closings(booking);
  for (const { id: refundId, status } of booking.refunds)
    if (status === 'pending') moves.push(() => [{ type: 'refund.succeeded', refundId, ref: refundId }]);
  const strayCause = booking.confirmedAt || isUnderWay(phase) ? 'duplicate' : 'late';
  if (straySuccesses(booking).some((p) => refundableOfPayment(booking, p) > 0))
    moves.push(() => refund(life, strayCause, (left) => left));
  const ofEarlierTrip = booking.payments.find((p) => p.ofEarlierTrip && refundableOfPayment(booking, p) > 0);
  // Nothing gives it back by itself: staff are called, and do it in the gateway's dashboard.
  if (ofEarlierTrip) moves.push(() => elsewhere(life, ofEarlierTrip));
  if (phase === 'awaiting_payment' || phase === 'processing')
    moves.push(() => [...closed(booking), { type: 'booking.expired', attempt }]);
  else if (liveOf(booking)) moves.push(() => closed(booking));
  const order = standing(booking);
  if (phase === 'confirming' && !life.compensating)
    moves.push(() => [{ type: 'booking.compensation_started', attempt, reason: 'unfulfillable', actor: 'workflow' }]);
  if (order && (life.compensating || phase === 'cancelled' || phase === 'refunded'))
    moves.push(() => [cancelledOrder(booking)]);
  const owed = life.compensating || phase === 'refunded';
  if (owed && sourcesOf(booking, 'compensation').some((p) => refundableOfPayment(booking, p) > 0))
    moves.push(() => refund(life, 'compensation', (left) => left));
  if (life.compensating && moves.length === 0)
    moves.push(() => [{ type: 'booking.compensated', attempt, reason: 'unfulfillable' }]);
  return moves;
}

const vouchers: BookingEvent = {
  type: 'vouchers.ready',
  vouchers: [{ codes: [{ code: 'V1', description: 'Adult' }], bookingRef: 'B1', url: null }],
};

/** None yet is 0: what happens to a booking before its first attempt happens again under another name. */
const lastAttempt = (booking: Booking): number => Math.max(0, ...booking.payments.map((p) => p.attempt));

const nothingHeld = (booking: Booking): boolean => booking.payments.every((p) => unreturnedOf(booking, p) === 0);

/** More of the same, or of another currency where no costs are counted. */
function otherSum({ charge, storefront, payments }: Booking): Money {
  const { minor, currency } = charge;
  const stays = storefront === 'trektoo' || payments.length % 2 === 0;
  return stays ? money(minor + chargeStep(currency), currency) : money(1_000, currency === 'USD' ? 'HKD' : 'USD');
}

function opened(booking: Booking, amount: Money = booking.charge): BookingEvent {
  const attempt = booking.payments.length + 1;
  const base = {
    paymentId: paymentIdOf(booking.id, attempt),
    attempt,
    gateway: 'stripe_intent',
    amount,
  } as const;
  return {
    type: 'payment.opened',
    ...base,
    ref: `pi_${attempt}`,
    status: 'requires_payment_method',
    wireStatus: 'open',
    expiresAt: booking.expiresAt,
  };
}

function refused(booking: Booking): BookingEvent {
  const base = {
    paymentId: paymentIdOf(booking.id, 1),
    attempt: 1,
    gateway: 'stripe_intent',
    amount: booking.charge,
  } as const;
  return { type: 'payment.refused', ...base, code: 'amount_too_small', message: 'too small' };
}

function closed(booking: Booking): BookingEvent[] {
  const live = liveOf(booking);
  return live ? [{ type: 'payment.closed', paymentId: live.id, reason: 'closed', wireStatus: 'canceled' }] : [];
}

/** Half of what was paid comes back, rounded down. */
function cancelledOrder(booking: Booking): BookingEvent {
  const order = standing(booking);
  if (!order) throw new Error('no order stands');
  const returned = money(Math.floor(order.paidMinor / 2), order.net.currency);
  const penalty = money(order.paidMinor - returned.minor, order.net.currency);
  return { type: 'supplier.ended', generation: order.generation, as: 'canceled', returned, penalty };
}

/** About eighty per cent of the charge, give or take some odd units. */
function netFor(booking: Booking, currency: string, amount: number): ReturnType<typeof money> {
  if (currency === booking.charge.currency)
    return money(1 + Math.floor(booking.charge.minor * 0.8) + (amount % 7), currency);
  const major = booking.charge.minor / 10 ** exponentOf(booking.charge.currency) / Number(booking.fxRate);
  return money(1 + Math.min(90_000_000, Math.floor(major * 0.8 * 10 ** exponentOf(currency))) + (amount % 7), currency);
}

function factOf(payment: Payment, fact: Partial<PaymentFact>): PaymentFact {
  const base = {
    captured: null,
    capturedAt: null,
    heldUntil: null,
    fee: null,
    decline: null,
    method: null,
    bookingId: null,
    paymentId: payment.id,
  } as const;
  const { amount } = payment;
  return {
    ref: payment.ref ?? '',
    status: 'requires_payment_method',
    wireStatus: '',
    amount,
    refunded: money(0, amount.currency),
    disputes: [],
    ...base,
    ...fact,
  };
}

/** Later in the record is later at the gateway. */
const momentOf = (life: Life): string => new Date(Date.UTC(2026, 4, 4, 10, 0, life.steps.length)).toISOString();
