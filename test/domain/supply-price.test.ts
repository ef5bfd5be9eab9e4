import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { money } from '../../domain/money.ts';
import { withinTolerance } from '../../domain/supply-price.ts';

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

  it('costs us at most the tolerance, exactly', () => {
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
