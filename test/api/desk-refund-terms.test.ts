import { expect, it } from 'vitest';
import type { ActivityOrder } from '../../api/desk/activity-order.ts';
import { agreedTerms } from '../../api/desk/refund-terms.ts';
import type { RefundPolicy } from '../../domain/refund-policy.ts';
import { createKlook } from '../../adapters/suppliers/klook.ts';

const FREE: RefundPolicy = [{ hoursBefore: 24, percent: '100' }];
const UNTIL_START: RefundPolicy = [{ hoursBefore: 0, percent: '100' }];

const agreed = (policy: RefundPolicy, timezone: string | null) => {
  const never = createKlook({ apiKey: 'key-1', apiBase: 'http://127.0.0.1:1' });
  const klook = { ...never, terms: async () => ({ policy, words: [], timezone }) };
  const order: Parameters<typeof agreedTerms>[1] = {
    activityId: '1001',
    packageId: '2001',
    timezone: 'Pacific/Pago_Pago',
    cancellationPolicy: null,
  } satisfies Partial<ActivityOrder>;
  return agreedTerms({ suppliers: { klook } }, order);
};

it('runs by the clock the supplier names', async () => {
  expect(await agreed(FREE, 'Asia/Tokyo')).toEqual({ refundPolicy: FREE, timezone: 'Asia/Tokyo' });
});

it.each([null, '', 'GMT+8', 'Hong Kong'])('promises nothing by the customer’s own clock: %j', async (told) => {
  for (const policy of [FREE, UNTIL_START])
    expect(await agreed(policy, told)).toEqual({ refundPolicy: [], timezone: 'Pacific/Pago_Pago' });
});
