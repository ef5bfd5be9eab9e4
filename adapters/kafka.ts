// The one place that talks to Kafka: one message at a time, and what became of it in our words.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, Producer } from '@platformatic/kafka';

export interface KafkaAddress {
  readonly brokers: readonly string[];
  readonly clientId: string;
}

export interface Message {
  readonly topic: string;
  readonly key: string;
  readonly value: string;
}

export type Publishing =
  | { readonly kind: 'accepted' }
  /** This message or its topic will not do; others may. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** It may have arrived or not. */
  | { readonly kind: 'unanswered'; readonly reason: string };

export interface Publisher {
  publish(message: Message): Promise<Publishing>;
  close(): Promise<void>;
}

export interface KafkaCheck {
  readonly healthy: boolean;
  readonly status: 'connected' | 'disconnected' | 'disabled';
}

export interface KafkaHealth {
  look(): Promise<KafkaCheck>;
  close(): Promise<void>;
}

/** Loaded when it is used: it takes half a second, and Kafka is off unless somebody has one. */
const library = () => import('@platformatic/kafka');

const CONNECT_WITHIN_MS = 3_000;
const ANSWER_WITHIN_MS = 10_000;
/** Enough for a topic to be made on first use; with less than two the library would try for ever. */
const RETRIES = 5;
const RETRY_AFTER_MS = 250;
const LOOK_WITHIN_MS = 1_500;

export function createPublisher(address: KafkaAddress): Publisher {
  let producer: StringProducer | undefined;
  let busy = false;
  let closed = false;
  const discard = async (old: StringProducer | undefined): Promise<void> => {
    if (producer === old) producer = undefined;
    await old?.close().catch(() => undefined);
  };
  return {
    publish: async ({ topic, key, value }) => {
      // Two at once would carry the same sequence number, and the broker would drop one as the other's repetition.
      if (busy) throw new Error('a publisher sends one message at a time');
      busy = true;
      try {
        const kafka = await library();
        if (closed) return CLOSED;
        producer ??= newProducer(kafka, address);
        await producer.send({ messages: [{ topic, key, value }] });
        return { kind: 'accepted' };
      } catch (err) {
        // Nor may the next message take the number of one whose fate is unknown: a new producer counts anew.
        void discard(producer);
        return judge(err);
      } finally {
        busy = false;
      }
    },
    close: async () => {
      closed = true;
      await discard(producer);
    },
  };
}

const CLOSED: Publishing = { kind: 'unanswered', reason: 'closed' };

type Library = Awaited<ReturnType<typeof library>>;
type StringProducer = Producer<string, string, string, string>;

function newProducer(kafka: Library, { brokers, clientId }: KafkaAddress): StringProducer {
  return new kafka.Producer({
    clientId,
    bootstrapBrokers: [...brokers],
    serializers: kafka.stringSerializers,
    idempotent: true,
    // Java's and kafkajs's way: a key stays in the partition where other producers put it.
    partitioner: kafka.compatibilityPartitioner,
    autocreateTopics: true,
    connectTimeout: CONNECT_WITHIN_MS,
    requestTimeout: ANSWER_WITHIN_MS,
    retries: RETRIES,
    retryDelay: RETRY_AFTER_MS,
  });
}

/** Answers that will be the same next time, whatever the broker's state. */
const REFUSALS: ReadonlySet<unknown> = new Set([
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'INVALID_TOPIC_EXCEPTION',
  'MESSAGE_TOO_LARGE',
  'POLICY_VIOLATION',
  'RECORD_LIST_TOO_LARGE',
  'TOPIC_AUTHORIZATION_FAILED',
]);
const UNKNOWN_TOPIC = /^Unknown topic /;

function judge(err: unknown): Publishing {
  const causes = causesOf(err);
  const refusal = causes.find((each) => REFUSALS.has(codeOf(each)) || UNKNOWN_TOPIC.test(each.message));
  if (refusal) return { kind: 'refused', reason: refusal.message };
  return { kind: 'unanswered', reason: causes.at(-1)?.message ?? String(err) };
}

/** The library packs what went wrong into several layers; the innermost of the last try comes last. */
function causesOf(err: unknown): readonly Error[] {
  if (!(err instanceof Error)) return [];
  const inner = err instanceof AggregateError ? err.errors : [err.cause];
  return [err, ...inner.flatMap(causesOf)];
}

const codeOf = (error: Error): unknown => ('apiId' in error ? error.apiId : undefined);

const CONNECTED: KafkaCheck = { healthy: true, status: 'connected' };
const DISCONNECTED: KafkaCheck = { healthy: false, status: 'disconnected' };
const DISABLED: KafkaCheck = { healthy: true, status: 'disabled' };

/** For `/health`. Asks on a connection of its own that stays open; without brokers there is nothing to be healthy. */
export function createKafkaHealth(address: KafkaAddress): KafkaHealth {
  if (address.brokers.length === 0) return { look: async () => DISABLED, close: async () => undefined };
  // Loaded before the first question, whose patience is for the broker alone.
  const loaded = library();
  loaded.catch(() => undefined);
  let client: Admin | undefined;
  const discard = async (old: Admin | undefined): Promise<void> => {
    if (client === old) client = undefined;
    await old?.close().catch(() => undefined);
  };
  const ask = async (): Promise<KafkaCheck> => {
    const { Admin: Client } = await loaded;
    const asked = (client ??= new Client(healthOptions(address)));
    try {
      await asked.metadata({ topics: [], forceUpdate: true });
      return CONNECTED;
    } catch {
      // An answer that comes after its time would be read as the next one's.
      void discard(asked);
      return DISCONNECTED;
    }
  };
  return {
    look: () => Promise.race([ask(), sleep(LOOK_WITHIN_MS, DISCONNECTED, { ref: false })]),
    close: () => discard(client),
  };
}

const healthOptions = ({ brokers, clientId }: KafkaAddress) => ({
  clientId: `${clientId}-health`,
  bootstrapBrokers: [...brokers],
  connectTimeout: LOOK_WITHIN_MS,
  requestTimeout: LOOK_WITHIN_MS,
  retries: 0,
});
