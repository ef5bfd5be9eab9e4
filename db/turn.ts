// A job that only one process may do at a time: the right to it lasts exactly as long as one database connection.
import { setTimeout as sleep } from 'node:timers/promises';
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import type { Database } from './client.ts';
import * as schema from './schema.ts';

export interface Turn {
  /** The connection that holds the right: while it answers, nobody else has it. */
  readonly db: Database;
  end(): Promise<void>;
}

export interface TurnRequest {
  readonly databaseUrl: string;
  /** Two numbers that name the job among all advisory locks of this database. */
  readonly lock: readonly [number, number];
  readonly applicationName: string;
}

/** A process whose machine is gone loses its turn after half a minute, not after the system's two hours. */
const NOTICE_DEATH = '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=4';

const GOODBYE_MS = 2_000;

/** Undefined while another process has it. It is not waited for here: a waiting query would keep the vacuum from cleaning. */
export async function takeTurn({ databaseUrl, lock, applicationName }: TurnRequest): Promise<Turn | undefined> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: applicationName,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 15_000,
    query_timeout: 20_000,
    keepAlive: true,
    options: NOTICE_DEATH,
  });
  // Its next query says so.
  client.on('error', () => undefined);
  // On a connection that hangs half open the goodbye would not be heard for a long time.
  const end = () => Promise.race([client.end().catch(() => undefined), sleep(GOODBYE_MS, undefined, { ref: false })]);
  try {
    await client.connect();
    const { rows } = await client.query<{ mine: boolean }>('select pg_try_advisory_lock($1, $2) as mine', [...lock]);
    if (rows[0]?.mine) return { db: drizzle(client, { schema }), end };
  } catch (err) {
    await end();
    throw err;
  }
  await end();
  return undefined;
}
