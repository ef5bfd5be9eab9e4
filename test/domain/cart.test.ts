import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addItem,
  addVoucher,
  MAX_QUANTITY,
  removeVoucher,
  setQuantity,
  snapshotOf,
  totalOf,
} from '../../domain/cart.ts';
import type { CartCondition, CartContents, CartDecision, ConditionKind } from '../../domain/cart.ts';
import { MAX_MINOR, money } from '../../domain/money.ts';
import { ONE_SEED } from '../one-seed.ts';

const sen = (minor: number) => money(minor, 'MYR');
const fixed = (name: string, kind: ConditionKind, minor: number): CartCondition => ({
  name,
  kind,
  rate: { kind: 'fixed', amount: sen(minor) },
});
const percent = (name: string, kind: ConditionKind, text: string): CartCondition => ({
  name,
  kind,
  rate: { kind: 'percent', percent: text },
});

const TOTE = { id: 'batik-tote', name: 'Batik tote bag', price: sen(4_500) };
const COFFEE = { id: 'kopi-blend', name: 'Coffee', price: sen(3_350) };
const STANDING = [fixed('Shipping', 'shipping', 1_000), percent('Sales tax', 'tax', '5'), fixed('Packing', 'fee', 140)];
const EMPTY: CartContents = { currency: 'MYR', items: [], conditions: STANDING };
const TEN_OFF = percent('WELCOME10', 'voucher', '10');

function after(start: CartContents, ...steps: readonly ((contents: CartContents) => CartDecision)[]): CartContents {
  return steps.reduce((contents, step) => {
    const decision = step(contents);
    if (decision.kind === 'refused') throw new Error(decision.reason);
    return decision.contents;
  }, start);
}
const put = (product: typeof TOTE, quantity: number) => (contents: CartContents) =>
  addItem(contents, { product, quantity, itemId: `ci_${product.id}` });
const use = (voucher: CartCondition) => (contents: CartContents) => addVoucher(contents, voucher);

const SEEDED = after(EMPTY, put(TOTE, 1), put(COFFEE, 2));

describe('what a cart comes to', () => {
  it('is 12900 for the seed’s 11200: shipping, tax and fees add and save nothing', () => {
    expect(snapshotOf(SEEDED)).toEqual({
      items: [
        {
          id: 'ci_batik-tote',
          product_id: 'batik-tote',
          name: 'Batik tote bag',
          quantity: 1,
          price: 4_500,
          subtotal: 4_500,
        },
        { id: 'ci_kopi-blend', product_id: 'kopi-blend', name: 'Coffee', quantity: 2, price: 3_350, subtotal: 6_700 },
      ],
      conditions: [
        { name: 'Shipping', type: 'shipping', value: '+1000', amount: 1_000 },
        { name: 'Sales tax', type: 'tax', value: '+5%', amount: 560 },
        { name: 'Packing', type: 'fee', value: '+140', amount: 140 },
      ],
      totals: { subtotal: 11_200, total: 12_900, savings: 0 },
    });
  });

  it('is less by a voucher, and the tax on what is left is less too', () => {
    const { conditions, totals } = snapshotOf(after(SEEDED, use(TEN_OFF)));
    expect(conditions[0]).toEqual({ name: 'WELCOME10', type: 'voucher', value: '-10%', amount: -1_120 });
    // 10080 + 1000 + 504 + 140
    expect(totals).toEqual({ subtotal: 11_200, total: 11_724, savings: 1_120 });
  });

  it('takes percentages off before sums, whichever came first', () => {
    const sum = fixed('RM15OFF', 'voucher', 1_500);
    const one = snapshotOf(after(SEEDED, use(sum), use(TEN_OFF)));
    expect(one).toEqual(snapshotOf(after(SEEDED, use(TEN_OFF), use(sum))));
    expect(one.conditions.slice(0, 2).map(({ value, amount }) => [value, amount])).toEqual([
      ['-10%', -1_120],
      ['-1500', -1_500],
    ]);
    expect(one.totals).toEqual({ subtotal: 11_200, savings: 2_620, total: 8_580 + 1_000 + 429 + 140 });
  });

  it('never gives more than the goods cost, and says what a voucher really took off', () => {
    const { conditions, totals } = snapshotOf(after(SEEDED, use(fixed('BIG', 'voucher', 99_999))));
    expect(conditions[0]).toMatchObject({ value: '-99999', amount: -11_200 });
    expect(totals).toEqual({ subtotal: 11_200, savings: 11_200, total: 1_140 });
  });

  it.each([
    // Half a sen counts as one.
    ['10', 5, 1],
    ['10', 4, 0],
    ['12.5', 4, 1],
    ['33.333', 1_000, 333],
    ['0.5', 99, 0],
    ['0.5', 100, 1],
  ])('%s%% of %i sen is %i', (text, price, off) => {
    const cart = after({ ...EMPTY, conditions: [] }, put({ ...TOTE, price: sen(price) }, 1));
    expect(snapshotOf(after(cart, use(percent('CODE', 'voucher', text)))).totals.savings).toBe(off);
  });

  it('is nothing while the cart is empty, whatever is on it', () => {
    const { conditions, totals } = snapshotOf(after(EMPTY, use(TEN_OFF)));
    expect(totals).toEqual({ subtotal: 0, total: 0, savings: 0 });
    expect(conditions.map(({ amount }) => amount)).toEqual([0, 0, 0, 0]);
  });
});

