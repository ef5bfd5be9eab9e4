import { expect, it } from 'vitest';
import { cancelUpdate, compensateUpdate, payUpdate, resolveUpdate } from '../../workflows/messages.ts';
import { HOUR_MS, MINUTE_MS } from './intake.ts';
import type { Scene } from './scene.ts';
import { describeScenarios } from './scenario.ts';

const HELD = { product: { captureWhen: 'after_supplier' } } as const;

async function hold(scene: Scene): Promise<void> {
  scene.gateway.set('pi_1', 'authorised');
  await scene.news();
}

const atGateway = (scene: Scene): readonly string[] => [...scene.gateway.intents.values()].map(({ status }) => status);
const takings = (scene: Scene): readonly string[] => scene.gateway.calls.filter((call) => call.startsWith('capture'));

describeScenarios('money that is held until the supplier has confirmed', (play) => {
  it('is taken then, and not before', () =>
    play(HELD, async (scene) => {
      await scene.open();
      expect([...scene.gateway.intents.values()][0]?.order.capture).toBe('manual');
      scene.supplier.script.afterPay = 'pending';
      await hold(scene);
      await scene.until((b) => b.phase === 'confirming' && b.supplierOrders[0]?.paidMinor === 10_000);
      expect(takings(scene)).toEqual([]);
      expect((await scene.booking()).sums.capturedMinor).toBe(0);
      expect(await scene.balances()).not.toHaveProperty('gateway_clearing USD');
      expect(await scene.papers()).toEqual([]);
      scene.supplier.decide('KLK1', 'confirmed');
      await scene.until((b) => b.phase === 'confirmed');
      await scene.quiet();
      expect(takings(scene)).toEqual(['capture pi_1']);
      expect(atGateway(scene)).toEqual(['succeeded']);
      const facts = await scene.facts();
      expect(facts.indexOf('payment.captured')).toBeGreaterThan(facts.indexOf('supplier.confirmed'));
      expect(facts.indexOf('booking.confirmed')).toBeGreaterThan(facts.indexOf('payment.captured'));
      expect(await scene.letters()).toContain('booking_confirmed');
      expect(await scene.papers()).toContain('receipt 1 v1');
    }));

  it('is taken once though the answer was lost', () =>
    play(HELD, async (scene) => {
      await scene.open();
      scene.gateway.moods.capture.push('lost_after');
      await hold(scene);
      const booking = await scene.until((b) => b.phase === 'confirmed');
      expect(booking.sums.capturedMinor).toBe(11_000);
      expect(atGateway(scene)).toEqual(['succeeded']);
    }));

  it('is let go of when the trip is sold out; nothing was taken, and the customer is told', () =>
    play(HELD, async (scene) => {
      await scene.open();
      scene.supplier.moods.place.push('sold_out');
      await hold(scene);
      const booking = await scene.until((b) => b.phase === 'failed');
      await scene.quiet();
      expect(booking.sums).toMatchObject({ capturedMinor: 0, refundedMinor: 0 });
      expect(atGateway(scene)).toEqual(['cancelled']);
      expect(takings(scene)).toEqual([]);
      expect(scene.gateway.refunds.size).toBe(0);
      expect(await scene.letters()).toEqual(['hold_released']);
      expect(await scene.balances()).toEqual({});
    }));

  it('is let go of a day before it would end by itself, when the supplier has not decided', () =>
    play(HELD, async (scene) => {
      await scene.open();
      scene.gateway.script.holdMs = 30 * HOUR_MS;
      scene.supplier.script.afterPay = 'pending';
      await hold(scene);
      await scene.until((b) => b.supplierOrders[0]?.paidMinor === 10_000);
      await scene.pass(7 * HOUR_MS);
      const booking = await scene.until((b) => b.phase === 'failed');
      await scene.quiet();
      expect(booking.supplierOrders[0]).toMatchObject({ status: 'canceled', returnedMinor: 10_000 });
      expect(atGateway(scene)).toEqual(['cancelled']);
    }));

  it('pays no supplier once it may end before it could be taken', () =>
    play(HELD, async (scene) => {
      await scene.open();
      scene.gateway.script.holdMs = 23 * HOUR_MS;
      await hold(scene);
      await scene.until((b) => b.phase === 'failed');
      await scene.quiet();
      expect(scene.supplier.debits).toHaveLength(0);
      expect(atGateway(scene)).toEqual(['cancelled']);
    }));

  it('that is gone when it should be taken ends the trip at the supplier, and staff are shown what it cost', () =>
    play(HELD, async (scene) => {
      await scene.open();
      scene.gateway.moods.capture.push('refuses');
      await hold(scene);
      const booking = await scene.until((b) => b.phase === 'failed' && b.attention !== null);
      expect(booking.supplierOrders[0]).toMatchObject({ status: 'canceled' });
      expect(booking.attention).toMatchObject({ step: 'take the held money' });
      expect(booking.sums.capturedMinor).toBe(0);
      const attentionId = booking.attention?.id ?? null;
      await scene.ask(resolveUpdate, { actor: 'staff-1', outcome: 'done', attentionId });
      await scene.until((b) => b.attention === null);
    }));

  it('is let go of when staff stop the booking', () =>
    play(HELD, async (scene) => {
      await scene.open();
      scene.supplier.script.afterPay = 'pending';
      await hold(scene);
      await scene.until((b) => b.supplierOrders[0]?.paidMinor === 10_000);
      expect(await scene.ask(compensateUpdate, { actor: 'staff-1' })).toEqual({ kind: 'accepted' });
      await scene.until((b) => b.phase === 'failed');
      await scene.quiet();
      expect(atGateway(scene)).toEqual(['cancelled']);
      expect(scene.gateway.refunds.size).toBe(0);
    }));

  it('is let go of when the workflow is cancelled in the Web UI', () =>
    play(HELD, async (scene) => {
      await scene.open();
      scene.supplier.script.afterPay = 'pending';
      await hold(scene);
      await scene.until((b) => b.supplierOrders[0]?.paidMinor === 10_000);
      await scene.handle.cancel();
      await scene.until((b) => b.phase === 'failed');
      await scene.quiet();
      expect(atGateway(scene)).toEqual(['cancelled']);
    }));

  it('counts as paid in time though its webhook was lost: neither the window nor the customer ends it', () =>
    play({ ...HELD, windowMs: 2 * MINUTE_MS }, async (scene) => {
      await scene.open();
      scene.gateway.moods.look.push(...Array<'lost_before'>(4).fill('lost_before'));
      scene.gateway.set('pi_1', 'authorised');
      expect(await scene.ask(cancelUpdate, { actor: 'customer-1', refundMinor: null, quoteId: null })).toMatchObject({
        kind: 'too_late',
      });
      await scene.until((b) => b.phase === 'confirmed');
      expect(atGateway(scene)).toEqual(['succeeded']);
    }));

  it('is not replaced by a further attempt', () =>
    play(HELD, async (scene) => {
      await scene.open();
      scene.gateway.set('pi_1', 'authorised');
      expect(await scene.ask(payUpdate, { attempt: 2 })).toMatchObject({ kind: 'refused' });
      await scene.until((b) => b.phase === 'confirmed');
      expect(scene.gateway.intents.size).toBe(1);
    }));

  it('that somebody took in the gateway’s dashboard goes back when the trip cannot be had', () =>
    play(HELD, async (scene) => {
      await scene.open();
      scene.supplier.moods.place.push('sold_out');
      scene.gateway.before.close = () => scene.gateway.set('pi_1', 'succeeded');
      await hold(scene);
      const booking = await scene.until((b) => b.phase === 'refunded');
      expect(booking.sums).toMatchObject({ capturedMinor: 11_000, refundedMinor: 11_000 });
    }));

  it('that the bank lets go of is noticed before the supplier is paid', () =>
    play(HELD, async (scene) => {
      await scene.open();
      scene.supplier.moods.place.push('lost_before', 'lost_before');
      await hold(scene);
      await scene.until((b) => b.phase === 'confirming');
      scene.gateway.set('pi_1', 'cancelled');
      await scene.news();
      await scene.until((b) => b.phase === 'failed');
      await scene.quiet();
      expect(scene.supplier.debits).toHaveLength(0);
      expect((await scene.booking()).attention).toBeNull();
    }));

  it('of which somebody took a part before we had heard of it orders nothing, and the part goes back', () =>
    play(HELD, async (scene) => {
      await scene.open();
      scene.gateway.set('pi_1', 'authorised');
      scene.gateway.takePart('pi_1', 1_000);
      await scene.news();
      const booking = await scene.until((b) => b.phase === 'refunded');
      expect(booking.sums).toMatchObject({ capturedMinor: 1_000, refundedMinor: 1_000 });
      expect(booking.supplierOrders).toEqual([]);
    }));

  it('of which somebody took a part in the gateway’s dashboard buys nothing, and the part goes back', () =>
    play(HELD, async (scene) => {
      await scene.open();
      scene.supplier.script.afterPay = 'pending';
      await hold(scene);
      await scene.until((b) => b.supplierOrders[0]?.paidMinor === 10_000);
      scene.gateway.takePart('pi_1', 1_000);
      scene.supplier.decide('KLK1', 'confirmed');
      const booking = await scene.until((b) => b.phase === 'refunded' && b.attention !== null);
      expect(booking.sums).toMatchObject({ capturedMinor: 1_000, refundedMinor: 1_000 });
      expect(booking.supplierOrders[0]).toMatchObject({ status: 'canceled', returnedMinor: 10_000 });
      expect(scene.gateway.returned()).toBe(1_000);
    }));

  it('is let go of even when the gateway will not hear of it at once', () =>
    play(HELD, async (scene) => {
      await scene.open();
      scene.supplier.moods.place.push('sold_out');
      scene.gateway.before.close = () => scene.gateway.set('pi_1', 'processing');
      await hold(scene);
      await scene.until((b) => b.vouchers.length === 0 && b.phase === 'confirming');
      await scene.quiet();
      expect((await scene.booking()).phase).toBe('confirming');
      delete scene.gateway.before.close;
      scene.gateway.set('pi_1', 'authorised');
      await scene.until((b) => b.phase === 'failed');
      expect(atGateway(scene)).toEqual(['cancelled']);
    }));
});
