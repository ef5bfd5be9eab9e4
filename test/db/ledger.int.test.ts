// The books: they balance when a transaction commits, and what stands in them stays.
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ACCOUNTS } from '../../domain/ledger.ts';
import { PAID } from '../domain/sample-booking.ts';
import { describeWith } from '../setup/parts.ts';
import { openBench, refusedBy } from './test-bench.ts';
import type { Bench } from './test-bench.ts';

type Line = readonly [account: string, minor: number, currency: string];

describeWith('postgres', 'the books', () => {
  let bench: Bench;
  let seq = 100;
  beforeAll(async () => {
    bench = await openBench();
    await bench.add();
    await bench.record('bk_1', () => PAID);
  });
  afterAll(() => bench.close());

  /** Writes one transaction line by line; `then` runs before it commits. */
  const post = (lines: readonly Line[], then: () => void = () => undefined) =>
    refusedBy(
      bench.db.transaction(async (tx) => {
        seq += 1;
        await tx.execute(
          sql`insert into booking_events (booking_id, seq, key, type, data) values ('bk_1', ${seq}, ${`k${seq}`}, 't', '{}')`,
        );
        const { rows } = await tx.execute(
          sql`insert into ledger_transactions (booking_id, seq) values ('bk_1', ${seq}) returning id`,
        );
        for (const [account, minor, currency] of lines)
          await tx.execute(sql`insert into ledger_postings (transaction_id, account, party, minor, currency)
            values (${rows[0]?.['id']}, ${account}, '', ${minor}, ${currency})`);
        then();
      }),
    );

  it('balance in each currency, or nothing is written', async () => {
    expect(
      await post([
        ['revenue', -5, 'HKD'],
        ['customer_receivable', 5, 'HKD'],
      ]),
    ).toBe('');
    expect(
      await post([
        ['revenue', -5, 'HKD'],
        ['customer_receivable', 4, 'HKD'],
      ]),
    ).toContain('is off by -1 HKD');
    expect(
      await post([
        ['revenue', -5, 'HKD'],
        ['customer_receivable', 5, 'USD'],
      ]),
    ).toContain('is off by');
    expect(
      await post([
        ['fx', -5, 'HKD'],
        ['revenue', 5, 'HKD'],
        ['fx', 7, 'USD'],
        ['supplier_payable', -7, 'USD'],
      ]),
    ).toBe('');
  });

  it('are looked at when the transaction commits, not before', async () => {
    let reached = false;
    await post([['revenue', -5, 'HKD']], () => (reached = true));
    expect(reached).toBe(true);
    expect(await bench.rows(sql`select 1 from booking_events where seq = ${seq}`)).toEqual([]);
  });

  it('know the accounts of the domain and no other, and no line of nothing', async () => {
    const rows = await bench.rows(sql`select name from ledger_accounts`);
    expect(rows.map((row) => String(row['name'])).toSorted()).toEqual(ACCOUNTS.toSorted());
    expect(
      await post([
        ['petty_cash', -5, 'HKD'],
        ['revenue', 5, 'HKD'],
      ]),
    ).toBe('ledger_postings_account_fkey');
    expect(await post([['revenue', 0, 'HKD']])).toBe('ledger_postings_minor_check');
  });

  it('have a transaction a fact, and none without', async () => {
    const transaction = (of: number) =>
      refusedBy(bench.db.execute(sql`insert into ledger_transactions (booking_id, seq) values ('bk_1', ${of})`));
    expect(await transaction(2)).toBe('ledger_transactions_booking_id_seq_key');
    expect(await transaction(9_999)).toBe('ledger_transactions_booking_id_seq_fkey');
  });

  it.each(['booking_events', 'ledger_transactions', 'ledger_postings'])('are append-only: %s', async (table) => {
    const before = await bench.rows(sql`select * from ${sql.raw(table)} order by 1, 2`);
    expect(before.length).toBeGreaterThan(0);
    const column = table === 'ledger_postings' ? 'minor = minor + 1' : `seq = seq + 1000`;
    expect(await refusedBy(bench.db.execute(sql.raw(`update ${table} set ${column}`)))).toContain('append-only');
    expect(await refusedBy(bench.db.execute(sql.raw(`delete from ${table}`)))).toContain('append-only');
    expect(await refusedBy(bench.db.execute(sql.raw(`truncate ${table} cascade`)))).toContain('append-only');
    expect(await bench.rows(sql`select * from ${sql.raw(table)} order by 1, 2`)).toEqual(before);
  });
});
