import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXCESS } from '../../domain/dispute.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { PATIENCE } from '../../domain/invariants.ts';
import { judgeBooking } from '../../domain/judge-booking.ts';
import type { BookingFacts } from '../../domain/judge-booking.ts';
import { money } from '../../domain/money.ts';
import { ONE_SEED } from '../one-seed.ts';
import { judged, said, saidBeside, SOON, told, withRow } from './judged.ts';
import { lived, plans } from './life-plans.ts';
import type { Plan } from './life-plans.ts';
import { after, AT, CONFIRMED, facts, newBooking, PAID, postingsOf } from './sample-booking.ts';

const HKD = (minor: number) => money(minor, 'HKD');
const EXPIRED = [facts.opened(), facts.closed(), facts.expired()];
const CANCELLED: readonly BookingEvent[] = [
  ...CONFIRMED,
  { type: 'booking.cancelled', reason: 'cancelled on quote cq_1', actor: 'customer', refund: HKD(6_000) },
  facts.supplierEnded(8_000, 0),
];
const GIVEN_BACK: readonly BookingEvent[] = [
  ...CANCELLED,
  facts.refundAsked(1, 6_000, { cause: 'cancellation' }),
  facts.refundSucceeded(1),
];

describe('a healthy booking', () => {
  it.each([
    ['that nobody has paid yet', [facts.opened()], 0],
    ['that has expired', EXPIRED, SOON],
    ['that is being fulfilled', [...PAID, facts.placing()], 0],
    ['that is confirmed', CONFIRMED, SOON],
    ['that is confirmed, long ago', CONFIRMED, 90 * 86_400_000],
    ['given back on a quote', GIVEN_BACK, SOON],
  ])('%s: nothing is found', (_, events, ms) => {
    expect(said(judged(told(events), ms))).toEqual([]);
  });

  /** The model sells everything as an activity; only one storefront does. */
  const asSold = (plan: Plan): Plan => ({
    ...plan,
    start: { ...plan.start, kind: plan.start.storefront === 'trektoo' ? 'activity' : 'service' },
  });
  const factsIn = ({ steps, booking }: ReturnType<typeof lived>, count = steps.length): BookingFacts => ({
    booking: steps[count - 1]?.after ?? booking,
    updatedAt: AT,
    events: steps.slice(0, count).map(({ event }) => ({ event, at: AT })),
    postings: steps.slice(0, count).flatMap(({ postings }) => postings),
    cartOrder: undefined,
  });

  it('of any life that came to rest: nothing is found', ONE_SEED, () => {
    fc.assert(
      fc.property(plans.map(asSold), (plan) => {
        const life = lived(plan, { toRest: true });
        const pastExpiry = { ...factsIn(life) };
        expect(said(judged(pastExpiry))).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('of any life, at any moment between two decisions: nothing is found', ONE_SEED, () => {
    fc.assert(
      fc.property(plans.map(asSold), (plan) => {
        const life = lived(plan, { toRest: false });
        for (const count of life.decisions.filter((each) => each > 0))
          expect(said(judged(factsIn(life, count), 0))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});

describe('at any moment', () => {
  const CHANGES: readonly [string, BookingFacts, readonly string[]][] = [
    [
      'I-1 two payments that can take money',
      withRow(PAID, ({ payments: [first] }) => ({
        payments: first
          ? [
              { ...first, status: 'processing' },
              { ...first, id: 'pay_1_2', status: 'opening' },
            ]
          : [],
      })),
      ['I-1 invariant_broken bk_1', 'I-3 invariant_broken bk_1'],
    ],
    [
      'I-2 more taken than was asked for',
      withRow(PAID, ({ payments: [first], sums }) => ({
        payments: first ? [{ ...first, capturedMinor: 10_500 }] : [],
        sums: { ...sums, capturedMinor: 10_500 },
      })),
      ['I-2 invariant_broken pay_1_1 500 HKD'],
    ],
    [
      'I-3 more back than was taken',
      withRow([...PAID, facts.refundAsked(1, 4_000), facts.refundSucceeded(1)], ({ refunds: [first], sums }) => ({
        refunds: first ? [{ ...first, amount: HKD(12_000) }] : [],
        sums: { ...sums, refundedMinor: 12_000 },
      })),
      ['I-3 invariant_broken bk_1 2000 HKD'],
    ],
    [
      'I-3 sums that are not those of the rows',
      withRow(PAID, ({ sums }) => ({ sums: { ...sums, feesMinor: 1 } })),
      ['I-3 invariant_broken bk_1'],
    ],
    [
      'I-4 two orders paid and standing',
      withRow(CONFIRMED, ({ supplierOrders: [first] }) => ({
        supplierOrders: first ? [first, { ...first, id: 'so_1_1', ourRef: 'TRK-1-r1' }] : [],
      })),
      ['I-4 invariant_broken bk_1'],
    ],
    [
      'I-4 one reference twice',
      withRow(CONFIRMED, ({ supplierOrders: [first] }) => ({
        supplierOrders: first ? [{ ...first, id: 'so_1_9', status: 'rejected', paidMinor: 0 }, first] : [],
      })),
      ['I-4 invariant_broken bk_1'],
    ],
    [
      'I-5 the supplier paid before the customer',
      told([facts.opened(), facts.placing(), facts.ordered(), facts.supplierPaid()]),
      ['I-5 invariant_broken so_1_0 8000 HKD'],
    ],
    [
      'I-13 a refund in nobody’s name',
      told([...PAID, facts.refundAsked(1, 100, { actor: ' ' })]),
      ['I-13 invariant_broken rf_1'],
    ],
    ['I-16 a paid cart without its order', told(CONFIRMED, { cartOrder: null }), ['I-16 invariant_broken bk_1']],
    [
      'I-16 a paid cart ordered at another sum',
      told(CONFIRMED, { cartOrder: { total: HKD(9_999) } }),
      ['I-16 invariant_broken bk_1'],
    ],
    [
      'I-18 confirmed and not paid',
      withRow([facts.opened(), facts.closed()], () => ({ phase: 'confirmed', kind: 'service' })),
      ['I-18 invariant_broken bk_1 10000 HKD'],
    ],
    [
      'I-18 confirmed, and paid with a part of what it costs',
      withRow(CONFIRMED, ({ payments: [first] }) => ({ payments: first ? [{ ...first, amount: HKD(100) }] : [] })),
      ['I-2 invariant_broken pay_1_1 9900 HKD', 'I-18 invariant_broken bk_1 10000 HKD'],
    ],
    [
      'I-18 a voucher that lets in on a trip that has failed',
      withRow([facts.opened(), facts.closed(), facts.failed()], () => ({ vouchers: after(CONFIRMED).vouchers })),
      ['I-18 invariant_broken vouchers'],
    ],
    [
      'I-18 a voucher that lets in on a trip that is over',
      withRow(GIVEN_BACK, ({ vouchers }) => ({ vouchers: vouchers.map((v) => ({ ...v, status: 'ready' as const })) })),
      ['I-18 invariant_broken vouchers'],
    ],
    [
      'I-23 confirmed without a confirmed order',
      withRow(CONFIRMED, ({ supplierOrders }) => ({
        supplierOrders: supplierOrders.map((o) => ({ ...o, status: 'pending' })),
      })),
      ['I-23 invariant_broken bk_1 10000 HKD'],
    ],
  ];
  it.each(CHANGES)('%s', (_, planted, expected) => {
    expect(saidBeside(judged(planted, 0))).toEqual(expected);
  });

  it('I-8 a row that no fact has made', () => {
    const planted = withRow(PAID, () => ({ phase: 'confirming', version: 7 }));
    expect(said(judged(planted, 0))).toEqual(['I-8 invariant_broken rows']);
    expect(judged(planted, 0)[0]?.evidence).toEqual({ version: '7, not 2' });
  });

  it('I-8 facts that cannot follow each other', () => {
    const events = [...EXPIRED, facts.confirmed()];
    const planted = { ...told(EXPIRED), events: events.map((event) => ({ event, at: AT })) };
    expect(said(judged(planted, 0))).toEqual(['I-8 invariant_broken facts']);
  });

  it('I-14 a ledger that does not add up, and one that says something else than its facts', () => {
    const sound = told(PAID);
    const [first, ...rest] = sound.postings;
    if (!first) throw new Error('nothing was posted');
    expect(said(judged({ ...sound, postings: [{ ...first, minor: first.minor + 5 }, ...rest] }, 0))).toEqual([
      'I-14 ledger_unbalanced ledger HKD 5 HKD',
      'I-14 amount_differs gateway_clearing stripe_intent HKD 5 HKD',
    ]);
    const twice = { ...sound, postings: [...sound.postings, ...sound.postings.slice(0, 2)] };
    expect(said(judged(twice, 0)).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'I-14 amount_differs',
      'I-14 amount_differs',
    ]);
  });
});

const HALF_LOST = [
  facts.disputed(1, { amount: HKD(4_000) }),
  facts.disputed(2, { amount: HKD(4_000), standing: 'lost' }),
];
const TWICE = [
  facts.refundAsked(1, 10_000),
  facts.refundSucceeded(1),
  facts.supplierEnded(8_000, 0),
  facts.disputed(1),
  facts.disputed(2, { standing: 'lost' }),
];

describe('at rest', () => {
  const CHANGES: readonly [string, BookingFacts, readonly string[]][] = [
    [
      'I-1 a second success that stays',
      told([
        facts.opened(),
        facts.closed(),
        facts.opened(2),
        facts.captured(2),
        ...CONFIRMED.slice(2),
        facts.captured(),
      ]),
      ['I-1 invariant_broken pay_1_2 10000 HKD', 'I-29 ledger_unbalanced customer_receivable HKD 10000 HKD'],
    ],
    [
      'I-25 money that came after the end and stays',
      told([...EXPIRED, facts.captured()]),
      ['I-25 invariant_broken pay_1_1 10000 HKD', 'I-29 ledger_unbalanced customer_receivable HKD 10000 HKD'],
    ],
    [
      'I-23 a refunded booking whose money stays',
      withRow([...PAID, facts.compensating()], () => ({ phase: 'refunded' })),
      ['I-23 invariant_broken pay_1_1 10000 HKD', 'I-29 ledger_unbalanced customer_receivable HKD 10000 HKD'],
    ],
    ['I-26 less back than the quote promised', told(CANCELLED), ['I-26 amount_differs bk_1 6000 HKD']],
    [
      'I-26 more back than the quote promised',
      told([...CANCELLED, facts.refundAsked(1, 7_000, { cause: 'cancellation' }), facts.refundSucceeded(1)]),
      ['I-26 amount_differs bk_1 1000 HKD'],
    ],
    [
      'I-26 nothing back, since a bank had taken as much before the quote',
      told([...CONFIRMED, ...HALF_LOST, ...CANCELLED.slice(CONFIRMED.length)]),
      ['I-26 amount_differs bk_1 6000 HKD'],
    ],
    [
      'I-3 more back than was taken, and nobody was called',
      told([...CONFIRMED, ...TWICE]),
      ['I-3 invariant_broken excess 10000 HKD'],
    ],
    [
      'I-24 a trip that was given back and still stands',
      withRow(GIVEN_BACK, ({ supplierOrders }) => ({
        supplierOrders: supplierOrders.map((o) => ({ ...o, status: 'confirmed' })),
      })),
      ['I-24 invariant_broken so_1_0 8000 HKD'],
    ],
    [
      'I-27, I-28 a fee that the ledger does not have',
      withRow(CONFIRMED, ({ payments, sums }) => ({
        payments: payments.map((p) => ({ ...p, feeMinor: 480 })),
        sums: { ...sums, feesMinor: 480 },
      })),
      ['I-28 amount_differs gateway_clearing stripe_intent HKD 100 HKD', 'I-27 amount_differs profit 100 HKD'],
    ],
    [
      'I-30 an order that cost more than the ledger says',
      withRow(CONFIRMED, ({ supplierOrders }) => ({
        supplierOrders: supplierOrders.map((o) => ({ ...o, paidMinor: 8_200 })),
      })),
      ['I-30 amount_differs supplier_balance klook HKD 200 HKD', 'I-27 amount_differs profit 200 HKD'],
    ],
    [
      'I-29 a clearing account that does not come back to zero',
      {
        ...told(CONFIRMED),
        postings: [
          ...told(CONFIRMED).postings,
          { account: 'refunds_payable', party: '', minor: -70, currency: 'HKD' },
          { account: 'fx', party: '', minor: 70, currency: 'HKD' },
        ],
      },
      [
        'I-14 amount_differs refunds_payable HKD 70 HKD',
        'I-14 amount_differs fx HKD 70 HKD',
        'I-29 ledger_unbalanced refunds_payable HKD 70 HKD',
      ],
    ],
  ];
  it.each(CHANGES)('%s', (_, planted, expected) => {
    expect(saidBeside(judged(planted))).toEqual(expected);
  });

  it('what a bank gave back after the quote is nothing that the quote fell short of', () => {
    const won = facts.disputed(3, { amount: HKD(4_000), standing: 'won' });
    const cancelled = CANCELLED.slice(CONFIRMED.length);
    const given = GIVEN_BACK.slice(CANCELLED.length);
    expect(said(judged(told([...CONFIRMED, ...HALF_LOST, ...cancelled, ...given, won])))).toEqual([]);
  });

  it('what was given back of an earlier trip is no part of what the quote promised', () => {
    const from = newBooking({ storefront: 'travello', kind: 'service' });
    const earlier = [...PAID, facts.confirmed(), facts.refundAsked(1, 10_000), facts.refundSucceeded(1)];
    const now = [facts.opened(2), facts.captured(2), facts.confirmed(2), ...CANCELLED.slice(CONFIRMED.length, -1)];
    const paymentId = 'pay_1_2';
    const given = [facts.refundAsked(2, 6_000, { cause: 'cancellation', paymentId }), facts.refundSucceeded(2)];
    const events = [...earlier, ...now, ...given];
    const late = '2026-05-05T10:00:00.000Z';
    const of = { ...told([]), booking: after(events, from), postings: postingsOf(events, from), updatedAt: late };
    const dated = events.map((event, i) => ({ event, at: i < earlier.length ? AT : late }));
    const found = judgeBooking(
      { ...of, events: dated },
      { now: new Date(Date.parse(late) + SOON), patience: PATIENCE },
    );
    expect(said(found)).toEqual([]);
  });

  it('what went back twice has been shown to staff, who let it be', () => {
    const seen: BookingEvent = { type: 'attention.raised', id: 'x', step: EXCESS, reason: 'more went back' };
    const cleared: BookingEvent = { type: 'attention.cleared', id: 'x', actor: 'staff-1', how: 'done' };
    expect(said(judged(told([...CONFIRMED, ...TWICE, seen, cleared])))).toEqual([]);
  });

  it('what a person has in view, or what still moves, is not judged by it', () => {
    const stuck: BookingEvent = { type: 'attention.raised', id: 'a/1', step: 'refund', reason: 'refused' };
    expect(said(judged(told([...CANCELLED, stuck])))).toEqual([]);
    expect(said(judged(told(CANCELLED), PATIENCE.restMs - 1))).toEqual([]);
  });
});

describe('in time', () => {
  const refund = [...CONFIRMED, facts.refundAsked(1, 100)];
  const unknown = withRow(refund, ({ refunds }) => ({ refunds: refunds.map((r) => ({ ...r, status: 'unknown' })) }));
  const atDesk: readonly BookingEvent[] = [...refund, { type: 'refund.pending', refundId: 'rf_1', ref: 'desk/rf_1' }];
  const expiresInMs = 30 * 60_000;
  const SLOW: readonly [string, BookingFacts, number, string][] = [
    ['L-2 an unpaid booking past its time', told([facts.opened()]), expiresInMs + PATIENCE.expiryMs, 'L-2 stuck bk_1'],
    ['L-3 an order nobody knows of', told([...PAID, facts.placing()]), PATIENCE.unknownMs, 'L-3 stuck so_1_0'],
    ['L-3 a refund nobody knows of', unknown, PATIENCE.unknownMs, 'L-3 stuck rf_1 100 HKD'],
    ['L-4 a refund that takes for ever', told(refund), PATIENCE.bankMs, 'L-4 stuck rf_1'],
    ['L-4 a refund that nobody is called to hand out', told(atDesk), PATIENCE.bankMs, 'L-4 stuck rf_1'],
    ['L-5 a trip that is never bought', told(PAID), PATIENCE.fulfilmentMs, 'L-5 stuck bk_1'],
    [
      'L-5 a supplier who never decides',
      told([...PAID, facts.placing(), facts.ordered(), facts.supplierPaid()]),
      PATIENCE.supplierMs,
      'L-5 stuck bk_1',
    ],
    ['L-5 a debit that never lands', told([facts.opened(), facts.processing()]), PATIENCE.bankMs, 'L-5 stuck bk_1'],
    ['I-23 vouchers that never come', told(CONFIRMED.slice(0, -1)), PATIENCE.supplierMs, 'I-23 stuck vouchers'],
  ];
  it.each(SLOW)('%s', (_, slow, ms, expected) => {
    expect(saidBeside(judged(slow, ms + 1))).toEqual([expected]);
    expect(saidBeside(judged(slow, ms))).toEqual([]);
  });

  it.each(SLOW)('%s: the same evidence, however long it lasts', (_, slow, ms) => {
    const evidence = (at: number) => judged(slow, at).map((found) => found.evidence);
    expect(evidence(ms + 900_000)).toEqual(evidence(ms + 1));
  });

  it('what a person has in view may take its time', () => {
    const stuck: BookingEvent = { type: 'attention.raised', id: 'a/1', step: 'order', reason: 'away' };
    expect(said(judged(told([...PAID, stuck]), PATIENCE.bankMs))).toEqual([]);
  });
});
