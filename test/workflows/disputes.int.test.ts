import { expect, it } from 'vitest';
import { cancelUpdate, compensateUpdate, refundUpdate, resolveUpdate, viewQuery } from '../../workflows/messages.ts';
import { bought, boughtBesideDisputed, confirmed } from './bought.ts';
import { DISPUTED, closed, disputed, lateNews, lateRun, staff, whole } from './disputed.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './intake.ts';
import { describeScenarios } from './scenario.ts';

const FEE = 1_500;
const ALL_BACK = { 'gateway_clearing USD': -59, 'gateway_fees USD': 59 };

describeScenarios('a dispute of a confirmed booking', (play) => {
  it('calls staff, has the evidence drawn, and freezes refunds and cancellation until it is won', () =>
    play({}, async (scene) => {
      await bought(scene);
      await disputed(scene);
      expect(await scene.booking()).toMatchObject({
        phase: 'confirmed',
        attention: { step: expect.stringMatching(/^dispute du_1/) },
        sums: { disputedMinor: 11_000, overReturnedMinor: 0 },
      });
      expect(await scene.papers()).toContain('evidence 1 v1');
      expect(await scene.letters()).toEqual(['booking_confirmed', 'dispute_opened']);
      expect(await scene.balances()).toMatchObject({ 'disputes USD': 11_000, 'gateway_fees USD': 59 + FEE });
      expect(await scene.ask(refundUpdate, whole(scene.refundId(1)))).toEqual(DISPUTED);
      const cancel = { actor: 'customer-1', refundMinor: 11_000, quoteId: 'cq_1' };
      expect(await scene.ask(cancelUpdate, cancel)).toEqual({ kind: 'disputed' });
      await closed(scene, 'won');
      expect((await scene.booking()).attention).toBeNull();
      expect(await scene.letters()).toContain('dispute_closed');
      expect(await scene.ask(refundUpdate, whole(scene.refundId(2)))).toMatchObject({ status: 'succeeded' });
      await scene.until((b) => b.phase === 'refunded');
      await scene.quiet();
      expect(scene.gateway.returned()).toBe(11_000);
      expect(await scene.balances()).toEqual({ 'gateway_clearing USD': -59 - FEE, 'gateway_fees USD': 59 + FEE });
    }));

  it('that is lost is our loss, leaves the trip as it was, and asks staff what becomes of it', () =>
    play({}, async (scene) => {
      await bought(scene);
      await disputed(scene);
      await closed(scene, 'lost');
      expect(await scene.booking()).toMatchObject({
        phase: 'confirmed',
        vouchers: [{ status: 'ready' }],
        attention: { reason: expect.stringContaining('the trip is still ahead') },
      });
      expect(await scene.letters()).toEqual(['booking_confirmed', 'dispute_opened', 'dispute_closed']);
      expect(await scene.balances()).toMatchObject({ 'dispute_losses USD': 11_000 });
      expect(await scene.ask(refundUpdate, whole(scene.refundId(1)))).toEqual({ kind: 'exceeds', leftMinor: 0 });
      expect(scene.supplier.standing('KLK1')).toBe('confirmed');
      expect(await scene.ask(compensateUpdate, staff)).toEqual({ kind: 'accepted' });
      await scene.until((b) => b.phase === 'refunded');
      await scene.quiet();
      expect(scene.gateway.returned()).toBe(0);
      expect(scene.supplier.standing('KLK1')).toBe('canceled');
      expect((await scene.booking()).vouchers.map(({ status }) => status)).toEqual(['void']);
    }));

  it('is told once, however often it is heard', () =>
    play({}, async (scene) => {
      await bought(scene);
      await disputed(scene);
      await scene.news();
      await scene.news();
      await scene.quiet();
      expect((await scene.facts()).filter((type) => type.startsWith('dispute.'))).toEqual(['dispute.opened']);
      expect((await scene.letters()).filter((kind) => kind === 'dispute_opened')).toHaveLength(1);
    }));

  it('whose end nobody tells us is read at the gateway within a day', () =>
    play({}, async (scene) => {
      await bought(scene);
      await disputed(scene);
      scene.gateway.closeDispute('pi_1', 'lost');
      await scene.pass(25 * HOUR_MS);
      await scene.quiet();
      expect(await scene.booking()).toMatchObject({
        disputes: [{ standing: 'lost' }],
        attention: { reason: expect.stringContaining('the trip is still ahead') },
      });
    }));

  it('that staff have seen calls them no more, and freezes on', () =>
    play({}, async (scene) => {
      await bought(scene);
      await disputed(scene);
      expect(await scene.ask(resolveUpdate, { ...staff, outcome: 'done' })).toEqual({ kind: 'accepted' });
      await scene.until((b) => b.attention === null);
      expect(await scene.ask(refundUpdate, whole(scene.refundId(1)))).toEqual(DISPUTED);
    }));

  it('stopped by staff gives the order back at once, and the money when the bank has let go of it', () =>
    play({}, async (scene) => {
      await bought(scene);
      await disputed(scene);
      expect(await scene.ask(compensateUpdate, staff)).toEqual({ kind: 'accepted' });
      await scene.until((b) => b.supplierOrders[0]?.status === 'canceled');
      await scene.quiet();
      expect(await scene.booking()).toMatchObject({ attention: expect.anything(), sums: { reservedMinor: 0 } });
      expect(scene.gateway.refunds.size).toBe(0);
      scene.gateway.closeDispute('pi_1', 'won');
      await scene.until((b) => b.phase === 'refunded');
      await scene.quiet();
      expect(scene.gateway.returned()).toBe(11_000);
      expect((await scene.booking()).attention).toBeNull();
    }));
});

