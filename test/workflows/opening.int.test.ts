import { expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS } from './intake.ts';
import { describeScenarios } from './scenario.ts';

describeScenarios('while it is opened, a booking', (play) => {
  it('is opened once and answered alike, though asked a hundred times at once and again later', () =>
    play({}, async (scene) => {
      const first = await scene.open();
      expect(first).toMatchObject({ kind: 'opened' });
      const answers = await Promise.all(Array.from({ length: 99 }, () => scene.open()));
      expect(new Set([first, ...answers].map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(scene.gateway.calls.filter((call) => call.startsWith('start'))).toHaveLength(1);
      await scene.pay();
      await scene.until((b) => b.phase === 'confirmed');
      expect(await scene.open()).toEqual(first);
      expect(scene.gateway.intents.size).toBe(1);
    }));

  it('has one intent though the answer to its making was lost', () =>
    play({}, async (scene) => {
      scene.gateway.moods.start.push('lost_after', 'lost_before', 'lost_after');
      const [answer] = await Promise.all([scene.open(), scene.pass(10_000)]);
      expect(answer).toMatchObject({ kind: 'opened' });
      expect(scene.gateway.intents.size).toBe(1);
      expect((await scene.booking()).payments).toHaveLength(1);
    }));

  it('is failed and over when the gateway refuses it', () =>
    play({}, async (scene) => {
      scene.gateway.moods.start.push('refuses');
      expect(await scene.open()).toEqual({ kind: 'refused', code: 'amount_too_small', message: 'too small' });
      expect(await scene.handle.result()).toBe('failed');
      expect((await scene.booking()).phase).toBe('failed');
      expect(scene.supplier.orders.size).toBe(0);
    }));

  it('is shown to staff after minutes without the gateway, and opened when it is back', () =>
    play({ windowMs: 4 * HOUR_MS }, async (scene) => {
      scene.gateway.script.away = true;
      const opened = scene.open();
      const stuck = await scene.until((b) => b.attention !== null);
      expect(stuck.attention?.step).toBe('open the payment');
      scene.gateway.script.away = false;
      await scene.until((b) => b.attention === null && b.payments.length === 1);
      expect(await opened).toMatchObject({ kind: 'opened' });
    }));
});

describeScenarios('ordered ahead of its payment, a trip', (play) => {
  const orderFirst = { product: { orderWhen: 'before_payment' as const } };

  it('is held at the supplier before the customer can pay, and paid for only after', () =>
    play(orderFirst, async (scene) => {
      await scene.open();
      expect((await scene.facts()).slice(0, 3)).toEqual(['supplier.placing', 'supplier.ordered', 'payment.opened']);
      expect(scene.supplier.debits).toHaveLength(0);
      await scene.pay();
      await scene.until((b) => b.phase === 'confirmed');
      expect(scene.supplier.orders.size).toBe(1);
      expect(scene.supplier.debits).toHaveLength(1);
    }));

  it('is released when the customer does not pay in time', () =>
    play(orderFirst, async (scene) => {
      await scene.open();
      await scene.pass(31 * MINUTE_MS);
      await scene.until((b) => b.supplierOrders[0]?.status === 'canceled');
      expect((await scene.booking()).phase).toBe('expired');
      expect(scene.supplier.standing('KLK1')).toBe('canceled');
      expect(await scene.balances()).toEqual({});
    }));

  it('that is sold out is refused before any money could move', () =>
    play(orderFirst, async (scene) => {
      scene.supplier.script.available = false;
      expect(await scene.open()).toMatchObject({ kind: 'refused', code: 'sold_out' });
      expect(await scene.handle.result()).toBe('failed');
      expect(scene.gateway.intents.size).toBe(0);
    }));

  it('is released when the order came out dearer than was checked', () =>
    play(orderFirst, async (scene) => {
      scene.supplier.beforePlace = () => (scene.supplier.script.unitMinor = 6_000);
      expect(await scene.open()).toMatchObject({ kind: 'refused', code: 'price_changed' });
      expect(await scene.handle.result()).toBe('failed');
      expect(scene.supplier.standing('KLK1')).toBe('canceled');
    }));

  it('is released when the gateway refuses the payment', () =>
    play(orderFirst, async (scene) => {
      scene.gateway.moods.start.push('refuses');
      expect(await scene.open()).toMatchObject({ kind: 'refused', code: 'amount_too_small' });
      expect(await scene.handle.result()).toBe('failed');
      expect(scene.supplier.standing('KLK1')).toBe('canceled');
    }));

  it('is bought anew when money comes after it was released', () =>
    play(orderFirst, async (scene) => {
      await scene.open();
      await scene.pass(31 * MINUTE_MS);
      await scene.until((b) => b.supplierOrders[0]?.status === 'canceled');
      await scene.pay();
      const revived = await scene.until((b) => b.phase === 'confirmed');
      expect(revived.supplierOrders.map(({ status, ourRef }) => [status, ourRef.endsWith('-r1')])).toEqual([
        ['canceled', false],
        ['confirmed', true],
      ]);
      expect(scene.supplier.debits).toHaveLength(1);
    }));
});
