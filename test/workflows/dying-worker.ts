// A worker that dies at every activity: before it does anything, and again when all is done and nobody has been told yet.
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { ApplicationFailure } from '@temporalio/common';

export interface Deaths {
  /** How often each activity has died, at either moment. */
  readonly met: Readonly<Record<'before' | 'after', Map<string, number>>>;
  readonly interceptor: ActivityInterceptorsFactory;
}

/** For Temporal a worker that died and one whose last words were lost are the same: the activity is tried again. */
export function createDeaths(): Deaths {
  const met = { before: new Map<string, number>(), after: new Map<string, number>() };
  const over = new Set<string>();
  const die = (moment: 'before' | 'after', activity: string): never => {
    met[moment].set(activity, (met[moment].get(activity) ?? 0) + 1);
    throw ApplicationFailure.retryable(`the worker died ${moment} ${activity}`, 'WorkerDied');
  };
  const interceptor: ActivityInterceptorsFactory = ({
    info: { activityType, activityId, attempt, workflowExecution },
  }) => ({
    inbound: {
      async execute(input, next) {
        const one = `${workflowExecution?.runId}/${activityId}`;
        if (attempt === 1) die('before', activityType);
        // One that says "not yet" by failing has not come to an end; it dies when it has.
        const end = await next(input).catch(failedForGood);
        if (!over.has(one)) {
          over.add(one);
          die('after', activityType);
        }
        if (end instanceof ApplicationFailure) throw end;
        return end;
      },
    },
  });
  return { met, interceptor };
}

function failedForGood(error: unknown): ApplicationFailure {
  if (error instanceof ApplicationFailure && error.nonRetryable) return error;
  throw error;
}

/** Dies once, when the effect of this activity is there and its answer is not, from the moment it is told to. */
export function createDeathAfter(activity: string) {
  let isDue = false;
  const met = { before: new Map<string, number>(), after: new Map<string, number>() };
  const interceptor: ActivityInterceptorsFactory = ({ info: { activityType } }) => ({
    inbound: {
      async execute(input, next) {
        const end = await next(input);
        if (activityType !== activity || !isDue) return end;
        isDue = false;
        met.after.set(activity, 1);
        throw ApplicationFailure.retryable(`the worker died after ${activity}`, 'WorkerDied');
      },
    },
  });
  return { met, interceptor, arm: () => void (isDue = true) };
}
