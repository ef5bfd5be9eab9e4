import { expect, it } from 'vitest';
import type { Booking } from '../../domain/booking.ts';
import { compensateUpdate, refundUpdate, resolveUpdate, retryStepUpdate } from '../../workflows/messages.ts';
import { HOUR_MS, MINUTE_MS } from './intake.ts';
import { bought } from './bought.ts';
import { describeScenarios } from './scenario.ts';

const staff = { actor: 'staff-1' };
const confirmed = (b: Booking): boolean => b.phase === 'confirmed' && b.vouchers.length > 0;
const refunded = (b: Booking): boolean => b.phase === 'refunded';
const ALL_BACK = { 'gateway_clearing USD': -59, 'gateway_fees USD': 59 };

describeScenarios('stopped by staff, a booking', (play) => {
  it('is given back while the supplier still decides', () =>
    play({}, async (scene) => {
      scene.supplier.script.afterPay = 'pending';
      await scene.open();
      await scene.pay();
      await scene.until((b) => b.supplierOrders[0]?.status === 'pending');
      expect(await scene.ask(compensateUpdate, staff)).toEqual({ kind: 'accepted' });
      await scene.until(refunded);
      await scene.quiet();
      expect(scene.supplier.standing('KLK1')).toBe('canceled');
      expect(await scene.balances()).toEqual(ALL_BACK);
      expect(await scene.letters()).toEqual(['booking_refunded']);
    }));

  it('is given back out of a step that was stuck, and staff are not called any more', () =>
    play({}, async (scene) => {
      scene.supplier.script.balanceMinor = 100;
      await scene.open();
      await scene.pay();
      await scene.until((b) => b.attention !== null);
      expect(await scene.ask(compensateUpdate, staff)).toEqual({ kind: 'accepted' });
      const booking = await scene.until(refunded);
      await scene.quiet();
      expect((await scene.booking()).attention).toBeNull();
      expect(booking.sums.refundedMinor).toBe(11_000);
      expect(scene.supplier.debits).toHaveLength(0);
      expect(await scene.balances()).toEqual(ALL_BACK);
    }));

  it('is given back after it was confirmed, and its papers are void', () =>
    play({}, async (scene) => {
      await bought(scene);
      expect(await scene.ask(compensateUpdate, staff)).toEqual({ kind: 'accepted' });
      await scene.until(refunded);
      await scene.quiet();
      const booking = await scene.booking();
      expect(booking.vouchers.map(({ status }) => status)).toEqual(['void']);
      expect(await scene.papers()).toEqual(['receipt 1 v1', 'voucher 1 v1', 'receipt 1 v2', 'voucher 1 v2']);
      expect(scene.supplier.credits).toEqual(scene.supplier.debits);
      expect(await scene.balances()).toEqual(ALL_BACK);
      expect(await scene.letters()).toEqual(['booking_confirmed', 'booking_refunded']);
    }));

  it('costs us what the supplier kept of an order it had ended itself', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.supplier.endAtAFee('KLK1', 'canceled', 1_500);
      expect(await scene.ask(compensateUpdate, staff)).toEqual({ kind: 'accepted' });
      const booking = await scene.until((b) => refunded(b) && b.supplierOrders[0]?.status === 'canceled');
      await scene.quiet();
      expect(booking.supplierOrders[0]).toMatchObject({ paidMinor: 10_000, returnedMinor: 8_500 });
      expect(await scene.balances()).toEqual({ ...ALL_BACK, 'revenue USD': 1_500, 'supplier_balance USD': -1_500 });
    }));

  it('is given back while its vouchers are awaited, and nobody waits for them any more', () =>
    play({}, async (scene) => {
      scene.supplier.script.vouchersReady = false;
      await scene.open();
      await scene.pay();
      await scene.until((b) => b.phase === 'confirmed');
      await scene.pass(2 * MINUTE_MS);
      await scene.ask(compensateUpdate, staff);
      await scene.until(refunded);
      scene.supplier.issueVouchers('KLK1');
      await scene.pass(10 * MINUTE_MS);
      const { raw } = await scene.handle.describe();
      expect(raw.pendingActivities ?? []).toEqual([]);
      expect((await scene.booking()).vouchers.filter(({ status }) => status !== 'void')).toEqual([]);
      expect(await scene.balances()).toEqual(ALL_BACK);
    }));

  it('has nothing to give back before it was paid, nor twice', () =>
    play({}, async (scene) => {
      await scene.open();
      expect(await scene.ask(compensateUpdate, staff)).toMatchObject({ kind: 'nothing_to_do' });
      await scene.pay();
      await scene.until(confirmed);
      await scene.ask(compensateUpdate, staff);
      await scene.until(refunded);
      await scene.quiet();
      expect(await scene.ask(compensateUpdate, staff)).toMatchObject({ kind: 'nothing_to_do' });
      expect(scene.gateway.returned()).toBe(11_000);
    }));
});

