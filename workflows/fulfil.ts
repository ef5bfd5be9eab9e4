// From money to trip: order, pay, wait for the supplier's word. Ends confirmed, or with the reason why not.
import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { FulfilOutcome } from '../activities/fulfilment.ts';
import type { PayOutcome, PlaceOutcome } from '../activities/supply.ts';
import { arm } from '../domain/undo.ts';
import { issueDocuments, issueLateVouchers } from './deliver.ts';
import type { Run } from './run.ts';
import { StepImpossible, attemptUntil, deciding, park, supplying, unpark, waitForWord } from './steps.ts';
import { show } from './view.ts';

export type Fulfilled = { kind: 'confirmed' } | { kind: 'unfulfillable'; reason: string; actor: string };

const MINUTE_MS = 60_000;
const BALANCE_PAUSE_MS = 5 * MINUTE_MS;
/** Without a pay-by time from the supplier. */
const BALANCE_PATIENCE_MS = 24 * 60 * MINUTE_MS;
const SUPPLIER_WINDOW_MS = 24 * 60 * MINUTE_MS;
const MOST_GENERATIONS = 3;

/** Watches for "stop and compensate" while it works: a call under way is let finish, then nothing more is begun. */
export async function fulfil(run: Run): Promise<Fulfilled> {
  run.stage = 'fulfilling';
  run.undo = arm(run.undo, 'refund_payment', 'all');
  const work = new CancellationScope();
  const stopping = condition(() => run.stop !== null).then(() => work.cancel());
  stopping.catch(ignoreCancellation);
  try {
    return await work.run(() => buy(run));
  } catch (error) {
    if (error instanceof StepImpossible) return { kind: 'unfulfillable', reason: `staff: ${error.message} is impossible`, actor: 'staff' };
    if (isCancellation(error) && run.stop) return { kind: 'unfulfillable', reason: 'stopped by staff', actor: run.stop.actor };
    throw error;
  }
}

function ignoreCancellation(error: unknown): void {
  if (!isCancellation(error)) throw error;
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
    if (paid.kind === 'insufficient_balance') return unfulfillable('our balance stayed too low until the order had to be paid');
    const word = await supplierWord(run, order);
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
  });
  show(run, placed.now);
  return placed;
}

async function payFromBalance(run: Run, order: Order): Promise<PayOutcome> {
  const startedMs = Date.now();
  const call = () => attemptUntil(run, { name: 'pay the supplier', call: () => supplying.payOrder(order) });
  let outcome = await call();
  if (outcome.kind === 'insufficient_balance') {
    const parked = await park(run, 'pay the supplier', 'insufficient_balance: top up the prepaid balance');
    while (outcome.kind === 'insufficient_balance') {
      const lastMs = outcome.payBy ? Date.parse(outcome.payBy) : startedMs + BALANCE_PATIENCE_MS;
      if (Date.now() >= lastMs) break;
      await waitForWord(parked, Math.max(1_000, Math.min(BALANCE_PAUSE_MS, lastMs - Date.now())));
      if (parked.resolution === 'impossible') break;
      outcome = await call();
    }
    await unpark(run, parked);
  }
  show(run, outcome.now);
  return outcome;
}

async function supplierWord(run: Run, order: Order): Promise<FulfilOutcome> {
  const startedMs = Date.now();
  const name = 'wait for the supplier';
  const outcome = await attemptUntil(run, {
    name,
    call: async () => {
      if (Date.now() - startedMs > SUPPLIER_WINDOW_MS) throw new StepImpossible(name);
      return deciding.awaitOrder(order);
    },
  });
  show(run, outcome.now);
  return outcome;
}
