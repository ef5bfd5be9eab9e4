import { describe, expect, it } from 'vitest';
import { money } from '../../domain/money.ts';
import { straySuccesses } from '../../domain/payment-facts.ts';
import { after, facts } from './sample-booking.ts';

describe('money that nobody had asked for', () => {
  it.each([money(10_001, 'HKD'), money(10_000, 'USD')])(
    'of %o is on record as it was taken, and pays for nothing',
    (taken) => {
      const booking = after([facts.opened(), facts.captured(1, taken)]);
      expect(booking.payments).toMatchObject([
        { status: 'succeeded', amount: taken, capturedMinor: taken.minor, mispaid: true },
      ]);
      expect(booking.phase).toBe('awaiting_payment');
      expect(straySuccesses(booking)).toHaveLength(1);
    },
  );

  it('is less than was asked: the booking is paid in part, for its workflow to judge', () => {
    const booking = after([facts.opened(), facts.captured(1, money(9_000, 'HKD'))]);
    expect(booking).toMatchObject({ phase: 'confirming', payments: [{ mispaid: false, capturedMinor: 9_000 }] });
  });
});
