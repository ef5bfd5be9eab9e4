// Money going back, to the gateway's final word; what is owed is insisted on until it has arrived.
import { condition } from '@temporalio/workflow';
import type { ReserveOutcome, ReserveRefundInput } from '../activities/refund.ts';
import { hasOpenDispute } from '../domain/digest.ts';
import { lookDisputes } from './disputes.ts';
import { mustKnow } from './run.ts';
import type { ParkedStep, Run } from './run.ts';
import { attemptUntil, waitForWord, whileParked } from './steps.ts';
import type { Parking } from './steps.ts';
import { refunding, waiting } from './verbs.ts';
import { show } from './view.ts';

const MINUTE_MS = 60_000;
const FIRST_PAUSE_MS = 15 * MINUTE_MS;
const LONGEST_PAUSE_MS = 360 * MINUTE_MS;

/** Disputed: refused for as long as a bank has the money. */
type Finished = 'succeeded' | 'failed' | 'disputed';

/** From reserved to succeeded or refused for good, or to where only staff can give it back. */
export async function finishRefund(run: Run, refundId: string): Promise<Finished | 'to_hand_out'> {
  const refund = { bookingId: run.bookingId, refundId };
  const byHand = {
    doneByHand: (actor: string) => refunding.settleRefundByHand({ ...refund, actor }),
    countsBeside: true,
  } as const;
  const asked = await attemptUntil(run, {
    name: `refund ${refundId}`,
    call: () => refunding.executeRefund(refund),
    ...byHand,
  });
  show(run, asked.now);
  if (asked.kind !== 'pending') return asked.kind;
  const final = await attemptUntil(run, {
    name: `await refund ${refundId}`,
    call: () => waiting.awaitRefund(refund),
    ...byHand,
  });
  show(run, final.now);
  return final.kind === 'pending' ? 'failed' : final.kind;
}

const HAND_OUT = 'paid at the desk: hand it out there, then resolve it as done';

/** In view of staff until they have; what is not owed they may also drop. */
export function handOut(run: Run, refundId: string, { isOwed }: { isOwed: boolean }): Promise<'succeeded' | 'failed'> {
  const parking = { name: `refund ${refundId}`, reason: HAND_OUT, mayBeImpossible: !isOwed };
  return whileParked(run, parking, async (parked) => {
    await condition(() => parked.resolution !== null);
    if (parked.resolution === 'done') return settleByHand(run, refundId, parked.actor);
    const call = () => refunding.dropRefund({ bookingId: run.bookingId, refundId, actor: parked.actor });
    show(run, (await attemptUntil(run, { name: 'note the refund made by hand', call })).now);
    return 'failed';
  });
}

async function finishOwed(run: Run, refundId: string): Promise<Finished> {
  const finished = await finishRefund(run, refundId);
  return finished === 'to_hand_out' ? handOut(run, refundId, { isOwed: true }) : finished;
}

export interface Owed extends Pick<
  ReserveRefundInput,
  'amountMinor' | 'goneBeforeMinor' | 'paymentId' | 'cause' | 'reason' | 'actor'
> {
  /** Each try is a refund of its own, named after this: one that failed for good is a fact and stays. */
  readonly name: string;
}

/** What is owed and set aside already, under the name itself. */
export async function insist(run: Run, owed: Owed): Promise<void> {
  if ((await finishOwed(run, owed.name)) !== 'succeeded') await giveBack(run, owed);
}

/** Tries until all of it went back; from the first refusal on in view of staff, with growing pauses. */
export async function giveBack(run: Run, owed: Owed): Promise<void> {
  let debt = await payOff(run, owed, { owedMinor: owed.amountMinor, tries: 0, stuck: null });
  while (debt.stuck) {
    const { stuck } = debt;
    const stuckDebt = debt;
    debt = await whileParked(run, parkingOf(owed, stuck), (parked) => insistOn(run, owed, { debt: stuckDebt, parked }));
  }
}

type Stuck =
  | { kind: 'refused'; refundId: string }
  /** A bank has the money until it decides: giving it back now could give it back twice. */
  | { kind: 'disputed' };

interface Debt {
  /** Null: all there is. */
  readonly owedMinor: number | null;
  readonly tries: number;
  /** Null once nothing is owed any more. */
  readonly stuck: Stuck | null;
  /** Who gave the money back by other means. */
  readonly byHand?: string | undefined;
}

const parkingOf = ({ name }: Owed, stuck: Stuck): Parking =>
  stuck.kind === 'refused'
    ? { name: `refund ${stuck.refundId}`, reason: 'the gateway refused the refund', mayBeImpossible: false }
    : { name: `refund ${name}`, reason: 'the payment is disputed: it waits for the bank', mayBeImpossible: false };

