// A job done again and again by this process; it never overlaps itself, and failing is news only when it starts and when it ends.
import type { Logger } from '../log.ts';

export interface PeriodicJob {
  readonly name: string;
  readonly everyMs: number;
  readonly log: Logger;
  readonly run: () => Promise<void>;
}

export interface Running {
  stop(): Promise<void>;
}

export function startPeriodic({ name, everyMs, log, run }: PeriodicJob): Running {
  let current: Promise<void> | undefined;
  let failing = false;

  const once = async (): Promise<void> => {
    try {
      await run();
      if (failing) log.info({ job: name }, 'a job works again');
      failing = false;
    } catch (err) {
      if (!failing) log.warn({ err, job: name }, 'a job failed; it is tried again');
      failing = true;
    }
  };

  const tick = (): void => {
    current ??= once().finally(() => {
      current = undefined;
    });
  };
  const timer = setInterval(tick, everyMs);
  tick();

  return {
    stop: async () => {
      clearInterval(timer);
      await current;
    },
  };
}
