import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { money } from '../../domain/money.ts';
import { cancelUpdate, markPaidUpdate, payUpdate, refundUpdate, resolveUpdate } from '../../workflows/messages.ts';
import type { MarkPaidResult } from '../../workflows/messages.ts';
import { DAY_MS, MINUTE_MS } from './intake.ts';
import type { Wish } from './intake.ts';
import { describeScenarios } from './scenario.ts';
import type { Scene } from './scene.ts';

const ARRIVAL: Wish = {
  service: { storefront: 'travello', payWhen: 'later', gateway: 'on_arrival' },
  windowMs: 40 * DAY_MS,
  serviceInMs: 39 * DAY_MS,
};
const ONLINE: Wish = { service: { storefront: 'travello', payWhen: 'later', gateway: 'stripe_checkout' } };
const staff = { actor: 'staff-1' };

const mark = (scene: Scene): Promise<MarkPaidResult> => scene.ask(markPaidUpdate, staff);
const allOf = (scene: Scene) =>
  ({ refundId: scene.refundId(1), amountMinor: null, actor: 'staff-1', approvalLimitMinor: null }) as const;

async function confirmed(scene: Scene): Promise<void> {
  await scene.until((b) => b.phase === 'confirmed');
  await scene.quiet();
}

async function withSession(scene: Scene): Promise<void> {
  await scene.open();
  expect(await scene.ask(payUpdate, { attempt: 1 })).toMatchObject({ kind: 'opened' });
}

/** A page that was closed takes no card any more. */
async function payOnPage(scene: Scene): Promise<void> {
  const [intent] = scene.gateway.intents.values();
  if (intent?.status === 'cancelled') return;
  await scene.pay();
}

