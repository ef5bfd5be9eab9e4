// Money for a booking whose workflow is over: never dropped, never revives anything, given back once and in full.
import { withReceipt } from './deliver.ts';
import { evidenceDrawn, keepEvidence, untilExcessIsSeen } from './disputes.ts';
import { listenForWord } from './handlers.ts';
import type { LateMoney } from '../activities/late-money.ts';
import type { LatePaymentInput } from './messages.ts';
import { giveBack, insist } from './refunds.ts';
import { mustKnow, newRun } from './run.ts';
import type { Run } from './run.ts';
import { attemptUntil } from './steps.ts';
import { looks } from './verbs.ts';
import { show } from './view.ts';

const LATE = 'the payment came after the booking had ended';

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
  void keepEvidence(run);
  if (claim.kind !== 'nothing') await payBack(run, claim);
  if (mustKnow(run).overReturnedMinor > 0 && !claim.isExcessTold) await untilExcessIsSeen(run);
  await evidenceDrawn(run);
  return claim.kind === 'nothing' ? 'nothing_owed' : 'refunded';
}

async function payBack(run: Run, claim: Exclude<LateMoney, { kind: 'nothing' }>): Promise<void> {
  const { refundId: name, amountMinor } = claim;
  run.documentVersion = claim.documentVersion;
  const owed = { name, amountMinor, cause: 'late', reason: LATE, actor: 'workflow' } as const;
  await withReceipt(run, claim.kind === 'held_up' ? giveBack(run, owed) : insist(run, owed));
}
