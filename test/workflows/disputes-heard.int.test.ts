import { expect, it } from 'vitest';
import { confirmed } from './disputed.ts';
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
});
