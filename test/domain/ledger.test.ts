import { describe, expect, it } from 'vitest';
import type { Booking } from '../../domain/booking.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { ACCOUNTS, postingsFor, profitOf, resultOf } from '../../domain/ledger.ts';
import type { Account } from '../../domain/ledger.ts';
import { money } from '../../domain/money.ts';
import { EVERY_FACT } from './every-fact.ts';
import {
  CONFIRMED,
  PAID,
  after,
  balanceOf,
  facts,
  newBooking,
  postingsOf,
  CONFIRMED_PAID_TWICE,
} from './sample-booking.ts';

type Line = readonly [Account, string, number, string?];

function linesOf(event: BookingEvent, given: readonly BookingEvent[], from?: Booking): Line[] {
  return postingsFor(event, after(given, from)).map(({ account, party, minor, currency }) =>
    currency === 'HKD' ? [account, party, minor] : [account, party, minor, currency],
  );
}

const BOUGHT = [...PAID, facts.placing(), facts.ordered(), facts.supplierPaid()];
const usd = (minor: number) => money(minor, 'USD');
/** Charged in HKD, bought in USD at 7.8123. */
const foreign = newBooking({ fxRate: '7.8123' });
const BOUGHT_ABROAD = [
  ...PAID,
  facts.placing(0, usd(1_001)),
  facts.ordered(0, usd(1_001)),
  facts.supplierPaid(0, usd(1_001)),
];

