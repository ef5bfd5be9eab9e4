import { expect, it } from 'vitest';
import { money } from '../../domain/money.ts';
import { checkPaymentUpdate, payUpdate, refundUpdate } from '../../workflows/messages.ts';
import { MINUTE_MS } from './intake.ts';
import { describeScenarios } from './scenario.ts';

const AT_ONCE = { service: { storefront: 'dreamscape', payWhen: 'at_once' } } as const;
const LATER = { service: { storefront: 'airport', payWhen: 'later' } } as const;
const SOLD_AGAIN = { service: { storefront: 'travello', payWhen: 'later' } } as const;

describeScenarios('a service', (play) => {
  it('is confirmed by being paid, with a receipt and no supplier', () =>
    play(AT_ONCE, async (scene) => {
      expect(await scene.open()).toMatchObject({ kind: 'opened' });
      await scene.pay();
      await scene.until((b) => b.phase === 'confirmed');
      await scene.quiet();
      expect(scene.supplier.orders.size).toBe(0);
      expect(await scene.papers()).toEqual(['receipt 1 v1']);
      expect(await scene.letters()).toEqual(['booking_confirmed']);
      expect(await scene.balances()).toMatchObject({ 'gateway_clearing USD': 10_941, 'revenue USD': -11_000 });
    }));

  it('is noticed to be given back though both were done before the first word came', () =>
    play(AT_ONCE, async (scene) => {
      await scene.open();
      scene.gateway.set('pi_1', 'succeeded');
      scene.gateway.returnElsewhere('pi_1', 11_000);
      await scene.news();
      await scene.until((b) => b.phase === 'refunded');
      await scene.quiet();
      expect((await scene.booking()).sums).toMatchObject({ capturedMinor: 11_000, refundedMinor: 11_000 });
      expect(scene.gateway.calls.filter((call) => call.startsWith('refund'))).toEqual([]);
    }));

  it('may be booked first and paid in a request of its own', () =>
    play(LATER, async (scene) => {
      expect(await scene.open()).toEqual({ kind: 'pays_later' });
      expect(scene.gateway.intents.size).toBe(0);
      const [first, again] = await Promise.all([
        scene.ask(payUpdate, { attempt: 1 }),
        scene.ask(payUpdate, { attempt: 1 }),
      ]);
      expect(first).toMatchObject({ kind: 'opened' });
      expect(again).toEqual(first);
      await scene.pay();
      await scene.until((b) => b.phase === 'confirmed');
      expect(scene.gateway.intents.size).toBe(1);
    }));

  it('settles at once on what the gateway says when somebody asks, though no webhook came', () =>
    play(LATER, async (scene) => {
      await scene.open();
      await scene.ask(payUpdate, { attempt: 1 });
      const ask = { paymentRef: 'pi_1' };
      expect(await scene.ask(checkPaymentUpdate, ask)).toEqual({ status: 'awaiting_payment' });
      scene.gateway.set('pi_1', 'succeeded');
      expect(await scene.ask(checkPaymentUpdate, ask)).toEqual({ status: 'confirmed' });
      expect((await scene.booking()).phase).toBe('confirmed');
    }));

  it('that nobody asks to pay for expires, and nothing is owed', () =>
    play(LATER, async (scene) => {
      await scene.open();
      await scene.pass(31 * MINUTE_MS);
      await scene.until((b) => b.phase === 'expired');
      expect(await scene.ask(payUpdate, { attempt: 1 })).toMatchObject({ kind: 'refused', code: 'not_payable' });
      expect(scene.gateway.intents.size).toBe(0);
    }));

  it('takes another sum with a further attempt, and lets go of the one before', () =>
    play(AT_ONCE, async (scene) => {
      await scene.open();
      const terms = { charge: money(12_345, 'USD') };
      expect(await scene.ask(payUpdate, { attempt: 2, terms })).toMatchObject({ kind: 'opened' });
      const booking = await scene.booking();
      expect(booking.charge).toEqual(money(12_345, 'USD'));
      expect(booking.payments.map(({ status, amount }) => [status, amount.minor])).toEqual([
        ['cancelled', 11_000],
        ['requires_payment_method', 12_345],
      ]);
    }));

  it('is sold anew where the storefront allows it, once its money went back or its time was over', () =>
    play(SOLD_AGAIN, async (scene) => {
      await scene.open();
      await scene.pass(31 * MINUTE_MS);
      await scene.until((b) => b.phase === 'expired');
      const until = async () => ({
        expiresAt: new Date((await scene.env.currentTimeMs()) + 30 * MINUTE_MS).toISOString(),
      });
      expect(await scene.ask(payUpdate, { attempt: 1, terms: await until() })).toMatchObject({ kind: 'opened' });
      await scene.pay();
      await scene.until((b) => b.phase === 'confirmed');
      await scene.quiet();
      const all = { refundId: scene.refundId(1), amountMinor: null, actor: 'staff-1', approvalLimitMinor: null };
      expect(await scene.ask(refundUpdate, all)).toMatchObject({ status: 'succeeded' });
      await scene.until((b) => b.phase === 'refunded');
      await scene.quiet();
      expect(await scene.ask(payUpdate, { attempt: 2, terms: await until() })).toMatchObject({ kind: 'opened' });
      // Late word of the money that paid for the trip before says nothing of this one.
      await scene.news('pi_1');
      await scene.quiet();
      expect(await scene.booking()).toMatchObject({ phase: 'awaiting_payment' });
      await scene.pay('pi_2');
      await scene.until((b) => b.phase === 'confirmed' && b.sums.capturedMinor === 22_000);
      await scene.quiet();
      expect((await scene.booking()).sums.refundedMinor).toBe(11_000);
    }));
});
