import { expect, it } from 'vitest';
import { SupplierRejected, SupplierUnreachable } from '../../domain/supply.ts';
import {
  approveRefundUpdate,
  withdrawRefundUpdate,
  cancelUpdate,
  gatewayNewsSignal,
  refundUpdate,
  resendUpdate,
} from '../../workflows/messages.ts';
import { MINUTE_MS } from './intake.ts';
import { bought } from './bought.ts';
import { describeScenarios } from './scenario.ts';

const ALL_BACK = { 'gateway_clearing USD': -59, 'gateway_fees USD': 59 };
const ask = (refundId: string, amountMinor: number | null, approvalLimitMinor: number | null = null) =>
  ({ refundId, amountMinor, actor: 'staff-1', approvalLimitMinor }) as const;

describeScenarios('a refund by staff', (play) => {
  it('in parts leaves the trip standing until nothing is left, then takes the order back as well', () =>
    play({}, async (scene) => {
      await bought(scene);
      const first = await scene.ask(refundUpdate, ask(scene.refundId(1), 3_000));
      expect(first).toEqual({ kind: 'accepted', refundId: scene.refundId(1), status: 'succeeded' });
      await scene.quiet();
      expect(await scene.booking()).toMatchObject({ phase: 'partially_refunded', vouchers: [{ status: 'ready' }] });
      expect(await scene.letters()).toEqual(['booking_confirmed', 'booking_refunded']);
      expect(await scene.papers()).toEqual(['receipt 1 v1', 'voucher 1 v1', 'receipt 1 v2']);
      expect(scene.supplier.standing('KLK1')).toBe('confirmed');
      expect(await scene.ask(refundUpdate, ask(scene.refundId(2), 8_001))).toEqual({
        kind: 'exceeds',
        leftMinor: 8_000,
      });
      expect(await scene.ask(refundUpdate, ask(scene.refundId(3), null))).toMatchObject({ status: 'succeeded' });
      await scene.quiet();
      expect(await scene.booking()).toMatchObject({ phase: 'refunded', vouchers: [{ status: 'void' }] });
      expect(scene.supplier.standing('KLK1')).toBe('canceled');
      expect(await scene.balances()).toEqual(ALL_BACK);
    }));

  it.each([
    ['does not answer', new SupplierUnreachable('no answer')],
    ['refuses our key', new SupplierRejected('UNAUTHORIZED', 'no')],
  ])('has its letter and its receipt though the supplier %s', (_, failure) =>
    play({}, async (scene) => {
      await bought(scene);
      Object.assign(scene.supplier.supplier, { look: () => Promise.reject(failure) });
      await scene.ask(refundUpdate, ask(scene.refundId(1), 3_000));
      await scene.quiet();
      expect(await scene.letters()).toEqual(['booking_confirmed', 'booking_refunded']);
      expect(await scene.papers()).toEqual(['receipt 1 v1', 'voucher 1 v1', 'receipt 1 v2']);
    }),
  );

  it('cannot take the same money as another one asked for in the same moment', () =>
    play({}, async (scene) => {
      await bought(scene);
      const answers = await Promise.all([
        scene.ask(refundUpdate, ask(scene.refundId(1), 6_600)),
        scene.ask(refundUpdate, ask(scene.refundId(2), 6_600)),
      ]);
      expect(answers.map(({ kind }) => kind).toSorted()).toEqual(['accepted', 'exceeds']);
      expect(scene.gateway.returned()).toBe(6_600);
    }));

  it('above the limit waits for somebody’s approval, and is made once', () =>
    play({}, async (scene) => {
      await bought(scene);
      expect(await scene.ask(refundUpdate, ask(scene.refundId(1), 5_000, 4_999))).toMatchObject({
        status: 'awaiting_approval',
      });
      expect(scene.gateway.returned()).toBe(0);
      expect(await scene.ask(approveRefundUpdate, { refundId: scene.refundId(1), actor: 'staff-1' })).toEqual({
        kind: 'not_refundable',
        code: 'same_person',
      });
      const approval = { refundId: scene.refundId(1), actor: 'staff-2' };
      expect(await scene.ask(approveRefundUpdate, approval)).toMatchObject({ kind: 'accepted', status: 'succeeded' });
      expect(await scene.ask(approveRefundUpdate, { refundId: scene.refundId(1), actor: 'staff-3' })).toEqual({
        kind: 'not_refundable',
        code: 'not_waiting',
      });
      expect(scene.gateway.refunds.size).toBe(1);
      expect((await scene.booking()).sums.refundedMinor).toBe(5_000);
    }));

  it('that waits is withdrawn by whoever asked for it, once and for all, and the limit counts it no more', () =>
    play({}, async (scene) => {
      await bought(scene);
      const refundId = scene.refundId(1);
      await scene.ask(refundUpdate, ask(refundId, 5_000, 4_999));
      for (const actor of ['staff-1', 'staff-2'])
        expect(await scene.ask(withdrawRefundUpdate, { refundId, actor })).toEqual({ kind: 'withdrawn' });
      const approval = { refundId, actor: 'staff-2' };
      const notWaiting = { kind: 'not_refundable', code: 'not_waiting' };
      expect(await scene.ask(approveRefundUpdate, approval)).toEqual(notWaiting);
      expect(await scene.booking()).toMatchObject({
        phase: 'confirmed',
        refunds: [{ status: 'failed', failure: 'withdrawn by staff-1' }],
        sums: { reservedMinor: 0, refundedMinor: 0 },
      });
      expect(await scene.ask(refundUpdate, ask(scene.refundId(2), 4_999, 4_999))).toMatchObject({
        status: 'succeeded',
      });
      const made = { refundId: scene.refundId(2), actor: 'staff-2' };
      expect(await scene.ask(withdrawRefundUpdate, made)).toEqual(notWaiting);
      expect(scene.gateway.returned()).toBe(4_999);
    }));

  it.each(['approve', 'withdraw', 'approve', 'withdraw'])(
    'that is approved and withdrawn at once goes one way, %s said first',
    (first) =>
      play({}, async (scene) => {
        await bought(scene);
        const refundId = scene.refundId(1);
        await scene.ask(refundUpdate, ask(refundId, 5_000, 4_999));
        const both = [
          () => scene.ask(approveRefundUpdate, { refundId, actor: 'staff-2' }),
          () => scene.ask(withdrawRefundUpdate, { refundId, actor: 'staff-1' }),
        ];
        if (first === 'withdraw') both.reverse();
        const kinds = (await Promise.all<{ kind: string }>(both.map((each) => each()))).map(({ kind }) => kind);
        const [refund] = (await scene.booking()).refunds;
        const wasMade = refund?.status === 'succeeded';
        expect(kinds.toSorted()).toEqual(wasMade ? ['accepted', 'not_refundable'] : ['not_refundable', 'withdrawn']);
        expect(scene.gateway.returned()).toBe(wasMade ? 5_000 : 0);
      }),
  );

  it('cannot be approved once the money went elsewhere', () =>
    play({}, async (scene) => {
      await bought(scene);
      await scene.ask(refundUpdate, ask(scene.refundId(1), 8_000, 7_999));
      await scene.ask(refundUpdate, ask(scene.refundId(2), 5_000));
      expect(await scene.ask(approveRefundUpdate, { refundId: scene.refundId(1), actor: 'staff-2' })).toEqual({
        kind: 'exceeds',
        leftMinor: 6_000,
      });
      // It is no one's to approve any more: whoever wants the rest asks for that.
      expect((await scene.booking()).refunds).toMatchObject([{ status: 'failed' }, { status: 'succeeded' }]);
      expect(await scene.letters()).toContain('refund_lapsed');
      expect(scene.gateway.returned()).toBe(5_000);
    }));

  it('of what was never captured is refused', () =>
    play({}, async (scene) => {
      await scene.open();
      await scene.pass(31 * MINUTE_MS);
      await scene.until((b) => b.phase === 'expired');
      expect(await scene.ask(refundUpdate, ask(scene.refundId(1), 1_000))).toEqual({
        kind: 'not_refundable',
        code: 'nothing_captured',
      });
    }));

  it.each([0, -1, 1.5])('of %s is refused before it reaches the history', (amountMinor) =>
    play({}, async (scene) => {
      await scene.open();
      await expect(scene.ask(refundUpdate, ask(scene.refundId(1), amountMinor))).rejects.toThrow(
        'Workflow Update failed',
      );
    }),
  );

  it('that the gateway refuses is told to who asked, and stays in view', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.gateway.moods.refund.push('refuses');
      expect(await scene.ask(refundUpdate, ask(scene.refundId(1), 3_000))).toMatchObject({ status: 'failed' });
      const booking = await scene.until((b) => b.attention !== null);
      expect(booking.sums).toMatchObject({ refundedMinor: 0, reservedMinor: 0 });
      expect(await scene.ask(refundUpdate, ask(scene.refundId(2), 3_000))).toMatchObject({ status: 'succeeded' });
    }));
});

