import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { money } from '../../domain/money.ts';
import { endingOf, withinTolerance } from '../../domain/supply-price.ts';
import { ONE_SEED } from '../one-seed.ts';

const hkd = (minor: number) => money(minor, 'HKD');

describe('a price that moved', () => {
  it.each([
    [10_000, 10_000, '0', true],
    [10_000, 10_001, '0', false],
    [10_000, 10_200, '2', true],
    [10_000, 10_201, '2', false],
    [10_000, 1, '0', true],
    // Two per cent of 0.25 is half a cent: it may not be rounded into a whole one.
    [25, 26, '2', false],
    [33, 33, '1.5', true],
  ])('from %d to %d with %s percent to bear: %s', (accepted, offered, percent, bearable) => {
    expect(withinTolerance({ accepted: hkd(accepted), offered: hkd(offered), percent })).toBe(bearable);
  });

  it('is never bearable in another currency', () => {
    expect(withinTolerance({ accepted: hkd(100), offered: money(1, 'USD'), percent: '50' })).toBe(false);
  });

  it('costs us at most the tolerance, exactly', ONE_SEED, () => {
    const near = fc.tuple(
      fc.integer({ min: 1, max: 99_999_999 }),
      fc.integer({ min: 0, max: 2_000 }),
      fc.integer({ min: -2, max: 2 }),
    );
    fc.assert(
      fc.property(near, ([accepted, basis, off]) => {
        const offered = Math.max(0, Math.round((accepted * (10_000 + basis)) / 10_000) + off);
        const exact = BigInt(offered) * 10_000n <= BigInt(accepted) * BigInt(10_000 + basis);
        expect(
          withinTolerance({ accepted: hkd(accepted), offered: hkd(offered), percent: (basis / 100).toFixed(2) }),
        ).toBe(exact);
      }),
    );
  });
});

describe('an order that is over', () => {
  const approved = (returned: number, penalty = 0) =>
    ({ kind: 'approved', returned: hkd(returned), penalty: hkd(penalty) }) as const;

  it.each([
    ['it says nothing', null, 10_000, 0],
    ['there was no cancellation', { kind: 'none' } as const, 10_000, 0],
    ['it refused to cancel, then ended it itself', { kind: 'refused', message: 'no' } as const, 10_000, 0],
    ['it keeps nothing', approved(10_000), 10_000, 0],
    ['it keeps a fee', approved(8_500, 1_500), 8_500, 1_500],
    ['it keeps all of it', approved(0, 10_000), 0, 10_000],
    ['it names what returns and no fee', approved(8_500), 8_500, 1_500],
    ['it names more than was paid', approved(12_000), 10_000, 0],
  ])('gives back what its supplier says, when %s', (_, cancellation, returned, penalty) => {
    expect(endingOf(hkd(10_000), cancellation)).toEqual({ returned: hkd(returned), penalty: hkd(penalty) });
  });

  it('gives nothing back of what was never paid', () => {
    expect(endingOf(hkd(0), { kind: 'approved', returned: money(5, 'USD'), penalty: money(0, 'USD') })).toEqual({
      returned: hkd(0),
      penalty: hkd(0),
    });
  });

  it('is never reckoned in two currencies', () => {
    const cancellation = { kind: 'approved', returned: money(5, 'USD'), penalty: money(0, 'USD') } as const;
    expect(() => endingOf(hkd(10_000), cancellation)).toThrow('HKD was paid');
  });
});
