// How the workflow calls its activities: short tries, a long breath, and a person when neither helps.
import { ActivityFailure, ApplicationFailure, TimeoutFailure, condition, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { show } from './view.ts';
import type { ParkedStep, Run } from './run.ts';

const RETRY = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' } as const;
const MINUTE_MS = 60_000;
const FIRST_WAIT_MS = 15 * MINUTE_MS;
const LONGEST_WAIT_MS = 360 * MINUTE_MS;

/** On the path where a customer waits for the answer to a click. */
export const opening = proxyActivities<Pick<Activities, 'openPayment'>>({
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '2m',
  retry: { ...RETRY, initialInterval: '300ms', maximumInterval: '5s' },
});
export const looks = proxyActivities<Pick<Activities, 'lookPayment' | 'closePayment' | 'readBooking' | 'recordMilestone' | 'requestResend' | 'claimLateMoney'>>({
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '15m',
  retry: RETRY,
});
export const refunding = proxyActivities<
  Pick<Activities, 'reserveRefund' | 'approveRefund' | 'executeRefund' | 'reserveDuplicates' | 'settleRefundByHand'>
>({ startToCloseTimeout: '15s', scheduleToCloseTimeout: '15m', retry: RETRY });
export const supplying = proxyActivities<Pick<Activities, 'placeOrder' | 'payOrder' | 'cancelOrder' | 'writeOffOrder'>>({
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '15m',
  retry: RETRY,
});
export const drawing = proxyActivities<Pick<Activities, 'issueDocuments'>>({
  startToCloseTimeout: '60s',
  scheduleToCloseTimeout: '15m',
  retry: RETRY,
});
/** They say "not yet" by failing with the time of the next try: hours of waiting cost no history. */
export const waiting = proxyActivities<Pick<Activities, 'awaitVouchers' | 'awaitRefund'>>({
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '6h',
  retry: RETRY,
});
export const deciding = proxyActivities<Pick<Activities, 'awaitOrder'>>({
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '15m',
  retry: RETRY,
});
/** Attention is raised even while the database is away; the caller goes on without it. */
const attending = proxyActivities<Pick<Activities, 'raiseAttention' | 'clearAttention'>>({
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '1m',
  retry: RETRY,
});

/** A staff member found out that this step can never be done. */
export class StepImpossible extends Error {
  override readonly name = 'StepImpossible';
}

export interface Step<T> {
  /** The first pause after the tries ran out; short where a customer may ask again. */
  readonly firstWaitMs?: number;
  readonly name: string;
  readonly call: () => Promise<T>;
  /** What it means when a person says the step was done by hand; absent: it is simply tried again. */
  readonly doneByHand?: (actor: string) => Promise<T>;
}

/** Tries until it is done, parked in view of staff while it will not be; never fails, never gives up by itself. */
export async function attemptUntil<T>(run: Run, step: Step<T>): Promise<T> {
  let parked: ParkedStep | undefined;
  for (let waitMs = step.firstWaitMs ?? FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      const byHand = parked?.resolution === 'done' ? step.doneByHand : undefined;
      const result = await (byHand ? byHand(parked?.actor ?? 'staff') : step.call());
      if (parked) await unpark(run, parked);
      return result;
    } catch (error) {
      if (isCancellation(error)) throw error;
      if (isStillWaiting(error)) continue;
      parked ??= await park(run, step.name, reasonOf(error));
    }
    await waitForWord(parked, waitMs);
    // What can be done by hand must be done, one way or the other; only the rest may be given up.
    if (parked.resolution === 'impossible' && !step.doneByHand) {
      await unpark(run, parked);
      throw new StepImpossible(step.name);
    }
  }
}

export async function park(run: Run, name: string, reason: string): Promise<ParkedStep> {
  run.parkedCount += 1;
  const step: ParkedStep = { id: `${name}/${run.parkedCount}`, name, reason, word: false, actor: 'workflow', resolution: null };
  run.parked.push(step);
  await raise(run, step);
  return step;
}

async function raise(run: Run, step: ParkedStep): Promise<void> {
  const { id, name, reason } = step;
  try {
    show(run, (await attending.raiseAttention({ bookingId: run.bookingId, id, step: name, reason })).now);
  } catch (error) {
    if (isCancellation(error)) throw error;
    show(run, run.now);
  }
}

export async function unpark(run: Run, step: ParkedStep): Promise<void> {
  run.parked.splice(run.parked.indexOf(step), 1);
  const how = step.resolution ?? 'retried';
  const cleared = { bookingId: run.bookingId, id: step.id, actor: step.actor, how };
  const { now } = await attending.clearAttention(cleared).catch(keepShowing(run));
  show(run, now);
  const [next] = run.parked;
  if (next) await raise(run, { ...next, id: `${next.id}/again-${run.parkedCount}` });
}

const keepShowing = (run: Run) => (error: unknown) => {
  if (isCancellation(error)) throw error;
  return { now: run.now };
};

/** Until staff say something or the time for the next try has come. */
export async function waitForWord(step: ParkedStep, waitMs: number): Promise<void> {
  step.word = false;
  await condition(() => step.word, waitMs, { summary: `Next try of "${step.name}"` });
}

/** A wait that merely outlasted its activity is no failure. */
function isStillWaiting(error: unknown): boolean {
  if (!(error instanceof ActivityFailure)) return false;
  const last = error.cause instanceof TimeoutFailure ? error.cause.cause : error.cause;
  return last instanceof ApplicationFailure && last.type === 'not_yet';
}

function reasonOf(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) return `${cause.type ?? 'failure'}: ${cause.message}`;
  if (cause instanceof TimeoutFailure) return cause.cause instanceof ApplicationFailure ? reasonOf(cause.cause) : 'no answer in time';
  return cause instanceof Error ? cause.message : 'failed';
}
