import { describe, expect, it } from 'vitest';
import {
  needsWorkflow,
  orphanedRow,
  orphanedWorkflow,
  outboxGap,
  unbalanced,
  waitingWebhook,
} from '../../domain/judge-house.ts';
import type { Watched } from '../../domain/judge-house.ts';
import { money } from '../../domain/money.ts';

const DAY_MS = 86_400_000;
const NOW = new Date('2026-06-01T00:00:00.000Z');
const watched = (change: Partial<Watched>): Watched => ({
  bookingId: 'bk_1',
  phase: 'confirmed',
  attention: null,
  reservedMinor: 0,
  paidAttempts: 1,
  paymentRefs: [],
  serviceAt: null,
  confirmedAt: null,
  updatedAt: NOW.toISOString(),
  ...change,
});
const ago = (days: number): string => new Date(NOW.getTime() - days * DAY_MS).toISOString();

describe('a workflow must be at work on a booking', () => {
  it.each<[string, Partial<Watched>, boolean]>([
    ['that waits for money', { phase: 'awaiting_payment', paidAttempts: 0 }, true],
    ['that is being fulfilled, however long ago', { phase: 'confirming', updatedAt: ago(400) }, true],
    ['that is served', {}, true],
    ['whose trip is still ahead', { updatedAt: ago(300), serviceAt: ago(-1) }, true],
    ['whose money nobody can ask back any more', { updatedAt: ago(121) }, false],
    [
      'whose trip was confirmed long ago, whatever was given back of it since',
      { confirmedAt: ago(121), updatedAt: ago(90) },
      false,
    ],
    ['that has expired', { phase: 'expired', paidAttempts: 0 }, false],
    ['that has expired and needs a person', { phase: 'expired', attention: { id: 'a/1' } }, true],
    ['that owes a refund', { phase: 'cancelled', reservedMinor: 5 }, true],
  ])('%s', (_, change, expected) => expect(needsWorkflow(watched(change), NOW)).toBe(expected));
});

it('says which of the two is alone', () => {
  expect(orphanedRow(watched({}))).toMatchObject([{ invariant: 'I-31', kind: 'orphan_row', bookingId: 'bk_1' }]);
  expect(orphanedWorkflow('booking-bk_9')).toMatchObject([
    { invariant: 'I-31', kind: 'orphan_workflow', bookingId: null, subject: 'booking-bk_9' },
  ]);
});

it('says which webhook waits, where numbers are missing, and by how much a transaction is off', () => {
  const webhook = { id: 4, bookingId: 'bk_1', gateway: 'chip', state: 'pending', receivedAt: ago(1), attempts: 9 };
  expect(waitingWebhook(webhook)).toMatchObject([
    { invariant: 'L-1', kind: 'stuck', bookingId: 'bk_1', subject: 'inbox/4' },
  ]);
  expect(outboxGap({ bookingId: 'bk_1', key: 'D-1', count: 2, last: 3 })).toMatchObject([
    { invariant: 'I-32', kind: 'invariant_broken', subject: 'outbox/D-1' },
  ]);
  expect(unbalanced({ transactionId: 7, bookingId: 'bk_1', currency: 'USD', restMinor: -3 })).toMatchObject([
    { invariant: 'I-14', kind: 'ledger_unbalanced', subject: 'transaction/7', unexplained: money(3, 'USD') },
  ]);
});
