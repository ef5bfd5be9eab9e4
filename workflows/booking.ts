// One booking, from "the customer wants it" until nobody can ask for money back any more.
import { CancellationScope, allHandlersFinished, condition, isCancellation, sleep } from '@temporalio/workflow';
import { wholeRefundIdOf } from '../domain/ids.ts';
import { arm } from '../domain/undo.ts';
import { collect } from './collect.ts';
import { close, look } from './gateway-word.ts';
import { compensate } from './compensate.ts';
import { beside, issueDocuments, withReceipt } from './deliver.ts';
import { listenForBanks } from './disputes.ts';
import { returnDuplicates } from './duplicates.ts';
import { fulfil } from './fulfil.ts';
import { dismissAll, dismissPays, listen } from './handlers.ts';
import type { BookingInput } from './messages.ts';
import { open } from './open.ts';
import { giveBack } from './refunds.ts';
import { releaseOrders } from './release.ts';
import { settleRival } from './rivals.ts';
import { mustKnow, newRun } from './run.ts';
import type { Run } from './run.ts';
import { closeAtOf, serve } from './serve.ts';
import type { Rest } from './serve.ts';
import { attemptUntil, untilSeen } from './steps.ts';
import { looks } from './verbs.ts';
import { enter, show } from './view.ts';

export async function bookingWorkflow(input: BookingInput): Promise<string> {
  const run = newRun(input);
  listen(run);
  void CancellationScope.nonCancellable(() => listenForBanks(run));
  try {
    await live(run, input);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await CancellationScope.nonCancellable(() => wasCancelled(run));
  }
  await CancellationScope.nonCancellable(async () => {
    await condition(() => run.beside.size === 0);
    await hearTheRest(run);
    enter(run, 'over');
    dismissAll(run);
    await condition(allHandlersFinished);
  });
  return run.shownStatus;
}

/** What was heard while an operator's cancellation was carried out counts as told: nobody else acts on it. */
async function hearTheRest(run: Run): Promise<void> {
  while (run.news) {
    await look(run);
    if (mustKnow(run).strayMinor > 0) await returnDuplicates(run);
    await condition(() => run.beside.size === 0);
  }
}

async function live(run: Run, { carried }: BookingInput): Promise<void> {
  if (carried) await readBooking(run);
  // What another try opened all the same is waited for, and closed in time.
  else if ((await open(run)) === 'refused' && mustKnow(run).phase === 'failed') return releaseOrders(run);
  let rest = carried ? await serve(run, carried.closeAt) : await collectAndFulfil(run);
  while (rest !== 'over') rest = rest === 'late_money' ? await revive(run) : await collectAndFulfil(run);
}

async function readBooking(run: Run): Promise<void> {
  const call = () => looks.readBooking({ bookingId: run.bookingId });
  show(run, (await attemptUntil(run, { name: 'read the booking', call })).now);
}

async function collectAndFulfil(run: Run): Promise<Rest> {
  // What was settled with an earlier trip's money says nothing of this one's.
  run.undo = run.undo.filter(({ status }) => status === 'armed');
  const collected = await collect(run);
  dismissPays(run);
  if (collected === 'paid') {
    settleRival(run);
    await fulfilOrCompensate(run);
  }
  // An order that was made ahead of the payment holds stock: it goes back with the booking.
  else await releaseOrders(run);
  if (collected === 'returned') beside(run, () => issueDocuments(run, 'receipt'));
  return serve(run, closeAtOf(run));
}

async function fulfilOrCompensate(run: Run): Promise<void> {
  const fulfilled = await fulfil(run);
  if (fulfilled.kind === 'confirmed') return;
  await compensate(run, fulfilled);
  run.stop = null;
  const { forStaff } = fulfilled;
  if (forStaff) beside(run, async () => void (await untilSeen(run, 'take the held money', forStaff)));
}

/** Money that came after the end: the trip is bought if it still can be, else everything goes back. */
async function revive(run: Run): Promise<Rest> {
  dismissPays(run);
  const { phase, serviceAt, disputes, payableMinor } = mustKnow(run);
  const isAhead = !serviceAt || Date.parse(serviceAt) > Date.now();
  const bookable = phase === 'expired' && isAhead && disputes.length === 0 && payableMinor > 0;
  if (bookable) {
    const revived = { bookingId: run.bookingId, milestone: { as: 'revived' } } as const;
    const reviving = { name: 'revive the booking', call: () => looks.recordMilestone(revived) };
    show(run, (await attemptUntil(run, reviving)).now);
  }
  // It stays expired when its person was forgotten: nobody could be told, and there is no address to send anything to.
  if (bookable && mustKnow(run).phase !== 'expired') {
    if (mustKnow(run).strayMinor > 0) await returnDuplicates(run);
    await fulfilOrCompensate(run);
  } else {
    // A bank may hold it for months: the booking is open for everything else meanwhile.
    beside(run, () => returnLateMoney(run));
  }
  return serve(run, closeAtOf(run));
}

async function returnLateMoney(run: Run): Promise<void> {
  const name = wholeRefundIdOf(run, 'late');
  const reason = 'the payment came after the booking had ended';
  await withReceipt(run, giveBack(run, { name, amountMinor: null, cause: 'late', reason, actor: 'workflow' }));
}

const IN_FLIGHT_PAUSE_MS = 15 * 60_000;

/** "Request cancellation" in the Temporal Web UI means what the console calls stop and compensate. */
async function wasCancelled(run: Run): Promise<void> {
  const why = { reason: 'cancelled by an operator', actor: 'temporal-ui' } as const;
  if (!run.now) await readBooking(run);
  const unpaid = (): boolean => ['awaiting_payment', 'processing'].includes(mustKnow(run).phase);
  while (unpaid() && (await close(run, { as: 'cancelled', ...why })) === 'in_flight')
    await sleep(IN_FLIGHT_PAUSE_MS, { summary: 'The gateway has the money in flight' });
  run.openResult ??= { kind: 'refused', code: 'cancelled', message: why.reason };
  if (!owesMoney(run)) return releaseOrders(run);
  run.undo = arm(run.undo, 'refund_payment', 'all');
  await compensate(run, why);
}

/** What is kept by agreement is not owed: its undo was settled with the cancellation. */
function owesMoney(run: Run): boolean {
  const now = mustKnow(run);
  if (now.heldUntil) return true;
  const settled = run.undo.some(({ step, status }) => step === 'refund_payment' && status === 'done');
  return now.keptMinor > 0 && !(now.phase === 'cancelled' && settled);
}
