import { expect, it } from 'vitest';
import {
  cancelUpdate,
  compensateUpdate,
  markPaidUpdate,
  payUpdate,
  refundUpdate,
  resolveUpdate,
} from '../../workflows/messages.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './intake.ts';
import type { Wish } from './intake.ts';
import { describeScenarios } from './scenario.ts';
import type { Scene } from './scene.ts';

const ONLINE: Wish = { service: { storefront: 'travello', payWhen: 'later', gateway: 'stripe_checkout' } };
const AT_THE_DESK: Wish = {
  service: { storefront: 'travello', payWhen: 'later', gateway: 'on_arrival' },
  windowMs: 40 * DAY_MS,
  serviceInMs: 39 * DAY_MS,
};
const staff = { actor: 'staff-1' };
const everything = (scene: Scene, n: number) =>
  ({ refundId: scene.refundId(n), amountMinor: null, actor: 'staff-1', approvalLimitMinor: null }) as const;

async function untilConfirmed(scene: Scene): Promise<void> {
  await scene.until(({ phase }) => phase === 'confirmed');
  await scene.quiet();
}

async function untilRefunded(scene: Scene): Promise<void> {
  await scene.until(({ phase }) => phase === 'refunded');
  await scene.quiet();
}

/** The guest paid, and got everything back. */
async function firstTrip(scene: Scene): Promise<void> {
  await scene.open();
  await scene.ask(payUpdate, { attempt: 1 });
  await scene.pay('pi_1');
  await untilConfirmed(scene);
  await scene.ask(refundUpdate, everything(scene, 1));
  await untilRefunded(scene);
}

async function bounceFirstRefund(scene: Scene): Promise<void> {
  scene.gateway.bounce(scene.refundId(1));
  await scene.news('pi_1');
  await scene.until(({ attention }) => attention !== null);
  await scene.quiet();
}

describeScenarios('a booking that is sold a second time', (play) => {
  it('gives back money that nobody had heard of when an operator ends it', () =>
    play(ONLINE, async (scene) => {
      await scene.open();
      await scene.ask(payUpdate, { attempt: 1 });
      await scene.pay('pi_1');
      await untilConfirmed(scene);
      await scene.ask(compensateUpdate, staff);
      await untilRefunded(scene);
      await scene.ask(payUpdate, { attempt: 2 });
      scene.gateway.set('pi_2', 'succeeded');
      await scene.handle.cancel();
      await scene.until(({ sums }) => sums.refundedMinor === 22_000);
      await scene.quiet();
      expect(await scene.booking()).toMatchObject({ phase: 'refunded', attention: null });
      expect(scene.gateway.returned()).toBe(22_000);
    }));

  it('shows staff a refund of the first trip that bounces while the second is not paid', () =>
    play(ONLINE, async (scene) => {
      await firstTrip(scene);
      await scene.ask(payUpdate, { attempt: 2 });
      await bounceFirstRefund(scene);
      await scene.pass(31 * MINUTE_MS);
      await scene.until(({ phase }) => phase === 'expired');
      await scene.quiet();
      expect((await scene.booking()).attention?.reason).toContain('came back');
      expect(await scene.letters()).toContain('needs_attention');
    }));

  it('never takes the money of a bounced refund for a second payment', () =>
    play(ONLINE, async (scene) => {
      await firstTrip(scene);
      await scene.ask(payUpdate, { attempt: 2 });
      await bounceFirstRefund(scene);
      await scene.pay('pi_2');
      await untilConfirmed(scene);
      await scene.pass(HOUR_MS);
      const { phase, sums, refunds } = await scene.booking();
      expect({ phase, refunds: refunds.length }).toEqual({ phase: 'confirmed', refunds: 1 });
      expect(sums).toMatchObject({ capturedMinor: 22_000, refundedMinor: 0 });
      expect(await scene.letters()).not.toContain('duplicate_refunded');
    }));

  it('is taken back in full though money of the first trip waits for a person', () =>
    play(ONLINE, async (scene) => {
      await firstTrip(scene);
      await scene.ask(payUpdate, { attempt: 2 });
      await bounceFirstRefund(scene);
      await scene.pay('pi_2');
      await untilConfirmed(scene);
      await scene.ask(compensateUpdate, staff);
      await untilRefunded(scene);
      expect((await scene.booking()).sums).toMatchObject({ refundedMinor: 11_000, reservedMinor: 0 });
      expect(await scene.facts()).toContain('booking.compensated');
    }));

  it('is confirmed by a letter each time it is paid', () =>
    play(ONLINE, async (scene) => {
      await firstTrip(scene);
      await scene.ask(payUpdate, { attempt: 2 });
      await scene.pay('pi_2');
      await untilConfirmed(scene);
      expect(await scene.letters()).toEqual(['booking_confirmed', 'booking_refunded', 'booking_confirmed']);
    }));

  it('is given back by hand each time it was paid at the desk', () =>
    play(AT_THE_DESK, async (scene) => {
      await scene.open();
      for (const returns of [1, 2]) {
        await scene.ask(markPaidUpdate, staff);
        await untilConfirmed(scene);
        await scene.ask(compensateUpdate, staff);
        await scene.until(({ attention }) => attention !== null);
        await scene.ask(resolveUpdate, { ...staff, outcome: 'done' });
        await untilRefunded(scene);
        const { attention, sums } = await scene.booking();
        expect({ attention, back: sums.refundedMinor }).toEqual({ attention: null, back: returns * 11_000 });
      }
      expect(await scene.written('booking_refunded')).toContain('by hand');
      expect(await scene.written('booking_refunded')).not.toMatch(/on its way|working days|the way you paid/);
    }));

  it('tells of its own money alone when it is taken back', () =>
    play(ONLINE, async (scene) => {
      await firstTrip(scene);
      await scene.ask(payUpdate, { attempt: 2 });
      await scene.pay('pi_2');
      await untilConfirmed(scene);
      await scene.ask(compensateUpdate, staff);
      await untilRefunded(scene);
      expect(await scene.written('booking_refunded')).toContain('USD 110.00');
    }));

  it('has cost nothing when it is cancelled unpaid', () =>
    play(ONLINE, async (scene) => {
      await firstTrip(scene);
      await scene.ask(payUpdate, { attempt: 2 });
      await scene.ask(cancelUpdate, { actor: 'staff-1', refundMinor: null, quoteId: null });
      await scene.until(({ phase }) => phase === 'cancelled');
      await scene.quiet();
      expect(await scene.written('booking_cancelled')).toContain('You have not been charged');
    }));
});
