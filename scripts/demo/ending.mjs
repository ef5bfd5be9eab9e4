// @ts-check
// Where a road must have led: each promise of SPEC's booking life checked with the customer, the vendors and the books.
import { decimal, leftOpen, profitIn, unbalanced } from './ledger.mjs';
import { PRICE } from './order.mjs';

/** @typedef {{ ok: boolean, text: string }} Check */

/**
 * @typedef {object} Outcome
 * @property {import('./roads.mjs').Road} road
 * @property {import('./following.mjs').Seen} seen
 * @property {string | null | undefined} profit what staff are told
 * @property {readonly import('./ledger.mjs').Posting[]} postings
 * @property {import('./stand-ins.mjs').Charge[]} charges
 * @property {import('./stand-ins.mjs').BalanceLine[]} movements
 * @property {import('./papers.mjs').Paper[]} papers
 * @property {string} email
 */

const CHARGED = minorOf(PRICE.amount);
const NET = minorOf(PRICE.net);
/** What the gateway keeps stays open in its clearing account until it pays out. */
const OPEN_AT_REST = ['gateway_clearing', 'gateway_fees'];
const OPEN_WHEN_SOLD = [...OPEN_AT_REST, 'supplier_balance', 'revenue'];

const SUBJECTS = { confirmed: 'is confirmed', refunded: 'Refund for your booking', declined: 'did not go through' };

/** @param {import('./roads.mjs').Road['ending']} ending */
export const reached = (ending) => {
  const lastLetter = SUBJECTS[ending];
  return (/** @type {import('./following.mjs').Seen} */ { order, letters, facts }) =>
    order.booking_status === ending &&
    letters.some(({ subject }) => subject.includes(lastLetter)) &&
    feeMinor(facts) !== undefined;
};

/** @param {Outcome} outcome @returns {Check[]} */
export function checksOf(outcome) {
  const { road, seen, email } = outcome;
  const isSold = road.ending === 'confirmed';
  return [
    customersView(outcome, isSold),
    ...(isSold ? sold(outcome) : givenBack(outcome)),
    lettersSent(seen.letters, { email, subject: SUBJECTS[road.ending], times: 1 }),
    ...(road.declines > 0
      ? [lettersSent(seen.letters, { email, subject: SUBJECTS.declined, times: road.declines })]
      : []),
    ...booksHold(outcome, isSold ? OPEN_WHEN_SOLD : OPEN_AT_REST),
  ];
}

/** @param {Outcome} outcome @param {boolean} isSold @returns {Check} */
function customersView({ seen: { order } }, isSold) {
  const { booking_status: booking, payment_status: payment, klook_status: klook, vouchers } = order;
  const ready = vouchers.filter(({ status }) => status === 'ready').length;
  const ok = isSold
    ? booking === 'confirmed' && payment === 'paid' && klook === 'confirmed' && ready > 0
    : booking === 'refunded' && payment === 'refunded' && ready === 0;
  return {
    ok,
    text: `the customer sees: booking ${booking}, payment ${payment}, Klook order ${klook}, vouchers ready: ${ready}`,
  };
}

/** @param {Outcome} outcome @returns {Check[]} */
function sold({ charges, movements, papers, seen }) {
  const paid = charges.filter(({ status }) => status === 'succeeded');
  const debit = movements.map(({ amountMinor }) => decimal(amountMinor)).join(', ') || 'never';
  const kinds = papers.filter(({ isPdf }) => isPdf).map(({ kind }) => kind);
  return [
    {
      ok: paid.length === 1 && paid[0]?.amount === CHARGED && paid[0].amount_refunded === 0,
      text: `Stripe took ${paid.map(({ amount }) => decimal(amount)).join(', ') || 'nothing'}, once, and gave nothing back`,
    },
    {
      ok: movements.length === 1 && movements[0]?.amountMinor === -NET,
      text: `our balance at Klook moved for this order: ${debit}`,
    },
    {
      ok: kinds.includes('voucher') && kinds.includes('receipt'),
      text: `papers that are PDFs: ${kinds.join(', ') || 'none'}`,
    },
    {
      ok: seen.letters.some(({ subject, pdfs }) => subject.includes(SUBJECTS.confirmed) && pdfs >= 2),
      text: 'voucher and receipt came with the confirmation',
    },
  ];
}

/** @param {Outcome} outcome @returns {Check[]} */
function givenBack({ charges, movements, seen }) {
  const paid = charges.filter(({ status }) => status === 'succeeded');
  const back = paid.reduce((sum, charge) => sum + charge.amount_refunded, 0);
  const moved = movements.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  return [
    {
      ok: paid.length === 1 && paid[0]?.amount === CHARGED && back === CHARGED,
      text: `Stripe took ${decimal(CHARGED)} once and gave ${decimal(back)} back`,
    },
    { ok: moved === 0, text: `our balance at Klook is as it was: ${decimal(moved)} for this order` },
    {
      ok: ['none', 'canceled'].includes(seen.order.klook_status),
      text: `no order stands at Klook: ${seen.order.klook_status}`,
    },
  ];
}

/**
 * @param {import('./following.mjs').OpenedLetter[]} letters
 * @param {{ email: string, subject: string, times: number }} expected
 * @returns {Check}
 */
function lettersSent(letters, { email, subject, times }) {
  const found = letters.filter((letter) => letter.to.includes(email) && letter.subject.includes(subject)).length;
  return { ok: found === times, text: `letters to the customer saying "${subject}": ${found} of ${times}` };
}

/**
 * @param {Outcome} outcome
 * @param {readonly string[]} mayStayOpen
 * @returns {Check[]}
 */
function booksHold({ seen: { facts }, postings, profit, road }, mayStayOpen) {
  const fee = feeMinor(facts) ?? 0;
  const expected = road.ending === 'confirmed' ? CHARGED - NET - fee : -fee;
  const open = leftOpen(postings, mayStayOpen);
  const ledger = profitIn(postings, PRICE.currency);
  return [
    {
      ok: postings.length > 0 && unbalanced(postings).length === 0,
      text: `every ledger transaction sums to zero (${postings.length} lines)`,
    },
    { ok: open.length === 0, text: `accounts that must be back at zero and are not: ${open.join(', ') || 'none'}` },
    {
      ok: ledger === expected && profit === decimal(expected),
      text: `profit is ${decimal(expected)} by the formula, ${decimal(ledger)} in the ledger, ${profit ?? 'unknown'} for staff`,
    },
  ];
}

/**
 * Undefined while Stripe has not said it: the fee is known a moment after the money.
 * @param {readonly import('./timeline.mjs').RecordedFact[]} facts
 */
export function feeMinor(facts) {
  const fees = facts.flatMap(({ type, fact }) =>
    (type === 'payment.captured' || type === 'payment.fee_known') && fact.fee ? [fact.fee.minor] : [],
  );
  return fees.at(-1);
}

/** @param {string} amount */
function minorOf(amount) {
  return Number(amount.replace('.', ''));
}
