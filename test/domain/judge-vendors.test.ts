import { describe, expect, it } from 'vitest';
import type { Booking, SupplierOrder } from '../../domain/booking.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { unexplainedOf } from '../../domain/findings.ts';
import type { Finding } from '../../domain/findings.ts';
import { isBesideUs, judgeListedPayment, judgeListedRefund, judgePayment } from '../../domain/judge-payment.ts';
import { judgeBalance, judgeListedOrder, judgeSupplierOrder, wasWrittenOff } from '../../domain/judge-supply.ts';
import { money } from '../../domain/money.ts';
import type { DisputeFact, PaymentFact } from '../../domain/payment.ts';
import type { SupplyFact } from '../../domain/supply.ts';
import { after, AT, CONFIRMED, facts, PAID, paymentNamed, succeeded } from './sample-booking.ts';

const HKD = (minor: number) => money(minor, 'HKD');

const said = (findings: readonly Finding[]) =>
  findings.map(({ invariant, kind, bookingId, subject, unexplained, mendedBy }) =>
    [
      invariant,
      kind,
      bookingId,
      subject,
      unexplained && `${unexplained.minor} ${unexplained.currency}`,
      mendedBy && 'heard',
    ]
      .filter(Boolean)
      .join(' '),
  );

const unpaid = (change: Partial<PaymentFact> = {}): PaymentFact =>
  succeeded({
    status: 'requires_payment_method',
    wireStatus: 'open',
    captured: null,
    capturedAt: null,
    fee: null,
    ...change,
  });

const DISPUTE: DisputeFact = {
  ref: 'du_1',
  standing: 'open',
  wireStatus: 'needs_response',
  reason: 'fraudulent',
  amount: HKD(10_000),
  fee: HKD(1_500),
  evidenceDueBy: '2026-05-13T10:00:00.000Z',
  openedAt: AT,
};

const REFUNDED = [...PAID, facts.refundAsked(1, 3_000), facts.refundSucceeded(1)];
const BY_HAND: readonly BookingEvent[] = [
  ...PAID,
  facts.refundAsked(1, 3_000),
  { type: 'refund.succeeded', refundId: 'rf_1', ref: 'by-hand/sue' },
];
const OPEN = [facts.opened()];
const CLOSED = [...OPEN, facts.closed(), facts.expired()];
const DISPUTED = [...PAID, facts.disputed()];

type There = PaymentFact | { kind: 'absent' };
const seen = (events: readonly BookingEvent[], fact: There) => {
  const booking = after(events);
  return judgePayment({ booking, payment: paymentNamed(booking, 1), fact });
};

describe('a payment of which both sides say the same', () => {
  it.each<[string, readonly BookingEvent[], There]>([
    ['open', OPEN, unpaid()],
    ['taken', PAID, succeeded()],
    ['refunded', REFUNDED, succeeded({ refunded: HKD(3_000) })],
    [
      'with a refund under way that the gateway counts already',
      [...PAID, facts.refundAsked(1, 3_000)],
      succeeded({ refunded: HKD(3_000) }),
    ],
    ['with a refund under way that it does not count yet', [...PAID, facts.refundAsked(1, 3_000)], succeeded()],
    ['refunded by hand, of which the gateway knows nothing', BY_HAND, succeeded()],
    ['disputed', DISPUTED, succeeded({ disputes: [DISPUTE] })],
    ['closed', CLOSED, unpaid({ status: 'cancelled', wireStatus: 'canceled' })],
    ['closed, and forgotten there', CLOSED, { kind: 'absent' }],
    ['whose fee is in another currency', PAID, succeeded({ fee: money(50, 'USD') })],
  ])('%s: nothing is found', (_, events, fact) => expect(said(seen(events, fact))).toEqual([]));
});

