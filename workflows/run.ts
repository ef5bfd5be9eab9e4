// What one booking's workflow knows between two moments. Plain data, so that it can be carried into a new history.
import type { SearchAttributePair } from '@temporalio/common';
import type { Digest } from '../domain/digest.ts';
import type { UndoEntry } from '../domain/undo.ts';
import type {
  Attended,
  BookingInput,
  CancelRequest,
  CancelResult,
  CarriedState,
  GatewayNews,
  MarkPaidResult,
  OpenResult,
  PayRequest,
  RefundDecision,
  RefundRequest,
  RefundResult,
  StaffRequest,
  StaffResult,
  WithdrawResult,
} from './messages.ts';

export interface ParkedStep {
  id: string;
  readonly name: string;
  readonly reason: string;
  readonly mayBeImpossible: boolean;
  /** A word moves money: it has to name this step, unless there is no other. */
  readonly byNameOnly?: true;
  /** Staff have a letter about it already. */
  readonly told?: true;
  /** It is in view of staff. */
  raised: boolean;
  /** That it should be is being recorded. */
  isBeingRaised: boolean;
  /** Somebody spoke: stop waiting. */
  word: boolean;
  actor: string;
  resolution: 'done' | 'impossible' | null;
}

/** A request whose asker waits until the main story has answered it. */
export interface Asked<Request, Result> {
  readonly request: Request;
  result: Result | undefined;
}

export type Stage = 'opening' | 'collecting' | 'fulfilling' | 'compensating' | 'serving' | 'over' | 'late';

export interface Run {
  readonly bookingId: string;
  stage: Stage;
  now: Digest | null;
  shownStatus: string;
  shownAttributes: readonly SearchAttributePair[];
  undo: readonly UndoEntry[];
  /** Names of the news already heard; bounded. */
  seen: string[];
  news: boolean;
  /** News came while the story was busy: no dispute that it may be about was read yet. */
  unread: boolean;
  /** A bank let go of money meanwhile. */
  letGo: boolean;
  /** The payments at the gateway that the news named. */
  named: string[];
  /** The gateway is being asked. */
  looking: boolean;
  openResult: OpenResult | null;
  /** The payment attempt that openResult speaks of. */
  attempt: number;
  documentVersion: number;
  readonly parked: ParkedStep[];
  parkedCount: number;
  /** The disputes that were acted upon, as they stood then. */
  attended: Attended;
  /** The refunds that came back and were shown to staff. */
  readonly returned: string[];
  /** Work that goes on beside the story; the workflow does not end before it. */
  readonly beside: Set<Promise<void>>;
  /** The orders that are being taken back, by what their undo names. */
  readonly releasing: Map<string, Promise<void>>;
  stop: StaffRequest | null;
  readonly pays: Asked<PayRequest, OpenResult>[];
  readonly marks: Asked<StaffRequest, MarkPaidResult>[];
  readonly cancels: Asked<CancelRequest, CancelResult>[];
  readonly refunds: Asked<RefundRequest, RefundResult>[];
  readonly approvals: Asked<RefundDecision, RefundResult>[];
  readonly withdrawals: Asked<RefundDecision, WithdrawResult>[];
  readonly resends: Asked<StaffRequest & { requestId: string }, StaffResult>[];
}

const SEEN_LIMIT = 200;

export function newRun({ bookingId, carried }: BookingInput): Run {
  return {
    bookingId,
    stage: carried ? 'serving' : 'opening',
    now: null,
    shownStatus: '',
    shownAttributes: [],
    undo: carried?.undo ?? [],
    seen: [...(carried?.seen ?? [])],
    news: false,
    unread: false,
    letGo: false,
    named: [],
    looking: false,
    openResult: carried?.openResult ?? null,
    attempt: carried?.attempt ?? 1,
    documentVersion: carried?.documentVersion ?? 0,
    parked: [],
    parkedCount: carried?.parkedCount ?? 0,
    attended: carried?.attended ?? { disputes: [], overReturnedMinor: 0 },
    returned: [...(carried?.returned ?? [])],
    beside: new Set(),
    releasing: new Map(),
    stop: null,
    pays: [],
    marks: [],
    cancels: [],
    refunds: [],
    approvals: [],
    withdrawals: [],
    resends: [],
  };
}

export function carriedOf(run: Run, closeAt: string): CarriedState {
  const { undo, seen, openResult, attempt, documentVersion, parkedCount, attended, returned } = run;
  return { undo, seen, openResult, attempt, documentVersion, parkedCount, attended, returned, closeAt };
}

/** True the first time: the same raw webhook may be signalled again by a sweep that lost our answer. */
export function hearOnce(run: Run, { inboxId, replay }: GatewayNews): boolean {
  const name = `${inboxId}/${replay}`;
  if (run.seen.includes(name)) return false;
  run.seen.push(name);
  if (run.seen.length > SEEN_LIMIT) run.seen.shift();
  return true;
}

export function mustKnow(run: Run): Digest {
  if (!run.now) throw new Error(`${run.bookingId} was not read yet`);
  return run.now;
}
