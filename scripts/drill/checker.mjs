// @ts-check
// The product's own checker at a drill's end: other code, by the vendors' APIs, over the same books. It must find nothing either.
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

import { PlainFailure } from '../parts/failure.mjs';
import { ROOT } from '../parts/paths.mjs';

/** @typedef {{ kind: string, invariant: string, bookingId: string | null, subject: string, evidence: unknown }} Found */
/** @typedef {{ currency: string, minor: number }} Sum */
/** @typedef {{ bookings: number, payments: number, supplierOrders: number, unread: number, unexplained: Sum[] }} Summary */
/** @typedef {{ summary: Summary, findings: Found[] }} Checked */

/**
 * Nothing is under way any more: whatever stands still is judged as at rest.
 * @param {{ file: string, env: Readonly<Record<string, string | undefined>> }} program
 * @returns {Promise<Checked>}
 */
export async function askChecker({ file, env }) {
  const child = spawn(process.execPath, ['--enable-source-maps', file, '--json', '--grace', '0'], {
    cwd: ROOT,
    env: { ...env, LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = await text(child.stdout);
  const last = said.trimEnd().split('\n').at(-1) ?? '';
  if (!last.startsWith('{"summary"')) throw new PlainFailure(`The checker came to no end: ${said.slice(-2_000)}`);
  return JSON.parse(last);
}

/** @param {Checked} checked */
export const isGreen = ({ summary, findings }) =>
  findings.length === 0 && summary.unread === 0 && summary.unexplained.every(({ minor }) => minor === 0);

/** @param {Checked} checked @returns {string[]} */
export function linesOfChecker({ summary, findings }) {
  const { bookings, payments, supplierOrders, unread, unexplained } = summary;
  const sums = unexplained.map(({ currency, minor }) => `${currency} ${minor}`).join(', ') || 'none';
  return [
    `checker     ${bookings} bookings, ${payments} payments, ${supplierOrders} orders; ${unread} unread; unexplained ${sums}`,
    ...findings.map(
      (it) =>
        `FOUND       ${it.bookingId ?? 'house'}: ${it.invariant} ${it.kind} ${it.subject}: ${JSON.stringify(it.evidence)}`,
    ),
  ];
}