describeScenarios('money taken on arrival', (play) => {
  it('is a payment of its own beside one that nobody had been sent to pay', () =>
    play(ONLINE, async (scene) => {
      await withSession(scene);
      const [known] = scene.gateway.intents.values();
      if (!known) throw new Error('no payment was opened');
      const started = await scene.gateway.gateway.start(known.order, 'lost/1');
      if (started.kind !== 'confirm') throw new Error(started.kind);
      await scene.pay(started.ref);
      await confirmed(scene);
      await scene.ask(refundUpdate, allOf(scene));
      await scene.until((b) => b.phase === 'refunded');
      await scene.quiet();
      expect(await mark(scene)).toEqual({ kind: 'paid' });
      await confirmed(scene);
      const { payments, sums, attention } = await scene.booking();
      expect(payments.map(({ gateway, capturedMinor }) => [gateway, capturedMinor])).toEqual([
        ['stripe_checkout', 0],
        ['stripe_checkout', 11_000],
        ['on_arrival', 11_000],
      ]);
      expect([sums.overReturnedMinor, attention]).toEqual([0, null]);
    }));

  it('confirms the booking, stands in the books, and nobody outside was asked for anything', () =>
    play(ARRIVAL, async (scene) => {
      expect(await scene.open()).toEqual({ kind: 'pays_later' });
      expect((await scene.booking()).payments).toEqual([]);
      expect(await mark(scene)).toEqual({ kind: 'paid' });
      await confirmed(scene);
      expect((await scene.booking()).payments).toMatchObject([
        { gateway: 'on_arrival', status: 'succeeded', capturedMinor: 11_000, feeMinor: 0 },
      ]);
      expect(await scene.balances()).toEqual({ 'gateway_clearing USD': 11_000, 'revenue USD': -11_000 });
      expect(await scene.papers()).toEqual(['receipt 1 v1']);
      expect(await scene.letters()).toEqual(['booking_confirmed']);
      expect(scene.gateway.calls).toEqual([]);
    }));

  it('may come weeks later, and until then there is nothing to poll', () =>
    play(ARRIVAL, async (scene) => {
      await scene.open();
      const { historyLength } = await scene.handle.describe();
      await scene.pass(38 * DAY_MS);
      expect((await scene.booking()).phase).toBe('awaiting_payment');
      expect((await scene.handle.describe()).historyLength).toBe(historyLength);
      expect(await mark(scene)).toEqual({ kind: 'paid' });
      await confirmed(scene);
    }));

  it('is taken once, however many say it', () =>
    play(ARRIVAL, async (scene) => {
      await scene.open();
      const answers = await Promise.all([mark(scene), mark(scene), mark(scene)]);
      expect(answers.map(({ kind }) => kind).toSorted()).toEqual(['already_paid', 'already_paid', 'paid']);
      await confirmed(scene);
      expect(await mark(scene)).toEqual({ kind: 'already_paid' });
      expect((await scene.booking()).sums.capturedMinor).toBe(11_000);
    }));

  it('is not taken for what was cancelled or is being paid elsewhere', () =>
    play(ONLINE, async (scene) => {
      await withSession(scene);
      scene.gateway.set('pi_1', 'processing');
      await scene.news();
      await scene.until((b) => b.phase === 'processing');
      expect(await mark(scene)).toEqual({ kind: 'in_flight' });
      scene.gateway.set('pi_1', 'requires_payment_method');
      await scene.ask(cancelUpdate, { actor: 'staff-1', refundMinor: null, quoteId: null });
      expect(await mark(scene)).toEqual({ kind: 'not_payable', status: 'cancelled' });
      expect((await scene.booking()).sums.capturedMinor).toBe(0);
    }));

  it('closes the page first on which the guest could have paid', () =>
    play(ONLINE, async (scene) => {
      await withSession(scene);
      expect(await mark(scene)).toEqual({ kind: 'paid' });
      await payOnPage(scene);
      await confirmed(scene);
      expect(scene.gateway.calls).toContain('close pi_1');
      expect((await scene.booking()).payments.map(({ gateway, status }) => [gateway, status])).toEqual([
        ['stripe_checkout', 'cancelled'],
        ['on_arrival', 'succeeded'],
      ]);
      expect(await scene.ask(payUpdate, { attempt: 2 })).toMatchObject({ kind: 'refused', code: 'not_payable' });
    }));

  it('is what counts when the page took money all the same: that goes back', () =>
    play(ONLINE, async (scene) => {
      await withSession(scene);
      await mark(scene);
      await confirmed(scene);
      await scene.pay();
      await scene.until((b) => b.sums.refundedMinor === 11_000);
      await scene.quiet();
      const { phase, refunds } = await scene.booking();
      expect([phase, refunds.map(({ cause, status }) => [cause, status])]).toEqual([
        'confirmed',
        [['duplicate', 'succeeded']],
      ]);
      expect(scene.gateway.returned()).toBe(11_000);
    }));

  it('gives way to the guest who paid on the page a moment before', () =>
    play(ONLINE, async (scene) => {
      await withSession(scene);
      scene.gateway.before.close = () => scene.gateway.set('pi_1', 'succeeded');
      expect(await mark(scene)).toEqual({ kind: 'already_paid' });
      await confirmed(scene);
      const { payments, sums } = await scene.booking();
      expect(payments).toMatchObject([{ gateway: 'stripe_checkout', status: 'succeeded' }]);
      expect(sums.capturedMinor).toBe(11_000);
    }));

  it.each(['mark', 'page', 'mark', 'page', 'mark', 'page'])(
    'and money paid on the page exclude each other when they race, %s first',
    (first) =>
      play(ONLINE, async (scene) => {
        await withSession(scene);
        const both = [() => mark(scene), () => payOnPage(scene)];
        if (first === 'page') both.reverse();
        await Promise.all(both.map((each) => each()));
        await confirmed(scene);
        const { payments, sums } = await scene.booking();
        expect(payments.filter(({ status }) => status === 'succeeded')).toHaveLength(1);
        expect(sums).toMatchObject({ capturedMinor: 11_000, refundedMinor: 0 });
        const taken = [...scene.gateway.intents.values()].filter(({ status }) => status === 'succeeded').length;
        expect(payments.filter((p) => p.gateway === 'stripe_checkout' && p.status === 'succeeded')).toHaveLength(taken);
      }),
  );

  it('may still come when the time to pay was over, and is the price in its own currency', () => {
    const terms = { rate: '0.0036', source: 'FX_RATES', at: '2026-01-01T00:00:00.000Z' };
    const otherCurrency = { price: money(3_055_556, 'PKR'), charge: money(11_000, 'USD'), ...terms };
    return play(
      { service: { ...ONLINE.service, storefront: 'travello', payWhen: 'later', otherCurrency } },
      async (scene) => {
        await scene.open();
        await scene.pass(31 * MINUTE_MS);
        await scene.until((b) => b.phase === 'expired');
        expect(await mark(scene)).toEqual({ kind: 'paid' });
        await confirmed(scene);
        expect((await scene.booking()).charge).toEqual(money(3_055_556, 'PKR'));
        expect(await scene.balances()).toEqual({ 'gateway_clearing PKR': 3_055_556, 'revenue PKR': -3_055_556 });
      },
    );
  });

  it('goes back by hand: promised, handed out by staff, and bookable again', () =>
    play(ARRIVAL, async (scene) => {
      await scene.open();
      await mark(scene);
      await confirmed(scene);
      expect(await scene.ask(refundUpdate, allOf(scene))).toMatchObject({ status: 'pending' });
      await scene.until((b) => b.attention !== null);
      expect(await scene.booking()).toMatchObject({
        phase: 'confirmed',
        refunds: [{ status: 'pending', ref: expect.stringMatching(/^desk/) }],
        sums: { reservedMinor: 11_000, refundedMinor: 0 },
        attention: { reason: expect.stringContaining('hand it out') },
      });
      // What is to be handed out is promised: it cannot be promised twice.
      expect(await scene.ask(refundUpdate, { ...allOf(scene), refundId: scene.refundId(2) })).toEqual({
        kind: 'exceeds',
        leftMinor: 0,
      });
      expect(await scene.ask(resolveUpdate, { ...staff, outcome: 'done' })).toEqual({ kind: 'accepted' });
      await scene.until((b) => b.phase === 'refunded' && b.attention === null);
      await scene.quiet();
      expect(await scene.balances()).toEqual({});
      expect((await scene.booking()).refunds.map(({ status }) => status)).toEqual(['succeeded']);
      expect(await scene.letters()).toContain('booking_refunded');
      expect(await mark(scene)).toEqual({ kind: 'paid' });
      await confirmed(scene);
      expect(await scene.balances()).toEqual({ 'gateway_clearing USD': 11_000, 'revenue USD': -11_000 });
    }));

  const raisingWhen = (mayRaise: () => Promise<void>): Wish => {
    const interceptor: ActivityInterceptorsFactory = ({ info: { activityType } }) => ({
      inbound: {
        execute: async (input, next) => {
          if (activityType === 'raiseAttention') await mayRaise();
          return next(input);
        },
      },
    });
    const met = { before: new Map<string, number>(), after: new Map<string, number>() };
    return { ...ARRIVAL, deaths: { met, interceptor } };
  };
  const away = async (): Promise<void> => {
    throw ApplicationFailure.retryable('the database is away');
  };

  it('is in view of staff as soon as they can be told, though nobody could be when it was promised', () => {
    let mayRaise = away;
    return play(
      raisingWhen(() => mayRaise()),
      async (scene) => {
        await scene.open();
        await mark(scene);
        await confirmed(scene);
        expect(await scene.ask(refundUpdate, allOf(scene))).toMatchObject({ status: 'pending' });
        await scene.pass(5 * MINUTE_MS);
        expect((await scene.booking()).attention).toBeNull();
        mayRaise = async () => undefined;
        await scene.pass(16 * MINUTE_MS);
        await scene.until((b) => b.attention?.reason.includes('hand it out') === true);
        expect(await scene.ask(resolveUpdate, { ...staff, outcome: 'done' })).toEqual({ kind: 'accepted' });
        await scene.until((b) => b.phase === 'refunded' && b.attention === null);
      },
    );
  });

  it('goes nowhere when staff drop a refund that was asked for by mistake, and can be asked for anew', () =>
    play(ARRIVAL, async (scene) => {
      await scene.open();
      await mark(scene);
      await confirmed(scene);
      await scene.ask(refundUpdate, { ...allOf(scene), amountMinor: 5_000 });
      await scene.until((b) => b.attention !== null);
      expect(await scene.ask(resolveUpdate, { ...staff, outcome: 'impossible' })).toEqual({ kind: 'accepted' });
      await scene.until((b) => b.attention === null);
      expect(await scene.booking()).toMatchObject({ phase: 'confirmed', sums: { reservedMinor: 0, refundedMinor: 0 } });
      expect(await scene.balances()).toEqual({ 'gateway_clearing USD': 11_000, 'revenue USD': -11_000 });
      const again = { ...allOf(scene), refundId: scene.refundId(2), amountMinor: 500 };
      expect(await scene.ask(refundUpdate, again)).toMatchObject({ status: 'pending' });
      await scene.until((b) => b.attention !== null);
      await scene.ask(resolveUpdate, { ...staff, outcome: 'done' });
      await scene.until((b) => b.phase === 'partially_refunded');
    }));

  it('goes back by hand when the booking is cancelled, by the terms that were agreed', () =>
    play(ARRIVAL, async (scene) => {
      await scene.open();
      await mark(scene);
      await confirmed(scene);
      await scene.ask(cancelUpdate, { actor: 'staff-1', refundMinor: 11_000, quoteId: 'cq_1' });
      await scene.until((b) => b.attention !== null);
      await scene.ask(resolveUpdate, { ...staff, outcome: 'done' });
      await scene.until((b) => b.sums.refundedMinor === 11_000);
      expect(await scene.balances()).toEqual({});
    }));
});

