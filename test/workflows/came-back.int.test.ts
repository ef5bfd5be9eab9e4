import { expect, it } from 'vitest';
import type { Booking } from '../../domain/booking.ts';
import {
  cancelUpdate,
  compensateUpdate,
  payUpdate,
  refundUpdate,
  resolveUpdate,
  retryStepUpdate,
} from '../../workflows/messages.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './intake.ts';
import type { Wish } from './intake.ts';
import { bought } from './bought.ts';
import { describeScenarios } from './scenario.ts';
import type { Scene } from './scene.ts';

const staff = { actor: 'staff-1' };
const ALL_BACK = { 'gateway_clearing USD': -59, 'gateway_fees USD': 59 };
const PAID_AGAIN: Wish = { service: { storefront: 'travello', payWhen: 'later', gateway: 'stripe_checkout' } };
const refundOf = (scene: Scene, n: number, amountMinor: number | null) =>
  ({ refundId: scene.refundId(n), amountMinor, actor: 'staff-1', approvalLimitMinor: null }) as const;

async function stopped(scene: Scene): Promise<void> {
  await bought(scene);
  await scene.ask(compensateUpdate, staff);
  await scene.until((b) => b.phase === 'refunded');
  await scene.quiet();
}

const lastSent = ({ gateway }: Scene): string => [...gateway.refunds.keys()].at(-1) ?? '';

async function bounce(scene: Scene, key = lastSent(scene), ref = 'pi_1'): Promise<Booking> {
  scene.gateway.bounce(key);
  await scene.news(ref);
  const called = await scene.until(({ attention }) => attention?.reason.includes('came back') === true);
  await scene.quiet();
  return called;
}

/** Of 3 000 and of 2 000, at the same time. */
async function twoBounced(scene: Scene): Promise<Booking> {
  await bought(scene);
  for (const [i, amount] of [3_000, 2_000].entries()) {
    await scene.ask(refundUpdate, refundOf(scene, i + 1, amount));
    await scene.quiet();
  }
  scene.gateway.bounce(scene.refundId(1));
  return bounce(scene, scene.refundId(2));
}

const settled = (b: Booking): boolean => b.attention === null;
const fates = ({ refunds }: Booking): readonly string[] => refunds.map(({ status }) => status).toSorted();

