// @ts-check
// What vitest's report says of a guard: whether its test fell, and for the right reason.
import path from 'node:path';

/**
 * @typedef {object} Report vitest's JSON, as far as it is read here
 * @property {{ name: string, message?: string, assertionResults: TestResult[] }[]} testResults
 */
/** @typedef {{ title: string, status: string, failureMessages?: string[] | null }} TestResult */

/**
 * @typedef {{ kind: 'caught' | 'missed' | 'broken', why: string }} Verdict
 * Missed: nothing fell. Broken: it fell, or never ran, for another reason than that the guard is gone.
 */

/** What code that does not even run says, or a service that did not answer: neither speaks of the guard. */
const NO_PROOF = /\b(SyntaxError|ReferenceError|ServiceError)\b|(Test|Hook) timed out/;

/**
 * @param {Report | undefined} report
 * @param {string} dir the checkout that was tested
 * @param {import('./table.mjs').Guard} guard
 * @returns {Verdict}
 */
export function verdictOn(report, dir, { test }) {
  const suite = report?.testResults.find(({ name }) => path.relative(dir, name) === test.file);
  if (!suite) return { kind: 'broken', why: 'the run broke off' };
  const meant = suite.assertionResults.filter(({ title, status }) => title === test.name && hasRun(status));
  if (meant.length === 0) return { kind: 'broken', why: `its test did not run: ${firstLine(suite.message ?? '')}` };
  const fallen = meant.find(({ status }) => status === 'failed');
  if (!fallen) return { kind: 'missed', why: 'its test passes without it' };
  const said = fallen.failureMessages?.join('\n') ?? '';
  return { kind: NO_PROOF.test(said) ? 'broken' : 'caught', why: firstLine(said) };
}

const hasRun = (/** @type {string} */ status) => status === 'passed' || status === 'failed';

const firstLine = (/** @type {string} */ text) => (text.split('\n')[0] ?? '').slice(0, 160);

/** A guard that is out leaves what only it had used; all else that a compiler says means that the code is none. */
const UNUSED = /error TS(6133|6192|6196|6198|7027):/;

/**
 * @param {string} output of tsc
 * @returns {string[]}
 */
export const faultsIn = (output) =>
  output.split('\n').filter((line) => /error TS\d+:/.test(line) && !UNUSED.test(line));
