// @ts-check
// What holds across all bookings: the ledger's sums, the gateways' balances, the inbox, the workflows.

import { companyOf } from './gateway-money.mjs';

/** @typedef {import('./books.mjs').Books} Books */
/** @typedef {import('./compare.mjs').Expect} Expect */

/** @param {Books} books @param {Expect} expect */
export function compareSystem(books, expect) {
  compareLedger(books, expect);
  compareBalances(books, expect);
  for (const { id, gateway, type, state, error } of books.ours.inbox) {
    const settled = state === 'handled' || state === 'ignored';
    expect('every webhook is settled', settled, () => ({
      booking: 'inbox',
      evidence: `${id} ${gateway} ${type}: ${state}${error === null ? '' : `, ${error}`}`,
    }));
  }
  compareWorkflows(books, expect);
}

/** @param {Books} books @param {Expect} expect */
function compareLedger({ ours }, expect) {
  const sums = summed(ours.postings, (it) => `${it.booking_id} ${it.transaction_id} ${it.currency}`);
  for (const [name, minor] of sums) {
    const [booking = '', transaction, currency = ''] = name.split(' ');
    expect('each transaction sums to zero', minor === 0, () => ({
      booking,
      evidence: `transaction ${transaction} is off by ${minor} ${currency}`,
      money: { minor, currency },
    }));
  }
}

/** @param {Books} books @param {Expect} expect */
function compareBalances({ ours, stripe, chip, klook }, expect) {
  const at = (/** @type {string} */ account) =>
    summed(
      ours.postings.filter((it) => it.account === account),
      (it) => `${companyOf(it.party) ?? it.party} ${it.currency}`,
    );
  const clearing = at('gateway_clearing');
  const theirs = new Map([
    ...summed(
      stripe.balance_transactions.map(({ net, currency }) => ({ minor: net, currency })),
      (it) => `stripe ${it.currency.toUpperCase()}`,
    ),
    ...summed(chipMoves(chip), (it) => `chip ${it.currency}`),
  ]);
  for (const name of new Set([...clearing.keys(), ...theirs.keys()])) {
    const [party, currency = ''] = name.split(' ');
    // What the desk took, and what staff laid out, lies at no gateway.
    if (party === 'on_arrival' || party === 'by_hand') continue;
    const [here, there] = [clearing.get(name) ?? 0, theirs.get(name) ?? 0];
    expect('clearing = the gateway’s balance', here === there, () => ({
      booking: 'all',
      evidence: `${name}: ${there} there, ${here} here`,
      money: { minor: there - here, currency },
    }));
  }
  const spent = klook.ledger
    .filter(({ order }) => order !== null)
    .reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  const here = at('supplier_balance').get('klook USD') ?? 0;
  expect('supplier balance = the supplier’s', here === spent, () => ({
    booking: 'all',
    evidence: `${spent} there, ${here} here`,
    money: { minor: spent - here, currency: 'USD' },
  }));
}

/** @param {import('./books.mjs').ChipState} chip */
function chipMoves({ purchases, payments }) {
  const came = purchases.flatMap(({ payment }) =>
    payment ? [{ minor: payment.amount - payment.fee_amount, currency: payment.currency }] : [],
  );
  const went = payments.map(({ payment: { amount, fee_amount: fee, currency, is_outgoing: out } }) => ({
    minor: out ? -amount : amount - fee,
    currency,
  }));
  return [...came, ...went];
}

/**
 * @template {{ minor: number }} Row
 * @param {readonly Row[]} rows
 * @param {(row: Row) => string} nameOf
 * @returns {Map<string, number>}
 */
function summed(rows, nameOf) {
  /** @type {Map<string, number>} */
  const sums = new Map();
  for (const row of rows) sums.set(nameOf(row), (sums.get(nameOf(row)) ?? 0) + row.minor);
  return sums;
}

/** A workflow is closed only where no money can come or go any more. */
const MAY_BE_OVER = new Set(['failed', 'cancelled', 'expired']);

/** @param {Books} books @param {Expect} expect */
function compareWorkflows({ ours, workflows }, expect) {
  const statuses = new Map(workflows.map(({ id, status }) => [id, status]));
  for (const { id, phase } of ours.bookings) {
    const status = statuses.get(`booking-${id}`) ?? 'absent';
    const fits = status === 'RUNNING' || (status === 'COMPLETED' && MAY_BE_OVER.has(phase));
    expect('a workflow for every booking', fits, () => ({ booking: id, evidence: `${phase}, workflow ${status}` }));
  }
  const known = new Set(ours.bookings.map(({ id }) => `booking-${id}`));
  for (const { id, status } of workflows) {
    if (id.startsWith('booking-'))
      expect('a booking for every workflow', known.has(id), () => ({ booking: id, evidence: status }));
    else if (id.startsWith('late-payment-'))
      expect('late money is settled', status === 'COMPLETED', () => ({ booking: id, evidence: status }));
  }
}
