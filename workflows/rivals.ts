// Two payments for one booking: one pays, the other must not, or goes back.
import { closeWhenLanded } from './gateway-word.ts';
import { beside } from './deliver.ts';
import { returnDuplicates } from './duplicates.ts';
import { mustKnow } from './run.ts';
import type { Run } from './run.ts';

/** Money may come by an attempt that was given up, while another is open; the trip waits for neither. */
export function settleRival(run: Run): void {
  const { paymentStatus, strayMinor, payableMinor } = mustKnow(run);
  // A hold that pays for the trip leads for as long as nothing was taken.
  const isOpen = paymentStatus !== 'succeeded' && payableMinor > 0;
  if (!isOpen && strayMinor === 0) return;
  beside(run, async () => {
    if (isOpen) await closeWhenLanded(run, { as: 'replaced' });
    if (mustKnow(run).strayMinor > 0) await returnDuplicates(run);
  });
}