async function insistOn(run: Run, owed: Owed, { debt, parked }: { debt: Debt; parked: ParkedStep }): Promise<Debt> {
  const kind = debt.stuck?.kind;
  let now = debt;
  for (let waitMs = FIRST_PAUSE_MS; now.stuck?.kind === kind; waitMs = Math.min(waitMs * 2, LONGEST_PAUSE_MS)) {
    if (kind === 'disputed') await waitForBank(run, parked, waitMs);
    else await waitForWord(parked, waitMs);
    const byHand = parked.resolution === 'done' ? parked.actor : undefined;
    parked.resolution = null;
    now = await payOff(run, owed, { ...now, byHand });
    // One word is one gift, though it is said twice; what is refused from now on comes into view under its own name.
    if (byHand !== undefined) return now;
  }
  return parked.resolution === 'done' ? spokenMeanwhile(run, owed, { before: debt, now, actor: parked.actor }) : now;
}

interface Spoken {
  /** As the person was shown it. */
  readonly before: Debt;
  readonly now: Debt;
  readonly actor: string;
}

/** What was given by other means while a try was under way has left: towards what is owed yet, or beside what that try gave back. */
async function spokenMeanwhile(run: Run, owed: Owed, { before, now, actor }: Spoken): Promise<Debt> {
  const { stuck } = before;
  if (now.stuck) return payOff(run, owed, { ...now, stuck, byHand: actor });
  const { name, ...wish } = owed;
  const tries = now.tries + 1;
  const refundId = `${name}_${tries}`;
  const insteadOf = stuck?.kind === 'refused' ? stuck.refundId : `${name}_${now.tries}`;
  const asked = { ...wish, refundId, amountMinor: before.owedMinor, elsewhere: true, insteadOf } as const;
  const given = await reserve(run, asked);
  if (given.kind === 'reserved') await settleByHand(run, refundId, actor);
  return { ...now, tries };
}

/** News of its end may be heard beside, or be lost: then the gateway is asked. */
async function waitForBank(run: Run, parked: ParkedStep, waitMs: number): Promise<void> {
  const isOver = (): boolean => !hasOpenDispute(mustKnow(run));
  await condition(() => parked.word || isOver(), waitMs, { summary: `Next look at what holds up "${parked.name}"` });
  parked.word = false;
  if (!isOver()) await lookDisputes(run);
}

const PAID_OFF = { owedMinor: 0, stuck: null } as const;

/** A refusal is nothing that Temporal could retry: it ends here. What lies on two payments takes two refunds. */
async function payOff(run: Run, { name, ...owed }: Owed, debt: Debt): Promise<Debt> {
  let { owedMinor, tries, byHand } = debt;
  while (owedMinor !== 0) {
    const refundId = `${name}_${tries + 1}`;
    // This try is over, and another is a refund of its own.
    if (hasComeBack(run, refundId)) {
      tries += 1;
      continue;
    }
    const asked = { ...owed, refundId, amountMinor: owedMinor, ...(byHand && spokenOf(debt)) };
    const reserved = await reserve(run, asked);
    if (reserved.kind === 'disputed') return { owedMinor, tries, stuck: { kind: 'disputed' } };
    tries += 1;
    if (reserved.kind !== 'reserved') return { ...PAID_OFF, tries };
    const returned = byHand ? await settleByHand(run, refundId, byHand) : await finishOwed(run, refundId);
    // Whoever spoke, spoke of the refund that was stuck: what else is owed goes back as ever.
    byHand = undefined;
    if (returned === 'disputed') return { owedMinor, tries, stuck: { kind: 'disputed' } };
    // It had arrived while nobody looked: that is a case of its own by now.
    if (returned === 'failed' && hasComeBack(run, refundId)) return { ...PAID_OFF, tries };
    if (returned === 'failed') return { owedMinor, tries, stuck: { kind: 'refused', refundId } };
    owedMinor = owed.goneBeforeMinor === undefined ? restOf(owedMinor, reserved) : whileLeft(owedMinor, reserved);
  }
  return { ...PAID_OFF, tries };
}

/** Whoever says that he gave it names no sum: it is that of the refund which was refused. */
const spokenOf = ({ stuck }: Debt) => ({
  elsewhere: true as const,
  ...(stuck?.kind === 'refused' && { insteadOf: stuck.refundId }),
});

const hasComeBack = (run: Run, refundId: string): boolean =>
  mustKnow(run).cameBack?.some((refund) => refund.refundId === refundId) === true;

/** Once and no more: whoever said so is called again when it does not arrive. True also where nothing is left. */
export async function giveOnce(run: Run, { name: refundId, ...owed }: Owed): Promise<boolean> {
  const reserved = await reserve(run, { ...owed, refundId });
  if (reserved.kind === 'disputed') return false;
  return reserved.kind !== 'reserved' || (await finishOwed(run, refundId)) === 'succeeded';
}

type Reserved = Extract<ReserveOutcome, { kind: 'reserved' | 'awaiting_approval' }>;

const restOf = (owedMinor: number | null, reserved: Reserved): number | null =>
  owedMinor === null ? whileLeft(owedMinor, reserved) : Math.max(0, owedMinor - reserved.amountMinor);

/** All there is, and what was agreed on, are counted where the money is. */
const whileLeft = (owedMinor: number | null, { leftMinor }: Reserved): number | null => (leftMinor > 0 ? owedMinor : 0);

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
