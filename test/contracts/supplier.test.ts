// What every supplier promises, whatever it is called. A new supplier adds its bench and runs the same suite.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { money, times } from '../../domain/money.ts';
import { SUPPLIERS } from '../../domain/supply.ts';
import type { Supplier, SupplyFact, SupplyOrder, SupplyTerms } from '../../domain/supply.ts';
import { benches } from './supplier-bench.ts';
import type { Product, SupplierBench } from './supplier-bench.ts';

const unreachable = { name: 'SupplierUnreachable' };

function unitNetOf({ items: [item] }: SupplyOrder) {
  if (!item) throw new Error('an order of something was expected');
  return item.unitNet;
}

describe.each(SUPPLIERS)('%s', (name) => {
  let bench: SupplierBench;
  let supplier: Supplier;

  beforeAll(async () => {
    bench = await benches[name]();
    supplier = bench.supplier;
  });
  beforeEach(() => bench.reset());
  afterAll(() => bench.stop());

  async function placed(product: Product = 'instant') {
    const order = bench.orderOf(product);
    const answer = await supplier.place(order);
    if (answer.kind !== 'placed') throw new Error(`not placed: ${answer.kind}`);
    return { order, orderNo: answer.orderNo };
  }

  async function bought(product: Product = 'instant') {
    const known = await placed(product);
    expect(await supplier.pay(known.orderNo)).toEqual({ kind: 'paid' });
    return known;
  }

  async function factOf(orderNo: string): Promise<SupplyFact> {
    const fact = await supplier.look(orderNo);
    if ('kind' in fact) throw new Error(`order ${orderNo} is absent`);
    return fact;
  }

  /** Looks until the supplier has done what it does in its own time. */
  async function eventually<T>(look: () => Promise<T>, done: (seen: T) => boolean): Promise<T> {
    for (const deadline = Date.now() + 3_000; Date.now() < deadline;) {
      const seen = await look();
      if (done(seen)) return seen;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('it never happened');
  }

  it('bears the name it is registered under', () => {
    expect(supplier.name).toBe(name);
  });

  describe('check', () => {
    it('tells the price it would sell at', async () => {
      const order = bench.orderOf('instant');
      const unitNet = unitNetOf(order);
      expect(await supplier.check(order)).toMatchObject({
        kind: 'available',
        net: times(unitNet, 2),
        items: [{ skuId: order.items[0]?.skuId, unitNet, available: true }],
      });
      const dearer = money(unitNet.minor + 1, unitNet.currency);
      await bench.changePrice(order, dearer);
      expect(await supplier.check(order)).toMatchObject({ kind: 'available', net: times(dearer, 2) });
    });

    it.each(['as an error', 'in the answer'] as const)('knows sold out from not on sale, told %s', async (how) => {
      await bench.tellShortage(how);
      expect(await supplier.check(bench.orderOf('sold out'))).toMatchObject({ kind: 'sold_out' });
      expect((await supplier.check(bench.orderOf('withdrawn'))).kind).toMatch(/^(not_available|unknown_sku)$/);
      const past = { ...bench.orderOf('instant'), startTime: '2020-01-01 10:00:00' };
      expect(await supplier.check(past)).toMatchObject({ kind: 'not_available' });
    });

    it('calls a request it cannot read invalid', async () => {
      const order = { ...bench.orderOf('instant'), startTime: 'tomorrow' };
      expect(await supplier.check(order)).toMatchObject({ kind: 'invalid' });
    });
  });

  describe('terms', () => {
    it.each<[Product, SupplyTerms['policy']]>([
      ['instant', [{ hoursBefore: 24, percent: '100' }]],
      [
        'on request',
        [
          { hoursBefore: 72, percent: '100' },
          { hoursBefore: 24, percent: '50' },
        ],
      ],
      ['not refundable', []],
    ])('of what is sold %s say what comes back until when, by which clock', async (product, policy) => {
      const terms = await supplier.terms(bench.placeOf(product));
      expect(terms).toMatchObject({ policy, timezone: expect.stringMatching(/^Asia\//) });
    });

    it('are absent for what is not in the catalogue', async () => {
      const place = bench.placeOf('instant');
      expect(await supplier.terms({ ...place, packageId: 'nowhere' })).toEqual({ kind: 'absent' });
      expect(await supplier.terms({ ...place, activityId: 'nowhere' })).toEqual({ kind: 'absent' });
    });

    it('are unknown while the supplier is down', async () => {
      await bench.goDown();
      await expect(supplier.terms(bench.placeOf('instant'))).rejects.toMatchObject({ name: 'SupplierUnreachable' });
    });
  });

  describe('place', () => {
    it('takes an order, debits nothing, and shows it as it was asked for', async () => {
      const order = bench.orderOf('instant');
      const before = await supplier.balance();
      const net = times(unitNetOf(order), 2);
      const answer = await supplier.place(order);
      expect(answer).toMatchObject({ kind: 'placed', net });
      if (answer.kind !== 'placed') return;
      expect(Date.parse(answer.payBy ?? '')).toBeGreaterThan(Date.now());
      expect(await factOf(answer.orderNo)).toMatchObject({
        orderNo: answer.orderNo,
        ourRef: order.ourRef,
        status: 'unpaid',
        paid: false,
        net,
        payBy: answer.payBy,
        packageId: order.packageId,
        startTime: order.startTime,
        items: order.items.map(({ skuId, count }) => ({ skuId, count })),
        vouchersReady: false,
        vouchers: [],
        cancellation: null,
      });
      expect(await supplier.balance()).toEqual(before);
    });

    it.each(['as the same order', 'with a refusal'] as const)('twice is one order, repeats taken %s', async (how) => {
      await bench.takeRepeats(how);
      const order = bench.orderOf('instant');
      const first = await supplier.place(order);
      expect(await supplier.place(order)).toEqual(first);
      expect(bench.counts().orders).toBe(1);
    });

    it.each(['as the same order', 'with a refusal'] as const)(
      'never takes an order of ours for another, repeats taken %s',
      async (how) => {
        await bench.takeRepeats(how);
        const order = bench.orderOf('instant');
        await supplier.place(order);
        const other = { ...order, items: order.items.map((item) => ({ ...item, count: 3 })) };
        expect(await supplier.place(other)).toMatchObject({ kind: 'duplicate_other_body' });
        expect(bench.counts().orders).toBe(1);
      },
    );

    it.each(['both', 'direct only', 'list only'] as const)(
      'whose answer was lost is unknown, and found by our reference: look-ups %s',
      async (which) => {
        await bench.offerLookUps(which);
        const order = bench.orderOf('instant');
        const before = new Date();
        expect(await supplier.find(order.ourRef, before)).toEqual({ kind: 'absent' });
        await bench.loseAnswer('place');
        await expect(supplier.place(order)).rejects.toMatchObject(unreachable);
        expect(await supplier.find(order.ourRef, before)).toMatchObject({ ourRef: order.ourRef, status: 'unpaid' });
        expect(bench.counts().orders).toBe(1);
      },
    );

    it('finds one order among many', async () => {
      await bench.offerLookUps('list only');
      const before = new Date();
      const { order, orderNo } = await placed();
      for (let n = 0; n < 120; n++) await placed();
      expect(await supplier.find(order.ourRef, before)).toMatchObject({ orderNo });
      expect(await supplier.find('AG-unheard-of', before)).toEqual({ kind: 'absent' });
    });

    it('lists what was ordered since then, each order once', async ({ skip }) => {
      skip(!supplier.list, 'the supplier keeps no list');
      const { orderNo } = await bought();
      const { orderNo: unpaidNo } = await placed();
      const listed = await supplier.list?.(new Date(Date.now() - 60_000), 1);
      if (!listed || 'kind' in listed) throw new Error('there is no list');
      const paid = new Map(listed.orders.map((order) => [order.orderNo, order.paid]));
      expect([paid.size, paid.get(orderNo), paid.get(unpaidNo), listed.total ?? 2]).toEqual([2, true, false, 2]);
    });

    it('may be unreadable for a moment without being lost', async () => {
      await bench.hideNewOrders(150);
      const { order, orderNo } = await placed();
      expect(await supplier.look(orderNo)).toEqual({ kind: 'absent' });
      const seen = await eventually(
        () => supplier.find(order.ourRef, new Date()),
        (fact) => !('kind' in fact),
      );
      expect(seen).toMatchObject({ orderNo });
    });

    it('of what is gone is refused', async () => {
      expect(await supplier.place(bench.orderOf('sold out'))).toMatchObject({ kind: 'sold_out' });
      expect(await supplier.place(bench.orderOf('withdrawn'))).toMatchObject({ kind: 'not_available' });
      expect(bench.counts().orders).toBe(0);
    });

    it('at a price of yesterday is refused, with the price of today', async () => {
      const order = bench.orderOf('instant');
      const today = money(unitNetOf(order).minor + 100, 'USD');
      await bench.changePrice(order, today);
      expect(await supplier.place(order)).toMatchObject({
        kind: 'price_changed',
        newNet: times(today, 2),
        newUnitNets: [{ skuId: order.items[0]?.skuId, unitNet: today }],
      });
    });

    it('without a traveller is invalid', async () => {
      const order = bench.orderOf('instant');
      const nobody = { ...order, contact: { ...order.contact, familyName: '' } };
      expect(await supplier.place(nobody)).toMatchObject({ kind: 'invalid' });
    });
  });

  describe('pay', () => {
    it('debits the net amount once', async () => {
      const before = await supplier.balance();
      const { order, orderNo } = await bought();
      const net = times(unitNetOf(order), 2);
      expect(await supplier.balance()).toEqual(money(before.minor - net.minor, net.currency));
      expect(await factOf(orderNo)).toMatchObject({ paid: true, net });
    });

    it.each(['as the same payment', 'with a refusal'] as const)('twice is paid, taken %s', async (how) => {
      await bench.takeRepayments(how);
      const { orderNo } = await bought();
      expect(await supplier.pay(orderNo)).toEqual({ kind: 'paid' });
      expect(bench.counts().debits).toBe(1);
    });

    it('whose answer was lost is unknown, and a look tells', async () => {
      const { orderNo } = await placed();
      await bench.loseAnswer('pay');
      await expect(supplier.pay(orderNo)).rejects.toMatchObject(unreachable);
      expect(await factOf(orderNo)).toMatchObject({ paid: true });
      expect(bench.counts().debits).toBe(1);
    });

    it('with too little balance debits nothing, and works after a top-up', async () => {
      const { orderNo } = await placed();
      await bench.setBalance(money(1, 'USD'));
      expect(await supplier.pay(orderNo)).toMatchObject({ kind: 'insufficient_balance' });
      expect(await factOf(orderNo)).toMatchObject({ status: 'unpaid', paid: false });
      await bench.setBalance(money(100_000, 'USD'));
      expect(await supplier.pay(orderNo)).toEqual({ kind: 'paid' });
    });

    it('too late says expired', async () => {
      await bench.limitPayment(30);
      const { orderNo } = await placed();
      await eventually(
        () => factOf(orderNo),
        ({ status }) => status === 'expired',
      );
      expect(await supplier.pay(orderNo)).toMatchObject({ kind: 'expired' });
      expect(bench.counts().debits).toBe(0);
    });

    it('debits nothing when the last place went meanwhile', async () => {
      const { order, orderNo } = await placed();
      await bench.sellOut(order);
      expect(await supplier.pay(orderNo)).toMatchObject({ kind: 'sold_out' });
      expect(bench.counts().debits).toBe(0);
    });

    it('debits nothing when the price moved meanwhile', async () => {
      const { order, orderNo } = await placed();
      const today = money(unitNetOf(order).minor + 100, 'USD');
      await bench.changePrice(order, today);
      expect(await supplier.pay(orderNo)).toMatchObject({ kind: 'price_changed', newUnitNets: [{ unitNet: today }] });
      expect(bench.counts().debits).toBe(0);
    });
  });

  describe('fulfilment', () => {
    it('confirms at once what is instant, vouchers later', async () => {
      const { orderNo } = await bought('instant');
      expect(await factOf(orderNo)).toMatchObject({ status: 'confirmed', vouchersReady: false, vouchers: [] });
      const ready = await eventually(
        () => factOf(orderNo),
        ({ vouchersReady }) => vouchersReady,
      );
      expect(ready.vouchers.length).toBeGreaterThan(0);
      const [line] = ready.lines;
      for (const voucher of ready.vouchers) {
        expect(voucher).toMatchObject({ code: expect.stringMatching(/\w/), bookingRef: line?.bookingRef });
      }
      expect((await factOf(orderNo)).vouchers).toEqual(ready.vouchers);
    });

    it('calls pending what its operator has not answered', async () => {
      const { orderNo } = await bought('on request');
      expect(await factOf(orderNo)).toMatchObject({ status: 'pending', paid: true, vouchersReady: false });
      await eventually(
        () => factOf(orderNo),
        ({ status }) => status === 'confirmed',
      );
    });

    it('gives the money back for what is turned down', async () => {
      const before = await supplier.balance();
      const { orderNo } = await bought('turned down');
      const rejected = await eventually(
        () => factOf(orderNo),
        ({ status }) => status === 'rejected',
      );
      expect(rejected.paid).toBe(false);
      expect(await supplier.balance()).toEqual(before);
    });
  });

  describe('cancel', () => {
    const settled = (orderNo: string) =>
      eventually(
        () => supplier.lookCancel(orderNo),
        ({ kind }) => kind !== 'processing',
      );
    const nothing = money(0, 'USD');

    it('of an unpaid order costs nothing and may be repeated', async () => {
      const { orderNo } = await placed();
      expect(await supplier.lookCancel(orderNo)).toEqual({ kind: 'none' });
      expect(await supplier.cancel(orderNo)).toEqual({ kind: 'approved', returned: nothing, penalty: nothing });
      expect(await supplier.cancel(orderNo)).toMatchObject({ kind: 'approved' });
      expect(await factOf(orderNo)).toMatchObject({ status: 'canceled', cancellation: { kind: 'approved' } });
    });

    it('of a confirmed order is asked for first and paid back later', async () => {
      const before = await supplier.balance();
      const { order, orderNo } = await bought();
      expect(await supplier.cancel(orderNo)).toEqual({ kind: 'processing' });
      const net = times(unitNetOf(order), 2);
      expect(await settled(orderNo)).toEqual({ kind: 'approved', returned: net, penalty: nothing });
      expect(await factOf(orderNo)).toMatchObject({ status: 'canceled', paid: false });
      expect(await supplier.balance()).toEqual(before);
    });

    it('may be refused by the policy, or after a while', async () => {
      const policy = await bought('not refundable');
      expect(await supplier.cancel(policy.orderNo)).toMatchObject({ kind: 'refused' });
      await bench.refuseCancellations();
      const { orderNo } = await bought();
      await supplier.cancel(orderNo);
      expect(await settled(orderNo)).toMatchObject({ kind: 'refused' });
      expect(await factOf(orderNo)).toMatchObject({ status: 'confirmed', paid: true });
    });

    it('of what has ended by itself, or never was, finds nothing to cancel', async () => {
      await bench.limitPayment(30);
      const { orderNo } = await placed();
      await eventually(
        () => factOf(orderNo),
        ({ status }) => status === 'expired',
      );
      expect(await supplier.cancel(orderNo)).toEqual({ kind: 'none' });
      expect(await supplier.cancel('KL-unheard-of')).toEqual({ kind: 'none' });
    });
  });

  describe('failures', () => {
    it('leave every answer unknown while the supplier is down', async () => {
      const { order, orderNo } = await placed();
      await bench.goDown();
      const down = { ...unreachable, retryAfterMs: 2_000 };
      await expect(supplier.check(order)).rejects.toMatchObject(down);
      await expect(supplier.place(order)).rejects.toMatchObject(down);
      await expect(supplier.pay(orderNo)).rejects.toMatchObject(down);
      await expect(supplier.look(orderNo)).rejects.toMatchObject(down);
      await expect(supplier.find(order.ourRef, new Date())).rejects.toMatchObject(down);
      await expect(supplier.cancel(orderNo)).rejects.toMatchObject(down);
      await expect(supplier.lookCancel(orderNo)).rejects.toMatchObject(down);
      await expect(supplier.balance()).rejects.toMatchObject(down);
    });

    it('need a person when our key is refused', async () => {
      await bench.refuseOurKey();
      await expect(supplier.place(bench.orderOf('instant'))).rejects.toMatchObject({ name: 'SupplierRejected' });
    });
  });
});
