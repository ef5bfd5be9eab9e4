import { fileURLToPath } from 'node:url';
import { DefaultLogger, Runtime, Worker, bundleWorkflowCode } from '@temporalio/worker';
import type { ReplayWorkerOptions } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { createCodec } from '../../adapters/temporal/codec.ts';
import { dataConverterWith } from '../../adapters/temporal/connection.ts';
import { seal, unseal } from '../../db/sealing.ts';
import { testBundle } from '../workflows/bundle.ts';
import { openReplays } from '../workflows/replays.ts';
import { ENCRYPTED, fixtureNames, readFixture, readTestKeys } from './fixtures.ts';
import type { Fixture, History } from './fixtures.ts';
import { LATE, LIVES } from './stories.ts';

const names = fixtureNames();
let bundle: Awaited<ReturnType<typeof testBundle>>;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  bundle = await testBundle();
}, 120_000);

async function complaintAbout({ history, workflowId }: Fixture, options: ReplayWorkerOptions): Promise<string | null> {
  try {
    await Worker.runReplayHistory(options, history, workflowId);
    return null;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : 'failed';
  }
}

describe('a life that was lived under other code', () => {
  it('is told apart by the worker that scenes replay theirs with, whatever came before and after', async () => {
    const { history, workflowId } = readFixture('confirmed');
    const replays = openReplays({ workflowBundle: bundle });
    const scheduled = history.events?.find((event) => event.activityTaskScheduledEventAttributes);
    const otherwise = structuredClone(scheduled?.activityTaskScheduledEventAttributes) ?? {};
    otherwise.activityType = { name: 'somethingElse' };
    const events = history.events?.map((event) =>
      event === scheduled ? { ...event, activityTaskScheduledEventAttributes: otherwise } : event,
    );
    await replays.replay(history, workflowId);
    await expect(replays.replay({ events: events ?? [] }, workflowId)).rejects.toThrow(/[Nn]ondeterminis/);
    await replays.replay(history, workflowId);
    await replays.close();
  });
});

describe('a life that was lived under older code', () => {
  it.each(names.filter((name) => name !== ENCRYPTED))('goes on under the current one: %s', async (name) => {
    expect(await complaintAbout(readFixture(name), { workflowBundle: bundle })).toBeNull();
  });

  it('goes on when its history is encrypted', async () => {
    const dataConverter = dataConverterWith(createCodec(testKeyring(), 'default'));
    expect(await complaintAbout(readFixture(ENCRYPTED), { workflowBundle: bundle, dataConverter })).toBeNull();
  });

  it('cannot go on without its key', async () => {
    expect(await complaintAbout(readFixture(ENCRYPTED), { workflowBundle: bundle })).not.toBeNull();
  });

  it.each(names)('shows operators what each of its steps and waits is for: %s', (name) => {
    const events = readFixture(name).history.events ?? [];
    const asked = events.filter((e) => e.activityTaskScheduledEventAttributes ?? e.timerStartedEventAttributes);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((event) => !event.userMetadata?.summary?.data?.length)).toEqual([]);
  });

  it('is kept for each story that is told, and for no other', () => {
    expect(names).toEqual([...Object.keys(LIVES), LATE, ENCRYPTED].toSorted());
  });
});

function testKeyring() {
  const keys = readTestKeys();
  const keyOf = (keyId: string): Buffer => Buffer.from(String(keys[keyId]), 'base64');
  return {
    masterKeyId: 'm1',
    seal: async (keyId: string, plain: Uint8Array, context: string) => seal(keyOf(keyId), plain, context),
    unseal: async (keyId: string, sealed: Uint8Array, context: string) => unseal(keyOf(keyId), sealed, context),
  };
}

describe('the gate', () => {
  let twins: ReplayWorkerOptions;
  beforeAll(async () => {
    const workflowsPath = fileURLToPath(new URL('broken-twin/index.ts', import.meta.url));
    const ignore = (): void => {};
    const logger = { log: ignore, trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };
    twins = { workflowBundle: await bundleWorkflowCode({ workflowsPath, logger }) };
  }, 120_000);

  it('lets a twin pass that takes the same steps in the same order', async () => {
    expect(await complaintAbout(untilPaid('faithfulTwin'), twins)).toBeNull();
  });

  it('bites on a twin that swaps two of them', async () => {
    expect(await complaintAbout(untilPaid('brokenTwin'), twins)).toContain('DeterminismViolationError');
  });
});

/** The life of a confirmed booking up to the moment when the supplier is paid, as if the twin had lived it. */
function untilPaid(twin: string): Fixture {
  const { workflowId, history } = readFixture('confirmed');
  const events = history.events ?? [];
  const scheduled = events.flatMap((event, i) => (event.activityTaskScheduledEventAttributes ? [i] : []));
  const next = scheduled[scheduled.findIndex((i) => activityOf(events[i]) === 'payOrder') + 1];
  // Back to the last workflow task that had begun when the next step was not decided yet.
  const begun = events.slice(0, next).findLastIndex((event) => event.workflowTaskStartedEventAttributes);
  const [started, ...rest] = events.slice(0, begun + 1);
  const workflowType = { name: twin };
  const as = {
    ...started,
    workflowExecutionStartedEventAttributes: { ...started?.workflowExecutionStartedEventAttributes, workflowType },
  };
  return { workflowId, history: { events: [as, ...rest] } };
}

const activityOf = (event: NonNullable<History['events']>[number] | undefined): string | null | undefined =>
  event?.activityTaskScheduledEventAttributes?.activityType?.name;
