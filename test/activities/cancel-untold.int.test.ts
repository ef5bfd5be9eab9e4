// An order that is taken back while the supplier says too little of it: what may be paid is never called over for that.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eq } from 'drizzle-orm';
import type { Deps } from '../../activities/deps.ts';
import { fulfilmentActivities } from '../../activities/fulfilment.ts';
import { eventOfType } from '../../db/bookings.ts';
import { supplierOrders } from '../../db/schema.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { money } from '../../domain/money.ts';
import type { CancelFact, Supplier, SupplyFact } from '../../domain/supply.ts';
import { depsOf, openBench } from '../db/test-bench.ts';
import type { Bench } from '../db/test-bench.ts';
import { facts } from '../domain/sample-booking.ts';
import { describeWith } from '../setup/parts.ts';

type Looked = Awaited<ReturnType<Supplier['look']>>;

const PLACE = { bookingId: 'bk_1', generation: 0 };
const NET = money(8_000, 'HKD');
const ABSENT = { kind: 'absent' } as unknown as Looked;
const shown = (change: Partial<SupplyFact>): Looked =>
  ({
    orderNo: 'KLK1',
    status: 'pending',
    paid: true,
    refunded: false,
    net: NET,
    cancellation: null,
    ...change,
  }) as Looked;
const ORDERED = [facts.opened(), facts.captured(), facts.placing(), facts.ordered()];

describeWith('postgres', 'an order that has nothing to cancel, by the supplier’s word,', () => {
  let bench: Bench;
  let looks: Looked[];
  afterEach(() => bench.close());
  beforeEach(async () => {
    bench = await openBench();
    await bench.add();
    looks = [];
  });

  const after = (events: readonly BookingEvent[]) => bench.record('bk_1', () => events);
  const cancel = (answer: CancelFact = { kind: 'none' }) => {
    const supplier = {
      lookCancel: async () => ({ kind: 'none' }),
      cancel: async () => answer,
      look: async () => looks.shift() ?? ABSENT,
    } as unknown as Supplier;
    const deps = { ...depsOf(bench), suppliers: { klook: supplier } } as Deps;
    return fulfilmentActivities(deps).cancelOrder(PLACE);
  };
  const order = async () => (await bench.load('bk_1')).supplierOrders[0];
  const payWasCalled = () =>
    bench.db
      .update(supplierOrders)
      .set({ payCalledAt: new Date('2026-05-04T09:00:00.000Z') })
      .where(eq(supplierOrders.bookingId, 'bk_1'));

  it('stands while it is not shown, when it is heard of as paid while it is asked back', async () => {
    await after(ORDERED);
    looks = [shown({}), ABSENT];
    await expect(cancel()).rejects.toMatchObject({ type: 'not_yet' });
    expect(await order()).toMatchObject({ paidMinor: 8_000, status: expect.not.stringMatching('canceled') });
  });

  it('stands while it is not shown, when a call to pay it was never answered', async () => {
    await after(ORDERED);
    await payWasCalled();
    await expect(cancel()).rejects.toMatchObject({ type: 'not_yet' });
    expect(await order()).toMatchObject({ paidMinor: 0, status: expect.not.stringMatching('canceled') });
  });

  it('is over when it was never paid, and nobody called to pay it', async () => {
    await after(ORDERED);
    expect(await cancel()).toMatchObject({ kind: 'cancelled' });
    expect(await order()).toMatchObject({ paidMinor: 0, returnedMinor: 0, status: 'canceled' });
  });

  it('is over when it is shown and not paid, though a call to pay it was refused', async () => {
    await after(ORDERED);
    await payWasCalled();
    looks = [shown({ paid: false }), shown({ paid: false })];
    expect(await cancel()).toMatchObject({ kind: 'cancelled' });
  });

  it('brings back what it cost when it ended by itself meanwhile', async () => {
    await after([...ORDERED, facts.supplierPaid()]);
    looks = [shown({}), shown({ status: 'rejected', refunded: true })];
    await cancel();
    expect(await order()).toMatchObject({ paidMinor: 8_000, returnedMinor: 8_000 });
  });

  const CONFIRMED = [...ORDERED, facts.supplierPaid(), facts.supplierConfirmed(), facts.confirmed()];
  const writtenOffBy = async () => (await eventOfType(bench.db, 'bk_1', 'supplier.ended'))?.writtenOffBy;

  it('stands at our cost by the terms where they cover it', async () => {
    await after([...CONFIRMED, { ...facts.cancelled(), refund: money(0, 'HKD') } as BookingEvent]);
    looks = [shown({ status: 'confirmed' })];
    await cancel({ kind: 'refused', message: 'not cancellable' });
    expect(await writtenOffBy()).toBe('the terms');
  });

  it('is written off by nobody where the supplier says what it keeps', async () => {
    await after(CONFIRMED);
    looks = [shown({ status: 'confirmed' })];
    await cancel({ kind: 'approved', returned: money(0, 'HKD'), penalty: NET });
    expect([(await order())?.status, await writtenOffBy()]).toEqual(['canceled', undefined]);
  });

  it('is written off by who says so', async () => {
    await after(CONFIRMED);
    await fulfilmentActivities(depsOf(bench)).writeOffOrder({ ...PLACE, actor: 'staff-1' });
    expect(await writtenOffBy()).toBe('staff-1');
  });
});
