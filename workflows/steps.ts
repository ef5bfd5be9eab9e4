// How the workflow does what must be done: short tries, a long breath, and a person when neither helps.
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  TimeoutFailure,
  condition,
  isCancellation,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { ClearAttentionInput } from '../activities/booking.ts';
import type { Digest } from '../domain/digest.ts';
import type { ParkedStep, Run } from './run.ts';
import { attending, looks } from './verbs.ts';
import { show } from './view.ts';

const MINUTE_MS = 60_000;
const FIRST_WAIT_MS = 15 * MINUTE_MS;
const LONGEST_WAIT_MS = 360 * MINUTE_MS;
const RAISE_EVERY_MS = 15 * MINUTE_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A staff member found out that this step can never be done. */
export class StepImpossible extends Error {
  override readonly name = 'StepImpossible';
}

export interface Step<T> {
  readonly name: string;
  readonly call: () => Promise<T>;
  /** The first pause after the tries ran out; short where a customer may ask again. */
  readonly firstWaitMs?: number;
  /** What it means when a person says the step was done by hand; absent: it is simply tried again. */
  readonly doneByHand?: (actor: string) => Promise<T>;
  /** What a person did has its effect beside the call's: said while the call is under way, it counts as well. */
  readonly countsBeside?: true;
  /** A person may give it up, and the caller knows what to do then. Absent: it must be done, one way or the other. */
  readonly mayBeImpossible?: true;
}

/** Tries until it is done, parked in view of staff while it will not be; never fails, never gives up by itself. */
export async function attemptUntil<T>(run: Run, step: Step<T>): Promise<T> {
  const { firstWaitMs = FIRST_WAIT_MS, mayBeImpossible = false } = step;
  let parked: ParkedStep | undefined;
  let waitMs = firstWaitMs;
  try {
    for (;;) {
      const tried = await tryOnce(step, parked);
      const isSaid = step.doneByHand !== undefined && parked?.resolution === 'done';
      if (tried.kind === 'done' && (tried.byHand || !(step.countsBeside && isSaid))) return tried.result;
      if (tried.kind === 'failed') {
        parked ??= addParked(run, { name: step.name, reason: tried.reason, mayBeImpossible });
        await raise(run, parked);
        await waitForWord(parked, waitMs);
        if (parked.resolution === 'impossible') throw new StepImpossible(step.name);
        waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
      } else if (parked && !isSaid) {
        // Said while it was waited for.
        if (parked.resolution === 'impossible') throw new StepImpossible(step.name);
        await unpark(run, parked);
        parked = undefined;
        waitMs = firstWaitMs;
      }
    }
  } finally {
    if (parked) await unpark(run, parked);
  }
}

type Tried<T> =
  | { kind: 'done'; result: T; byHand: boolean }
  | { kind: 'still_waiting' }
  | { kind: 'failed'; reason: string };

async function tryOnce<T>({ call, doneByHand }: Step<T>, parked: ParkedStep | undefined): Promise<Tried<T>> {
  const byHand = parked?.resolution === 'done' ? doneByHand : undefined;
  try {
    const result = await (byHand ? byHand(parked?.actor ?? 'staff') : call());
    return { kind: 'done', result, byHand: byHand !== undefined };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return isStillWaiting(error) ? { kind: 'still_waiting' } : { kind: 'failed', reason: reasonOf(error) };
  }
}

export interface Parking {
  readonly name: string;
  readonly reason: string;
  /** Whether staff may say that it never can be done. */
  readonly mayBeImpossible: boolean;
  readonly byNameOnly?: true;
  /** Staff have a letter about it already: they need no second one. */
  readonly told?: true;
}

/** In view of staff for as long as the work takes, however it ends. */
export async function whileParked<T>(run: Run, parking: Parking, work: (parked: ParkedStep) => Promise<T>): Promise<T> {
  const parked = addParked(run, parking);
  try {
    await raise(run, parked);
    keepRaising(run, parked);
    return await work(parked);
  } finally {
    await unpark(run, parked);
  }
}

