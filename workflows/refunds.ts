// Money going back, to the gateway's final word; what is owed is insisted on until it has arrived.
import type { ReserveOutcome, ReserveRefundInput } from '../activities/refund.ts';
import type { Run } from './run.ts';
import { attemptUntil, waitForWord, whileParked } from './steps.ts';
import { refunding, waiting } from './verbs.ts';
import { show } from './view.ts';

const MINUTE_MS = 60_000;
const FIRST_PAUSE_MS = 15 * MINUTE_MS;
const LONGEST_PAUSE_MS = 360 * MINUTE_MS;

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

/** Tries until all of it went back; from the first refusal on in view of staff, with growing pauses. */
export async function giveBack(run: Run, owed: Owed): Promise<void> {
  const first = await payOff(run, owed, { owedMinor: owed.amountMinor, tries: 0, refused: null });
  const { refused } = first;
  if (!refused) return;
  const parking = { name: `refund ${refused}`, reason: 'the gateway refused the refund', mayBeImpossible: false };
  await whileParked(run, parking, async (parked) => {
    let waitMs = FIRST_PAUSE_MS;
    for (let debt = first; debt.refused; waitMs = Math.min(waitMs * 2, LONGEST_PAUSE_MS)) {
      await waitForWord(parked, waitMs);
      const byHand = parked.resolution === 'done' ? { byHand: parked.actor } : {};
      parked.resolution = null;
      debt = await payOff(run, owed, { ...debt, ...byHand });
    }
  });
}

interface Debt {
  /** Null: all there is. */
  readonly owedMinor: number | null;
  readonly tries: number;
  /** The try that was refused; null once nothing is owed any more. */
  readonly refused: string | null;
  /** Who gave the money back by other means. */
  readonly byHand?: string | undefined;
}

const PAID_OFF = { owedMinor: 0, refused: null } as const;

/** A refusal is nothing that Temporal could retry: it ends here. What lies on two payments takes two refunds. */
async function payOff(run: Run, { name, ...owed }: Owed, debt: Debt): Promise<Debt> {
  let { owedMinor, tries, byHand } = debt;
  while (owedMinor !== 0) {
    tries += 1;
    const refundId = `${name}_${tries}`;
    const reserved = await reserve(run, { ...owed, refundId, amountMinor: owedMinor });
    if (reserved.kind !== 'reserved') return { ...PAID_OFF, tries };
    const returned = byHand ? await settleByHand(run, refundId, byHand) : await finishRefund(run, refundId);
    // Whoever spoke, spoke of the refund that was refused: what else is owed goes back as ever.
    byHand = undefined;
    if (returned === 'failed') return { owedMinor, tries, refused: refundId };
    owedMinor = restOf(owedMinor, reserved);
  }
  return { ...PAID_OFF, tries };
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

export async function settleByHand(run: Run, refundId: string, actor: string): Promise<'succeeded'> {
  const call = () => refunding.settleRefundByHand({ bookingId: run.bookingId, refundId, actor });
  show(run, (await attemptUntil(run, { name: 'note the refund made by hand', call })).now);
  return 'succeeded';
}
