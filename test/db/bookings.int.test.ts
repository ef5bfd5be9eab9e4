// Whole lives of bookings through the real recorder: what is read back is what the pure core made of them.
import fc from 'fast-check';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Booking } from '../../domain/booking.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { profitOf } from '../../domain/ledger.ts';
import type { Life } from '../domain/life.ts';
import { lived, plans } from '../domain/life-plans.ts';
import { describeWith } from '../setup/parts.ts';
import { openBench } from './test-bench.ts';
import type { Bench } from './test-bench.ts';

const LIVES = 40;

describeWith('postgres', 'a booking', () => {
  let bench: Bench;
  const lives = new Map<string, Life>();

  beforeAll(async () => {
    bench = await openBench();
    const sampled = fc.sample(plans, { numRuns: LIVES, seed: 20_260_504 }).map((plan) => lived(plan, { toRest: true }));
    for (const [i, life] of sampled.entries()) {
      const named = own(life, `m${i}`);
      lives.set(named.start.id, named);
      await bench.add(named.start);
      for (const events of decisionsOf(named)) await bench.record(named.start.id, () => events);
    }
  });
  afterAll(() => bench.close());

  it('is read back as it was left, through every table', async () => {
    for (const [id, { booking }] of lives) expect(withoutNumber(await bench.load(id))).toEqual(withoutNumber(booking));
  });

  it('has each of its facts, in order, whole', async () => {
    for (const [id, { steps }] of lives) {
      const rows = await bench.rows(sql`select seq, data from booking_events where booking_id = ${id} order by seq`);
      expect(rows).toEqual(steps.map(({ event }, i) => ({ seq: i + 1, data: event })));
    }
  });

  it('has the result in its books that the formula gives', async () => {
    for (const [id, { booking }] of lives) {
      const [row] = await bench.rows(sql`
        select coalesce(sum(-minor), 0)::int as result from ledger_postings join ledger_transactions t on t.id = transaction_id
        where t.booking_id = ${id} and currency = ${booking.charge.currency}
          and account in ('revenue', 'gateway_fees', 'supplier_penalties', 'dispute_losses')`);
      expect(row?.['result']).toBe(profitOf(booking).minor);
    }
  });

  it('leaves nothing on the clearing accounts of the whole company', async () => {
    const rows = await bench.rows(sql`select account, currency, sum(minor) from ledger_postings
      where account in ('customer_receivable', 'refunds_payable', 'supplier_payable') group by account, currency having sum(minor) <> 0`);
    expect(rows).toEqual([]);
    expect(
      await bench.rows(sql`select currency from ledger_postings group by currency having sum(minor) <> 0`),
    ).toEqual([]);
  });

  it('keeps its books when the people in it are erased', async () => {
    const books = () =>
      bench.rows(
        sql`select account, party, currency, sum(minor) as sum from ledger_postings group by 1, 2, 3 order by 1, 2, 3`,
      );
    const before = await books();
    await bench.db.execute(sql`delete from travellers`);
    await bench.db.execute(sql`update booking_keys set wrapped = null, destroyed_at = now()`);
    expect(await books()).toEqual(before);
    expect(before.length).toBeGreaterThan(5);
  });
});

/** The same life under names that no other life uses: in one database they are all unique. */
function own(life: Life, name: string): Life {
  const rename = <T>(value: T): T => renamed(value, name);
  const steps = life.steps.map((step) => ({ ...step, event: rename(step.event) }));
  return { ...life, start: rename(life.start), booking: rename(life.booking), steps };
}

/** A copy of the same shape: only texts change. */
function renamed<T>(value: T, name: string): T {
  const text = JSON.stringify(value)
    .replaceAll('"bk_1"', `"bk_${name}"`)
    .replaceAll(/"(pay|so)_1_/g, `"$1_${name}_`)
    .replaceAll(/"(pi|rf|du)_/g, `"$1_${name}_`)
    .replaceAll('"TRK-1', `"TRK-${name}`)
    .replaceAll(/"(K\d+)"/g, `"$1-${name}"`);
  return JSON.parse(text) as T;
}

function decisionsOf({ steps, decisions }: Life): BookingEvent[][] {
  return decisions
    .map((end, i) => steps.slice(decisions[i - 1] ?? 0, end).map((step) => step.event))
    .filter((events) => events.length > 0);
}

const withoutNumber = (booking: Booking) => {
  const byId = <T extends { id: string }>(all: readonly T[]) => all.toSorted((a, b) => a.id.localeCompare(b.id));
  const disputes = booking.disputes.toSorted((a, b) => a.ref.localeCompare(b.ref));
  return { ...booking, number: '', payments: byId(booking.payments), refunds: byId(booking.refunds), disputes };
};
