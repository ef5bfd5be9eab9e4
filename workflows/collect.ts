// From the open payment to its end: the money is there, or the gateway itself said that it will not come.
import { CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';
import { returnDuplicates } from './duplicates.ts';
import { IN_FLIGHT_PAUSE_MS, LONGEST_IN_FLIGHT_PAUSE_MS, close, look } from './gateway-word.ts';
import type { Ended } from './gateway-word.ts';
import { tooLate } from './handlers.ts';
import type { CancelRequest, CancelResult, MarkPaidResult, OpenResult, PayRequest, StaffRequest } from './messages.ts';
import { openFurther } from './open.ts';
import { mustKnow } from './run.ts';
import type { Asked, Run } from './run.ts';
import { attemptUntil } from './steps.ts';
import { looks, polls } from './verbs.ts';
import { enter, show } from './view.ts';

const MINUTE_MS = 60_000;
const FIRST_POLL_MS = MINUTE_MS;

/** Returned: the money came and went back before anything was bought for it. */
export type Collected = 'paid' | 'returned' | 'expired' | 'cancelled' | 'refused';

export async function collect(run: Run): Promise<Collected> {
  enter(run, 'collecting');
  let polled = run.attempt;
  let polling = startPolling(run);
  try {
    let deadlineMs = Date.parse(mustKnow(run).expiresAt);
    for (let pauseMs = IN_FLIGHT_PAUSE_MS; ;) {
      const overdue = deadlineMs <= Date.now();
      const ended = await collectOnce(run, overdue);
      // What was not asked for goes back, whether the booking is still to be paid or over.
      if (ended !== 'paid' && mustKnow(run).strayMinor > 0) await returnDuplicates(run);
      if (ended && ended !== 'in_flight') return ended;
      if (polled !== run.attempt) {
        polling.cancel();
        polled = run.attempt;
        polling = startPolling(run);
        // Another attempt may have a time of its own.
        deadlineMs = Date.parse(mustKnow(run).expiresAt);
      } else if (ended === 'in_flight') {
        // The gateway holds the money past our deadline: its word comes first.
        deadlineMs = Date.now() + pauseMs;
        pauseMs = Math.min(pauseMs * 2, LONGEST_IN_FLIGHT_PAUSE_MS);
      }
      const summary = overdue ? 'The gateway has the money in flight' : 'Payment window';
      await condition(() => isAddressed(run), Math.max(1, deadlineMs - Date.now()), { summary });
    }
  } finally {
    polling.cancel();
  }
}

/** In flight: it could not be closed though its time is over. Whoever was answered instead does not prolong it. */
async function collectOnce(run: Run, overdue: boolean): Promise<Collected | 'in_flight' | undefined> {
  const looked = run.news ? await look(run) : undefined;
  if (looked && looked.kind !== 'unpaid') return looked.kind;
  const [cancel] = run.cancels;
  if (cancel) return cancelUnpaid(run, cancel);
  const [mark] = run.marks;
  if (mark) return takeOnArrival(run, mark);
  const [pay] = run.pays;
  if (pay) return payAgain(run, pay);
  if (!overdue) return undefined;
  const ended = await close(run, { as: 'expired' });
  return ended === 'closed' ? 'expired' : ended;
}

const isAddressed = (run: Run): boolean => run.news || run.cancels.length + run.marks.length + run.pays.length > 0;

async function cancelUnpaid(run: Run, cancel: Asked<CancelRequest, CancelResult>): Promise<Collected | undefined> {
  const { actor } = cancel.request;
  const ended = await close(run, { as: 'cancelled', reason: 'cancelled before payment', actor });
  cancel.result = ended === 'closed' ? { kind: 'cancelled' } : tooLate(run);
  run.cancels.shift();
  return ended === 'closed' ? 'cancelled' : wayOn(ended);
}

/** The one before is closed at its gateway first: a booking never has two payments that can be paid. */
async function payAgain(run: Run, pay: Asked<PayRequest, OpenResult>): Promise<Collected | undefined> {
  const { attempt } = pay.request;
  const ended = attempt > run.attempt ? await close(run, { as: 'replaced' }) : undefined;
  const opened = ended === 'closed' ? await openFurther(run, pay.request) : undefined;
  const busy = { kind: 'refused', code: 'not_payable', message: 'the payment before it is being settled' } as const;
  pay.result = opened ?? (attempt <= run.attempt && run.openResult ? run.openResult : busy);
  run.pays.shift();
  if (opened?.kind === 'refused' && !isWanted(run)) return 'refused';
  return ended === 'closed' ? undefined : wayOn(ended);
}

/** A refused attempt may leave a booking that can still be paid with another. */
const isWanted = (run: Run): boolean => ['awaiting_payment', 'processing'].includes(mustKnow(run).phase);

/** Whoever pays at the desk cannot pay elsewhere any more: what is open elsewhere is closed first, and its word counts. */
async function takeOnArrival(run: Run, mark: Asked<StaffRequest, MarkPaidResult>): Promise<Collected | undefined> {
  const ended = await close(run, { as: 'replaced' });
  if (ended === 'closed') {
    // One that nobody was sent to pay may have taken the number after ours.
    const attempt = Math.max(run.attempt, mustKnow(run).lastAttempt ?? 0) + 1;
    const call = () => looks.takeOnArrival({ bookingId: run.bookingId, attempt });
    show(run, (await attemptUntil(run, { name: 'note the money taken on arrival', call })).now);
    run.attempt = attempt;
    run.openResult = { kind: 'refused', code: 'not_payable', message: 'the booking was paid on arrival' };
  }
  mark.result = MARKED[ended];
  run.marks.shift();
  return ended === 'closed' ? 'paid' : wayOn(ended);
}

const MARKED: Readonly<Record<Ended, MarkPaidResult>> = {
  closed: { kind: 'paid' },
  paid: { kind: 'already_paid' },
  returned: { kind: 'already_paid' },
  in_flight: { kind: 'in_flight' },
};

const wayOn = (ended: Exclude<Ended, 'closed'> | undefined): 'paid' | 'returned' | undefined =>
  ended === 'in_flight' ? undefined : ended;

/** Asks beside the story until the payment is decided or the scope is cancelled. */
function startPolling(run: Run): CancellationScope {
  const scope = new CancellationScope();
  scope.run(() => poll(run)).catch(ignoreCancellation);
  return scope;
}

async function poll(run: Run): Promise<void> {
  const openedAt = new Date().toISOString();
  const { paymentId } = mustKnow(run);
  if (!paymentId) return;
  for (;;) {
    await sleep(FIRST_POLL_MS, { summary: 'First poll of the gateway' });
    const decided = await polls
      .pollPayment({ bookingId: run.bookingId, paymentId, openedAt })
      .then(() => true, brokeOff);
    run.news = true;
    if (decided) return;
    // The story itself asks now, in view of staff while it gets no answer.
    await condition(() => !run.news && run.parked.length === 0);
  }
}

function brokeOff(error: unknown): false {
  if (isCancellation(error)) throw error;
  return false;
}

function ignoreCancellation(error: unknown): void {
  if (!isCancellation(error)) throw error;
}
