// @ts-check
import { describe, expect, it } from 'vitest';

import { checksOf, reached } from '../../scripts/demo/ending.mjs';
import { balances, decimal, leftOpen, profitIn, unbalanced } from '../../scripts/demo/ledger.mjs';
import { readOptions } from '../../scripts/demo/options.mjs';
import { ROADS } from '../../scripts/demo/roads.mjs';
import { ascii } from '../../scripts/demo/screen.mjs';
import { wordsFor } from '../../scripts/demo/wording.mjs';

/** @typedef {import('../../scripts/demo/ending.mjs').Outcome} Outcome */
/** @typedef {import('../../scripts/demo/ledger.mjs').Posting} Posting */

const EMAIL = 'mei@example.com';

describe('the road', () => {
  it.each([
    [[], 'happy'],
    [['--card', 'declined'], 'declined'],
    [['--card=insufficient'], 'insufficient'],
    [['--card', '3ds'], '3ds'],
    [['--sold-out'], 'sold-out'],
    [['--price-change'], 'price-change'],
    [['--no-balance'], 'no-balance'],
    [['--lost-webhook'], 'lost-webhook'],
  ])('%s is %s', (args, road) => {
    expect(readOptions(args, {})).toEqual({ storefront: 'trektoo', road, help: false });
  });

  it.each(['trektoo', 'airport', 'dreamscape', 'travello', 'cart'])('of %s is taken by name', (storefront) => {
    expect(readOptions(['--storefront', storefront], {})).toEqual({ storefront, road: 'happy', help: false });
  });

  it.each(['change-cart', 'late-webhook', 'failed'])('of a cart is taken with --%s', (road) => {
    const args = ['--storefront', 'cart', `--${road}`];
    expect(readOptions(args, {})).toEqual({ storefront: 'cart', road, help: false });
  });

  it.each([
    [['--card', 'stolen'], /^--card is one of declined, insufficient, 3ds, not stolen\.$/],
    [['--storefront', 'harrods'], /^--storefront is one of trektoo, airport, .*, not harrods\.$/],
    [['--storefront', 'airport', '--card', '3ds'], /with --storefront airport give no other option/],
    [['--storefront', 'cart', '--sold-out'], /with --storefront cart give one of --change-cart, .*, or none/],
    [['--late-webhook'], /^--late-webhook goes with --storefront cart\.$/],
    [['--storefront', 'travello', '--failed'], /^--failed goes with --storefront cart\.$/],
    [['--storefront', 'cart', '--failed', '--change-cart'], /one road at a time/],
    [['--sold-out', '--no-balance'], /one road at a time/],
    [['--card', '3ds', '--sold-out'], /one road at a time/],
    [['--solt-out'], /Unknown option '--solt-out'/],
  ])('%s is refused in words', (args, words) => {
    expect(() => readOptions(args, {})).toThrow(words);
  });

  it('is not silently another one when npm keeps the option for itself', () => {
    expect(() => readOptions([], { npm_config_lost_webhook: 'true' })).toThrow(/npm run demo -- --lost-webhook/);
    expect(() => readOptions([], { npm_config_storefront: 'airport' })).toThrow(/npm run demo -- --storefront/);
  });
});

describe('the ledger', () => {
  const line = (/** @type {Partial<Posting>} */ part) => ({
    transaction: 1,
    fact: 'payment.captured',
    account: 'gateway_clearing',
    party: '',
    minor: 0,
    currency: 'USD',
    ...part,
  });

  it('names the transactions that do not sum to zero in each currency by itself', () => {
    const even = [line({ minor: 5 }), line({ minor: -5 })];
    expect(unbalanced(even)).toEqual([]);
    expect(unbalanced([...even, line({ transaction: 2, minor: 1 }), line({ transaction: 3, minor: -1 })])).toEqual([
      2, 3,
    ]);
    expect(unbalanced([line({ minor: 5 }), line({ minor: -5, currency: 'EUR' })])).toEqual([1, 1]);
  });

  it('counts income as a credit and fees as a debit, in one currency', () => {
    const lines = [
      line({ account: 'revenue', minor: -850 }),
      line({ account: 'gateway_fees', minor: 301 }),
      line({ account: 'revenue', minor: -1, currency: 'JPY' }),
      line({ account: 'customer_receivable', minor: 77 }),
    ];
    expect(profitIn(lines, 'USD')).toBe(549);
    expect(balances(lines).get('revenue JPY')).toBe(-1);
    expect(leftOpen(lines, ['revenue', 'gateway_fees'])).toEqual(['customer_receivable USD']);
  });

  it.each([
    [0, '0.00'],
    [5, '0.05'],
    [-301, '-3.01'],
    [9350, '93.50'],
  ])('%i minor units read %s', (minor, text) => {
    expect(decimal(minor)).toBe(text);
  });
});

describe('what is shown', () => {
  it('cannot move the cursor, whatever a subject holds', () => {
    expect(ascii('a\u001B[2Jb\nc… Zoë’s')).toBe("a?[2Jb?c... Zo?'s");
  });

  it('names a fact that has no words of its own', () => {
    expect(wordsFor('booking.something_new', {}, 'stripe')).toEqual({
      who: 'holdfast',
      text: 'booking: something new',
    });
  });
});

/** @returns {Posting[]} */
function postings(/** @type {readonly [account: string, minor: number][]} */ ...lines) {
  return lines.map(([account, minor]) => ({ transaction: 1, fact: 'f', account, party: '', minor, currency: 'USD' }));
}

const letter = (/** @type {string} */ subject) => ({ id: subject, receivedAt: '', to: [EMAIL], subject, pdfs: 2 });

