import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STOREFRONTS } from '../../domain/booking.ts';
import type { Booking } from '../../domain/booking.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { chargeStep, formatMajor, money } from '../../domain/money.ts';
import { publishedAs } from '../../domain/publish.ts';
import { ONE_SEED } from '../one-seed.ts';
import { EVERY_FACT } from './every-fact.ts';
import { AT, PAID, after, facts, newBooking } from './sample-booking.ts';

const refs = { bookingReference: 'DS-REF-9', userId: 'user-7' };
const dreamscape = newBooking({ storefront: 'dreamscape', externalId: 'ds-42', charge: money(12_050, 'HKD') });
const paid: Booking = after(
  PAID.map((event) => ('amount' in event ? { ...event, amount: money(12_050, 'HKD') } : event)),
  dreamscape,
);
const refunded = after([facts.confirmed(), facts.refundAsked(1, 2_050), facts.refundSucceeded(1)], paid);
const told = (event: BookingEvent, booking = paid) =>
  publishedAs({ event, before: booking, after: booking, refs, at: AT });
/** As it happens: with what it changes. */
const heard = (event: BookingEvent, before: Booking) =>
  publishedAs({ event, before, after: after([event], before), refs, at: AT });
const HKD = (minor: number) => money(minor, 'HKD');
const ids = { bookingId: 'ds-42', bookingReference: 'DS-REF-9', userId: 'user-7' };