describe('the ledger', () => {
  it.each<[string, BookingEvent, readonly BookingEvent[], readonly Line[]]>([
    [
      'books a capture as the customer’s advance, less the gateway’s fee',
      facts.captured(),
      [facts.opened()],
      [
        ['gateway_clearing', 'stripe_intent', 10_000],
        ['customer_receivable', '', -10_000],
        ['gateway_fees', '', 380],
        ['gateway_clearing', 'stripe_intent', -380],
      ],
    ],
    [
      'books a fee that is told later, or only what it differs by',
      facts.feeKnown(400),
      PAID,
      [
        ['gateway_fees', '', 20],
        ['gateway_clearing', 'stripe_intent', -20],
      ],
    ],
    [
      'books what left our balance as owed to us by the supplier',
      facts.supplierPaid(),
      [...PAID, facts.placing(), facts.ordered()],
      [
        ['supplier_payable', 'klook', 8_000],
        ['supplier_balance', 'klook', -8_000],
      ],
    ],
    [
      'turns the advance into cost and revenue when the trip is confirmed',
      facts.confirmed(),
      [...BOUGHT, facts.supplierConfirmed()],
      [
        ['customer_receivable', '', 2_000],
        ['revenue', '', -2_000],
        ['customer_receivable', '', 8_000],
        ['supplier_payable', 'klook', -8_000],
      ],
    ],
    [
      'books the whole advance as revenue where nothing was bought',
      facts.confirmed(),
      PAID,
      [
        ['customer_receivable', '', 10_000],
        ['revenue', '', -10_000],
      ],
    ],
    [
      'takes an unconfirmed order back: what was kept is a penalty',
      facts.supplierEnded(7_000, 1_000),
      BOUGHT,
      [
        ['supplier_balance', 'klook', 7_000],
        ['supplier_payable', 'klook', -7_000],
        ['supplier_penalties', 'klook', 1_000],
        ['supplier_payable', 'klook', -1_000],
      ],
    ],
    [
      'takes a confirmed order back: what returns lessens the cost',
      facts.supplierEnded(7_000, 1_000),
      CONFIRMED,
      [
        ['supplier_balance', 'klook', 7_000],
        ['revenue', '', -7_000],
      ],
    ],
    [
      'has nothing to say of an order that was never paid',
      facts.supplierEnded(0, 0),
      [...PAID, facts.placing(), facts.ordered()],
      [],
    ],
    [
      'owes a refund out of revenue once confirmed',
      facts.refundAsked(1, 1_000),
      CONFIRMED,
      [
        ['revenue', '', 1_000],
        ['refunds_payable', '', -1_000],
      ],
    ],
    [
      'owes a refund out of the advance before that',
      facts.refundAsked(1, 10_000, { cause: 'compensation' }),
      PAID,
      [
        ['customer_receivable', '', 10_000],
        ['refunds_payable', '', -10_000],
      ],
    ],
    ['owes nothing that was not approved', facts.refundAsked(1, 1_000, { needsApproval: true }), CONFIRMED, []],
    [
      'owes it once approved',
      facts.refundApproved(1),
      [...CONFIRMED, facts.refundAsked(1, 1_000, { needsApproval: true })],
      [
        ['revenue', '', 1_000],
        ['refunds_payable', '', -1_000],
      ],
    ],
    [
      'pays a refund through the gateway that took the money',
      facts.refundSucceeded(1),
      [...CONFIRMED, facts.refundAsked(1, 1_000)],
      [
        ['refunds_payable', '', 1_000],
        ['gateway_clearing', 'stripe_intent', -1_000],
      ],
    ],
    [
      'leaves at the gateway what staff gave back by other means',
      { type: 'refund.succeeded', refundId: 'rf_1', ref: 'by-hand/sue' },
      [...CONFIRMED, facts.refundAsked(1, 1_000)],
      [
        ['refunds_payable', '', 1_000],
        ['gateway_clearing', 'by_hand', -1_000],
      ],
    ],
    [
      'takes the debt back when a refund fails',
      facts.refundFailed(1),
      [...CONFIRMED, facts.refundAsked(1, 1_000)],
      [
        ['revenue', '', -1_000],
        ['refunds_payable', '', 1_000],
      ],
    ],
    [
      'takes payment and debt back when a bank returns a refund',
      facts.refundFailed(1),
      [...CONFIRMED, facts.refundAsked(1, 1_000), facts.refundSucceeded(1)],
      [
        ['gateway_clearing', 'stripe_intent', 1_000],
        ['refunds_payable', '', -1_000],
        ['revenue', '', -1_000],
        ['refunds_payable', '', 1_000],
      ],
    ],
    [
      'has nothing to take back of a refund nobody approved',
      facts.refundFailed(1),
      [...CONFIRMED, facts.refundAsked(1, 1_000, { needsApproval: true })],
      [],
    ],
  ])('%s', (_, event, given, lines) => {
    expect(linesOf(event, given)).toEqual(lines);
  });

  it('crosses currencies over the fx account, at the rate frozen with the price', () => {
    // 10.01 USD × 7.8123 = 78.2011… HKD
    expect(linesOf(facts.confirmed(), [...BOUGHT_ABROAD, facts.supplierConfirmed(0, usd(1_001))], foreign)).toEqual([
      ['customer_receivable', '', 2_180],
      ['revenue', '', -2_180],
      ['customer_receivable', '', 7_820],
      ['fx', '', -7_820],
      ['fx', '', 1_001, 'USD'],
      ['supplier_payable', 'klook', -1_001, 'USD'],
    ]);
  });

  it('refuses to cross currencies without a rate', () => {
    expect(() => postingsOf([...BOUGHT_ABROAD, facts.supplierConfirmed(0, usd(1_001)), facts.confirmed()])).toThrow(
      'no frozen rate',
    );
  });

  it('touches no account for what moves no money', () => {
    const silent = Object.values(EVERY_FACT).filter(
      ({ type }) =>
        /^(attention|notice|documents|vouchers)\./.test(type) ||
        ['payment.declined', 'payment.closed', 'booking.cancelled'].includes(type),
    );
    expect(silent).toHaveLength(8);
    for (const event of silent) expect(postingsFor(event, after(CONFIRMED))).toEqual([]);
  });

  it('writes to every account', () => {
    const all = [
      ...postingsOf([...BOUGHT_ABROAD, facts.supplierEnded(500, 501, 0, 'USD')], foreign),
      ...postingsOf(
        [...BOUGHT_ABROAD, facts.supplierConfirmed(0, usd(1_001)), facts.confirmed(), facts.refundAsked(1, 10)],
        foreign,
      ),
      ...postingsOf([...CONFIRMED, facts.disputed(), facts.disputed(2, { standing: 'lost' })]),
    ];
    expect(ACCOUNTS.filter((account) => !all.some((p) => p.account === account))).toEqual([]);
  });
});

