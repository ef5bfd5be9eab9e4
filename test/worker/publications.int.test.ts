import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Message, Publishing } from '../../adapters/kafka.ts';
import { outboxLag } from '../../db/outbox.ts';
import { outbox } from '../../db/schema.ts';
import { createLog } from '../../log.ts';
import { startPublications } from '../../worker/publications.ts';
import type { Running } from '../../worker/periodic.ts';
import { describeWith } from '../setup/parts.ts';
import { numbersByKey, openOutboxBench, scriptedKafka, upTo, withoutRepeats } from './outbox-bench.ts';
import type { OutboxBench, ScriptedKafka } from './outbox-bench.ts';

const UNANSWERED: Publishing = { kind: 'unanswered', reason: 'no route' };
const REFUSED: Publishing = { kind: 'refused', reason: 'no such topic' };

describeWith('postgres', 'the relay to Kafka', () => {
  let bench: OutboxBench;
  let kafka: ScriptedKafka;
  let lines: string[];
  const started: Running[] = [];

  beforeAll(async () => {
    bench = await openOutboxBench();
  });
  beforeEach(async () => {
    await bench.db.delete(outbox);
    kafka = scriptedKafka();
    lines = [];
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((each) => each.stop()));
  });
  afterAll(() => bench.close());

  const start = (createPublisher = kafka.create): Running => {
    const destination = { write: (line: string) => void lines.push(line) };
    const log = createLog({ level: 'info', process: 'test', destination });
    const running = startPublications({ databaseUrl: bench.url, createPublisher, log });
    started.push(running);
    return running;
  };
  const addAll = async (keys: readonly string[], each: number): Promise<void> => {
    for (let n = 0; n < each; n += 1) for (const key of keys) await bench.add(key);
  };
  const untilSent = () =>
    vi.waitFor(async () => expect(await bench.waiting()).toBe(0), { timeout: 20_000, interval: 50 });
  const cutOff = () =>
    bench.db.execute(
      sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'holdfast-lane-%' and datname = current_database()`,
    );
  const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const inOrder = (each: number) => new Map(keys.map((key) => [key, upTo(each)]));

  it('tells each fact once, in order per key, when nothing goes wrong', async () => {
    await addAll(keys, 6);
    start();
    await untilSent();
    expect(kafka.told).toHaveLength(48);
    expect(numbersByKey(kafka.told)).toEqual(inOrder(6));
    expect(await bench.rows()).toEqual(expect.arrayContaining([expect.objectContaining({ attempts: 1, error: null })]));
  });

  it('lets go of facts added while it runs within two seconds', async () => {
    start();
    await bench.add('first');
    await untilSent();
    const before = performance.now();
    await bench.add('late');
    await untilSent();
    expect(performance.now() - before).toBeLessThan(2_000);
  });

  it('holds back only the key whose oldest fact is refused', async () => {
    await bench.add('a', 'missing');
    await addAll(keys, 2);
    kafka.answer = ({ topic }) => (topic === 'missing' ? REFUSED : { kind: 'accepted' });
    start();
    await vi.waitFor(async () => expect(await bench.waiting()).toBe(3), { timeout: 10_000 });
    const left = (await bench.rows()).filter(({ sentAt }) => sentAt === null);
    expect(left.map(({ key, seq }) => [key, seq])).toEqual([
      ['a', 1],
      ['a', 2],
      ['a', 3],
    ]);
    expect(left[0]).toMatchObject({ error: 'no such topic' });
    kafka.answer = () => ({ kind: 'accepted' });
    await bench.db.update(outbox).set({ nextAt: sql`now()` });
    await untilSent();
    expect(numbersByKey(kafka.told).get('a')).toEqual([1, 2, 3]);
  });

  it('holds up no other key where the broker says nothing of one topic', async () => {
    kafka.answer = ({ topic }) => (topic === 'mute' ? UNANSWERED : { kind: 'accepted' });
    start();
    await bench.add('mute-key', 'mute');
    for (let n = 0; n < 10; n += 1) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      await addAll(keys, 1);
    }
    await vi.waitFor(async () => expect(await bench.waiting()).toBe(1), { timeout: 10_000 });
  });

  it('keeps every fact through an outage, tries less and less often, and logs it once', async () => {
    await addAll(keys, 3);
    kafka.answer = () => UNANSWERED;
    start();
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    expect(kafka.told).toEqual([]);
    // Four lanes, each trying after 0, 0.5, 1.5 and 3.5 s.
    expect(kafka.tries).toBeGreaterThanOrEqual(8);
    expect(kafka.tries).toBeLessThanOrEqual(16);
    expect(await outboxLag(bench.db)).toMatchObject({ waiting: 24, oldestMs: expect.any(Number) });
    kafka.answer = () => ({ kind: 'accepted' });
    await untilSent();
    expect(numbersByKey(kafka.told)).toEqual(inOrder(3));
    expect(lines.filter((line) => line.includes('"warn"'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('get out again'))).toHaveLength(1);
  });

  it('repeats a fact whose answer was lost before it goes on with its key', async () => {
    await addAll(['a'], 3);
    const arrived: string[] = [];
    kafka.answer = ({ value }) => {
      arrived.push(value);
      return arrived.length === 2 ? UNANSWERED : { kind: 'accepted' };
    };
    start();
    await untilSent();
    expect(numbersByKey(arrived.map((value) => ({ key: 'a', value }))).get('a')).toEqual([1, 2, 2, 3]);
  });

  it('keeps the order when two processes run, the one at work is cut off from the database and ends', async () => {
    await addAll(keys, 10);
    kafka.answer = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { kind: 'accepted' };
    };
    const second = scriptedKafka();
    second.answer = (message) => kafka.answer(message);
    const told: { key: string; value: string }[] = [];
    const noting = (from: ScriptedKafka) => () => {
      const publisher = from.create();
      return {
        ...publisher,
        publish: async (message: Message) => {
          const outcome = await publisher.publish(message);
          told.push(message);
          return outcome;
        },
      };
    };
    const first = start(noting(kafka));
    await vi.waitFor(() => expect(told.length).toBeGreaterThan(4));
    start(noting(second));
    await vi.waitFor(() => expect(told.length).toBeGreaterThan(20));
    expect(second.tries).toBe(0);
    await cutOff();
    await first.stop();
    await untilSent();
    expect(second.tries).toBeGreaterThan(0);
    const byKey = [...numbersByKey(told)].map(([key, numbers]) => [key, withoutRepeats(numbers)] as const);
    expect(new Map(byKey)).toEqual(inOrder(10));
  });

  it('goes on after the database has thrown it out', async () => {
    start();
    await bench.add('a');
    await untilSent();
    await cutOff();
    await bench.add('a');
    await untilSent();
    expect(numbersByKey(kafka.told).get('a')).toEqual([1, 2]);
  });

  it('stops within seconds while Kafka hangs, and loses nothing', async () => {
    await bench.add('a');
    let asked = false;
    kafka.answer = () => {
      asked = true;
      return new Promise(() => undefined);
    };
    let cut: (outcome: Publishing) => void = () => undefined;
    const connection = new Promise<Publishing>((resolve) => {
      cut = resolve;
    });
    const hanging = () => ({
      publish: (message: Message) => Promise.race([kafka.answer(message), connection]),
      close: async () => cut(UNANSWERED),
    });
    const running = start(hanging);
    await vi.waitFor(() => expect(asked).toBe(true));
    const before = performance.now();
    await running.stop();
    expect(performance.now() - before).toBeLessThan(5_000);
    expect(await bench.waiting()).toBe(1);
  });
});
