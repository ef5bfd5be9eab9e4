// Kafka away during two hundred payments: no customer notices, and every event arrives in order when it is back.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../setup/parts.ts';
import { openBroker, readTopics } from '../worker/kafka-bench.ts';
import type { Broker, Told } from '../worker/kafka-bench.ts';
import { dataOf, intentOf, openServices, payWith } from './service-shop.ts';
import { ask } from './shop.ts';
import { startStack } from './stack.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

const PAYMENTS = 200;
/** To compare with; the first ones warm the programs up and are not counted. */
const WARM_UPS = 8;
const UNDISTURBED = 40;
const AT_ONCE = 4;
/** Every tenth booking is given back in two parts, so that one key has several events of one kind. */
const REFUNDED = (index: number): boolean => index % 10 === 0;
const TOPICS = ['payment.completed', 'booking.confirmed', 'payment.refunded'];

describeWith(['postgres', 'temporal', 'kafka'], 'Kafka stopped during payments', () => {
  let broker: Broker;
  let stack: Stack;
  let services: Awaited<ReturnType<typeof openServices>>;
  beforeAll(async () => {
    broker = await openBroker();
    stack = await startStack({ environment: { KAFKA_BROKERS: broker.address } });
    services = await openServices(stack);
  }, 180_000);
  afterAll(async () => {
    await stack.stop();
    await broker.remove();
  }, 60_000);

  interface Paid {
    readonly bookingId: string;
    readonly intent: string;
    /** How long the customer's two answers took: the open payment, and the one that shows it paid. */
    readonly answersMs: readonly [number, number];
  }

  const timed = async <T>(call: () => Promise<T>): Promise<readonly [T, number]> => {
    const before = performance.now();
    const answer = await call();
    return [answer, performance.now() - before];
  };

  const payOne = async (bookingId: string): Promise<Paid> => {
    const { dreamscape } = services;
    const [opened, openMs] = await timed(() => dreamscape.create(bookingId, { amount: 5_000, currency: 'eur' }));
    const intent = intentOf(opened);
    await payWith(stack, intent);
    const [, paidMs] = await timed(() => untilPaid(intent.paymentIntentId));
    return { bookingId, intent: intent.paymentIntentId, answersMs: [openMs, paidMs] };
  };
  const untilPaid = (intent: string) =>
    until({
      what: `${intent} to be paid`,
      look: async () => {
        const { status } = dataOf(await services.dreamscape.view(intent));
        return status === 'succeeded' && 'succeeded';
      },
    });

  const payMany = async (prefix: string, count: number): Promise<Paid[]> => {
    const paid: Paid[] = [];
    const names = Array.from({ length: count }, (_, index) => `${prefix}-${index}`).values();
    const customer = async () => {
      for (const name of names) paid.push(await payOne(name));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, customer));
    return paid;
  };

  const giveBackInParts = async ({ bookingId, intent }: Paid): Promise<void> => {
    for (const amount of [1_000, 2_000]) {
      const answer = await services.dreamscape.refund(bookingId, intent, amount);
      expect(dataOf(answer)).toMatchObject({ amount, status: 'succeeded' });
    }
  };

  const waiting = async (): Promise<number> => {
    const [row] = await stack.rows<{ waiting: number }>(
      'select count(*)::int as waiting from outbox where sent_at is null',
    );
    return row?.waiting ?? -1;
  };
  const untilConfirmed = (prefix: string, count: number) =>
    until({
      what: `every booking of "${prefix}" to be confirmed`,
      look: async () => {
        const [row] = await stack.rows<{ n: number }>(
          'select count(*)::int as n from bookings where external_id like $1 and confirmed_at is not null',
          [`${prefix}-%`],
        );
        return row?.n === count;
      },
    });
  const untilHealth = (status: string, kafka: object) =>
    until({
      what: `/health to be ${status}`,
      look: async () => {
        const { body } = await ask(`${stack.apiUrl}/health`);
        return body['status'] === status && Object(body['checks']).kafka;
      },
    }).then((part) => expect(part).toMatchObject(kafka));

  it(
    'nobody waits for it, and everything arrives in order when it is back',
    { timeout: 300_000, retry: 0 },
    async () => {
      await payMany('warm', WARM_UPS);
      const before = await payMany('up', UNDISTURBED);
      await untilConfirmed('warm', WARM_UPS);
      await untilConfirmed('up', UNDISTURBED);
      await until({ what: 'the events so far', look: async () => (await waiting()) === 0 });
      await untilHealth('ok', { healthy: true, status: 'connected' });

      await broker.kill();
      const during = await payMany('down', PAYMENTS);
      for (const paid of during.filter((_, index) => REFUNDED(index))) await giveBackInParts(paid);
      await untilConfirmed('down', PAYMENTS);
      const kept = 2 * PAYMENTS + (2 * PAYMENTS) / 10;
      expect(await waiting()).toBe(kept);
      await untilHealth('degraded', { healthy: false, status: 'disconnected', lag: { waiting: kept } });
      expectNoSlower(before, during);

      await broker.start();
      await until({ what: 'the outbox to be empty', look: async () => (await waiting()) === 0, withinMs: 60_000 });
      const isOurs = ({ key }: Told): boolean => key.startsWith('down-');
      const told = await readTopics(
        broker.address,
        TOPICS,
        (all) => new Set(all.filter(isOurs).map(({ topic, value }) => topic + value)).size === kept,
      );
      expectInOrder(told.filter(isOurs), during);
      await untilHealth('ok', { status: 'connected', lag: { waiting: 0, oldestMs: null } });
    },
  );

  function expectNoSlower(before: readonly Paid[], during: readonly Paid[]): void {
    for (const which of [0, 1] as const) {
      const [up, down] = [before, during].map((all) => median(all.map(({ answersMs }) => answersMs[which])));
      // Generous, for other tests run beside it; one that waited for the broker would take seconds.
      expect(down, `median ${up} ms with Kafka, ${down} ms without`).toBeLessThan(2 * (up ?? 0) + 100);
    }
  }

  /** Of each booking each event at least once, and none before the one that came before it. */
  function expectInOrder(told: readonly Told[], paid: readonly Paid[]): void {
    const refunded = new Set(paid.filter((_, index) => REFUNDED(index)).map(({ bookingId }) => bookingId));
    for (const { bookingId } of paid) {
      const own = told.filter(({ key }) => key === bookingId).toSorted((a, b) => a.sentAtMs - b.sentAtMs);
      const names = own.map(({ topic, value }) => `${topic} ${String(Object(JSON.parse(value)).amount ?? '')}`.trim());
      const expected = ['payment.completed 50', 'booking.confirmed'];
      if (refunded.has(bookingId)) expected.push('payment.refunded 10', 'payment.refunded 20');
      expect(names.filter((name, index) => name !== names[index - 1])).toEqual(expected);
    }
  }
});

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
