// From money to trip: order, pay, wait for the supplier's word. Ends confirmed, or with the reason why not.
import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { FulfilOutcome } from '../activities/fulfilment.ts';
import type { PayOutcome, PlaceOutcome } from '../activities/supply-outcomes.ts';
import { isPaidFor } from '../domain/digest.ts';
import type { Digest } from '../domain/digest.ts';
import { arm } from '../domain/undo.ts';
import { look } from './gateway-word.ts';
import { issueDocuments, issueLateVouchers } from './deliver.ts';
import { mustKnow } from './run.ts';
import type { ParkedStep, Run } from './run.ts';
import { StepImpossible, attemptUntil, waitForWord, whileParked } from './steps.ts';
import { deciding, looks, supplying } from './verbs.ts';
import { enter, show } from './view.ts';

export type Fulfilled =
  | { kind: 'confirmed' }
  /** forStaff: what a person should know of, beyond that it was all taken back. */
  | { kind: 'unfulfillable'; reason: string; actor: string; forStaff?: string };

const MINUTE_MS = 60_000;
const BALANCE_PAUSE_MS = 5 * MINUTE_MS;
/** Without a pay-by time from the supplier. */
const BALANCE_PATIENCE_MS = 24 * 60 * MINUTE_MS;
const SUPPLIER_WINDOW_MS = 24 * 60 * MINUTE_MS;
const MOST_GENERATIONS = 3;
/** What is left of a hold when the supplier's time is up: enough to take the money, or to let go of it. */
const HOLD_MARGIN_MS = 24 * 60 * MINUTE_MS;

/** Watches for "stop and compensate" while it works: a call under way is let finish, then nothing more is begun. */
export async function fulfil(run: Run): Promise<Fulfilled> {
  enter(run, 'fulfilling');
  run.undo = arm(run.undo, 'refund_payment', 'all');
  if (mustKnow(run).shortMinor > 0) return unfulfillable(TOO_LITTLE, TOO_LITTLE);
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
    if (!(await isStillPaid(run))) return unfulfillable('the bank let go of the held money');
    const paid = await payFromBalance(run, order);
    if (paid.kind === 'refused') return unfulfillable(paid.reason);
    if (paid.kind === 'expired') continue;
    if (paid.kind === 'insufficient_balance')
      return unfulfillable('our balance stayed too low until the order had to be paid');
    if (paid.kind === 'hold_ends') return unfulfillable('the supplier could not be paid while the money was held');
    const word = await supplierWord(run, order);
    if (word.kind === 'hold_lost') return unfulfillable(HOLD_LOST, HOLD_LOST);
    if (word.kind === 'overdue') return unfulfillable('the supplier did not decide in time');
    if (word.kind === 'ended') return unfulfillable(`the supplier ended the order: ${word.as}`);
    await issueDocuments(run);
    if (!word.vouchersReady) issueLateVouchers(run, order);
    return { kind: 'confirmed' };
  }
  return unfulfillable('the supplier orders kept expiring');
}

const unfulfillable = (reason: string, forStaff?: string): Fulfilled => ({
  kind: 'unfulfillable',
  reason,
  actor: 'workflow',
  ...(forStaff && { forStaff }),
});

const TOO_LITTLE = 'less was taken than was asked for';

/** A bank may let go of a hold at any time: the supplier is not paid before the gateway was asked once more. */
async function isStillPaid(run: Run): Promise<boolean> {
  if (!mustKnow(run).heldUntil) return true;
  const heard = run.news;
  await look(run);
  // Whatever else is new is for the story to react to.
  run.news ||= heard;
  return mustKnow(run).heldUntil !== null || isPaidFor(mustKnow(run));
}

const HOLD_LOST = 'the money held on the card could not be taken';

async function takeHeld(run: Run): Promise<'captured' | 'refused'> {
  const call = () => looks.captureHeld({ bookingId: run.bookingId });
  const taken = await attemptUntil(run, { name: 'take the held money', call });
  show(run, taken.now);
  return taken.kind;
}

/** By then the supplier must have decided; without a hold there is no such hurry. */
function untilHoldMs(run: Run): number {
  const { heldUntil } = mustKnow(run);
  return heldUntil ? Date.parse(heldUntil) - HOLD_MARGIN_MS : Infinity;
}

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

type Paid = PayOutcome | { kind: 'hold_ends'; now: Digest };

async function payFromBalance(run: Run, order: Order): Promise<Paid> {
  const patienceEndsMs = Math.min(Date.now() + BALANCE_PATIENCE_MS, untilHoldMs(run));
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

/** The supplier is not paid any more once the customer's money may slip away. */
const payOnce = (run: Run, order: Order): Promise<Paid> =>
  attemptUntil<Paid>(run, {
    name: PAYING,
    call: async () =>
      Date.now() < untilHoldMs(run) ? supplying.payOrder(order) : { kind: 'hold_ends', now: mustKnow(run) },
    mayBeImpossible: true,
  });

interface LowBalance {
  readonly order: Order;
  readonly low: Paid;
  readonly parked: ParkedStep;
  readonly patienceEndsMs: number;
}

/** A top-up is noticed within minutes; past the time by which the order must be paid there is nothing to wait for. */
async function untilToppedUp(run: Run, { order, low, parked, patienceEndsMs }: LowBalance): Promise<Paid> {
  let outcome = low;
  while (outcome.kind === 'insufficient_balance') {
    const payByMs = outcome.payBy ? Date.parse(outcome.payBy) : Infinity;
    const leftMs = Math.min(payByMs, patienceEndsMs) - Date.now();
    if (leftMs <= 0) break;
    await waitForWord(parked, Math.max(1_000, Math.min(BALANCE_PAUSE_MS, leftMs)));
    if (parked.resolution === 'impossible') throw new StepImpossible(PAYING);
    outcome = await payOnce(run, order);
  }
  return outcome;
}

type Word = Exclude<FulfilOutcome, { kind: 'capture_first' }> | { kind: 'overdue' } | { kind: 'hold_lost' };

async function supplierWord(run: Run, order: Order): Promise<Word> {
  const word = await askSupplier(run, order);
  if (word.kind !== 'capture_first') return word;
  if ((await takeHeld(run)) === 'refused') return { kind: 'hold_lost' };
  return supplierWord(run, order);
}

async function askSupplier(run: Run, order: Order): Promise<FulfilOutcome> {
  const endsMs = Math.min(Date.now() + SUPPLIER_WINDOW_MS, untilHoldMs(run));
  const outcome = await attemptUntil(run, {
    name: 'wait for the supplier',
    // However late it is: the supplier may have decided while nobody could ask.
    call: () => deciding.awaitOrder(Date.now() > endsMs ? { ...order, isLast: true } : order),
    mayBeImpossible: true,
  });
  show(run, outcome.now);
  return outcome;
}
