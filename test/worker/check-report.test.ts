import { expect, it } from 'vitest';
import type { StoredFinding } from '../../db/findings.ts';
import { reportOf } from '../../worker/check-report.ts';

const at = new Date('2026-11-21T18:00:00.000Z');
const summary = { bookings: 3, payments: 2, supplierOrders: 1, unread: 0, open: 1, unexplained: [] };
const finding: StoredFinding = {
  id: 12,
  kind: 'missing_here',
  invariant: 'I-28',
  bookingId: null,
  subject: 'pi_1',
  evidence: {},
  unexplained: null,
  openedAt: at,
  seenAt: at,
  toldAt: null,
  closedAt: null,
  closedBecause: null,
  explainedAt: null,
  explainedBy: null,
  explanation: null,
};

it('names each finding by the number that explains it', () => {
  expect(reportOf(summary, [finding])).toMatch(/\n1 finding\n {2}#12 {2}house {2}missing_here /);
  expect(reportOf(summary, [finding, { ...finding, id: 13 }])).toMatch(/\n2 findings\n[^]*\n {2}#13 /);
  expect(reportOf(summary, [])).toMatch(/\nno findings$/);
});
