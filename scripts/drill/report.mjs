// @ts-check
// What a drill has to say in the end: on the terminal, and as JSON for whoever wants to keep it.
import { writeFile } from 'node:fs/promises';

import { linesOfChecker } from './checker.mjs';

/**
 * @typedef {object} Report
 * @property {number} seed
 * @property {string} digest of the script
 * @property {number} customers
 * @property {Record<string, number>} outcomes of the customers' visits
 * @property {Record<string, Record<string, number>>} endStates bookings by storefront and state
 * @property {Record<string, number>} faults that struck
 * @property {Record<string, number>} staffActs what the system had to be given to come to rest
 * @property {boolean} atRest
 * @property {Record<string, number>} checked
 * @property {import('./compare.mjs').Finding[]} findings
 * @property {Record<string, number>} unexplained minor units by currency
 * @property {string[]} mended what the checker found first, and the product then learned
 * @property {import('./checker.mjs').Checked} checker what the product's own checker says
 * @property {string[]} oddities answers that no fault explains
 * @property {string[]} gaveUp customers and staff who were told "not now" for too long
 * @property {string[]} unaskedDeaths processes that ended though nobody killed them
 * @property {Record<string, number>} tookMs
 * @property {boolean} passed
 */

/** @param {readonly { n: number, storefront: string, outcome: string }[]} visits */
export function outcomesOf(visits) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const { outcome } of visits) {
    const [name = ''] = outcome.split(':');
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** @param {import('./books.mjs').Ours} ours */
export function endStatesOf({ bookings }) {
  /** @type {Record<string, Record<string, number>>} */
  const states = {};
  for (const { storefront, phase, attention } of bookings) {
    const state = attention === null ? phase : 'needs_attention';
    const of = (states[storefront] ??= {});
    of[state] = (of[state] ?? 0) + 1;
  }
  return states;
}

/** @param {Report} report @returns {string[]} */
export function linesOf(report) {
  const counted = (/** @type {Record<string, number>} */ counts) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'none';
  const checks = Object.values(report.checked).reduce((sum, each) => sum + each, 0);
  return [
    `seed ${report.seed}, script ${report.digest}, ${report.customers} customers: ${counted(report.outcomes)}`,
    ...Object.entries(report.endStates).map(([name, states]) => `${name.padEnd(11)} ${counted(states)}`),
    `faults      ${counted(report.faults)}`,
    `staff       ${counted(report.staffActs)}`,
    `at rest     ${report.atRest ? 'yes' : 'NO'}`,
    `checked     ${checks} times ${Object.keys(report.checked).length} rules`,
    `unexplained ${counted(report.unexplained)}`,
    ...report.mended.map((found) => `MENDED      ${found}`),
    ...linesOfChecker(report.checker),
    ...report.findings.map(({ booking, rule, evidence }) => `VIOLATED    ${booking}: ${rule}: ${evidence}`),
    ...report.oddities.map((odd) => `ODD         ${odd}`),
    ...report.gaveUp.map((who) => `LEFT        ${who}`),
    ...report.unaskedDeaths.map((death) => `DIED        ${death}`),
    `took        ${Object.entries(report.tookMs)
      .map(([what, ms]) => `${what} ${Math.round(ms / 1_000)} s`)
      .join(', ')}`,
    report.passed ? 'passed' : 'FAILED',
  ];
}

const SIGNS = { ended: '✓', broken: '✗', never: '·' };

/** @param {import('./matrix.mjs').Matrix} matrix @returns {string[]} */
export function linesOfMatrix({ rows, findings, unexplained, deaths, tookMs, passed }) {
  const paths = [...new Set(rows.map(({ path }) => path))];
  const moments = /** @type {const} */ (['before', 'inside', 'after', 'reported']);
  const line = (/** @type {string} */ name, /** @type {readonly string[]} */ cells) =>
    `  ${name.padEnd(28)}${cells.map((cell) => cell.padEnd(10)).join('')}`.trimEnd();
  return [
    ...paths.flatMap((path) => [
      line(path, moments),
      ...rows
        .filter((row) => row.path === path)
        .map((row) =>
          line(
            `  ${row.activity}`,
            moments.map((moment) => SIGNS[row[moment]]),
          ),
        ),
    ]),
    `✓ died there, and the booking ended as it must; ✗ it did not; · not met: it moves nothing outside, or was not asked for`,
    `${deaths} deaths in ${Math.round(tookMs / 1_000)} s; unexplained ${JSON.stringify(unexplained)}`,
    ...findings.map(({ booking, rule, evidence }) => `VIOLATED    ${booking}: ${rule}: ${evidence}`),
    passed ? 'passed' : 'FAILED',
  ];
}

/** @param {string | undefined} file @param {unknown} report */
export async function keepReport(file, report) {
  if (file !== undefined) await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
}