/** @returns {Outcome} */
function soldOutcome() {
  return {
    road: ROADS.happy,
    seen: {
      order: {
        order_id: 'KL1',
        booking_status: 'confirmed',
        payment_status: 'paid',
        amount: '93.50',
        currency: 'USD',
        klook_status: 'confirmed',
        klook_paid_amount: '85.00',
        klook_paid_currency: 'USD',
        vouchers: [{ number: 1, status: 'ready', url: '' }],
      },
      facts: [{ seq: 1, at: '', type: 'payment.captured', fact: { fee: { minor: 301, currency: 'USD' } } }],
      letters: [letter('Your booking HF-1 is confirmed')],
      webhooks: [],
    },
    profit: '5.49',
    postings: postings(
      ['gateway_clearing', 9049],
      ['gateway_fees', 301],
      ['supplier_balance', -8500],
      ['revenue', -850],
    ),
    charges: [{ status: 'succeeded', amount: 9350, amount_refunded: 0, captured: true, currency: 'usd' }],
    movements: [{ type: 'debit', amountMinor: -8500, order: 'KL1' }],
    papers: [
      { kind: 'voucher', file: '', bytes: 1, isPdf: true },
      { kind: 'receipt', file: '', bytes: 1, isPdf: true },
    ],
    email: EMAIL,
  };
}

/** @returns {Outcome} */
function refundedOutcome() {
  const sold = soldOutcome();
  const order = {
    ...sold.seen.order,
    booking_status: 'refunded',
    payment_status: 'refunded',
    klook_status: 'none',
    vouchers: [],
  };
  return {
    ...sold,
    road: ROADS['sold-out'],
    seen: { ...sold.seen, order, letters: [letter('Refund for your booking HF-1')] },
    profit: '-3.01',
    postings: postings(['gateway_clearing', -301], ['gateway_fees', 301]),
    charges: [{ status: 'succeeded', amount: 9350, amount_refunded: 9350, captured: true, currency: 'usd' }],
    movements: [],
    papers: [],
  };
}

const broken = (/** @type {Outcome} */ outcome) => checksOf(outcome).filter(({ ok }) => !ok).length;

describe('a sale', () => {
  it('passes every check', () => {
    expect(broken(soldOutcome())).toBe(0);
    expect(reached('confirmed')(soldOutcome().seen)).toBe(true);
  });

  /** @type {Record<string, (outcome: Outcome) => void>} */
  const faults = {
    'is not confirmed': ({ seen }) => (seen.order.booking_status = 'needs_attention'),
    'has no voucher': ({ seen }) => (seen.order.vouchers = []),
    'was charged twice': ({ charges }) => charges.push(...soldOutcome().charges),
    'was charged too much': ({ charges }) => (charges[0] ? (charges[0].amount = 9351) : 0),
    'was refunded in part': ({ charges }) => (charges[0] ? (charges[0].amount_refunded = 1) : 0),
    'was paid to Klook twice': ({ movements }) => movements.push(...soldOutcome().movements),
    'was never paid to Klook': (outcome) => (outcome.movements = []),
    'has no receipt': ({ papers }) => papers.pop(),
    'has a voucher that is no PDF': ({ papers }) => (papers[0] ? (papers[0].isPdf = false) : 0),
    'has a letter without papers': ({ seen }) => (seen.letters[0] ? (seen.letters[0].pdfs = 0) : 0),
    'has two letters': ({ seen }) => seen.letters.push(letter('Your booking HF-1 is confirmed')),
    'has a profit that staff do not see': (outcome) => (outcome.profit = '8.50'),
    'still owes Klook': (outcome) =>
      (outcome.postings = [...outcome.postings, ...postings(['supplier_payable', -5], ['gateway_clearing', 5])]),
    'has books that do not sum to zero': (outcome) =>
      (outcome.postings = [...outcome.postings, ...postings(['gateway_clearing', 1])]),
  };

  it.each(Object.entries(faults))('that %s fails exactly one check', (_, spoil) => {
    const outcome = soldOutcome();
    spoil(outcome);
    expect(broken(outcome)).toBe(1);
  });
});

describe('a sale given back', () => {
  it('passes every check', () => {
    expect(broken(refundedOutcome())).toBe(0);
    expect(reached('refunded')(refundedOutcome().seen)).toBe(true);
  });

  /** @type {Record<string, (outcome: Outcome) => void>} */
  const faults = {
    'was not given back in full': ({ charges }) => (charges[0] ? (charges[0].amount_refunded = 9349) : 0),
    'left an order at Klook': ({ seen }) => (seen.order.klook_status = 'unpaid'),
    'cost us balance at Klook': ({ movements }) => movements.push(...soldOutcome().movements),
    'left a usable voucher': ({ seen }) => (seen.order.vouchers = soldOutcome().seen.order.vouchers),
    'was never announced': ({ seen }) => (seen.letters = []),
    'still owes the customer': (outcome) =>
      (outcome.postings = [...outcome.postings, ...postings(['refunds_payable', -9350], ['gateway_clearing', 9350])]),
  };

  it.each(Object.entries(faults))('that %s fails exactly one check', (_, spoil) => {
    const outcome = refundedOutcome();
    spoil(outcome);
    expect(broken(outcome)).toBe(1);
  });
});

describe('a road with a decline', () => {
  it('needs the letter about it, once', () => {
    const outcome = { ...soldOutcome(), road: ROADS.declined };
    expect(broken(outcome)).toBe(1);
    outcome.seen.letters.push(letter('Your payment for booking HF-1 did not go through'));
    expect(broken(outcome)).toBe(0);
  });
});
