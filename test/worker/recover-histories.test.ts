// What is found out of each history, also of one that cannot be read to its end.
import type { Connection } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { expect, it } from 'vitest';
import type { Keyring } from '../../db/keyring.ts';
import { pastRuns } from '../../worker/recover/histories.ts';

const SINCE = new Date('2026-11-21T10:00:00.000Z');
const at = (iso: string) => ({ seconds: Date.parse(iso) / 1_000 });
const payloads = (value: unknown) => ({ payloads: [defaultPayloadConverter.toPayload(value)] });
const begun = (input: object) => ({ workflowExecutionStartedEventAttributes: { input: payloads(input) } });
const answered = (result: object) => ({ activityTaskCompletedEventAttributes: { result: payloads(result) } });
const queries: string[] = [];
const BROKEN = new Error('the rest is gone');

interface Kept {
  readonly workflowId: string;
  readonly startTime: string;
  /** By Temporal's clock. */
  readonly movedAt?: string;
  readonly events: readonly (object | Error)[];
}

/** Temporal as far as a recovery asks it; each event is a page of its own. */
function keeping(histories: readonly Kept[]): Connection {
  const eventsOf = (execution: { workflowId: string }) =>
    histories.find(({ workflowId }) => workflowId === execution.workflowId)?.events ?? [];
  const workflowService = {
    listWorkflowExecutions: async ({ query }: { query: string }) => {
      queries.push(query);
      const executions = histories.map(({ workflowId, startTime }) => ({
        execution: { workflowId },
        startTime: at(startTime),
        status: 1,
      }));
      return { executions, nextPageToken: new Uint8Array() };
    },
    getWorkflowExecutionHistoryReverse: async ({ execution }: { execution: { workflowId: string } }) => {
      const last = histories.find(({ workflowId }) => workflowId === execution.workflowId)?.movedAt;
      return { history: { events: last === undefined ? [] : [{ eventTime: at(last) }] } };
    },
    getWorkflowExecutionHistory: async (asked: { execution: { workflowId: string }; nextPageToken: Uint8Array }) => {
      const events = eventsOf(asked.execution);
      const page = asked.nextPageToken[0] ?? 0;
      const event = events[page];
      if (event instanceof Error) throw event;
      const nextPageToken = page + 1 < events.length ? Uint8Array.of(page + 1) : new Uint8Array();
      return { history: { events: event ? [event] : [] }, nextPageToken };
    },
  };
  // Only what is asked of it stands here.
  return { workflowService } as unknown as Connection;
}

const read = (...histories: Kept[]) =>
  pastRuns(
    // Nothing is sealed here.
    { connection: keeping(histories), namespace: 'test', taskQueue: 'test', keyring: { masterKeyId: 'm1' } as Keyring },
    SINCE,
  );

const MONEY = { workflowId: 'late-payment-pi_1', startTime: '2026-11-21T12:00:00.000Z' };
const NAMED = begun({ bookingId: 'bk_1', gateway: 'stripe_intent', paymentRef: 'pi_1' });

it('says whose late money it was that a history is about, though its rest cannot be read', async () => {
  expect(await read({ ...MONEY, events: [NAMED, BROKEN] })).toMatchObject([
    { workflowId: MONEY.workflowId, bookingId: 'bk_1', unread: BROKEN.message },
  ]);
  expect(await read({ ...MONEY, events: [NAMED, answered({ now: { version: 4 } })] })).toMatchObject([
    { bookingId: 'bk_1', version: 4, unread: null },
  ]);
  expect(await read({ ...MONEY, events: [BROKEN] })).toMatchObject([{ bookingId: null, unread: BROKEN.message }]);
});

it('names the oldest run first, however long each took to be read', async () => {
  const run = (workflowId: string, startTime: string) => ({ workflowId, startTime, events: [begun({})] });
  const late = run('booking-bk_1', '2026-11-21T12:00:00.000Z');
  const early = run('booking-bk_2', '2026-11-21T11:00:00.000Z');
  expect((await read(late, early)).map(({ workflowId }) => workflowId)).toEqual(['booking-bk_2', 'booking-bk_1']);
});

it('reads what moved a little before the backup, by the clock of Temporal, which is another one', async () => {
  const run = (workflowId: string, movedAt: string) => ({ ...MONEY, workflowId, movedAt, events: [begun({})] });
  const [near, long] = [
    run('booking-bk_1', '2026-11-21T09:59:10.000Z'),
    run('booking-bk_2', '2026-11-21T09:58:50.000Z'),
  ];
  expect((await read(near, long)).map(({ workflowId }) => workflowId)).toEqual(['booking-bk_1']);
  expect(queries.at(-1)).toContain("CloseTime >= '2026-11-21T09:59:00.000Z'");
});
