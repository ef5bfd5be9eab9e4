// @ts-check
import { describe, expect, it } from 'vitest';

import { compareBooks } from '../../scripts/drill/compare.mjs';
import { soundBooks } from './drill-books.mjs';

/** @typedef {import('./drill-books.mjs').Books} Books */
/** @typedef {{ what: string, plant: (books: Books) => unknown, booking: string, rule: string, unexplained?: Record<string, number> }} Planted */

const of = (/** @type {string} */ id) => (/** @type {{ booking_id: string }} */ row) => row.booking_id === id;
/** @template T @param {T | undefined} found @returns {T} */
function the(found) {
  if (found === undefined) throw new Error('the sound books lack it');
  return found;
}
/** @param {Books} books @param {string} id */
const bookingIn = ({ ours }, id) => the(ours.bookings.find((row) => row.id === id));

/** @type {Planted[]} */
const PLANTED = [
  {
    what: 'a refund that the gateway lost',
    plant: ({ stripe }) => stripe.refunds.splice(1, 1),
    booking: 'bk_gone',
    rule: 'refunded at the gateway = ours',
    unexplained: { USD: 1_000 },
  },
  {
    what: 'a refund that we do not know',
    plant: ({ stripe }) => stripe.refunds.push({ payment_intent: 'pi_bk_act', amount: 250, status: 'succeeded' }),
    booking: 'bk_act',
    rule: 'refunded at the gateway = ours',
    unexplained: { USD: 250 },
  },
  {
    what: 'money at the gateway for nothing of ours',
    plant: ({ stripe }) => stripe.charges.push({ ...the(stripe.charges[0]), payment_intent: 'pi_stranger' }),
    booking: 'unknown',
    rule: 'every payment at a gateway is known',
    unexplained: { USD: 1_000 },
  },
  {
    what: 'a payment that only we believe in',
    plant: ({ stripe }) => stripe.charges.shift(),
    booking: 'bk_act',
    rule: 'captured at the gateway = ours',
    unexplained: { USD: 1_000 },
  },
  {
    what: 'a lost dispute that we do not know',
    plant: ({ stripe }) => stripe.disputes.push({ payment_intent: 'pi_bk_act', amount: 1_000, status: 'lost' }),
    booking: 'bk_act',
    rule: 'lost in disputes at the gateway = ours',
    unexplained: { USD: 1_000 },
  },
  {
    what: 'money kept for a booking that was never sold',
    plant: (books) => (bookingIn(books, 'bk_part').phase = 'expired'),
    booking: 'bk_part',
    rule: 'not sold: nothing is kept',
    unexplained: { USD: 700 },
  },
  {
    what: 'more kept of a cancellation than was agreed',
    plant: ({ ours }) => (the(ours.quotes[0]).keep = 150),
    booking: 'bk_left',
    rule: 'cancelled: what is kept was agreed',
    unexplained: { USD: 250 },
  },
  {
    what: 'a sale without a voucher',
    plant: ({ ours }) => ours.vouchers.pop(),
    booking: 'bk_act',
    rule: 'sold: it was delivered',
    unexplained: { USD: 1_000 },
  },
  {
    what: 'a paid cart without an order',
    plant: ({ ours }) => ours.orders.pop(),
    booking: 'bk_cart',
    rule: 'sold: it was delivered',
    unexplained: { MYR: 5_000 },
  },
  {
    what: 'a booking that is not decided',
    plant: (books) => (bookingIn(books, 'bk_never').phase = 'confirming'),
    booking: 'bk_never',
    rule: 'at rest',
  },
  {
    what: 'a booking that waits for a person',
    plant: (books) => (bookingIn(books, 'bk_act').attention = { step: 'refund', reason: 'refused' }),
    booking: 'bk_act',
    rule: 'nobody is waited for',
  },
  {
    what: 'a refund that was never finished',
    plant: ({ ours }) => ours.refunds.push({ ...the(ours.refunds[0]), amount: 10, status: 'unknown' }),
    booking: 'bk_part',
    rule: 'no refund is open',
    unexplained: { USD: 10 },
  },
  {
    what: 'two payments that both stand',
    plant: ({ ours, stripe }) => {
      ours.payments.push({ ...the(ours.payments.find(of('bk_act'))), id: 'pay_second', ref: 'pi_second' });
      stripe.charges.push({ ...the(stripe.charges[0]), payment_intent: 'pi_second' });
    },
    booking: 'bk_act',
    rule: 'at most one payment stands',
  },
  {
    what: 'a free trip: everything given back, the order alive',
    plant: ({ klook }) =>
      klook.orders.splice(1, 1, { ...the(klook.orders[1]), status: 'confirmed', transaction: 'paid' }),
    booking: 'bk_left',
    rule: 'not sold: no supplier order lives',
  },
  {
    what: 'a second order under another generation of our reference',
    plant: ({ klook }) => klook.orders.push({ ...the(klook.orders[0]), id: '9', agentOrderId: 'ours-1-r1' }),
    booking: 'bk_act',
    rule: 'at most one supplier order lives',
  },
  {
    what: 'an order that was paid twice',
    plant: ({ klook }) => klook.ledger.push({ type: 'debit', amountMinor: -700, order: '1' }),
    booking: 'bk_act',
    rule: 'paid to the supplier = ours',
  },
  {
    what: 'a ledger transaction that does not sum to zero',
    plant: ({ ours }) => (the(ours.postings[1]).minor += 1),
    booking: 'bk_act',
    rule: 'each transaction sums to zero',
  },
  {
    what: 'a fee that the ledger does not know',
    plant: ({ stripe }) => stripe.balance_transactions.push({ net: -30, currency: 'usd' }),
    booking: 'all',
    rule: 'clearing = the gateway’s balance',
    unexplained: { USD: 30 },
  },
  {
    what: 'a webhook that was never handled',
    plant: ({ ours }) => (the(ours.inbox[0]).state = 'parked'),
    booking: 'inbox',
    rule: 'every webhook is settled',
  },
  {
    what: 'a booking whose workflow is gone',
    plant: ({ workflows }) => (the(workflows[0]).status = 'TERMINATED'),
    booking: 'bk_act',
    rule: 'a workflow for every booking',
  },
  {
    what: 'a workflow without a booking',
    plant: ({ workflows }) => workflows.push({ id: 'booking-bk_ghost', status: 'RUNNING' }),
    booking: 'booking-bk_ghost',
    rule: 'a booking for every workflow',
  },
];

