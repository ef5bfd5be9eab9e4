// What must stay true of money in every life a booking can have.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isMadeByHand,
  isServed,
  isUnderWay,
  paymentOf,
  refundableOfPayment,
  totalMinor,
} from '../../domain/booking.ts';
import type { Booking, Dispute } from '../../domain/booking.ts';
import { profitOf, resultOf } from '../../domain/ledger.ts';
import type { Posting } from '../../domain/ledger.ts';
import { equals, money } from '../../domain/money.ts';
import { mayMove } from '../../domain/transitions.ts';
import { ONE_SEED } from '../one-seed.ts';
import { EVERY_FACT } from './every-fact.ts';
import { beginning, GIVEN_BESIDE, record, standing } from './life.ts';
import type { Life } from './life.ts';
import { lived, plans } from './life-plans.ts';
import type { Plan } from './life-plans.ts';
import { newBooking } from './sample-booking.ts';

/** Paid, given back in full, opened anew, paid again, confirmed and cancelled: two trips under one booking. */
const TWICE_PAID: Plan = {
  start: newBooking({ storefront: 'cart', charge: money(1, 'HKD') }),
  netCurrency: 'HKD',
  dice: [0, 0, 739522, 2451462, 0, 0, 0, 0],
};

/** Held on one attempt and taken on another: the hold is let go of, and the booking has not failed. */
const HELD_AND_TAKEN: Plan = {
  start: newBooking({ charge: money(1, 'HKD') }),
  netCurrency: 'HKD',
  dice: [0, 966222, 0, 1600114, 0, 525294, 776654, 250276],
};

/** A bank has part of what the earlier trip earned, and a refund of it that went back beside comes back after the second sale. */
const RETURNED_TWICE: Plan = {
  start: newBooking({ storefront: 'travello', charge: money(221, 'HKD') }),
  netCurrency: 'HKD',
  dice: [346638, 0, 0, 0, 564944, 1889460, 530504, 983940, 2307588, 0, 470250],
};

/** Late money is to go back, and pays for the trip after all; staff give by other means what had been refused. */
const LATE_AND_USED: Plan = {
  start: newBooking({ storefront: 'cart', charge: money(1, 'HKD') }),
  netCurrency: 'HKD',
  dice: [0, 2, 1828336, 1855762, 578208, 1839998, 0, 0, 0, 0, 670176],
};

/** Of two successes the one that pays goes back in the dashboard and comes back: it pays again, and is given by other means. */
const TURNED_AND_BACK: Plan = {
  start: newBooking({ storefront: 'travello', charge: money(1, 'HKD') }),
  netCurrency: 'HKD',
  dice: [1113586, 0, 1525014, 0, 0, 1287434, 14, 0, 844112, 1169132, 1938324, 1727968, 1098932, 424240, 425348],
};

/** The one that pays goes back in the dashboard, and a refund by staff that had come back of it is given by other means. */
const TRIP_TURNED_STRAY: Plan = {
  start: newBooking({ storefront: 'travello', charge: money(2, 'HKD') }),
  netCurrency: 'HKD',
  dice: [0, 1176826, 0, 0, 0, 947368, 179872, 2022200, 844532, 589304, 2288176, 2296496, 124760, 0, 667720],
};

/** Late money that is used after all, for a trip that a supplier is asked for. */
const LATE_AND_ORDERED: Plan = {
  start: newBooking({ charge: money(1, 'HKD') }),
  netCurrency: 'HKD',
  dice: [0, 153558, 1692696, 1171558, 2044680, 0, 0, 0, 0, 0, 2278628, 1903160],
};

const HARD = [
  TWICE_PAID,
  HELD_AND_TAKEN,
  RETURNED_TWICE,
  LATE_AND_USED,
  TURNED_AND_BACK,
  TRIP_TURNED_STRAY,
  LATE_AND_ORDERED,
];
const RUNS = { numRuns: 300, examples: HARD.map((plan): [Plan] => [plan]) };

const always = (holds: (life: Life) => void) =>
  fc.assert(
    fc.property(plans, (plan) => holds(lived(plan, { toRest: false }))),
    RUNS,
  );
const atRest = (holds: (life: Life) => void) =>
  fc.assert(
    fc.property(plans, (plan) => holds(lived(plan, { toRest: true }))),
    RUNS,
  );

