// Reads what the workflows of this installation were told, from their histories alone: their keys come with them.
import type { Connection } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload, PayloadCodec } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { HISTORY_KEY, createCodec } from '../../adapters/temporal/codec.ts';
import type { Keyring } from '../../db/keyring.ts';
import { unseal } from '../../db/sealing.ts';
import { bookingIdOfWorkflow } from '../../domain/ids.ts';
import type { Recall } from '../../domain/recall.ts';
import { BOOKING_WORKFLOW, LATE_PAYMENT_WORKFLOW } from '../../workflows/messages.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type Execution = temporal.api.workflow.v1.IWorkflowExecutionInfo;

export interface PastRun {
  readonly workflowId: string;
  readonly isOpen: boolean;
  readonly startedMs: number;
  /** Null where nothing in it names one. */
  readonly bookingId: string | null;
  readonly recalls: readonly Recall[];
  /** Up to which fact of its booking it had read. */
  readonly version: number;
  /** The newest webhook that it was told of. */
  readonly lastInboxId: number;
  readonly historyKey: Buffer | null;
  /** Why it could not be read. */
  readonly unread: string | null;
}

export interface HistoryDeps {
  readonly connection: Connection;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly keyring: Keyring;
}

const AT_ONCE = 8;
/** Temporal's and ours. */
export const CLOCKS_DIFFER_MS = 60_000;

/** Of every workflow that is open, or ended since then, what happened since then; the oldest first, for what is told again counts. */
export async function pastRuns(deps: HistoryDeps, since: Date): Promise<readonly PastRun[]> {
  const runs: PastRun[] = [];
  const listed = executions(deps, since);
  const lane = async (): Promise<void> => {
    for (let next = await listed.next(); !next.done; next = await listed.next())
      if (await hasMovedSince(deps, next.value, since)) runs.push(await readRun(deps, next.value));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return runs.toSorted((a, b) => a.startedMs - b.startedMs);
}

async function* executions({ connection, namespace, taskQueue }: HistoryDeps, since: Date): AsyncGenerator<Execution> {
  const types = [BOOKING_WORKFLOW, LATE_PAYMENT_WORKFLOW].map((type) => `'${type}'`).join(', ');
  const query =
    `TaskQueue = '${taskQueue}' AND WorkflowType IN (${types}) AND ` +
    `(ExecutionStatus = 'Running' OR CloseTime >= '${new Date(asEarlyAs(since)).toISOString()}')`;
  for (let nextPageToken = new Uint8Array(); ;) {
    const page = await connection.workflowService.listWorkflowExecutions({ namespace, query, nextPageToken });
    yield* page.executions;
    if (page.nextPageToken.length === 0) return;
    nextPageToken = Uint8Array.from(page.nextPageToken);
  }
}

/** Most open bookings have been at rest for weeks: their last event says so. */
async function hasMovedSince(deps: HistoryDeps, { execution }: Execution, since: Date): Promise<boolean> {
  const page = await deps.connection.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: deps.namespace,
    execution: execution ?? null,
    maximumPageSize: 1,
  });
  const at = page.history?.events?.[0]?.eventTime;
  return !at || msOf(at) >= asEarlyAs(since);
}

/** Temporal writes its own clock, and the backup was made by another one. */
const asEarlyAs = (since: Date): number => Math.max(0, since.getTime() - CLOCKS_DIFFER_MS);

type Moment = Exclude<Execution['startTime'], null | undefined>;
const msOf = ({ seconds, nanos }: Moment): number => Number(seconds ?? 0) * 1_000 + (nanos ?? 0) / 1_000_000;

