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
    [
      'from a flag that forbids, whatever the steps say',
      { cancellation_type: 'no_cancellation', cancellation_tiers: [{ hours_before: 24, fee_percent: 0 }] },
      [],
    ],
    [
      'without a step that gives nothing',
      {
        cancellation_tiers: [
          { hours_before: 24, fee_percent: 0 },
          { hours_before: 0, fee_percent: 100 },
        ],
      },
      DAY,
    ],
    [
      'as nothing, from steps that contradict themselves',
      {
        cancellation_tiers: [
          { hours_before: 24, fee_percent: 50 },
          { hours_before: 0, fee_percent: 0 },
        ],
      },
      [],
    ],
    [
      'as nothing, from broken steps beside words',
      {
        cancellation_tiers: [{ hours_before: 24, fee_percent: null }],
        cancellation_policy: 'Free cancellation until 24 hours before',
      },
      [],
    ],
    ['as nothing, from a flag without hours', { cancellation_type: 'free_cancellation' }, []],
    ['as nothing, from words nobody understands', { cancellation_policy: 'ask the operator' }, []],
    ['as nothing, from steps that are none', { cancellation_tiers: [{ hours_before: 'x' }] }, []],
    ['as nothing, where none are told', {}, []],
  ])('are read %s', (_, fields, policy) => {
    expect(termsIn(catalogue(fields), '701')).toMatchObject({ policy, timezone: 'Asia/Tokyo' });
  });

  it.each([null, '', ' ', false, true, {}, '0x0', '-0', '1e1', 'none', -1])(
    'are nothing, where a step has %j for a number',
    (broken) => {
      const steps = [
        { hours_before: 24, fee_percent: broken },
        { hours_before: broken, fee_percent: 0 },
      ];
      const policies = steps.map((step) => termsIn(catalogue({ cancellation_tiers: [step] }), '701')?.policy);
      expect(policies).toEqual([[], []]);
    },
  );

  it('are found in a bare answer as well, under either name of the list', () => {
    expect(termsIn({ packages: [{ package_id: '701' }] }, '701')).toEqual({ policy: [], words: [], timezone: null });
  });

  it.each([catalogue({ package_id: 702 }), {}, { activity: {} }])('are absent where the package is: %j', (answer) => {
    expect(termsIn(answer, '701')).toBeUndefined();
  });
});
