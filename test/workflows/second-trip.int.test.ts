import { expect, it } from 'vitest';
import { compensateUpdate, payUpdate } from '../../workflows/messages.ts';
import type { Wish } from './intake.ts';
import { describeScenarios } from './scenario.ts';
import type { Scene } from './scene.ts';

const ONLINE: Wish = { service: { storefront: 'travello', payWhen: 'later', gateway: 'stripe_checkout' } };
const staff = { actor: 'staff-1' };

async function untilConfirmed(scene: Scene): Promise<void> {
  await scene.until(({ phase }) => phase === 'confirmed');
  await scene.quiet();
}

async function untilRefunded(scene: Scene): Promise<void> {
  await scene.until(({ phase }) => phase === 'refunded');
  await scene.quiet();
}

describeScenarios('a booking that is sold a second time', (play) => {
  it('gives back money that nobody had heard of when an operator ends it', () =>
    play(ONLINE, async (scene) => {
      await scene.open();
      await scene.ask(payUpdate, { attempt: 1 });
      await scene.pay('pi_1');
      await untilConfirmed(scene);
      await scene.ask(compensateUpdate, staff);
      await untilRefunded(scene);
      await scene.ask(payUpdate, { attempt: 2 });
      scene.gateway.set('pi_2', 'succeeded');
      await scene.handle.cancel();
      await scene.until(({ sums }) => sums.refundedMinor === 22_000);
      await scene.quiet();
      expect(await scene.booking()).toMatchObject({ phase: 'refunded', attention: null });
      expect(scene.gateway.returned()).toBe(22_000);
    }));
});
