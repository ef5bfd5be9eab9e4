// A refund that had arrived, and was sent back by the customer's bank: a person says whether it goes again or went by other means.
import { condition } from '@temporalio/workflow';
import type { ReturnedRefund } from '../domain/digest.ts';
import { afterReturn } from './after-return.ts';
import { beside } from './deliver.ts';
import { giveOnce, settleByHand } from './refunds.ts';
import { mustKnow } from './run.ts';
import type { ParkedStep, Run } from './run.ts';
import { whileParked } from './steps.ts';

/** Whatever the story does meanwhile: it may be the refund of a trip before this one. */
export function attendReturned(run: Run): void {
  const owed = (mustKnow(run).cameBack ?? []).filter(({ paysTrip }) => !paysTrip);
  const fresh = owed.filter(({ refundId }) => !run.returned.includes(refundId));
  for (const refund of fresh) {
    run.returned.push(refund.refundId);
    beside(run, () => untilGivenAgain(run, refund));
  }
}

/** It goes once for each word of a person: an account that has sent money back will do so again, days later, each time. */
async function untilGivenAgain(run: Run, refund: ReturnedRefund): Promise<void> {
  for (let turn = 1; ; turn += 1) {
    const { actor, resolution, paysTrip } = await untilSaid(run, refund, turn);
    if (paysTrip) return attendLater(run, refund);
    if (actor === 'workflow' || resolution === 'impossible') return;
    if (resolution === 'done' || (await giveAgain(run, refund, { actor, turn }))) return afterReturn(run);
  }
}

/** The payment that it was made on pays for the trip since then; should the other one come back as well, this is owed again. */
function attendLater(run: Run, { refundId }: ReturnedRefund): void {
  run.returned.splice(run.returned.indexOf(refundId), 1);
  attendReturned(run);
}

interface Said extends Pick<ParkedStep, 'actor' | 'resolution'> {
  readonly paysTrip: boolean;
}

function untilSaid(run: Run, refund: ReturnedRefund, turn: number): Promise<Said> {
  const reason = turn === 1 ? CAME_BACK : `${CAME_BACK}; sent again it did not go through`;
  const parking = { name: `refund ${refund.refundId}`, reason, mayBeImpossible: true, byNameOnly: true } as const;
  return whileParked(run, parking, async (parked) => {
    const isSaid = (): boolean => parked.actor !== 'workflow' || isNothingLeft(run, refund) || paysTripNow(run, refund);
    await condition(isSaid);
    // The first word counts: what is said while it is carried out comes too late.
    const { actor, resolution } = parked;
    const paysTrip = actor === 'workflow' && paysTripNow(run, refund);
    if (resolution === 'done') await settleByHand(run, refund.refundId, actor);
    return { actor, resolution, paysTrip };
  });
}

const CAME_BACK = 'it had arrived and came back: find out where the money should go';

/** All there was is given back or promised another way, or a bank took it. */
const isNothingLeft = (run: Run, refund: ReturnedRefund): boolean => knownOf(run, refund)?.leftMinor === 0;

const paysTripNow = (run: Run, refund: ReturnedRefund): boolean => knownOf(run, refund)?.paysTrip === true;

const knownOf = (run: Run, { refundId }: ReturnedRefund): ReturnedRefund | undefined =>
  mustKnow(run).cameBack?.find((refund) => refund.refundId === refundId);

interface Turn {
  readonly actor: string;
  readonly turn: number;
}

/** On the payment that it had gone back on, and on no other. */
function giveAgain(run: Run, refund: ReturnedRefund, { actor, turn }: Turn): Promise<boolean> {
  const { refundId, paymentId, amountMinor, cause, reason } = refund;
  return giveOnce(run, { name: `${refundId}_again_${turn}`, paymentId, amountMinor, cause, reason, actor });
}
