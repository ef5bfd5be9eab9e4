// From the open payment to its end: the money is there, or the gateway itself said that it will not come.
import { CancellationScope, condition, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { ClosePaymentInput } from '../activities/payment.ts';
import { mustKnow } from './run.ts';
import type { Run } from './run.ts';
import { attemptUntil, looks } from './steps.ts';
import { show } from './view.ts';

const MINUTE_MS = 60_000;
const FIRST_POLL_MS = MINUTE_MS;
const IN_FLIGHT_PAUSE_MS = 5 * MINUTE_MS;

export type Collected = 'captured' | 'expired' | 'cancelled';

export async function collect(run: Run): Promise<Collected> {
  run.stage = 'collecting';
  const polling = new CancellationScope();
  let polled = false;
  try {
    for (let deadlineMs = Date.parse(mustKnow(run).expiresAt); ; ) {
      const leftMs = deadlineMs - Date.now();
      const ended = await collectOnce(run, leftMs);
      if (ended) return ended;
      // The gateway holds the money in flight past our deadline: its word comes first.
      if (leftMs <= 0) deadlineMs = Date.now() + IN_FLIGHT_PAUSE_MS;
      const patienceMs = deadlineMs - Date.now();
      const heard = await condition(() => run.news || run.cancels.length > 0, polled ? patienceMs : Math.min(FIRST_POLL_MS, patienceMs), {
        summary: polled ? 'Payment window' : 'First poll of the gateway',
      });
      if (!heard && !polled) {
        polled = true;
        void polling.run(() => poll(run)).catch(ignoreCancellation);
      }
    }
  } finally {
    polling.cancel();
  }
}

async function collectOnce(run: Run, leftMs: number): Promise<Collected | undefined> {
  if (run.news && (await look(run)) === 'captured') return 'captured';
  const [cancel] = run.cancels;
  if (cancel) {
    const { actor } = cancel.request;
    const ended = await close(run, { as: 'cancelled', reason: 'cancelled before payment', actor });
    cancel.result = ended === 'captured' || !ended ? { kind: 'too_late', status: mustKnow(run).status } : { kind: 'cancelled' };
    run.cancels.shift();
    return ended && ended !== 'captured' ? 'cancelled' : ended;
  }
  if (leftMs > 0 && mustKnow(run).paymentStatus !== 'cancelled') return undefined;
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

async function close(run: Run, ending: ClosePaymentInput['ending']): Promise<Collected | undefined> {
  const closed = await attemptUntil(run, {
    name: 'close the payment',
    call: () => looks.closePayment({ bookingId: run.bookingId, ending }),
  });
  show(run, closed.now);
  if (closed.kind === 'already_paid') return (await look(run)) === 'captured' ? 'captured' : undefined;
  return closed.kind === 'closed' ? (ending.as === 'cancelled' ? 'cancelled' : 'expired') : undefined;
}

const polls = proxyActivities<Pick<Activities, 'pollPayment'>>({
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '8d',
  retry: { initialInterval: '30s', backoffCoefficient: 1 },
});

/** A lost webhook costs minutes: this one activity asks again and again, and leaves no trace in the history. */
async function poll(run: Run): Promise<void> {
  const { paymentId } = mustKnow(run);
  if (!paymentId) return;
  await polls.pollPayment({ bookingId: run.bookingId, paymentId, openedAt: new Date().toISOString() });
  run.news = true;
}

function ignoreCancellation(error: unknown): void {
  if (!isCancellation(error)) throw error;
}
