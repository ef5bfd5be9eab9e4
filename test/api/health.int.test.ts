import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHealthLook } from '../../api/health.ts';
import { openDatabase } from '../../db/client.ts';
import { describeWith, temporalAddress } from '../setup/parts.ts';
import { openBench } from './app-under-test.ts';
import type { Bench } from './app-under-test.ts';

describeWith(['postgres', 'temporal'], 'health', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench({ TEMPORAL_ADDRESS: temporalAddress(), TEMPORAL_TASK_QUEUE: 'nobody-polls-this' });
  });
  afterAll(() => bench.close());

  it('sees database and Temporal, and that no worker is there', async () => {
    expect(await createHealthLook(bench.deps)()).toEqual({
      database: { healthy: true, status: 'connected' },
      temporal: { healthy: true, status: 'connected' },
      worker: { healthy: false, status: 'no poller seen' },
    });
  });

  it('sees within seconds what is not there, and does not say why to everybody', async () => {
    const away = await openBench();
    const none = openDatabase({
      url: 'postgres://127.0.0.1:1/none',
      poolSize: 2,
      applicationName: 'test',
      onIdleError: () => undefined,
    });
    const askedAt = performance.now();
    const report = await createHealthLook({ ...away.deps, db: none.db })();
    expect(performance.now() - askedAt).toBeLessThan(4_000);
    expect(Object.values(report).map(({ healthy }) => healthy)).toEqual([false, false, false]);
    expect(JSON.stringify(report)).not.toMatch(/127\.0\.0\.1|ECONN/);
    await none.close();
    await away.close();
  });

  it('looks once for many who ask at once', async () => {
    const look = createHealthLook({ ...bench.deps, clock: () => new Date(0) });
    expect(look()).toBe(look());
    await look();
  });
});