describeScenarios('money that moves at the gateway without a word from us', (play) => {
  const news = (n: number) => ({ inboxId: 900 + n, replay: 0, paymentRef: 'pi_1' });

  it('is a refund of ours when it was made in its dashboard, and counts once however often it is heard of', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.gateway.returnElsewhere('pi_1', 5_000);
      for (const n of [1, 2]) await scene.handle.signal(gatewayNewsSignal, news(n));
      const booking = await scene.until((b) => b.sums.refundedMinor > 0);
      await scene.quiet();
      expect(booking).toMatchObject({
        phase: 'partially_refunded',
        refunds: [{ actor: 'gateway', status: 'succeeded' }],
      });
      expect((await scene.booking()).sums.refundedMinor).toBe(5_000);
      expect(await scene.papers()).toEqual(['receipt 1 v1', 'voucher 1 v1', 'receipt 1 v2']);
    }));

  it('ends the trip when all of it went back there', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.gateway.returnElsewhere('pi_1', 11_000);
      await scene.handle.signal(gatewayNewsSignal, news(1));
      await scene.until((b) => b.phase === 'refunded' && b.supplierOrders[0]?.status === 'canceled');
      await scene.quiet();
      expect(await scene.balances()).toEqual(ALL_BACK);
    }));

  it('is owed again when a refund that had succeeded comes back, and staff are called', () =>
    play({}, async (scene) => {
      await bought(scene);
      await scene.ask(refundUpdate, ask(scene.refundId(1), 3_000));
      await scene.quiet();
      scene.gateway.bounce(scene.refundId(1));
      await scene.handle.signal(gatewayNewsSignal, news(1));
      const booking = await scene.until((b) => b.attention !== null);
      expect(booking).toMatchObject({ phase: 'confirmed', refunds: [{ status: 'failed' }] });
      expect(booking.sums).toMatchObject({ refundedMinor: 0, reservedMinor: 0 });
    }));
});