describe('a payment of which the gateway says otherwise', () => {
  it.each<[string, readonly BookingEvent[], There, string]>([
    ['taken there, not here', OPEN, succeeded(), 'L-6 missing_here bk_1 pay_1_1 10000 HKD heard'],
    ['taken there after it was closed here', CLOSED, succeeded(), 'L-6 missing_here bk_1 pay_1_1 10000 HKD heard'],
    ['taken here, not there', PAID, unpaid(), 'I-28 missing_there bk_1 pay_1_1 10000 HKD'],
    ['taken here, unknown there', PAID, { kind: 'absent' }, 'I-28 missing_there bk_1 pay_1_1 10000 HKD'],
    ['open here, unknown there', OPEN, { kind: 'absent' }, 'I-28 missing_there bk_1 pay_1_1'],
    ['another sum', PAID, succeeded({ captured: HKD(9_000) }), 'I-28 amount_differs bk_1 pay_1_1 1000 HKD'],
    [
      'another currency',
      PAID,
      succeeded({ captured: money(9_000, 'USD'), fee: null }),
      'I-28 amount_differs bk_1 pay_1_1 9000 USD',
    ],
    ['another fee', PAID, succeeded({ fee: HKD(400) }), 'I-28 amount_differs bk_1 pay_1_1/fee 20 HKD'],
    [
      'a fee we have not heard of',
      [...OPEN, facts.captured(1, HKD(10_000), null)],
      succeeded(),
      'L-6 missing_here bk_1 pay_1_1/fee 380 HKD heard',
    ],
    [
      'a refund lost here',
      PAID,
      succeeded({ refunded: HKD(2_500) }),
      'I-13 missing_here bk_1 pay_1_1/refunds 2500 HKD heard',
    ],
    ['a refund lost there', REFUNDED, succeeded(), 'I-28 missing_there bk_1 pay_1_1/refunds 3000 HKD heard'],
    [
      'a part of a refund lost there',
      REFUNDED,
      succeeded({ refunded: HKD(1_000) }),
      'I-28 missing_there bk_1 pay_1_1/refunds 2000 HKD heard',
    ],
    [
      'a dispute taken up again of which nobody learns, since it may be older than the verdict',
      [...DISPUTED, facts.disputed(2, { standing: 'won' })],
      succeeded({ disputes: [DISPUTE] }),
      'L-6 amount_differs bk_1 du_1 10000 HKD',
    ],
    ['a dispute lost here', PAID, succeeded({ disputes: [DISPUTE] }), 'L-6 missing_here bk_1 du_1 10000 HKD heard'],
    [
      'a dispute decided there',
      DISPUTED,
      succeeded({ disputes: [{ ...DISPUTE, standing: 'won' }] }),
      'L-6 missing_here bk_1 du_1 10000 HKD heard',
    ],
    ['a dispute lost there', DISPUTED, succeeded(), 'I-28 missing_there bk_1 du_1 10000 HKD'],
    ['closed here, payable there', CLOSED, unpaid(), 'I-1 invariant_broken bk_1 pay_1_1/open'],
    [
      'payable here, closed there',
      OPEN,
      unpaid({ status: 'cancelled', wireStatus: 'canceled' }),
      'L-6 missing_here bk_1 pay_1_1/open heard',
    ],
    [
      'held there, not here',
      OPEN,
      unpaid({ status: 'authorised', wireStatus: 'requires_capture', heldUntil: AT }),
      'L-6 missing_here bk_1 pay_1_1/open 10000 HKD heard',
    ],
  ])('%s', (_, events, fact, expected) => expect(said(seen(events, fact))).toEqual([expected]));
});

