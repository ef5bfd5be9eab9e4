// From dice, whole lives of bookings: what customer, gateway, supplier and staff could plausibly make of them.
import fc from 'fast-check';
import { STOREFRONTS } from '../../domain/booking.ts';
import type { Booking } from '../../domain/booking.ts';
import { chargeStep, money } from '../../domain/money.ts';
import { beginning, record } from './life.ts';
import type { Life } from './life.ts';
import { excessShown } from './life-disputes.ts';
import { onward, plausible, settling } from './life-moves.ts';
import { newBooking } from './sample-booking.ts';

export interface Plan {
  readonly start: Booking;
  readonly netCurrency: string;
  readonly dice: readonly number[];
}

/** Plays the dice, then brings what is under way to its end. */
export function lived({ start, netCurrency, dice }: Plan, { toRest }: { toRest: boolean }): Life {
  const life = beginning(start);
  for (const die of dice) {
    const roll = { netCurrency, amount: Math.floor(die / 256) };
    const ahead = die % 4 < 2 ? onward(life, roll) : [];
    const moves = ahead.length > 0 ? ahead : plausible(life, roll);
    const move = moves[Math.floor(die / 4) % moves.length];
    if (move) record(life, move());
  }
  if (!toRest) return life;
  for (let left = 100; left > 0; left -= 1) {
    const next = settling(life)[0] ?? excessShown(life);
    if (!next) return life;
    record(life, next());
  }
  throw new Error('the booking never came to rest');
}

const CHARGES = ['HKD', 'USD', 'JPY', 'KWD', 'ISK'] as const;

export const plans: fc.Arbitrary<Plan> = fc
  .record({
    storefront: fc.oneof(
      { weight: 3, arbitrary: fc.constant('trektoo' as const) },
      { weight: 1, arbitrary: fc.constantFrom(...STOREFRONTS) },
    ),
    currency: fc.constantFrom(...CHARGES),
    netCurrency: fc.constantFrom(...CHARGES),
    steps: fc.integer({ min: 1, max: 300_000 }),
    rate: fc.integer({ min: 1, max: 9_999_999 }),
    dice: fc.array(fc.nat({ max: 256 * 10_000 }), { maxLength: 45, size: 'max' }),
  })
  .map(({ storefront, currency, netCurrency, steps, rate, dice }) => ({
    start: newBooking({
      storefront,
      charge: money(steps * chargeStep(currency), currency),
      fxRate: currency === netCurrency ? null : (rate / 10_000).toFixed(4),
    }),
    netCurrency,
    dice,
  }));
