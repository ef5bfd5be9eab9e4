// What may be said to a running booking. Handlers note the request and wait; the story in booking.ts answers.
import { condition, setHandler } from '@temporalio/workflow';
import type { ResolveRequest, StaffResult } from './messages.ts';
import * as messages from './messages.ts';
import { hearOnce } from './run.ts';
import type { Asked, Run } from './run.ts';
import { viewOf } from './view.ts';

/** What staff may say to a parked step, of a booking or of late money. */
export function listenForWord(run: Run): void {
  setHandler(messages.retryStepUpdate, ({ actor }) => speak(run, { actor, outcome: null }), {
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
    ({ inboxId }) => {
      if (hearOnce(run, inboxId)) run.news = true;
    },
    { description: 'The gateway has news of the payment; the workflow reads it there' },
  );
  setHandler(messages.openUpdate, () => opened(run), { description: 'Opens the payment; answers once it is open' });
  setHandler(messages.payUpdate, () => opened(run), { description: 'Opens the payment attempt; answers once it is open' });
  listenToCustomers(run);
  listenToStaff(run);
}

async function opened(run: Run): Promise<messages.OpenResult> {
  await condition(() => run.openResult !== null);
  if (!run.openResult) throw new Error('woke without a result');
  return run.openResult;
}

function listenToCustomers(run: Run): void {
  setHandler(messages.cancelUpdate, (request) => ask(run.cancels, request), {
    description: 'Cancels the booking; after payment with the amount of an accepted quote',
  });
}

function listenToStaff(run: Run): void {
  setHandler(messages.refundUpdate, (request) => ask(run.refunds, request), {
    validator: ({ amountMinor }) => {
      if (amountMinor !== null && (!Number.isSafeInteger(amountMinor) || amountMinor <= 0))
        throw new RangeError('amountMinor must be a whole number above zero, or null for all');
    },
    description: 'Refunds part of the payment, or with null all that is left',
  });
  setHandler(messages.approveRefundUpdate, (request) => ask(run.approvals, request), {
    description: 'Approves a refund above the limit; by somebody else than who asked',
  });
  setHandler(messages.resendUpdate, (request) => ask(run.resends, request), {
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

function speak(run: Run, { actor, outcome }: { actor: string; outcome: ResolveRequest['outcome'] | null }): StaffResult {
  const heard = run.parked.filter((step) => outcome !== 'impossible' || step.mayBeImpossible);
  if (heard.length === 0) return { kind: 'nothing_to_do', status: run.shownStatus };
  for (const step of heard) Object.assign(step, { word: true, actor, resolution: outcome });
  return { kind: 'accepted' };
}

function stop(run: Run, request: messages.StaffRequest): StaffResult {
  const captured = (run.now?.capturedMinor ?? 0) > (run.now?.refundedMinor ?? 0);
  if (!captured || run.stage === 'compensating' || run.stop) return { kind: 'nothing_to_do', status: run.shownStatus };
  run.stop = request;
  for (const step of run.parked) step.word = true;
  return { kind: 'accepted' };
}
