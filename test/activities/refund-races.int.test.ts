// Tries of a refund that run beside one another, and beside what staff say: under the booking's lock one sees the other.
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { byHandActivities } from '../../activities/by-hand.ts';
import type { Deps } from '../../activities/deps.ts';
import { refundActivities } from '../../activities/refund.ts';
import { lockBooking } from '../../db/bookings.ts';
import type { Gateway } from '../../domain/payment.ts';
import type { RefundFact } from '../../domain/refund-order.ts';
import { money } from '../../domain/money.ts';
import { depsOf, openBench } from '../db/test-bench.ts';
import type { Bench } from '../db/test-bench.ts';
import { facts, succeeded } from '../domain/sample-booking.ts';
import { describeWith } from '../setup/parts.ts';

const HKD = (minor: number) => money(minor, 'HKD');
const MADE: RefundFact = { kind: 'succeeded', ref: 're_1' };

describeWith('postgres', 'tries of refunds that overlap', () => {
  let bench: Bench;
  let bookingId: string;
  let paymentId: string;
  let count = 0;
  let asked: string[];
  let gateway: Pick<Gateway, 'refund' | 'lookRefund' | 'look'>;
  let refunding: ReturnType<typeof refundActivities>;
  let byHand: ReturnType<typeof byHandActivities>;

  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());
  beforeEach(async () => {
    count += 1;
    [bookingId, paymentId] = [`bk_races${count}`, `pay_races${count}_1`];
    asked = [];
    gateway = {
      lookRefund: async () => ({ kind: 'absent' }),
      refund: async ({ refundId }) => {
        asked.push(refundId);
        await sleep(200);
        return MADE;
      },
      look: async () => succeeded({ bookingId, paymentId }),
    };
    const stripe = {
      lookRefund: (order) => gateway.lookRefund(order),
      refund: (order, key) => gateway.refund(order, key),
      look: (ref) => gateway.look(ref),
    } satisfies Partial<Gateway>;
    const deps = { ...depsOf(bench), clock: () => new Date(), gateways: { stripe_intent: stripe } };
    refunding = refundActivities(deps as unknown as Deps);
    byHand = byHandActivities(deps as unknown as Deps);
    await bench.add({ id: bookingId, externalId: bookingId, charge: HKD(10_000), fxRate: null });
    const paid = [
      { ...facts.opened(1), paymentId, ref: `pi_races${count}` },
      { ...facts.captured(1), paymentId },
    ];
    await bench.record(bookingId, () => [...paid, facts.confirmed()] as never);
  });

  async function reserved(n: number, minor: number): Promise<string> {
    const refundId = `rf_races${count}_${n}`;
    await bench.record(bookingId, () => [facts.refundAsked(1, minor, { refundId, paymentId })]);
    return refundId;
  }
  const execute = (refundId: string) => refunding.executeRefund({ bookingId, refundId });
  const fates = async () =>
    (await bench.load(bookingId)).refunds.map(({ id, status, ref }) => [id.split('_').slice(2).join('_'), status, ref]);

  /** One after the other they come to wait for the booking, which is then let go of. */
  async function allAtTheLock(...works: readonly (() => Promise<unknown>)[]) {
    const begun: Promise<unknown>[] = [];
    await bench.db.transaction(async (tx) => {
      await lockBooking(tx, bookingId);
      for (const work of works) {
        begun.push(work());
        await expect.poll(waiting).toBe(begun.length);
      }
    });
    return Promise.allSettled(begun);
  }
  async function waiting(): Promise<number> {
    const rows = await bench.rows(
      sql`select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rows.length;
  }

  it('ask the gateway once, though both had waited for the booking before either had asked', async () => {
    const refundId = await reserved(1, 4_000);
    const [first, second] = await allAtTheLock(
      () => execute(refundId),
      () => execute(refundId),
    );
    expect(asked).toEqual([refundId]);
    expect(first).toMatchObject({ status: 'fulfilled', value: { kind: 'succeeded' } });
    expect(second).toMatchObject({ status: 'rejected', reason: { type: 'not_yet' } });
  });

  it('ask no gateway for what staff gave by hand while they waited', async () => {
    const refundId = await reserved(1, 4_000);
    const [, late] = await allAtTheLock(
      () => byHand.settleRefundByHand({ bookingId, refundId, actor: 'staff-1' }),
      () => execute(refundId),
    );
    expect(late).toMatchObject({ status: 'fulfilled', value: { kind: 'succeeded' } });
    expect(asked).toEqual([]);
  });

  it('do not take back what staff said meanwhile, when they end in a refusal', async () => {
    const refundId = await reserved(1, 4_000);
    gateway.refund = async () => {
      await byHand.settleRefundByHand({ bookingId, refundId, actor: 'staff-1' });
      return { kind: 'failed', ref: null, code: 'balance_insufficient', message: 'no' };
    };
    expect(await execute(refundId)).toMatchObject({ kind: 'succeeded' });
    expect(await fates()).toEqual([['1', 'succeeded', 'by-hand/staff-1']]);
  });

  describe('and what staff say they gave by other means', () => {
    const told = (refundId: string, actor = 'staff-1') => byHand.settleRefundByHand({ bookingId, refundId, actor });
    const sums = async () => {
      const { refundedMinor, overReturnedMinor } = (await bench.load(bookingId)).sums;
      return [refundedMinor, overReturnedMinor];
    };
    async function refused(n: number, minor: number): Promise<string> {
      const refundId = await reserved(n, minor);
      await bench.record(bookingId, () => [{ type: 'refund.failed', refundId, code: 'closed', message: 'closed' }]);
      return refundId;
    }

    it('is on record whichever came first, and all of it', async () => {
      const first = await refused(1, 6_000);
      expect(await execute(await reserved(2, 8_000))).toMatchObject({ kind: 'succeeded' });
      expect(await told(first)).toMatchObject({ kind: 'succeeded' });
      expect(await sums()).toEqual([14_000, 4_000]);
      expect(await fates()).toContainEqual(['1_by_hand', 'succeeded', 'by-hand/staff-1']);
    });

    it('is on record beside a refund that turns out to have been made', async () => {
      const first = await reserved(1, 6_000);
      await execute(first);
      await told(first);
      expect(await sums()).toEqual([12_000, 2_000]);
    });

    it('is on record once, however often it is heard', async () => {
      const [first, second] = [await refused(1, 6_000), await reserved(2, 4_000)];
      for (const refundId of [first, second, first, second]) await told(refundId);
      expect(await sums()).toEqual([10_000, 0]);
    });
  });

  describe('and find too little left at the gateway', () => {
    const retried = async (refundId: string) => {
      for (;;) {
        try {
          return await execute(refundId);
        } catch (error) {
          expect(error).toMatchObject({ type: 'not_yet' });
        }
      }
    };
    let returnedMinor: number;
    /** What happens while the gateway is read. */
    let meanwhile: () => Promise<unknown>;
    beforeEach(() => {
      returnedMinor = 6_000;
      meanwhile = async () => undefined;
      gateway.refund = async () => ({ kind: 'nothing_left', message: 'more than is left' });
      gateway.look = async () => {
        const told = succeeded({ bookingId, paymentId, refunded: HKD(returnedMinor) });
        await meanwhile();
        return told;
      };
    });

    it('are not both made by the money that covers one', async () => {
      const both = [await reserved(1, 5_000), await reserved(2, 5_000)];
      meanwhile = () => sleep(50);
      await Promise.all(both.map(retried));
      const ends = (await fates()).map(([, status]) => String(status));
      expect(ends.toSorted()).toEqual(['failed', 'succeeded', 'succeeded']);
      expect((await bench.load(bookingId)).sums).toMatchObject({ refundedMinor: 6_000, overReturnedMinor: 0 });
    });

    it('are not refused by what the gateway said before another of them arrived', async () => {
      const [first, second] = [await reserved(1, 4_000), await reserved(2, 5_000)];
      meanwhile = async () => {
        meanwhile = async () => undefined;
        returnedMinor = 9_000;
        await bench.record(bookingId, () => [{ type: 'refund.succeeded', refundId: first, ref: 're_1' }]);
      };
      expect(await retried(second)).toMatchObject({ kind: 'succeeded' });
      expect((await bench.load(bookingId)).sums).toMatchObject({ refundedMinor: 9_000 });
    });

    it('are not called made by what another of them had taken, that failed meanwhile', async () => {
      const [first, second] = [await reserved(1, 4_000), await reserved(2, 5_000)];
      await bench.record(bookingId, () => [{ type: 'refund.succeeded', refundId: first, ref: 're_1' }]);
      returnedMinor = 4_000;
      meanwhile = async () => {
        meanwhile = async () => undefined;
        returnedMinor = 0;
        await bench.record(bookingId, () => [
          { type: 'refund.failed', refundId: first, code: 'came_back', message: 'came back' },
        ]);
      };
      expect(await retried(second)).toMatchObject({ kind: 'failed' });
      expect((await bench.load(bookingId)).sums).toMatchObject({ refundedMinor: 0 });
    });

    it('are written down together with what somebody gave back there', async () => {
      returnedMinor = 3_000;
      expect(await execute(await reserved(1, 9_000))).toMatchObject({ kind: 'failed' });
      expect(await fates()).toEqual([
        ['1', 'failed', null],
        ['1_elsewhere_3000', 'succeeded', 'pi_1/elsewhere'],
      ]);
    });

    it('are not called made by what another of them, still under way, has taken', async () => {
      const [first, second] = [await reserved(1, 4_000), await reserved(2, 6_000)];
      await bench.record(bookingId, () => [{ type: 'refund.pending', refundId: first, ref: 're_1' }]);
      returnedMinor = 7_000;
      expect(await retried(second)).toMatchObject({ kind: 'failed' });
      await bench.record(bookingId, () => [{ type: 'refund.succeeded', refundId: first, ref: 're_1' }]);
      expect((await bench.load(bookingId)).sums).toMatchObject({ refundedMinor: 7_000 });
    });

    it('leave alone what staff gave by hand meanwhile', async () => {
      const refundId = await reserved(1, 9_000);
      meanwhile = () => byHand.settleRefundByHand({ bookingId, refundId, actor: 'staff-1' });
      expect(await retried(refundId)).toMatchObject({ kind: 'succeeded' });
      expect(await fates()).toEqual([['1', 'succeeded', 'by-hand/staff-1']]);
    });
  });
});
