import { describe, expect, it } from 'vitest';
import { termsIn } from '../../adapters/suppliers/klook-terms.ts';
import type { RefundPolicy } from '../../domain/refund-policy.ts';

const catalogue = (fields: Record<string, unknown>) => ({
  activity: { package_list: [{ broken: true }, { package_id: 701, timezone: 'Asia/Tokyo', ...fields }] },
});
const DAY: RefundPolicy = [{ hoursBefore: 24, percent: '100' }];

describe('Klook’s terms', () => {
  it.each<[string, Record<string, unknown>, RefundPolicy]>([
    [
      'from steps',
      { cancellation_tiers: [{ hours_before: 48, fee_percent: '12.5' }] },
      [{ hoursBefore: 48, percent: '87.5' }],
    ],
    ['from no steps', { cancellation_tiers: [], cancellation_type: 'free_cancellation' }, []],
    ['from words alone', { cancellation_policy: 'Free cancellation until 24 hours before the start' }, DAY],
    [
      'from words beside a flag',
      { cancellation_type: 'free_cancellation', cancellation_policy: 'Free cancellation up to 24 hours before' },
      DAY,
    ],
    [
      'from a flag that forbids, whatever the words say',
      { cancellation_type: 'non_refundable', cancellation_policy: 'Free cancellation until 24 hours before' },
      [],
    ],
    ['as nothing, from a flag without hours', { cancellation_type: 'free_cancellation' }, []],
    ['as nothing, from words nobody understands', { cancellation_policy: 'ask the operator' }, []],
    ['as nothing, from steps that are none', { cancellation_tiers: [{ hours_before: 'x' }] }, []],
    ['as nothing, where none are told', {}, []],
  ])('are read %s', (_, fields, policy) => {
    expect(termsIn(catalogue(fields), '701')).toMatchObject({ policy, timezone: 'Asia/Tokyo' });
  });

  it('are found in a bare answer as well, under either name of the list', () => {
    expect(termsIn({ packages: [{ package_id: '701' }] }, '701')).toEqual({ policy: [], words: [], timezone: null });
  });

  it.each([catalogue({ package_id: 702 }), {}, { activity: {} }])('are absent where the package is: %j', (answer) => {
    expect(termsIn(answer, '701')).toBeUndefined();
  });
});
