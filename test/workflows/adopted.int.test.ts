import { expect, it } from 'vitest';
import { payUpdate } from '../../workflows/messages.ts';
import { MINUTE_MS } from './intake.ts';
import { describeScenarios } from './scenario.ts';
import type { Scene } from './scene.ts';

const GOODS = { service: { storefront: 'cart', payWhen: 'at_once', gateway: 'chip' } } as const;

/** A purchase of ours that nobody was told of: the answer to its opening was lost, and CHIP made another. */
async function orphan({ gateway }: Scene): Promise<string> {
  const [known] = gateway.intents.values();
  if (!known) throw new Error('nothing was opened');
  const started = await gateway.gateway.start(known.order, `lost/${gateway.intents.size}`);
  if (started.kind !== 'confirm') throw new Error('not started');
  return started.ref;
}

const statuses = async (scene: Scene) => (await scene.booking()).payments.map(({ status }) => status);
const adopted = async (scene: Scene): Promise<number> =>
  (await scene.facts()).filter((fact) => fact === 'payment.adopted').length;

describeScenarios('a purchase that nobody knew of', (play) => {
  it('and that is paid pays for the order, and the one beside it is closed', () =>
    play(GOODS, async (scene) => {
      await scene.open();
      const ref = await orphan(scene);
      await scene.pay(ref);
      const booking = await scene.until((b) => b.phase === 'confirmed');
      await scene.quiet();
      expect(booking.sums).toMatchObject({ capturedMinor: 11_000, refundedMinor: 0 });
      expect(await statuses(scene)).toEqual(['cancelled', 'succeeded']);
      expect((await scene.booking()).payments[1]).toMatchObject({ ref, attempt: 2, gateway: 'chip' });
      expect(scene.gateway.returned()).toBe(0);
      expect(await scene.letters()).toEqual(['booking_confirmed']);
    }));

  it('and that is the second to be paid goes back in full', () =>
    play(GOODS, async (scene) => {
      await scene.open();
      const ref = await orphan(scene);
      await scene.pay('pi_1');
      await scene.until((b) => b.phase === 'confirmed');
      await scene.pay(ref);
      const booking = await scene.until((b) => b.sums.refundedMinor > 0);
      await scene.quiet();
      expect(booking).toMatchObject({ phase: 'confirmed', sums: { capturedMinor: 22_000, refundedMinor: 11_000 } });
      expect([scene.gateway.returned('pi_1'), scene.gateway.returned(ref)]).toEqual([0, 11_000]);
      expect(await scene.letters()).toContain('duplicate_refunded');
      expect(await scene.balances()).not.toHaveProperty('refunds_payable USD');
    }));

  it('pays once, however often and by whatever way it is told of', () =>
    play(GOODS, async (scene) => {
      await scene.open();
      const ref = await orphan(scene);
      scene.gateway.set(ref, 'succeeded');
      await Promise.all([scene.news(ref), scene.news(ref), scene.news(ref)]);
      await scene.until((b) => b.phase === 'confirmed');
      await scene.news(ref);
      await scene.quiet();
      expect([await adopted(scene), (await scene.booking()).sums.capturedMinor]).toEqual([1, 11_000]);
    }));

  it('is nothing while nobody has paid it', () =>
    play(GOODS, async (scene) => {
      await scene.open();
      const ref = await orphan(scene);
      for (const status of ['requires_payment_method', 'processing', 'cancelled'] as const) {
        scene.gateway.set(ref, status);
        await scene.news(ref);
        await scene.quiet();
      }
      expect([await adopted(scene), await statuses(scene)]).toEqual([0, ['requires_payment_method']]);
      await scene.pay('pi_1');
      await scene.until((b) => b.phase === 'confirmed');
    }));

  it('takes no attempt away from the customer who asks to pay once more', () =>
    play(GOODS, async (scene) => {
      await scene.open();
      const ref = await orphan(scene);
      await scene.pass(31 * MINUTE_MS);
      await scene.until((b) => b.phase === 'expired');
      await scene.pay(ref);
      await scene.until((b) => b.phase === 'confirmed');
      await scene.quiet();
      expect(await statuses(scene)).toEqual(['cancelled', 'succeeded']);
      expect(await scene.ask(payUpdate, { attempt: 3 })).toMatchObject({ kind: 'refused', code: 'not_payable' });
    }));
});
