import { expect, it } from 'vitest';
import { money } from '../../domain/money.ts';
import { markPaidUpdate, payUpdate, refundUpdate, resolveUpdate } from '../../workflows/messages.ts';
import { HOUR_MS, MINUTE_MS } from './intake.ts';
import type { Wish } from './intake.ts';
import { describeScenarios } from './scenario.ts';
import type { Scene } from './scene.ts';

const PKR = money(3_055_556, 'PKR');
const USD = money(11_000, 'USD');
const terms = { rate: '0.0036', source: 'FX_RATES', at: '2026-01-01T00:00:00.000Z' };
const otherCurrency = { price: PKR, charge: USD, ...terms };
const STAY: Wish = { service: { storefront: 'travello', payWhen: 'later', gateway: 'stripe_checkout', otherCurrency } };
const CART: Wish = { service: { storefront: 'dreamscape', payWhen: 'at_once' } };

const staff = { actor: 'staff-1' };
const allOf = (scene: Scene, n: number) =>
  ({ refundId: scene.refundId(n), amountMinor: null, ...staff, approvalLimitMinor: null }) as const;

/** As if the gateway took nothing for its trouble. */
async function booksOf(scene: Scene): Promise<Record<string, number>> {
  const books: Record<string, number> = {};
  for (const [key, minor] of Object.entries(await scene.balances())) {
    const account = key.replace('gateway_fees', 'gateway_clearing');
    books[account] = (books[account] ?? 0) + minor;
  }
  return Object.fromEntries(Object.entries(books).filter(([, minor]) => minor !== 0));
}

async function atRest(scene: Scene, phase: string): Promise<void> {
  await scene.until((b) => b.phase === phase);
  await scene.quiet();
}

/** On a page in dollars, and then in rupees at the desk. */
async function takenAtTheDesk(scene: Scene): Promise<void> {
  await scene.open();
  await scene.ask(payUpdate, { attempt: 1, terms: { charge: USD } });
  await scene.ask(markPaidUpdate, staff);
  await atRest(scene, 'confirmed');
}

async function backByHand(scene: Scene): Promise<void> {
  await scene.ask(refundUpdate, allOf(scene, 1));
  await scene.until((b) => b.attention !== null);
  await scene.ask(resolveUpdate, { ...staff, outcome: 'done' });
  await atRest(scene, 'refunded');
}

describeScenarios('a sum that the gateway refuses', (play) => {
  it('ends no booking that could be paid before: the right one is asked for next', () =>
    play(CART, async (scene) => {
      await scene.open();
      scene.gateway.moods.start.push('refuses');
      const wrong = { attempt: 2, terms: { charge: money(1, 'USD') } };
      expect(await scene.ask(payUpdate, wrong)).toMatchObject({ kind: 'refused', code: 'amount_too_small' });
      expect(await scene.booking()).toMatchObject({ phase: 'awaiting_payment', charge: USD });
      expect(await scene.ask(payUpdate, { attempt: 3, terms: { charge: USD } })).toMatchObject({ kind: 'opened' });
      await scene.pay([...scene.gateway.intents.values()].at(-1)?.ref);
      await atRest(scene, 'confirmed');
      expect((await scene.booking()).sums).toMatchObject({ capturedMinor: 11_000, refundedMinor: 0 });
    }));

  it('of which nothing was ever open ends the booking', () =>
    play(CART, async (scene) => {
      scene.gateway.moods.start.push('refuses');
      expect(await scene.open()).toMatchObject({ kind: 'refused' });
      expect((await scene.booking()).phase).toBe('failed');
    }));
});

