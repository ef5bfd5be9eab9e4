// A backup of a stack's database, and the day on which it is all that is left: under the same name, with the same users.
import pg from 'pg';

import { adminDatabaseUrl } from '../setup/parts.ts';
import type { Stack } from './stack.ts';

export interface Backup {
  readonly at: Date;
  /** Whoever is connected loses the database as it was, and everything in it. */
  restore(): Promise<void>;
}

/** As PostgreSQL copies a database: nobody may look meanwhile, and what runs waits for a moment. */
export async function backUp({ environment }: Stack): Promise<Backup> {
  const name = new URL(environment['DATABASE_URL'] ?? '').pathname.slice(1);
  await asAdmin([
    `alter database ${name} with allow_connections false`,
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
    `create database ${name}_old template ${name}`,
    `alter database ${name} with allow_connections true`,
  ]);
  const at = new Date();
  return {
    at,
    restore: () => asAdmin([`drop database ${name} with (force)`, `alter database ${name}_old rename to ${name}`]),
  };
}

async function asAdmin(statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: adminDatabaseUrl() });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