describeScenarios('an inquiry', (play) => {
  it('calls staff, and takes and freezes nothing', () =>
    play({}, async (scene) => {
      await bought(scene);
      const before = await scene.balances();
      await disputed(scene, { standing: 'inquiry' });
      expect(await scene.balances()).toEqual(before);
      expect(await scene.papers()).toContain('evidence 1 v1');
      expect(await scene.ask(refundUpdate, whole(scene.refundId(1)))).toMatchObject({ status: 'succeeded' });
      await closed(scene, 'dropped');
      expect(await scene.booking()).toMatchObject({ attention: null, phase: 'refunded' });
      expect(await scene.balances()).toEqual(ALL_BACK);
    }));

  it('that becomes a dispute calls them anew', () =>
    play({}, async (scene) => {
      await bought(scene);
      await disputed(scene, { standing: 'inquiry' });
      scene.gateway.dispute('pi_1');
      await scene.news();
      await scene.until((b) => b.sums.disputedMinor === 11_000);
      await scene.quiet();
      expect((await scene.letters()).filter((kind) => kind === 'dispute_opened')).toHaveLength(2);
      expect((await scene.booking()).attention?.reason).toContain('has taken the money');
      expect(await scene.papers()).toEqual(expect.arrayContaining(['evidence 1 v1', 'evidence 1 v2']));
    }));
});

