// A database of its own for each test file, cloned from the one that was migrated when the run began.
import { randomBytes } from 'node:crypto';
import pg from 'pg';

import { adminDatabaseUrl } from './parts.ts';

export interface TestDatabase {
  readonly url: string;
  /** Ends whoever is still connected. Not needed for tidiness: the cluster goes with the run. */
  readonly drop: () => Promise<void>;
}

/** Migrated and empty, and nobody else's. */
export async function createTestDatabase(): Promise<TestDatabase> {
  return create('holdfast_template');
}

/** Without any table, for tests of the migrations themselves. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  return create('template1');
}

async function create(template: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asAdmin(`create database ${name} template ${template}`);
  const url = new URL(adminDatabaseUrl());
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => asAdmin(`drop database if exists ${name} with (force)`) };
}

async function asAdmin(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminDatabaseUrl() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
