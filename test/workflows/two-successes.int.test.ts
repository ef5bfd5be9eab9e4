import { expect, it } from 'vitest';
import type { Booking } from '../../domain/booking.ts';
import { checkPaymentUpdate, payUpdate, retryStepUpdate } from '../../workflows/messages.ts';
import { openTwice } from './bought.ts';
import { DAY_MS, MINUTE_MS } from './intake.ts';
import type { Scene } from './scene.ts';
import { describeScenarios } from './scenario.ts';

const statusesAtGateway = (scene: Scene): readonly string[] =>
  [...scene.gateway.intents.values()].map(({ status }) => status);

describeScenarios('an attempt that was closed before and is paid all the same', (play) => {
  it('pays for the booking, and what is open beside it is closed', () =>
    play({}, async (scene) => {
      await openTwice(scene);
      await scene.pay('pi_1');
      const booking = await scene.until((b) => b.phase === 'confirmed');
      await scene.quiet();
      expect(booking.sums).toMatchObject({ capturedMinor: 11_000, refundedMinor: 0 });
      expect(statusesAtGateway(scene)).toEqual(['succeeded', 'cancelled']);
      expect((await scene.booking()).payments.map(({ status }) => status)).toEqual(['succeeded', 'cancelled']);
      expect(scene.supplier.debits).toHaveLength(1);
    }));

  it('goes back when the one beside it was paid first', () =>
    play({}, async (scene) => {
      await openTwice(scene);
      await scene.pay('pi_2');
      await scene.until((b) => b.phase === 'confirmed');
      await scene.pay('pi_1');
      const booking = await scene.until((b) => b.sums.refundedMinor > 0);
      await scene.quiet();
      expect(booking).toMatchObject({ phase: 'confirmed', sums: { capturedMinor: 22_000, refundedMinor: 11_000 } });
      expect(scene.gateway.returned()).toBe(11_000);
      expect(await scene.letters()).toContain('duplicate_refunded');
      // Each payment has its receipt: the letter about the one that went back brings that one's.
      expect(await scene.papers()).toEqual(expect.arrayContaining(['receipt 1 v2', 'receipt 2 v1']));
      const { number } = await scene.booking();
      expect(await scene.attachedTo('duplicate_refunded')).toEqual([`receipt-${number}-1.pdf`]);
      expect(await scene.attachedTo('booking_confirmed')).toContain(`receipt-${number}.pdf`);
    }));

  it('is not given back a second time, out of the trip, when staff did so in the dashboard before it was heard of', () =>
    play({}, async (scene) => {
      await openTwice(scene);
      await scene.pay('pi_2');
      await scene.until((b) => b.phase === 'confirmed');
      scene.gateway.set('pi_1', 'succeeded');
      scene.gateway.returnElsewhere('pi_1', 11_000);
      await scene.news('pi_1');
      await scene.until((b) => b.sums.refundedMinor > 0);
      await scene.quiet();
      expect(await scene.booking()).toMatchObject({ phase: 'confirmed', sums: { refundedMinor: 11_000 } });
      expect(scene.gateway.returned('pi_2')).toBe(0);
    }));

  it('is owed no more once staff gave it back in the dashboard, where the gateway had refused to', () =>
    play({}, async (scene) => {
      await openTwice(scene);
      await scene.pay('pi_2');
      await scene.until((b) => b.phase === 'confirmed');
      scene.gateway.moods.refund.push('refuses', 'refuses', 'refuses', 'refuses');
      await scene.pay('pi_1');
      await scene.until((b) => b.attention?.reason.includes('refused') === true);
      scene.gateway.returnElsewhere('pi_1', 11_000);
      await scene.news('pi_1', 2);
      await scene.until((b) => b.sums.refundedMinor > 0);
      await scene.pass(20 * MINUTE_MS);
      await scene.until((b) => b.attention === null);
      await scene.quiet();
      expect(await scene.booking()).toMatchObject({ phase: 'confirmed', sums: { refundedMinor: 11_000 } });
      expect(scene.gateway.returned('pi_2')).toBe(0);
    }));

  it('pays, and the one that turns out to be paid when it is closed goes back', () =>
    play({}, async (scene) => {
      await openTwice(scene);
      scene.gateway.before.close = () => scene.gateway.set('pi_2', 'succeeded');
      await scene.pay('pi_1');
      await scene.until((b) => b.phase === 'confirmed');
      const booking = await scene.until((b) => b.sums.refundedMinor > 0);
      await scene.quiet();
      expect(booking.sums).toMatchObject({ capturedMinor: 22_000, refundedMinor: 11_000 });
      expect(scene.gateway.returned()).toBe(11_000);
      expect(scene.supplier.debits).toHaveLength(1);
      expect(await scene.balances()).not.toHaveProperty('refunds_payable USD');
    }));

  it('is read when somebody asks how that very payment stands', () =>
    play({}, async (scene) => {
      await openTwice(scene);
      scene.gateway.set('pi_1', 'succeeded');
      expect(await scene.ask(checkPaymentUpdate, { paymentRef: scene.gateway.refOf('pi_1') })).toEqual({
        status: 'confirmed',
      });
    }));

  it('revives the booking when its time is over', () =>
    play({}, async (scene) => {
      await openTwice(scene);
      await scene.pass(31 * MINUTE_MS);
      await scene.until((b) => b.phase === 'expired');
      await scene.pay('pi_1');
      const booking = await scene.until((b) => b.phase === 'confirmed');
      expect(booking.sums).toMatchObject({ capturedMinor: 11_000, refundedMinor: 0 });
    }));

  it('pays, and what is in flight beside it goes back when it lands, though its webhook is lost', () =>
    play({}, async (scene) => {
      await openTwice(scene);
      scene.gateway.set('pi_2', 'processing');
      await scene.pay('pi_1');
      await scene.until((b) => b.phase === 'confirmed');
      scene.gateway.set('pi_2', 'succeeded');
      const booking = await scene.until((b) => b.sums.refundedMinor > 0);
      expect(booking).toMatchObject({ phase: 'confirmed', sums: { capturedMinor: 22_000, refundedMinor: 11_000 } });
      expect(scene.gateway.returned()).toBe(11_000);
    }));

  it('goes back though it is heard of while an operator’s cancellation is carried out', () =>
    play({}, async (scene) => {
      await openTwice(scene);
      await scene.pay('pi_2');
      await scene.until((b) => b.phase === 'confirmed' && b.vouchers.length > 0);
      await scene.quiet();
      scene.gateway.moods.refund.push('pending');
      await scene.handle.cancel();
      await scene.until((b) => b.refunds.some(({ ref }) => ref !== null));
      await scene.pay('pi_1');
      for (const key of scene.gateway.refunds.keys()) scene.gateway.finishRefund(key);
      await scene.until((b) => b.refunds.filter(({ status }) => status === 'succeeded').length === 2);
      expect(await scene.handle.result()).toBe('refunded');
      expect([scene.gateway.returned('pi_1'), scene.gateway.returned('pi_2')]).toEqual([11_000, 11_000]);
    }));

  it('takes no confirmation away while the supplier decides', () =>
    play({}, async (scene) => {
      await scene.open();
      await scene.ask(payUpdate, { attempt: 2 });
      scene.supplier.script.afterPay = 'pending';
      scene.gateway.before.close = () => scene.gateway.set('pi_2', 'succeeded');
      await scene.pay('pi_1');
      await scene.until(({ sums }) => sums.refundedMinor > 0);
      await scene.quiet();
      scene.supplier.decide('KLK1', 'confirmed');
      await scene.until(({ phase }) => phase === 'confirmed');
      await scene.quiet();
      expect(await scene.letters()).toEqual(['duplicate_refunded', 'booking_confirmed']);
    }));
});

