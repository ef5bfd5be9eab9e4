import { describe, expect, it } from 'vitest';
import type { RefundPolicy } from '../../domain/refund-policy.ts';
import { readTerms, speaksOf, termsInWords } from '../../domain/refund-terms.ts';

const STEPS: RefundPolicy = [
  { hoursBefore: 24, percent: '50' },
  { hoursBefore: 72, percent: '100' },
];
const DAY: RefundPolicy = [{ hoursBefore: 24, percent: '100' }];

describe('terms in words', () => {
  it('tell every step, the best first, and what comes after', () => {
    expect(termsInWords(STEPS)).toEqual([
      'Free cancellation until 72 hours before the start.',
      '50 % comes back until 24 hours before the start.',
      'After that nothing comes back.',
    ]);
  });

  it('never sound as if something had once been refundable that never was', () => {
    expect(termsInWords([])).toEqual(['This booking is not refundable.']);
  });

  it.each([[STEPS], [DAY], [[]], [[{ hoursBefore: 1, percent: '12.5' }]], [[{ hoursBefore: 0.5, percent: '100' }]]])(
    'are understood again: %j',
    (policy) => {
      expect(speaksOf(termsInWords(policy).join(' '), { policy, words: [] })).toBe(true);
    },
  );
});

describe('somebody’s text', () => {
  it.each<[string, RefundPolicy | undefined]>([
    ['Free cancellation until 24 hours before the start; non-refundable after that', DAY],
    ['Free cancellation up to 1 day before the activity.', DAY],
    ['100% refund 24h before', DAY],
    ['Free cancellation until 72 hours before the start; 50% fee until 24 hours before the start', STEPS.toReversed()],
    [
      'Full refund until 3 days before; 12.5% charge until 24 hours before',
      [
        { hoursBefore: 72, percent: '100' },
        { hoursBefore: 24, percent: '87.5' },
      ],
    ],
    ['Non-refundable', []],
    ['No refunds', []],
    ['', undefined],
    ['Free cancellation', undefined],
    ['free, always', undefined],
    // Half understood is not understood.
    ['Free cancellation until 24 hours before the start; except on holidays', undefined],
    ['Free cancellation within 24 hours', undefined],
    ['900% refund until 2 hours before', undefined],
    ['Cancel for free up to 2 days prior to departure. No refunds thereafter', [{ hoursBefore: 48, percent: '100' }]],
    ['33.9% fee until 24 hours before the start', [{ hoursBefore: 24, percent: '66.1' }]],
    // What promises nothing of its own is no step.
    ['Free cancellation until 24 hours before the start; 100% fee until 2 hours before the start', DAY],
    ['Full refund until 48 hours before the start; full refund until 24 hours before the start', DAY],
    // What contradicts itself is not understood.
    ['Non-refundable. Free cancellation until 24 hours before the start', undefined],
    ['Full refund until 24 hours before the start; 50% fee until 48 hours before the start', undefined],
    ['Full refund until 24 hours before the start; 50% fee until 24 hours before the start', undefined],
    ['Free cancellation until 1.5 hours before the start', [{ hoursBefore: 1.5, percent: '100' }]],
  ])('%j reads as %j', (text, policy) => {
    expect(readTerms(text)).toEqual(policy);
  });

  it.each([
    'No free cancellation until 24 hours before the start',
    'Not eligible for a full refund 48 hours before departure',
    'Free cancellation is not possible up to 24 hours before the start',
    'Cancellation is never free of charge, even 72 hours before',
    'Free cancellation for 24 hours from the time of purchase',
    'Full refund minus a 10% fee up to 24 hours before the start',
    'Full refund only for medical reasons with 24 hours notice',
    'Full refund as voucher credit up to 24 hours before',
    'Full refund until 24 hours before the start, for members',
    'Free cancellation until 24 hours before the start if we cancel',
    'You may cancel free of charge if we cancel 2 hours before the start',
    'Non-refundable for groups; free cancellation until 24 hours before the start',
    'Not a 10% fee until 24 hours before the start',
  ])('%j promises nothing', (text) => {
    expect(readTerms(text)).toBeUndefined();
  });

  it.each([
    ['FREE cancellation, until 24 hours before the start', true],
    ['free_cancellation', true],
    ['Full refund until 1 day before the start', true],
    ['Free cancellation until 12 hours before the start', false],
    ['Non-refundable', false],
    ['free, always', false],
  ])('%j speaks of a day’s free cancellation: %s', (text, same) => {
    const words = ['Free cancellation until 24 hours before the start', 'free_cancellation'];
    expect(speaksOf(text, { policy: DAY, words })).toBe(same);
  });
});
