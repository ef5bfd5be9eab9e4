// Tries of one call at the supplier that run beside one another: an order is made once, and our balance debited once.
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Deps } from '../../activities/deps.ts';
import { fulfilmentActivities } from '../../activities/fulfilment.ts';
import { placeOrder } from '../../activities/supplier-order.ts';
import { payOrder } from '../../activities/supplier-payment.ts';
import type { Transaction } from '../../db/client.ts';
import { createKeyring } from '../../db/keyring.ts';
import type { Keyring } from '../../db/keyring.ts';
import { supplierOrders, travellers } from '../../db/schema.ts';
import { money } from '../../domain/money.ts';
import type { Travellers } from '../../domain/product.ts';
import { SupplierUnreachable } from '../../domain/supply.ts';
import type { Supplier, SupplyPaid } from '../../domain/supply.ts';
import { depsOf, openBench } from '../db/test-bench.ts';
import type { Bench } from '../db/test-bench.ts';
import { describeWith } from '../setup/parts.ts';
import { productOf } from '../workflows/intake.ts';
import { scriptedSupplier } from '../workflows/scripted-supplier.ts';

const NET = money(10_000, 'USD');
const SECOND_MS = 1_000;
const PEOPLE: Travellers = {
  contact: { firstName: 'Ada', familyName: 'Lovelace', email: 'ada@example.com', mobile: '+44', country: 'GB' },
  passengers: [],
  bookingExtra: [],
  unitExtra: [],
};

