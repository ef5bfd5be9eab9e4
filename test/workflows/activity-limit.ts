// Holds activities to their limit: the server that skips time forgets one that falls on a full second, and retries for ever.
import type { Info } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';

/** As the real server does: what could only be tried again after its limit fails for good, with its own words. */
export const keepToLimit: ActivityInterceptorsFactory = ({ info }) => ({
  inbound: {
    async execute(input, next) {
      try {
        return await next(input);
      } catch (error) {
        const final = error instanceof ApplicationFailure && isLastTry(info, error);
        throw final ? ApplicationFailure.fromError(error, { nonRetryable: true }) : error;
      }
    },
  },
});

/** Without a delay of its own a failure may be tried once more than on the real server. */
function isLastTry(info: Info, { nextRetryDelay }: ApplicationFailure): boolean {
  const delayMs = typeof nextRetryDelay === 'number' ? nextRetryDelay : 0;
  const endMs = info.scheduledTimestampMs + info.scheduleToCloseTimeoutMs;
  return info.currentAttemptScheduledTimestampMs + delayMs >= endMs;
}