describeScenarios('a booking at rest without money', (play) => {
  const cancel = (scene: Scene) => scene.ask(cancelUpdate, { actor: 'staff-1', refundMinor: null, quoteId: 'cq_1' });

  it('that expired is given up for good when somebody cancels it', () =>
    play(ONLINE, async (scene) => {
      await scene.open();
      await scene.pass(31 * MINUTE_MS);
      await scene.until((b) => b.phase === 'expired');
      expect(await cancel(scene)).toEqual({ kind: 'cancelled' });
      expect(await scene.ask(payUpdate, { attempt: 1 })).toMatchObject({ kind: 'refused' });
      expect(await mark(scene)).toEqual({ kind: 'not_payable', status: 'cancelled' });
    }));

  it('whose money went back is given up without another letter', () =>
    play(ONLINE, async (scene) => {
      await withSession(scene);
      await scene.pay();
      await confirmed(scene);
      await scene.ask(refundUpdate, allOf(scene));
      await scene.until((b) => b.phase === 'refunded');
      await scene.quiet();
      const letters = await scene.letters();
      expect(await cancel(scene)).toEqual({ kind: 'cancelled' });
      expect(await scene.letters()).toEqual(letters);
      expect(await scene.balances()).toEqual({ 'gateway_clearing USD': -59, 'gateway_fees USD': 59 });
    }));
});

