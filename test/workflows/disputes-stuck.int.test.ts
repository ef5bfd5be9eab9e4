import { expect, it } from 'vitest';
import { compensateUpdate, resolveUpdate } from '../../workflows/messages.ts';
import { bought, closed, disputed, staff } from './disputed.ts';
import { DAY_MS } from './intake.ts';
import { describeScenarios } from './scenario.ts';

describeScenarios('money that waits for a bank', (play) => {
  it('and was given back by hand meanwhile is never sent again', () =>
    play({}, async (scene) => {
      await bought(scene);
      await disputed(scene);
      await scene.ask(compensateUpdate, staff);
      await scene.until((b) => b.attention?.reason.includes('waits for the bank') ?? false);
      await scene.quiet();
      const attentionId = (await scene.booking()).attention?.id ?? '';
      const done = { ...staff, outcome: 'done', attentionId } as const;
      expect(await scene.ask(resolveUpdate, done)).toEqual({ kind: 'accepted' });
      await scene.until((b) => b.phase === 'refunded');
      expect(await scene.booking()).toMatchObject({
        refunds: [{ status: 'succeeded', ref: 'by-hand/staff-1' }],
        sums: { refundedMinor: 11_000, overReturnedMinor: 11_000 },
      });
      await closed(scene, 'won');
      await scene.pass(2 * DAY_MS);
      await scene.quiet();
      expect(scene.gateway.returned()).toBe(0);
      expect(await scene.booking()).toMatchObject({ attention: null, sums: { overReturnedMinor: 0 } });
    }));
});
