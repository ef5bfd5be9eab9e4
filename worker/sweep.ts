// Works the inbox off: woken by the API within milliseconds, and looking by itself in case the call was missed.
import type { Client } from '@temporalio/client';
import type { Database } from '../db/client.ts';
import { purgeKeys } from '../db/idempotency.ts';
import { cutOldBodies, giveUp, markHandled, postpone, purgeRejected, takeDue } from '../db/inbox-work.ts';
import type { DueRow } from '../db/inbox-work.ts';
import type { Logger } from '../log.ts';
import { deliverNews } from './gateway-news.ts';
import type { Delivery } from './gateway-news.ts';
import { INBOX_CHANNEL } from '../db/inbox.ts';
import { listenOn } from './ear.ts';
import { startForgottenIntakes } from './intake-sweep.ts';
import { startPeriodic } from './periodic.ts';
import type { Running } from './periodic.ts';

export interface SweepDeps {
  readonly db: Database;
  /** For the connection that listens; a pool cannot. */
  readonly databaseUrl: string;
  readonly temporal: Client;
  readonly taskQueue: string;
  readonly log: Logger;
  readonly clock: () => Date;
}

const AT_ONCE = 32;
const LOOK_EVERY_MS = 1_000;
const INTAKE_EVERY_MS = 5_000;
const PURGE_EVERY_MS = 3_600_000;
const SHORTEST_DELAY_MS = 5_000;
const LONGEST_DELAY_MS = 3_600_000;

export const backOffMs = (attempts: number): number =>
  Math.min(LONGEST_DELAY_MS, SHORTEST_DELAY_MS * 2 ** Math.max(0, attempts - 1));

export function startSweep(deps: SweepDeps): Running {
  const { db, log } = deps;
  const inbox = startInboxSweep(deps);
  const intakes = startPeriodic({
    name: 'intake sweep',
    everyMs: INTAKE_EVERY_MS,
    log,
    run: async () => void (await startForgottenIntakes(deps)),
  });
  const purge = startPeriodic({
    name: 'purge',
    everyMs: PURGE_EVERY_MS,
    log,
    run: async () => {
      const counts = { rejected: await purgeRejected(db), keys: await purgeKeys(db), bodies: await cutOldBodies(db) };
      if (counts.rejected + counts.keys + counts.bodies > 0) log.info(counts, 'purged what was kept long enough');
    },
  });
  return {
    stop: async () => {
      await Promise.all([inbox, intakes, purge].map((part) => part.stop()));
    },
  };
}

function startInboxSweep(deps: SweepDeps): Running {
  const work = createInboxWork(deps);
  const poll = startPeriodic({ name: 'inbox sweep', everyMs: LOOK_EVERY_MS, log: deps.log, run: work.look });
  const onWake = (): void => {
    // What fails here is tried and reported by the next poll.
    work.look().catch(() => undefined);
  };
  const ear = listenOn({ channel: INBOX_CHANNEL, databaseUrl: deps.databaseUrl, log: deps.log, onWake });
  return {
    stop: async () => {
      await Promise.all([ear.stop(), poll.stop()]);
      await work.finish();
    },
  };
}

/** Takes as many rows as it has hands free, and takes more as soon as one is done. */
export function createInboxWork(deps: SweepDeps) {
  const inHand = new Set<Promise<void>>();
  let looking: Promise<void> | undefined;
  const closing = new AbortController();
  let lookAgain = false;

  const take = async (): Promise<void> => {
    do {
      const free = AT_ONCE - inHand.size;
      // With no hand free there may be more to take: whoever ends looks again.
      lookAgain = free === 0;
      if (free === 0) return;
      const rows = await takeDue(deps.db, free);
      for (const row of rows) hold(row);
      lookAgain ||= rows.length === free;
    } while (lookAgain && !closing.signal.aborted);
  };

  const hold = (row: DueRow): void => {
    const held = settle(row, deps).finally(() => {
      inHand.delete(held);
      if (lookAgain && !looking && !closing.signal.aborted) look().catch(() => undefined);
    });
    inHand.add(held);
  };

  const look = (): Promise<void> => {
    if (looking) lookAgain = true;
    looking ??= take().finally(() => {
      looking = undefined;
    });
    return looking;
  };

  return {
    look,
    finish: async () => {
      closing.abort();
      await looking?.catch(() => undefined);
      await Promise.all(inHand);
    },
  };
}

/** Never throws: a row whose ending cannot be written down comes back when its lease is over. */
async function settle(row: DueRow, deps: SweepDeps): Promise<void> {
  const { db, log } = deps;
  const about = { inboxId: row.id, type: row.type, bookingId: row.booking?.id };
  try {
    const delivery = await deliverNews(row, deps);
    await writeDown(db, row, delivery);
    if (delivery.kind === 'handled') log.info(about, 'webhook delivered');
    else log.warn({ ...about, attempts: row.attempts, reason: delivery.reason }, `webhook ${delivery.kind}`);
  } catch (err) {
    log.error({ ...about, err }, 'a webhook could not be settled');
  }
}

function writeDown(db: Database, row: DueRow, delivery: Delivery): Promise<void> {
  if (delivery.kind === 'handled') return markHandled(db, row.id, row.booking?.id ?? null);
  if (delivery.kind === 'given_up') return giveUp(db, row.id, delivery.reason);
  return postpone(db, { id: row.id, state: delivery.state, error: delivery.reason, delayMs: backOffMs(row.attempts) });
}
