import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { describeWith } from '../setup/parts.ts';
import { openBench } from './test-bench.ts';
import type { Bench } from './test-bench.ts';

describeWith('postgres', 'a connection that breaks', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  it('between two statements of a transaction fails that transaction, and not the whole process', async () => {
    const unheard: unknown[] = [];
    const note = (error: unknown): void => void unheard.push(error);
    process.prependListener('uncaughtException', note);
    const broken = bench.db.transaction(async (tx) => {
      const { rows } = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
      await bench.rows(sql`select pg_terminate_backend(${rows[0]?.pid})`);
      await sleep(200);
      await tx.execute(sql`select 1`);
    });
    await expect(broken).rejects.toThrow(/Failed query|terminat/);
    process.removeListener('uncaughtException', note);
    expect(unheard).toEqual([]);
    expect(await bench.rows(sql`select 1 as one`)).toEqual([{ one: 1 }]);
  });
});
