// Asks every part whether it is there: each for a bounded time, all at once, and one look for many who ask.
import { sql } from 'drizzle-orm';
import proto from '@temporalio/proto';
import type { Client } from '@temporalio/client';
import type { KafkaHealth } from '../adapters/kafka.ts';
import type { VendorHealth } from '../adapters/gateways/vendor-health.ts';
import type { Database } from '../db/client.ts';
import { outboxLag } from '../db/outbox.ts';
import type { OutboxLag } from '../db/outbox.ts';
import type { Logger } from '../log.ts';

const PATIENCE_MS = 2_000;
/** Asked by many, answered by one look. */
const REMEMBERED_MS = 1_000;
/** Workers poll for a minute at a time; the server forgets one after five. */
const POLLER_AGE_MS = 90_000;
/** Longer than the relay rests between two tries, so that only who makes no progress is behind. */
const BEHIND_AFTER_MS = 10 * 60_000;

export interface Check {
  readonly healthy: boolean;
  readonly status: string;
}

export interface KafkaPart extends Check {
  /** What waits to be published; absent without brokers, and when the database does not say. */
  readonly lag?: OutboxLag;
}

/** What this process cannot do without, or soon. */
export interface OwnParts {
  readonly database: Check;
  readonly temporal: Check;
  readonly worker: Check;
}

export interface AllParts extends OwnParts {
  readonly kafka: KafkaPart;
  readonly stripe: Check;
  /** Absent where nothing is paid there. */
  readonly chip?: Check;
}

/** How the companies and brokers outside are asked. */
export interface Probes {
  readonly kafka: KafkaHealth;
  readonly stripe: VendorHealth;
  readonly chip?: VendorHealth;
}

export interface HealthDeps {
  readonly db: Database;
  readonly temporal: Client;
  readonly config: {
    readonly temporal: { readonly namespace: string; readonly taskQueue: string };
    readonly kafka: { readonly brokers: readonly string[] };
  };
  readonly probes: Probes;
  readonly log: Logger;
  readonly clock: () => Date;
}

export interface HealthLook {
  own(): Promise<OwnParts>;
  all(): Promise<AllParts>;
}

export function createHealthLook(deps: HealthDeps): HealthLook {
  const own = remembered(deps.clock, () => lookAtOwn(deps));
  const outside = remembered(deps.clock, () => lookOutside(deps));
  return {
    own,
    all: async () => {
      const [ours, theirs] = await Promise.all([own(), outside()]);
      return { ...theirs, ...ours };
    },
  };
}

function remembered<T>(clock: () => Date, ask: () => Promise<T>): () => Promise<T> {
  let last: { atMs: number; answer: Promise<T> } | undefined;
  return () => {
    const nowMs = clock().getTime();
    if (!last || nowMs - last.atMs >= REMEMBERED_MS) last = { atMs: nowMs, answer: ask() };
    return last.answer;
  };
}

async function lookAtOwn(deps: HealthDeps): Promise<OwnParts> {
  const [database, temporal, worker] = await Promise.all([
    checked(deps.log, 'database', () => askDatabase(deps.db)),
    checked(deps.log, 'temporal', () => askTemporal(deps)),
    checked(deps.log, 'worker', () => askForWorkers(deps)),
  ]);
  return { database, temporal, worker };
}

async function lookOutside({ db, config, probes, log }: HealthDeps): Promise<Omit<AllParts, keyof OwnParts>> {
  const { chip: chipProbe } = probes;
  const [broker, stripe, chip, lag] = await Promise.all([
    checked(log, 'kafka', () => probes.kafka.look()),
    checked(log, 'stripe', () => probes.stripe.look()),
    chipProbe && checked(log, 'chip', () => chipProbe.look()),
    // Without brokers nothing is late: what lies there waits for the day when there are some.
    config.kafka.brokers.length === 0 ? undefined : countWaiting(db),
  ]);
  return { kafka: kafkaPart(broker, lag), stripe, ...(chip && { chip }) };
}

/** What cannot be counted in time is left out: that the database is away stands beside it. */
const countWaiting = (db: Database): Promise<OutboxLag | undefined> =>
  within(undefined, () => outboxLag(db)).catch(() => undefined);

/** A broker that answers is not enough where nobody brings it what waits. */
export function kafkaPart(broker: Check, lag: OutboxLag | undefined): KafkaPart {
  if (!lag) return broker;
  const behind = broker.healthy && (lag.oldestMs ?? 0) > BEHIND_AFTER_MS;
  return { ...broker, ...(behind && { healthy: false, status: 'behind' }), lag };
}

/** Why it failed is for the log: health is public. */
function checked(log: Logger, part: keyof AllParts, ask: () => Promise<Check>): Promise<Check> {
  return within({ healthy: false, status: 'timeout' }, () =>
    ask().catch((err: unknown): Check => {
      log.warn({ err, part }, 'a part is not healthy');
      return { healthy: false, status: 'unreachable' };
    }),
  );
}

async function within<T>(otherwise: T, ask: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, otherwise);
  });
  try {
    return await Promise.race([ask(), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function askDatabase(db: Database): Promise<Check> {
  await db.execute(sql`select 1`);
  return { healthy: true, status: 'connected' };
}

async function askTemporal({ temporal: client, config }: HealthDeps): Promise<Check> {
  const { namespace } = config.temporal;
  await client.withDeadline(Date.now() + PATIENCE_MS, () => client.workflowService.describeNamespace({ namespace }));
  return { healthy: true, status: 'connected' };
}

async function askForWorkers({ temporal: client, config, clock }: HealthDeps): Promise<Check> {
  const { namespace, taskQueue } = config.temporal;
  const taskQueueType = proto.temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW;
  const asked = { namespace, taskQueue: { name: taskQueue }, taskQueueType };
  const { pollers } = await client.withDeadline(Date.now() + PATIENCE_MS, () =>
    client.workflowService.describeTaskQueue(asked),
  );
  const since = clock().getTime() - POLLER_AGE_MS;
  const alive = pollers?.some(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000 >= since) ?? false;
  return alive ? { healthy: true, status: 'polling' } : { healthy: false, status: 'no poller seen' };
}