describeScenarios('a refund that was owed, arrived and came back', (play) => {
  it('goes again once staff say so, on the payment it had gone back on', () =>
    play({}, async (scene) => {
      await stopped(scene);
      const called = await bounce(scene);
      expect(called.attention).toMatchObject({ step: `refund ${lastSent(scene)}` });
      expect(await scene.ask(retryStepUpdate, staff)).toEqual({ kind: 'accepted' });
      const booking = await scene.until((b) => settled(b) && b.sums.refundedMinor === 11_000);
      await scene.quiet();
      expect([booking.phase, fates(booking), scene.gateway.returned()]).toEqual([
        'refunded',
        ['failed', 'succeeded'],
        11_000,
      ]);
      expect(booking.refunds.at(-1)).toMatchObject({ cause: 'compensation', actor: 'staff-1' });
      expect(await scene.balances()).toEqual(ALL_BACK);
      expect(scene.supplier.credits).toEqual(scene.supplier.debits);
    }));

  it('stands in the books as given by hand once staff say that it was', () =>
    play({}, async (scene) => {
      await stopped(scene);
      await bounce(scene);
      expect(await scene.ask(resolveUpdate, { ...staff, outcome: 'done' })).toEqual({ kind: 'accepted' });
      const booking = await scene.until((b) => settled(b) && b.sums.refundedMinor === 11_000);
      await scene.quiet();
      expect(booking.refunds.find(({ status }) => status === 'succeeded')?.ref).toBe('by-hand/staff-1');
      expect([scene.gateway.returned(), scene.gateway.refunds.size]).toEqual([0, 1]);
      expect(await scene.balances()).toEqual(ALL_BACK);
    }));

  it('is never sent again by itself, and stays in view', () =>
    play({}, async (scene) => {
      await stopped(scene);
      await bounce(scene);
      await scene.pass(20 * DAY_MS);
      expect((await scene.booking()).attention?.reason).toContain('came back');
      expect(scene.gateway.refunds.size).toBe(1);
    }));

  it('may come back again: each time it is a case of its own', () =>
    play({}, async (scene) => {
      await stopped(scene);
      await bounce(scene);
      await scene.ask(retryStepUpdate, staff);
      await scene.until((b) => settled(b) && b.sums.refundedMinor === 11_000);
      await scene.quiet();
      await bounce(scene);
      await scene.ask(resolveUpdate, { ...staff, outcome: 'done' });
      const booking = await scene.until((b) => settled(b) && b.sums.refundedMinor === 11_000);
      await scene.quiet();
      expect([fates(booking), scene.gateway.returned()]).toEqual([['failed', 'failed', 'succeeded'], 0]);
      expect((await scene.letters()).filter((kind) => kind === 'needs_attention')).toHaveLength(2);
    }));

  it('goes once for each word of staff, who are called again when the gateway refuses', () =>
    play({}, async (scene) => {
      await stopped(scene);
      await bounce(scene);
      scene.gateway.moods.refund.push('refuses');
      const first = (await scene.booking()).attention?.id;
      await scene.ask(retryStepUpdate, staff);
      const called = await scene.until(({ attention }) => attention !== null && attention.id !== first);
      await scene.pass(3 * DAY_MS);
      expect([fates(await scene.booking()), scene.gateway.returned()]).toEqual([['failed', 'failed'], 0]);
      await scene.ask(retryStepUpdate, { ...staff, attentionId: called.attention?.id ?? '' });
      const booking = await scene.until((b) => settled(b) && b.sums.refundedMinor === 11_000);
      expect([fates(booking), scene.gateway.returned()]).toEqual([['failed', 'failed', 'succeeded'], 11_000]);
    }));

  it('goes by no word that was meant for another step', () =>
    play({}, async (scene) => {
      await twoBounced(scene);
      expect(await scene.ask(retryStepUpdate, staff)).toMatchObject({ kind: 'nothing_to_do' });
      await scene.pass(DAY_MS);
      expect(scene.gateway.returned()).toBe(0);
    }));

  it('waits for a person again while a bank has the money, and is not sent when that has decided', () =>
    play({}, async (scene) => {
      await bought(scene);
      await scene.ask(cancelUpdate, { actor: 'customer-1', refundMinor: 5_500, quoteId: 'cq_1' });
      await scene.until((b) => b.sums.refundedMinor === 5_500);
      await scene.quiet();
      const { attention } = await bounce(scene);
      scene.gateway.dispute('pi_1', { amountMinor: 5_500 });
      await scene.news();
      await scene.until((b) => b.disputes.length > 0);
      await scene.quiet();
      const meant = { ...staff, attentionId: attention?.id ?? '' };
      expect(await scene.ask(retryStepUpdate, meant)).toEqual({ kind: 'accepted' });
      await scene.quiet();
      scene.gateway.closeDispute('pi_1', 'lost');
      await scene.news();
      await scene.until((b) => b.disputes.every(({ standing }) => standing === 'lost'));
      await scene.pass(DAY_MS);
      expect(scene.gateway.returned()).toBe(0);
      expect((await scene.booking()).attention?.reason).toContain('came back');
    }));

  it('of late money waits for a person too, whatever else lets go of money meanwhile', () =>
    play({ serviceInMs: HOUR_MS }, async (scene) => {
      await scene.open();
      await scene.pass(31 * MINUTE_MS);
      await scene.until((b) => b.phase === 'expired');
      await scene.pass(HOUR_MS);
      await scene.pay();
      await scene.until((b) => b.phase === 'refunded');
      await scene.quiet();
      await bounce(scene);
      scene.gateway.dispute('pi_1', { amountMinor: 1_000 });
      await scene.news('pi_1', 3);
      await scene.until((b) => b.disputes.length > 0);
      await scene.quiet();
      scene.gateway.closeDispute('pi_1', 'won');
      await scene.news('pi_1', 4);
      await scene.until((b) => b.disputes.every(({ standing }) => standing === 'won'));
      await scene.pass(DAY_MS);
      expect(scene.gateway.returned()).toBe(0);
    }));

  it('goes at once when staff stop the booking instead of answering', () =>
    play({}, async (scene) => {
      await stopped(scene);
      await bounce(scene);
      expect(await scene.ask(compensateUpdate, staff)).toEqual({ kind: 'accepted' });
      const booking = await scene.until((b) => settled(b) && b.sums.refundedMinor === 11_000);
      await scene.quiet();
      expect([fates(booking), scene.gateway.returned()]).toEqual([['failed', 'succeeded'], 11_000]);
      expect((await scene.letters()).filter((kind) => kind === 'needs_attention')).toHaveLength(1);
    }));

  it('is no case any more once the customer has everything', () =>
    play({}, async (scene) => {
      await bought(scene);
      await scene.ask(refundUpdate, refundOf(scene, 1, 3_000));
      await scene.quiet();
      await bounce(scene);
      await scene.ask(compensateUpdate, staff);
      const booking = await scene.until((b) => settled(b) && b.phase === 'refunded');
      await scene.quiet();
      expect([booking.sums.refundedMinor, scene.gateway.returned()]).toEqual([11_000, 11_000]);
      expect((await scene.booking()).attention).toBeNull();
    }));

  it('of a cancellation goes again as much as was agreed', () =>
    play({}, async (scene) => {
      await bought(scene);
      await scene.ask(cancelUpdate, { actor: 'customer-1', refundMinor: 5_500, quoteId: 'cq_1' });
      await scene.until((b) => b.sums.refundedMinor === 5_500);
      await scene.quiet();
      await bounce(scene);
      await scene.ask(retryStepUpdate, staff);
      await scene.until((b) => settled(b) && b.sums.refundedMinor === 5_500);
      await scene.quiet();
      expect([(await scene.booking()).phase, scene.gateway.returned()]).toEqual(['cancelled', 5_500]);
    }));
});

