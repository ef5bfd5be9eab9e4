import { expect, it } from 'vitest';
import type { AbandonedAs } from '../../domain/booking.ts';
import { checkPaymentUpdate, payUpdate } from '../../workflows/messages.ts';
import { MINUTE_MS } from './intake.ts';
import { describeScenarios } from './scenario.ts';
import type { Scene } from './scene.ts';

const GOODS = { service: { storefront: 'cart', payWhen: 'at_once', gateway: 'chip' } } as const;

const comesBack = (scene: Scene, cameBack: AbandonedAs, ref = 'pi_1') =>
  scene.ask(checkPaymentUpdate, { paymentRef: scene.gateway.refOf(ref), cameBack });

const notes = async (scene: Scene): Promise<number> =>
  (await scene.facts()).filter((fact) => fact === 'payment.abandoned').length;

const leftAs = async (scene: Scene) => (await scene.booking()).payments.map(({ abandoned }) => abandoned?.as ?? null);

const looks = ({ gateway }: Scene): number => gateway.calls.filter((call) => call.startsWith('look')).length;

describeScenarios('a customer who comes back from the payment page', (play) => {
  it.each(['failed', 'cancelled'] as const)('unpaid is noted as %s, and may pay all the same', (as) =>
    play(GOODS, async (scene) => {
      await scene.open();
      expect(await comesBack(scene, as)).toEqual({ status: 'awaiting_payment' });
      expect(await leftAs(scene)).toEqual([as]);
      expect((await scene.booking()).payments[0]?.abandoned?.note).toContain('requires_payment_method');
      await scene.pay();
      const paid = await scene.until((b) => b.phase === 'confirmed');
      expect(paid.sums).toMatchObject({ capturedMinor: 11_000, refundedMinor: 0 });
    }),
  );

  it.each(['failed', 'cancelled'] as const)('paid is paid, though by the link for %s', (as) =>
    play(GOODS, async (scene) => {
      await scene.open();
      scene.gateway.set('pi_1', 'succeeded');
      expect(await comesBack(scene, as)).toEqual({ status: 'confirmed' });
      expect([await notes(scene), await leftAs(scene)]).toEqual([0, [null]]);
    }),
  );

  it('is noted only after the gateway has said so', () =>
    play(GOODS, async (scene) => {
      await scene.open();
      const before = looks(scene);
      scene.gateway.moods.look.push('lost_before', 'lost_after');
      // Paid between two calls that were lost: a note made without an answer would be wrong.
      let asked = 0;
      scene.gateway.before.look = () => {
        asked += 1;
        if (asked === 3) scene.gateway.set('pi_1', 'succeeded');
      };
      expect(await comesBack(scene, 'cancelled')).toEqual({ status: 'confirmed' });
      expect(looks(scene) - before).toBeGreaterThanOrEqual(3);
      expect(await notes(scene)).toBe(0);
    }));

  it('is not noted while the money is on its way', () =>
    play(GOODS, async (scene) => {
      await scene.open();
      scene.gateway.set('pi_1', 'processing');
      expect(await comesBack(scene, 'cancelled')).toEqual({ status: 'processing' });
      expect(await notes(scene)).toBe(0);
      await scene.pay();
      await scene.until((b) => b.phase === 'confirmed');
    }));

  it('twice by one link is noted once, and by the other as that', () =>
    play(GOODS, async (scene) => {
      await scene.open();
      for (const as of ['failed', 'failed', 'cancelled', 'cancelled'] as const) await comesBack(scene, as);
      expect([await notes(scene), await leftAs(scene)]).toEqual([2, ['cancelled']]);
    }));

  it('is noted anew after another try was refused', () =>
    play(GOODS, async (scene) => {
      await scene.open();
      await comesBack(scene, 'cancelled');
      scene.gateway.decline('pi_1', 'try_1');
      await scene.news();
      await scene.until(({ payments }) => payments[0]?.declines === 1);
      expect(await leftAs(scene)).toEqual([null]);
      await comesBack(scene, 'cancelled');
      expect([await notes(scene), await leftAs(scene)]).toEqual([2, ['cancelled']]);
    }));

  it('from a page that was given up before says nothing of the one that is open', () =>
    play(GOODS, async (scene) => {
      await scene.open();
      expect(await scene.ask(payUpdate, { attempt: 2 })).toMatchObject({ kind: 'opened' });
      await comesBack(scene, 'cancelled', 'pi_1');
      expect([await notes(scene), await leftAs(scene)]).toEqual([0, [null, null]]);
    }));

  it('when the time to pay is over changes nothing any more', () =>
    play(GOODS, async (scene) => {
      await scene.open();
      await scene.pass(31 * MINUTE_MS);
      await scene.until((b) => b.phase === 'expired');
      expect(await comesBack(scene, 'failed')).toEqual({ status: 'expired' });
      expect(await notes(scene)).toBe(0);
    }));
});
