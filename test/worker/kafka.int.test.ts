import { Admin } from '@platformatic/kafka';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createKafkaHealth, createPublisher } from '../../adapters/kafka.ts';
import type { KafkaAddress } from '../../adapters/kafka.ts';
import { outboxLag } from '../../db/outbox.ts';
import { outbox } from '../../db/schema.ts';
import { createLog } from '../../log.ts';
import { startPublications } from '../../worker/publications.ts';
import type { Running } from '../../worker/periodic.ts';
import { createProgram } from '../e2e/program.ts';
import { describeWith } from '../setup/parts.ts';
import { openBroker, readTopics } from './kafka-bench.ts';
import type { Broker } from './kafka-bench.ts';
import { numbersByKey, openOutboxBench, upTo, withoutRepeats } from './outbox-bench.ts';
import type { OutboxBench } from './outbox-bench.ts';

const KEYS = 20;
const EACH = 10;
/** Where nothing listens: this is about Kafka alone. */
const NOBODY = '127.0.0.1:1';
const log = createLog({ level: 'silent', process: 'test' });

describeWith(['postgres', 'kafka'], 'a real Kafka broker', () => {
  let broker: Broker;
  let bench: OutboxBench;
  let address: KafkaAddress;
  let running: Running | undefined;

  beforeAll(async () => {
    [broker, bench] = await Promise.all([openBroker(), openOutboxBench()]);
    address = { brokers: [broker.address], clientId: 'holdfast-test' };
  });
  afterAll(async () => {
    await running?.stop();
    await Promise.all([broker.remove(), bench.close()]);
  });

  const publish = () =>
    startPublications({ databaseUrl: bench.url, log, createPublisher: () => createPublisher(address) });
  const allSent = () =>
    vi.waitFor(async () => expect(await bench.waiting()).toBe(0), { timeout: 40_000, interval: 100 });

  it('is told every fact in order per key though it dies in the middle, and nobody waits for it', async () => {
    running = publish();
    const tookMs: number[] = [];
    const addRounds = async (rounds: number, pauseMs: number): Promise<void> => {
      for (let round = 0; round < rounds; round += 1) {
        for (let key = 0; key < KEYS; key += 1) {
          const before = performance.now();
          await bench.add(`ds-${key}`, 'payment.completed');
          tookMs.push(performance.now() - before);
        }
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    };
    await addRounds(3, 50);
    await vi.waitFor(async () => expect(await bench.waiting()).toBeLessThan(3 * KEYS), { timeout: 20_000 });
    // Killed with facts on their way.
    await Promise.all([addRounds(4, 100), broker.kill()]);
    expect(await bench.waiting()).toBeGreaterThanOrEqual(3 * KEYS);
    await Promise.all([addRounds(3, 300), broker.start()]);
    await allSent();

    const told = await readTopics(
      broker.address,
      ['payment.completed'],
      (all) => new Set(all.map(({ key, value }) => key + value)).size === KEYS * EACH,
    );
    const byKey = numbersByKey(told);
    expect(byKey.size).toBe(KEYS);
    for (const numbers of byKey.values()) expect(withoutRepeats(numbers)).toEqual(upTo(EACH));
    expect(tookMs).toHaveLength(KEYS * EACH);
    expect(Math.max(...tookMs)).toBeLessThan(1_000);
    expect(await outboxLag(bench.db)).toEqual({ waiting: 0, oldestMs: null });
  });

  it('is told a payload as it is, under the key and the topic of its row', async () => {
    running ??= publish();
    await bench.add('ds-exact', 'order.paid');
    await allSent();
    const [told] = await readTopics(broker.address, ['order.paid'], (all) => all.length === 1);
    expect({ ...told, value: JSON.parse(told?.value ?? '') as unknown, partition: 0 }).toMatchObject({
      topic: 'order.paid',
      key: 'ds-exact',
      value: { bookingId: 'ds-exact', n: 1 },
      partition: 0,
    });
  });

  it('holds back only the key whose fact it refuses', async () => {
    running ??= publish();
    const admin = new Admin({ clientId: 'test-admin', bootstrapBrokers: [broker.address] });
    const configs = [{ name: 'max.message.bytes', value: '40' }];
    await admin.createTopics({ topics: ['payment.tiny'], partitions: 1, replicas: 1, configs });
    await admin.close();
    await bench.add('ds-refused', 'payment.tiny');
    await bench.add('ds-refused', 'payment.completed');
    await bench.add('ds-free', 'payment.completed');
    await vi.waitFor(async () => expect(await bench.waiting()).toBe(2), { timeout: 10_000 });
    const rows = await bench.db.select().from(outbox).where(eq(outbox.key, 'ds-refused')).orderBy(outbox.seq);
    expect(rows).toMatchObject([
      { sentAt: null, error: expect.stringMatching(/larger|large/) },
      { sentAt: null, error: null },
    ]);
    await bench.db.delete(outbox).where(eq(outbox.topic, 'payment.tiny'));
    await allSent();
  });

  it('is what the background process tells, when it is named to it', async () => {
    await running?.stop();
    running = undefined;
    const background = createProgram('background', {
      DATABASE_URL: bench.url,
      ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
      KAFKA_BROKERS: broker.address,
      TEMPORAL_ADDRESS: NOBODY,
      KLOOK_API_BASE: `http://${NOBODY}`,
    });
    await bench.add('ds-program');
    await background.start();
    await allSent();
    await background.stop();
    expect(background.lines.join('\n')).toContain('background stopped');
  });

  it('is connected, disconnected or disabled in the health report', async () => {
    const health = createKafkaHealth(address);
    expect(await health.look()).toEqual({ healthy: true, status: 'connected' });
    await broker.kill();
    expect(await health.look()).toEqual({ healthy: false, status: 'disconnected' });
    await health.close();
    const none = createKafkaHealth({ brokers: [], clientId: 'holdfast' });
    expect(await none.look()).toEqual({ healthy: true, status: 'disabled' });
  });
});
