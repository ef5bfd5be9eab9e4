// A customer gives a confirmed trip back on the terms of an accepted quote: two legs, us to them and the supplier to us.
import { wholeRefundIdOf } from '../domain/ids.ts';
import { outstanding, settle } from '../domain/undo.ts';
import { cancelSupplierOrder } from './compensate.ts';
import { beside, issueDocuments } from './deliver.ts';
import type { CancelRequest, CancelResult } from './messages.ts';
import { giveBack } from './refunds.ts';
import { mustKnow } from './run.ts';
import type { Run } from './run.ts';
import { attemptUntil, looks } from './steps.ts';
import { show } from './view.ts';

export async function cancelConfirmed(run: Run, { actor, refundMinor, quoteId }: CancelRequest): Promise<CancelResult> {
  const { phase, status } = mustKnow(run);
  if (phase !== 'confirmed' && phase !== 'partially_refunded') return { kind: 'too_late', status };
  const reason = quoteId ? `cancelled on quote ${quoteId}` : 'cancelled by staff';
  const milestone = { as: 'cancelled', reason, actor } as const;
  const recorded = await attemptUntil(run, {
    name: 'cancel the booking',
    call: () => looks.recordMilestone({ bookingId: run.bookingId, milestone }),
  });
  show(run, recorded.now);
  beside(run, () => takeBack(run, { reason, actor, refundMinor }));
  return { kind: 'cancelled' };
}

async function takeBack(run: Run, terms: { reason: string; actor: string; refundMinor: number | null }): Promise<void> {
  const { reason, actor, refundMinor: amountMinor } = terms;
  const refund = { name: wholeRefundIdOf(run.bookingId, 'cancelled'), amountMinor, cause: 'cancellation', reason, actor } as const;
  const orders = outstanding(run.undo).filter((entry) => entry.step === 'cancel_supplier_order');
  await Promise.all([
    amountMinor === 0 ? undefined : giveBack(run, refund),
    ...orders.map(async (entry) => {
      await cancelSupplierOrder(run, Number(entry.target));
      run.undo = settle(run.undo, entry);
    }),
  ]);
  // The terms were kept: what was not given back is ours by agreement, and nothing is left to undo.
  run.undo = outstanding(run.undo).reduce(settle, run.undo);
  await issueDocuments(run);
}
