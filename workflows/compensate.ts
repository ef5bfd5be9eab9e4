// Takes back what was done, last deed first. An undo that will not work is parked and tried on; the others go ahead.
import { CancellationScope, sleep } from '@temporalio/workflow';
import type { Digest } from '../domain/digest.ts';
import { wholeRefundIdOf } from '../domain/ids.ts';
import { outstanding, settle } from '../domain/undo.ts';
import { closeWhenLanded } from './gateway-word.ts';
import { issueDocuments } from './deliver.ts';
import { giveBack } from './refunds.ts';
import { releaseOrders } from './release.ts';
import { mustKnow } from './run.ts';
import type { Run } from './run.ts';
import { attemptUntil } from './steps.ts';
import { looks } from './verbs.ts';
import { enter, show } from './view.ts';

export interface Reason {
  readonly reason: string;
  readonly actor: string;
}

export async function compensate(run: Run, { reason, actor }: Reason): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    enter(run, 'compensating');
    const { bookingId } = run;
    const started = { bookingId, milestone: { as: 'compensating', reason, actor } } as const;
    const begin = { name: 'begin to take back', call: () => looks.recordMilestone(started) };
    show(run, (await attemptUntil(run, begin)).now);
    // Side by side, so that a supplier who does not answer keeps no customer waiting for the money or for word of it.
    await Promise.all([returnMoney(run, reason), releaseOrders(run)]);
  });
}

async function returnMoney(run: Run, reason: string): Promise<void> {
  if (mustKnow(run).heldUntil) await closeWhenLanded(run, { as: 'released' });
  const owed = outstanding(run.undo).filter((entry) => entry.step === 'refund_payment');
  for (const entry of owed) {
    await returnAll(run, reason);
    run.undo = settle(run.undo, entry);
  }
  await untilAllArrived(run, reason);
  // Drawn before the letter goes out: a receipt that shows the return, and vouchers that open no door any more.
  if (mustKnow(run).paidAttempts > 0) await issueDocuments(run);
  const done = { bookingId: run.bookingId, milestone: { as: 'compensated', reason } } as const;
  show(run, (await attemptUntil(run, { name: 'close the books', call: () => looks.recordMilestone(done) })).now);
}

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** A refund that was under way beside counts when it has arrived, and is owed again when it fails. */
async function untilAllArrived(run: Run, reason: string): Promise<void> {
  const { bookingId } = run;
  for (let pauseMs = FIRST_PAUSE_MS; isOwed(mustKnow(run)); pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    await returnAll(run, reason);
    if (!isOwed(mustKnow(run))) return;
    await sleep(pauseMs, { summary: 'Another refund is still under way' });
    const read = { name: 'read the booking', call: () => looks.readBooking({ bookingId }) };
    show(run, (await attemptUntil(run, read)).now);
  }
}

/** Also while a bank has it: what it gives back is the customer's. What came beside the trip's money goes back by itself. */
const isOwed = (now: Digest): boolean => (now.toCompensateMinor ?? now.keptMinor) > 0;

function returnAll(run: Run, reason: string): Promise<void> {
  const name = wholeRefundIdOf(run, 'all');
  return giveBack(run, { name, amountMinor: null, cause: 'compensation', reason, actor: 'workflow' });
}
