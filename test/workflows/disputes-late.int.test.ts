import type { WorkflowHandle } from '@temporalio/client';
import { expect, it } from 'vitest';
import { refundUpdate, resolveUpdate } from '../../workflows/messages.ts';
import { bought } from './bought.ts';
import { lateNews, lateRun, staff, whole } from './disputed.ts';
import { DAY_MS } from './intake.ts';
import { describeScenarios } from './scenario.ts';
import type { Scene } from './scene.ts';

/** Everything went back, the booking's workflow is over, and now the bank takes the same money. */
async function takenTwice(scene: Scene): Promise<WorkflowHandle> {
  await bought(scene);
  await scene.ask(refundUpdate, whole(scene.refundId(1)));
  await scene.until((b) => b.phase === 'refunded');
  await scene.pass(123 * DAY_MS);
  expect(await scene.handle.result()).toBe('refunded');
  scene.gateway.dispute('pi_1');
  const late = await lateNews(scene);
  await scene.until((b) => b.attention !== null);
  // The letter about the dispute says it as well.
  expect(await scene.letters()).not.toContain('needs_attention');
  expect(await scene.booking()).toMatchObject({
    attention: { step: expect.stringMatching(/^what went back/), reason: expect.stringContaining('more went back') },
    sums: { overReturnedMinor: 11_000 },
  });
  return late;
}

const seen = (late: WorkflowHandle) => late.executeUpdate(resolveUpdate, { args: [{ ...staff, outcome: 'done' }] });

const calls = async (scene: Scene): Promise<number> =>
  (await scene.facts()).filter((type) => type === 'attention.raised').length;

describeScenarios('more went back than was taken, after the booking’s workflow is over:', (play) => {
  it('staff are called until they have seen it, and not again for news that is none', () =>
    play({ serviceInMs: DAY_MS }, async (scene) => {
      const late = await takenTwice(scene);
      expect(await calls(scene)).toBe(1);
      expect(await seen(late)).toEqual({ kind: 'accepted' });
      expect(await late.result()).toBe('nothing_owed');
      expect((await scene.booking()).attention).toBeNull();
      expect(await lateRun(scene)).toBe('nothing_owed');
      expect(await calls(scene)).toBe(1);
      scene.gateway.closeDispute('pi_1', 'lost');
      const again = await lateNews(scene);
      await scene.until((b) => b.attention !== null);
      expect(await calls(scene)).toBe(2);
      await seen(again);
      expect(await again.result()).toBe('nothing_owed');
    }));

  it('a dispute that is won makes up for it, although nobody tells us', () =>
    play({ serviceInMs: DAY_MS }, async (scene) => {
      const late = await takenTwice(scene);
      scene.gateway.closeDispute('pi_1', 'won');
      await scene.pass(2 * DAY_MS);
      expect(await late.result()).toBe('nothing_owed');
      expect(await scene.booking()).toMatchObject({ attention: null, sums: { overReturnedMinor: 0 } });
    }));
});