/** Nothing is left to do but to know of it. */
export function untilSeen(run: Run, name: string, reason: string): Promise<ParkedStep> {
  return whileParked(run, { name, reason, mayBeImpossible: true }, async (parked) => {
    while (parked.actor === 'workflow') await waitForWord(parked, DAY_MS);
    return parked;
  });
}

function addParked(run: Run, parking: Parking): ParkedStep {
  const idle = { raised: false, isBeingRaised: false, word: false, actor: 'workflow', resolution: null };
  const parked: ParkedStep = { id: nextId(run, parking.name), ...parking, ...idle };
  run.parked.push(parked);
  return parked;
}

function nextId(run: Run, name: string): string {
  run.parkedCount += 1;
  // Told apart across histories: late money has workflows of its own, and a long life has several.
  return `${name}/${workflowInfo().runId.slice(0, 8)}/${run.parkedCount}`;
}

/** Tried anew with every try of the step until staff could be told. */
async function raise(run: Run, parked: ParkedStep): Promise<void> {
  if (parked.raised || parked.isBeingRaised) return;
  const { id, name, reason, told } = parked;
  const attention = { bookingId: run.bookingId, id, step: name, reason, ...(told && { told }) };
  parked.isBeingRaised = true;
  try {
    show(run, (await attending.raiseAttention(attention)).now);
    parked.raised = true;
  } catch (error) {
    if (isCancellation(error)) throw error;
    show(run, run.now);
  } finally {
    parked.isBeingRaised = false;
  }
}

/** What waits for nothing but a word is tried by nobody: it comes into view by itself once the database is back. */
function keepRaising(run: Run, parked: ParkedStep): void {
  const isSettled = (): boolean => parked.raised || !run.parked.includes(parked);
  const untilSettled = async (): Promise<void> => {
    while (!isSettled()) {
      const wait = { summary: `Next try to show "${parked.name}"` };
      if (!(await condition(isSettled, RAISE_EVERY_MS, wait))) await raise(run, parked);
    }
  };
  untilSettled().catch((error: unknown) => {
    if (!isCancellation(error)) throw error;
  });
}

async function unpark(run: Run, parked: ParkedStep): Promise<void> {
  if (!run.parked.includes(parked)) return;
  run.parked.splice(run.parked.indexOf(parked), 1);
  const { id, actor, resolution } = parked;
  const cleared = { bookingId: run.bookingId, id, actor, how: resolution ?? 'retried' };
  await CancellationScope.nonCancellable(async () => {
    // What comes into view only now must not stay there.
    if (parked.isBeingRaised) await condition(() => !parked.isBeingRaised);
    show(run, await callOff(cleared));
    // Staff see one step at a time: the next one that is stuck takes this one's place, unless it has just done so by itself.
    await condition(() => run.parked[0]?.isBeingRaised !== true);
    const [next] = run.parked;
    if (!next || run.now?.status === 'needs_attention') return;
    next.id = nextId(run, next.name);
    next.raised = false;
    await raise(run, next);
    keepRaising(run, next);
  });
}

/** Said until the database has heard it: staff must not look for what is mended. */
async function callOff(cleared: ClearAttentionInput): Promise<Digest> {
  for (;;) {
    try {
      return (await looks.clearAttention(cleared)).now;
    } catch (error) {
      if (isCancellation(error)) throw error;
      await sleep(FIRST_WAIT_MS, { summary: 'The database is away: calling off attention later' });
    }
  }
}

/** Until staff say something or the time for the next try has come. */
export async function waitForWord(parked: ParkedStep, waitMs: number): Promise<void> {
  await condition(() => parked.word, waitMs, { summary: `Next try of "${parked.name}"` });
  parked.word = false;
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
  if (cause instanceof TimeoutFailure)
    return cause.cause instanceof ApplicationFailure ? reasonOf(cause.cause) : 'no answer in time';
  return cause instanceof Error ? cause.message : 'failed';
}
