import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApp } from '../../api/app.ts';
import { createHealthLook } from '../../api/health-look.ts';
import { openDatabase } from '../../db/client.ts';
import { outbox } from '../../db/schema.ts';
import { describeWith, temporalAddress } from '../setup/parts.ts';
import { NOWHERE, openBench } from './app-under-test.ts';
import type { Bench } from './app-under-test.ts';
import { insertBooking } from './database-under-test.ts';

const STRIPE_AWAY = { STRIPE_API_BASE: `http://${NOWHERE}` };

describeWith(['postgres', 'temporal'], 'health', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench({
      TEMPORAL_ADDRESS: temporalAddress(),
      TEMPORAL_TASK_QUEUE: 'nobody-polls-this',
      KAFKA_BROKERS: NOWHERE,
      ...STRIPE_AWAY,
    });
  });
  afterAll(async () => {
    await bench.deps.probes.kafka.close();
    await bench.close();
  });

  it('sees database and Temporal, and that no worker is there', async () => {
    expect(await createHealthLook(bench.deps).own()).toEqual({
      database: { healthy: true, status: 'connected' },
      temporal: { healthy: true, status: 'connected' },
      worker: { healthy: false, status: 'no poller seen' },
    });
  });

  it('is degraded and shows what waits while Kafka is away', async () => {
    const bookingId = `bk_${Date.now().toString(36)}`;
    await bench.database.db.delete(outbox);
    await insertBooking(bench.database, bookingId);
    const fact = { bookingId, topic: 'payment.completed', key: 'ds-1', payload: {} };
    await bench.database.db.insert(outbox).values([1, 2].map((seq) => ({ ...fact, seq })));
    const response = await createApp(bench.deps).request('/health');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: 'degraded',
      service: 'payment-service',
      checks: {
        kafka: { healthy: false, status: 'disconnected', lag: { waiting: 2, oldestMs: expect.any(Number) } },
        stripe: { healthy: false, status: 'unreachable' },
        database: { healthy: true, status: 'connected' },
      },
    });
  });

  it('counts no events where none are published', async () => {
    const without = await openBench({ TEMPORAL_ADDRESS: temporalAddress(), ...STRIPE_AWAY });
    const other = openDatabase({
      url: without.deps.config.databaseUrl,
      poolSize: 1,
      applicationName: 'test',
      onIdleError: () => undefined,
    });
    await other.db.transaction(async (tx) => {
      await tx.execute(sql`lock table outbox in access exclusive mode`);
      const askedAt = performance.now();
      expect((await createHealthLook(without.deps).all()).kafka).toEqual({ healthy: true, status: 'disabled' });
      // Whoever counted would wait for the lock for two seconds, the patience of a look.
      expect(performance.now() - askedAt).toBeLessThan(1_700);
    });
    await other.close();
    await without.close();
  });

  it('sees within seconds what is not there, and does not say why to everybody', async () => {
    const away = await openBench({ KAFKA_BROKERS: NOWHERE, ...STRIPE_AWAY });
    const none = openDatabase({
      url: 'postgres://127.0.0.1:1/none',
      poolSize: 2,
      applicationName: 'test',
      onIdleError: () => undefined,
    });
    const askedAt = performance.now();
    const report = await createHealthLook({ ...away.deps, db: none.db }).all();
    expect(performance.now() - askedAt).toBeLessThan(4_000);
    expect(Object.values(report).map(({ healthy }) => healthy)).toEqual([false, false, false, false, false]);
    expect(JSON.stringify(report)).not.toMatch(/127\.0\.0\.1|ECONN/);
    await Promise.all([none.close(), away.deps.probes.kafka.close()]);
    await away.close();
  });

  it('looks once for many who ask at once', async () => {
    let looks = 0;
    const { probes } = bench.deps;
    const counted = {
      look: async () => {
        looks += 1;
        return { healthy: true, status: 'initialized' as const };
      },
    };
    const look = createHealthLook({
      ...bench.deps,
      probes: { ...probes, stripe: counted },
      clock: () => new Date(0),
    });
    expect(look.own()).toBe(look.own());
    await Promise.all([look.all(), look.all(), look.own()]);
    expect(looks).toBe(1);
  });
});