describeScenarios('a second success whose return came back', (play) => {
  const isShown = ({ attention }: Booking): boolean => attention?.reason.includes('came back') === true;

  /** The second attempt pays for the trip; the first one is for a person to give back. */
  async function bounced(scene: Scene): Promise<void> {
    await openTwice(scene);
    await scene.pay('pi_2');
    await scene.until((b) => b.phase === 'confirmed' && b.vouchers.length > 0);
    await scene.pay('pi_1');
    await scene.until((b) => b.sums.refundedMinor > 0);
    await scene.quiet();
    scene.gateway.bounce([...scene.gateway.refunds.keys()].at(-1) ?? '');
    await scene.news('pi_1');
    await scene.until(isShown);
    await scene.quiet();
  }

  /** Of the one that paid for the trip. */
  async function returnedElsewhere(scene: Scene, minor: number): Promise<void> {
    scene.gateway.returnElsewhere('pi_2', minor);
    await scene.news('pi_2');
  }

  it('pays for the trip once staff gave back the other in the dashboard: nobody is asked to return it any more', () =>
    play({}, async (scene) => {
      await bounced(scene);
      await returnedElsewhere(scene, 11_000);
      await scene.until((b) => b.attention === null && b.sums.refundedMinor === 11_000);
      await scene.pass(DAY_MS);
      expect(await scene.ask(retryStepUpdate, { actor: 'staff-1' })).toMatchObject({ kind: 'nothing_to_do' });
      expect(await scene.booking()).toMatchObject({ phase: 'confirmed', sums: { refundedMinor: 11_000 } });
      expect([scene.gateway.returned('pi_1'), scene.gateway.refunds.size]).toEqual([0, 1]);
      const left = { 'gateway_clearing USD': 10_882, 'gateway_fees USD': 118, 'revenue USD': -1_000 };
      expect(await scene.balances()).toMatchObject(left);
      expect(await scene.balances()).not.toHaveProperty('customer_receivable USD');
    }));

  it('is owed again when what staff gave back instead came back as well', () =>
    play({}, async (scene) => {
      await bounced(scene);
      await returnedElsewhere(scene, 11_000);
      await scene.until(({ attention }) => attention === null);
      await scene.quiet();
      await returnedElsewhere(scene, -11_000);
      await scene.until(isShown);
      await scene.quiet();
      // Either may go: both returns are in view, and each is answered by its name.
      const attentionId = (await scene.booking()).attention?.id ?? '';
      expect(await scene.ask(retryStepUpdate, { actor: 'staff-1', attentionId })).toEqual({ kind: 'accepted' });
      await scene.until((b) => b.attention === null && b.sums.refundedMinor === 11_000);
      await scene.quiet();
      expect((await scene.booking()).phase).toBe('confirmed');
      expect(scene.gateway.returned()).toBe(11_000);
      expect(await scene.balances()).not.toHaveProperty('customer_receivable USD');
    }));
});
