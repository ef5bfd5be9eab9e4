import { describe, expect, it } from 'vitest';
import { createIntentExample, CreateIntent, orderOf } from '../../api/storefronts/trektoo/requests.ts';
import { newBookingId, newBookingNumber, newRequestId } from '../../api/desk/identifiers.ts';

const NOW = new Date('2027-01-10T00:00:00Z');
const understood = (change: object) => orderOf(CreateIntent.parse({ ...createIntentExample(NOW), ...change }));

describe('a request to book', () => {
  it('reads ids and amounts written as numbers like those written as text', () => {
    const asText = understood({ amount: '93.50', items: [{ sku_id: '3001', count: 2, price: '42.50' }] });
    const asNumbers = understood({ amount: 93.5, items: [{ sku_id: 3001, count: 2, price: 42.5 }] });
    expect(asNumbers).toEqual(asText);
    expect(asText).toMatchObject({ amount: '93.5', items: [{ skuId: '3001', price: '42.5' }] });
  });

  it('keeps extra information per unit, and takes a flat list for one unit', () => {
    const info = { key: 'passport', content: 'X1' };
    const kept = { key: 'passport', content: 'X1', selected: null, inputType: 'text' };
    expect(understood({ unit_extra_info: [info] }).travellers.unitExtra).toEqual([[kept]]);
    expect(understood({ unit_extra_info: [[info], [info]] }).travellers.unitExtra).toEqual([[kept], [kept]]);
    expect(understood({}).travellers.unitExtra).toEqual([]);
  });

  it.each([
    [undefined, null],
    [null, null],
    ['  ', null],
    [' Free until noon ', 'Free until noon'],
  ])('that names %j as its cancellation policy names %j', (cancellation_policy, named) => {
    const { activity } = createIntentExample(NOW);
    const { cancellationPolicy } = understood({ activity: { ...activity, cancellation_policy } });
    expect(cancellationPolicy).toBe(named);
  });

  it('has an example whose start lies ahead', () => {
    expect(createIntentExample(NOW).schedule.start_time).toBe('2027-02-09 19:00:00');
  });
});

describe('our names', () => {
  it('are not guessed or made twice, and read well', () => {
    const numbers = Array.from({ length: 1_000 }, newBookingNumber);
    expect(new Set(numbers).size).toBe(1_000);
    expect(numbers.every((number) => /^HF-[0-9A-HJKMNP-TV-Z]{8}$/.test(number))).toBe(true);
    const ids = Array.from({ length: 1_000 }, () => newBookingId(NOW));
    expect(new Set(ids).size).toBe(1_000);
    expect(ids.every((id) => /^bk_[0-9a-z]{24}$/.test(id))).toBe(true);
  });

  it('of requests come out the same under the same key', () => {
    expect(newRequestId('rf', 'key')).toBe(newRequestId('rf', 'key'));
    expect(newRequestId('rf', 'key')).not.toBe(newRequestId('rf', 'other'));
    expect(newRequestId('rf', undefined)).not.toBe(newRequestId('rf', undefined));
  });
});
