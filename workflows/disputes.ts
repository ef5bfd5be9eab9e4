// What a booking does about its disputes: staff are called until they have seen it or it is over, and the bank's paper is drawn.
import { condition } from '@temporalio/workflow';
import { isServed } from '../domain/booking.ts';
import { EXCESS, isPending } from '../domain/dispute.ts';
import type { DisputeDigest } from '../domain/digest.ts';
import { beside } from './deliver.ts';
import { mustKnow } from './run.ts';
import type { Run } from './run.ts';
import { attemptUntil, whileParked } from './steps.ts';
import type { Parking } from './steps.ts';
import { drawing, looks } from './verbs.ts';
import { show } from './view.ts';

/** Between two looks at a case that nobody says anything about. */
const LOOK_EVERY_MS = 86_400_000;

/** True when a bank let go of money that may be owed to somebody. */
export function attendDisputes(run: Run): boolean {
  const changed = newsOf(run);
  const wereOpen = changed.filter((dispute) => standingBefore(run, dispute) === 'open');
  const { disputes, overReturnedMinor, evidenceTurn } = mustKnow(run);
  if (isOutOfDate(run)) beside(run, () => drawEvidence(run));
  const isMore = overReturnedMinor > run.attended.overReturnedMinor;
  run.attended = { disputes, overReturnedMinor, evidenceTurn };
  for (const dispute of changed) beside(run, () => attend(run, dispute));
  // Each turn of a dispute has a letter of its own, which says this as well.
  const parking = changed.length > 0 ? { ...TOO_MUCH, told: true as const } : TOO_MUCH;
  if (isMore) beside(run, () => untilMadeUp(run, parking));
  // Also of a part that is lost: the rest of that payment is free again.
  return wereOpen.length > 0;
}

/** While something is bought or taken back the story listens to nothing else, and what a bank wants is due all the same. */
export async function listenForBanks(run: Run): Promise<never> {
  const isBusy = (): boolean => run.stage === 'fulfilling' || run.stage === 'compensating';
  for (;;) {
    await condition(() => isBusy() && (run.unread || hasDisputeNews(run)));
    if (run.unread) {
      run.unread = false;
      await lookDisputes(run, 'all');
    }
    if (attendDisputes(run)) run.letGo = true;
  }
}

/** Heard beside the story, by whoever waits for the end of one. */
export const hasDisputeNews = (run: Run): boolean =>
  newsOf(run).length > 0 || isOutOfDate(run) || mustKnow(run).overReturnedMinor > run.attended.overReturnedMinor;

const newsOf = (run: Run): readonly DisputeDigest[] =>
  mustKnow(run).disputes.filter((dispute) => standingBefore(run, dispute) !== dispute.standing);

const standingBefore = ({ attended }: Run, dispute: DisputeDigest): DisputeDigest['standing'] | undefined =>
  attended.disputes.find(({ ref }) => ref === dispute.ref)?.standing;

const TOO_MUCH = {
  name: EXCESS,
  reason: 'more went back than was taken: show the bank the refund, or take the loss',
  mayBeImpossible: true,
} as const;

/** A dispute that is won, and a refund that comes back, make up for it. */
async function untilMadeUp(run: Run, parking: Parking): Promise<void> {
  await whileParked(run, parking, (parked) => condition(() => parked.word || mustKnow(run).overReturnedMinor === 0));
}

async function attend(run: Run, dispute: DisputeDigest): Promise<void> {
  if (isPending(dispute)) return untilClosed(run, dispute);
  if (dispute.standing === 'lost') await untilDecided(run, dispute);
}

/** Nothing is left to decide once the trip was stopped, or has begun. */
async function untilDecided(run: Run, dispute: DisputeDigest): Promise<void> {
  // Heard of while the trip is bought: there is something to decide once it stands.
  await condition(() => mustKnow(run).phase !== 'confirming');
  const { phase, serviceAt } = mustKnow(run);
  const leftMs = serviceAt === null ? 0 : Date.parse(serviceAt) - Date.now();
  if (!isServed(phase) || leftMs <= 0) return;
  const isStopped = (): boolean => !isServed(mustKnow(run).phase);
  await whileParked(run, { ...parkingOf(dispute), reason: LOST_AHEAD }, (parked) =>
    condition(() => parked.word || isStopped(), leftMs, { summary: 'The trip begins' }),
  );
}

const parkingOf = ({ ref }: DisputeDigest) => ({ name: `dispute ${ref}`, mayBeImpossible: true, told: true }) as const;

const LOST_AHEAD = 'lost, and the trip is still ahead: stop and compensate, or let it go on';

const ASKS = {
  inquiry: 'a bank asks about the payment: answer it, or give the money back',
  open: 'a bank has taken the money until it decides: check the evidence document and answer',
} as const;

/** Once staff have seen it they are called no more; the gateway is asked on, and the history stays open. */
async function untilClosed(run: Run, dispute: DisputeDigest): Promise<void> {
  beside(run, () => watch(run, dispute));
  const reason = dispute.standing === 'inquiry' ? ASKS.inquiry : ASKS.open;
  await whileParked(run, { ...parkingOf(dispute), reason }, (parked) =>
    condition(() => parked.word || !standsAs(run, dispute)),
  );
}

async function watch(run: Run, dispute: DisputeDigest): Promise<void> {
  const wait = { summary: 'Next look at the dispute' };
  while (!(await condition(() => !standsAs(run, dispute), LOOK_EVERY_MS, wait))) await lookDisputes(run);
}

const standsAs = (run: Run, { ref, standing }: DisputeDigest): boolean =>
  mustKnow(run).disputes.some((each) => each.ref === ref && each.standing === standing);

/** Reads them at the gateway; whatever else is new there is left to be heard by who waits for it. */
export async function lookDisputes(run: Run, of: 'pending' | 'all' = 'pending'): Promise<void> {
  const call = () => looks.lookDisputes({ bookingId: run.bookingId, of });
  show(run, (await attemptUntil(run, { name: 'read the disputes', call })).now);
}

/** After the story, where nobody else asks the gateway meanwhile; its dispute's letter has told staff of it. */
export async function untilExcessIsSeen(run: Run): Promise<void> {
  const wait = { summary: 'Next look at the dispute' };
  await whileParked(run, { ...TOO_MUCH, told: true }, async (parked) => {
    const isSettled = (): boolean => parked.word || mustKnow(run).overReturnedMinor === 0;
    while (!(await condition(isSettled, LOOK_EVERY_MS, wait))) await lookDisputes(run);
  });
}

/** Of late money, which has no story beside it: for as long as its history goes on. */
export async function keepEvidence(run: Run): Promise<never> {
  for (;;) {
    await condition(() => isOutOfDate(run));
    run.attended = mustKnow(run);
    beside(run, () => drawEvidence(run));
  }
}

export const evidenceDrawn = (run: Run): Promise<void> => condition(() => !isOutOfDate(run) && run.beside.size === 0);

/** Also by money that went back: staff must not hand in a paper that keeps it from the bank. */
const isOutOfDate = (run: Run): boolean => mustKnow(run).evidenceTurn !== run.attended.evidenceTurn;

async function drawEvidence(run: Run): Promise<void> {
  const call = () => drawing.drawEvidence({ bookingId: run.bookingId });
  await attemptUntil(run, { name: 'draw the evidence document', call });
}
