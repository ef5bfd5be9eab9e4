import { describe, expect, it } from 'vitest';
import type { Booking, Refund } from '../../domain/booking.ts';
import { forgettableAt } from '../../domain/erasure.ts';
import type { Forgettable } from '../../domain/erasure.ts';
import { money } from '../../domain/money.ts';
import { AT, newBooking } from './sample-booking.ts';

const DAY_MS = 86_400_000;
const SERVICE_MS = Date.parse('2026-06-01T01:00:00.000Z');
const refund = (status: Refund['status']): Refund => ({
  id: 'rf_1',
  paymentId: 'pay_1_1',
  amount: money(100, 'HKD'),
  status,
  cause: 'staff',
  reason: 'asked',
  actor: 'sue',
  ref: null,
  failure: null,
  cameBack: false,
  requestedAt: AT,
});
const attention = { id: 'a1', step: 'refund', reason: 'refused', since: AT };

describe('a person', () => {
  it.each<[string, Partial<Booking>, number, Forgettable]>([
    ['whose booking may still be paid', {}, SERVICE_MS, 'booking_under_way'],
    ['whose trip is being bought', { phase: 'confirming' }, SERVICE_MS, 'booking_under_way'],
    ['who travels in a month', { phase: 'confirmed' }, SERVICE_MS - 30 * DAY_MS, 'service_to_come'],
    ['who left a month ago less a moment', { phase: 'confirmed' }, SERVICE_MS + 30 * DAY_MS - 1, 'service_to_come'],
    ['who left a month ago', { phase: 'partially_refunded' }, SERVICE_MS + 30 * DAY_MS, 'now'],
    [
      'whose goods were sold a month ago',
      { phase: 'confirmed', serviceAt: null, confirmedAt: AT },
      Date.parse(AT) + 30 * DAY_MS,
      'now',
    ],
    [
      'whose goods were sold just now',
      { phase: 'confirmed', serviceAt: null, confirmedAt: AT },
      Date.parse(AT),
      'service_to_come',
    ],
    ['who cancelled', { phase: 'cancelled' }, 0, 'now'],
    ['who never paid', { phase: 'expired' }, 0, 'now'],
    ['who has everything back', { phase: 'refunded', refunds: [refund('succeeded')] }, 0, 'now'],
    ['whose money is on its way', { phase: 'cancelled', refunds: [refund('pending')] }, 0, 'refund_under_way'],
    ['whose money may be on its way', { phase: 'cancelled', refunds: [refund('unknown')] }, 0, 'refund_under_way'],
    ['somebody is called for', { phase: 'cancelled', attention }, 0, 'needs_attention'],
  ])('%s', (_, change, nowMs, forgettable) => {
    expect(forgettableAt(newBooking(change), nowMs)).toBe(forgettable);
  });
});
