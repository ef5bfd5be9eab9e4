import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../setup/parts.ts';
import { openStage, play } from './scenario.ts';
import type { Stage } from './scenario.ts';

describeWith(['postgres', 'time-skipping'], 'a booking', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage.close());

  it('is paid once, bought once and told of once', async () => {
    await play(stage, {}, async (scene) => {
      expect(await scene.open()).toMatchObject({ kind: 'opened' });
      await scene.pay();
      const booking = await scene.until((b) => b.phase === 'confirmed' && b.vouchers.length > 0);
      expect(booking.sums).toMatchObject({ capturedMinor: 11_000, refundedMinor: 0, feesMinor: 59 });
      await scene.env.sleep(60_000);
      expect(scene.supplier.debits).toEqual([{ minor: 10_000, currency: 'USD' }]);
      expect(await scene.letters()).toEqual(['booking_confirmed']);
      expect(await scene.balances()).toEqual({
        'gateway_clearing USD': 10_941,
        'gateway_fees USD': 59,
        'revenue USD': -1_000,
        'supplier_balance USD': -10_000,
      });
      const history = await scene.handle.fetchHistory();
      expect(history.events?.length).toBeLessThanOrEqual(75);
      console.log('events', history.events?.length, history.events?.map((e) => e.eventType).join(' '));
    });
  });
});
