// Money for a booking whose workflow is over: never dropped, never revives anything, given back once and in full.
import { withReceipt } from './deliver.ts';
import { listenForWord } from './handlers.ts';
import type { LatePaymentInput } from './messages.ts';
import { insist } from './refunds.ts';
import { newRun } from './run.ts';
import { attemptUntil } from './steps.ts';
import { looks } from './verbs.ts';
import { show } from './view.ts';

export async function latePaymentWorkflow(input: LatePaymentInput): Promise<'refunded' | 'nothing_owed'> {
  const { bookingId } = input;
  const run = newRun({ bookingId });
  run.stage = 'late';
  listenForWord(run);
  const claim = await attemptUntil(run, {
    name: 'claim the late money',
    call: () => looks.claimLateMoney(input),
  });
  show(run, claim.now);
  if (claim.kind === 'nothing') return 'nothing_owed';
  const { refundId, amountMinor, documentVersion } = claim;
  run.documentVersion = documentVersion;
  const reason = 'the payment came after the booking had ended';
  await withReceipt(run, insist(run, { name: refundId, amountMinor, cause: 'late', reason, actor: 'workflow' }));
  return 'refunded';
}
