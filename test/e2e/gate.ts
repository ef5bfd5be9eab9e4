// Holds a recovery where it wants to write something that somebody else holds.
import pg from 'pg';

import type { Stack } from './stack.ts';
import { until } from './until.ts';

export interface Gate {
  untilReached(): Promise<void>;
  open(): Promise<void>;
}

/** Where it wants to put one booking back. */
export const standBefore = (stack: Stack, bookingId: string): Promise<Gate> =>
  holdBack(stack, async (client) => {
    await client.query(`insert into booking_keys (key_id, master_key_id, wrapped) values ($1, 'none', '')`, [
      bookingId,
    ]);
  });

/** When it has read everything, and is about to say that it begins. */
export const standBeforeItBegins = (stack: Stack): Promise<Gate> =>
  holdBack(stack, async (client) => {
    await client.query('lock table recoveries in share mode');
  });

async function holdBack({ environment, rows }: Stack, hold: (client: pg.Client) => Promise<void>): Promise<Gate> {
  const client = new pg.Client({ connectionString: environment['DATABASE_URL'] });
  await client.connect();
  await client.query('begin');
  await hold(client);
  const waiting = `select pid from pg_stat_activity where application_name = 'holdfast-recover' and wait_event_type = 'Lock'`;
  return {
    untilReached: async () =>
      void (await until({ what: 'the recovery to come here', look: async () => (await rows(waiting)).length === 1 })),
    open: async () => {
      await client.query('rollback');
      await client.end();
    },
  };
}