describe('what dreamscape’s other services hear', () => {
  it('of a payment is what the seed says: major units, upper-case currency, Stripe’s id', () => {
    const opened = after([facts.opened(1, HKD(12_050))], dreamscape);
    expect(heard(facts.captured(1, HKD(12_050)), opened)).toEqual([
      {
        topic: 'payment.completed',
        key: 'ds-42',
        payload: {
          ...ids,
          paymentId: 'pi_1',
          amount: 120.5,
          currency: 'HKD',
          paymentMethod: 'card',
          completedAt: '2026-05-04T10:01:00.000Z',
        },
      },
    ]);
  });

  it('of money that buys no trip is nothing, neither that it came nor that it went back', () => {
    const replaced = after([facts.opened(1, HKD(5_000)), facts.closed(1), facts.opened(2, HKD(12_050))], dreamscape);
    const beside = facts.captured(1, HKD(5_000));
    expect(heard(beside, replaced)).toEqual([]);
    const twice = after([beside, facts.captured(2, HKD(12_050))], replaced);
    expect(heard(facts.captured(2, HKD(12_050)), after([beside], replaced))).toMatchObject([
      { topic: 'payment.completed', payload: { paymentId: 'pi_2', amount: 120.5 } },
    ]);
    const returning = after([{ ...facts.refundAsked(1, 5_000), cause: 'duplicate' } as BookingEvent], twice);
    expect(heard(facts.refundSucceeded(1), returning)).toEqual([]);
    const inDashboard = after([beside, facts.refundAsked(1, 5_000)], replaced);
    expect(heard(facts.refundSucceeded(1), inDashboard)).toEqual([]);
  });

  it('of a second payment for the same trip is nothing', () => {
    const both = after([facts.opened(1, HKD(12_050)), facts.closed(1), facts.opened(2, HKD(12_050))], dreamscape);
    const once = after([facts.captured(2, HKD(12_050))], both);
    expect(heard(facts.captured(1, HKD(12_050)), once)).toEqual([]);
  });

  it('of money that came too late is that it was paid, once the trip is taken up again for it', () => {
    const late = after([facts.opened(1, HKD(12_050)), facts.closed(1), facts.expired(1)], dreamscape);
    expect(heard(facts.captured(1, HKD(12_050)), late)).toEqual([]);
    const came = after([facts.captured(1, HKD(12_050))], late);
    expect(heard(facts.revived(), came)).toMatchObject([
      {
        topic: 'payment.completed',
        payload: { paymentId: 'pi_1', amount: 120.5, completedAt: '2026-05-04T10:01:00.000Z' },
      },
    ]);
  });

  it('of each refusal is one failure, with the amount that was asked for', () => {
    expect(told(facts.declined())).toEqual([
      {
        topic: 'payment.failed',
        key: 'ds-42',
        payload: {
          ...ids,
          paymentId: 'pi_1',
          amount: 120.5,
          currency: 'HKD',
          reason: 'Your card has insufficient funds.',
          failedAt: AT,
        },
      },
    ]);
  });

  it('of a refusal that is heard of after another amount replaced it is the amount that was refused', () => {
    const replaced = after([facts.opened(1, money(5_000, 'HKD')), facts.closed(1), facts.opened(2)], dreamscape);
    expect(told(facts.declined(1), replaced)).toMatchObject([{ payload: { paymentId: 'pi_1', amount: 50 } }]);
  });

  it.each([
    ['expired', facts.expired(2)],
    ['cancelled', facts.cancelled()],
  ])(
    'is that the payment they know of is gone when the booking is %s after its replacement was refused',
    (reason, end) => {
      const replaced = { ...facts.closed(1), reason: 'replaced' } as BookingEvent;
      const known = after([facts.opened(1, money(12_050, 'HKD')), replaced], dreamscape);
      expect(told(replaced, known)).toEqual([]);
      const refused = after([facts.refused(2)], known);
      expect(told(facts.refused(3), refused)).toEqual([]);
      expect(told(end, refused)).toMatchObject([
        { topic: 'payment.canceled', payload: { paymentId: 'pi_1', amount: 120.5, reason, canceledAt: AT } },
      ]);
      expect(told(end, after([facts.closed(2)], after([facts.opened(2)], known)))).toEqual([]);
    },
  );

  it('of the confirmation is its time', () => {
    expect(told(facts.confirmed())).toEqual([
      { topic: 'booking.confirmed', key: 'ds-42', payload: { ...ids, confirmedAt: AT } },
    ]);
  });

  it('of a payment that will not be made any more is why: its time was over, or somebody cancelled it', () => {
    const closed = { type: 'payment.closed', paymentId: 'pay_1_1', reason: 'expired', wireStatus: 'canceled' } as const;
    const payload = { ...ids, paymentId: 'pi_1', amount: 120.5, currency: 'HKD', canceledAt: AT };
    for (const reason of ['expired', 'cancelled'])
      expect(told({ ...closed, reason })).toEqual([
        { topic: 'payment.canceled', key: 'ds-42', payload: { ...payload, reason } },
      ]);
    expect(told({ ...closed, reason: 'replaced' })).toEqual([]);
  });

  it('of money that went back is each refund by itself: its id, its amount and what it was for', () => {
    expect(told(facts.refundSucceeded(1), refunded)).toEqual([
      {
        topic: 'payment.refunded',
        key: 'ds-42',
        payload: {
          ...ids,
          paymentId: 'pi_1',
          amount: 20.5,
          currency: 'HKD',
          refundId: 're_1',
          reason: 'staff',
          refundedAt: AT,
        },
      },
    ]);
    expect(told(facts.refundAsked(1, 2_050), refunded)).toEqual([]);
  });

  it('of a dispute is that it was opened and how it ended, not what was written in between', () => {
    const disputed = after([facts.disputed()], { ...dreamscape, payments: paid.payments, sums: paid.sums });
    const payload = {
      ...ids,
      paymentId: 'pi_1',
      amount: 100,
      currency: 'HKD',
      disputeId: 'du_1',
      reason: 'fraudulent',
    };
    const [opened] = told(facts.disputed());
    expect(opened).toEqual({
      topic: 'payment.disputed',
      key: 'ds-42',
      payload: { ...payload, status: 'open', evidenceDueBy: '2026-05-13T10:00:00.000Z', disputedAt: AT },
    });
    expect(told(facts.disputed(2, { wireStatus: 'under_review' }), disputed)).toEqual([]);
    expect(told(facts.disputed(2, { standing: 'won' }), disputed)).toEqual([
      { topic: 'payment.disputed', key: 'ds-42', payload: { ...payload, status: 'won', disputedAt: AT } },
    ]);
  });

  it('is exact in every currency', ONE_SEED, () => {
    const charge = fc
      .constantFrom('JPY', 'HKD', 'KWD', 'ISK')
      .chain((currency) =>
        fc
          .integer({ min: 1, max: Math.floor(99_999_999 / chargeStep(currency)) })
          .map((steps) => money(steps * chargeStep(currency), currency)),
      );
    fc.assert(
      fc.property(charge, (amount) => {
        const opened = after([facts.opened(1, amount)], { ...dreamscape, charge: amount });
        const [publication] = heard(facts.captured(1, amount), opened);
        expect(JSON.parse(JSON.stringify(publication?.payload))).toMatchObject({ amount: Number(formatMajor(amount)) });
      }),
    );
  });

  it('never is who travels or how they pay in detail', () => {
    const said = JSON.stringify(Object.values(EVERY_FACT).flatMap((event) => told(event, refunded)));
    expect(said).not.toMatch(/4242|visa|V-1/);
  });
});

describe('the other storefronts', () => {
  it.each(STOREFRONTS.filter((s) => s !== 'dreamscape' && s !== 'cart'))(
    'keep their bookings to themselves: %s',
    (storefront) => {
      for (const event of Object.values(EVERY_FACT)) expect(told(event, { ...paid, storefront })).toEqual([]);
    },
  );

  it('tell of an order of the shop once it is paid for, and of nothing else', () => {
    const said = Object.values(EVERY_FACT).flatMap((event) => told(event, { ...paid, storefront: 'cart' }));
    const { minor: total, currency } = paid.charge;
    const payload = { orderNumber: paid.number, bookingId: paid.id, userId: 'user-7', total, currency, paidAt: AT };
    expect(said).toEqual([{ topic: 'order.paid', key: paid.number, payload }]);
  });
});
