// Takes back what was done, last deed first. An undo that will not work is parked and tried on; the others go ahead.
import { CancellationScope } from '@temporalio/workflow';
import { wholeRefundIdOf } from '../domain/ids.ts';
import { outstanding, settle } from '../domain/undo.ts';
import type { UndoEntry, UndoStep } from '../domain/undo.ts';
import { giveBack } from './refunds.ts';
import type { Run } from './run.ts';
import { attemptUntil, looks, supplying } from './steps.ts';
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
    show(run, (await attemptUntil(run, { name: 'begin to take back', call: () => looks.recordMilestone(started) })).now);
    // Side by side, so that a supplier who does not answer keeps no customer waiting for the money.
    await Promise.all(outstanding(run.undo).map((entry) => undo(run, entry, reason)));
    const done = { bookingId, milestone: { as: 'compensated', reason } } as const;
    show(run, (await attemptUntil(run, { name: 'close the books', call: () => looks.recordMilestone(done) })).now);
  });
}

async function undo(run: Run, entry: UndoEntry, reason: string): Promise<void> {
  await UNDO[entry.step](run, entry.target, reason);
  run.undo = settle(run.undo, entry);
}

const UNDO: Readonly<Record<UndoStep, (run: Run, target: string, reason: string) => Promise<void>>> = {
  cancel_supplier_order: (run, target) => cancelSupplierOrder(run, Number(target)),
  refund_payment: (run, _target, reason) =>
    giveBack(run, { name: wholeRefundIdOf(run.bookingId, 'all'), amountMinor: null, cause: 'compensation', reason, actor: 'workflow' }),
};

export async function cancelSupplierOrder(run: Run, generation: number): Promise<void> {
  const order = { bookingId: run.bookingId, generation };
  const outcome = await attemptUntil(run, {
    name: 'cancel the supplier order',
    call: () => supplying.cancelOrder(order),
    doneByHand: (actor) => supplying.writeOffOrder({ ...order, actor }),
  });
  show(run, outcome.now);
}
