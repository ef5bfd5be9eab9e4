import { expect, it } from 'vitest';
import { latePaymentIdOf } from '../../domain/ids.ts';
import { LATE_PAYMENT_WORKFLOW, cancelUpdate } from '../../workflows/messages.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './intake.ts';
import { describeScenarios } from './scenario.ts';
import type { Scene } from './scene.ts';

const ALL_BACK = { 'gateway_clearing USD': -59, 'gateway_fees USD': 59 };

async function expired(scene: Scene): Promise<void> {
  await scene.open();
  await scene.pass(31 * MINUTE_MS);
  await scene.until((b) => b.phase === 'expired');
}

describeScenarios('money that comes late', (play) => {
  it('revives an expired booking that can still be bought', () =>
    play({}, async (scene) => {
      await expired(scene);
      await scene.pay();
      await scene.until((b) => b.phase === 'confirmed');
      await scene.quiet();
      expect(scene.supplier.debits).toHaveLength(1);
      expect(await scene.letters()).toEqual(['booking_expired', 'booking_confirmed']);
    }));

  it('revives an expired booking, and goes back when the trip is sold out by then', () =>
    play({}, async (scene) => {
      await expired(scene);
      scene.supplier.script.available = false;
      await scene.pay();
      await scene.until((b) => b.phase === 'refunded');
      await scene.quiet();
      expect(await scene.balances()).toEqual(ALL_BACK);
    }));

  it('goes back when the person was forgotten meanwhile: nobody could be told, and nothing be sent', () =>
    play({}, async (scene) => {
      await expired(scene);
      await scene.forget();
      await scene.pay();
      await scene.until((b) => b.phase === 'refunded');
      await scene.quiet();
      expect(await scene.facts()).not.toContain('booking.revived');
      expect(scene.supplier.orders.size).toBe(0);
      expect(scene.gateway.returned()).toBe(11_000);
      expect(await scene.balances()).toEqual(ALL_BACK);
    }));

  it('goes back when the service has begun', () =>
    play({ serviceInMs: HOUR_MS }, async (scene) => {
      await expired(scene);
      await scene.pass(HOUR_MS);
      await scene.pay();
      await scene.until((b) => b.phase === 'refunded');
      await scene.quiet();
      expect(scene.supplier.orders.size).toBe(0);
      expect(await scene.letters()).toEqual(['booking_expired', 'late_payment', 'late_payment_refunded']);
      expect(await scene.balances()).toEqual(ALL_BACK);
    }));

  it('goes back after a cancellation, which stands', () =>
    play({}, async (scene) => {
      await scene.open();
      await scene.ask(cancelUpdate, { actor: 'customer-1', refundMinor: null, quoteId: null });
      await scene.pay();
      const booking = await scene.until((b) => b.sums.refundedMinor === 11_000);
      expect(booking.phase).toBe('cancelled');
      await scene.quiet();
      expect(await scene.balances()).toEqual(ALL_BACK);
    }));

  it('goes back once after the booking’s workflow is over, though it is heard of five times', () =>
    play({}, async (scene) => {
      await expired(scene);
      await scene.pass(8 * DAY_MS);
      expect(await scene.handle.result()).toBe('expired');
      scene.gateway.set('pi_1', 'succeeded');
      const outcomes = await Promise.all(Array.from({ length: 5 }, () => startLate(scene)));
      expect(outcomes.filter((outcome) => outcome === 'started')).toHaveLength(1);
      const late = scene.env.client.workflow.getHandle(latePaymentIdOf(scene.gateway.refOf('pi_1')));
      expect(await late.result()).toBe('refunded');
      expect(scene.gateway.returned()).toBe(11_000);
      expect(scene.gateway.refunds.size).toBe(1);
      expect((await scene.booking()).phase).toBe('refunded');
      expect(await scene.balances()).toEqual(ALL_BACK);
      expect(await scene.letters()).toEqual(['booking_expired', 'late_payment', 'late_payment_refunded']);
      expect(await scene.papers()).toContain('receipt 1 v2');
      expect(await scene.attachedTo('late_payment_refunded')).toHaveLength(1);
    }));

  it('is none that paid for the trip, whatever is heard of it after the end', () =>
    play({}, async (scene) => {
      await scene.open();
      await scene.pay();
      await scene.until((b) => b.phase === 'confirmed');
      await scene.quiet();
      await scene.pass(140 * DAY_MS);
      expect(await scene.handle.result()).toBe('confirmed');
      expect(await startLate(scene)).toBe('started');
      const late = scene.env.client.workflow.getHandle(latePaymentIdOf(scene.gateway.refOf('pi_1')));
      expect(await late.result()).toBe('nothing_owed');
      expect(scene.gateway.returned()).toBe(0);
    }));

  it('is no money at all when the gateway says so', () =>
    play({}, async (scene) => {
      await expired(scene);
      await scene.pass(8 * DAY_MS);
      await scene.handle.result();
      expect(await startLate(scene)).toBe('started');
      const late = scene.env.client.workflow.getHandle(latePaymentIdOf(scene.gateway.refOf('pi_1')));
      expect(await late.result()).toBe('nothing_owed');
      expect(scene.gateway.refunds.size).toBe(0);
    }));

  it('is insisted on after the end as well when the gateway refuses the refund', () =>
    play({}, async (scene) => {
      await expired(scene);
      await scene.pass(8 * DAY_MS);
      await scene.handle.result();
      scene.gateway.set('pi_1', 'succeeded');
      scene.gateway.moods.refund.push('refuses', 'refuses');
      await startLate(scene);
      await scene.until((b) => b.attention !== null);
      await scene.until((b) => b.sums.refundedMinor === 11_000 && b.attention === null);
      expect(scene.gateway.returned()).toBe(11_000);
      expect(await scene.balances()).toEqual(ALL_BACK);
    }));
});

/** As the sweep does it for each webhook that finds no workflow. */
async function startLate({ env, taskQueue, gateway, id }: Scene): Promise<'started' | 'refused'> {
  const paymentRef = gateway.refOf('pi_1');
  const start = env.client.workflow.start(LATE_PAYMENT_WORKFLOW, {
    workflowId: latePaymentIdOf(paymentRef),
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    taskQueue,
    args: [{ bookingId: id, gateway: 'stripe_intent', paymentRef }],
  });
  return start.then(
    () => 'started',
    () => 'refused',
  );
}