describeScenarios('found impossible by staff, a step', (play) => {
  it('of fulfilment ends in giving everything back', () =>
    play({}, async (scene) => {
      scene.supplier.script.away = true;
      await scene.open();
      await scene.pay();
      await scene.pass(20 * MINUTE_MS);
      await scene.until((b) => b.attention !== null);
      expect(await scene.ask(resolveUpdate, { ...staff, outcome: 'impossible' })).toEqual({ kind: 'accepted' });
      scene.supplier.script.away = false;
      await scene.until(refunded);
      await scene.quiet();
      expect((await scene.booking()).attention).toBeNull();
      expect(await scene.balances()).toEqual(ALL_BACK);
    }));

  it('of giving back is not given up', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.supplier.script.cancel = 'lost';
      await scene.ask(compensateUpdate, staff);
      await scene.pass(20 * MINUTE_MS);
      await scene.until((b) => b.attention?.step === 'cancel the supplier order');
      expect(await scene.ask(resolveUpdate, { ...staff, outcome: 'impossible' })).toMatchObject({
        kind: 'nothing_to_do',
      });
      scene.supplier.script.cancel = 'approves';
      expect(await scene.ask(retryStepUpdate, staff)).toEqual({ kind: 'accepted' });
      await scene.until((b) => b.attention === null && refunded(b));
      expect(await scene.balances()).toEqual(ALL_BACK);
    }));
});

describeScenarios('without the supplier’s help, a booking', (play) => {
  it('is refunded all the same, stays in view of staff, and its order can be written off', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.supplier.script.cancel = 'lost';
      await scene.ask(compensateUpdate, staff);
      await scene.until((b) => b.sums.refundedMinor === 11_000);
      await scene.pass(20 * MINUTE_MS);
      const stuck = await scene.until((b) => b.attention !== null);
      expect(stuck.attention?.step).toBe('cancel the supplier order');
      expect(await scene.ask(resolveUpdate, { ...staff, outcome: 'done' })).toEqual({ kind: 'accepted' });
      const booking = await scene.until((b) => b.attention === null && refunded(b));
      expect(booking.supplierOrders[0]).toMatchObject({ status: 'canceled', paidMinor: 10_000, returnedMinor: 0 });
      await scene.quiet();
      expect(await scene.balances()).toMatchObject({ 'supplier_balance USD': -10_000, 'gateway_clearing USD': -59 });
    }));

  it('has its letter and its papers while the supplier does not answer at all', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.supplier.script.away = true;
      await scene.ask(compensateUpdate, staff);
      await scene.until(refunded);
      await scene.quiet();
      expect(await scene.papers()).toEqual(['receipt 1 v1', 'voucher 1 v1', 'receipt 1 v2', 'voucher 1 v2']);
      expect(await scene.letters()).toEqual(['booking_confirmed', 'booking_refunded']);
      await scene.until((b) => b.attention?.step === 'cancel the supplier order');
      scene.supplier.script.away = false;
      await scene.until((b) => b.attention === null && b.supplierOrders[0]?.status === 'canceled');
      expect(await scene.balances()).toEqual(ALL_BACK);
    }));

  it('takes its order back though it was not shown for a while: that proves nothing of what was paid', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.supplier.script.hides = true;
      await scene.ask(compensateUpdate, staff);
      await scene.until((b) => b.sums.refundedMinor === 11_000);
      await scene.pass(5 * MINUTE_MS);
      expect((await scene.booking()).supplierOrders[0]).toMatchObject({ status: 'confirmed', paidMinor: 10_000 });
      scene.supplier.script.hides = false;
      await scene.until((b) => b.supplierOrders[0]?.status === 'canceled');
      expect(scene.supplier.credits).toEqual(scene.supplier.debits);
      expect(await scene.balances()).toEqual(ALL_BACK);
    }));

  it('is taken back when the supplier, asked once more, no longer refuses', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.supplier.script.cancel = 'refuses';
      await scene.ask(compensateUpdate, staff);
      const stuck = await scene.until((b) => b.attention !== null);
      expect(stuck.attention?.reason).toContain('settle it with them, or write it off');
      scene.supplier.script.cancel = 'approves';
      expect(await scene.ask(retryStepUpdate, staff)).toEqual({ kind: 'accepted' });
      await scene.until((b) => b.attention === null && b.supplierOrders[0]?.status === 'canceled');
      expect(await scene.balances()).toEqual(ALL_BACK);
    }));

  it('is refunded though the supplier will not take the order back, and staff settle what it costs us', () =>
    play({}, async (scene) => {
      scene.supplier.script.cancel = 'refuses';
      scene.supplier.script.afterPay = 'pending';
      await scene.open();
      await scene.pay();
      await scene.until((b) => b.supplierOrders[0]?.status === 'pending');
      await scene.ask(compensateUpdate, staff);
      const stuck = await scene.until((b) => b.attention !== null && b.sums.refundedMinor === 11_000);
      expect(stuck.attention?.reason).toContain('refuses to cancel');
      expect(stuck.supplierOrders[0]?.status).toBe('pending');
      const byHand = { ...staff, outcome: 'done', attentionId: stuck.attention?.id ?? '' } as const;
      expect(await scene.ask(resolveUpdate, byHand)).toEqual({ kind: 'accepted' });
      await scene.until((b) => b.attention === null && refunded(b));
      await scene.quiet();
      expect(await scene.balances()).toEqual({
        ...ALL_BACK,
        'supplier_balance USD': -10_000,
        'supplier_penalties USD': 10_000,
      });
    }));
});

