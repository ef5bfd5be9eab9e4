// Two payments for one booking: one pays, the other must not, or goes back.
import type { ReservedReturn } from '../activities/refund.ts';
import { closeWhenLanded } from './gateway-word.ts';
import { beside, withReceipt } from './deliver.ts';
import { insist } from './refunds.ts';
import { mustKnow } from './run.ts';
import type { Run } from './run.ts';
import { attemptUntil } from './steps.ts';
import { refunding } from './verbs.ts';
import { show } from './view.ts';

/** Money may come by an attempt that was given up, while another is open; the trip waits for neither. */
export function settleRival(run: Run): void {
  const { paymentStatus, strayMinor, capturedMinor } = mustKnow(run);
  // A hold that pays for the trip leads for as long as nothing was taken.
  const isOpen = paymentStatus !== 'succeeded' && capturedMinor > 0;
  if (!isOpen && strayMinor === 0) return;
  beside(run, async () => {
    if (isOpen) await closeWhenLanded(run, { as: 'replaced' });
    if (mustKnow(run).strayMinor > 0) await returnDuplicates(run);
  });
}

export async function returnDuplicates(run: Run): Promise<void> {
  const { owed, now } = await attemptUntil(run, {
    name: 'return the second payment',
    call: () => refunding.reserveDuplicates({ bookingId: run.bookingId }),
  });
  show(run, now);
  for (const each of owed) beside(run, () => returnDuplicate(run, each));
}

async function returnDuplicate(run: Run, { refundId, amountMinor }: ReservedReturn): Promise<void> {
  const owed = { amountMinor, cause: 'duplicate', reason: 'paid twice', actor: 'workflow' } as const;
  await withReceipt(run, insist(run, { name: refundId, ...owed }));
}