describe('in every life of a booking', ONE_SEED, () => {
  it('the postings of each fact add up to nothing in each currency', () =>
    always(({ steps }) => {
      for (const { postings } of steps) for (const total of totals(postings)) expect(total).toBe(0);
    }));

  it('no posting is of nothing, in fractions, or beyond what a number holds exactly', () =>
    always(({ steps }) => {
      for (const { minor } of steps.flatMap((s) => s.postings))
        expect(Number.isSafeInteger(minor) && minor !== 0).toBe(true);
    }));

  it('never more goes back than was captured, of the booking and of each payment, but what staff say that they gave', () =>
    always(({ steps }) => {
      for (const { after } of steps) {
        const { capturedMinor, refundedMinor, reservedMinor, disputedMinor, overReturnedMinor } = after.sums;
        expect(refundedMinor + reservedMinor + disputedMinor).toBeLessThanOrEqual(capturedMinor + overReturnedMinor);
        expect(Math.min(refundedMinor, reservedMinor)).toBeGreaterThanOrEqual(0);
        const refunds = after.refunds.filter(({ id }) => !id.endsWith(GIVEN_BESIDE));
        for (const payment of after.payments)
          expect(takenFrom({ ...after, refunds }, payment.id)).toBeLessThanOrEqual(payment.capturedMinor);
      }
    }));

  it('the sums are those of the payments and refunds they stand for, in the currency of the charge', () =>
    always(({ steps }) => {
      for (const { after } of steps) {
        const { capturedMinor, refundedMinor, reservedMinor, disputedMinor, overReturnedMinor, feesMinor } = after.sums;
        const payments = after.payments.filter(inChargeOf(after));
        const disputes = after.disputes.filter(inChargeOf(after));
        const refunds = (...statuses: string[]) =>
          after.refunds
            .filter(inChargeOf(after))
            .filter((r) => statuses.includes(r.status))
            .map((r) => r.amount.minor);
        expect(capturedMinor).toBe(sum(payments.map((p) => p.capturedMinor)));
        const fees = [...payments.map((p) => p.feeMinor ?? 0), ...disputes.map((d) => d.fee?.minor ?? 0)];
        expect(feesMinor).toBe(sum(fees));
        expect(disputedMinor).toBe(sum(disputes.map(takenByBank)));
        const beyond = payments.map((p) => takenFrom(after, p.id) + disputedFrom(after, p.id) - p.capturedMinor);
        expect(overReturnedMinor).toBe(sum(beyond.map((minor) => Math.max(0, minor))));
        expect(refundedMinor).toBe(sum(refunds('succeeded')));
        expect(reservedMinor).toBe(sum(refunds('pending', 'unknown')));
      }
    }));

  it('at most one payment can take money, and at most one supplier order stands', () =>
    always(({ steps }) => {
      for (const { after } of steps) {
        expect(
          after.payments.filter((p) => !['succeeded', 'cancelled', 'failed'].includes(p.status)).length,
        ).toBeLessThanOrEqual(1);
        expect(
          after.supplierOrders.filter((o) => !['rejected', 'expired', 'canceled'].includes(o.status)).length,
        ).toBeLessThanOrEqual(1);
      }
    }));

  it('the booking moves along declared edges only, one version a fact', () =>
    always(({ steps, start }) => {
      steps.forEach(({ before, after }, i) => {
        expect(mayMove(before.storefront, before.phase, after.phase)).toBe(true);
        expect(after.version).toBe(start.version + i + 1);
      });
    }));

  it('a trip under way is captured or held, one that is confirmed is captured, and nobody gets in on a voucher of one that is over', () =>
    always(({ steps }) => {
      const states = steps.map(({ after }) => after);
      for (const { sums } of states.filter(({ phase }) => isServed(phase)))
        expect(sums.capturedMinor).toBeGreaterThan(0);
      for (const { sums, payments } of states.filter(({ phase }) => isUnderWay(phase)))
        expect(sums.capturedMinor > 0 || payments.some(({ heldAt }) => heldAt !== null)).toBe(true);
      const over = states.filter(({ phase }) => phase === 'cancelled' || phase === 'refunded');
      expect(over.flatMap(({ vouchers }) => vouchers.map((v) => v.status))).not.toContain('ready');
    }));

  it('profit by the formula is the ledger’s result, but for a trip that is paid and not decided', () =>
    always((life) => {
      const decided = decidedStates(life).filter(
        ({ booking }) => booking.confirmedAt !== null || (booking.phase !== 'confirming' && !isBought(booking)),
      );
      for (const { booking, postings } of decided)
        expect(profitOf(booking)).toEqual(resultOf(postings, booking.charge.currency));
    }));

  it('every fact heard twice, at once or at the end, changes nothing', () =>
    always((life) => {
      const { booking: once, start, steps } = life;
      const events = steps.map((s) => s.event);
      const again = beginning(start);
      for (const event of events) record(again, [event, event]);
      record(again, events);
      expect(again.booking).toEqual(once);
      expect(again.steps.flatMap((s) => s.postings)).toEqual(steps.flatMap((s) => s.postings));
    }));
});

