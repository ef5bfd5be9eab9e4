// Money going back, to the gateway's final word; what is owed is insisted on until it has arrived.
import type { ReserveOutcome, ReserveRefundInput } from '../activities/refund.ts';
import type { Run } from './run.ts';
import { attemptUntil, waitForWord, whileParked } from './steps.ts';
import { refunding, waiting } from './verbs.ts';
import { show } from './view.ts';

const REFUSED_PAUSE_MS = 15 * 60_000;

/** From reserved to succeeded or refused for good. */
export async function finishRefund(run: Run, refundId: string): Promise<'succeeded' | 'failed'> {
  const refund = { bookingId: run.bookingId, refundId };
  const doneByHand = (actor: string) => refunding.settleRefundByHand({ ...refund, actor });
  const asked = await attemptUntil(run, {
    name: `refund ${refundId}`,
    call: () => refunding.executeRefund(refund),
    doneByHand,
  });
  show(run, asked.now);
  if (asked.kind !== 'pending') return asked.kind;
  const final = await attemptUntil(run, {
    name: `await refund ${refundId}`,
    call: () => waiting.awaitRefund(refund),
    doneByHand,
  });
  show(run, final.now);
  return final.kind === 'succeeded' ? 'succeeded' : 'failed';
}

export interface Owed extends Pick<ReserveRefundInput, 'amountMinor' | 'cause' | 'reason' | 'actor'> {
  /** Each try is a refund of its own, named after this: one that failed for good is a fact and stays. */
  readonly name: string;
}

/** What is owed and set aside already, under the name itself. */
export async function insist(run: Run, owed: Owed): Promise<void> {
  if ((await finishRefund(run, owed.name)) === 'failed') await giveBack(run, owed);
}

/** A refusal is nothing that Temporal could retry: a person sees it before the next try is made. */
export async function giveBack(run: Run, { name, ...owed }: Owed): Promise<void> {
  let owedMinor = owed.amountMinor;
  for (let n = 1, byHand: string | undefined; owedMinor !== 0; n += 1) {
    const refundId = `${name}_${n}`;
    const reserved = await reserve(run, { ...owed, refundId, amountMinor: owedMinor });
    if (reserved.kind !== 'reserved') return;
    const returned =
      byHand === undefined ? await finishRefund(run, refundId) : await settleByHand(run, refundId, byHand);
    byHand = returned === 'failed' ? await refused(run, refundId) : undefined;
    if (returned === 'succeeded') owedMinor = restOf(owedMinor, reserved);
  }
}

type Reserved = Extract<ReserveOutcome, { kind: 'reserved' | 'awaiting_approval' }>;

/** Null stands for all there is, while there is any. */
function restOf(owedMinor: number | null, { amountMinor, leftMinor }: Reserved): number | null {
  if (owedMinor === null) return leftMinor > 0 ? null : 0;
  return Math.max(0, owedMinor - amountMinor);
}

async function reserve(
  run: Run,
  refund: Omit<ReserveRefundInput, 'bookingId' | 'upTo' | 'approvalLimitMinor'>,
): Promise<ReserveOutcome> {
  const order = { bookingId: run.bookingId, ...refund, upTo: true, approvalLimitMinor: null } as const;
  const reserved = await attemptUntil(run, { name: 'reserve the refund', call: () => refunding.reserveRefund(order) });
  show(run, reserved.now);
  return reserved;
}

/** Whoever gave the money back by other means; undefined when it is to be tried again. */
async function refused(run: Run, refundId: string): Promise<string | undefined> {
  const reason = 'the gateway refused the refund';
  return whileParked(run, { name: `refund ${refundId}`, reason, mayBeImpossible: false }, async (parked) => {
    await waitForWord(parked, REFUSED_PAUSE_MS);
    return parked.resolution === 'done' ? parked.actor : undefined;
  });
}

async function settleByHand(run: Run, refundId: string, actor: string): Promise<'succeeded'> {
  const call = () => refunding.settleRefundByHand({ bookingId: run.bookingId, refundId, actor });
  show(run, (await attemptUntil(run, { name: 'note the refund made by hand', call })).now);
  return 'succeeded';
}
