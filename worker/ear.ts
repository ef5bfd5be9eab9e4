// Hears wake-up calls through the database on a connection of its own, and takes up a new one whenever that breaks.
import pg from 'pg';
import type { Logger } from '../log.ts';
import type { Running } from './periodic.ts';

const RECONNECT_MS = 1_000;

export interface Ear {
  /** A constant of ours, never a stranger's word: it goes into the statement as it is. */
  readonly channel: string;
  readonly databaseUrl: string;
  readonly log: Logger;
  readonly onWake: () => void;
}

export function listenOn({ channel, databaseUrl, log, onWake }: Ear): Running {
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  let stopped = false;

  const lost = (from: pg.Client, err?: Error): void => {
    if (client !== from || stopped) return;
    client = undefined;
    log.warn({ err, channel }, 'no ear on the database; it is looked at every second or two');
    // The connection may hang half open.
    from.end().catch(() => undefined);
    retry = setTimeout(connect, RECONNECT_MS);
  };

  const connect = (): void => {
    const fresh = new pg.Client({
      connectionString: databaseUrl,
      application_name: `holdfast-ear-${channel}`,
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
    });
    client = fresh;
    fresh.on('error', (err) => lost(fresh, err));
    fresh.on('end', () => lost(fresh));
    fresh.on('notification', onWake);
    fresh
      .connect()
      .then(() => fresh.query(`listen ${channel}`))
      // What was stored while nobody listened is due as well.
      .then(onWake)
      .catch((err: unknown) => lost(fresh, err instanceof Error ? err : undefined));
  };

  connect();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(retry);
      await client?.end().catch(() => undefined);
    },
  };
}
