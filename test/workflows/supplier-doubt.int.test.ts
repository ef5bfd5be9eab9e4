import { expect, it } from 'vitest';
import type { Booking } from '../../domain/booking.ts';
import { resolveUpdate } from '../../workflows/messages.ts';
import { HOUR_MS, MINUTE_MS } from './intake.ts';
import { describeScenarios } from './scenario.ts';
import type { Scene } from './scene.ts';

const confirmed = (b: Booking): boolean => b.phase === 'confirmed' && b.vouchers.length > 0;

async function undecided(scene: Scene): Promise<void> {
  scene.supplier.script.afterPay = 'pending';
  await scene.open();
  await scene.pay();
  await scene.until((b) => b.supplierOrders[0]?.status === 'pending');
}

describeScenarios('in doubt about the supplier, a booking', (play) => {
  it.each([
    ['after it took effect', 'lost_after'],
    ['before it took effect', 'lost_before'],
  ] as const)('has exactly one order though the call broke off %s', (_when, mood) =>
    play({}, async (scene) => {
      scene.supplier.moods.place.push(mood);
      await scene.open();
      await scene.pay();
      const booking = await scene.until(confirmed);
      expect(scene.supplier.orders.size).toBe(1);
      expect(booking.supplierOrders).toHaveLength(1);
      expect(scene.supplier.debits).toHaveLength(1);
      const made = scene.supplier.calls.filter(({ call }) => call === 'place');
      expect(made).toHaveLength(mood === 'lost_after' ? 1 : 2);
    }),
  );

  it('is not ordered again before two look-ups, late enough, came back empty', () =>
    play({}, async (scene) => {
      scene.supplier.moods.place.push('lost_before');
      await scene.open();
      await scene.pay();
      await scene.until(confirmed);
      const { calls } = scene.supplier;
      expect(calls.map(({ call }) => call)).toEqual(['place', 'find', 'find', 'place']);
      expect((calls[1]?.atMs ?? 0) - (calls[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(5_000);
    }));

  it.each([
    ['after it took effect', 'lost_after'],
    ['before it took effect', 'lost_before'],
  ] as const)('is debited exactly once though the payment broke off %s', (_when, mood) =>
    play({}, async (scene) => {
      scene.supplier.moods.pay.push(mood);
      await scene.open();
      await scene.pay();
      await scene.until(confirmed);
      expect(scene.supplier.debits).toEqual([{ minor: 10_000, currency: 'USD' }]);
      expect((await scene.balances())['supplier_balance USD']).toBe(-10_000);
    }),
  );

  it('is debited once though every call is lost for a while', () =>
    play({}, async (scene) => {
      scene.supplier.moods.place.push('lost_before', 'lost_after');
      scene.supplier.moods.pay.push('lost_before', 'lost_after');
      await scene.open();
      await scene.pay();
      await scene.until(confirmed);
      expect(scene.supplier.orders.size).toBe(1);
      expect(scene.supplier.debits).toHaveLength(1);
    }));

  it('orders again under the next reference when the order expired before it was paid', () =>
    play({}, async (scene) => {
      scene.supplier.moods.pay.push('expired');
      await scene.open();
      await scene.pay();
      const { supplierOrders } = await scene.until(confirmed);
      expect(supplierOrders.map(({ status, ourRef }) => [status, ourRef])).toEqual([
        ['expired', `ag-${scene.id}`],
        ['confirmed', `ag-${scene.id}-r1`],
      ]);
      expect(scene.supplier.debits).toHaveLength(1);
    }));

  it('gives the money back when its orders keep expiring', () =>
    play({}, async (scene) => {
      scene.supplier.moods.pay.push('expired', 'expired', 'expired');
      await scene.open();
      await scene.pay();
      const booking = await scene.until((b) => b.phase === 'refunded');
      expect(booking.supplierOrders.map(({ status }) => status)).toEqual(['expired', 'expired', 'expired']);
      expect(scene.supplier.debits).toHaveLength(0);
      expect(scene.gateway.returned()).toBe(11_000);
    }));

  /** What the prepaid balance itself has lost, as the supplier counts. */
  const spent = ({ supplier: { debits, credits } }: Scene): number =>
    debits.reduce((sum, { minor }) => sum + minor, 0) - credits.reduce((sum, { minor }) => sum + minor, 0);

  it.each([
    ['canceled', 'confirmed', 11_500],
    ['rejected', 'refunded', 1_500],
  ] as const)('books the fee of an order that was paid unheard and then %s by the supplier', (status, phase, minor) =>
    play({}, async (scene) => {
      scene.supplier.moods.pay.push('lost_after');
      scene.supplier.afterLoss = () => scene.supplier.endAtAFee('KLK1', status, 1_500);
      await scene.open();
      await scene.pay();
      const booking = await scene.until((b) => b.phase === phase);
      await scene.quiet();
      expect(booking.supplierOrders[0]).toMatchObject({ status, paidMinor: 10_000, returnedMinor: 8_500 });
      expect(spent(scene)).toBe(minor);
      expect(await scene.balances()).toMatchObject({
        'supplier_balance USD': -minor,
        'supplier_penalties USD': 1_500,
      });
    }),
  );

  it('books the fee of an order that was paid by other means before its making was known', () =>
    play({}, async (scene) => {
      const { supplier } = scene;
      supplier.moods.place.push('lost_after');
      supplier.afterLoss = () => {
        void supplier.supplier.pay(supplier.numberOf('KLK1'));
        supplier.endAtAFee('KLK1', 'canceled', 1_500);
      };
      await scene.open();
      await scene.pay();
      await scene.until(confirmed);
      await scene.quiet();
      expect(spent(scene)).toBe(11_500);
      expect((await scene.balances())['supplier_balance USD']).toBe(-11_500);
    }));

  it('books the fee of an order that ended unheard, though it is only found when it is taken back', () =>
    play({}, async (scene) => {
      const { supplier } = scene;
      supplier.moods.pay.push('lost_after');
      supplier.afterLoss = () => {
        supplier.endAtAFee('KLK1', 'canceled', 1_500);
        supplier.script.away = true;
      };
      await scene.open();
      await scene.pay();
      await scene.pass(20 * MINUTE_MS);
      await scene.until((b) => b.attention !== null);
      await scene.ask(resolveUpdate, { actor: 'staff-1', outcome: 'impossible' });
      supplier.script.away = false;
      await scene.until((b) => b.phase === 'refunded' && b.supplierOrders[0]?.status === 'canceled');
      await scene.quiet();
      expect(spent(scene)).toBe(1_500);
      expect(await scene.balances()).toMatchObject({
        'supplier_balance USD': -1_500,
        'supplier_penalties USD': 1_500,
      });
    }));

  it('calls staff after a quarter of an hour without answer, and goes on by itself', () =>
    play({}, async (scene) => {
      await scene.open();
      scene.supplier.script.away = true;
      await scene.pay();
      await scene.pass(10 * MINUTE_MS);
      expect((await scene.booking()).attention).toBeNull();
      await scene.pass(10 * MINUTE_MS);
      expect((await scene.booking()).attention).toMatchObject({ step: 'place the supplier order' });
      await scene.pass(40 * MINUTE_MS);
      scene.supplier.script.away = false;
      const booking = await scene.until(confirmed);
      expect(booking.attention).toBeNull();
      await scene.quiet();
      expect(await scene.letters()).toEqual(['needs_attention', 'booking_confirmed']);
    }));

  it('is out of staff’s sight again as soon as the supplier answers, though it has not decided', () =>
    play({}, async (scene) => {
      await undecided(scene);
      scene.supplier.script.away = true;
      await scene.until((b) => b.attention !== null);
      scene.supplier.script.away = false;
      await scene.pass(2 * HOUR_MS);
      expect(await scene.booking()).toMatchObject({ phase: 'confirming', attention: null });
      scene.supplier.decide('KLK1', 'confirmed');
      await scene.until(confirmed);
    }));

  it('is not given back when its time is over, if the supplier confirmed while nobody could ask', () =>
    play({}, async (scene) => {
      await undecided(scene);
      scene.supplier.script.away = true;
      await scene.pass(25 * HOUR_MS);
      scene.supplier.decide('KLK1', 'confirmed');
      scene.supplier.script.away = false;
      const booking = await scene.until((b) => b.phase === 'confirmed');
      expect(booking.refunds).toEqual([]);
      expect(scene.supplier.credits).toEqual([]);
    }));
});

describeScenarios('ordered by the customer’s own frontend, a trip', (play) => {
  it('is paid for as it was ordered', () =>
    play({ ordered: 'unpaid' }, async (scene) => {
      await scene.open();
      await scene.pay();
      const booking = await scene.until(confirmed);
      expect(booking.supplierOrders.map(({ orderNo }) => orderNo)).toEqual([scene.supplier.numberOf('KLK1')]);
      expect(scene.supplier.orders.size).toBe(1);
      expect(scene.supplier.debits).toHaveLength(1);
    }));

  it('is ordered anew when that order expired', () =>
    play({ ordered: 'expired' }, async (scene) => {
      await scene.open();
      await scene.pay();
      const booking = await scene.until(confirmed);
      expect(booking.supplierOrders.map(({ status }) => status)).toEqual(['expired', 'confirmed']);
      expect(scene.supplier.debits).toHaveLength(1);
    }));

  it('is given back when that order is not what was agreed any more', () =>
    play({ ordered: 'unpaid' }, async (scene) => {
      await scene.open();
      scene.supplier.script.unitMinor = 6_000;
      await scene.pay();
      await scene.until((b) => b.phase === 'refunded');
      expect(scene.supplier.debits).toHaveLength(0);
      expect(scene.gateway.returned()).toBe(11_000);
    }));
});