async function readRun(deps: HistoryDeps, { execution, status, startTime }: Execution): Promise<PastRun> {
  const workflowId = execution?.workflowId ?? '';
  const run = { workflowId, isOpen: Number(status) === RUNNING, startedMs: startTime ? msOf(startTime) : 0 };
  const reader = createReader(deps, workflowId);
  let found: Found = { ...NOTHING_FOUND, bookingId: bookingIdOfWorkflow(workflowId) ?? null };
  try {
    for await (const event of eventsOf(deps, execution)) found = withEvent(found, await reader.valueIn(event));
    return { ...run, ...found, historyKey: reader.key(), unread: null };
  } catch (error) {
    const unread = error instanceof Error ? error.message : 'it cannot be read';
    return { ...run, ...found, historyKey: null, unread };
  }
}

const RUNNING = 1;

async function* eventsOf({ connection, namespace }: HistoryDeps, execution: Execution['execution']) {
  for (let nextPageToken = new Uint8Array(); ;) {
    const asked = { namespace, execution: execution ?? null, nextPageToken };
    const page = await connection.workflowService.getWorkflowExecutionHistory(asked);
    yield* page.history?.events ?? [];
    if (page.nextPageToken.length === 0) return;
    nextPageToken = Uint8Array.from(page.nextPageToken);
  }
}

type Found = Pick<PastRun, 'bookingId' | 'recalls' | 'version' | 'lastInboxId'>;
const NOTHING_FOUND = { recalls: [], version: 0, lastInboxId: 0 } as const;

/** What verbs answered and webhooks said; everything else follows from it. */
interface Told {
  /** What a workflow begins with names its booking. */
  readonly bookingId?: string;
  readonly recall?: Recall;
  readonly now?: { readonly version?: number };
  readonly inboxId?: number;
}

function withEvent(found: Found, { bookingId, recall, now, inboxId }: Told): Found {
  return {
    bookingId: found.bookingId ?? bookingId ?? recall?.bookingId ?? null,
    recalls: recall ? [...found.recalls, recall] : found.recalls,
    version: Math.max(found.version, now?.version ?? 0),
    lastInboxId: Math.max(found.lastInboxId, inboxId ?? 0),
  };
}

function createReader({ keyring, namespace }: HistoryDeps, workflowId: string) {
  const keys = new Map<string, Buffer>();
  const codec: PayloadCodec = createCodec(
    {
      masterKeyId: keyring.masterKeyId,
      seal: () => Promise.reject(new Error('a history is only read')),
      unseal: async (keyId, sealed, context) => {
        const key = keys.get(keyId);
        if (!key) throw new Error(`its key ${keyId} did not come with it`);
        return unseal(key, sealed, context);
      },
    },
    namespace,
  );
  const takeKey = ({ metadata }: Payload): void => {
    const [keyId, masterKeyId] = ['key-id', 'master-key-id'].map((name) => textOf(metadata?.[name]));
    const wrapped = metadata?.[HISTORY_KEY];
    if (keyId && masterKeyId && wrapped && !keys.has(keyId))
      keys.set(keyId, keyring.openEscrow({ keyId, masterKeyId, wrapped }));
  };
  return {
    key: (): Buffer | null => keys.get(bookingIdOfWorkflow(workflowId) ?? '') ?? null,
    valueIn: async (event: HistoryEvent): Promise<Told> => {
      const [payload] =
        event.workflowExecutionStartedEventAttributes?.input?.payloads ??
        event.activityTaskCompletedEventAttributes?.result?.payloads ??
        event.workflowExecutionSignaledEventAttributes?.input?.payloads ??
        [];
      if (!payload) return {};
      takeKey(payload);
      const [plain] = await codec.decode([payload], { type: 'workflow', namespace, workflowId });
      return toldIn(plain && defaultPayloadConverter.fromPayload(plain));
    },
  };
}

const textOf = (bytes: Uint8Array | null | undefined): string => (bytes ? Buffer.from(bytes).toString() : '');

/** Sealed by us, so of the shape that we gave it; whatever else a verb answers has none of these names. */
const toldIn = (value: unknown): Told => (typeof value === 'object' && value !== null ? value : {});
