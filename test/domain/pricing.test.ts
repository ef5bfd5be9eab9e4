import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMajor, money } from '../../domain/money.ts';
import { chargeOf, markupWithin, netOf, plainDecimal, readCharge, sameMarkup } from '../../domain/pricing.ts';
import type { Markup } from '../../domain/pricing.ts';
import { ONE_SEED } from '../one-seed.ts';

const percent = (value: string): Markup => ({ type: 'percent', value });
const fixed = (value: string): Markup => ({ type: 'fixed', value });

describe('the net price', () => {
  it('is the sum over all lines', () => {
    const lines = [
      { count: 2, unitNet: money(10_050, 'HKD') },
      { count: 3, unitNet: money(1_999, 'HKD') },
    ];
    expect(netOf(lines)).toEqual(money(26_097, 'HKD'));
  });

  it('of nothing does not exist, nor of two currencies', () => {
    expect(() => netOf([])).toThrow(RangeError);
    expect(() =>
      netOf([
        { count: 1, unitNet: money(1, 'HKD') },
        { count: 1, unitNet: money(1, 'USD') },
      ]),
    ).toThrow(RangeError);
  });
});

describe('the charge', () => {
  it.each([
    [20_000, 'HKD', percent('10'), null, 'HKD', '220.00'],
    [20_000, 'HKD', percent('0'), null, 'HKD', '200.00'],
    [20_000, 'HKD', fixed('15.50'), null, 'HKD', '215.50'],
    // 333.33 × 1.125 = 374.99625
    [33_333, 'HKD', percent('12.5'), null, 'HKD', '375.00'],
    // Exactly a half goes up: 0.05 × 1.1 = 0.055
    [5, 'HKD', percent('10'), null, 'HKD', '0.06'],
    [1_005, 'JPY', percent('10'), null, 'JPY', '1106'],
    [10_001, 'KWD', percent('10'), null, 'KWD', '11.000'],
    [10_050, 'ISK', percent('10'), null, 'ISK', '111.00'],
    [20_000, 'HKD', percent('10'), '0.1281', 'USD', '28.18'],
    [20_000, 'HKD', fixed('20'), '0.1281', 'USD', '28.18'],
    [20_000, 'HKD', percent('10'), '19.25', 'JPY', '4235'],
    [1_000, 'JPY', percent('10'), '0.0000065', 'KWD', '0.010'],
  ] as const)('of net %i %s and %o at %s is %s %s', (minor, from, markup, fxRate, currency, expected) => {
    expect(formatMajor(chargeOf({ net: money(minor, from), markup, fxRate, currency }))).toBe(expected);
  });

  it('is rounded once, on the total: 1.35 HKD × 1.10 × 0.1281 is not the rounded 1.49 × 0.1281', () => {
    // 1.35 × 1.1 = 1.485; × 10.1 = 14.9985 → 15.00. Rounded twice: 1.49 × 10.1 = 15.049 → 15.05.
    expect(chargeOf({ net: money(135, 'HKD'), markup: percent('10'), fxRate: '10.1', currency: 'USD' })).toEqual(
      money(1_500, 'USD'),
    );
  });

  it('in another currency needs a rate', () => {
    expect(() => chargeOf({ net: money(100, 'HKD'), markup: percent('10'), fxRate: null, currency: 'USD' })).toThrow(
      RangeError,
    );
  });

  it('never is less than the net price, and off by at most half a unit from the exact one', ONE_SEED, () => {
    const cents = fc.integer({ min: 1, max: 99_999_999 });
    const basisPoints = fc.integer({ min: 0, max: 10_000 });
    fc.assert(
      fc.property(cents, basisPoints, (minor, points) => {
        const value = (points / 100).toFixed(2);
        const charge = chargeOf({ net: money(minor, 'HKD'), markup: percent(value), fxRate: null, currency: 'HKD' });
        const exactTimes10000 = BigInt(minor) * BigInt(10_000 + points);
        const off = BigInt(charge.minor) * 10_000n - exactTimes10000;
        expect(charge.minor).toBeGreaterThanOrEqual(minor);
        expect(off > -5_000n && off <= 5_000n).toBe(true);
      }),
    );
  });
});

describe('a markup', () => {
  it('is the same however its number is written, and another when its kind differs', () => {
    expect(sameMarkup(percent('10'), percent('10.00'))).toBe(true);
    expect(sameMarkup(percent('10'), percent('10.01'))).toBe(false);
    expect(sameMarkup(percent('10'), fixed('10'))).toBe(false);
  });

  it.each([
    [percent('0'), true],
    [percent('100'), true],
    [percent('100.01'), false],
    [fixed('200.00'), true],
    [fixed('200.01'), false],
  ])('%o lies between 0 and 100 percent of net 200.00: %s', (markup, expected) => {
    expect(markupWithin(markup, money(20_000, 'HKD'), { min: '0', max: '100' })).toBe(expected);
  });

  it('under the least percentage is out of range, fixed ones too', () => {
    const bounds = { min: '5', max: '50' };
    expect(markupWithin(percent('4.99'), money(20_000, 'HKD'), bounds)).toBe(false);
    expect(markupWithin(fixed('9.99'), money(20_000, 'HKD'), bounds)).toBe(false);
    expect(markupWithin(fixed('10'), money(20_000, 'HKD'), bounds)).toBe(true);
  });
});

describe('an amount a client names', () => {
  it.each([
    ['220.00', 'HKD', money(22_000, 'HKD')],
    ['220', 'HKD', money(22_000, 'HKD')],
    ['4.00', 'HKD', money(400, 'HKD')],
    ['999999.99', 'HKD', money(99_999_999, 'HKD')],
    ['0', 'HKD', 'not_positive'],
    ['0.00', 'HKD', 'not_positive'],
    ['-1', 'HKD', 'not_positive'],
    ['1.005', 'HKD', 'too_many_decimals'],
    ['10.5', 'JPY', 'too_many_decimals'],
    ['1.234', 'KWD', 'too_many_decimals'],
    ['12.50', 'ISK', 'too_many_decimals'],
    ['1000000.00', 'HKD', 'too_large'],
    ['3.99', 'HKD', 'under_minimum'],
    ['1e3', 'HKD', 'not_an_amount'],
    ['NaN', 'HKD', 'not_an_amount'],
    ['', 'HKD', 'not_an_amount'],
    ['1,000', 'HKD', 'not_an_amount'],
    ['99999999999999999999', 'HKD', 'not_an_amount'],
  ])('%j %s reads %o', (text, currency, expected) => {
    expect(readCharge(text, currency, currency === 'HKD' ? 400 : 0)).toEqual(expected);
  });

  it('has one spelling', () => {
    expect(['110.50', '110.5', '110.500'].map(plainDecimal)).toEqual(['110.5', '110.5', '110.5']);
    expect(['100', '100.0', '0.10'].map(plainDecimal)).toEqual(['100', '100', '0.1']);
  });
});
