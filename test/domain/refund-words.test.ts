import { expect, it } from 'vitest';
import { refundReasonOf } from '../../domain/refund-words.ts';

it.each([
  ['staff', 'refund'],
  ['cancellation', 'cancelled'],
  ['compensation', 'the booking could not be fulfilled'],
  ['duplicate', 'paid twice'],
  ['late', 'paid after the booking had ended'],
] as const)('money that went back for %s reads "%s"', (cause, words) => {
  expect(refundReasonOf(cause)).toBe(words);
});
