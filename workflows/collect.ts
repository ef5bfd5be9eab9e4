// From the open payment to its end: the money is there, or the gateway itself said that it will not come.
import { CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';
import type { ClosePaymentInput } from '../activities/payment.ts';
import { mustKnow } from './run.ts';
import type { Run } from './run.ts';
import { attemptUntil } from './steps.ts';
import { looks, polls } from './verbs.ts';
import { show } from './view.ts';

const MINUTE_MS = 60_000;
const FIRST_POLL_MS = MINUTE_MS;
/** Between two tries to close a payment that the gateway holds in flight: a bank debit may take days. */
const IN_FLIGHT_PAUSE_MS = 5 * MINUTE_MS;
const LONGEST_IN_FLIGHT_PAUSE_MS = 360 * MINUTE_MS;

export type Collected = 'captured' | 'expired' | 'cancelled';

export async function collect(run: Run): Promise<Collected> {
  run.stage = 'collecting';
  const polling = startPolling(run);
  try {
    let deadlineMs = Date.parse(mustKnow(run).expiresAt);
    for (let pauseMs = IN_FLIGHT_PAUSE_MS; ; ) {
      const overdue = deadlineMs <= Date.now();
      const ended = await collectOnce(run, overdue);
      if (ended) return ended;
      if (overdue) {
        // The gateway holds the money in flight past our deadline: its word comes first.
        deadlineMs = Date.now() + pauseMs;
        pauseMs = Math.min(pauseMs * 2, LONGEST_IN_FLIGHT_PAUSE_MS);
      }
      const summary = overdue ? 'The gateway has the money in flight' : 'Payment window';
      await condition(() => run.news || run.cancels.length > 0, Math.max(1, deadlineMs - Date.now()), { summary });
    }
  } finally {
    polling.cancel();
  }
}

async function collectOnce(run: Run, overdue: boolean): Promise<Collected | undefined> {
  if (run.news && (await look(run)) === 'captured') return 'captured';
  const [cancel] = run.cancels;
  if (cancel) {
    const { actor } = cancel.request;
    const ended = await close(run, { as: 'cancelled', reason: 'cancelled before payment', actor });
    cancel.result =
      ended === 'cancelled' ? { kind: 'cancelled' } : { kind: 'too_late', status: mustKnow(run).status };
    run.cancels.shift();
    return ended;
  }
  if (!overdue && mustKnow(run).paymentStatus !== 'cancelled') return undefined;
  return close(run, { as: 'expired' });
}

/** Reads the payment at its gateway, whose word alone counts. */
export async function look(run: Run): Promise<'captured' | 'not_captured'> {
  run.news = false;
  const { paymentId } = mustKnow(run);
  if (!paymentId) return 'not_captured';
  const news = await attemptUntil(run, {
    name: 'read the payment',
    call: () => looks.lookPayment({ bookingId: run.bookingId, paymentId }),
  });
  show(run, news.now);
  return news.kind === 'captured' ? 'captured' : 'not_captured';
}

/** Undefined while the gateway has the money in flight and lets go neither of it nor of us. */
export async function close(run: Run, ending: ClosePaymentInput['ending']): Promise<Collected | undefined> {
  const closed = await attemptUntil(run, {
    name: 'close the payment',
    call: () => looks.closePayment({ bookingId: run.bookingId, ending }),
  });
  show(run, closed.now);
  if (closed.kind === 'in_flight') return undefined;
  if (closed.kind === 'closed') return ending.as === 'cancelled' ? 'cancelled' : 'expired';
  return (await look(run)) === 'captured' ? 'captured' : undefined;
}

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
