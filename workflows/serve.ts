// A booking at rest: open for refunds, cancellation, resends and late news until nobody can ask for money any more.
import { allHandlersFinished, condition, continueAsNew, workflowInfo } from '@temporalio/workflow';
import { isServed } from '../domain/booking.ts';
import { restsUntilMs } from '../domain/rest.ts';
import { cancelConfirmed } from './cancellation.ts';
import { look } from './gateway-word.ts';
import { afterReturn } from './after-return.ts';
import { attendReturned } from './came-back.ts';
import { compensate } from './compensate.ts';
import { beside } from './deliver.ts';
import { attendDisputes, hasDisputeNews } from './disputes.ts';
import { returnDuplicates } from './duplicates.ts';
import type { BookingInput, RefundDecision, RefundRequest, RefundResult, WithdrawResult } from './messages.ts';
import { finishRefund, handOut, settleByHand } from './refunds.ts';
import { carriedOf, mustKnow } from './run.ts';
import type { Run } from './run.ts';
import { attemptUntil, untilSeen } from './steps.ts';
import { looks, refunding } from './verbs.ts';
import { enter, show } from './view.ts';

const DAY_MS = 86_400_000;

export const closeAtOf = (run: Run): string => new Date(restsUntilMs(mustKnow(run), Date.now())).toISOString();

export type Rest = 'over' | 'late_money' | 'sold_anew';

/** Ends with the booking's time, with money nobody expected any more, or with a customer who wants to pay again. */
export async function serve(run: Run, closeAt: string): Promise<Rest> {
  enter(run, 'serving');
  for (;;) {
    const heard = run.news ? await hear(run) : 'nothing';
    attendReturned(run);
    const letGo = attendDisputes(run) || run.letGo;
    run.letGo = false;
    if (heard === 'late_money') return heard;
    if (letGo && hasTrip(run)) await returnDuplicates(run);
    await answer(run);
    if (run.pays.length + run.marks.length > 0) return 'sold_anew';
    const overdue = Date.parse(closeAt) <= Date.now();
    if (overdue && run.beside.size === 0 && !run.news) return 'over';
    if (mayStartAfresh(run))
      await continueAsNew<(input: BookingInput) => Promise<string>>({
        bookingId: run.bookingId,
        carried: carriedOf(run, closeAt),
      });
    const patienceMs = overdue ? DAY_MS : Math.max(1, Date.parse(closeAt) - Date.now());
    const roused = (): boolean => isAsked(run) || mayStartAfresh(run) || (overdue && run.beside.size === 0);
    await condition(roused, patienceMs, { summary: 'Open for refunds, cancellation and late news' });
  }
}

/** Without one nothing was paid twice: what came late goes back as such. */
const hasTrip = (run: Run): boolean => !['expired', 'failed'].includes(mustKnow(run).phase);

const isAsked = (run: Run): boolean =>
  run.news ||
  run.stop !== null ||
  hasDisputeNews(run) ||
  run.refunds.length + run.approvals.length + run.withdrawals.length + run.cancels.length + run.resends.length > 0 ||
  run.pays.length + run.marks.length > 0;

/** Only between two requests, so that nothing said to this history is lost with it. */
const mayStartAfresh = (run: Run): boolean =>
  workflowInfo().continueAsNewSuggested &&
  !isAsked(run) &&
  run.beside.size === 0 &&
  run.parked.length === 0 &&
  allHandlersFinished();

/** A success after the end, or beside the one that paid: the first may revive the booking, the second goes back. */
async function hear(run: Run): Promise<'late_money' | 'nothing'> {
  const before = mustKnow(run);
  const { returnedElsewhere } = await look(run);
  const now = mustKnow(run);
  // By what has gone back: another look, whose answer was lost, may have recorded it before.
  if (returnedElsewhere || now.refundedMinor > before.refundedMinor) beside(run, () => afterReturn(run));
  if (now.paidAttempts === before.paidAttempts) return 'nothing';
  // Everything that was taken before is gone: nothing stands that this could be paid twice for.
  if (before.keptMinor === 0 && !isServed(before.phase)) return 'late_money';
  await returnDuplicates(run);
  return 'nothing';
}