describeScenarios('a dispute at an awkward moment', (play) => {
  it('before the confirmation is heard of with the money, and the trip is bought', () =>
    play({}, async (scene) => {
      await scene.open();
      scene.gateway.set('pi_1', 'succeeded');
      scene.gateway.dispute('pi_1');
      await scene.news();
      await scene.until((b) => confirmed(b) && b.attention !== null);
      await scene.quiet();
      expect(await scene.booking()).toMatchObject({ phase: 'confirmed', sums: { disputedMinor: 11_000 } });
      expect(await scene.letters()).toEqual(expect.arrayContaining(['dispute_opened', 'booking_confirmed']));
    }));

  it('of money that could buy nothing keeps it back until the bank has decided', () =>
    play({}, async (scene) => {
      scene.supplier.script.available = false;
      await scene.open();
      scene.gateway.set('pi_1', 'succeeded');
      scene.gateway.dispute('pi_1');
      await scene.news();
      await scene.until((b) => b.attention !== null);
      expect(scene.gateway.refunds.size).toBe(0);
      scene.gateway.closeDispute('pi_1', 'lost');
      await scene.until((b) => b.phase === 'refunded');
      await scene.quiet();
      expect(scene.gateway.returned()).toBe(0);
      expect(await scene.balances()).toEqual({ 'gateway_clearing USD': -59 - FEE, 'gateway_fees USD': 59 + FEE });
    }));

  it('of what was refunded already is recorded as too much, and calls staff', () =>
    play({}, async (scene) => {
      await bought(scene);
      await scene.ask(refundUpdate, whole(scene.refundId(1)));
      await scene.until((b) => b.phase === 'refunded');
      await scene.quiet();
      await disputed(scene);
      expect(await scene.booking()).toMatchObject({
        phase: 'refunded',
        attention: expect.anything(),
        sums: { refundedMinor: 11_000, disputedMinor: 11_000, overReturnedMinor: 11_000 },
      });
      expect(await scene.balances()).toMatchObject({ 'disputes USD': 11_000 });
      const { attention } = await scene.handle.query(viewQuery);
      expect(attention).toMatch(/dispute du_1/);
      expect(attention).toContain('more went back than was taken');
      // The letter about the dispute says that as well.
      expect(await scene.letters()).toEqual(['booking_confirmed', 'booking_refunded', 'dispute_opened']);
      await closed(scene, 'won');
      expect(await scene.booking()).toMatchObject({ attention: null, sums: { overReturnedMinor: 0 } });
    }));

  it('that opens while a refund of the whole is asked for gives the money back once', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.gateway.before.refund = () => void (scene.gateway.isDisputed('pi_1') || scene.gateway.dispute('pi_1'));
      const answer = await scene.ask(refundUpdate, whole(scene.refundId(1)));
      expect(answer).toMatchObject({ kind: 'accepted', status: 'failed' });
      await scene.news();
      await scene.until((b) => b.sums.disputedMinor === 11_000);
      await scene.quiet();
      expect(scene.gateway.returned()).toBe(0);
      expect((await scene.booking()).sums).toMatchObject({ reservedMinor: 0, overReturnedMinor: 0 });
    }));

  it('of the second payment keeps its return waiting, and makes it once the dispute is won', () =>
    play({}, async (scene) => {
      await boughtBesideDisputed(scene);
      expect(scene.gateway.refunds.size).toBe(0);
      expect(await scene.ask(refundUpdate, { ...whole(scene.refundId(1)), amountMinor: 1_000 })).toMatchObject({
        status: 'succeeded',
      });
      await closed(scene, 'won');
      await scene.until((b) => b.sums.refundedMinor === 12_000);
      await scene.quiet();
      expect(scene.gateway.returned()).toBe(12_000);
      expect(await scene.booking()).toMatchObject({ phase: 'partially_refunded', attention: null });
    }));

  it('of the second payment lets the customer cancel what the first one paid for', () =>
    play({}, async (scene) => {
      await boughtBesideDisputed(scene);
      const cancel = { actor: 'customer-1', refundMinor: 11_000, quoteId: 'cq_1' };
      expect(await scene.ask(cancelUpdate, cancel)).toEqual({ kind: 'cancelled' });
      await scene.until((b) => b.sums.refundedMinor === 11_000);
      await scene.quiet();
      expect([scene.gateway.returned('pi_1'), scene.gateway.returned('pi_2')]).toEqual([0, 11_000]);
      await closed(scene, 'won');
      await scene.until((b) => b.sums.refundedMinor === 22_000);
      await scene.quiet();
      expect([scene.gateway.returned('pi_1'), scene.gateway.returned('pi_2')]).toEqual([11_000, 11_000]);
      expect(await scene.booking()).toMatchObject({ phase: 'cancelled', attention: null });
    }));

  it('of a part freezes the rest as well, and when it is lost the rest can be refunded', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.gateway.dispute('pi_1', { amountMinor: 4_000 });
      await scene.news();
      await scene.until((b) => b.sums.disputedMinor === 4_000);
      expect(await scene.ask(refundUpdate, { ...whole(scene.refundId(1)), amountMinor: 1_000 })).toEqual(DISPUTED);
      await closed(scene, 'lost');
      expect(await scene.ask(refundUpdate, { ...whole(scene.refundId(2)), amountMinor: 8_000 })).toEqual({
        kind: 'exceeds',
        leftMinor: 7_000,
      });
    }));
});

describeScenarios('after the booking’s workflow is over, a dispute', (play) => {
  it('is recorded and told to staff, and nothing is refunded', () =>
    play({ serviceInMs: DAY_MS }, async (scene) => {
      await bought(scene);
      await scene.pass(123 * DAY_MS);
      expect(await scene.handle.result()).toBe('confirmed');
      scene.gateway.dispute('pi_1');
      expect(await lateRun(scene)).toBe('nothing_owed');
      expect(await scene.booking()).toMatchObject({ phase: 'confirmed', sums: { disputedMinor: 11_000 } });
      expect(await scene.letters()).toContain('dispute_opened');
      expect(await scene.papers()).toContain('evidence 1 v1');
      scene.gateway.closeDispute('pi_1', 'lost');
      expect(await lateRun(scene)).toBe('nothing_owed');
      expect(await scene.letters()).toContain('dispute_closed');
      expect(scene.gateway.refunds.size).toBe(0);
      expect(await scene.balances()).toMatchObject({ 'dispute_losses USD': 11_000 });
    }));

  it('of money that came late keeps it back, and what is won goes back once', () =>
    play({}, async (scene) => {
      await scene.open();
      await scene.pass(31 * MINUTE_MS);
      await scene.until((b) => b.phase === 'expired');
      await scene.pass(8 * DAY_MS);
      expect(await scene.handle.result()).toBe('expired');
      scene.gateway.set('pi_1', 'succeeded');
      scene.gateway.dispute('pi_1');
      const late = await lateNews(scene);
      await scene.until((b) => b.attention !== null);
      expect(scene.gateway.refunds.size).toBe(0);
      scene.gateway.closeDispute('pi_1', 'won');
      expect(await late.result()).toBe('refunded');
      expect(scene.gateway.returned()).toBe(11_000);
      expect(await scene.booking()).toMatchObject({ phase: 'refunded', attention: null });
    }));
});
