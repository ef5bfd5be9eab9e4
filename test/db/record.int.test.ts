// One fact, one transaction: state, books, letters and messages together, or nothing of it.
import { sql } from 'drizzle-orm';
import pg from 'pg';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { refundActivities } from '../../activities/refund.ts';
import type { ReserveRefundInput } from '../../activities/refund.ts';
import { saveBooking } from '../../db/bookings.ts';
import { takeAttempt } from '../../db/intake.ts';
import { refundableMinor } from '../../domain/booking.ts';
import { ImpossibleFact } from '../../domain/impossible-fact.ts';
import { CONFIRMED, PAID, after, facts, newBooking } from '../domain/sample-booking.ts';
import { describeWith } from '../setup/parts.ts';
import { depsOf, openBench } from './test-bench.ts';
import type { Bench } from './test-bench.ts';

let bench: Bench;
const opened: Bench[] = [];
const closeAll = async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
};

/** Each test has a database of its own, for they count rows. */
function withBench(): void {
  beforeEach(async () => {
    bench = await openBench();
    opened.push(bench);
    await bench.add();
  });
  afterEach(closeAll);
  afterAll(closeAll);
}

const TABLES = [
  'booking_events',
  'payments',
  'supplier_orders',
  'refunds',
  'vouchers',
  'ledger_transactions',
  'ledger_postings',
  'notices',
  'outbox',
];

/** Everything a fact may have written. */
async function written(): Promise<Record<string, unknown>> {
  const counts: Record<string, unknown> = { booking: await bench.load('bk_1') };
  for (const table of TABLES)
    counts[table] = (await bench.rows(sql`select count(*)::int as n from ${sql.raw(table)}`))[0]?.['n'];
  return counts;
}

