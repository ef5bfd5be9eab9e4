import { expect, it } from 'vitest';
import { refundUpdate } from '../../workflows/messages.ts';
import { bought } from './bought.ts';
import { closed, disputed, lateRun, whole } from './disputed.ts';
import { DAY_MS, MINUTE_MS } from './intake.ts';
import { describeScenarios } from './scenario.ts';
import type { Scene } from './scene.ts';

const evidence = async (scene: Scene): Promise<readonly string[]> =>
  (await scene.papers()).filter((paper) => paper.startsWith('evidence'));

/** The newest is the one that staff get; those before it are kept. */
const anewAfter = (known: readonly string[]) =>
  expect.arrayContaining([...known, expect.not.stringMatching(new RegExp(`^(${known.join('|')})$`))]);

describeScenarios('the evidence for a bank is drawn anew', (play) => {
  it('when the money goes back after it', () =>
    play({}, async (scene) => {
      await bought(scene);
      await disputed(scene, { standing: 'inquiry' });
      const drawn = await evidence(scene);
      scene.gateway.moods.refund.push('pending');
      const asked = scene.ask(refundUpdate, { ...whole(scene.refundId(1)), amountMinor: 1_000 });
      await scene.until((b) => b.refunds.some(({ ref }) => ref !== null));
      await scene.quiet();
      const underWay = await evidence(scene);
      expect(await evidence(scene)).toEqual(anewAfter(drawn));
      scene.gateway.finishRefund(scene.refundId(1));
      expect(await asked).toMatchObject({ status: 'succeeded' });
      await scene.quiet();
      expect(await evidence(scene)).toEqual(anewAfter(underWay));
    }));

  it('when a part is given back at the gateway, and when that is heard of', () =>
    play({}, async (scene) => {
      await bought(scene);
      await disputed(scene, { standing: 'inquiry' });
      const drawn = await evidence(scene);
      scene.gateway.returnElsewhere('pi_1', 2_000);
      await scene.news();
      await scene.until((b) => b.sums.refundedMinor === 2_000);
      await scene.quiet();
      expect(await evidence(scene)).toEqual(anewAfter(drawn));
    }));

  it('when a refund that it shows comes back', () =>
    play({}, async (scene) => {
      await bought(scene);
      await scene.ask(refundUpdate, { ...whole(scene.refundId(1)), amountMinor: 1_000 });
      await disputed(scene, { standing: 'inquiry' });
      const drawn = await evidence(scene);
      scene.gateway.bounce(scene.refundId(1));
      await scene.news();
      await scene.until((b) => b.sums.refundedMinor === 0);
      await scene.quiet();
      expect(await evidence(scene)).toEqual(anewAfter(drawn));
    }));

  it('when the bank names another day to answer before', () =>
    play({}, async (scene) => {
      await bought(scene);
      await disputed(scene);
      const drawn = await evidence(scene);
      const [intent] = scene.gateway.intents.values();
      const evidenceDueBy = '2027-02-28T12:00:00.000Z';
      if (intent) intent.disputes = intent.disputes.map((told) => ({ ...told, evidenceDueBy }));
      await scene.news();
      await scene.until((b) => b.disputes.every((dispute) => dispute.evidenceDueBy === evidenceDueBy));
      await scene.quiet();
      expect(await evidence(scene)).toEqual(anewAfter(drawn));
    }));

  it('when late money goes back, before the history ends', () =>
    play({}, async (scene) => {
      await scene.open();
      await scene.pass(31 * MINUTE_MS);
      await scene.until((b) => b.phase === 'expired');
      await scene.pass(8 * DAY_MS);
      expect(await scene.handle.result()).toBe('expired');
      scene.gateway.set('pi_1', 'succeeded');
      scene.gateway.dispute('pi_1', { standing: 'inquiry' });
      expect(await lateRun(scene)).toBe('refunded');
      const [refund] = (await scene.booking()).refunds;
      expect(refund).toMatchObject({ status: 'succeeded' });
      expect((await evidence(scene)).length).toBeGreaterThan(1);
    }));

  it('and not when nothing of what it shows has changed', () =>
    play({}, async (scene) => {
      await bought(scene);
      await disputed(scene);
      const drawn = await evidence(scene);
      expect(drawn).toHaveLength(1);
      await scene.news();
      await scene.pass(3 * DAY_MS);
      await scene.quiet();
      expect(await evidence(scene)).toEqual(drawn);
      await closed(scene, 'won');
      expect(await evidence(scene)).toHaveLength(2);
    }));
});
