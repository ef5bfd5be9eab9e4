// A worker dies when the deed is done and nobody knows: the retry must not come to another answer than the first try had.
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { expect, it, vi } from 'vitest';
import { cancelUpdate, refundUpdate } from '../../workflows/messages.ts';
import { createDeathAfter } from './dying-worker.ts';
import { DAY_MS } from './intake.ts';
import { bought } from './bought.ts';
import { describeScenarios } from './scenario.ts';

const HELD = { product: { captureWhen: 'after_supplier' } } as const;
const staff = { actor: 'staff-1' } as const;

const isOver = ({ phase }: { phase: string }): boolean => phase === 'confirmed' || phase === 'refunded';

describeScenarios('when an answer is lost', (play) => {
  it('an order goes back whose whole payment was given back in the dashboard', () => {
    const deaths = createDeathAfter('lookPayment');
    return play({ deaths }, async (scene) => {
      await bought(scene);
      scene.gateway.returnElsewhere('pi_1', 11_000);
      deaths.arm();
      await scene.news();
      const { phase } = await scene.until((b) => b.supplierOrders[0]?.status === 'canceled');
      await scene.quiet();
      expect([phase, deaths.met.after.get('lookPayment')]).toEqual(['refunded', 1]);
      expect(scene.supplier.credits).toEqual(scene.supplier.debits);
      expect(await scene.papers()).toContain('voucher 1 v2');
    });
  });

  it('an order that came out dearer than we may bear is still not bought', () => {
    const deaths = createDeathAfter('placeOrder');
    return play({ deaths }, async (scene) => {
      await scene.open();
      scene.supplier.beforePlace = () => void (scene.supplier.script.unitMinor = 6_000);
      deaths.arm();
      await scene.pay();
      const { phase } = await scene.until(isOver);
      expect([phase, deaths.met.after.get('placeOrder')]).toEqual(['refunded', 1]);
      expect([scene.supplier.debits, scene.gateway.returned()]).toEqual([[], 11_000]);
    });
  });

  it('a hold of which somebody took a part is still too little', () => {
    const deaths = createDeathAfter('captureHeld');
    return play({ ...HELD, deaths }, async (scene) => {
      await scene.open();
      scene.supplier.script.afterPay = 'pending';
      scene.gateway.set('pi_1', 'authorised');
      await scene.news();
      await scene.until((b) => b.supplierOrders[0]?.paidMinor === 10_000);
      scene.gateway.takePart('pi_1', 1_000);
      deaths.arm();
      scene.supplier.decide('KLK1', 'confirmed');
      const { phase } = await scene.until(isOver);
      expect([phase, deaths.met.after.get('captureHeld')]).toEqual(['refunded', 1]);
      expect(scene.gateway.returned()).toBe(1_000);
    });
  });
});

describeScenarios('while something else goes on,', (play) => {
  it('a part that somebody takes of a hold while the order is placed buys nothing', () =>
    play(HELD, async (scene) => {
      await scene.open();
      scene.supplier.beforePlace = () => scene.gateway.takePart('pi_1', 1_000);
      scene.gateway.set('pi_1', 'authorised');
      await scene.news();
      expect((await scene.until(isOver)).phase).toBe('refunded');
      expect([scene.supplier.debits, scene.gateway.returned()]).toEqual([[], 1_000]);
    }));

  it('an order that two want back at once is taken back once, and calls staff once when it cannot be', () =>
    play({}, async (scene) => {
      await bought(scene);
      scene.supplier.script.cancel = 'refuses';
      scene.gateway.moods.refund.push('pending');
      const all = { refundId: scene.refundId(1), amountMinor: null, approvalLimitMinor: null, ...staff };
      const refunding = scene.ask(refundUpdate, all);
      await scene.until((b) => b.refunds.some(({ ref }) => ref !== null));
      const { gateway } = scene.gateway;
      const look = gateway.look.bind(gateway);
      // The refund arrives while the payment is read: who reads it and who waits for it both see that all is back.
      gateway.look = async (ref) => {
        scene.gateway.finishRefund(scene.refundId(1));
        await vi.waitFor(async () => expect((await scene.booking()).phase).toBe('refunded'), { timeout: 9_000 });
        return look(ref);
      };
      await scene.news();
      expect(await refunding).toMatchObject({ status: 'succeeded' });
      await scene.until((b) => b.attention !== null);
      await scene.quiet();
      expect((await scene.letters()).filter((kind) => kind === 'needs_attention')).toHaveLength(1);
      expect(await scene.papers()).toContain('voucher 1 v2');
    }));

  it('a cancellation that is overtaken by a refund of everything comes too late', () => {
    const outage = createOutage();
    return play({ deaths: outage.deaths }, async (scene) => {
      await bought(scene);
      scene.gateway.moods.refund.push('pending');
      const all = { refundId: scene.refundId(1), amountMinor: null, approvalLimitMinor: null, ...staff };
      const refunding = scene.ask(refundUpdate, all);
      await scene.until((b) => b.refunds.some(({ ref }) => ref !== null));
      outage.begin('cancelled');
      const cancelling = scene.ask(cancelUpdate, { actor: 'customer-1', refundMinor: 5_500, quoteId: 'cq_1' });
      await vi.waitFor(() => expect(outage.refused()).toBeGreaterThan(0), { timeout: 10_000 });
      scene.gateway.finishRefund(scene.refundId(1));
      await scene.until((b) => b.phase === 'refunded');
      outage.end();
      expect(await cancelling).toMatchObject({ kind: 'too_late' });
      expect(await refunding).toMatchObject({ status: 'succeeded' });
      await scene.pass(DAY_MS);
      expect((await scene.booking()).attention).toBeNull();
    });
  });
});

/** The books take no milestone of this kind for as long as it lasts. */
function createOutage() {
  let away: string | null = null;
  let refusals = 0;
  const interceptor: ActivityInterceptorsFactory = () => ({
    inbound: {
      execute: async (input, next) => {
        const [asked] = input.args as [{ readonly milestone?: { readonly as: string } } | undefined];
        if (away === null || asked?.milestone?.as !== away) return next(input);
        refusals += 1;
        throw ApplicationFailure.retryable('the database is away', 'DatabaseAway');
      },
    },
  });
  return {
    deaths: { met: { before: new Map<string, number>(), after: new Map<string, number>() }, interceptor },
    begin: (milestone: string) => void (away = milestone),
    end: () => void (away = null),
    refused: () => refusals,
  };
}
