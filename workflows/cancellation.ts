// A customer gives a confirmed trip back on the terms of an accepted quote: two legs, us to them and the supplier to us.
import { isServed } from '../domain/booking.ts';
import { wholeRefundIdOf } from '../domain/ids.ts';
import { mayReopen } from '../domain/transitions.ts';
import { outstanding, settle } from '../domain/undo.ts';
import { beside, issueDocuments } from './deliver.ts';
import { tooLate } from './handlers.ts';
import type { CancelRequest, CancelResult } from './messages.ts';
import { giveBack } from './refunds.ts';
import { releaseOrders } from './release.ts';
import { mustKnow } from './run.ts';
import type { Run } from './run.ts';
import { attemptUntil } from './steps.ts';
import { looks } from './verbs.ts';
import { show } from './view.ts';

export async function cancelConfirmed(run: Run, request: CancelRequest): Promise<CancelResult> {
  const { actor, refundMinor, quoteId } = request;
  const { phase } = mustKnow(run);
  if (phase === 'cancelled') return { kind: 'cancelled' };
  if (mayReopen(mustKnow(run))) return giveUp(run, request);
  if (mustKnow(run).isTripFrozen) return { kind: 'disputed' };
  // Without terms it was asked of a booking that was not paid yet: what was taken since goes back on terms only.
  if (!isServed(phase) || refundMinor === null) return tooLate(run);
  const terms = { reason: reasonOf(quoteId), actor, refundMinor };
  if (!(await recordCancelled(run, terms))) return tooLate(run);
  beside(run, () => takeBack(run, terms));
  return { kind: 'cancelled' };
}

/** At rest without money: it could be sold anew, and now cannot. */
async function giveUp(run: Run, { actor, quoteId }: CancelRequest): Promise<CancelResult> {
  const isCancelled = await recordCancelled(run, { reason: reasonOf(quoteId), actor, refundMinor: 0 });
  return isCancelled ? { kind: 'cancelled' } : tooLate(run);
}

/** False where a refund that was under way has taken all of it back meanwhile. */
async function recordCancelled(run: Run, terms: Terms): Promise<boolean> {
  const milestone = { as: 'cancelled', ...terms } as const;
  const recorded = await attemptUntil(run, {
    name: 'cancel the booking',
    call: () => looks.recordMilestone({ bookingId: run.bookingId, milestone }),
  });
  show(run, recorded.now);
  return mustKnow(run).phase === 'cancelled';
}

const reasonOf = (quoteId: string | null): string => (quoteId ? `cancelled on quote ${quoteId}` : 'cancelled by staff');

interface Terms {
  readonly reason: string;
  readonly actor: string;
  readonly refundMinor: number;
}

/** Side by side: neither the customer nor the papers wait for the supplier. */
async function takeBack(run: Run, { reason, actor, refundMinor: amountMinor }: Terms): Promise<void> {
  const name = wholeRefundIdOf(run, 'cancelled');
  const { goneMinor: goneBeforeMinor } = mustKnow(run);
  const owed = { name, amountMinor, goneBeforeMinor, cause: 'cancellation', reason, actor } as const;
  const keptTerms = giveBack(run, owed).then(() => {
    // What was not given back is ours by agreement: there is nothing left to undo.
    const agreed = outstanding(run.undo).filter((entry) => entry.step === 'refund_payment');
    run.undo = agreed.reduce(settle, run.undo);
    return issueDocuments(run);
  });
  await Promise.all([keptTerms, releaseOrders(run)]);
}
