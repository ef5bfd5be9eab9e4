import { expect, it } from 'vitest';
import { cancelUpdate, markPaidUpdate, payUpdate } from '../../workflows/messages.ts';
import { HOUR_MS } from './intake.ts';
import type { Wish } from './intake.ts';
import { describeScenarios } from './scenario.ts';

const LATER: Wish = { service: { storefront: 'travello', payWhen: 'later', gateway: 'stripe_checkout' } };

describeScenarios('a further payment attempt', (play) => {
  it('follows one that died, and is the only one that can be paid', () =>
    play({}, async (scene) => {
      await scene.open();
      scene.gateway.set('pi_1', 'cancelled');
      await scene.news();
      await scene.until((b) => b.payments[0]?.status === 'cancelled');
      const [first, again] = await Promise.all([
        scene.ask(payUpdate, { attempt: 2 }),
        scene.ask(payUpdate, { attempt: 2 }),
      ]);
      expect(first).toMatchObject({ kind: 'opened' });
      expect(again).toEqual(first);
      expect(scene.gateway.intents.size).toBe(2);
      scene.gateway.set('pi_2', 'succeeded');
      await scene.news('pi_2');
      const booking = await scene.until((b) => b.phase === 'confirmed');
      expect(booking.sums.capturedMinor).toBe(11_000);
      expect(scene.supplier.debits).toHaveLength(1);
    }));

  it('closes a live one at its gateway before it opens', () =>
    play({}, async (scene) => {
      await scene.open();
      expect(await scene.ask(payUpdate, { attempt: 2 })).toMatchObject({ kind: 'opened' });
      expect([...scene.gateway.intents.values()].map(({ status }) => status)).toEqual([
        'cancelled',
        'requires_payment_method',
      ]);
    }));

  it('is refused when the one before it was paid after all', () =>
    play({}, async (scene) => {
      await scene.open();
      scene.gateway.set('pi_1', 'succeeded');
      expect(await scene.ask(payUpdate, { attempt: 2 })).toMatchObject({ kind: 'refused' });
      await scene.until((b) => b.phase === 'confirmed');
      expect(scene.gateway.intents.size).toBe(1);
    }));

  it('is refused once the booking is over', () =>
    play({}, async (scene) => {
      await scene.open();
      await scene.ask(cancelUpdate, { actor: 'customer-1', refundMinor: null, quoteId: null });
      expect(await scene.ask(payUpdate, { attempt: 2 })).toMatchObject({ kind: 'refused', code: 'not_payable' });
      expect(scene.gateway.intents.size).toBe(1);
    }));

  it('is refused for what has begun, though it could be sold anew; staff may still take the money', () =>
    play({ ...LATER, serviceInMs: HOUR_MS }, async (scene) => {
      await scene.open();
      await scene.pass(2 * HOUR_MS);
      await scene.until((b) => b.phase === 'expired');
      expect(await scene.ask(payUpdate, { attempt: 1 })).toMatchObject({ kind: 'refused', code: 'not_payable' });
      expect(scene.gateway.intents.size).toBe(0);
      expect(await scene.ask(markPaidUpdate, { actor: 'staff-1' })).toEqual({ kind: 'paid' });
    }));
});