describeScenarios('a refund by staff that arrived and came back', (play) => {
  it('goes again, and the trip goes on', () =>
    play({}, async (scene) => {
      await bought(scene);
      await scene.ask(refundUpdate, refundOf(scene, 1, 3_000));
      await scene.quiet();
      await bounce(scene);
      await scene.ask(retryStepUpdate, staff);
      const booking = await scene.until((b) => settled(b) && b.sums.refundedMinor === 3_000);
      await scene.quiet();
      expect([booking.phase, scene.gateway.returned()]).toEqual(['partially_refunded', 3_000]);
      expect(await scene.papers()).toEqual(['receipt 1 v1', 'voucher 1 v1', 'receipt 1 v2', 'receipt 1 v3']);
      expect(scene.supplier.standing('KLK1')).toBe('confirmed');
    }));

  it('may be left when staff find that it is not owed', () =>
    play({}, async (scene) => {
      await bought(scene);
      await scene.ask(refundUpdate, refundOf(scene, 1, 3_000));
      await scene.quiet();
      await bounce(scene);
      await scene.ask(resolveUpdate, { ...staff, outcome: 'impossible' });
      const booking = await scene.until(settled);
      await scene.quiet();
      expect([booking.phase, fates(booking), scene.gateway.returned()]).toEqual(['confirmed', ['failed'], 0]);
    }));

  it('ends the trip when with it all has gone back', () =>
    play({}, async (scene) => {
      await bought(scene);
      await scene.ask(refundUpdate, refundOf(scene, 1, 3_000));
      await scene.quiet();
      await bounce(scene);
      await scene.ask(refundUpdate, refundOf(scene, 2, 8_000));
      await scene.ask(retryStepUpdate, staff);
      await scene.until((b) => settled(b) && b.supplierOrders[0]?.status === 'canceled');
      await scene.quiet();
      expect((await scene.booking()).phase).toBe('refunded');
      expect(await scene.balances()).toEqual(ALL_BACK);
    }));

  it('may have been made in the gateway’s dashboard', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.gateway.returnElsewhere('pi_1', 3_000);
      await scene.news();
      await scene.until((b) => b.sums.refundedMinor === 3_000);
      await scene.quiet();
      scene.gateway.returnElsewhere('pi_1', -3_000);
      await scene.news('pi_1', 2);
      const { attention } = await scene.until((b) => b.attention?.reason.includes('came back') === true);
      expect((await scene.booking()).sums.refundedMinor).toBe(0);
      // Given there once more it is another refund, of the same sum.
      scene.gateway.returnElsewhere('pi_1', 3_000);
      await scene.news('pi_1', 3);
      const booking = await scene.until((b) => b.sums.refundedMinor === 3_000);
      expect(fates(booking)).toEqual(['failed', 'succeeded']);
      await scene.ask(resolveUpdate, { ...staff, outcome: 'impossible', attentionId: attention?.id ?? '' });
      await scene.until(settled);
      expect(scene.gateway.returned()).toBe(3_000);
    }));

  it('is the one of two made there whose sum is missing', () =>
    play({}, async (scene) => {
      await bought(scene);
      for (const [n, minor] of [3_000, 1_000].entries()) {
        scene.gateway.returnElsewhere('pi_1', minor);
        await scene.news('pi_1', n + 1);
        await scene.until((b) => b.refunds.length === n + 1 && b.sums.reservedMinor === 0);
        await scene.quiet();
      }
      scene.gateway.returnElsewhere('pi_1', -3_000);
      await scene.news('pi_1', 3);
      const booking = await scene.until((b) => b.attention?.reason.includes('came back') === true);
      const gone = booking.refunds.filter(({ status }) => status === 'succeeded');
      expect(gone.map(({ amount }) => amount.minor)).toEqual([1_000]);
    }));

  it('is not read out of what a gateway says while a bank has the payment', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.gateway.returnElsewhere('pi_1', 3_000);
      await scene.news('pi_1', 1);
      await scene.until((b) => b.sums.refundedMinor === 3_000);
      await scene.quiet();
      scene.gateway.returnElsewhere('pi_1', -3_000);
      scene.gateway.dispute('pi_1', { amountMinor: 8_000 });
      await scene.news('pi_1', 2);
      await scene.until((b) => b.disputes.length > 0);
      await scene.quiet();
      expect(fates(await scene.booking())).toEqual(['succeeded']);
    }));

  it('counts towards what may be given without a second person', () =>
    play({}, async (scene) => {
      await bought(scene);
      await scene.ask(refundUpdate, { ...refundOf(scene, 1, 4_000), approvalLimitMinor: 5_000 });
      await scene.quiet();
      await bounce(scene);
      const second = await scene.ask(refundUpdate, { ...refundOf(scene, 2, 4_000), approvalLimitMinor: 5_000 });
      expect(second).toMatchObject({ status: 'awaiting_approval' });
    }));

  it('is a case of its own beside another that came back with it', () =>
    play({}, async (scene) => {
      const { attention } = await twoBounced(scene);
      await scene.ask(retryStepUpdate, { ...staff, attentionId: attention?.id ?? '' });
      const [isFirst, others] = attention?.step.endsWith(scene.refundId(1)) ? [true, 2_000] : [false, 3_000];
      const next = await scene.until((b) => b.attention !== null && b.attention.id !== attention?.id);
      expect(next.attention?.step).toBe(`refund ${scene.refundId(isFirst ? 2 : 1)}`);
      await scene.until((b) => b.sums.refundedMinor === 5_000 - others);
      await scene.ask(resolveUpdate, { ...staff, outcome: 'done', attentionId: next.attention?.id ?? '' });
      await scene.until((b) => settled(b) && b.sums.refundedMinor === 5_000);
      await scene.quiet();
      expect(scene.gateway.returned()).toBe(5_000 - others);
    }));

  it.each([
    ['before it is confirmed', true],
    ['after it was confirmed', false],
  ])('goes again to the customer of the trip before, though the booking was sold anew: %s', (_, early) =>
    play(PAID_AGAIN, async (scene) => {
      await scene.open();
      await scene.ask(payUpdate, { attempt: 1 });
      await scene.pay('pi_1');
      await scene.until(({ phase }) => phase === 'confirmed');
      await scene.quiet();
      await scene.ask(refundUpdate, refundOf(scene, 1, null));
      await scene.until(({ phase }) => phase === 'refunded');
      await scene.quiet();
      await scene.ask(payUpdate, { attempt: 2 });
      if (early) await bounce(scene, scene.refundId(1));
      await scene.pay('pi_2');
      await scene.until(({ phase }) => phase === 'confirmed');
      await scene.quiet();
      if (!early) await bounce(scene, scene.refundId(1));
      await scene.ask(retryStepUpdate, staff);
      await scene.until((b) => settled(b) && b.sums.refundedMinor === 11_000);
      await scene.quiet();
      expect([scene.gateway.returned('pi_1'), scene.gateway.returned('pi_2')]).toEqual([11_000, 0]);
      expect((await scene.booking()).phase).toBe('confirmed');
      const left = { 'gateway_clearing USD': 10_882, 'gateway_fees USD': 118, 'revenue USD': -11_000 };
      expect(await scene.balances()).toEqual(left);
    }),
  );
});