describeWith('postgres', 'tries at the supplier that overlap', () => {
  let bench: Bench;
  let keyring: Keyring;
  let bookingId: string;
  let count = 0;
  let nowMs: number;
  let vendor: ReturnType<typeof scriptedSupplier>;
  let supplier: Supplier;
  let deps: Deps;

  beforeAll(async () => {
    bench = await openBench();
    keyring = createKeyring(bench.db, [{ id: 'm1', bytes: Buffer.alloc(32, 7) }]);
  });
  afterAll(() => bench.close());
  beforeEach(async () => {
    count += 1;
    bookingId = `bk_supply${count}`;
    nowMs = Date.parse('2026-05-04T12:00:00.000Z');
    const clock = () => new Date(nowMs);
    vendor = scriptedSupplier(clock, `s${count}`);
    supplier = { ...vendor.supplier };
    deps = { ...depsOf(bench), keyring, clock, suppliers: { klook: supplier } };
    const product = { ...productOf(bookingId, new Date(nowMs), {}), agentOrderId: `ag-${bookingId}` };
    await keyring.create(bench.db, bookingId);
    await bench.add({ id: bookingId, externalId: bookingId, charge: money(11_000, 'USD') }, { product });
    const sealed = await keyring.seal(bookingId, Buffer.from(JSON.stringify(PEOPLE)), 'travellers');
    await bench.db.insert(travellers).values({ bookingId, sealed });
  });

  const pay = () => payOrder(deps, { bookingId, generation: 0 });
  const place = () => placeOrder(deps, { bookingId, generation: 0 });
  const cancel = () => fulfilmentActivities(deps).cancelOrder({ bookingId, generation: 0 });
  const placings = () => vendor.calls.filter(({ call }) => call === 'place').length;
  const pass = (ms: number) => void (nowMs += ms);

  async function placing(): Promise<void> {
    await bench.record(bookingId, () => [
      { type: 'supplier.placing', supplier: 'klook', generation: 0, ourRef: `ag-${bookingId}`, net: NET },
    ]);
  }
  async function unpaid(): Promise<void> {
    const orderNo = vendor.orderElsewhere('unpaid');
    await placing();
    await bench.record(bookingId, () => [
      { type: 'supplier.ordered', generation: 0, orderNo, net: NET, payBy: null, adopted: false },
    ]);
  }
  const ofOrder = () => eq(supplierOrders.bookingId, bookingId);
  async function row() {
    const [found] = await bench.db.select().from(supplierOrders).where(ofOrder());
    return found;
  }
  /** A call of an hour ago, to the microsecond, as somebody may have written it in the database itself. */
  async function calledLongAgo(): Promise<void> {
    const at = sql`'2026-05-04T11:00:00.123456Z'::timestamptz`;
    await bench.db
      .update(supplierOrders)
      .set({ placeCalledAt: at, placeAbsences: 1, payCalledAt: at })
      .where(ofOrder());
  }

  /** They come one after the other to write their call down, and go on when all are there. */
  async function allAtTheClaim(
    works: readonly (() => Promise<unknown>)[],
    meanwhile: (tx: Transaction) => unknown = () => undefined,
  ) {
    const begun: Promise<PromiseSettledResult<unknown>[]>[] = [];
    await bench.db.transaction(async (tx) => {
      await tx.select().from(supplierOrders).where(ofOrder()).for('update');
      for (const work of works) {
        begun.push(Promise.allSettled([work()]));
        await expect.poll(waiting).toBe(begun.length);
      }
      await meanwhile(tx);
    });
    return (await Promise.all(begun)).flat();
  }
  async function waiting(): Promise<number> {
    const rows = await bench.rows(
      sql`select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rows.length;
  }
  /** An answer that comes when it is let go. */
  function held<T>() {
    let letGo: (said: T | Promise<T>) => void = () => undefined;
    const said = new Promise<T>((resolve) => (letGo = resolve));
    return { said, letGo };
  }
  const notYet = { status: 'rejected', reason: { type: 'not_yet' } };

  it.each([
    ['before any had called', async () => undefined],
    ['after a call of long ago had no effect', calledLongAgo],
  ])('pay once, though all had looked %s', async (_when, before) => {
    await unpaid();
    await before();
    const [first, second] = await allAtTheClaim([pay, pay]);
    expect(vendor.debits).toEqual([NET]);
    expect(first).toMatchObject({ status: 'fulfilled', value: { kind: 'paid' } });
    expect(second).toMatchObject(notYet);
  });

  it.each([
    ['before any had called', async () => undefined],
    ['after a call of long ago had no effect', calledLongAgo],
  ])('order once, though all had looked %s', async (_when, before) => {
    await placing();
    await before();
    const ends = await allAtTheClaim([place, place]);
    expect(placings()).toBe(1);
    expect(ends).toContainEqual(expect.objectContaining({ value: expect.objectContaining({ kind: 'placed' }) }));
    expect(ends).toContainEqual(expect.objectContaining({ reason: expect.objectContaining({ type: 'not_yet' }) }));
  });

  it('order once, though all were the first', async () => {
    const checks = held<undefined>();
    supplier.check = async (request) => {
      await checks.said;
      return vendor.supplier.check(request);
    };
    const both = [place(), place()];
    checks.letGo(undefined);
    const kinds = (await Promise.allSettled(both)).map(({ status }) => status);
    expect(placings()).toBe(1);
    expect(kinds.toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it.each([
    ['order', placing, place],
    ['pay', unpaid, pay],
  ] as const)('do not %s what was taken back meanwhile', async (_call, before, make) => {
    await before();
    const [late] = await allAtTheClaim([make], (tx) =>
      tx.update(supplierOrders).set({ status: 'canceled' }).where(ofOrder()),
    );
    expect(late).toMatchObject(notYet);
    expect([placings(), vendor.debits]).toEqual([0, []]);
  });

  it.each([
    ['pay', unpaid, pay, () => vendor.debits.length],
    ['order', placing, place, placings],
  ] as const)('do not %s at all when their call comes too long after it was written down', async (...of) => {
    const [call, before, make, made] = of;
    await before();
    const [late] = await allAtTheClaim([make], () => pass(4 * SECOND_MS));
    expect(late).toMatchObject({ status: 'rejected', reason: { name: 'SupplierUnreachable' } });
    expect(made()).toBe(0);
    // No call is under way: the next try need not wait for one to end.
    expect((await row())?.[call === 'pay' ? 'payEndedAt' : 'placeEndedAt']).toEqual(new Date(nowMs));
  });

  it.each([
    ['was refused', async (): Promise<SupplyPaid> => ({ kind: 'insufficient_balance', message: 'top up' })],
    ['was not answered', async (): Promise<SupplyPaid> => Promise.reject(new SupplierUnreachable('lost'))],
  ])('hold a call for under way, though an earlier one only now %s', async (_end, end) => {
    await unpaid();
    const [early, late] = [held<SupplyPaid>(), held<SupplyPaid>()];
    const calls = [early, late];
    supplier.pay = () => calls.shift()?.said ?? Promise.reject(new Error('a third call'));
    const first = pay();
    await expect.poll(() => calls.length).toBe(1);
    pass(30 * SECOND_MS);
    const second = pay();
    await expect.poll(() => calls.length).toBe(0);
    pass(SECOND_MS);
    early.letGo(end());
    await Promise.allSettled([first]);
    expect(await row()).toMatchObject({ payCalledAt: new Date(nowMs - SECOND_MS), payEndedAt: null });
    late.letGo({ kind: 'paid' });
    expect(await second).toMatchObject({ kind: 'paid' });
  });

  it('pay no second time on a look that was begun before the call could be seen', async () => {
    await unpaid();
    supplier.pay = () => Promise.reject(new SupplierUnreachable('lost'));
    await expect(pay()).rejects.toThrow('lost');
    supplier.pay = (orderNo) => vendor.supplier.pay(orderNo);
    supplier.look = async (orderNo) => {
      const told = await vendor.supplier.look(orderNo);
      pass(6 * SECOND_MS);
      return told;
    };
    await expect(pay()).rejects.toMatchObject({ type: 'not_yet' });
    expect(vendor.debits).toEqual([]);
  });

  it('count no absence on a look that was begun before the order could be seen', async () => {
    await placing();
    supplier.place = () => Promise.reject(new SupplierUnreachable('lost'));
    await expect(place()).rejects.toThrow('lost');
    supplier.find = async (ourRef, since) => {
      const told = await vendor.supplier.find(ourRef, since);
      pass(6 * SECOND_MS);
      return told;
    };
    await expect(cancel()).rejects.toMatchObject({ type: 'not_yet' });
    expect(await row()).toMatchObject({ placeAbsences: 0 });
  });

  it('count no absence of the call before for one of the next', async () => {
    await placing();
    await calledLongAgo();
    const look = held<{ kind: 'absent' }>();
    const looks = [look.said];
    supplier.find = (ourRef, since) => looks.shift() ?? vendor.supplier.find(ourRef, since);
    const early = Promise.allSettled([place()]);
    await expect.poll(() => looks.length).toBe(0);
    supplier.place = () => Promise.reject(new SupplierUnreachable('lost'));
    await expect(place()).rejects.toThrow('lost');
    look.letGo({ kind: 'absent' });
    expect(await early).toMatchObject([notYet]);
    expect(await row()).toMatchObject({ placeAbsences: 0 });
  });
});
