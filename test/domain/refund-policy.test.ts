import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instantOf } from '../../domain/local-time.ts';
import { chargeStep, money } from '../../domain/money.ts';
import { NON_REFUNDABLE, quoteCancellation, stepsOf } from '../../domain/refund-policy.ts';
import type { CancellationTerms, RefundPolicy } from '../../domain/refund-policy.ts';
import { ONE_SEED } from '../one-seed.ts';

// The worse tier stands first on purpose: order in the policy decides nothing.
const POLICY: RefundPolicy = [
  { hoursBefore: 24, percent: '50' },
  { hoursBefore: 72, percent: '100' },
];

const terms = (now: string, rest: Partial<CancellationTerms> = {}): CancellationTerms => ({
  policy: POLICY,
  captured: money(10_000, 'HKD'),
  alreadyReturned: money(0, 'HKD'),
  serviceAt: '2026-06-10T00:00:00.000Z',
  now,
  ...rest,
});

describe('a cancellation', () => {
  it.each([
    ['long before', '2026-05-01T00:00:00.000Z', 10_000],
    ['in the last second of the free time', '2026-06-07T00:00:00.000Z', 10_000],
    ['a millisecond later', '2026-06-07T00:00:00.001Z', 5_000],
    ['in the last second of the half', '2026-06-09T00:00:00.000Z', 5_000],
    ['a millisecond later than that', '2026-06-09T00:00:00.001Z', 0],
    ['after the service', '2026-06-11T00:00:00.000Z', 0],
  ])('%s gives back what the terms say', (_, now, refund) => {
    expect(quoteCancellation(terms(now))).toMatchObject({
      refund: money(refund, 'HKD'),
      keep: money(10_000 - refund, 'HKD'),
    });
  });

  it('of what is not refundable gives nothing, and says so', () => {
    const quote = quoteCancellation(terms('2026-05-01T00:00:00.000Z', { policy: NON_REFUNDABLE }));
    expect(quote).toEqual({ refund: money(0, 'HKD'), keep: money(10_000, 'HKD'), reason: 'not refundable' });
  });

  it.each([
    ['2026-06-07T00:00:00.000Z', 'Free cancellation until 72 hours before the start'],
    ['2026-06-08T00:00:00.000Z', '50 % comes back until 24 hours before the start'],
    ['2026-06-09T00:00:00.001Z', 'no longer refundable'],
  ])('at %s gives as its reason: %s', (now, reason) => {
    expect(quoteCancellation(terms(now)).reason).toBe(reason);
  });

  // 09:00 in Paris on the day its clocks go forward, or back: a day before is 24 hours before, not the same hour.
  it.each([
    ['2026-03-29 09:00:00', '2026-03-28T07:00:00.000Z'],
    ['2026-10-25 09:00:00', '2026-10-24T08:00:00.000Z'],
  ])('of a trip at %s in Paris is free until %s, whatever the clocks do', (local, deadline) => {
    const policy = [{ hoursBefore: 24, percent: '100' }];
    const at = (now: number) =>
      quoteCancellation(terms(new Date(now).toISOString(), { policy, serviceAt: instantOf(local, 'Europe/Paris') }))
        .refund.minor;
    expect([at(Date.parse(deadline)), at(Date.parse(deadline) + 1_000)]).toEqual([10_000, 0]);
  });

  it('without a time of service is at the best of the terms', () => {
    expect(quoteCancellation(terms('2026-06-11T00:00:00.000Z', { serviceAt: null })).refund.minor).toBe(10_000);
  });

  it.each([
    [2_000, 3_000],
    [5_000, 0],
    [9_000, 0],
    [10_000, 0],
    // More than all of it is gone, through a dispute: nothing is left, and nothing is asked back.
    [12_000, 0],
  ])('of a booking that got %d back already gives at most the rest of its share', (alreadyReturned, refund) => {
    const quote = quoteCancellation(
      terms('2026-06-08T00:00:00.000Z', { alreadyReturned: money(alreadyReturned, 'HKD') }),
    );
    expect(quote.refund.minor).toBe(refund);
    expect(quote.keep.minor).toBe(Math.max(0, 10_000 - alreadyReturned) - refund);
  });

  it('never gives more than is left, never less than nothing, and accounts for all of it', ONE_SEED, () => {
    const tier = fc.record({
      hoursBefore: fc.integer({ min: 0, max: 1_000 }),
      percent: fc.integer({ min: 0, max: 10_000 }).map((p) => (p / 100).toFixed(2)),
    });
    fc.assert(
      fc.property(
        fc.array(tier, { maxLength: 4 }),
        fc.constantFrom('HKD', 'JPY', 'KWD', 'ISK'),
        fc.integer({ min: 1, max: 99_999 }),
        fc.integer({ min: 0, max: 120 }),
        fc.integer({ min: -100, max: 1_000 }),
        (policy, currency, steps, returnedPercent, hours) => {
          const captured = money(steps * chargeStep(currency), currency);
          const alreadyReturned = money(Math.floor((captured.minor * returnedPercent) / 100), currency);
          const serviceAt = '2026-06-10T00:00:00.000Z';
          const now = new Date(Date.parse(serviceAt) - hours * 3_600_000).toISOString();
          const { refund, keep } = quoteCancellation({ policy, captured, alreadyReturned, serviceAt, now });
          const left = Math.max(0, captured.minor - alreadyReturned.minor);
          expect(refund.minor).toBeGreaterThanOrEqual(0);
          expect(keep.minor).toBeGreaterThanOrEqual(0);
          expect(refund.minor + keep.minor).toBe(left);
          expect(refund.minor % chargeStep(currency)).toBe(0);
        },
      ),
    );
  });
});

describe('steps as they were told', () => {
  const step = (hoursBefore: number, percent: string) => ({ hoursBefore, percent });

  it.each<[string, RefundPolicy, RefundPolicy | undefined]>([
    ['stand best first', POLICY, POLICY.toReversed()],
    ['lose one that gives nothing', [step(24, '100'), step(0, '0')], [step(24, '100')]],
    ['are none where all of them give nothing', [step(24, '0'), step(0, '0.00')], []],
    ['lose one that a later one covers', [step(48, '50.0'), step(24, '50')], [step(24, '50')]],
    ['contradict themselves where more comes back later', [step(48, '0'), step(24, '100')], undefined],
    ['contradict themselves where two hold at once', [step(24, '100'), step(24, '50')], undefined],
  ])('%s', (_, told, steps) => {
    expect(stepsOf(told)).toEqual(steps);
    expect(stepsOf(told.toReversed())).toEqual(steps);
  });
});
