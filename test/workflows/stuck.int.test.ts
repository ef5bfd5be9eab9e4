import { expect, it } from 'vitest';
import { cancelUpdate, compensateUpdate, resolveUpdate } from '../../workflows/messages.ts';
import { bought } from './bought.ts';
import { describeScenarios } from './scenario.ts';

const staff = { actor: 'staff-1' };

describeScenarios('what is stuck', (play) => {
  it('is settled step by step: a verdict on one says nothing of another that is stuck beside it', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.supplier.script.cancel = 'refuses';
      scene.gateway.moods.refund.push('bars_us', 'bars_us', 'bars_us', 'bars_us');
      await scene.ask(compensateUpdate, staff);
      const stuck = await scene.until((b) => b.attention !== null);
      await scene.quiet();
      expect(await scene.ask(resolveUpdate, { ...staff, outcome: 'done' })).toMatchObject({ kind: 'nothing_to_do' });
      const shown = (await scene.booking()).attention ?? stuck.attention;
      const verdict = { ...staff, outcome: 'done', attentionId: shown?.id ?? '' } as const;
      expect(await scene.ask(resolveUpdate, verdict)).toEqual({ kind: 'accepted' });
      await scene.quiet();
      const booking = await scene.booking();
      const byHand = booking.refunds.filter((refund) => refund.ref?.startsWith('by-hand')).length;
      const writtenOff = booking.supplierOrders.filter((order) => order.status === 'canceled').length;
      expect(byHand + writtenOff).toBe(1);
      expect(booking.attention).not.toBeNull();
    }));

  it('is a refund that staff gave by hand in the moment when it went through: both are on record, and they are called', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.gateway.moods.refund.push('bars_us');
      await scene.ask(compensateUpdate, staff);
      const { attention } = await scene.until((b) => b.attention !== null);
      const given = { ...staff, outcome: 'done', attentionId: attention?.id ?? '' } as const;
      const { gateway } = scene.gateway;
      const refund = gateway.refund.bind(gateway);
      gateway.refund = async (order, key) => {
        expect(await scene.ask(resolveUpdate, given)).toEqual({ kind: 'accepted' });
        return refund(order, key);
      };
      const booking = await scene.until((b) => b.sums.overReturnedMinor === 11_000);
      expect(booking.refunds.map(({ status, ref }) => [status, ref?.startsWith('by-hand/')])).toEqual([
        ['succeeded', false],
        ['succeeded', true],
      ]);
      expect(scene.gateway.returned()).toBe(11_000);
      await scene.until((b) => b.attention?.reason.includes('more') === true);
    }));

  it('is not an order that was rejected behind a lost answer: the customer gets the money back', () =>
    play({}, async (scene) => {
      scene.supplier.script.afterPay = 'rejected';
      scene.supplier.moods.pay.push('lost_after');
      await scene.open();
      await scene.pay();
      const { supplierOrders } = await scene.until((b) => b.phase === 'refunded');
      expect(scene.gateway.returned()).toBe(11_000);
      // What it moved on our balance there and back is in our books, though nobody heard of either when it happened.
      expect(supplierOrders).toMatchObject([{ status: 'rejected', paidMinor: 10_000, returnedMinor: 10_000 }]);
      expect(scene.supplier.credits).toEqual(scene.supplier.debits);
    }));

  it('never is a request that came while the booking was opened and refused', () =>
    play({}, async (scene) => {
      scene.gateway.moods.start.push('refuses');
      const opening = scene.open();
      const asked = scene.ask(cancelUpdate, { ...staff, refundMinor: null, quoteId: null }).catch(() => 'over');
      expect(await opening).toMatchObject({ kind: 'refused' });
      expect(['over', { kind: 'too_late', status: 'failed' }]).toContainEqual(await asked);
      expect(await scene.handle.result()).toBe('failed');
    }));
});
