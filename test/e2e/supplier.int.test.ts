import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { describeWith } from '../setup/parts.ts';
import {
  BOUGHT_ONCE,
  GIVEN_BACK,
  GIVEN_BACK_LEDGER,
  LETTERS,
  arm,
  factsOf,
  ledgerOf,
  outcomeOf,
  untilBought,
  untilGivenBack,
  untilHit,
  untilLetter,
  untilStatus,
} from './outcome.ts';
import { answerChallenge, ask, book, CARDS, confirmCard, json, pay, signIn } from './shop.ts';
import type { Intent, Visitor } from './shop.ts';
import { startStack } from './stack.ts';
import type { Stack } from './stack.ts';

/** How long Klook waits for our payment: so short that an order runs out while the test looks on, and the usual. */
const SOON_MS = 8_000;
const LATER_MS = 30 * 60_000;
const BOUGHT_AT_SECOND_TRY = { ...BOUGHT_ONCE, letters: [LETTERS.declined, LETTERS.confirmed] };

describeWith(['postgres', 'temporal'], 'a paid booking', () => {
  let stack: Stack;
  let alice: Visitor;
  let staff: Visitor;

  beforeAll(async () => {
    // The worst vendor there could be: a repeated order is a second one, a repeated payment a second debit.
    stack = await startStack({ klook: { duplicate: 'second', repay: 'debit' } });
    [alice, staff] = await Promise.all([
      signIn(stack, { sub: 'alice' }),
      signIn(stack, { sub: 'sigrid', role: 'staff' }),
    ]);
  }, 120_000);
  afterAll(() => stack.stop());

  const setPayBy = (ms: number) => {
    stack.klook.state.settings.payByMs = ms;
  };

  const setBalance = (change: { set: string } | { topup: string }) =>
    ask(`${stack.klook.url}/_sim/balance`, json(change));

  describe('is bought once when at Klook', () => {
    const LOST = [
      { what: 'the answer to the payment is lost', kind: 'drop_after', match: '^POST /v3/pay/balance/' },
      { what: 'the payment never arrives', kind: 'drop_before', match: '^POST /v3/pay/balance/' },
      { what: 'the payment is answered 500 though it was made', kind: 'status', match: '^POST /v3/pay/balance/' },
      { what: 'the answer to the order is lost', kind: 'drop_after', match: '^POST /v3/orders$' },
      { what: 'the order never arrives', kind: 'drop_before', match: '^POST /v3/orders$' },
      { what: 'the order is answered 500 though it was made', kind: 'status', match: '^POST /v3/orders$' },
    ];
    const damaged = new Map<string, Intent>();

    // One after the other into their damage, then all at once out of it: each needs its seconds of proof.
    beforeAll(async () => {
      for (const { what, ...fault } of LOST) {
        const armed = arm(stack.klook, { ...fault, after: true, times: 1 });
        const intent = await book(alice);
        await pay(stack, intent);
        await untilHit(armed);
        damaged.set(what, intent);
      }
    }, 120_000);

    it.each(LOST)(
      '$what',
      async ({ what }) => {
        const intent = damaged.get(what);
        if (!intent) throw new Error('never booked');
        await untilBought(stack, intent);
        expect(await outcomeOf(stack, intent)).toEqual(BOUGHT_ONCE);
      },
      90_000,
    );
  });

  describe('that cannot be bought is refunded in full:', () => {
    const ENDINGS = [
      { what: 'sold out', name: 'sold-out', orders: [] },
      { what: 'sold out when it is paid', name: 'sold-out-at-pay', orders: ['canceled'] },
      { what: 'the price moved beyond the tolerance', name: 'price-change', orders: [] },
      { what: 'the price moved when it is paid', name: 'price-change-at-pay', orders: ['canceled'] },
      { what: 'rejected after it was pending', name: 'reject', orders: ['rejected'], paid: true },
    ];

    it.each(ENDINGS)(
      '$what',
      async ({ name, orders, paid = false }) => {
        const intent = await book(alice, { familyName: `Doe ${name}` });
        await pay(stack, intent);
        await untilGivenBack(stack, intent);
        const balance = paid ? { debits: [-4250], credits: [4250] } : {};
        expect(await outcomeOf(stack, intent)).toEqual({ ...GIVEN_BACK, orders, ...balance });
        expect(await ledgerOf(stack, intent.booking_id)).toEqual(GIVEN_BACK_LEDGER);
      },
      60_000,
    );
  });

  describe('that our balance does not cover', () => {
    beforeAll(() => setPayBy(SOON_MS));
    afterAll(() => setPayBy(LATER_MS));

    it('is refunded in full when the time to pay its order is over', async () => {
      const intent = await book(alice, { familyName: 'Doe no-balance' });
      await pay(stack, intent);
      await untilStatus(stack, intent, 'needs_attention');
      await untilGivenBack(stack, intent, 60_000);
      const { orders, ...outcome } = await outcomeOf(stack, intent);
      const { orders: _none, ...givenBack } = GIVEN_BACK;
      expect(outcome).toEqual(givenBack);
      expect(orders.length).toBeGreaterThan(0);
      expect(orders.filter((status) => status !== 'expired' && status !== 'canceled')).toEqual([]);
      expect(await ledgerOf(stack, intent.booking_id)).toEqual(GIVEN_BACK_LEDGER);
    }, 90_000);

    it('goes on by itself, and at once at the word of staff, when there is money again in time', async () => {
      await setBalance({ set: '0.00' });
      const [patient, pushed] = [await book(alice), await book(alice)];
      await Promise.all([pay(stack, patient), pay(stack, pushed)]);
      await untilStatus(stack, patient, 'needs_attention');
      await untilStatus(stack, pushed, 'needs_attention');
      await setBalance({ topup: '100000.00' });
      const retried = await staff.post(`/api/payments/klook/${pushed.booking_id}/retry`, {});
      expect(retried).toMatchObject({ status: 200, body: { data: { booking_id: pushed.booking_id } } });
      await untilBought(stack, pushed);
      expect(await outcomeOf(stack, pushed)).toEqual(BOUGHT_ONCE);
      // Nobody pushes this one: it is tried when its order is about to run out, and if that was too late, ordered anew.
      await untilBought(stack, patient);
      const { orders, ...outcome } = await outcomeOf(stack, patient);
      const { orders: once, ...bought } = BOUGHT_ONCE;
      expect(outcome).toEqual(bought);
      expect(orders.filter((status) => status !== 'expired')).toEqual(once);
    }, 90_000);
  });

  describe('takes the money once:', () => {
    it.each([CARDS.declined, CARDS.insufficient])(
      'card %s is declined, then another pays the same intent',
      async (bad) => {
        const intent = await book(alice);
        expect((await confirmCard(stack, intent, bad)).status).toBe(402);
        await untilLetter(stack, intent, 'declined');
        expect(await outcomeOf(stack, intent)).toMatchObject({ status: 'awaiting_payment', captures: [], orders: [] });
        await pay(stack, intent);
        await untilBought(stack, intent);
        expect(await outcomeOf(stack, intent)).toEqual(BOUGHT_AT_SECOND_TRY);
      },
      60_000,
    );

    it('the bank’s question is answered', async () => {
      const intent = await challenged();
      await answerChallenge(stack, intent, 'pass');
      await untilBought(stack, intent);
      expect(await outcomeOf(stack, intent)).toEqual(BOUGHT_ONCE);
    }, 60_000);

    it('the bank’s question is failed, then another card pays', async () => {
      const intent = await challenged();
      await answerChallenge(stack, intent, 'fail');
      await untilLetter(stack, intent, 'declined');
      expect(await outcomeOf(stack, intent)).toMatchObject({ status: 'awaiting_payment', captures: [], orders: [] });
      await pay(stack, intent);
      await untilBought(stack, intent);
      expect(await outcomeOf(stack, intent)).toEqual(BOUGHT_AT_SECOND_TRY);
    }, 60_000);

    async function challenged(): Promise<Intent> {
      const intent = await book(alice);
      expect((await confirmCard(stack, intent, CARDS.challenged)).body).toMatchObject({ status: 'requires_action' });
      await expect
        .poll(() => factsOf(stack, intent.booking_id), { timeout: 20_000 })
        .toContain('payment.action_required');
      expect((await outcomeOf(stack, intent)).captures).toEqual([]);
      return intent;
    }
  });
});
