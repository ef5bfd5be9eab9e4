import { describe, expect, it } from 'vitest';
import { PHASES } from '../../domain/booking.ts';
import type { Booking, Phase } from '../../domain/booking.ts';
import { mayBePaid } from '../../domain/payable.ts';
import { after, facts, newBooking } from './sample-booking.ts';

const DAY_MS = 86_400_000;
const BEGINS = '2026-09-01T09:00:00.000Z';
const stay = (phase: Phase, change: Partial<Booking> = {}): Booking =>
  newBooking({ storefront: 'travello', phase, serviceAt: BEGINS, ...change });
const overdueMs = Date.parse(stay('expired').expiresAt);

describe('money for a booking is', () => {
  it.each(PHASES)('still to come while it is %s only where it is awaited or sold anew', (phase) => {
    const wanted = ['awaiting_payment', 'processing', 'expired', 'refunded'].includes(phase);
    expect(mayBePaid(stay(phase), overdueMs)).toBe(wanted);
  });

  it('never to come anew where nothing is sold twice', () => {
    expect(mayBePaid({ ...stay('expired'), storefront: 'airport' }, overdueMs)).toBe(false);
  });

  it('no longer to come once the booking was let go of, a week after its time to pay', () => {
    const expired = stay('expired');
    expect(mayBePaid(expired, overdueMs + 7 * DAY_MS - 1)).toBe(true);
    expect(mayBePaid(expired, overdueMs + 7 * DAY_MS)).toBe(false);
  });

  it('no longer to come once the stay has begun', () => {
    const { payments } = after([facts.opened(), facts.captured()]);
    const refunded = stay('refunded', { payments });
    expect(mayBePaid(refunded, Date.parse(BEGINS) - 1)).toBe(true);
    expect(mayBePaid(refunded, Date.parse(BEGINS))).toBe(false);
    expect(mayBePaid(stay('expired', { expiresAt: BEGINS }), Date.parse(BEGINS))).toBe(false);
  });

  it('to come where it is awaited, however late', () => {
    expect(mayBePaid(stay('processing'), overdueMs + 700 * DAY_MS)).toBe(true);
  });
});