describeScenarios('on its way back, the money', (play) => {
  it.each([
    ['after it took effect', 'lost_after'],
    ['before it took effect', 'lost_before'],
  ] as const)('goes once though the call broke off %s', (_when, mood) =>
    play({}, async (scene) => {
      await bought(scene);
      scene.gateway.moods.refund.push(mood);
      await scene.ask(compensateUpdate, staff);
      await scene.until(refunded);
      await scene.quiet();
      expect(scene.gateway.refunds.size).toBe(1);
      expect(scene.gateway.returned()).toBe(11_000);
      expect(await scene.balances()).toEqual(ALL_BACK);
    }),
  );

  it('is insisted on after a refusal: staff are called, and the next try is a refund of its own', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.gateway.moods.refund.push('refuses');
      await scene.ask(compensateUpdate, staff);
      const stuck = await scene.until((b) => b.attention !== null);
      expect(stuck.attention?.reason).toContain('refused');
      const booking = await scene.until(refunded);
      await scene.quiet();
      expect(booking.refunds.map(({ status }) => status).toSorted()).toEqual(['failed', 'succeeded']);
      expect((await scene.booking()).attention).toBeNull();
      expect(scene.gateway.returned()).toBe(11_000);
      expect(await scene.balances()).toEqual(ALL_BACK);
    }));

  it('is asked for with growing pauses while it is refused, in one call of staff', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.gateway.moods.refund.push(...Array.from({ length: 200 }, () => 'refuses' as const));
      await scene.ask(compensateUpdate, staff);
      await scene.pass(3 * 24 * 60 * MINUTE_MS);
      expect((await scene.booking()).refunds.length).toBeLessThan(20);
      expect((await scene.letters()).filter((kind) => kind === 'needs_attention')).toHaveLength(1);
    }));

  it('goes back as far as somebody has not given it back in the dashboard already', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.gateway.returnElsewhere('pi_1', 5_000);
      await scene.ask(compensateUpdate, staff);
      await scene.until(refunded);
      expect(scene.gateway.returned()).toBe(11_000);
    }));

  it('may be given back by hand after a refusal', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.gateway.moods.refund.push('refuses');
      await scene.ask(compensateUpdate, staff);
      await scene.until((b) => b.attention !== null);
      expect(await scene.ask(resolveUpdate, { ...staff, outcome: 'done' })).toEqual({ kind: 'accepted' });
      const booking = await scene.until(refunded);
      expect(booking.refunds.find(({ status }) => status === 'succeeded')?.ref).toBe('by-hand/staff-1');
      expect(scene.gateway.returned()).toBe(0);
    }));

  it('is on record twice where staff gave it by hand while the next try was under way, and they are called', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.gateway.moods.refund.push('refuses', 'pending');
      await scene.ask(compensateUpdate, staff);
      const stuck = await scene.until((b) => b.attention !== null && b.refunds[1]?.ref !== undefined);
      await scene.until((b) => b.refunds[1]?.status === 'pending' && b.refunds[1].ref !== null);
      const shown = { ...staff, attentionId: stuck.attention?.id ?? '' };
      expect(await scene.ask(resolveUpdate, { ...shown, outcome: 'done' })).toEqual({ kind: 'accepted' });
      scene.gateway.finishRefund([...scene.gateway.refunds.keys()][1] ?? '');
      const booking = await scene.until((b) => b.refunds.some(({ ref }) => ref === 'by-hand/staff-1'));
      expect(booking.sums.overReturnedMinor).toBe(11_000);
      expect(scene.gateway.returned()).toBe(11_000);
      await scene.until((b) => b.attention?.reason.includes('more') === true);
    }));

  it('waits for a refund that is under way beside, and is owed that as well when it fails', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.gateway.moods.refund.push('pending');
      const beside = { refundId: scene.refundId(1), amountMinor: 5_000, actor: 'staff-1', approvalLimitMinor: null };
      const answer = scene.ask(refundUpdate, beside);
      await scene.until((b) => b.refunds[0]?.ref !== null && b.refunds[0]?.status === 'pending');
      await scene.ask(compensateUpdate, staff);
      await scene.until((b) => b.sums.refundedMinor === 6_000);
      await scene.quiet();
      expect((await scene.booking()).phase).toBe('partially_refunded');
      scene.gateway.bounce(scene.refundId(1));
      await scene.until(refunded);
      expect(await answer).toMatchObject({ status: 'failed' });
      expect(scene.gateway.returned()).toBe(11_000);
    }));

  it('is called returned only when the gateway says so', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.gateway.moods.refund.push('pending');
      await scene.ask(compensateUpdate, staff);
      await scene.until((b) => b.refunds[0]?.ref !== null && b.refunds[0]?.status === 'pending');
      await scene.pass(2 * HOUR_MS);
      expect((await scene.booking()).sums).toMatchObject({ refundedMinor: 0, reservedMinor: 11_000 });
      scene.gateway.finishRefund([...scene.gateway.refunds.keys()][0] ?? '');
      await scene.until(refunded);
      await scene.quiet();
      expect(await scene.balances()).toEqual(ALL_BACK);
    }));
});

