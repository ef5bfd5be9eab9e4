// A second payment beside the one that bought the trip, while the trip itself is given back, stopped or confirmed.
import { expect, it } from 'vitest';
import { compensateUpdate, refundUpdate, resolveUpdate } from '../../workflows/messages.ts';
import { money } from '../../domain/money.ts';
import { boughtBesideDisputed, confirmed, openTwice } from './bought.ts';
import { closed, staff, whole } from './disputed.ts';
import { describeScenarios } from './scenario.ts';
import type { Scene } from './scene.ts';

/** What became of the trip, and what the second payment does once the bank lets go of it. */
async function tripIsOver(scene: Scene): Promise<void> {
  expect([scene.gateway.returned('pi_1'), scene.gateway.returned('pi_2')]).toEqual([0, 11_000]);
  expect(scene.supplier.standing('KLK1')).toBe('canceled');
  expect((await scene.booking()).vouchers.map(({ status }) => status)).toEqual(['void']);
  await closed(scene, 'won');
  await scene.until((b) => b.sums.refundedMinor === 22_000);
  await scene.quiet();
  expect([scene.gateway.returned('pi_1'), scene.gateway.returned('pi_2')]).toEqual([11_000, 11_000]);
  expect(await scene.booking()).toMatchObject({ phase: 'refunded', attention: null });
}

describeScenarios('a trip beside which a bank has a second payment', (play) => {
  it('ends when staff give all of its money back, with its order and its vouchers', () =>
    play({}, async (scene) => {
      await boughtBesideDisputed(scene);
      expect(await scene.ask(refundUpdate, whole(scene.refundId(1)))).toMatchObject({ status: 'succeeded' });
      await scene.until((b) => b.phase === 'refunded');
      await scene.quiet();
      await tripIsOver(scene);
    }));

  it('is taken back without waiting for the bank, and the rest follows by itself', () =>
    play({}, async (scene) => {
      await boughtBesideDisputed(scene);
      expect(await scene.ask(compensateUpdate, staff)).toEqual({ kind: 'accepted' });
      await scene.until((b) => b.phase === 'refunded');
      await scene.quiet();
      expect(await scene.letters()).toContain('booking_refunded');
      await tripIsOver(scene);
    }));
});

describeScenarios('a trip beside which a second payment’s return was given up', (play) => {
  it('is taken back all the same', () =>
    play({}, async (scene) => {
      await openTwice(scene);
      await scene.pay('pi_2');
      await scene.until(confirmed);
      await scene.pay('pi_1');
      await scene.until((b) => b.sums.refundedMinor === 11_000);
      await scene.quiet();
      scene.gateway.bounce([...scene.gateway.refunds.keys()].at(-1) ?? '');
      await scene.news('pi_1', 2);
      await scene.until(({ attention }) => attention?.reason.includes('came back') === true);
      await scene.ask(resolveUpdate, { ...staff, outcome: 'impossible' });
      await scene.until(({ attention }) => attention === null);
      expect(await scene.ask(compensateUpdate, staff)).toEqual({ kind: 'accepted' });
      await scene.until((b) => b.phase === 'refunded');
      await scene.quiet();
      expect(scene.gateway.returned('pi_2')).toBe(11_000);
      expect(await scene.letters()).toContain('booking_refunded');
    }));
});

describeScenarios('a trip whose vouchers are awaited while a second payment comes', (play) => {
  it('is confirmed once', () =>
    play({}, async (scene) => {
      scene.supplier.script.vouchersReady = false;
      await openTwice(scene);
      // The trip is confirmed meanwhile, and its vouchers are asked for again and again.
      scene.gateway.moods.close.push('lost_before', 'lost_before', 'lost_before');
      scene.gateway.before.close = () => scene.gateway.set('pi_2', 'succeeded');
      await scene.pay('pi_1');
      await scene.until((b) => b.payments.every(({ status }) => status === 'succeeded'));
      scene.supplier.issueVouchers('KLK1');
      await scene.until((b) => b.vouchers.length > 0 && b.sums.refundedMinor === 11_000);
      await scene.quiet();
      expect((await scene.letters()).filter((kind) => kind === 'booking_confirmed')).toHaveLength(1);
      expect(await scene.balances()).not.toHaveProperty('customer_receivable USD');
    }));
});

describeScenarios('less than was asked for, taken on one attempt while another is open', (play) => {
  it('buys no trip and goes back', () =>
    play({}, async (scene) => {
      await openTwice(scene);
      const [first = {}] = scene.gateway.intents.values();
      Object.assign(first, { status: 'succeeded', taken: money(4_000, 'USD') });
      await scene.news('pi_1');
      await scene.until((b) => b.phase === 'refunded');
      await scene.quiet();
      expect(scene.supplier.debits).toEqual([]);
      expect(scene.gateway.returned('pi_1')).toBe(4_000);
    }));
});
