// Dies at a chosen moment of a chosen activity, so that tests can see that nothing is lost by it. Refused in production.
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { writeSync } from 'node:fs';
import type { ClientRequest } from 'node:http';
import type { Context } from '@temporalio/activity';
import type { ActivityInterceptors } from '@temporalio/worker';
import type { Death } from '../config-words.ts';

/** Time enough for Temporal to hear of the end, and too little for much that follows from it. */
const REPORTED_AFTER_MS = 200;
const MOVES_NOTHING = new Set(['GET', 'HEAD']);

/** Each activity runs with the end that waits for it, so that a call knows whose it is. */
const doomed = new AsyncLocalStorage<() => void>();

/** No activity knows of it. */
export function deathsAt(deaths: readonly Death[]): (context: Context) => ActivityInterceptors {
  dieWhenAnswered();
  const seen = new Map<string, number>();
  return ({ info }) => ({
    inbound: {
      async execute(input, next) {
        const { activityType: activity, workflowExecution } = info;
        const nth = (seen.get(activity) ?? 0) + 1;
        seen.set(activity, nth);
        const death = deaths.find((each) => each.activity === activity && (each.nth ?? nth) === nth);
        if (!death) return next(input);
        const die = () => end({ ...death, workflowId: workflowExecution?.workflowId ?? '' });
        if (death.moment === 'before') die();
        const result = await (death.moment === 'inside' ? doomed.run(die, () => next(input)) : next(input));
        if (death.moment === 'after') die();
        if (death.moment === 'reported') setTimeout(die, REPORTED_AFTER_MS);
        return result;
      },
    },
  });
}

/** The line must be out before the process is gone. */
function end(of: Death & { workflowId: string }): void {
  writeSync(1, `${JSON.stringify({ level: 'warn', msg: 'dying on purpose', ...of })}\n`);
  process.kill(process.pid, 'SIGKILL');
  // The signal may take a moment to arrive, and nothing more may happen in it.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/** The vendor has done it and says so, and we have not written it down: Stripe's client uses node:http, the others fetch. */
function dieWhenAnswered(): void {
  const fetching = new WeakMap<object, () => void>();
  subscribe('undici:request:create', (message) => {
    const request = requestIn<{ method: string }>(message);
    const die = doomed.getStore();
    if (die && !MOVES_NOTHING.has(request.method)) fetching.set(request, die);
  });
  subscribe('undici:request:headers', (message) => {
    fetching.get(requestIn(message))?.();
  });
  subscribe('http.client.request.start', (message) => {
    const request = requestIn<ClientRequest>(message);
    const die = doomed.getStore();
    if (die && !MOVES_NOTHING.has(request.method)) request.once('response', die);
  });
}

/** These channels publish an object with the request in it: Node and undici document that, and no type says it. */
function requestIn<Request extends object>(message: unknown): Request {
  return (message as { readonly request: Request }).request;
}
