import { drizzle } from 'drizzle-orm/node-postgres';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import * as schema from './schema.ts';

export type Database = NodePgDatabase<typeof schema>;
export type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0];
/** Anything queries can run on: the pool or a transaction. */
export type Queryable = Database | Transaction;

export interface OpenDatabase {
  readonly db: Database;
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly poolSize: number;
  readonly applicationName: string;
  /** Idle connections may break when the server restarts: that is news, not the end of the process. */
  readonly onIdleError: (error: Error) => void;
}

export function openDatabase(options: DatabaseOptions): OpenDatabase {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize,
    application_name: options.applicationName,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 15_000,
    idle_in_transaction_session_timeout: 15_000,
  });
  pool.on('error', options.onIdleError);
  // The pool listens to those that are idle only. One that breaks in the middle of a transaction fails the next statement;
  // unheard it would end the whole process, with everything else that it has under way.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return { db: drizzle(pool, { schema }), pool, close: () => pool.end() };
}

/** How the driver says, without a code, that its connection is gone or never came about. */
const LOST = /Connection terminated|timeout exceeded when trying to connect|timeout expired|is not queryable/;

/** Connections, resources and shutdowns; then what it broke off itself: a statement that took too long (57014), a transaction that idled (25P03), and one that another was in the way of (40001, 40P01). */
const GAVE_UP = /^(ECONN|EPIPE|ETIMEDOUT|08|53|57P|57014|25P03|40001|40P01)/;

/** True when the database could not be asked, or did nothing of what was asked, as opposed to having said no. */
export function isUnavailable(error: unknown): boolean {
  for (let e = error; e instanceof Error; e = e.cause) {
    const code = 'code' in e && typeof e.code === 'string' ? e.code : '';
    if (GAVE_UP.test(code)) return true;
    if (LOST.test(e.message)) return true;
  }
  return false;
}

export function violatedConstraint(error: unknown): string | undefined {
  for (let e = error; e instanceof Error; e = e.cause) {
    if ('constraint' in e && typeof e.constraint === 'string') return e.constraint;
  }
  return undefined;
}
