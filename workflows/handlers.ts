// What may be said to a running booking. Handlers note the request and wait; the story in booking.ts answers.
import { condition, setHandler } from '@temporalio/workflow';
import type { ResolveRequest, StaffResult } from './messages.ts';
import * as messages from './messages.ts';
import { isServed, isUnderWay } from '../domain/booking.ts';
import { hasBegun, mayReopen } from '../domain/transitions.ts';
import { hearOnce } from './run.ts';
import type { Asked, Run } from './run.ts';
import { attemptUntil } from './steps.ts';
import { looks } from './verbs.ts';
import { show, viewOf } from './view.ts';

/** What staff may say to a parked step, of a booking or of late money. */
export function listenForWord(run: Run): void {
  setHandler(messages.retryStepUpdate, (request) => speak(run, { ...request, outcome: null }), {
    description: 'Tries the parked step again now',
  });
  setHandler(messages.resolveUpdate, (request) => speak(run, request), {
    validator: ({ outcome }) => {
      if (outcome !== 'done' && outcome !== 'impossible') throw new RangeError('outcome is done or impossible');
    },
    description: 'Settles the parked step: done by hand, or impossible where the booking can go on without it',
  });
}

export function listen(run: Run): void {
  setHandler(messages.viewQuery, () => viewOf(run), { description: 'Where the booking stands and what it waits for' });
  setHandler(
    messages.gatewayNewsSignal,
    (news) => {
      if (!hearOnce(run, news)) return;
      heed(run, news.paymentRef);
      run.unread = isBusy(run);
    },
    { description: 'The gateway has news of the payment; the workflow reads it there' },
  );
  setHandler(messages.openUpdate, () => opened(run), { description: 'Opens the payment; answers once it is open' });
  setHandler(messages.payUpdate, (request) => pay(run, request), {
    description: 'Opens a further payment attempt, once the one before it is closed',
  });
  listenToCustomers(run);
  listenToStaff(run);
}

async function opened(run: Run): Promise<messages.OpenResult> {
  await condition(() => run.openResult !== null);
  if (!run.openResult) throw new Error('woke without a result');
  return run.openResult;
}

async function pay(run: Run, request: messages.PayRequest): Promise<messages.OpenResult> {
  if (request.attempt <= run.attempt) return opened(run);
  if (isPayable(run) && !isTooLateAnew(run)) return ask(run.pays, request);
  return notPayable(run);
}

const notPayable = (run: Run): messages.OpenResult => ({
  kind: 'refused',
  code: 'not_payable',
  message: `the booking is ${run.shownStatus}`,
});

const notMarked = ({ now, shownStatus: status }: Run): messages.MarkPaidResult =>
  now && isUnderWay(now.phase) ? { kind: 'already_paid' } : { kind: 'not_payable', status };

/** Some storefronts sell the same booking anew once it expired or its money went back. */
const isPayable = ({ stage, now }: Run): boolean =>
  stage === 'opening' || stage === 'collecting' || (stage === 'serving' && now !== null && mayReopen(now));

const isTooLateAnew = ({ stage, now }: Run): boolean =>
  stage === 'serving' && now !== null && hasBegun(now, Date.now());

/** While something is bought or taken back, the story listens to nothing else. */
const isBusy = ({ stage }: Run): boolean => stage === 'fulfilling' || stage === 'compensating' || stage === 'over';

/** Between two parts of the story nothing is at rest yet. */
const isSettled = ({ news, looking, stage }: Run): boolean =>
  !news && !looking && (stage === 'collecting' || stage === 'serving' || stage === 'over');

function heed(run: Run, paymentRef: string): void {
  run.news = true;
  if (!run.named.includes(paymentRef)) run.named.push(paymentRef);
}

async function checkPayment(run: Run, { paymentRef, cameBack }: messages.CheckRequest): Promise<{ status: string }> {
  if (run.stage === 'collecting' || run.stage === 'serving') heed(run, paymentRef);
  await condition(() => isSettled(run));
  if (cameBack && run.stage === 'collecting') {
    const call = () => looks.noteAbandoned({ bookingId: run.bookingId, paymentRef, as: cameBack });
    show(run, (await attemptUntil(run, { name: 'note that the customer came back', call })).now);
  }
  return { status: run.shownStatus };
}

function listenToCustomers(run: Run): void {
  setHandler(messages.checkPaymentUpdate, (request) => checkPayment(run, request), {
    description: 'Asks the gateway how the payment stands, and answers when the booking has settled on it',
  });
  const mayStillCancel = (): boolean => !isBusy(run) || isAlmostServed(run);
  setHandler(messages.cancelUpdate, async (request) => (mayStillCancel() ? ask(run.cancels, request) : tooLate(run)), {
    description: 'Cancels the booking; after payment with the amount of an accepted quote',
  });
}

export const tooLate = (run: Run): messages.CancelResult => ({ kind: 'too_late', status: run.shownStatus });

/** Nothing can go wrong any more but the papers: who wants out, or money back, waits a moment instead of asking again. */
const isAlmostServed = ({ stage, now }: Run): boolean =>
  stage === 'serving' || (stage === 'fulfilling' && (now?.kind === 'service' || (now !== null && isServed(now.phase))));

