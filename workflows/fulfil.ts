// From money to trip: order, pay, wait for the supplier's word. Ends confirmed, or with the reason why not.
import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { FulfilOutcome } from '../activities/fulfilment.ts';
import type { PayOutcome, PlaceOutcome } from '../activities/supply-outcomes.ts';
import { arm } from '../domain/undo.ts';
import { issueDocuments, issueLateVouchers } from './deliver.ts';
import { mustKnow } from './run.ts';
import type { ParkedStep, Run } from './run.ts';
import { StepImpossible, attemptUntil, waitForWord, whileParked } from './steps.ts';
import { deciding, looks, supplying } from './verbs.ts';
import { enter, show } from './view.ts';

export type Fulfilled = { kind: 'confirmed' } | { kind: 'unfulfillable'; reason: string; actor: string };

const MINUTE_MS = 60_000;
const BALANCE_PAUSE_MS = 5 * MINUTE_MS;
/** Without a pay-by time from the supplier. */
const BALANCE_PATIENCE_MS = 24 * 60 * MINUTE_MS;
const SUPPLIER_WINDOW_MS = 24 * 60 * MINUTE_MS;
const MOST_GENERATIONS = 3;

/** Watches for "stop and compensate" while it works: a call under way is let finish, then nothing more is begun. */
export async function fulfil(run: Run): Promise<Fulfilled> {
  enter(run, 'fulfilling');
  run.undo = arm(run.undo, 'refund_payment', 'all');
  const work = new CancellationScope();
  const stopping = condition(() => run.stop !== null).then(() => work.cancel());
  stopping.catch(ignoreCancellation);
  try {
    return await work.run(() => (mustKnow(run).kind === 'service' ? confirm(run) : buy(run)));
  } catch (error) {
    if (error instanceof StepImpossible)
      return { kind: 'unfulfillable', reason: `staff: ${error.message} is impossible`, actor: 'staff' };
    if (isCancellation(error) && run.stop)
      return { kind: 'unfulfillable', reason: 'stopped by staff', actor: run.stop.actor };
    throw error;
  }
}

function ignoreCancellation(error: unknown): void {
  if (!isCancellation(error)) throw error;
}

/** Nobody else need be asked. */
async function confirm(run: Run): Promise<Fulfilled> {
  const confirmed = { bookingId: run.bookingId, milestone: { as: 'confirmed' } } as const;
  const confirming = { name: 'confirm the booking', call: () => looks.recordMilestone(confirmed) };
  show(run, (await attemptUntil(run, confirming)).now);
  await issueDocuments(run);
  return { kind: 'confirmed' };
}

async function buy(run: Run): Promise<Fulfilled> {
  for (let generation = 0; generation < MOST_GENERATIONS; generation += 1) {
    const order = { bookingId: run.bookingId, generation };
    const placed = await placeOrder(run, generation);
    if (placed.kind === 'refused') return unfulfillable(placed.reason);
    if (placed.kind === 'expired') continue;
    const paid = await payFromBalance(run, order);
    if (paid.kind === 'refused') return unfulfillable(paid.reason);
    if (paid.kind === 'expired') continue;
    if (paid.kind === 'insufficient_balance')
      return unfulfillable('our balance stayed too low until the order had to be paid');
    const word = await supplierWord(run, order);
    if (word.kind === 'overdue') return unfulfillable('the supplier did not decide in time');
    if (word.kind === 'ended') return unfulfillable(`the supplier ended the order: ${word.as}`);
    await issueDocuments(run);
    if (!word.vouchersReady) issueLateVouchers(run, order);
    return { kind: 'confirmed' };
  }
  return unfulfillable('the supplier orders kept expiring');
}

const unfulfillable = (reason: string): Fulfilled => ({ kind: 'unfulfillable', reason, actor: 'workflow' });

interface Order {
  readonly bookingId: string;
  readonly generation: number;
}

/** The undo is written down before the deed: an order whose answer is lost is taken back all the same. */
export async function placeOrder(run: Run, generation: number): Promise<PlaceOutcome> {
  run.undo = arm(run.undo, 'cancel_supplier_order', String(generation));
  const placed = await attemptUntil(run, {
    name: 'place the supplier order',
    call: () => supplying.placeOrder({ bookingId: run.bookingId, generation }),
    mayBeImpossible: true,
  });
  show(run, placed.now);
  return placed;
}

const PAYING = 'pay the supplier';

async function payFromBalance(run: Run, order: Order): Promise<PayOutcome> {
  const patienceEndsMs = Date.now() + BALANCE_PATIENCE_MS;
  let outcome = await payOnce(run, order);
  if (outcome.kind === 'insufficient_balance') {
    const low = outcome;
    const reason = 'insufficient_balance: top up the prepaid balance';
    outcome = await whileParked(run, { name: PAYING, reason, mayBeImpossible: true }, (parked) =>
      untilToppedUp(run, { order, low, parked, patienceEndsMs }),
    );
  }
  show(run, outcome.now);
  return outcome;
}

const payOnce = (run: Run, order: Order): Promise<PayOutcome> =>
  attemptUntil(run, { name: PAYING, call: () => supplying.payOrder(order), mayBeImpossible: true });

interface LowBalance {
  readonly order: Order;
  readonly low: PayOutcome;
  readonly parked: ParkedStep;
  readonly patienceEndsMs: number;
}

/** A top-up is noticed within minutes; past the time by which the order must be paid there is nothing to wait for. */
async function untilToppedUp(run: Run, { order, low, parked, patienceEndsMs }: LowBalance): Promise<PayOutcome> {
  let outcome = low;
  while (outcome.kind === 'insufficient_balance') {
    const leftMs = (outcome.payBy ? Date.parse(outcome.payBy) : patienceEndsMs) - Date.now();
    if (leftMs <= 0) break;
    await waitForWord(parked, Math.max(1_000, Math.min(BALANCE_PAUSE_MS, leftMs)));
    if (parked.resolution === 'impossible') throw new StepImpossible(PAYING);
    outcome = await payOnce(run, order);
  }
  return outcome;
}

async function supplierWord(run: Run, order: Order): Promise<FulfilOutcome | { kind: 'overdue' }> {
  const startedMs = Date.now();
  const outcome = await attemptUntil<FulfilOutcome | { kind: 'overdue' }>(run, {
    name: 'wait for the supplier',
    call: async () => (Date.now() - startedMs > SUPPLIER_WINDOW_MS ? { kind: 'overdue' } : deciding.awaitOrder(order)),
    mayBeImpossible: true,
  });
  if (outcome.kind !== 'overdue') show(run, outcome.now);
  return outcome;
}
