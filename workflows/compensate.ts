// Takes back what was done, last deed first. An undo that will not work is parked and tried on; the others go ahead.
import { CancellationScope } from '@temporalio/workflow';
import type { Digest } from '../domain/digest.ts';
import { wholeRefundIdOf } from '../domain/ids.ts';
import { outstanding, settle } from '../domain/undo.ts';
import type { UndoEntry, UndoStep } from '../domain/undo.ts';
import { issueDocuments } from './deliver.ts';
import { giveBack } from './refunds.ts';
import { mustKnow } from './run.ts';
import type { Run } from './run.ts';
import { attemptUntil } from './steps.ts';
import { looks, supplying } from './verbs.ts';
import { show } from './view.ts';

export interface Reason {
  readonly reason: string;
  readonly actor: string;
}

export async function compensate(run: Run, { reason, actor }: Reason): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    run.stage = 'compensating';
    const { bookingId } = run;
    const started = { bookingId, milestone: { as: 'compensating', reason, actor } } as const;
    const begin = { name: 'begin to take back', call: () => looks.recordMilestone(started) };
    show(run, (await attemptUntil(run, begin)).now);
    // Side by side, so that a supplier who does not answer keeps no customer waiting for the money.
    await Promise.all(outstanding(run.undo).map((entry) => undo(run, entry, reason)));
    // Drawn before the letter goes out: a receipt that shows the return, and vouchers that open no door any more.
    await issueDocuments(run);
    show(run, (await attemptUntil(run, { name: 'close the books', call: () => closeBooks(run, reason) })).now);
  });
}

/** A refund that was under way beside may have failed meanwhile: then there is more to give back. */
async function closeBooks(run: Run, reason: string): Promise<{ now: Digest }> {
  const { capturedMinor, refundedMinor } = mustKnow(run);
  if (refundedMinor < capturedMinor) await returnAll(run, reason);
  return looks.recordMilestone({ bookingId: run.bookingId, milestone: { as: 'compensated', reason } });
}

async function undo(run: Run, entry: UndoEntry, reason: string): Promise<void> {
  await UNDO[entry.step](run, entry.target, reason);
  run.undo = settle(run.undo, entry);
}

const UNDO: Readonly<Record<UndoStep, (run: Run, target: string, reason: string) => Promise<void>>> = {
  cancel_supplier_order: (run, target) => cancelSupplierOrder(run, Number(target)),
  refund_payment: (run, _target, reason) => returnAll(run, reason),
};

function returnAll(run: Run, reason: string): Promise<void> {
  const name = wholeRefundIdOf(run.bookingId, 'all');
  return giveBack(run, { name, amountMinor: null, cause: 'compensation', reason, actor: 'workflow' });
}

/** What was ordered at the supplier goes back; whatever happens to the money is settled elsewhere. */
export async function releaseOrders(run: Run): Promise<void> {
  const orders = outstanding(run.undo).filter((entry) => entry.step === 'cancel_supplier_order');
  await Promise.all(orders.map((entry) => undo(run, entry, 'released')));
}

async function cancelSupplierOrder(run: Run, generation: number): Promise<void> {
  const order = { bookingId: run.bookingId, generation };
  const outcome = await attemptUntil(run, {
    name: 'cancel the supplier order',
    call: () => supplying.cancelOrder(order),
    doneByHand: (actor) => supplying.writeOffOrder({ ...order, actor }),
  });
  show(run, outcome.now);
}
