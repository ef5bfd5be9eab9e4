import { describe, expect, it } from 'vitest';
import { money } from '../../domain/money.ts';
import { judgeRefund } from '../../domain/refund-verdict.ts';
import { after, facts, newBooking } from './sample-booking.ts';

const PKR = money(2_000_000, 'PKR');
const USD = money(7_200, 'USD');
const staff = { refundId: 'rf_9', cause: 'staff', reason: 'asked', actor: 'staff-1' } as const;

/** Rupees at first, all given back by staff; then dollars. */
const anew = after(
  [
    facts.opened(1, PKR),
    facts.captured(1, PKR),
    facts.confirmed(1),
    facts.refundAsked(1, PKR.minor, { amount: PKR }),
    facts.refundSucceeded(1),
    facts.opened(2, USD),
    facts.captured(2, USD),
    facts.confirmed(2),
  ],
  newBooking({ storefront: 'travello', kind: 'service', charge: PKR }),
);

describe('what one person may give back', () => {
  it.each([
    [5_000, false],
    [5_001, true],
  ])('is counted in one currency, whatever went back in another before: %d of 5000', (amountMinor, needsApproval) => {
    const verdict = judgeRefund(anew, { ...staff, amountMinor, approvalLimitMinor: 5_000 });
    expect(verdict).toMatchObject({ kind: 'reserve', event: { needsApproval, amount: money(amountMinor, 'USD') } });
  });

  it('is nothing in a currency that the limit does not speak of', () => {
    const stray = after([facts.opened(3, USD), facts.closed(3), facts.opened(4, PKR), facts.captured(3, USD)], {
      ...newBooking({ storefront: 'travello', kind: 'service', charge: PKR }),
    });
    const verdict = judgeRefund(stray, { ...staff, amountMinor: null, approvalLimitMinor: 1_000_000 });
    expect(verdict).toMatchObject({ kind: 'reserve', event: { needsApproval: true, amount: USD } });
  });
});
