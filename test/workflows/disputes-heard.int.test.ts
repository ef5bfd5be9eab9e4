import { expect, it } from 'vitest';
import { confirmed } from './bought.ts';
import { closed, disputedOnce, lateNews } from './disputed.ts';
import { DAY_MS, MINUTE_MS } from './intake.ts';
import { describeScenarios } from './scenario.ts';

describeScenarios('a dispute that is hard to hear of', (play) => {
  it('is of nothing, in another currency, and keeps no paid trip from being bought', () =>
    play({}, async (scene) => {
      await scene.open();
      scene.gateway.dispute('pi_1', { standing: 'inquiry' });
      for (const intent of scene.gateway.intents.values())
        intent.disputes = intent.disputes.map((told) => ({ ...told, amount: { minor: 0, currency: 'EUR' } }));
      await scene.pay();
      await scene.until(confirmed);
      await scene.quiet();
      expect(await scene.booking()).toMatchObject({
        sums: { capturedMinor: 11_000 },
        disputes: [{ standing: 'inquiry', amount: { minor: 11_000, currency: 'USD' } }],
      });
    }));

  it('is lost before the payment is heard of: staff are asked about the trip once it is bought', () =>
    play({}, async (scene) => {
      await scene.open();
      scene.gateway.set('pi_1', 'succeeded');
      scene.gateway.dispute('pi_1');
      scene.gateway.closeDispute('pi_1', 'lost');
      await scene.news();
      await scene.until(confirmed);
      const { attention } = await scene.until((b) => b.attention !== null);
      expect(attention?.reason).toMatch(/^lost, and the trip is still ahead/);
    }));

  it('opens while the money goes back: it is read with the refusal, and its money waits', () =>
    play({}, async (scene) => {
      scene.supplier.script.available = false;
      await scene.open();
      scene.gateway.before.refund = disputedOnce(scene);
      await scene.pay();
      await scene.until((b) => b.attention !== null && b.disputes.length > 0);
      await scene.quiet();
      expect(await scene.papers()).toContainEqual(expect.stringMatching(/^evidence 1 /));
      expect(await scene.letters()).toContain('dispute_opened');
      await scene.pass(5 * DAY_MS);
      const { refunds } = await scene.booking();
      expect(refunds).toHaveLength(1);
      await closed(scene, 'won');
      await scene.until((b) => b.phase === 'refunded');
      await scene.quiet();
      expect(scene.gateway.returned()).toBe(11_000);
    }));

  it('opens while the supplier cannot be paid: it is read, and its evidence drawn', () =>
    play({}, async (scene) => {
      scene.supplier.script.balanceMinor = 0;
      await scene.open();
      await scene.pay();
      await scene.until((b) => b.attention !== null);
      scene.gateway.dispute('pi_1');
      await scene.news();
      await scene.until((b) => b.disputes.length > 0);
      await scene.quiet();
      expect(await scene.papers()).toContainEqual(expect.stringMatching(/^evidence 1 /));
    }));

  it('opens while late money goes back, after the end: it is read with the refusal, and told to staff once', () =>
    play({}, async (scene) => {
      await scene.open();
      await scene.pass(31 * MINUTE_MS);
      await scene.until((b) => b.phase === 'expired');
      await scene.pass(8 * DAY_MS);
      await scene.handle.result();
      scene.gateway.set('pi_1', 'succeeded');
      scene.gateway.before.refund = disputedOnce(scene);
      const late = await lateNews(scene);
      await scene.until((b) => b.attention !== null && b.disputes.length > 0);
      scene.gateway.closeDispute('pi_1', 'won');
      expect(await late.result()).toBe('refunded');
      expect(await scene.papers()).toContainEqual(expect.stringMatching(/^evidence 1 /));
      expect((await scene.letters()).filter((kind) => kind === 'late_payment')).toHaveLength(1);
    }));
});