describe('a booking that came to rest', ONE_SEED, () => {
  it('leaves nothing on the clearing accounts: what is owed by the customer, to the customer, to the supplier', () =>
    atRest(({ steps }) => {
      const clearing = /^(customer_receivable|refunds_payable|supplier_payable|disputes)\//;
      const balances = balancesOf(steps.flatMap((s) => s.postings));
      expect([...balances].filter(([key, minor]) => clearing.test(key) && minor !== 0)).toEqual([]);
    }));

  it('has at the gateway what was captured, less what went back, what banks keep and the fees', () =>
    atRest(({ booking, steps }) => {
      const { capturedMinor, refundedMinor, disputedMinor, feesMinor } = booking.sums;
      const { currency } = booking.charge;
      const balances = balancesOf(steps.flatMap((s) => s.postings));
      const there = balances.get(`gateway_clearing/stripe_intent/${currency}`) ?? 0;
      const laidOutMinor = balances.get(`gateway_clearing/by_hand/${currency}`) ?? 0;
      expect(there + laidOutMinor).toBe(capturedMinor - refundedMinor - disputedMinor - feesMinor);
      const byHand = booking.refunds.filter((r) => isMadeByHand(r) && r.status === 'succeeded');
      const inCharge = byHand.filter(({ amount }) => amount.currency === currency);
      expect(laidOutMinor + totalMinor(inCharge)).toBe(0);
    }));

  it('keeps nothing at the gateway of any other currency but what banks and fees made of it', () =>
    atRest(({ booking, steps }) => {
      const balances = balancesOf(steps.flatMap((s) => s.postings));
      for (const currency of new Set(booking.payments.map(({ amount }) => amount.currency))) {
        const payments = booking.payments.filter(({ amount }) => amount.currency === currency);
        const gone = payments.map((p) => takenFrom(booking, p.id) + disputedFrom(booking, p.id) + (p.feeMinor ?? 0));
        const fees = booking.disputes.filter((d) => d.amount.currency === currency).map((d) => d.fee?.minor ?? 0);
        const left = sum(payments.map((p) => p.capturedMinor)) - sum(gone) - sum(fees);
        const laidOutMinor = balances.get(`gateway_clearing/by_hand/${currency}`) ?? 0;
        expect((balances.get(`gateway_clearing/stripe_intent/${currency}`) ?? 0) + laidOutMinor).toBe(left);
      }
    }));

  it('has from the supplier’s balance exactly what was paid and not returned', () =>
    atRest(({ booking, steps }) => {
      const drawn = steps.flatMap((s) => s.postings).filter((p) => p.account === 'supplier_balance');
      const kept = booking.supplierOrders.map((o) => o.paidMinor - o.returnedMinor);
      expect(sum(drawn.map((p) => p.minor)) + sum(kept)).toBe(0);
    }));

  it('earned what its ledger says, confirmed or not', () =>
    atRest(({ booking, steps }) => {
      expect(profitOf(booking)).toEqual(
        resultOf(
          steps.flatMap((s) => s.postings),
          booking.charge.currency,
        ),
      );
    }));

  it('holds money only for a trip, or by an accepted cancellation of one', () =>
    atRest(({ booking }) => {
      const held = sum(booking.payments.map((p) => refundableOfPayment(booking, p)));
      const trip = booking.phase === 'confirmed' || booking.phase === 'partially_refunded';
      const kept = booking.phase === 'cancelled' && booking.confirmedAt !== null;
      expect(held === 0 || trip || kept).toBe(true);
    }));
});

