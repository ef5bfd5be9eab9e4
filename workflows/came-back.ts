// A refund that had arrived, and was sent back by the customer's bank: a person says whether it goes again or went by other means.
import { condition } from '@temporalio/workflow';
import type { Digest, ReturnedRefund } from '../domain/digest.ts';
import { afterReturn } from './after-return.ts';
import { beside } from './deliver.ts';
import { giveBack, settleByHand } from './refunds.ts';
import type { Owed } from './refunds.ts';
import { mustKnow } from './run.ts';
import type { ParkedStep, Run } from './run.ts';
import { whileParked } from './steps.ts';

/** Whatever the story does meanwhile: it may be the refund of a trip before this one. */
export function attendReturned(run: Run, before: Digest): void {
  const known = before.cameBack ?? [];
  for (const refund of mustKnow(run).cameBack ?? [])
    if (known.every(({ refundId }) => refundId !== refund.refundId)) beside(run, () => untilGivenAgain(run, refund));
}

/** Never again by itself: what an account has sent back once it will send back again. */
async function untilGivenAgain(run: Run, refund: ReturnedRefund): Promise<void> {
  const { actor, resolution } = await untilSaid(run, refund);
  if (actor === 'workflow' || resolution === 'impossible') return;
  if (resolution === null) await giveBack(run, owedAgain(refund, actor));
  await afterReturn(run);
}

function untilSaid(run: Run, refund: ReturnedRefund): Promise<ParkedStep> {
  const parking = { name: `refund ${refund.refundId}`, reason: CAME_BACK, mayBeImpossible: true };
  return whileParked(run, parking, async (parked) => {
    await condition(() => parked.actor !== 'workflow' || isNothingLeft(run, refund));
    if (parked.resolution === 'done') await settleByHand(run, refund.refundId, parked.actor);
    return parked;
  });
}

const CAME_BACK = 'it had arrived and came back: find out where the money should go';

/** Another refund, or a bank, gave the customer all there was. */
const isNothingLeft = (run: Run, { refundId }: ReturnedRefund): boolean =>
  mustKnow(run).cameBack?.find((refund) => refund.refundId === refundId)?.leftMinor === 0;

/** On the payment that it had gone back on, and on no other. */
const owedAgain = ({ refundId, paymentId, amountMinor, cause, reason }: ReturnedRefund, actor: string): Owed => ({
  name: `${refundId}_again`,
  paymentId,
  amountMinor,
  cause,
  reason,
  actor,
});
