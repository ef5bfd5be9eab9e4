import { expect, it } from 'vitest';
import { cancelUpdate, compensateUpdate, refundUpdate, resolveUpdate } from '../../workflows/messages.ts';
import { bought } from './bought.ts';
import { closed, disputed, disputedOnce, staff, whole } from './disputed.ts';
import { DAY_MS, HOUR_MS } from './intake.ts';
import { describeScenarios } from './scenario.ts';
import type { Scene } from './scene.ts';

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
      // One that waits for the bank, and one that too much went back: no turn of the dispute told of either.
      await scene.quiet();
      expect((await scene.letters()).filter((kind) => kind === 'needs_attention')).toHaveLength(2);
      await closed(scene, 'won');
      await scene.pass(2 * DAY_MS);
      await scene.quiet();
      expect(scene.gateway.returned()).toBe(0);
      expect(await scene.booking()).toMatchObject({ attention: null, sums: { overReturnedMinor: 0 } });
    }));

  it('is not sent when the dispute is known before the gateway was asked', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.gateway.moods.refund.push(...Array.from({ length: 40 }, () => 'lost_before' as const));
      const asking = scene.ask(refundUpdate, whole(scene.refundId(1)));
      await scene.until((b) => b.refunds.length > 0);
      scene.gateway.dispute('pi_1');
      await scene.news();
      await scene.until((b) => b.disputes.length > 0);
      const asked = refundCalls(scene);
      await scene.pass(2 * HOUR_MS);
      expect(await asking).toMatchObject({ kind: 'accepted', status: 'failed' });
      expect(refundCalls(scene)).toBe(asked);
      expect(await scene.booking()).toMatchObject({ sums: { reservedMinor: 0, overReturnedMinor: 0 } });
    }));

  it('is owed no more once the bank has paid what was agreed on', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.gateway.before.refund = disputedOnce(scene, { amountMinor: 5_500 });
      await scene.ask(cancelUpdate, { actor: 'customer-1', refundMinor: 5_500, quoteId: 'cq_1' });
      await scene.until((b) => b.attention !== null);
      await scene.news();
      await scene.until((b) => b.sums.disputedMinor === 5_500);
      await closed(scene, 'lost');
      await scene.pass(2 * DAY_MS);
      await scene.quiet();
      expect(scene.gateway.returned()).toBe(0);
      expect(await scene.booking()).toMatchObject({ phase: 'cancelled', attention: null, sums: { reservedMinor: 0 } });
    }));

  it('of which the bank has paid a part is owed for the rest', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.gateway.before.refund = disputedOnce(scene, { amountMinor: 2_000 });
      await scene.ask(cancelUpdate, { actor: 'customer-1', refundMinor: 5_500, quoteId: 'cq_1' });
      await scene.until((b) => b.attention !== null);
      await scene.news();
      await scene.until((b) => b.sums.disputedMinor === 2_000);
      await closed(scene, 'lost');
      await scene.pass(2 * DAY_MS);
      await scene.quiet();
      expect(scene.gateway.returned()).toBe(3_500);
    }));
});

const refundCalls = ({ gateway }: Scene): number => gateway.calls.filter((call) => call.startsWith('refund')).length;
