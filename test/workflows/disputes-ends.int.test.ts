import { expect, it } from 'vitest';
import { approveRefundUpdate, payUpdate, refundUpdate, resolveUpdate } from '../../workflows/messages.ts';
import { bought, confirmed } from './bought.ts';
import { DISPUTED, closed, disputed, staff, whole } from './disputed.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './intake.ts';
import { describeScenarios } from './scenario.ts';

describeScenarios('the end of a dispute', (play) => {
  it('of a part of the second payment, lost, gives back the rest of it', () =>
    play({}, async (scene) => {
      await scene.open();
      await scene.ask(payUpdate, { attempt: 2 });
      await scene.pay('pi_2');
      await scene.until(confirmed);
      scene.gateway.dispute('pi_1', { amountMinor: 4_000 });
      await scene.pay('pi_1');
      await scene.until((b) => b.disputes.length > 0 && b.attention !== null);
      await scene.quiet();
      await closed(scene, 'lost');
      await scene.until((b) => b.sums.refundedMinor === 7_000);
      await scene.quiet();
      expect(scene.gateway.returned()).toBe(7_000);
      expect((await scene.booking()).phase).toBe('confirmed');
    }));

  it('of a part, lost, and the rest refunded by staff leave nobody a trip that nobody pays for', () =>
    play({}, async (scene) => {
      await bought(scene);
      await disputed(scene, { amountMinor: 4_000 });
      await closed(scene, 'lost');
      await scene.ask(refundUpdate, whole(scene.refundId(1)));
      await scene.until((b) => b.phase === 'refunded');
      await scene.pass(HOUR_MS);
      await scene.quiet();
      expect((await scene.booking()).vouchers.map(({ status }) => status)).toEqual(['void']);
      expect(scene.supplier.standing('KLK1')).toBe('canceled');
    }));

  it('that leaves less than a refund that awaits approval ends that refund, and tells staff', () =>
    play({}, async (scene) => {
      await bought(scene);
      const asked = (n: number, amountMinor: number) =>
        scene.ask(refundUpdate, { ...whole(scene.refundId(n)), amountMinor, approvalLimitMinor: 0 });
      const approved = (n: number) => scene.ask(approveRefundUpdate, { refundId: scene.refundId(n), actor: 'staff-2' });
      await asked(1, 8_000);
      await asked(2, 5_000);
      await disputed(scene, { amountMinor: 4_000 });
      expect(await approved(1)).toEqual(DISPUTED);
      expect((await scene.booking()).refunds).toMatchObject([
        { status: 'awaiting_approval' },
        { status: 'awaiting_approval' },
      ]);
      await closed(scene, 'lost');
      expect((await scene.booking()).refunds).toMatchObject([{ status: 'failed' }, { status: 'awaiting_approval' }]);
      expect(await scene.letters()).toContain('refund_lapsed');
      expect(await approved(1)).toEqual({ kind: 'not_refundable', code: 'not_waiting' });
      expect(await approved(2)).toMatchObject({ status: 'succeeded' });
      await scene.quiet();
      expect(scene.gateway.returned()).toBe(5_000);
    }));

  it('is read at the gateway although staff have seen it', () =>
    play({}, async (scene) => {
      await bought(scene);
      await disputed(scene);
      await scene.ask(resolveUpdate, { ...staff, outcome: 'done' });
      await scene.until((b) => b.attention === null);
      scene.gateway.closeDispute('pi_1', 'won');
      await scene.pass(25 * HOUR_MS);
      await scene.quiet();
      expect((await scene.booking()).disputes).toMatchObject([{ standing: 'won' }]);
    }));

  it('is waited for by a booking whose time is over', () =>
    play({ serviceInMs: DAY_MS }, async (scene) => {
      await bought(scene);
      await disputed(scene);
      await scene.ask(resolveUpdate, { ...staff, outcome: 'done' });
      await scene.until((b) => b.attention === null);
      await scene.pass(123 * DAY_MS);
      expect((await scene.handle.describe()).status.name).toBe('RUNNING');
      scene.gateway.closeDispute('pi_1', 'won');
      await scene.pass(2 * DAY_MS);
      expect(await scene.handle.result()).toBe('confirmed');
    }));

  it('is awaited by late money beside the story: staff are answered, and the evidence is drawn', () =>
    play({}, async (scene) => {
      await scene.open();
      await scene.pass(31 * MINUTE_MS);
      await scene.until((b) => b.phase === 'expired');
      scene.gateway.set('pi_1', 'succeeded');
      scene.gateway.dispute('pi_1');
      await scene.news();
      await scene.until((b) => b.attention !== null);
      await scene.quiet();
      expect(await scene.papers()).toContain('evidence 1 v1');
      expect(await scene.ask(refundUpdate, whole(scene.refundId(1)))).toEqual(DISPUTED);
      await closed(scene, 'won');
      await scene.until((b) => b.phase === 'refunded');
      await scene.quiet();
      expect(scene.gateway.returned()).toBe(11_000);
      expect((await scene.booking()).refunds).toMatchObject([{ cause: 'late' }]);
    }));

  it('that is lost with the trip ahead calls staff until the trip begins', () =>
    play({ serviceInMs: 3 * DAY_MS }, async (scene) => {
      await bought(scene);
      await disputed(scene);
      await closed(scene, 'lost');
      expect((await scene.booking()).attention?.reason).toContain('the trip is still ahead');
      await scene.pass(4 * DAY_MS);
      await scene.quiet();
      expect((await scene.booking()).attention).toBeNull();
    }));
});
