// @ts-check
// Reads double-entry lines: what each account comes to, and whether every transaction holds together.

/**
 * @typedef {object} Posting
 * @property {number} transaction
 * @property {string} fact what was recorded
 * @property {string} account
 * @property {string} party
 * @property {number} minor debits above zero, credits below
 * @property {string} currency
 */

const RESULT_ACCOUNTS = ['revenue', 'gateway_fees', 'supplier_penalties'];

/**
 * The balance of each account that anything was posted to.
 * @param {readonly Posting[]} postings
 * @returns {Map<string, number>}
 */
export function balances(postings) {
  const sums = new Map();
  for (const { account, currency, minor } of postings) {
    const name = `${account} ${currency}`;
    sums.set(name, (sums.get(name) ?? 0) + minor);
  }
  return sums;
}

/**
 * The transactions that do not sum to zero in each currency.
 * @param {readonly Posting[]} postings
 * @returns {number[]}
 */
export function unbalanced(postings) {
  const sums = new Map();
  for (const { transaction, currency, minor } of postings) {
    const key = `${transaction} ${currency}`;
    sums.set(key, (sums.get(key) ?? 0) + minor);
  }
  return [...sums].flatMap(([key, sum]) => (sum === 0 ? [] : [Number.parseInt(key, 10)]));
}

/**
 * Income is a credit, so the sign turns.
 * @param {readonly Posting[]} postings
 * @param {string} currency
 */
export function profitIn(postings, currency) {
  return postings
    .filter((posting) => posting.currency === currency && RESULT_ACCOUNTS.includes(posting.account))
    .reduce((sum, { minor }) => sum - minor, 0);
}

/**
 * @param {readonly Posting[]} postings
 * @param {readonly string[]} allowed accounts that may keep a balance
 * @returns {string[]} the others that do
 */
export function leftOpen(postings, allowed) {
  return [...balances(postings)]
    .filter(([name, sum]) => sum !== 0 && !allowed.some((account) => name.startsWith(`${account} `)))
    .map(([name]) => name);
}

/** @param {number} minor of a currency with two decimals, the only kind the demo pays in */
export function decimal(minor) {
  const sign = minor < 0 ? '-' : '';
  const digits = String(Math.abs(minor)).padStart(3, '0');
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
