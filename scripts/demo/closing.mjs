// @ts-check
// What is shown when the story is over: the books, the profit, the papers, where to look further, and the checks.
import path from 'node:path';

import { balances, decimal } from './ledger.mjs';
import { feeMinor } from './ending.mjs';

/** @typedef {import('./screen.mjs').Screen} Screen */
/** @typedef {import('./following.mjs').Seen} Seen */

/**
 * @param {Screen} screen
 * @param {readonly import('./ledger.mjs').Posting[]} postings
 */
export function showLedger(screen, postings) {
  screen.section('Ledger');
  let last = 0;
  const rows = postings.map(({ transaction, fact, account, party, minor, currency }) => {
    const isNew = transaction !== last;
    last = transaction;
    const amount = decimal(Math.abs(minor));
    return [
      isNew ? fact : '',
      party ? `${account} ${party}` : account,
      minor > 0 ? amount : '',
      minor < 0 ? amount : '',
      currency,
    ];
  });
  screen.table([['fact', 'account', 'debit', 'credit', ''], ...rows], [2, 3]);
  const open = [...balances(postings)].filter(([, minor]) => minor !== 0);
  screen.write('');
  screen.table([['account', 'balance'], ...open.map(([name, minor]) => [name, decimal(minor)])], [1]);
}

/**
 * @param {Screen} screen
 * @param {{ seen: Seen, profit: string | null | undefined, charges: import('./stand-ins.mjs').Charge[] }} money
 */
export function showProfit(screen, { seen: { order, facts }, profit, charges }) {
  const sum = (/** @type {'amount' | 'amount_refunded'} */ what) =>
    charges.filter(({ status }) => status === 'succeeded').reduce((total, charge) => total + charge[what], 0);
  const returned = sum('amount_refunded');
  screen.section(`Profit in ${order.currency}`);
  screen.table(
    [
      ['the customer paid', decimal(sum('amount'))],
      ...(returned > 0 ? [['and got back', `-${decimal(returned)}`]] : []),
      ...(order.klook_paid_amount && returned === 0 ? [['Klook was paid', `-${order.klook_paid_amount}`]] : []),
      ['Stripe keeps', decimal(-(feeMinor(facts) ?? 0))],
      ['left for us', profit ?? 'unknown'],
    ],
    [1],
  );
}

/**
 * @param {Screen} screen
 * @param {readonly import('./papers.mjs').Paper[]} papers
 */
export function showPapers(screen, papers) {
  screen.section('Papers');
  if (papers.length === 0) screen.write('  none were drawn');
  for (const { file, bytes } of papers) screen.write(`  ${shortPath(file)}  (${(bytes / 1024).toFixed(0)} KB)`);
}

/**
 * @param {Screen} screen
 * @param {{ stack: import('./stack.mjs').Stack, bookingId: string, letters: Seen['letters'], pageOf: (id: string) => string }} places
 */
export function showLinks(screen, { stack, bookingId, letters, pageOf }) {
  const { temporalUi, stripe, klook } = stack.urls;
  screen.section(stack.ours ? 'To look further: npm start, then' : 'To look further');
  const namespace = stack.env.TEMPORAL_NAMESPACE ?? 'default';
  screen.facts([
    ...(temporalUi
      ? [/** @type {const} */ (['workflow', `${temporalUi}/namespaces/${namespace}/workflows/booking-${bookingId}`])]
      : []),
    ...letters.map(({ id }) => /** @type {const} */ (['letter', pageOf(id)])),
    ['Stripe', `${stripe}/_sim`],
    ['Klook', `${klook}/_sim`],
  ]);
}

/** @param {string} file */
function shortPath(file) {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') ? file : relative;
}