function listenToStaff(run: Run): void {
  setHandler(messages.markPaidUpdate, async (request) => (isPayable(run) ? ask(run.marks, request) : notMarked(run)), {
    description: 'Notes that staff took the money themselves, once no other way to pay is open any more',
  });
  const notNow = (): messages.RefundResult => ({
    kind: 'not_refundable',
    code: isBusy(run) ? 'in_progress' : 'nothing_captured',
  });
  const atRest = (): boolean => run.stage === 'serving';
  const refund = async (request: messages.RefundRequest): Promise<messages.RefundResult> => {
    // The money may be recorded, and shown, a moment before the story knows of it.
    if (run.looking) await condition(() => !run.looking);
    return isAlmostServed(run) ? ask(run.refunds, request) : notNow();
  };
  setHandler(messages.refundUpdate, refund, {
    validator: ({ amountMinor, approvalLimitMinor }) => {
      if (approvalLimitMinor !== null && !Number.isSafeInteger(approvalLimitMinor))
        throw new RangeError('approvalLimitMinor must be a whole number, or null where nobody need be asked');
      if (amountMinor !== null && (!Number.isSafeInteger(amountMinor) || amountMinor <= 0))
        throw new RangeError('amountMinor must be a whole number above zero, or null for all');
    },
    description: 'Refunds part of the payment, or with null all that is left',
  });
  setHandler(messages.approveRefundUpdate, async (request) => (atRest() ? ask(run.approvals, request) : notNow()), {
    description: 'Approves a refund above the limit; by somebody else than who asked',
  });
  setHandler(messages.withdrawRefundUpdate, async (request) => (atRest() ? ask(run.withdrawals, request) : BUSY), {
    description: 'Withdraws a refund that waits for approval; by whom it was asked for or by somebody else',
  });
  setHandler(messages.resendUpdate, async (request) => (stands(run) ? ask(run.resends, request) : nothingToDo(run)), {
    description: 'Sends the confirmation with its documents again',
  });
  listenForWord(run);
  setHandler(messages.compensateUpdate, (request) => stop(run, request), {
    description: 'Stops the booking and gives everything back',
  });
}

const BUSY: messages.WithdrawResult = { kind: 'not_refundable', code: 'in_progress' };

/** Papers of a trip that is over let nobody in, and are sent to nobody. */
const stands = ({ stage, now }: Run): boolean => stage === 'serving' && now !== null && isServed(now.phase);

async function ask<Request, Result>(queue: Asked<Request, Result>[], request: Request): Promise<Result> {
  const asked: Asked<Request, Result> = { request, result: undefined };
  queue.push(asked);
  await condition(() => asked.result !== undefined);
  if (asked.result === undefined) throw new Error('woke without a result');
  return asked.result;
}

const nothingToDo = (run: Run): StaffResult => ({ kind: 'nothing_to_do', status: run.shownStatus });

interface Word extends messages.StepRequest {
  readonly outcome: ResolveRequest['outcome'] | null;
}

/** A verdict is about the one step staff were shown: never about another that is stuck beside it, unseen. */
function speak(run: Run, { actor, outcome, attentionId }: Word): StaffResult {
  const isShownAlone = run.parked.length === 1 && run.parked[0]?.raised === true;
  const meant = run.parked.filter((step) => (attentionId ? step.id === attentionId : isShownAlone || !step.byNameOnly));
  const heard = meant.filter((step) => outcome !== 'impossible' || step.mayBeImpossible);
  if (heard.length === 0 || (outcome !== null && heard.length > 1)) return nothingToDo(run);
  for (const step of heard) Object.assign(step, { word: true, actor, resolution: outcome });
  return { kind: 'accepted' };
}

function stop(run: Run, request: messages.StaffRequest): StaffResult {
  const { now } = run;
  const holdsMoney = now !== null && (now.heldUntil !== null || now.capturedMinor > now.refundedMinor);
  if (!holdsMoney || run.stage === 'compensating' || run.stop) return nothingToDo(run);
  run.stop = request;
  for (const step of run.parked) step.word = true;
  return { kind: 'accepted' };
}

/** Nobody will attend to these any more: whoever waits for an answer gets one, and the history can end. */
export function dismissPays(run: Run): void {
  for (const asked of run.pays.splice(0)) asked.result = notPayable(run);
  for (const asked of run.marks.splice(0)) asked.result = notMarked(run);
}

export function dismissAll(run: Run): void {
  dismissPays(run);
  for (const asked of run.cancels.splice(0)) asked.result = tooLate(run);
  for (const asked of run.refunds.splice(0)) asked.result = { kind: 'not_refundable', code: 'in_progress' };
  for (const asked of run.approvals.splice(0)) asked.result = { kind: 'not_refundable', code: 'in_progress' };
  for (const asked of run.withdrawals.splice(0)) asked.result = BUSY;
  for (const asked of run.resends.splice(0)) asked.result = nothingToDo(run);
}