describeScenarios('a confirmed trip that its customer gives back', (play) => {
  const terms = { actor: 'customer-1', refundMinor: 5_500, quoteId: 'cq_1' };

  it('is cancelled on the terms of the quote, on both legs, and its papers are void', () =>
    play({}, async (scene) => {
      await bought(scene);
      expect(await scene.ask(cancelUpdate, terms)).toEqual({ kind: 'cancelled' });
      const booking = await scene.until((b) => b.supplierOrders[0]?.status === 'canceled' && b.sums.refundedMinor > 0);
      await scene.quiet();
      expect(booking.phase).toBe('cancelled');
      expect(scene.gateway.returned()).toBe(5_500);
      expect(scene.supplier.credits).toEqual(scene.supplier.debits);
      expect((await scene.booking()).vouchers.map(({ status }) => status)).toEqual(['void']);
      expect(await scene.ask(resendUpdate, { actor: 'customer-1', requestId: 'rs_1' })).toMatchObject({
        kind: 'nothing_to_do',
      });
      expect(await scene.papers()).toEqual(['receipt 1 v1', 'voucher 1 v1', 'receipt 1 v2', 'voucher 1 v2']);
      expect(await scene.letters()).toEqual(['booking_confirmed', 'booking_cancelled']);
      expect(await scene.balances()).toMatchObject({ 'gateway_clearing USD': 5_441, 'revenue USD': -5_500 });
    }));

  it('gets what is left when part of the agreed sum went back before', () =>
    play({}, async (scene) => {
      await bought(scene);
      await scene.ask(refundUpdate, ask(scene.refundId(1), 8_000));
      expect(await scene.ask(cancelUpdate, terms)).toEqual({ kind: 'cancelled' });
      await scene.until((b) => b.sums.refundedMinor === 11_000);
      expect((await scene.booking()).phase).toBe('cancelled');
    }));

  it('is refunded at once though the supplier does not answer', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.supplier.script.away = true;
      await scene.ask(cancelUpdate, terms);
      await scene.until((b) => b.sums.refundedMinor === 5_500);
      await scene.quiet();
      expect(await scene.papers()).toContain('voucher 1 v2');
      expect(await scene.letters()).toEqual(['booking_confirmed', 'booking_cancelled']);
      await scene.until((b) => b.attention?.step === 'cancel the supplier order');
      scene.supplier.script.away = false;
      await scene.until((b) => b.attention === null && b.supplierOrders[0]?.status === 'canceled');
    }));

  it('needs terms: what was asked of an unpaid booking takes nothing from a paid one', () =>
    play({}, async (scene) => {
      await bought(scene);
      const unpaid = { actor: 'customer-1', refundMinor: null, quoteId: null };
      expect(await scene.ask(cancelUpdate, unpaid)).toEqual({ kind: 'too_late', status: 'confirmed' });
      expect(scene.gateway.returned()).toBe(0);
    }));

  it('that gets nothing back, as we get nothing from the supplier, needs nobody’s attention', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.supplier.script.cancel = 'refuses';
      expect(await scene.ask(cancelUpdate, { ...terms, refundMinor: 0 })).toEqual({ kind: 'cancelled' });
      const booking = await scene.until((b) => b.supplierOrders[0]?.status === 'canceled');
      await scene.quiet();
      expect(booking.supplierOrders[0]).toMatchObject({ paidMinor: 10_000, returnedMinor: 0 });
      expect(await scene.booking()).toMatchObject({ phase: 'cancelled', attention: null });
      expect(await scene.balances()).toMatchObject({ 'revenue USD': -1_000, 'supplier_balance USD': -10_000 });
    }));

  it('that gets part of it back though the supplier gives us nothing is shown to staff', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.supplier.script.cancel = 'refuses';
      await scene.ask(cancelUpdate, terms);
      const booking = await scene.until((b) => b.attention !== null && b.sums.refundedMinor === 5_500);
      expect(booking.attention?.reason).toContain('refuses to cancel');
    }));

  it('that gets nothing back is cancelled all the same', () =>
    play({}, async (scene) => {
      await bought(scene);
      expect(await scene.ask(cancelUpdate, { ...terms, refundMinor: 0 })).toEqual({ kind: 'cancelled' });
      await scene.until((b) => b.supplierOrders[0]?.status === 'canceled');
      expect(scene.gateway.returned()).toBe(0);
      expect((await scene.booking()).phase).toBe('cancelled');
    }));
});

describeScenarios('a confirmation', (play) => {
  it('is sent again for each request, once', () =>
    play({}, async (scene) => {
      await bought(scene);
      const request = { actor: 'staff-1', requestId: 'rs_1' };
      await Promise.all([scene.ask(resendUpdate, request), scene.ask(resendUpdate, request)]);
      await scene.ask(resendUpdate, { ...request, requestId: 'rs_2' });
      expect(await scene.letters()).toEqual(['booking_confirmed', 'voucher_ready', 'voucher_ready']);
    }));
});
