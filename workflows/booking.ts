// One booking, from "the customer wants it" until nobody can ask for money back any more.
import { CancellationScope, allHandlersFinished, condition, isCancellation, setWorkflowOptions } from '@temporalio/workflow';
import { wholeRefundIdOf } from '../domain/ids.ts';
import { arm, outstanding, settle } from '../domain/undo.ts';
import { collect } from './collect.ts';
import { cancelSupplierOrder, compensate } from './compensate.ts';
import { fulfil, placeOrder } from './fulfil.ts';
import { listen } from './handlers.ts';
import type { BookingInput } from './messages.ts';
import { giveBack } from './refunds.ts';
import { mustKnow, newRun } from './run.ts';
import type { Run } from './run.ts';
import { closeAtOf, serve } from './serve.ts';
import { attemptUntil, looks, opening } from './steps.ts';
import { show } from './view.ts';

// Open for months, a booking moves on with its code: what would change its steps asks `patched()` first.
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, bookingWorkflow);

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

async function live(run: Run, { bookingId, carried }: BookingInput): Promise<void> {
  if (carried) show(run, (await attemptUntil(run, { name: 'read the booking', call: () => looks.readBooking({ bookingId }) })).now);
  else if (!(await open(run))) return;
  let rest = carried ? await serve(run, carried.closeAt) : await collectAndFulfil(run);
  while (rest === 'late_money') rest = await revive(run);
}

/** False when there is nothing to live for: the gateway or the supplier refused before any money could move. */
async function open(run: Run): Promise<boolean> {
  const call = () => opening.openPayment({ bookingId: run.bookingId, attempt: 1 });
  const openPayment = { name: 'open the payment', call, firstWaitMs: 30_000 };
  let opened = await attemptUntil(run, openPayment);
  show(run, opened.now);
  if (opened.kind === 'order_first') {
    const placed = await placeOrder(run, 0);
    if (placed.kind !== 'placed') return giveUp(run, placed.kind === 'refused' ? placed.reason : 'not_available');
    opened = await attemptUntil(run, openPayment);
    show(run, opened.now);
  }
  if (opened.kind === 'opened') {
    run.openResult = { kind: 'opened', paymentId: opened.paymentId };
    return true;
  }
  run.openResult = opened.kind === 'refused' ? { kind: 'refused', code: opened.code, message: opened.message } : null;
  return false;
}

async function giveUp(run: Run, reason: string): Promise<false> {
  const failed = { bookingId: run.bookingId, milestone: { as: 'failed', reason } } as const;
  show(run, (await attemptUntil(run, { name: 'close the booking', call: () => looks.recordMilestone(failed) })).now);
  run.openResult = { kind: 'refused', code: reason, message: 'the supplier does not sell this any more' };
  return false;
}

async function releaseOrders(run: Run): Promise<void> {
  for (const entry of outstanding(run.undo)) {
    await cancelSupplierOrder(run, Number(entry.target));
    run.undo = settle(run.undo, entry);
  }
}

type Rest = 'over' | 'late_money';

async function collectAndFulfil(run: Run): Promise<Rest> {
  const collected = await collect(run);
  if (collected === 'captured') await fulfilOrCompensate(run);
  // An order that was made ahead of the payment holds stock: it goes back with the booking.
  else if (run.undo.length > 0) await releaseOrders(run);
  return serve(run, closeAtOf(run));
}

async function fulfilOrCompensate(run: Run): Promise<void> {
  const fulfilled = await fulfil(run);
  if (fulfilled.kind === 'unfulfillable') await compensate(run, fulfilled);
  run.stop = null;
}

/** Money that came after the end: the trip is bought if it still can be, else everything goes back. */
async function revive(run: Run): Promise<Rest> {
  const { phase, serviceAt } = mustKnow(run);
  const bookable = phase === 'expired' && (!serviceAt || Date.parse(serviceAt) > Date.now());
  if (bookable) {
    const revived = { bookingId: run.bookingId, milestone: { as: 'revived' } } as const;
    show(run, (await attemptUntil(run, { name: 'revive the booking', call: () => looks.recordMilestone(revived) })).now);
    await fulfilOrCompensate(run);
  } else {
    await returnLateMoney(run);
  }
  return serve(run, closeAtOf(run));
}

async function returnLateMoney(run: Run): Promise<void> {
  const name = wholeRefundIdOf(run.bookingId, 'late');
  const reason = 'the payment came after the booking had ended';
  await giveBack(run, { name, amountMinor: null, cause: 'late', reason, actor: 'workflow' });
}

/** "Request cancellation" in the Temporal Web UI means what the console calls stop and compensate. */
async function wasCancelled(run: Run): Promise<void> {
  const actor = 'temporal-ui';
  if (run.now === null) return;
  const ending = { as: 'cancelled', reason: 'cancelled by an operator', actor } as const;
  const closed = await attemptUntil(run, { name: 'close the payment', call: () => looks.closePayment({ bookingId: run.bookingId, ending }) });
  show(run, closed.now);
  run.undo = arm(run.undo, 'refund_payment', 'all');
  await compensate(run, { reason: ending.reason, actor });
}
