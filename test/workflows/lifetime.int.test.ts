import { afterAll, beforeAll, expect, it } from 'vitest';
import { latestRun, runsOf } from './chain.ts';
import { refundUpdate } from '../../workflows/messages.ts';
import { createTestDatabase } from '../setup/database.ts';
import { describeWith } from '../setup/parts.ts';
import { obtainTemporalCli } from '../../scripts/parts/stack.mjs';
import { DAY_MS, MINUTE_MS } from './intake.ts';
import { describeScenarios } from './scenario.ts';
import { play } from './scene.ts';
import { openStageOn } from './stage.ts';
import type { Stage } from './stage.ts';

const closedAt = async (describe: () => Promise<{ closeTime?: Date }>): Promise<number> =>
  (await describe()).closeTime?.getTime() ?? 0;

describeScenarios('the workflow of a booking', (playOn) => {
  it('is over seven days after the gateway said that nothing was paid', () =>
    playOn({}, async (scene) => {
      await scene.open();
      await scene.pass(31 * MINUTE_MS);
      await scene.until((b) => b.phase === 'expired');
      const expiredAtMs = await scene.env.currentTimeMs();
      await scene.handle.result();
      const openMs = (await closedAt(() => scene.handle.describe())) - expiredAtMs;
      expect(Math.abs(openMs - 7 * DAY_MS)).toBeLessThan(5 * MINUTE_MS);
    }));

  it('is over 120 days after the service', () =>
    playOn({ serviceInMs: 10 * DAY_MS }, async (scene) => {
      await scene.open();
      await scene.pay();
      const { serviceAt } = await scene.until((b) => b.phase === 'confirmed' && b.vouchers.length > 0);
      expect(await scene.handle.result()).toBe('confirmed');
      const openMs = (await closedAt(() => scene.handle.describe())) - Date.parse(serviceAt ?? '');
      expect(Math.abs(openMs - 120 * DAY_MS)).toBeLessThan(5 * MINUTE_MS);
    }));
});

// The time-skipping server never suggests a fresh history; a real one does, here after a few events.
const FEW_EVENTS = ['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=70'];

describeWith('postgres', 'a booking whose history has grown long', () => {
  let stage: Stage | undefined;
  beforeAll(async () => {
    const { url } = await createTestDatabase();
    stage = await openStageOn({ databaseUrl: url, server: await obtainTemporalCli(), devServerArgs: FEW_EVENTS });
  });
  afterAll(() => stage?.close());

  it('goes on in a fresh one that remembers what was said, heard and not yet undone', async () => {
    if (!stage) throw new Error('the stage is not open');
    await play(stage, {}, async (scene) => {
      const opened = await scene.open();
      await scene.news('pi_1', 8_000_001);
      await scene.pay();
      await scene.until((b) => b.phase === 'confirmed' && b.vouchers.length > 0);
      await scene.quiet();
      const refund = (n: number) => ({
        refundId: scene.refundId(n),
        amountMinor: 1_000,
        actor: 'staff-1',
        approvalLimitMinor: null,
      });
      for (const n of [1, 2]) expect(await scene.ask(refundUpdate, refund(n))).toMatchObject({ status: 'succeeded' });
      await latestRun(scene, (runs) => runs.length > 1);
      const looks = scene.gateway.calls.length;
      await scene.news('pi_1', 8_000_001);
      expect(await scene.open()).toEqual(opened);
      expect(await scene.ask(refundUpdate, refund(3))).toMatchObject({ status: 'succeeded' });
      expect(scene.gateway.calls.slice(looks).filter((call) => call.startsWith('look'))).toEqual([]);
      expect(scene.supplier.standing('KLK1')).toBe('confirmed');
      const all = { refundId: scene.refundId(4), amountMinor: null, actor: 'staff-1', approvalLimitMinor: null };
      expect(await scene.ask(refundUpdate, all)).toMatchObject({ status: 'succeeded' });
      await scene.until((b) => b.supplierOrders[0]?.status === 'canceled');
      expect((await scene.booking()).sums.refundedMinor).toBe(11_000);
      expect((await runsOf(scene)).length).toBeGreaterThan(1);
    });
  }, 60_000);
});
