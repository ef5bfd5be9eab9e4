// From the open payment to its end: the money is there, or the gateway itself said that it will not come.
import { CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';
import type { ClosePaymentInput } from '../activities/payment.ts';
import type { PaymentNews } from '../activities/payment-news.ts';
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
/** Between two tries to close a payment that the gateway holds in flight: a bank debit may take days. */
const IN_FLIGHT_PAUSE_MS = 5 * MINUTE_MS;
const LONGEST_IN_FLIGHT_PAUSE_MS = 360 * MINUTE_MS;

export type Collected = 'paid' | 'expired' | 'cancelled' | 'refused';

export async function collect(run: Run): Promise<Collected> {
  enter(run, 'collecting');
  let polled = run.attempt;
  let polling = startPolling(run);
  try {
    let deadlineMs = Date.parse(mustKnow(run).expiresAt);
    for (let pauseMs = IN_FLIGHT_PAUSE_MS; ;) {
      const overdue = deadlineMs <= Date.now();
      const ended = await collectOnce(run, overdue);
      if (ended) return ended;
      if (polled !== run.attempt) {
        polling.cancel();
        polled = run.attempt;
        polling = startPolling(run);
        // Another attempt may have a time of its own.
        deadlineMs = Date.parse(mustKnow(run).expiresAt);
      } else if (overdue) {
        // The gateway holds the money in flight past our deadline: its word comes first.
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

async function collectOnce(run: Run, overdue: boolean): Promise<Collected | undefined> {
  if (run.news && (await look(run)).kind === 'paid') return 'paid';
  const [cancel] = run.cancels;
  if (cancel) return cancelUnpaid(run, cancel);
  const [mark] = run.marks;
  if (mark) return takeOnArrival(run, mark);
  const [pay] = run.pays;
  if (pay) return payAgain(run, pay);
  if (!overdue) return undefined;
  const ended = await close(run, { as: 'expired' });
  return ended === 'closed' ? 'expired' : paidOrNothing(ended);
}

const isAddressed = (run: Run): boolean => run.news || run.cancels.length + run.marks.length + run.pays.length > 0;

async function cancelUnpaid(run: Run, cancel: Asked<CancelRequest, CancelResult>): Promise<Collected | undefined> {
  const { actor } = cancel.request;
  const ended = await close(run, { as: 'cancelled', reason: 'cancelled before payment', actor });
  cancel.result = ended === 'closed' ? { kind: 'cancelled' } : tooLate(run);
  run.cancels.shift();
  return ended === 'closed' ? 'cancelled' : paidOrNothing(ended);
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
  return paidOrNothing(ended);
}

/** A refused attempt may leave a booking that can still be paid with another. */
const isWanted = (run: Run): boolean => ['awaiting_payment', 'processing'].includes(mustKnow(run).phase);

/** Whoever pays at the desk cannot pay elsewhere any more: what is open elsewhere is closed first, and its word counts. */
async function takeOnArrival(run: Run, mark: Asked<StaffRequest, MarkPaidResult>): Promise<Collected | undefined> {
  const ended = await close(run, { as: 'replaced' });
  if (ended === 'closed') {
    const attempt = run.attempt + 1;
    const call = () => looks.takeOnArrival({ bookingId: run.bookingId, attempt });
    show(run, (await attemptUntil(run, { name: 'note the money taken on arrival', call })).now);
    run.attempt = attempt;
    run.openResult = { kind: 'refused', code: 'not_payable', message: 'the booking was paid on arrival' };
  }
  mark.result = MARKED[ended];
  run.marks.shift();
  return ended === 'in_flight' ? undefined : 'paid';
}

const MARKED: Readonly<Record<Ended, MarkPaidResult>> = {
  closed: { kind: 'paid' },
  paid: { kind: 'already_paid' },
  in_flight: { kind: 'in_flight' },
};

const paidOrNothing = (ended: Ended | undefined): 'paid' | undefined => (ended === 'paid' ? ended : undefined);

export interface Looked {
  readonly kind: 'paid' | 'unpaid';
  readonly returnedElsewhere?: true;
}

/** Reads the payment at its gateway, whose word alone counts; and any other that the news named. */
export async function look(run: Run): Promise<Looked> {
  run.news = false;
  const named = run.named.splice(0);
  const { paymentId, paymentRef } = mustKnow(run);
  if (!paymentId) return { kind: 'unpaid' };
  const alsoRefs = named.filter((ref) => ref !== paymentRef);
  const asked = { bookingId: run.bookingId, paymentId, ...(alsoRefs.length > 0 && { alsoRefs }) };
  const call = () => looks.lookPayment(asked);
  run.looking = true;
  try {
    const news = await attemptUntil(run, { name: 'read the payment', call });
    if (news.lookAgain) {
      run.news = true;
      run.named.push(...named);
    }
    return lookedOf(run, news);
  } finally {
    run.looking = false;
  }
}

function lookedOf(run: Run, news: PaymentNews): Looked {
  show(run, news.now);
  const { returnedElsewhere } = news;
  return {
    // A hold counts as paid for the trip.
    kind: news.kind === 'captured' || news.kind === 'authorised' ? 'paid' : 'unpaid',
    ...(returnedElsewhere && { returnedElsewhere }),
  };
}

/** In flight: the gateway has the money and lets go neither of it nor of us. */
type Ended = 'closed' | 'paid' | 'in_flight';

export async function close(run: Run, ending: ClosePaymentInput['ending']): Promise<Ended> {
  const closed = await attemptUntil(run, {
    name: 'close the payment',
    call: () => looks.closePayment({ bookingId: run.bookingId, ending }),
  });
  show(run, closed.now);
  if (closed.kind !== 'already_paid') return closed.kind;
  return (await look(run)).kind === 'paid' ? 'paid' : 'in_flight';
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