describeWith('postgres', 'recording', () => {
  withBench();

  it('makes of facts what the domain makes of them', async () => {
    const recorded = await bench.record('bk_1', () => CONFIRMED);
    expect(recorded).toEqual(after(CONFIRMED, newBooking({ number: 'HF-bk_1' })));
    expect(await bench.load('bk_1')).toEqual(recorded);
  });

  it('numbers facts without a gap, as the version of the booking counts them', async () => {
    for (const event of CONFIRMED) await bench.record('bk_1', () => [event]);
    const rows = await bench.rows(sql`select seq from booking_events order by seq`);
    expect(rows.map((row) => row['seq'])).toEqual(CONFIRMED.map((_, i) => i + 1));
    expect((await bench.load('bk_1')).version).toBe(CONFIRMED.length);
  });

  it('knows a fact once: again, beside news, or twice in one decision', async () => {
    await bench.record('bk_1', () => PAID);
    const once = await written();
    await bench.record('bk_1', () => PAID);
    expect(await written()).toEqual(once);
    const { version } = await bench.record('bk_1', () => [...PAID, facts.declined(), facts.declined()]);
    expect(version).toBe(PAID.length + 1);
  });

  it('knows a fact once when twenty say it at the same time', async () => {
    await bench.record('bk_1', () => [facts.opened()]);
    const all = await Promise.all(Array.from({ length: 20 }, () => bench.record('bk_1', () => [facts.captured()])));
    expect(new Set(all.map((b) => b.version))).toEqual(new Set([2]));
    expect(await written()).toMatchObject({ booking_events: 2, ledger_transactions: 1, ledger_postings: 4 });
  });

  it('gives different facts said at the same time a number each', async () => {
    await bench.record('bk_1', () => [facts.opened()]);
    await Promise.all(Array.from({ length: 20 }, (_, i) => bench.record('bk_1', () => [facts.declined(1, `ch_${i}`)])));
    const rows = await bench.rows(sql`select seq from booking_events order by seq`);
    expect(rows.map((row) => row['seq'])).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
    expect((await bench.load('bk_1')).payments[0]?.declines).toBe(20);
  });

  it('shows each decision the state that the one before it left', async () => {
    await bench.record('bk_1', () => [facts.opened()]);
    const seen: number[] = [];
    const decide = (i: number) =>
      bench.record('bk_1', ({ booking }) => {
        seen.push(booking.version);
        return [facts.declined(1, `ch_${i}`)];
      });
    await Promise.all(Array.from({ length: 8 }, (_, i) => decide(i)));
    expect(seen.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it.each([
    ['the process dies before the end of the transaction', () => PAID, () => Promise.reject(new Error('killed'))],
    ['the decision itself fails', () => [].map(() => facts.opened()).concat(fail()), undefined],
    ['the last of its facts cannot be', () => [...PAID, facts.expired()], undefined],
  ] as const)('writes nothing at all when %s', async (_, decide, alongside) => {
    await bench.record('bk_1', () => [facts.opened()]);
    const before = await written();
    await expect(bench.record('bk_1', decide, alongside)).rejects.toThrow(/killed|cannot decide|cannot go/);
    expect(await written()).toEqual(before);
  });

  it('writes nothing when nothing was decided, though what stands beside it is written', async () => {
    const before = await written();
    let beside = 0;
    await bench.record(
      'bk_1',
      () => [],
      async () => void (beside += 1),
    );
    expect(await written()).toEqual(before);
    expect(beside).toBe(1);
  });

  it('refuses what cannot be, and what nobody knows', async () => {
    await expect(bench.record('bk_1', () => [facts.opened(), facts.confirmed()])).rejects.toThrow(ImpossibleFact);
    await expect(bench.record('bk_none', () => [facts.opened()])).rejects.toThrow('no booking bk_none');
  });

  it('does not overwrite what moved on while it was being written', async () => {
    const before = await bench.load('bk_1');
    const now = await bench.record('bk_1', () => [facts.opened()]);
    await expect(bench.db.transaction((tx) => saveBooking(tx, before, now))).rejects.toThrow('moved on');
  });

  it('takes the number of an attempt once, and never one back', async () => {
    const { db } = bench;
    expect(await Promise.all([1, 2, 3].map(() => takeAttempt(db, 'bk_1', 1)))).toEqual([2, 2, 2]);
    expect(await takeAttempt(db, 'bk_1', 2)).toBe(3);
    await takeAttempt(db, 'bk_1', 1);
    expect(await bench.rows(sql`select attempt from bookings`)).toEqual([{ attempt: 3 }]);
  });

  it('writes each letter once, though several facts ask for it', async () => {
    await bench.record('bk_1', () => [facts.opened(), facts.declined(1, 'a'), facts.declined(1, 'b')]);
    await bench.record('bk_1', () => [facts.declined(1, 'c')]);
    expect(await bench.rows(sql`select kind, version, audience, state from notices`)).toEqual([
      { kind: 'payment_failed', version: '1', audience: 'customer', state: 'pending' },
    ]);
  });

  it('tells whoever listens, once it is true and not before', async () => {
    const listener = new pg.Client({ connectionString: bench.url });
    await listener.connect();
    const heard: string[] = [];
    listener.on('notification', ({ channel, payload }) => heard.push(`${channel} ${payload ?? ''}`));
    await listener.query('listen holdfast_booking');
    await bench
      .record(
        'bk_1',
        () => PAID,
        () => Promise.reject(new Error('killed')),
      )
      .catch(() => undefined);
    await bench.record('bk_1', () => []);
    await bench.record('bk_1', () => PAID);
    // Notifications come with the answer to any query that follows them.
    await listener.query('select 1');
    await listener.end();
    expect(heard).toEqual(['holdfast_booking bk_1']);
  });
});

describeWith('postgres', 'what other services are told', () => {
  withBench();

  it('is numbered without a gap for each booking, whatever else is recorded at the time', async () => {
    const ids = ['bk_a', 'bk_b', 'bk_c'];
    for (const id of ids) await bench.add({ id, externalId: `ds-${id}`, storefront: 'dreamscape' });
    const open = (id: string) => ({ ...facts.opened(), paymentId: `pay_${id.slice(3)}_1`, ref: `pi_${id}` });
    await Promise.all(ids.map((id) => bench.record(id, () => [open(id)])));
    const decline = (id: string, n: number) => ({ ...facts.declined(1, `ch_${n}`), paymentId: `pay_${id.slice(3)}_1` });
    await Promise.all(
      ids.flatMap((id) => Array.from({ length: 6 }, (_, n) => bench.record(id, () => [decline(id, n)]))),
    );
    const rows = await bench.rows(
      sql`select key, array_agg(seq order by seq) as seqs from outbox group by key order by key`,
    );
    expect(rows).toEqual(ids.map((id) => ({ key: `ds-${id}`, seqs: [1, 2, 3, 4, 5, 6] })));
  });
});

describeWith('postgres', 'two who refund at once', () => {
  withBench();

  const ask = (
    refundId: string,
    amountMinor: number | null,
    rest: Partial<ReserveRefundInput> = {},
  ): ReserveRefundInput => ({
    bookingId: 'bk_1',
    refundId,
    amountMinor,
    cause: 'staff',
    reason: 'goodwill',
    actor: 'staff-1',
    approvalLimitMinor: null,
    ...rest,
  });

  it('cannot give back sixty per cent each', async () => {
    await bench.record('bk_1', () => CONFIRMED);
    const verbs = refundActivities(depsOf(bench));
    const outcomes = await Promise.all([
      verbs.reserveRefund(ask('rf_1', 6_000)),
      verbs.reserveRefund(ask('rf_2', 6_000)),
    ]);
    expect(outcomes.map((o) => o.kind).toSorted()).toEqual(['exceeds', 'reserved']);
    expect(outcomes.find((o) => o.kind === 'exceeds')).toMatchObject({ leftMinor: 4_000 });
    expect((await bench.load('bk_1')).sums).toMatchObject({ reservedMinor: 6_000, refundedMinor: 0 });
  });

  it('get what there is and no more, ten at a time', async () => {
    await bench.record('bk_1', () => CONFIRMED);
    const verbs = refundActivities(depsOf(bench));
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, i) => verbs.reserveRefund(ask(`rf_${i}`, 3_000))),
    );
    expect(outcomes.filter((o) => o.kind === 'reserved')).toHaveLength(3);
    expect(refundableMinor(await bench.load('bk_1'))).toBe(1_000);
  });

  it('are set aside before a bank takes the money or not at all, and what crossed is counted', async () => {
    await bench.record('bk_1', () => CONFIRMED);
    const verbs = refundActivities(depsOf(bench));
    const [first, , ...others] = await Promise.all([
      verbs.reserveRefund(ask('rf_0', null)),
      bench.record('bk_1', () => [facts.disputed()]),
      ...Array.from({ length: 8 }, (_, i) => verbs.reserveRefund(ask(`rf_${i + 1}`, null))),
    ]);
    const kinds = [first, ...others].map(({ kind }) => kind);
    const { sums } = await bench.load('bk_1');
    const reserved = kinds.filter((kind) => kind === 'reserved').length;
    expect(reserved).toBeLessThanOrEqual(1);
    expect(kinds.every((kind) => ['reserved', 'disputed', 'nothing_left'].includes(kind))).toBe(true);
    expect(sums).toMatchObject({ reservedMinor: reserved * 10_000, overReturnedMinor: reserved * 10_000 });
    const next = await verbs.reserveRefund(ask('rf_9', null));
    expect(next.kind).toBe(reserved === 1 ? 'nothing_left' : 'disputed');
  });

  it('reserve once under one name, however often it is asked', async () => {
    await bench.record('bk_1', () => CONFIRMED);
    const verbs = refundActivities(depsOf(bench));
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => verbs.reserveRefund(ask('rf_1', 6_000))));
    // Also to who asks when less than that is left: it is his, and not paid out yet.
    expect(new Set(outcomes.map((o) => o.kind))).toEqual(new Set(['reserved']));
    expect((await bench.load('bk_1')).refunds).toHaveLength(1);
    expect((await bench.load('bk_1')).sums.reservedMinor).toBe(6_000);
  });

  it('cannot have both approved what only one may take', async () => {
    await bench.record('bk_1', () => CONFIRMED);
    const verbs = refundActivities(depsOf(bench));
    for (const id of ['rf_1', 'rf_2']) await verbs.reserveRefund(ask(id, 6_000, { approvalLimitMinor: 0 }));
    expect((await bench.load('bk_1')).sums.reservedMinor).toBe(0);
    const approve = (refundId: string) => verbs.approveRefund({ bookingId: 'bk_1', refundId, actor: 'staff-2' });
    const outcomes = await Promise.all([approve('rf_1'), approve('rf_2')]);
    expect(outcomes.map((o) => o.kind).toSorted()).toEqual(['approved', 'exceeds']);
    expect((await bench.load('bk_1')).sums.reservedMinor).toBe(6_000);
  });

  it('need a second person once they add up to more than the limit, refusals and late money left out', async () => {
    await bench.record('bk_1', () => CONFIRMED);
    const verbs = refundActivities(depsOf(bench));
    const reserve = async (id: string, amountMinor: number, rest: Partial<ReserveRefundInput> = {}) =>
      (await verbs.reserveRefund(ask(id, amountMinor, { approvalLimitMinor: 5_000, ...rest }))).kind;
    expect(await reserve('rf_failed', 3_000)).toBe('reserved');
    await bench.record('bk_1', () => [
      { type: 'refund.failed', refundId: 'rf_failed', code: 'declined', message: 'no' },
    ]);
    expect(await reserve('rf_1', 3_000)).toBe('reserved');
    expect(await reserve('rf_house', 100, { cause: 'compensation', approvalLimitMinor: null })).toBe('reserved');
    expect(await reserve('rf_2', 2_000)).toBe('reserved');
    expect(await reserve('rf_3', 1)).toBe('awaiting_approval');
  });

  it('cannot pass the limit of one person together', async () => {
    await bench.record('bk_1', () => CONFIRMED);
    const verbs = refundActivities(depsOf(bench));
    const outcomes = await Promise.all(
      ['rf_1', 'rf_2'].map((id) => verbs.reserveRefund(ask(id, 3_000, { approvalLimitMinor: 5_000 }))),
    );
    expect(outcomes.map((o) => o.kind).toSorted()).toEqual(['awaiting_approval', 'reserved']);
    expect((await bench.load('bk_1')).sums.reservedMinor).toBe(3_000);
  });

  it('give the whole trip back and the second payment back, each from its own', async () => {
    await bench.record('bk_1', () => [
      facts.opened(1),
      facts.closed(1),
      facts.opened(2),
      facts.captured(2),
      facts.captured(1),
    ]);
    const verbs = refundActivities(depsOf(bench));
    const [whole, strays] = await Promise.all([
      verbs.reserveRefund(ask('rf_all', null, { cause: 'compensation' })),
      verbs.reserveDuplicates({ bookingId: 'bk_1' }),
    ]);
    expect(whole.kind).toBe('reserved');
    expect(strays.owed).toMatchObject([{ refundId: 'rf_1_2_duplicate', amountMinor: 10_000 }]);
    const { refunds, sums } = await bench.load('bk_1');
    expect(new Map(refunds.map((r) => [r.paymentId, r.amount.minor]))).toEqual(
      new Map([
        ['pay_1_1', 10_000],
        ['pay_1_2', 10_000],
      ]),
    );
    expect(sums).toMatchObject({ capturedMinor: 20_000, reservedMinor: 20_000 });
  });
});

function fail(): never {
  throw new Error('cannot decide');
}
