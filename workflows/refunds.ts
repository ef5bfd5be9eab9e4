// Money going back, to the gateway's final word; what is owed is insisted on until it has arrived.
import type { ReserveRefundInput } from '../activities/refund.ts';
import type { Run } from './run.ts';
import { attemptUntil, park, refunding, unpark, waitForWord, waiting } from './steps.ts';
import { show } from './view.ts';

const REFUSED_PAUSE_MS = 15 * 60_000;

/** From reserved to succeeded or refused for good. */
export async function finishRefund(run: Run, refundId: string): Promise<'succeeded' | 'failed'> {
  const refund = { bookingId: run.bookingId, refundId };
  const doneByHand = (actor: string) => refunding.settleRefundByHand({ ...refund, actor });
  const asked = await attemptUntil(run, { name: `refund ${refundId}`, call: () => refunding.executeRefund(refund), doneByHand });
  show(run, asked.now);
  if (asked.kind !== 'pending') return asked.kind;
  const final = await attemptUntil(run, { name: `await refund ${refundId}`, call: () => waiting.awaitRefund(refund), doneByHand });
  show(run, final.now);
  return final.kind === 'succeeded' ? 'succeeded' : 'failed';
}

export interface Owed extends Pick<ReserveRefundInput, 'amountMinor' | 'cause' | 'reason' | 'actor'> {
  /** Each try is a refund of its own, named after this: one that failed for good is a fact and stays. */
  readonly name: string;
}

/** A refusal is nothing that Temporal could retry: a person sees it before the next try is made. */
export async function giveBack(run: Run, { name, ...owed }: Owed): Promise<void> {
  for (let n = 1, byHand: string | undefined; ; n += 1) {
    const refundId = `${name}_${n}`;
    if ((await reserve(run, refundId, owed)) === 'nothing_left') return;
    if (byHand !== undefined) {
      show(run, (await refunding.settleRefundByHand({ bookingId: run.bookingId, refundId, actor: byHand })).now);
      return;
    }
    if ((await finishRefund(run, refundId)) === 'succeeded') return;
    const parked = await park(run, `refund ${refundId}`, 'the gateway refused the refund');
    await waitForWord(parked, REFUSED_PAUSE_MS);
    await unpark(run, parked);
    byHand = parked.resolution === 'done' ? parked.actor : undefined;
  }
}

async function reserve(run: Run, refundId: string, owed: Omit<Owed, 'name'>): Promise<'reserved' | 'nothing_left'> {
  const order = { bookingId: run.bookingId, refundId, ...owed, needsApproval: false };
  const reserved = await attemptUntil(run, { name: 'reserve the refund', call: () => refunding.reserveRefund(order) });
  show(run, reserved.now);
  return reserved.kind === 'nothing_left' || reserved.kind === 'exceeds' ? 'nothing_left' : 'reserved';
}