describe('profit', () => {
  const result = (events: readonly BookingEvent[], from = newBooking()) => resultOf(postingsOf(events, from), 'HKD');

  it.each<[string, readonly BookingEvent[], number]>([
    ['is charge less cost less fees', CONFIRMED, 1_620],
    ['shrinks by what is promised back', [...CONFIRMED, facts.refundAsked(1, 500)], 1_120],
    [
      'comes back with what the supplier returns',
      [...CONFIRMED, facts.cancelled(), facts.supplierEnded(6_000, 2_000)],
      7_620,
    ],
    [
      'is the fee and the penalty, lost, when all went back',
      [...BOUGHT, facts.refundAsked(1, 10_000), facts.refundSucceeded(1), facts.supplierEnded(7_500, 500)],
      -880,
    ],
    [
      'is untouched by a second success, before and after it went back',
      [facts.opened(1), facts.closed(1), facts.opened(2), facts.captured(2), facts.confirmed(2), facts.captured(1)],
      9_240,
    ],
  ])('%s', (_, events, minor) => {
    expect(result(events).minor).toBe(minor);
    expect(profitOf(after(events)).minor).toBe(minor);
  });

  it('is untouched by late money that came to a confirmed booking and went back', () => {
    const events = [...CONFIRMED_PAID_TWICE, facts.refundAsked(1, 10_000, { cause: 'late' }), facts.refundSucceeded(1)];
    expect(result(events)).toEqual(profitOf(after(events)));
    expect(balanceOf(postingsOf(events), 'customer_receivable')).toBe(0);
  });

  it('agrees to the minor unit when the price crossed currencies and came back in pieces', () => {
    // Chosen so that rounding the whole and rounding its parts come out a minor unit apart, for each order.
    const first = [
      ...PAID,
      facts.placing(0, usd(1_001)),
      facts.ordered(0, usd(1_001)),
      facts.supplierPaid(0, usd(1_001)),
      facts.supplierEnded(338, 663, 0, 'USD'),
    ];
    const second = [
      facts.placing(1, usd(997)),
      facts.ordered(1, usd(997)),
      facts.supplierPaid(1, usd(997)),
      facts.supplierConfirmed(1, usd(997)),
      facts.confirmed(),
    ];
    const taken = [facts.cancelled(), facts.supplierEnded(307, 690, 1, 'USD')];
    for (const events of [
      [...first, ...second],
      [...first, ...second, ...taken],
    ])
      expect(profitOf(after(events, foreign))).toEqual(result(events, foreign));
    expect(balanceOf(postingsOf([...first, ...second, ...taken], foreign), 'supplier_payable', 'USD')).toBe(0);
  });

  it('counts a refund that was promised before the trip was confirmed, and undoes it after', () => {
    const early = [...PAID, facts.refundAsked(1, 3_000), facts.confirmed()];
    expect(result(early)).toEqual(profitOf(after(early)));
    expect(balanceOf(postingsOf(early), 'customer_receivable')).toBe(0);
    const undone = [...early, facts.refundFailed(1)];
    expect(result(undone)).toEqual(profitOf(after(undone)));
    expect(profitOf(after(undone)).minor).toBe(9_620);
  });

  it('is of one currency: that of the charge', () => {
    const events = [...BOUGHT_ABROAD, facts.supplierConfirmed(0, usd(1_001)), facts.confirmed()];
    expect(profitOf(after(events, foreign))).toEqual(money(1_800, 'HKD'));
    expect(resultOf(postingsOf(events, foreign), 'USD')).toEqual(money(0, 'USD'));
  });
});
