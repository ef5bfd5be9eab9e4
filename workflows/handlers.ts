// What may be said to a running booking. Handlers note the request and wait; the story in booking.ts answers.
import { condition, setHandler } from '@temporalio/workflow';
import type { ResolveRequest, StaffResult } from './messages.ts';
import * as messages from './messages.ts';
import { hearOnce } from './run.ts';
import type { Asked, Run } from './run.ts';
import { viewOf } from './view.ts';

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
      if (hearOnce(run, news)) run.news = true;
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
  if (isPayable(run)) return ask(run.pays, request);
  return notPayable(run);
}

const notPayable = (run: Run): messages.OpenResult => ({
  kind: 'refused',
  code: 'not_payable',
  message: `the booking is ${run.shownStatus}`,
});

const isPayable = ({ stage }: Run): boolean => stage === 'opening' || stage === 'collecting';

/** While something is bought or taken back, the story listens to nothing else. */
const isBusy = ({ stage }: Run): boolean => stage === 'fulfilling' || stage === 'compensating' || stage === 'over';

function listenToCustomers(run: Run): void {
  setHandler(messages.cancelUpdate, async (request) => (isBusy(run) ? tooLate(run) : ask(run.cancels, request)), {
    description: 'Cancels the booking; after payment with the amount of an accepted quote',
  });
}

export const tooLate = (run: Run): messages.CancelResult => ({ kind: 'too_late', status: run.shownStatus });

function listenToStaff(run: Run): void {
  const notNow = (): messages.RefundResult => ({
    kind: 'not_refundable',
    code: isBusy(run) ? 'in_progress' : 'nothing_captured',
  });
  const atRest = (): boolean => run.stage === 'serving';
  setHandler(messages.refundUpdate, async (request) => (atRest() ? ask(run.refunds, request) : notNow()), {
    validator: ({ amountMinor }) => {
      if (amountMinor !== null && (!Number.isSafeInteger(amountMinor) || amountMinor <= 0))
        throw new RangeError('amountMinor must be a whole number above zero, or null for all');
    },
    description: 'Refunds part of the payment, or with null all that is left',
  });
  setHandler(messages.approveRefundUpdate, async (request) => (atRest() ? ask(run.approvals, request) : notNow()), {
    description: 'Approves a refund above the limit; by somebody else than who asked',
  });
  setHandler(messages.resendUpdate, async (request) => (atRest() ? ask(run.resends, request) : nothingToDo(run)), {
    description: 'Sends the confirmation with its documents again',
  });
  listenForWord(run);
  setHandler(messages.compensateUpdate, (request) => stop(run, request), {
    description: 'Stops the booking and gives everything back',
  });
}

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
  const meant = run.parked.filter((step) => !attentionId || step.id === attentionId);
  const heard = meant.filter((step) => outcome !== 'impossible' || step.mayBeImpossible);
  if (heard.length === 0 || (outcome !== null && heard.length > 1)) return nothingToDo(run);
  for (const step of heard) Object.assign(step, { word: true, actor, resolution: outcome });
  return { kind: 'accepted' };
}

function stop(run: Run, request: messages.StaffRequest): StaffResult {
  const captured = (run.now?.capturedMinor ?? 0) > (run.now?.refundedMinor ?? 0);
  if (!captured || run.stage === 'compensating' || run.stop) return nothingToDo(run);
  run.stop = request;
  for (const step of run.parked) step.word = true;
  return { kind: 'accepted' };
}

/** Nobody will attend to these any more: whoever waits for an answer gets one, and the history can end. */
export function dismissPays(run: Run): void {
  for (const asked of run.pays.splice(0)) asked.result = notPayable(run);
}

export function dismissAll(run: Run): void {
  dismissPays(run);
  for (const asked of run.cancels.splice(0)) asked.result = tooLate(run);
  for (const asked of run.refunds.splice(0)) asked.result = { kind: 'not_refundable', code: 'in_progress' };
  for (const asked of run.approvals.splice(0)) asked.result = { kind: 'not_refundable', code: 'in_progress' };
  for (const asked of run.resends.splice(0)) asked.result = nothingToDo(run);
}
