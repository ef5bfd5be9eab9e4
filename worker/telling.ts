// Every answer of a verb to Temporal brings the facts that nobody has told yet: what a lost database is rebuilt from.
// Workflows never read it.
import type { Context } from '@temporalio/activity';
import type { ActivityInterceptors } from '@temporalio/worker';
import type { Database } from '../db/client.ts';
import { tellRecorded } from '../db/keeping.ts';
import type { Recall } from '../domain/recall.ts';

export function telling(db: Database): (context: Context) => ActivityInterceptors {
  return ({ info }) => ({
    inbound: {
      execute: async (input, next) => {
        const began = performance.now();
        const result: unknown = await next(input);
        const bookingId = bookingIn(input.args[0]);
        // Past its time nobody hears it: what it would tell is left to the next answer.
        const isHeard = performance.now() - began < info.startToCloseTimeoutMs;
        if (bookingId === undefined || !isHeard) return result;
        // An earlier try may have answered, and not have been heard. What is told twice is told once.
        const recall = await tellRecorded(db, bookingId, info.attempt > 1);
        return recall ? withRecall(result, recall) : result;
      },
    },
  });
}

function bookingIn(input: unknown): string | undefined {
  if (typeof input !== 'object' || input === null || !('bookingId' in input)) return undefined;
  return typeof input.bookingId === 'string' ? input.bookingId : undefined;
}

/** Verbs answer with an object, or with nothing. */
const withRecall = (result: unknown, recall: Recall): object =>
  typeof result === 'object' ? { ...result, recall } : { recall };
