import type { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { keepToLimit } from './activity-limit.ts';

/** How a try ends that was scheduled this long after the first one, under a limit of 15 minutes. */
async function triedAfter(sinceMs: number, failure: Error): Promise<unknown> {
  const info = {
    scheduledTimestampMs: 0,
    scheduleToCloseTimeoutMs: 900_000,
    currentAttemptScheduledTimestampMs: sinceMs,
  };
  // Of the whole context the interceptor reads these three times only.
  const { inbound } = keepToLimit({ info } as unknown as Context);
  return inbound?.execute?.({ args: [], headers: {} }, () => Promise.reject(failure)).catch((error: unknown) => error);
}

const notYet = () => ApplicationFailure.create({ type: 'not_yet', message: 'wait', nextRetryDelay: 300_000 });

describe('an activity on the server that skips time', () => {
  it('is tried again while the next try falls within its limit', async () => {
    expect(await triedAfter(599_999, notYet())).toMatchObject({ nonRetryable: false });
  });

  it('fails for good, in its own words, when there is no time left for another try', async () => {
    expect(await triedAfter(600_000, notYet())).toMatchObject({ nonRetryable: true, type: 'not_yet', message: 'wait' });
  });

  it('keeps any other failure as it is', async () => {
    const failure = new Error('lost');
    expect(await triedAfter(900_000, failure)).toBe(failure);
  });
});
