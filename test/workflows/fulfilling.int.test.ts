import { expect, it } from 'vitest';
import type { Booking } from '../../domain/booking.ts';
import { resolveUpdate, retryStepUpdate } from '../../workflows/messages.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './intake.ts';
import { describeScenarios } from './scenario.ts';
import type { Scene } from './scene.ts';

const confirmed = (b: Booking): boolean => b.phase === 'confirmed' && b.vouchers.length > 0;
const refunded = (b: Booking): boolean => b.phase === 'refunded';

/** All that may be left after everything went back. */
async function expectMadeGood(scene: Scene): Promise<void> {
  await scene.quiet();
  expect(await scene.balances()).toEqual({ 'gateway_clearing USD': -59, 'gateway_fees USD': 59 });
  expect((await scene.booking()).sums).toMatchObject({ refundedMinor: 11_000, reservedMinor: 0 });
  expect(scene.gateway.returned()).toBe(11_000);
  expect((await scene.letters()).filter((kind) => kind !== 'needs_attention')).toEqual(['booking_refunded']);
}

describeScenarios('a trip that was paid', (play) => {
  it('is bought once, and its money adds up', () =>
    play({}, async (scene) => {
      expect(await scene.open()).toMatchObject({ kind: 'opened' });
      await scene.pay();
      const booking = await scene.until(confirmed);
      expect(booking.sums).toMatchObject({ capturedMinor: 11_000, refundedMinor: 0, feesMinor: 59 });
      await scene.quiet();
      expect(scene.supplier.debits).toEqual([{ minor: 10_000, currency: 'USD' }]);
      expect(await scene.letters()).toEqual(['booking_confirmed']);
      expect(await scene.papers()).toEqual(['receipt 1 v1', 'voucher 1 v1']);
      expect(await scene.balances()).toEqual({
        'gateway_clearing USD': 10_941,
        'gateway_fees USD': 59,
        'revenue USD': -1_000,
        'supplier_balance USD': -10_000,
      });
    }));

  it.each([
    ['at the check', (scene: Scene) => void (scene.supplier.script.available = false)],
    ['at the order', (scene: Scene) => void scene.supplier.moods.place.push('sold_out')],
    ['at the payment', (scene: Scene) => void scene.supplier.moods.pay.push('sold_out')],
  ])('but is sold out %s is given back in full', (_when, soldOut) =>
    play({}, async (scene) => {
      soldOut(scene);
      await scene.open();
      await scene.pay();
      await scene.until(refunded);
      await expectMadeGood(scene);
      expect(scene.supplier.debits).toHaveLength(0);
      for (const order of scene.supplier.orders.values()) expect(order.status).toBe('canceled');
    }),
  );

  it.each([
    ['at the check', (scene: Scene) => void (scene.supplier.script.unitMinor = 5_001)],
    ['at the order', (scene: Scene) => void scene.supplier.moods.place.push('price_changed')],
    ['at the payment', (scene: Scene) => void scene.supplier.moods.pay.push('price_changed')],
  ])('but has become dearer than we bear %s is given back in full', (_when, dearer) =>
    play({}, async (scene) => {
      dearer(scene);
      await scene.open();
      await scene.pay();
      await scene.until(refunded);
      await expectMadeGood(scene);
      expect(scene.supplier.debits).toHaveLength(0);
    }),
  );

  it('goes through at the new price while we can bear it', () =>
    play({ product: { priceTolerancePercent: '5' } }, async (scene) => {
      scene.supplier.script.unitMinor = 5_200;
      await scene.open();
      await scene.pay();
      await scene.until(confirmed);
      expect(scene.supplier.debits).toEqual([{ minor: 10_400, currency: 'USD' }]);
      expect((await scene.balances())['revenue USD']).toBe(-600);
    }));

  it('goes through at the price that the order itself names while we can bear it', () =>
    play({ product: { priceTolerancePercent: '5' } }, async (scene) => {
      scene.supplier.beforePlace = () => (scene.supplier.script.unitMinor = 5_100);
      scene.supplier.moods.place.push('dearer');
      await scene.open();
      await scene.pay();
      await scene.until(confirmed);
      expect(scene.supplier.orders.size).toBe(1);
      expect(scene.supplier.debits).toEqual([{ minor: 10_200, currency: 'USD' }]);
    }));

  it.each(['rejected', 'canceled'] as const)(
    'and then %s by the supplier is given back, and so is our balance',
    (end) =>
      play({}, async (scene) => {
        scene.supplier.script.afterPay = 'pending';
        await scene.open();
        await scene.pay();
        await scene.until((b) => b.supplierOrders[0]?.status === 'pending');
        scene.supplier.decide('KLK1', end);
        await scene.until(refunded);
        await expectMadeGood(scene);
        expect(scene.supplier.credits).toEqual(scene.supplier.debits);
      }),
  );

  it('and then ended by the supplier, who keeps a fee, is given back, and the fee is our loss', () =>
    play({}, async (scene) => {
      scene.supplier.script.afterPay = 'pending';
      await scene.open();
      await scene.pay();
      await scene.until((b) => b.supplierOrders[0]?.status === 'pending');
      scene.supplier.endAtAFee('KLK1', 'canceled', 1_500);
      const booking = await scene.until(refunded);
      await scene.quiet();
      expect(scene.gateway.returned()).toBe(11_000);
      expect(booking.supplierOrders[0]).toMatchObject({ paidMinor: 10_000, returnedMinor: 8_500 });
      expect(await scene.balances()).toEqual({
        'gateway_clearing USD': -59,
        'gateway_fees USD': 59,
        'supplier_balance USD': -1_500,
        'supplier_penalties USD': 1_500,
      });
    }));

  it('is confirmed hours later without anybody being called', () =>
    play({}, async (scene) => {
      scene.supplier.script.afterPay = 'pending';
      await scene.open();
      await scene.pay();
      await scene.pass(3 * HOUR_MS);
      expect(await scene.booking()).toMatchObject({ phase: 'confirming', attention: null });
      scene.supplier.decide('KLK1', 'confirmed');
      await scene.until(confirmed);
      await scene.quiet();
      expect(await scene.letters()).toEqual(['booking_confirmed']);
    }));

  it(
    'on which the supplier never decides is given back after a day',
    () =>
      play({}, async (scene) => {
        scene.supplier.script.afterPay = 'pending';
        await scene.open();
        await scene.pay();
        await scene.pass(30 * HOUR_MS);
        await scene.until(refunded);
        await expectMadeGood(scene);
        expect(scene.supplier.standing('KLK1')).toBe('canceled');
      }),
    60_000,
  );

  it('is confirmed before its vouchers are there, which follow with a letter and papers of their own', () =>
    play({}, async (scene) => {
      scene.supplier.script.vouchersReady = false;
      await scene.open();
      await scene.pay();
      await scene.until((b) => b.phase === 'confirmed');
      await scene.pass(2 * MINUTE_MS);
      expect(await scene.letters()).toEqual(['booking_confirmed']);
      expect(await scene.papers()).toEqual(['receipt 1 v1']);
      scene.supplier.issueVouchers('KLK1');
      await scene.until(confirmed);
      await scene.quiet();
      expect(await scene.letters()).toEqual(['booking_confirmed', 'voucher_ready']);
      expect(await scene.papers()).toEqual(['receipt 1 v1', 'receipt 1 v2', 'voucher 1 v2']);
    }));
});

