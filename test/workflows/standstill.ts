// Temporal's server for tests has a fault: when an activity ends while the workflow decides to cancel it, the server refuses
// the whole decision (ACTIVITY_UNKNOWN) and never asks again, so that no time passes any more. The real server takes such a
// decision. The worker logs the refusal; whoever plays a scene then plays it anew. Now and then time stands still without a
// word, which only a clock can tell.
import { setMaxListeners } from 'node:events';
import type { Connection } from '@temporalio/client';
import type { LogEntry } from '@temporalio/worker';

export class Standstill extends Error {
  override name = 'Standstill';
  /** How often a scene may meet this before it is the scene's own doing. */
  readonly tries: number;

  constructor(message: string, tries: number) {
    super(message);
    this.tries = tries;
  }
}

const REFUSED = 'Error while completing workflow activation';
const FAULT = 'ACTIVITY_UNKNOWN';

/** At a bad moment one scene of five is refused; five times on end is something else. */
const refused = () => new Standstill('the server for tests refused a decision and stands still', 5);

/** The longest scene takes seventeen seconds on a machine with twice the work it has processors for. */
const SCENE_LIMIT_MS = 40_000;
const silent = () => new Standstill(`a scene was not over within ${SCENE_LIMIT_MS / 1_000} s of real time`, 2);

type Callable = Pick<Connection, 'withAbortSignal'>;

const watching = new Set<(standstill: Standstill) => void>();

/** All that the workers of this process log. */
export function heed({ message, meta }: LogEntry): void {
  if (!message.includes(REFUSED) || !JSON.stringify(meta).includes(FAULT)) return;
  for (const tell of watching) tell(refused());
}

/** Ends with the work, or as soon as the server stands still; what the work still asks of the server is then called off. */
export async function unlessStandingStill(connection: Callable, work: () => Promise<void>): Promise<void> {
  const over = new AbortController();
  // Every call of the scene listens.
  setMaxListeners(0, over.signal);
  const standstill = new Promise<never>((_, reject) => {
    watching.add(reject);
    const limit = setTimeout(() => reject(silent()), SCENE_LIMIT_MS);
    over.signal.addEventListener('abort', () => {
      watching.delete(reject);
      clearTimeout(limit);
    });
  });
  const working = connection.withAbortSignal(over.signal, work);
  working.catch(() => null);
  try {
    await Promise.race([working, standstill]);
  } finally {
    over.abort();
  }
}
