import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { is } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MIGRATION_LOCK, migrate } from '../../db/migrate.ts';
import * as cartTables from '../../db/carts.ts';
import { cancelQuotes } from '../../db/cancel-quotes.ts';
import * as catalogueTables from '../../db/catalogue.ts';
import { disputes } from '../../db/disputes.ts';
import { erasures } from '../../db/erasures.ts';
import * as orderTables from '../../db/orders.ts';
import * as answerTables from '../../db/payment-answers.ts';
import * as hotelTables from '../../db/hotels.ts';
import * as findingTables from '../../db/findings.ts';
import * as runTables from '../../db/recon-runs.ts';
import { recoveries } from '../../db/recoveries.ts';
import * as schema from '../../db/schema.ts';
import { createEmptyDatabase, createTestDatabase } from '../setup/database.ts';
import type { TestDatabase } from '../setup/database.ts';
import { describeWith } from '../setup/parts.ts';

const MIGRATIONS = readdirSync(new URL('../../db/migrations', import.meta.url)).filter((f) =>
  f.endsWith('.sql'),
).length;

describeWith('postgres', 'the migrations', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createEmptyDatabase();
  });
  afterAll(() => database.drop());

  it('build everything from nothing and once, when five processes begin at the same time', async () => {
    const gate = new pg.Client({ connectionString: database.url });
    await gate.connect();
    await gate.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const processes = Promise.all(Array.from({ length: 5 }, () => migrateInProcess(database.url)));
    // All five stand at the gate, and none went past it.
    await expect.poll(() => waitingAt(database.url), { timeout: 20_000 }).toBe(5);
    expect(await tablesOf(database.url)).toEqual([]);
    await gate.end();
    await processes;
    expect(await tablesOf(database.url)).toContain('bookings');
    expect(await applied(database.url)).toBe(MIGRATIONS);
  });

  it('change nothing when they run again', async () => {
    await migrate(database.url);
    expect(await applied(database.url)).toBe(MIGRATIONS);
  });
});

describeWith('postgres', 'the tables as Drizzle sees them', () => {
  let database: TestDatabase;
  let columns: Map<string, string[]>;
  beforeAll(async () => {
    database = await createTestDatabase();
    columns = await columnsOf(database.url);
  });
  afterAll(() => database.drop());

  const modules = [
    schema,
    hotelTables,
    catalogueTables,
    cartTables,
    orderTables,
    answerTables,
    findingTables,
    runTables,
  ];
  const tables = [
    cancelQuotes,
    disputes,
    erasures,
    recoveries,
    ...modules.flatMap((module) => Object.values<unknown>(module)),
  ]
    .filter((value) => is(value, PgTable))
    .map(getTableConfig);

  it('are all there are, save the list of accounts that only constraints read', () => {
    expect([...tables.map((t) => t.name), 'ledger_accounts'].toSorted()).toEqual([...columns.keys()].toSorted());
  });

  it.each(tables.map((table) => [table.name, table] as const))(
    '%s: every column, its type, and whether it may be empty',
    (name, table) => {
      const declared = table.columns.map((column) => {
        const written = column.generated
          ? 'generated'
          : column.generatedIdentity
            ? 'identity'
            : column.hasDefault
              ? 'default'
              : 'given';
        return [column.name, column.getSQLType(), column.notNull ? 'not null' : 'nullable', written].join(' ');
      });
      expect(declared.toSorted()).toEqual(columns.get(name)?.toSorted());
    },
  );
});

function migrateInProcess(url: string): Promise<void> {
  const script = fileURLToPath(new URL('./migrate-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, url], { stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`a migrating process ended with ${code}`)),
    );
  });
}

async function tablesOf(url: string): Promise<string[]> {
  const rows = await ask(url, `select table_name as name from information_schema.tables where table_schema = 'public'`);
  return rows.map((row) => String(row['name']));
}

async function waitingAt(url: string): Promise<number> {
  const rows = await ask(
    url,
    `select 1 from pg_locks where locktype = 'advisory' and not granted and objid = ${MIGRATION_LOCK}`,
  );
  return rows.length;
}

async function applied(url: string): Promise<number> {
  return (await ask(url, 'select 1 from drizzle.__drizzle_migrations')).length;
}

async function columnsOf(url: string): Promise<Map<string, string[]>> {
  const rows = await ask(
    url,
    `select table_name, column_name, data_type, is_nullable,
       case when is_generated = 'ALWAYS' then 'generated' when is_identity = 'YES' then 'identity'
            when column_default is not null then 'default' else 'given' end as written
     from information_schema.columns where table_schema = 'public'`,
  );
  const tables = new Map<string, string[]>();
  for (const row of rows) {
    const table = String(row['table_name']);
    const nullable = row['is_nullable'] === 'NO' ? 'not null' : 'nullable';
    const line = [row['column_name'], row['data_type'], nullable, row['written']].join(' ');
    tables.set(table, [...(tables.get(table) ?? []), line]);
  }
  return tables;
}

async function ask(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}
