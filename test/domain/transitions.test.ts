import { describe, expect, it } from 'vitest';
import { BOOKING_STATUSES, PHASES, STOREFRONTS, statusOf } from '../../domain/booking.ts';
import type { Phase } from '../../domain/booking.ts';
import { mayMove, reopens } from '../../domain/transitions.ts';

const DECLARED: Readonly<Record<Phase, readonly Phase[]>> = {
  awaiting_payment: ['processing', 'confirming', 'expired', 'cancelled', 'failed'],
  processing: ['awaiting_payment', 'confirming', 'expired', 'cancelled', 'failed'],
  confirming: ['confirmed', 'partially_refunded', 'refunded', 'cancelled', 'failed'],
  confirmed: ['partially_refunded', 'refunded', 'cancelled'],
  partially_refunded: ['confirmed', 'refunded', 'cancelled'],
  expired: ['confirming', 'refunded', 'cancelled'],
  failed: ['refunded'],
  cancelled: [],
  refunded: [],
};

describe('the public states', () => {
  it('are these ten words, in the database, the API and the console alike', () => {
    expect([...BOOKING_STATUSES].toSorted()).toEqual([
      'awaiting_payment',
      'cancelled',
      'confirmed',
      'confirming',
      'expired',
      'failed',
      'needs_attention',
      'partially_refunded',
      'processing',
      'refunded',
    ]);
  });

  it.each(PHASES)('needs attention hides %s but does not replace it', (phase) => {
    const attention = { id: 'a', step: 's', reason: 'r', since: '2026-01-01T00:00:00.000Z' };
    expect(statusOf({ phase, attention })).toBe('needs_attention');
    expect(statusOf({ phase, attention: null })).toBe(phase);
  });
});

describe('a booking may move', () => {
  const pairs = PHASES.flatMap((from) => PHASES.map((to) => [from, to] as const));

  it.each(pairs)('from %s to %s only as declared', (from, to) => {
    const declared = from === to || DECLARED[from].includes(to);
    expect(mayMove('trektoo', from, to)).toBe(declared);
  });

  it.each(STOREFRONTS)('back to awaiting payment on %s only where a new attempt is sold', (storefront) => {
    const again = storefront === 'travello' || storefront === 'cart';
    expect(reopens(storefront)).toBe(again);
    const back = PHASES.filter((from) => mayMove(storefront, from, 'awaiting_payment'));
    const always = ['awaiting_payment', 'processing'];
    expect(back.toSorted()).toEqual((again ? [...always, 'expired', 'refunded'] : always).toSorted());
  });

  it.each(STOREFRONTS)('from refunded to cancelled on %s only where it could be sold anew', (storefront) => {
    expect(mayMove(storefront, 'refunded', 'cancelled')).toBe(reopens(storefront));
  });

  it('nowhere from cancelled: whatever comes later, the customer was told', () => {
    for (const storefront of STOREFRONTS)
      expect(PHASES.filter((to) => mayMove(storefront, 'cancelled', to))).toEqual(['cancelled']);
  });
});