describe('the comparison of the books', () => {
  it('finds nothing where they agree, and says what it looked at', () => {
    const { findings, checked, unexplained } = compareBooks(soundBooks());
    expect(findings).toEqual([]);
    expect(unexplained).toEqual({ USD: 0, MYR: 0, PKR: 0 });
    expect(checked['captured at the gateway = ours']).toBe(6);
  });

  it.each(PLANTED)('names the booking and the sum of $what', ({ plant, booking, rule, unexplained = {} }) => {
    const books = soundBooks();
    plant(books);
    const compared = compareBooks(books);
    expect(compared.findings).toContainEqual(expect.objectContaining({ booking, rule }));
    for (const [currency, minor] of Object.entries(unexplained))
      expect(compared.unexplained[currency]).toBeGreaterThanOrEqual(minor);
  });

  it('accepts a lost dispute that both know', () => {
    const books = soundBooks();
    books.stripe.disputes.push({ payment_intent: 'pi_bk_act', amount: 1_000, status: 'lost' });
    books.ours.disputes.push({ payment_id: 'pay_bk_act', amount: 1_000, standing: 'lost' });
    expect(compareBooks(books).findings).toEqual([]);
  });

  it('accepts a workflow that ended because nothing was ever paid', () => {
    const books = soundBooks();
    the(books.workflows[4]).status = 'COMPLETED';
    expect(compareBooks(books).findings).toEqual([]);
  });
});
