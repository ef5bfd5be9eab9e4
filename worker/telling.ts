// Every answer of a verb to Temporal brings the facts that were recorded meanwhile: what a lost database is rebuilt from.
import type { Context } from '@temporalio/activity';
import type { ActivityInterceptors } from '@temporalio/worker';
import { createTeller } from '../activities/recall.ts';
import type { Database } from '../db/client.ts';
import { recordedSince } from '../db/keeping.ts';

/** What is told twice is told once. */
const CLOCKS_DIFFER_MS = 60_000;

export function telling(db: Database): (context: Context) => ActivityInterceptors {
  const tell = createTeller();
  return ({ info }) => ({
    inbound: {
      execute: (input, next) => {
        const bookingId = bookingIn(input.args[0]);
        if (bookingId === undefined) return next(input);
        const earlier = async () =>
          info.attempt > 1 ? recordedSince(db, bookingId, new Date(info.scheduledTimestampMs - CLOCKS_DIFFER_MS)) : [];
        return tell({ bookingId, work: () => next(input), earlier });
      },
    },
  });
}

function bookingIn(input: unknown): string | undefined {
  if (typeof input !== 'object' || input === null || !('bookingId' in input)) return undefined;
  return typeof input.bookingId === 'string' ? input.bookingId : undefined;
}