describeScenarios('money that is not what the booking costs', (play) => {
  it('in another currency goes back in full and in its own, beside a trip that was paid', () =>
    play(STAY, async (scene) => {
      await takenAtTheDesk(scene);
      await scene.pay('pi_1');
      await scene.until((b) => b.refunds.some(({ status }) => status === 'succeeded'));
      await scene.quiet();
      const { phase, charge, sums, refunds } = await scene.booking();
      expect({ phase, charge }).toEqual({ phase: 'confirmed', charge: PKR });
      expect(sums).toMatchObject({ capturedMinor: PKR.minor, refundedMinor: 0, overReturnedMinor: 0 });
      expect(refunds.map(({ amount, cause }) => ({ amount, cause }))).toEqual([{ amount: USD, cause: 'duplicate' }]);
      expect(scene.gateway.returned()).toBe(USD.minor);
      expect(await booksOf(scene)).toEqual({ 'gateway_clearing PKR': PKR.minor, 'revenue PKR': -PKR.minor });
    }));

  it('in another currency goes back after the trip was, and parks nothing', () =>
    play(STAY, async (scene) => {
      await takenAtTheDesk(scene);
      await backByHand(scene);
      await scene.pay('pi_1');
      await scene.until((b) => b.refunds.some((r) => r.amount.currency === 'USD' && r.status === 'succeeded'));
      await scene.pass(HOUR_MS);
      await scene.quiet();
      const { phase, attention, sums } = await scene.booking();
      expect({ phase, attention }).toEqual({ phase: 'refunded', attention: null });
      expect(sums).toMatchObject({ capturedMinor: PKR.minor, refundedMinor: PKR.minor, reservedMinor: 0 });
      expect(scene.gateway.returned()).toBe(USD.minor);
      expect(await booksOf(scene)).toEqual({});
    }));

  it('in another currency leaves the attempt that is open to be paid', () =>
    play(STAY, async (scene) => {
      await scene.open();
      await scene.ask(payUpdate, { attempt: 1, terms: { charge: PKR } });
      await scene.ask(payUpdate, { attempt: 2, terms: { charge: USD } });
      await scene.pay('pi_1');
      await scene.until((b) => b.refunds.some(({ status }) => status === 'succeeded'));
      await scene.quiet();
      expect(await scene.booking()).toMatchObject({ phase: 'awaiting_payment', sums: { capturedMinor: 0 } });
      expect(await booksOf(scene)).toEqual({});
      await scene.pay('pi_2');
      await atRest(scene, 'confirmed');
      expect((await scene.booking()).refunds).toMatchObject([{ amount: PKR, status: 'succeeded' }]);
      expect(await booksOf(scene)).toEqual({ 'gateway_clearing USD': USD.minor, 'revenue USD': -USD.minor });
    }));

  it('in another currency revives nothing when the time to pay is over', () =>
    play(STAY, async (scene) => {
      await scene.open();
      await scene.ask(payUpdate, { attempt: 1, terms: { charge: PKR } });
      await scene.ask(payUpdate, { attempt: 2, terms: { charge: USD } });
      await scene.pass(31 * MINUTE_MS);
      await atRest(scene, 'expired');
      await scene.pay('pi_1');
      await atRest(scene, 'refunded');
      expect((await scene.booking()).refunds).toMatchObject([{ amount: PKR, cause: 'late', status: 'succeeded' }]);
      expect(await booksOf(scene)).toEqual({});
    }));

  it.each([5_000, 12_000])('but another sum, goes back in full, and %i is still to be paid', (minor) =>
    play(CART, async (scene) => {
      await scene.open();
      await scene.ask(payUpdate, { attempt: 2, terms: { charge: money(minor, 'USD') } });
      await scene.pay('pi_1');
      await scene.until((b) => b.refunds.some(({ status }) => status === 'succeeded'));
      await scene.quiet();
      expect(await scene.booking()).toMatchObject({ phase: 'awaiting_payment', refunds: [{ amount: USD }] });
      await scene.pay('pi_2');
      await atRest(scene, 'confirmed');
      expect(await booksOf(scene)).toEqual({ 'gateway_clearing USD': minor, 'revenue USD': -minor });
      await scene.ask(refundUpdate, allOf(scene, 1));
      await atRest(scene, 'refunded');
      expect(await booksOf(scene)).toEqual({});
    }),
  );

  it.each([money(11_001, 'USD'), money(11_000, 'MYR')])(
    'because the gateway took %o unasked, goes back, calls staff, and the booking waits on',
    (taken) =>
      play(CART, async (scene) => {
        await scene.open();
        scene.gateway.takeOther('pi_1', taken);
        await scene.news();
        await scene.until((b) => b.refunds.some(({ status }) => status === 'succeeded'));
        await scene.until((b) => b.attention !== null);
        const { phase, refunds, attention } = await scene.booking();
        expect(phase).toBe('awaiting_payment');
        expect(refunds).toMatchObject([{ amount: taken, cause: 'late' }]);
        expect(attention?.reason).toContain('another sum');
        expect(scene.gateway.returned()).toBe(taken.minor);
        expect(await booksOf(scene)).toEqual({});
        // What paid for nothing stands in nobody's way.
        expect(await scene.ask(payUpdate, { attempt: 2 })).toMatchObject({ kind: 'opened' });
        await scene.pass(31 * MINUTE_MS);
        await scene.until((b) => b.phase === 'expired');
      }),
  );

  it('was none of an earlier trip in another currency: the desk takes the price', () =>
    play(STAY, async (scene) => {
      await scene.open();
      await scene.ask(payUpdate, { attempt: 1, terms: { charge: USD } });
      await scene.pay('pi_1');
      await atRest(scene, 'confirmed');
      await scene.ask(refundUpdate, allOf(scene, 1));
      await atRest(scene, 'refunded');
      await scene.ask(markPaidUpdate, staff);
      await atRest(scene, 'confirmed');
      const { charge, sums } = await scene.booking();
      expect(charge).toEqual(PKR);
      expect(sums).toMatchObject({ capturedMinor: PKR.minor, refundedMinor: 0 });
      expect(await booksOf(scene)).toEqual({ 'gateway_clearing PKR': PKR.minor, 'revenue PKR': -PKR.minor });
    }));
});
