// Hears wake-up calls through the database on a connection of its own.
import { holdConnection } from '../db/held-connection.ts';
import type { Logger } from '../log.ts';
import type { Running } from './periodic.ts';

export interface Ear {
  /** A constant of ours, never a stranger's word: it goes into the statement as it is. */
  readonly channel: string;
  readonly databaseUrl: string;
  readonly log: Logger;
  readonly onWake: () => void;
}

export function listenOn({ channel, databaseUrl, log, onWake }: Ear): Running {
  const connection = holdConnection({
    databaseUrl,
    applicationName: `holdfast-ear-${channel}`,
    onOpen: async (client) => {
      client.on('notification', onWake);
      await client.query(`listen ${channel}`);
      // What was stored while nobody listened is due as well.
      onWake();
    },
    onLost: (err) => log.warn({ err, channel }, 'no ear on the database; it is looked at every second or two'),
  });
  return { stop: connection.end };
}
