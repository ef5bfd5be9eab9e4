// A second payment beside the one that bought the trip: what it changes for the trip, and what it must not.
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../domain/digest.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { money } from '../../domain/money.ts';
import { judged, said, told, withRow } from './judged.ts';
import { after, CONFIRMED, facts } from './sample-booking.ts';

const HKD = (minor: number) => money(minor, 'HKD');
const SECOND = { paymentId: 'pay_1_2' } as const;
const DISPUTED_SECOND = { ...SECOND, ref: 'du_2' } as const;
const duplicate = { ...SECOND, cause: 'duplicate', actor: 'workflow' } as const;
const OPEN_TWICE = [facts.opened(), facts.closed(), facts.opened(2)];
const TRIP: readonly BookingEvent[] = [...OPEN_TWICE, ...CONFIRMED.slice(1)];
const TRIP_BACK: readonly BookingEvent[] = [facts.refundAsked(1, 10_000), facts.refundSucceeded(1)];

describe('a trip whose money went back in full', () => {
  it.each<[string, readonly BookingEvent[]]>([
    ['a second payment could not be returned yet', [facts.refundAsked(2, 10_000, duplicate), facts.refundFailed(2)]],
    ['a bank has a second payment', [facts.disputed(1, DISPUTED_SECOND)]],
  ])('is over while %s', (_, waiting) => {
    const { phase, vouchers } = after([...TRIP, facts.captured(2), ...waiting, ...TRIP_BACK]);
    expect(phase).toBe('refunded');
    expect(vouchers.map(({ status }) => status)).toEqual(['void']);
  });

  it('is found where it stands on, with a second payment that a bank took for good', () => {
    const lost = facts.disputed(2, { ...DISPUTED_SECOND, standing: 'lost' });
    const events = [...TRIP, facts.captured(2), facts.disputed(1, DISPUTED_SECOND), ...TRIP_BACK, lost];
    const standing = withRow(events, () => ({ phase: 'partially_refunded' }));
    expect(said(judged(standing))).toContain('I-18 invariant_broken bk_1 10000 HKD');
  });
});

describe('what a compensation gives back', () => {
  const back = [
    facts.compensating(),
    facts.refundAsked(1, 10_000, { cause: 'compensation' }),
    facts.refundSucceeded(1),
  ];

  it('is the trip’s money: what a bank has of a second payment goes back by itself', () => {
    const of = digestOf(after([...TRIP, facts.captured(2), facts.disputed(1, DISPUTED_SECOND), ...back]));
    expect(of).toMatchObject({ phase: 'refunded', keptMinor: 10_000, toCompensateMinor: 0 });
  });

  it('is the second payment too where nothing was bought', () => {
    const of = digestOf(after([...OPEN_TWICE, facts.captured(1), facts.captured(2), ...back]));
    expect(of.toCompensateMinor).toBe(10_000);
  });
});

describe('what was taken short', () => {
  it('is seen while another attempt is open', () => {
    const of = digestOf(after([...OPEN_TWICE, facts.captured(1, HKD(4_000))]));
    expect(of).toMatchObject({ phase: 'confirming', shortMinor: 6_000 });
  });

  it('is seen when it came too late', () => {
    const late = [facts.opened(), facts.closed(), facts.expired(), facts.captured(1, HKD(4_000))];
    expect(digestOf(after(late)).shortMinor).toBe(6_000);
  });
});

it('a booking is confirmed once', () => {
  expect(() => after([...TRIP, facts.captured(2), facts.confirmed(2)])).toThrow('confirmed twice');
});

describe('a return that bounced, of what pays for the trip by now, while the other payment is still with us', () => {
  it('is for staff to see: one of the two goes back', () => {
    const first = { cause: 'duplicate', actor: 'gateway' } as const;
    const swapped = [
      facts.refundAsked(2, 10_000, duplicate),
      facts.refundFailed(2),
      facts.refundAsked(3, 10_000, first),
    ];
    const bounced = [facts.refundSucceeded(3), facts.refundFailed(3)];
    const of = digestOf(after([...TRIP, facts.captured(2), ...swapped, ...bounced]));
    expect(of).toMatchObject({ keptMinor: 20_000, cameBack: [{ refundId: 'rf_3', leftMinor: 10_000 }] });
    expect(of.cameBack?.[0]).not.toMatchObject({ paysTrip: true });
  });
});

describe('the checker finds nothing where', () => {
  it('a bank took money of another currency that paid for nothing', () => {
    const strayed = [
      facts.captured(2, money(10_000, 'EUR')),
      facts.disputed(1, { ...DISPUTED_SECOND, amount: money(10_000, 'EUR') }),
    ];
    const lost = facts.disputed(2, { ...DISPUTED_SECOND, amount: money(10_000, 'EUR'), standing: 'lost' });
    expect(said(judged(told([...TRIP, ...strayed, lost]))).filter((line) => line.startsWith('I-18'))).toEqual([]);
  });

  it('staff had all of it given back in the moment in which a cancellation was accepted', () => {
    const cancelled = { type: 'booking.cancelled', reason: 'cq_1', actor: 'customer', refund: HKD(8_000) } as const;
    const events = [...CONFIRMED, facts.refundAsked(1, 10_000), cancelled, facts.refundSucceeded(1)];
    const of = told([...events, facts.supplierEnded(8_000, 0)]);
    const later = '2026-05-04T10:00:01.000Z';
    const dated = of.events.map((each) => (each.event === cancelled ? { ...each, at: later } : each));
    expect(said(judged({ ...of, events: dated }))).toEqual([]);
  });

  it('the answer to a refund was lost, which is no fact', () => {
    const asked = withRow([...CONFIRMED, facts.refundAsked(1, 100)], ({ refunds }) => ({
      refunds: refunds.map((refund) => ({ ...refund, status: 'unknown' })),
    }));
    expect(said(judged(asked, 60_000))).toEqual([]);
  });
});