describeScenarios('asked to cancel in the Temporal Web UI, a booking', (play) => {
  it('that was not paid is closed at the gateway and over', () =>
    play({}, async (scene) => {
      await scene.open();
      await scene.handle.cancel();
      expect(await scene.handle.result()).toBe('cancelled');
      expect([...scene.gateway.intents.values()].map(({ status }) => status)).toEqual(['cancelled']);
      expect(await scene.letters()).toEqual(['booking_cancelled']);
    }));

  it('that is being paid in this moment gives the money back', () =>
    play({}, async (scene) => {
      await scene.open();
      scene.gateway.before.close = () => scene.gateway.set('pi_1', 'succeeded');
      await scene.handle.cancel();
      expect(await scene.handle.result()).toBe('refunded');
      expect(scene.gateway.returned()).toBe(11_000);
      expect(await scene.balances()).toEqual(ALL_BACK);
    }));

  it('whose money is in flight waits for the gateway’s word', () =>
    play({}, async (scene) => {
      await scene.open();
      scene.gateway.set('pi_1', 'processing');
      await scene.news();
      await scene.until((b) => b.phase === 'processing');
      await scene.handle.cancel();
      await scene.pass(HOUR_MS);
      expect((await scene.booking()).phase).toBe('processing');
      scene.gateway.set('pi_1', 'succeeded');
      expect(await scene.handle.result()).toBe('refunded');
      expect(scene.gateway.returned()).toBe(11_000);
    }));

  it('that is being bought gives everything back', () =>
    play({}, async (scene) => {
      scene.supplier.script.afterPay = 'pending';
      await scene.open();
      await scene.pay();
      await scene.until((b) => b.supplierOrders[0]?.status === 'pending');
      await scene.handle.cancel();
      expect(await scene.handle.result()).toBe('refunded');
      expect(scene.supplier.standing('KLK1')).toBe('canceled');
      expect(await scene.balances()).toEqual(ALL_BACK);
    }));

  it('that was confirmed gives everything back, and voids its papers', () =>
    play({}, async (scene) => {
      await bought(scene);
      await scene.handle.cancel();
      expect(await scene.handle.result()).toBe('refunded');
      expect((await scene.booking()).vouchers.map(({ status }) => status)).toEqual(['void']);
      expect(await scene.balances()).toEqual(ALL_BACK);
      expect(await scene.letters()).toEqual(['booking_confirmed', 'booking_refunded']);
    }));
});
