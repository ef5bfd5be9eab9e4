// A real broker in a folder that goes with the test, and a consumer that reads all it holds.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Consumer, stringDeserializers } from '@platformatic/kafka';
import { startKafka } from '../../scripts/parts/stack.mjs';

export interface Broker {
  readonly address: string;
  /** At once, as when its machine fails. */
  kill(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

export async function openBroker(settings: Record<string, string | number | boolean> = {}): Promise<Broker> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'holdfast-kafka-'));
  let running = await startKafka({ dir, settings });
  const { address, ports } = running;
  return {
    address,
    kill: async () => {
      process.kill(running.pid, 'SIGKILL');
      await running.stop();
    },
    start: async () => {
      running = await startKafka({ dir, ports, settings });
    },
    remove: async () => {
      await running.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export interface Told {
  readonly topic: string;
  readonly key: string;
  readonly value: string;
  readonly partition: number;
  /** When it was sent, by the sender's clock. */
  readonly sentAtMs: number;
}

/** Everything in the topics from the beginning, until `enough` is said. */
export async function readTopics(
  address: string,
  topics: readonly string[],
  enough: (told: readonly Told[]) => boolean,
): Promise<Told[]> {
  const consumer = new Consumer({
    groupId: `test-${Date.now()}`,
    clientId: 'test-reader',
    bootstrapBrokers: [address],
    deserializers: stringDeserializers,
  });
  const stream = await consumer.consume({ topics: [...topics], mode: 'earliest', maxWaitTime: 200, autocommit: false });
  const told: Told[] = [];
  try {
    for await (const { topic, key, value, partition, timestamp } of stream) {
      told.push({ topic, key, value, partition, sentAtMs: Number(timestamp) });
      if (enough(told)) break;
    }
  } finally {
    await stream.close();
    await consumer.close();
  }
  return told;
}
