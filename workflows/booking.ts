// One booking, from "the customer wants it" until nobody can ask for money back any more.
import { CancellationScope, allHandlersFinished, condition, isCancellation, sleep } from '@temporalio/workflow';
import { wholeRefundIdOf } from '../domain/ids.ts';
import { arm } from '../domain/undo.ts';
import { close, collect } from './collect.ts';
import { compensate, releaseOrders } from './compensate.ts';
import { fulfil, placeOrder } from './fulfil.ts';
import { listen } from './handlers.ts';
import type { BookingInput, OpenResult } from './messages.ts';
import { giveBack } from './refunds.ts';
import { mustKnow, newRun } from './run.ts';
import type { Run } from './run.ts';
import { closeAtOf, serve } from './serve.ts';
import { StepImpossible, attemptUntil } from './steps.ts';
import { looks, opening } from './verbs.ts';
import { show } from './view.ts';

export async function bookingWorkflow(input: BookingInput): Promise<string> {
  const run = newRun(input);
  listen(run);
  try {
    await live(run, input);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await CancellationScope.nonCancellable(() => wasCancelled(run));
  }
  await CancellationScope.nonCancellable(() => condition(() => allHandlersFinished() && run.beside.size === 0));
  return run.shownStatus;
}

async function live(run: Run, { carried }: BookingInput): Promise<void> {
  if (carried) await readBooking(run);
  else if ((await open(run)) === 'refused') return releaseOrders(run);
  let rest = carried ? await serve(run, carried.closeAt) : await collectAndFulfil(run);
  while (rest === 'late_money') rest = await revive(run);
}

async function readBooking(run: Run): Promise<void> {
  const call = () => looks.readBooking({ bookingId: run.bookingId });
  show(run, (await attemptUntil(run, { name: 'read the booking', call })).now);
}

/** Refused: the gateway or the supplier said no before any money could move. */
async function open(run: Run): Promise<OpenResult['kind']> {
  const first = await openPayment(run);
  const result = first === 'order_first' ? await openBehindOrder(run) : first;
  run.openResult = result;
  return result.kind;
}

async function openPayment(run: Run): Promise<OpenResult | 'order_first'> {
  const call = () => opening.openPayment({ bookingId: run.bookingId, attempt: 1 });
  const opened = await attemptUntil(run, { name: 'open the payment', call, firstWaitMs: 30_000 });
  show(run, opened.now);
  if (opened.kind === 'order_first') return 'order_first';
  if (opened.kind === 'opened') return { kind: 'opened', paymentId: opened.paymentId };
  return { kind: 'refused', code: opened.code, message: opened.message };
}

/** This product's supplier order is made before the customer can pay. */
async function openBehindOrder(run: Run): Promise<OpenResult> {
  const refusal = await refusedOrder(run);
  const opened = refusal === undefined ? await openPayment(run) : 'order_first';
  if (opened !== 'order_first') return opened;
  const code = refusal ?? 'not_available';
  const failed = { bookingId: run.bookingId, milestone: { as: 'failed', reason: code } } as const;
  const closing = { name: 'close the booking', call: () => looks.recordMilestone(failed) };
  show(run, (await attemptUntil(run, closing)).now);
  return { kind: 'refused', code, message: 'the supplier does not sell this any more' };
}

async function refusedOrder(run: Run): Promise<string | undefined> {
  try {
    const placed = await placeOrder(run, 0);
    if (placed.kind === 'placed') return undefined;
    return placed.kind === 'refused' ? placed.reason : 'not_available';
  } catch (error) {
    if (error instanceof StepImpossible) return 'not_available';
    throw error;
  }
}

type Rest = 'over' | 'late_money';

async function collectAndFulfil(run: Run): Promise<Rest> {
  const collected = await collect(run);
  if (collected === 'captured') await fulfilOrCompensate(run);
  // An order that was made ahead of the payment holds stock: it goes back with the booking.
  else await releaseOrders(run);
  return serve(run, closeAtOf(run));
}

async function fulfilOrCompensate(run: Run): Promise<void> {
  const fulfilled = await fulfil(run);
  if (fulfilled.kind === 'confirmed') return;
  await compensate(run, fulfilled);
  run.stop = null;
}

/** Money that came after the end: the trip is bought if it still can be, else everything goes back. */
async function revive(run: Run): Promise<Rest> {
  const { phase, serviceAt } = mustKnow(run);
  const bookable = phase === 'expired' && (!serviceAt || Date.parse(serviceAt) > Date.now());
  if (bookable) {
    const revived = { bookingId: run.bookingId, milestone: { as: 'revived' } } as const;
    const reviving = { name: 'revive the booking', call: () => looks.recordMilestone(revived) };
    show(run, (await attemptUntil(run, reviving)).now);
    await fulfilOrCompensate(run);
  } else {
    await CancellationScope.nonCancellable(() => returnLateMoney(run));
  }
  return serve(run, closeAtOf(run));
}

async function returnLateMoney(run: Run): Promise<void> {
  const name = wholeRefundIdOf(run.bookingId, 'late');
  const reason = 'the payment came after the booking had ended';
  await giveBack(run, { name, amountMinor: null, cause: 'late', reason, actor: 'workflow' });
}

const IN_FLIGHT_PAUSE_MS = 15 * 60_000;

/** "Request cancellation" in the Temporal Web UI means what the console calls stop and compensate. */
async function wasCancelled(run: Run): Promise<void> {
  const why = { reason: 'cancelled by an operator', actor: 'temporal-ui' } as const;
  if (!run.now) await readBooking(run);
  const unpaid = (): boolean => ['awaiting_payment', 'processing'].includes(mustKnow(run).phase);
  while (unpaid() && !(await close(run, { as: 'cancelled', ...why })))
    await sleep(IN_FLIGHT_PAUSE_MS, { summary: 'The gateway has the money in flight' });
  run.openResult ??= { kind: 'refused', code: 'cancelled', message: why.reason };
  if (!owesMoney(run)) return releaseOrders(run);
  run.undo = arm(run.undo, 'refund_payment', 'all');
  await compensate(run, why);
}

/** What is kept by agreement is not owed: its undo was settled with the cancellation. */
function owesMoney(run: Run): boolean {
  const { capturedMinor, refundedMinor } = mustKnow(run);
  const agreed = run.undo.some(({ step, status }) => step === 'refund_payment' && status === 'done');
  return capturedMinor > refundedMinor && !agreed;
}
