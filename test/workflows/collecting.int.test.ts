import { expect, it, vi } from 'vitest';
import { cancelUpdate, payUpdate } from '../../workflows/messages.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './intake.ts';
import { describeScenarios } from './scenario.ts';

describeScenarios('while it is collected, a payment', (play) => {
  it('is paid once though a card was declined before, and one letter says so', () =>
    play({}, async (scene) => {
      await scene.open();
      scene.gateway.decline('pi_1', 'ch_1');
      await scene.news();
      const declined = await scene.until((b) => b.payments[0]?.declines === 1);
      expect(declined.phase).toBe('awaiting_payment');
      await scene.news();
      await scene.pay();
      const paid = await scene.until((b) => b.phase === 'confirmed');
      expect(paid.payments).toHaveLength(1);
      expect(paid.sums.capturedMinor).toBe(11_000);
      await scene.quiet();
      expect(await scene.letters()).toEqual(['payment_failed', 'booking_confirmed']);
      expect(scene.gateway.intents.size).toBe(1);
    }));

  it('shows that the customer must act, that the money is under way, and is fulfilled when it has come', () =>
    play({}, async (scene) => {
      await scene.open();
      scene.gateway.set('pi_1', 'requires_action');
      await scene.news();
      expect((await scene.until((b) => b.payments[0]?.status === 'requires_action')).phase).toBe('awaiting_payment');
      scene.gateway.set('pi_1', 'processing');
      await scene.news();
      await scene.until((b) => b.phase === 'processing');
      await scene.pay();
      await scene.until((b) => b.phase === 'confirmed');
      expect((await scene.facts()).slice(0, 4)).toEqual([
        'payment.opened',
        'payment.action_required',
        'payment.processing',
        'payment.captured',
      ]);
    }));

  it('is closed at the gateway before the booking expires, and one letter says so', () =>
    play({}, async (scene) => {
      await scene.open();
      await scene.pass(29 * MINUTE_MS);
      expect((await scene.booking()).phase).toBe('awaiting_payment');
      await scene.until((b) => b.phase === 'expired');
      expect(scene.gateway.calls.filter((call) => call.startsWith('close'))).toEqual(['close pi_1']);
      expect(await scene.facts()).toEqual(['payment.opened', 'payment.closed', 'booking.expired']);
      expect(await scene.letters()).toEqual(['booking_expired']);
    }));

  it('expires at its time though somebody asks to pay in that very moment', () =>
    play({}, async (scene) => {
      await scene.open();
      await scene.pass(29.5 * MINUTE_MS);
      // What is asked for while the first attempt is being closed is answered when its time is over.
      scene.gateway.moods.close.push(...Array.from({ length: 6 }, () => 'lost_before' as const));
      const asked = Promise.all([scene.ask(payUpdate, { attempt: 2 }), scene.ask(payUpdate, { attempt: 2 })]);
      await vi.waitFor(
        () => expect(scene.gateway.calls.filter((call) => call === 'close pi_1')).toHaveLength(2),
        5_000,
      );
      await scene.pass(4 * MINUTE_MS);
      expect(await asked).toMatchObject([{ kind: 'opened' }, { kind: 'opened' }]);
      await scene.quiet();
      expect((await scene.booking()).phase).toBe('expired');
    }));

  it('counts when it was made in the very moment of expiry', () =>
    play({}, async (scene) => {
      await scene.open();
      scene.gateway.before.close = () => scene.gateway.set('pi_1', 'succeeded');
      await scene.pass(31 * MINUTE_MS);
      await scene.until((b) => b.phase === 'confirmed');
      await scene.quiet();
      expect(await scene.letters()).toEqual(['booking_confirmed']);
      expect(scene.supplier.debits).toHaveLength(1);
    }));

  it('waits past its deadline for a gateway that has the money in flight', () =>
    play({}, async (scene) => {
      await scene.open();
      scene.gateway.set('pi_1', 'processing');
      await scene.news();
      await scene.pass(DAY_MS);
      expect((await scene.booking()).phase).toBe('processing');
      const { length } = (await scene.handle.fetchHistory()).events ?? [];
      expect(length).toBeLessThan(200);
      await scene.pay();
      await scene.until((b) => b.phase === 'confirmed');
    }));

  it('that was in flight at the deadline and then fails ends as expired', () =>
    play({}, async (scene) => {
      await scene.open();
      scene.gateway.set('pi_1', 'processing');
      await scene.news();
      await scene.pass(HOUR_MS);
      scene.gateway.decline('pi_1', 'ch_1');
      await scene.news();
      const over = await scene.until((b) => b.phase !== 'processing' && b.phase !== 'awaiting_payment');
      expect(over.phase).toBe('expired');
      expect(scene.gateway.intents.get(over.payments[0]?.id ?? '')?.status).toBe('cancelled');
    }));

  it('is found within minutes when its webhook is lost for ever', () =>
    play({}, async (scene) => {
      await scene.open();
      await scene.pass(2 * MINUTE_MS);
      scene.gateway.set('pi_1', 'succeeded');
      const paidAtMs = await scene.env.currentTimeMs();
      await scene.until((b) => b.phase === 'confirmed');
      expect((await scene.env.currentTimeMs()) - paidAtMs).toBeLessThan(5 * MINUTE_MS);
    }));

  it('leaves little history while it is polled for hours', () =>
    play({ windowMs: 10 * HOUR_MS }, async (scene) => {
      await scene.open();
      await scene.pass(9 * HOUR_MS);
      expect(scene.gateway.calls.filter((call) => call.startsWith('look')).length).toBeGreaterThan(12);
      expect((await scene.handle.fetchHistory()).events?.length).toBeLessThan(30);
    }));

  it('goes on being asked for when a poll was refused, in view of staff meanwhile', () =>
    play({}, async (scene) => {
      await scene.open();
      scene.gateway.moods.look.push('bars_us', 'bars_us');
      const stuck = await scene.until((b) => b.attention !== null);
      expect(stuck.attention?.reason).toContain('GatewayRejected');
      scene.gateway.set('pi_1', 'succeeded');
      const paid = await scene.until((b) => b.phase === 'confirmed');
      expect(paid.attention).toBeNull();
    }));

  it('that somebody cancels in the gateway’s dashboard leaves the booking open until its time is over', () =>
    play({}, async (scene) => {
      await scene.open();
      scene.gateway.set('pi_1', 'cancelled');
      await scene.news();
      await scene.until((b) => b.phase === 'expired');
      expect(await scene.letters()).toEqual(['booking_expired']);
      expect(scene.supplier.orders.size).toBe(0);
    }));

  it('is given up by its customer, and asking again says the same', () =>
    play({}, async (scene) => {
      await scene.open();
      const request = { actor: 'customer-1', refundMinor: null, quoteId: null };
      const twice = await Promise.all([scene.ask(cancelUpdate, request), scene.ask(cancelUpdate, request)]);
      expect(twice).toEqual([{ kind: 'cancelled' }, { kind: 'cancelled' }]);
      expect(await scene.ask(cancelUpdate, request)).toEqual({ kind: 'cancelled' });
      expect((await scene.booking()).phase).toBe('cancelled');
      expect(await scene.letters()).toEqual(['booking_cancelled']);
      expect([...scene.gateway.intents.values()].map(({ status }) => status)).toEqual(['cancelled']);
    }));

  it('cannot be given up any more once it was made: that needs terms', () =>
    play({}, async (scene) => {
      await scene.open();
      scene.gateway.before.close = () => scene.gateway.set('pi_1', 'succeeded');
      const request = { actor: 'customer-1', refundMinor: null, quoteId: null };
      expect(await scene.ask(cancelUpdate, request)).toMatchObject({ kind: 'too_late' });
      const booking = await scene.until((b) => b.phase === 'confirmed');
      expect(booking.sums.refundedMinor).toBe(0);
    }));

  it('is heard of twenty times before, during and after fulfilment, and everything happens once', () =>
    play({}, async (scene) => {
      await scene.open();
      const twenty = (): Promise<unknown> =>
        Promise.all(Array.from({ length: 20 }, () => scene.news('pi_1', 7_000_001)));
      await twenty();
      scene.gateway.set('pi_1', 'succeeded');
      await Promise.all([scene.news('pi_1', 7_000_002), twenty()]);
      await scene.until((b) => b.supplierOrders.length > 0);
      await twenty();
      await scene.until((b) => b.phase === 'confirmed' && b.vouchers.length > 0);
      await scene.news();
      await twenty();
      await scene.pass(MINUTE_MS);
      expect(scene.supplier.orders.size).toBe(1);
      expect(scene.supplier.debits).toHaveLength(1);
      expect(await scene.letters()).toEqual(['booking_confirmed']);
    }));

  it('is read once for news that is signalled again and again', () =>
    play({}, async (scene) => {
      await scene.open();
      const looks = (): number => scene.gateway.calls.filter((call) => call.startsWith('look')).length;
      await scene.news('pi_1', 7_000_003);
      await scene.quiet();
      const before = looks();
      for (const _ of [1, 2, 3]) {
        await scene.news('pi_1', 7_000_003);
        await scene.quiet();
      }
      expect([before, looks()]).toEqual([1, 1]);
    }));

  it.each(['the poll', 'the webhook'])('that came and went back before %s told of it buys nothing', (teller) =>
    play({}, async (scene) => {
      await scene.open();
      scene.gateway.set('pi_1', 'succeeded');
      scene.gateway.returnElsewhere('pi_1', 11_000);
      if (teller === 'the webhook') await scene.news();
      const booking = await scene.until((b) => b.phase === 'refunded');
      await scene.quiet();
      expect(booking.sums).toMatchObject({ capturedMinor: 11_000, refundedMinor: 11_000 });
      expect(scene.supplier.orders.size).toBe(0);
      expect((await scene.booking()).attention).toBeNull();
      expect(await scene.papers()).toEqual(['receipt 1 v1']);
    }),
  );
});