async function answer(run: Run): Promise<void> {
  for (let asked = run.refunds.shift(); asked; asked = run.refunds.shift()) {
    const current = asked;
    beside(run, async () => void (current.result = await refund(run, current.request)));
  }
  for (let asked = run.approvals.shift(); asked; asked = run.approvals.shift()) {
    const current = asked;
    beside(run, async () => void (current.result = await approve(run, current.request)));
  }
  for (let asked = run.withdrawals.shift(); asked; asked = run.withdrawals.shift()) {
    const current = asked;
    beside(run, async () => void (current.result = await withdraw(run, current.request)));
  }
  for (let asked = run.cancels.shift(); asked; asked = run.cancels.shift())
    asked.result = await cancelConfirmed(run, asked.request);
  for (let asked = run.resends.shift(); asked; asked = run.resends.shift()) {
    const request = { bookingId: run.bookingId, ...asked.request };
    show(run, (await attemptUntil(run, { name: 'send again', call: () => looks.requestResend(request) })).now);
    asked.result = { kind: 'accepted' };
  }
  if (run.stop) {
    await compensate(run, { reason: 'stopped by staff', actor: run.stop.actor });
    run.stop = null;
    enter(run, 'serving');
  }
}

async function refund(run: Run, request: RefundRequest): Promise<RefundResult> {
  const { refundId } = request;
  const order = { ...request, bookingId: run.bookingId, cause: 'staff', reason: 'refund by staff' } as const;
  const reserved = await attemptUntil(run, { name: 'reserve the refund', call: () => refunding.reserveRefund(order) });
  show(run, reserved.now);
  if (reserved.kind === 'exceeds') return { kind: 'exceeds', leftMinor: reserved.leftMinor };
  if (reserved.kind === 'disputed') return DISPUTED;
  if (reserved.kind === 'nothing_left') {
    const { capturedMinor } = mustKnow(run);
    return capturedMinor === 0
      ? { kind: 'not_refundable', code: 'nothing_captured' }
      : { kind: 'exceeds', leftMinor: 0 };
  }
  if (reserved.kind === 'awaiting_approval') return { kind: 'accepted', refundId, status: 'awaiting_approval' };
  return { kind: 'accepted', refundId, status: await refunded(run, refundId) };
}

async function approve(run: Run, { refundId, actor }: { refundId: string; actor: string }): Promise<RefundResult> {
  const { kind, leftMinor, now } = await attemptUntil(run, {
    name: 'approve the refund',
    call: () => refunding.approveRefund({ bookingId: run.bookingId, refundId, actor }),
  });
  show(run, now);
  if (kind === 'exceeds') return { kind, leftMinor };
  if (kind === 'disputed') return DISPUTED;
  if (kind !== 'approved') return { kind: 'not_refundable', code: kind };
  return { kind: 'accepted', refundId, status: await refunded(run, refundId) };
}

async function withdraw(run: Run, decision: RefundDecision): Promise<WithdrawResult> {
  const call = () => refunding.withdrawRefund({ bookingId: run.bookingId, ...decision });
  const { kind, now } = await attemptUntil(run, { name: 'withdraw the refund', call });
  show(run, now);
  return kind === 'withdrawn' ? { kind } : { kind: 'not_refundable', code: kind };
}

const DISPUTED = { kind: 'not_refundable', code: 'payment_disputed' } as const;

/** A refusal is told to who asked, and kept in view. */
async function refunded(run: Run, refundId: string): Promise<'succeeded' | 'failed' | 'pending'> {
  const finished = await finishRefund(run, refundId);
  if (finished === 'to_hand_out') {
    beside(run, () => untilHandedOut(run, refundId));
    return 'pending';
  }
  const status = finished === 'succeeded' ? finished : 'failed';
  if (status === 'failed') beside(run, () => untilGivenBack(run, refundId));
  else beside(run, () => afterReturn(run));
  return status;
}

async function untilHandedOut(run: Run, refundId: string): Promise<void> {
  if ((await handOut(run, refundId, { isOwed: false })) === 'succeeded') await afterReturn(run);
}

const REFUSED =
  'the gateway refused the refund: ask for another, or give it back by other means and resolve it as done';

async function untilGivenBack(run: Run, refundId: string): Promise<void> {
  const { resolution, actor } = await untilSeen(run, `refund ${refundId}`, REFUSED);
  if (resolution !== 'done') return;
  await settleByHand(run, refundId, actor);
  await afterReturn(run);
}
