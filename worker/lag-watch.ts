// Says in the log how far the events are behind, once a minute and only while they are.
import type { Database } from '../db/client.ts';
import { outboxLag } from '../db/outbox.ts';
import type { Logger } from '../log.ts';
import { startPeriodic } from './periodic.ts';
import type { Running } from './periodic.ts';

export interface LagWatch {
  readonly db: Database;
  readonly log: Logger;
  readonly everyMs?: number;
}

const LOOK_EVERY_MS = 60_000;
/** Younger ones are on their way. */
const LATE_AFTER_MS = 10_000;

export function watchLag({ db, log, everyMs = LOOK_EVERY_MS }: LagWatch): Running {
  let late = false;
  const look = async (): Promise<void> => {
    const lag = await outboxLag(db);
    const wasLate = late;
    late = (lag.oldestMs ?? 0) >= LATE_AFTER_MS;
    if (late) log.warn(lag, 'events wait to be published');
    else if (wasLate) log.info(lag, 'events are published as they come');
  };
  return startPeriodic({ name: 'lag watch', everyMs, log, run: look });
}