describeScenarios('an attempt that the gateway refuses', (play) => {
  it('leaves a booking that stood before it payable with the next', () =>
    play(ONLINE, async (scene) => {
      await scene.open();
      scene.gateway.moods.start.push('refuses');
      expect(await scene.ask(payUpdate, { attempt: 1 })).toMatchObject({ kind: 'refused' });
      await scene.pass(2 * MINUTE_MS);
      await scene.news();
      await scene.quiet();
      expect(await scene.booking()).toMatchObject({ phase: 'awaiting_payment', attention: null });
      const terms = { charge: money(9_900, 'EUR') };
      expect(await scene.ask(payUpdate, { attempt: 2, terms })).toMatchObject({ kind: 'opened' });
      await scene.pay();
      await confirmed(scene);
      expect(await scene.booking()).toMatchObject({ charge: terms.charge, sums: { capturedMinor: 9_900 } });
    }));

  it('leaves one that is sold anew as it was', () =>
    play(ONLINE, async (scene) => {
      await withSession(scene);
      await scene.pay();
      await confirmed(scene);
      await scene.ask(refundUpdate, allOf(scene));
      await scene.until((b) => b.phase === 'refunded');
      await scene.quiet();
      scene.gateway.moods.start.push('refuses');
      expect(await scene.ask(payUpdate, { attempt: 2 })).toMatchObject({ kind: 'refused' });
      await scene.quiet();
      expect(await scene.booking()).toMatchObject({ phase: 'refunded', attention: null });
      expect(await scene.ask(payUpdate, { attempt: 3 })).toMatchObject({ kind: 'opened' });
    }));
});