describeScenarios('vouchers that never come', (play) => {
  it('are waited for no more once staff say that there will be none, and the trip stands', () =>
    play({}, async (scene) => {
      scene.supplier.script.vouchersReady = false;
      await scene.open();
      await scene.pay();
      await scene.until((b) => b.phase === 'confirmed');
      await scene.pass(32 * HOUR_MS);
      expect((await scene.booking()).attention).toMatchObject({ step: 'wait for the vouchers' });
      expect(await scene.ask(resolveUpdate, { actor: 'staff-1', outcome: 'impossible' })).toEqual({ kind: 'accepted' });
      await scene.pass(DAY_MS);
      expect(await scene.booking()).toMatchObject({ phase: 'confirmed', attention: null });
    }));
});

describeScenarios('with too little on our balance, a trip', (play) => {
  it('calls staff at once and goes on by itself after a top-up', () =>
    play({}, async (scene) => {
      scene.supplier.script.balanceMinor = 100;
      await scene.open();
      await scene.pay();
      const low = await scene.until((b) => b.attention !== null);
      expect(low.attention?.reason).toContain('insufficient_balance');
      await scene.pass(12 * MINUTE_MS);
      expect((await scene.booking()).phase).toBe('confirming');
      scene.supplier.script.balanceMinor = 50_000;
      const booking = await scene.until(confirmed);
      expect(booking.attention).toBeNull();
      expect(scene.supplier.debits).toHaveLength(1);
      await scene.quiet();
      expect(await scene.letters()).toEqual(['needs_attention', 'booking_confirmed']);
    }));

  it('goes on at once when staff say so', () =>
    play({}, async (scene) => {
      scene.supplier.script.balanceMinor = 100;
      await scene.open();
      await scene.pay();
      await scene.until((b) => b.attention !== null);
      scene.supplier.script.balanceMinor = 50_000;
      expect(await scene.ask(retryStepUpdate, { actor: 'staff-1' })).toEqual({ kind: 'accepted' });
      const askedAtMs = await scene.env.currentTimeMs();
      await scene.until(confirmed);
      expect((await scene.env.currentTimeMs()) - askedAtMs).toBeLessThan(MINUTE_MS);
    }));

  it('is not paid for twice when staff paid by other means meanwhile', () =>
    play({}, async (scene) => {
      scene.supplier.script.balanceMinor = 100;
      await scene.open();
      await scene.pay();
      await scene.until((b) => b.attention !== null);
      scene.supplier.script.balanceMinor = 50_000;
      await scene.supplier.supplier.pay(scene.supplier.numberOf('KLK1'));
      await scene.until(confirmed);
      expect(scene.supplier.debits).toHaveLength(1);
    }));

  it('is given back when the order had to be paid', () =>
    play({}, async (scene) => {
      const nowMs = await scene.env.currentTimeMs();
      Object.assign(scene.supplier.script, {
        balanceMinor: 100,
        payBy: new Date(nowMs + 22 * MINUTE_MS).toISOString(),
      });
      await scene.open();
      await scene.pay();
      await scene.pass(21 * MINUTE_MS);
      expect((await scene.booking()).phase).toBe('confirming');
      const booking = await scene.until(refunded);
      expect(booking.attention).toBeNull();
      await expectMadeGood(scene);
      expect(scene.supplier.standing('KLK1')).toBe('canceled');
    }));
});