describe('changing a cart', () => {
  it('keeps one line per product, at the price of today', () => {
    const dearer = { ...TOTE, name: 'Batik tote', price: sen(5_000) };
    const { items } = after(SEEDED, put(dearer, 2));
    expect(items.map(({ productId, name, quantity, price }) => [productId, name, quantity, price.minor])).toEqual([
      ['batik-tote', 'Batik tote', 3, 5_000],
      ['kopi-blend', 'Coffee', 2, 3_350],
    ]);
  });

  it('takes a line out when none of it is wanted', () => {
    const { items } = after(SEEDED, (contents) => setQuantity(contents, 'ci_batik-tote', 0));
    expect(items.map(({ id }) => id)).toEqual(['ci_kopi-blend']);
  });

  it('takes a voucher off again and leaves the rest as it was', () => {
    const without = after(SEEDED, use(TEN_OFF), (contents) => removeVoucher(contents, 'WELCOME10'));
    expect(snapshotOf(without)).toEqual(snapshotOf(SEEDED));
  });

  it.each<[string, CartDecision]>([
    ['quantity_too_large', put(TOTE, MAX_QUANTITY)(SEEDED)],
    ['quantity_too_large', setQuantity(SEEDED, 'ci_batik-tote', MAX_QUANTITY + 1)],
    ['total_too_large', put({ ...TOTE, id: 'dear', price: sen(MAX_MINOR) }, 1)(SEEDED)],
    ['item_not_found', setQuantity(SEEDED, 'ci_other', 1)],
    ['code_already_applied', use(TEN_OFF)(after(SEEDED, use(TEN_OFF)))],
    ['condition_not_found', removeVoucher(SEEDED, 'WELCOME10')],
    ['condition_required', removeVoucher(SEEDED, 'Shipping')],
  ])('is refused: %s', (reason, decision) => {
    expect(decision).toEqual({ kind: 'refused', reason });
  });
});

const anyRate = fc.oneof(
  fc.integer({ min: 0, max: 100_000 }).map((minor) => ({ kind: 'fixed', amount: sen(minor) }) as const),
  fc.integer({ min: 0, max: 10_000 }).map((h) => ({ kind: 'percent', percent: (h / 100).toFixed(2) }) as const),
);
const anyCondition = fc
  .record({
    name: fc.stringMatching(/^[A-Z]{1,4}$/),
    kind: fc.constantFrom<ConditionKind>('voucher', 'shipping', 'tax', 'fee'),
    rate: anyRate,
  })
  .map((condition): CartCondition => condition);
const anyItem = fc.record({
  productId: fc.stringMatching(/^[a-z]{1,4}$/),
  price: fc.integer({ min: 0, max: 20_000 }).map(sen),
  quantity: fc.integer({ min: 1, max: 20 }),
});
const anyCart = fc.record({
  items: fc.uniqueArray(anyItem, { maxLength: 6, selector: ({ productId }) => productId }),
  conditions: fc.uniqueArray(anyCondition, { maxLength: 6, selector: ({ name }) => name }),
});
type AnyCart = typeof anyCart extends fc.Arbitrary<infer T> ? T : never;

const contentsOf = ({ items, conditions }: AnyCart): CartContents => ({
  currency: 'MYR',
  items: items.map((item) => ({ ...item, id: `ci_${item.productId}`, name: item.productId })),
  conditions,
});

describe('for any cart', () => {
  it('the order in which things were added makes no difference', ONE_SEED, () => {
    const twice = anyCart.chain((cart) =>
      fc.record({
        cart: fc.constant(cart),
        items: fc.shuffledSubarray(cart.items, { minLength: cart.items.length }),
        conditions: fc.shuffledSubarray(cart.conditions, { minLength: cart.conditions.length }),
      }),
    );
    fc.assert(
      fc.property(twice, ({ cart, items, conditions }) => {
        const one = snapshotOf(contentsOf(cart));
        const other = snapshotOf(contentsOf({ items, conditions }));
        expect(other.totals).toEqual(one.totals);
        expect(other.conditions).toEqual(one.conditions);
      }),
    );
  });

  it('the lines, the conditions and the total add up, and nobody is paid for buying', ONE_SEED, () => {
    fc.assert(
      fc.property(anyCart, (cart) => {
        const { items, conditions, totals } = snapshotOf(contentsOf(cart));
        const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
        expect(sum(items.map(({ subtotal }) => subtotal))).toBe(totals.subtotal);
        expect(totals.subtotal + sum(conditions.map(({ amount }) => amount))).toBe(totals.total);
        const off = conditions.filter(({ type }) => type === 'voucher').map(({ amount }) => -amount);
        expect(sum(off)).toBe(totals.savings);
        expect(totals.savings).toBeLessThanOrEqual(totals.subtotal);
        expect(Math.min(totals.total, totals.savings, ...off)).toBeGreaterThanOrEqual(0);
        expect(conditions.every(({ type, amount }) => type === 'voucher' || amount >= 0)).toBe(true);
      }),
    );
  });

  it('a voucher never makes it dearer', ONE_SEED, () => {
    fc.assert(
      fc.property(anyCart, anyRate, (cart, rate) => {
        const plain = contentsOf(cart);
        const decision = addVoucher(plain, { name: 'MORE-THAN-FOUR', kind: 'voucher', rate });
        if (decision.kind === 'refused') throw new Error(decision.reason);
        expect(totalOf(decision.contents).minor).toBeLessThanOrEqual(totalOf(plain).minor);
      }),
    );
  });
});