describe('the model', ONE_SEED, () => {
  it('reaches every state and every kind of fact, or the properties above would prove little', () => {
    const phases = new Set<string>();
    const types = new Set<string>();
    const seen = {
      over: false,
      strayLost: false,
      tripLost: false,
      fx: false,
      fxReturned: false,
      penalty: false,
      duplicate: false,
      late: false,
      otherSum: false,
      otherCurrency: false,
      reopened: false,
    };
    for (const plan of fc.sample(plans, { numRuns: 3_000, seed: 42 })) {
      const { steps } = lived(plan, { toRest: true });
      for (const { event, after, postings } of steps) {
        phases.add(after.phase);
        types.add(event.type);
        seen.over ||= after.sums.overReturnedMinor > 0;
        seen.strayLost ||= after.disputes.some((d) => d.standing === 'lost' && d.ofStray === true);
        seen.tripLost ||= after.disputes.some((d) => d.standing === 'lost' && d.ofStray === false);
        seen.fx ||= postings.some((p) => p.account === 'fx');
        seen.fxReturned ||=
          event.type === 'supplier.ended' && after.confirmedAt !== null && postings.some((p) => p.account === 'fx');
        seen.penalty ||= postings.some((p) => p.account === 'supplier_penalties');
        seen.duplicate ||= event.type === 'refund.requested' && event.cause === 'duplicate';
        seen.late ||= event.type === 'refund.requested' && event.cause === 'late';
        const back = event.type === 'refund.requested' ? paymentOf(after, event.paymentId).amount : after.charge;
        seen.otherSum ||= !equals(back, after.charge);
        seen.otherCurrency ||= back.currency !== after.charge.currency;
        seen.reopened ||= event.type === 'booking.confirmed' && after.refunds.some((r) => r.status === 'succeeded');
      }
    }
    expect([...phases].toSorted()).toEqual([
      'awaiting_payment',
      'cancelled',
      'confirmed',
      'confirming',
      'expired',
      'failed',
      'partially_refunded',
      'processing',
      'refunded',
    ]);
    const possible = Object.keys(EVERY_FACT).filter((type) => type !== 'documents.issued' && type !== 'notice.resent');
    expect([...types].toSorted()).toEqual(possible.toSorted());
    expect(Object.entries(seen).filter(([, was]) => !was)).toEqual([]);
  });
});

interface Decided {
  readonly booking: Booking;
  readonly postings: readonly Posting[];
}

/** The states others can see: a decision's facts are written together. */
function decidedStates({ steps, decisions }: Life): Decided[] {
  return decisions.flatMap((count) => {
    const booking = steps[count - 1]?.after;
    return booking ? [{ booking, postings: steps.slice(0, count).flatMap((s) => s.postings) }] : [];
  });
}

const inChargeOf =
  ({ charge }: Booking) =>
  ({ amount }: { amount: { currency: string } }): boolean =>
    amount.currency === charge.currency;

const sum = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0);

function totals(postings: readonly Posting[]): number[] {
  return [...new Set(postings.map((p) => p.currency))].map((currency) =>
    sum(postings.filter((p) => p.currency === currency).map((p) => p.minor)),
  );
}

function balancesOf(postings: readonly Posting[]): Map<string, number> {
  const balances = new Map<string, number>();
  for (const { account, party, currency, minor } of postings) {
    const key = `${account}/${party}/${currency}`;
    balances.set(key, (balances.get(key) ?? 0) + minor);
  }
  return balances;
}

/** The supplier has the money, and nobody knows yet whether there will be a trip. */
const isBought = (booking: Booking): boolean => (standing(booking)?.paidMinor ?? 0) > 0;

const takenByBank = (dispute: Dispute): number =>
  dispute.standing === 'open' || dispute.standing === 'lost' ? dispute.amount.minor : 0;

const disputedFrom = (booking: Booking, paymentId: string): number =>
  sum(booking.disputes.filter((d) => d.paymentId === paymentId).map(takenByBank));

const takenFrom = (booking: Booking, paymentId: string): number =>
  sum(
    booking.refunds
      .filter((r) => r.paymentId === paymentId && ['pending', 'unknown', 'succeeded'].includes(r.status))
      .map((r) => r.amount.minor),
  );