describe('what bears our name in a gateway’s list', () => {
  const listed = {
    ref: 'pi_1',
    gateway: 'stripe_intent',
    bookingId: 'bk_1',
    paymentId: 'pay_1_1',
    taken: HKD(10_000),
  } as const;
  const booking = after(PAID);

  it.each([
    ['is the payment we know', listed, []],
    ['took nothing', { ...listed, ref: 'pi_9', taken: HKD(0) }, []],
    ['took money under another reference', { ...listed, ref: 'pi_9' }, ['L-6 missing_here bk_1 pi_9 10000 HKD heard']],
    [
      'is no payment of the booking',
      { ...listed, ref: 'pi_9', paymentId: 'pay_1_9' },
      ['L-6 missing_here bk_1 pi_9 10000 HKD heard'],
    ],
  ])('a payment that %s', (_, payment, expected) => {
    expect(said(judgeListedPayment({ listed: payment, booking, isSecond: false }))).toEqual(expected);
  });

  it('a payment of a booking that is not here', () => {
    expect(said(judgeListedPayment({ listed, booking: null, isSecond: false }))).toEqual([
      'L-6 missing_here pi_1 10000 HKD',
    ]);
  });

  it('the money behind a page of the gateway’s own, which has a name beside it', () => {
    const paged = {
      ...booking,
      payments: booking.payments.map((p) => ({ ...p, gateway: 'stripe_checkout', ref: 'cs_1' }) as const),
    };
    expect(said(judgeListedPayment({ listed, booking: paged, isSecond: false }))).toEqual([]);
    const found = ['L-6 missing_here bk_1 pi_1 10000 HKD heard'];
    expect(said(judgeListedPayment({ listed, booking: paged, isSecond: true }))).toEqual(found);
    const closed = { ...paged, payments: paged.payments.map((p) => ({ ...p, status: 'cancelled' }) as const) };
    expect(said(judgeListedPayment({ listed, booking: closed, isSecond: false }))).toEqual(found);
  });

  const refund = {
    ref: 're_1',
    gateway: 'stripe_intent',
    bookingId: 'bk_1',
    refundId: 'rf_1',
    amount: HKD(3_000),
    isMade: true,
  } as const;
  it.each<[string, Booking | null, Partial<typeof refund> | { isMade: boolean }, readonly string[]]>([
    ['that we asked for', after(REFUNDED), {}, []],
    ['that failed', booking, { isMade: false }, []],
    ['of a booking whose payment says itself what is missing', booking, {}, []],
    ['of a booking that is not here', null, {}, ['I-13 missing_here re_1 3000 HKD']],
  ])('a refund %s', (_, of, change, expected) => {
    expect(said(judgeListedRefund({ listed: { ...refund, ...change }, booking: of }))).toEqual(expected);
  });
});

