import pg from 'pg';
import { expect, it } from 'vitest';

import { createEmptyDatabase, createTestDatabase, type TestDatabase } from './database.ts';
import { describeWith } from './parts.ts';

describeWith('postgres', 'the database of a test file', () => {
  it('is nobody else’s, even when several are made at once', async () => {
    const [mine, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await ask(mine, 'create table only_mine (id int)');
    expect(await tablesNamed(mine, 'only_mine')).toBe(1);
    expect(await tablesNamed(other, 'only_mine')).toBe(0);
    await Promise.all([mine.drop(), other.drop()]);
  });

  it('is migrated, unless an empty one is asked for', async () => {
    const [migrated, empty] = await Promise.all([createTestDatabase(), createEmptyDatabase()]);
    expect(await tablesNamed(migrated, 'bookings')).toBe(1);
    expect(await tablesNamed(empty, 'bookings')).toBe(0);
    await Promise.all([migrated.drop(), empty.drop()]);
  });

  it('is a PostgreSQL of the version that the product is made for', async () => {
    const database = await createTestDatabase();
    const [row] = await ask(database, 'show server_version_num');
    expect(Number(row?.['server_version_num'])).toBeGreaterThanOrEqual(180_000);
    await database.drop();
  });
});

async function ask(database: TestDatabase, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    const result = await client.query<Record<string, unknown>>(statement);
    return result.rows;
  } finally {
    await client.end();
  }
}

async function tablesNamed(database: TestDatabase, name: string): Promise<number> {
  const rows = await ask(database, `select 1 from pg_tables where tablename = '${name}'`);
  return rows.length;
}