it('of a refund in no book of ours its payment is read again, and of no other', () => {
  const [booking, listed] = [after(REFUNDED), { ref: 're_1', gateway: 'stripe_intent', bookingId: 'bk_1' } as const];
  const isReadAgain = (refundId: string | null, isMade = true) =>
    isBesideUs({ listed: { ...listed, refundId, amount: HKD(3_000), isMade }, booking });
  expect([isReadAgain('rf_1'), isReadAgain(null), isReadAgain('rf_lost'), isReadAgain('rf_lost', false)]).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

describe('a supplier order', () => {
  const there = (change: Partial<SupplyFact> = {}): SupplyFact => ({
    orderNo: 'KLK0',
    ourRef: 'TRK-1',
    status: 'confirmed',
    wireStatus: 'confirmed',
    paid: true,
    refunded: false,
    net: HKD(8_000),
    payBy: null,
    packageId: null,
    startTime: null,
    items: [],
    lines: [],
    vouchersReady: true,
    vouchers: [],
    cancellation: null,
    ...change,
  });
  const ORDERED = [...PAID, facts.placing(), facts.ordered()];
  const ENDED = [...CONFIRMED, facts.compensating(), facts.supplierEnded(7_000, 1_000)];
  const WRITTEN_OFF = [...CONFIRMED, facts.compensating(), facts.writtenOff(8_000)];
  const KEPT = [...CONFIRMED, facts.compensating(), facts.supplierEnded(0, 8_000)];
  const cancelled = (returned: number): Partial<SupplyFact> => ({
    status: 'canceled',
    paid: false,
    cancellation: { kind: 'approved', returned: HKD(returned), penalty: HKD(8_000 - returned) },
  });
  const gone = { kind: 'absent' } as const;

  it.each<[string, readonly BookingEvent[], SupplyFact | typeof gone, readonly string[]]>([
    ['confirmed on both sides', CONFIRMED, there(), []],
    ['unpaid on both sides', ORDERED, there({ status: 'unpaid', paid: false }), []],
    ['cancelled on both sides', ENDED, there(cancelled(7_000)), []],
    ['written off here, standing there', WRITTEN_OFF, there(), []],
    [
      'cancelled there for nothing, it said, and standing there',
      KEPT,
      there(),
      ['I-24 invariant_broken bk_1 so_1_0/standing 8000 HKD'],
    ],
    [
      'written off unpaid, and paid there',
      [...ORDERED, facts.writtenOff(0)],
      there(),
      ['I-30 missing_here bk_1 so_1_0 8000 HKD', 'I-24 invariant_broken bk_1 so_1_0/standing 8000 HKD'],
    ],
    ['over on both sides, without figures', WRITTEN_OFF, there({ status: 'canceled' }), []],
    [
      'returned in part here, and there, without figures',
      ENDED,
      there({ status: 'canceled', paid: false, refunded: true }),
      [],
    ],
    [
      'returned here, kept there',
      ENDED,
      there({ status: 'canceled' }),
      ['I-30 missing_there bk_1 so_1_0/return 7000 HKD'],
    ],
    [
      'written off here, returned there',
      WRITTEN_OFF,
      there({ status: 'expired', paid: false, refunded: true }),
      ['I-30 missing_here bk_1 so_1_0/return 8000 HKD'],
    ],
    ['paid here, unknown there', CONFIRMED, gone, ['I-30 missing_there bk_1 so_1_0 8000 HKD']],
    ['unpaid here, unknown there', ORDERED, gone, ['I-30 missing_there bk_1 so_1_0']],
    ['paid there, not here', ORDERED, there({ status: 'pending' }), ['I-30 missing_here bk_1 so_1_0 8000 HKD']],
    [
      'paid and returned there, neither here',
      [...ORDERED, facts.supplierEnded(0, 0)],
      there({ status: 'rejected', paid: false, refunded: true }),
      ['I-30 missing_here bk_1 so_1_0'],
    ],
    [
      'paid here, not there',
      CONFIRMED,
      there({ status: 'unpaid', paid: false }),
      ['I-30 missing_there bk_1 so_1_0 8000 HKD'],
    ],
    ['at another price', CONFIRMED, there({ net: HKD(8_100) }), ['I-30 amount_differs bk_1 so_1_0 100 HKD']],
    [
      'cancelled there, standing here',
      CONFIRMED,
      there(cancelled(8_000)),
      ['I-23 missing_here bk_1 so_1_0/standing 8000 HKD'],
    ],
    ['cancelled here, standing there', ENDED, there(), ['I-24 invariant_broken bk_1 so_1_0/standing 8000 HKD']],
    [
      'returned otherwise than booked',
      ENDED,
      there(cancelled(5_000)),
      ['I-26 amount_differs bk_1 so_1_0/return 2000 HKD'],
    ],
  ])('%s', (_, events, fact, expected) => {
    const booking = after(events);
    const order = orderOf(booking);
    const isWrittenOff = wasWrittenOff(
      events.map((event) => ({ event, at: AT })),
      order,
    );
    expect(said(judgeSupplierOrder({ booking, order, fact, isWrittenOff }))).toEqual(expected);
  });

  it('paid at the supplier and known to no booking', () => {
    expect(said(judgeListedOrder(there()))).toEqual(['I-4 missing_here KLK0 8000 HKD']);
    expect(said(judgeListedOrder(there({ paid: false })))).toEqual([]);
  });
});

describe('the prepaid balance', () => {
  const at = (reported: number, ledgerMinor: number) =>
    ({ supplier: 'klook', reported: HKD(reported), ledgerMinor }) as const;
  it.each([
    ['seen for the first time', undefined, at(50_000, -8_000), []],
    ['less by what the ledger paid', at(50_000, 0), at(42_000, -8_000), []],
    ['topped up meanwhile', at(50_000, 0), at(142_000, -8_000), []],
    ['less than the ledger paid', at(50_000, 0), at(41_500, -8_000), ['I-30 amount_differs balance klook 500 HKD']],
  ])('%s', (_, before, now, expected) => expect(said(judgeBalance(before, now))).toEqual(expected));

  it('says the same of what is missing, whatever is sold meanwhile', () => {
    const found = (now: ReturnType<typeof at>) => judgeBalance(at(50_000, 0), now);
    expect(found(at(33_500, -16_000))).toEqual(found(at(41_500, -8_000)));
  });
});

describe('what is unexplained', () => {
  const of = (subject: string, minor: number, currency = 'HKD', bookingId = 'bk_1') => ({
    bookingId,
    subject,
    unexplained: money(minor, currency),
  });
  it('is one number per currency, and the same money once', () => {
    const found = [
      of('pay_1', 100),
      of('pay_1', 300),
      of('pay_2', 50),
      of('pay_1', 7, 'USD'),
      of('pay_1', 1, 'HKD', 'bk_2'),
    ];
    expect(unexplainedOf([...found, { bookingId: null, subject: 'x', unexplained: null }])).toEqual([
      money(351, 'HKD'),
      money(7, 'USD'),
    ]);
    expect(unexplainedOf([])).toEqual([]);
  });
});

function orderOf({ supplierOrders: [order] }: Booking): SupplierOrder {
  if (!order) throw new Error('nothing was ordered');
  return order;
}
