import { randomUUID } from 'node:crypto';
import { eq, inArray, sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { disputes } from '../../db/disputes.ts';
import { createInboxWriter } from '../../db/inbox-writer.ts';
import type { InboxWriter } from '../../db/inbox-writer.ts';
import { replayRow } from '../../db/inbox-list.ts';
import { takeDue } from '../../db/inbox-work.ts';
import { bookingKeys, bookings, inbox, workItems } from '../../db/schema.ts';
import { latePaymentIdOf, workflowIdOf } from '../../domain/ids.ts';
import { backOffMs, createInboxWork, startSweep } from '../../worker/sweep.ts';
import type { SweepDeps } from '../../worker/sweep.ts';
import { startForgottenIntakes } from '../../worker/intake-sweep.ts';
import type { Running } from '../../worker/periodic.ts';
import { openBench } from '../api/app-under-test.ts';
import type { Bench } from '../api/app-under-test.ts';
import { insertBooking } from '../api/database-under-test.ts';
import { describeWith, temporalAddress } from '../setup/parts.ts';

const DAY_MS = 24 * 3_600_000;
const YESTERDAY = new Date(Date.now() - DAY_MS);
/** No worker listens on it: workflows are started and signalled, and their histories read. */
const TASK_QUEUE = `nobody-${randomUUID()}`;

let serial = 0;
const fresh = () => {
  serial += 1;
  const mark = `${serial}${randomUUID().slice(0, 8)}`;
  return { id: `bk_${mark}`, paymentRef: `pi_${mark}` };
};

describeWith(['postgres', 'temporal'], 'the inbox sweep', () => {
  let bench: Bench;
  let deps: SweepDeps;
  let running: Running | undefined;
  let receive: InboxWriter;

  beforeAll(async () => {
    bench = await openBench({ TEMPORAL_ADDRESS: temporalAddress() });
    const { db, url } = bench.database;
    deps = {
      db,
      databaseUrl: url,
      temporal: bench.deps.temporal,
      taskQueue: TASK_QUEUE,
      log: bench.deps.log,
      clock: () => new Date(),
    };
    receive = createInboxWriter(db, bench.database.keyring);
  });
  beforeEach(async () => {
    await bench.database.db.delete(inbox);
  });
  afterEach(async () => {
    await running?.stop();
    running = undefined;
  });
  afterAll(() => bench.close());

  interface News {
    readonly bookingId?: string | null;
    readonly paymentRef: string;
    /** Null: it changes nothing for us. */
    readonly effect?: string | null;
    readonly paymentId?: string | null;
    /** The payment itself unless it is said. */
    readonly objectRef?: string;
  }
  const arrive = async (news: News): Promise<number> => {
    const { paymentRef, bookingId = null, paymentId = null, effect = 'succeeded', objectRef = paymentRef } = news;
    const eventId = randomUUID();
    await receive({
      gateway: 'stripe_intent',
      channel: '/api/webhooks/stripe',
      raw: Buffer.from('{}'),
      headers: {},
      eventId,
      type: effect === 'fee' ? 'charge.updated' : 'payment_intent.succeeded',
      objectRef,
      effect,
      paymentRef,
      bookingId,
      paymentId,
    });
    const [row] = await bench.database.db.select().from(inbox).where(eq(inbox.eventId, eventId));
    return row?.id ?? expect.unreachable();
  };
  const rowOf = async (id: number) => (await bench.database.db.select().from(inbox).where(eq(inbox.id, id)))[0];
  const settled = async (id: number, state: string) =>
    vi.waitFor(async () => expect(await rowOf(id)).toMatchObject({ state }), { timeout: 5_000, interval: 20 });

  const work = async (change: Partial<SweepDeps> = {}) => {
    const inboxWork = createInboxWork({ ...deps, ...change });
    await inboxWork.look();
    await inboxWork.finish();
  };
  const startBooking = (id: string) =>
    deps.temporal.workflow.start('bookingWorkflow', {
      workflowId: workflowIdOf(id),
      taskQueue: TASK_QUEUE,
      args: [{ bookingId: id }],
    });
  const signalsOf = async (id: string): Promise<unknown[]> => {
    const { events } = await deps.temporal.workflow.getHandle(workflowIdOf(id)).fetchHistory();
    const signals = events?.flatMap((event) => event.workflowExecutionSignaledEventAttributes ?? []) ?? [];
    return Promise.all(
      signals.map(async ({ input }) => {
        const [payload] = await bench.deps.codec.decode(input?.payloads ?? []);
        return JSON.parse(Buffer.from(payload?.data ?? []).toString());
      }),
    );
  };
  const exists = async (workflowId: string) =>
    deps.temporal.workflow
      .getHandle(workflowId)
      .describe()
      .then(({ type }) => type)
      .catch(() => undefined);

  it('tells the workflow of the booking which payment changed, and that once', async () => {
    const { id, paymentRef } = fresh();
    await insertBooking(bench.database, id);
    await startBooking(id);
    const row = await arrive({ bookingId: id, paymentRef });
    await work();
    await work();
    expect(await signalsOf(id)).toEqual([{ inboxId: row, replay: 0, paymentRef }]);
    expect(await rowOf(row)).toMatchObject({ state: 'handled', attempts: 1, handledAt: expect.any(Date) });
  });

  it('finds the booking by its payment when the event does not name it', async () => {
    const { id, paymentRef } = fresh();
    await insertBooking(bench.database, id, { paymentRef });
    await startBooking(id);
    const row = await arrive({ paymentRef, bookingId: 'bk_of_another_program' });
    await work();
    expect(await signalsOf(id)).toHaveLength(1);
    expect(await rowOf(row)).toMatchObject({ state: 'handled', bookingId: id });
  });

  it('finds the booking of a dispute by what was said before of the same intent, though that changed nothing', async () => {
    const { id, paymentRef } = fresh();
    const intent = `${paymentRef}_intent`;
    await insertBooking(bench.database, id, { paymentRef });
    await startBooking(id);
    await arrive({ paymentRef: intent, bookingId: id, paymentId: `pay_${id}`, effect: null });
    const row = await arrive({ paymentRef: intent, effect: 'dispute/created' });
    await work();
    expect(await signalsOf(id)).toEqual([{ inboxId: row, replay: 0, paymentRef }]);
    expect(await rowOf(row)).toMatchObject({ state: 'handled', bookingId: id });
  });

  it('finds the booking of a dispute that the gateway told us of before its webhook came', async () => {
    const { id, paymentRef } = fresh();
    await insertBooking(bench.database, id, { paymentRef });
    await startBooking(id);
    await bench.database.db.insert(disputes).values({
      ref: `du_${id}`,
      bookingId: id,
      paymentId: `pay_${id}`,
      standing: 'open',
      wireStatus: 'needs_response',
      reason: 'fraudulent',
      amountMinor: 1_000,
      currency: 'USD',
      openedAt: new Date(),
      turn: 1,
    });
    const row = await arrive({ paymentRef: `${paymentRef}_intent`, objectRef: `du_${id}`, effect: 'dispute/created' });
    await work();
    expect(await signalsOf(id)).toEqual([{ inboxId: row, replay: 0, paymentRef }]);
  });

  it('passes on one of two events that tell the same, and both when they do not', async () => {
    const { id, paymentRef } = fresh();
    await insertBooking(bench.database, id);
    await startBooking(id);
    await arrive({ bookingId: id, paymentRef });
    await work();
    const second = await arrive({ bookingId: id, paymentRef });
    await arrive({ bookingId: id, paymentRef, effect: 'refunded/100' });
    await work();
    expect(await signalsOf(id)).toHaveLength(2);
    expect(await rowOf(second)).toMatchObject({ state: 'handled' });
  });

  it('delivers a replay although it was handled before', async () => {
    const { id, paymentRef } = fresh();
    await insertBooking(bench.database, id);
    await startBooking(id);
    const row = await arrive({ bookingId: id, paymentRef });
    await work();
    expect(await replayRow(bench.database.db, row)).toEqual({ kind: 'queued' });
    await work();
    expect(await signalsOf(id)).toHaveLength(2);
  });

  it.each([
    [undefined, 1],
    [29, 0],
  ])('asks for a fee only while it is unknown: %s → %i signal', async (feeMinor, signals) => {
    const { id, paymentRef } = fresh();
    await insertBooking(bench.database, id, { paymentRef, ...(feeMinor && { feeMinor }) });
    await startBooking(id);
    const row = await arrive({ paymentRef, effect: 'fee' });
    await work();
    expect(await signalsOf(id)).toHaveLength(signals);
    expect(await rowOf(row)).toMatchObject({ state: 'handled' });
  });

  it('parks what belongs to no booking, and delivers it once there is one', async () => {
    const { id, paymentRef } = fresh();
    const row = await arrive({ bookingId: id, paymentRef });
    await work();
    expect(await rowOf(row)).toMatchObject({
      state: 'parked',
      attempts: 1,
      error: expect.stringContaining('no booking'),
    });
    await insertBooking(bench.database, id);
    await startBooking(id);
    await work();
    expect(await rowOf(row)).toMatchObject({ state: 'parked' });
    await bench.database.db.update(inbox).set({ nextAt: sql`now()` });
    await work();
    expect(await signalsOf(id)).toHaveLength(1);
  });

  it('hands what belongs to no booking to a person after three days', async () => {
    const { paymentRef } = fresh();
    const row = await arrive({ paymentRef });
    await work({ clock: () => new Date(Date.now() + 3 * DAY_MS - 60_000) });
    expect(await rowOf(row)).toMatchObject({ state: 'parked' });
    await bench.database.db.update(inbox).set({ nextAt: sql`now()` });
    await work({ clock: () => new Date(Date.now() + 3 * DAY_MS + 60_000) });
    expect(await rowOf(row)).toMatchObject({ state: 'failed' });
    const items = await bench.database.db
      .select()
      .from(workItems)
      .where(eq(workItems.subject, `inbox/${row}`));
    expect(items).toMatchObject([{ kind: 'webhook_unknown_booking', closedAt: null }]);
  });

  it('has late money looked after when the workflow of its booking is over, and later news again when that is done', async () => {
    const { id, paymentRef } = fresh();
    await insertBooking(bench.database, id, { createdAt: YESTERDAY, workflowSeenAt: YESTERDAY });
    const first = await arrive({ bookingId: id, paymentRef });
    const second = await arrive({ bookingId: id, paymentRef, effect: 'processing/ch_1' });
    const states = async () => {
      const rows = await Promise.all([rowOf(first), rowOf(second)]);
      return rows.map((row) => row?.state ?? 'gone').toSorted((a, b) => a.localeCompare(b));
    };
    await work();
    await vi.waitFor(async () => expect(await states()).toEqual(['handled', 'pending']), 10_000);
    expect(await exists(latePaymentIdOf(paymentRef))).toBe('latePaymentWorkflow');
    await deps.temporal.workflow.getHandle(latePaymentIdOf(paymentRef)).terminate('it owed nothing');
    await bench.database.db
      .update(inbox)
      .set({ nextAt: new Date() })
      .where(inArray(inbox.id, [first, second]));
    await work();
    await vi.waitFor(async () => expect(await states()).toEqual(['handled', 'handled']), 10_000);
  });

  it.each([
    ['the key of an erased person is gone', { workflowSeenAt: YESTERDAY }, YESTERDAY],
    ['its workflow was never seen, and is over all the same', { phase: 'expired' } as const, null],
  ])('has late money looked after when %s', async (_name, change, destroyedAt) => {
    const { id, paymentRef } = fresh();
    await insertBooking(bench.database, id, { createdAt: YESTERDAY, ...change });
    const gone = destroyedAt && { wrapped: null, destroyedAt };
    if (gone) await bench.database.db.update(bookingKeys).set(gone).where(eq(bookingKeys.keyId, id));
    const row = await arrive({ bookingId: id, paymentRef });
    await work();
    expect(await rowOf(row)).toMatchObject({ state: 'handled' });
    expect(await exists(latePaymentIdOf(paymentRef))).toBe('latePaymentWorkflow');
  });

  it.each([
    ['young', { workflowSeenAt: new Date(Date.now() - 1_000) }],
    ['without a workflow so far', { createdAt: YESTERDAY }],
  ])('waits for the workflow of a booking that is %s', async (_name, change) => {
    const { id, paymentRef } = fresh();
    await insertBooking(bench.database, id, change);
    const row = await arrive({ bookingId: id, paymentRef });
    await work();
    expect(await rowOf(row)).toMatchObject({
      state: 'pending',
      attempts: 1,
      error: expect.stringContaining('not begun'),
    });
    expect(await exists(latePaymentIdOf(paymentRef))).toBeUndefined();
  });

  it('keeps what it cannot deliver while Temporal is away, and tries later', async () => {
    const away = await openBench();
    const { id, paymentRef } = fresh();
    await insertBooking(bench.database, id);
    await startBooking(id);
    const row = await arrive({ bookingId: id, paymentRef });
    await work({ temporal: away.deps.temporal });
    expect(await rowOf(row)).toMatchObject({
      state: 'pending',
      attempts: 1,
      error: expect.stringContaining('Temporal'),
    });
    await bench.database.db.update(inbox).set({ nextAt: sql`now()` });
    await work();
    expect(await rowOf(row)).toMatchObject({ state: 'handled', error: null });
    await away.close();
  });

  it('gives each row to one of several sweeps', async () => {
    const { id, paymentRef } = fresh();
    await insertBooking(bench.database, id);
    await startBooking(id);
    for (let i = 0; i < 40; i += 1) await arrive({ bookingId: id, paymentRef, effect: `refunded/${i}` });
    await Promise.all([work(), work(), work()]);
    const told = (await signalsOf(id)) as { inboxId: number }[];
    expect(new Set(told.map(({ inboxId }) => inboxId)).size).toBe(40);
    expect(told).toHaveLength(40);
  });

  it('leaves a row to who has taken it until the lease is over', async () => {
    const { db } = bench.database;
    await arrive(fresh());
    const taken = [await takeDue(db, 10), await takeDue(db, 10)];
    expect(taken.map(({ length }) => length)).toEqual([1, 0]);
    await db.update(inbox).set({ nextAt: sql`now()` });
    expect(await takeDue(db, 10)).toHaveLength(1);
  });

  it('hears a wake-up within milliseconds, looks by itself when none comes, and survives a broken connection', async () => {
    const { db } = bench.database;
    const { id, paymentRef } = fresh();
    await insertBooking(bench.database, id);
    await startBooking(id);
    running = startSweep(deps);
    await vi.waitFor(async () => expect(await ears()).toBe(1), { timeout: 5_000 });

    for (const effect of ['a', 'b', 'c', 'd']) {
      const askedAt = performance.now();
      const called = await arrive({ bookingId: id, paymentRef, effect });
      await vi.waitFor(async () => expect(await rowOf(called)).toMatchObject({ state: 'handled' }), { interval: 5 });
      expect(performance.now() - askedAt).toBeLessThan(400);
    }

    const [silent] = await db
      .update(inbox)
      .set({ state: 'pending', nextAt: sql`now()`, replayedAt: sql`now()` })
      .returning();
    await settled(silent?.id ?? 0, 'handled');

    await db.execute(
      sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'holdfast-ear-%' and datname = current_database()`,
    );
    await vi.waitFor(async () => expect(await ears()).toBe(1), { timeout: 5_000 });
    const afterwards = await arrive({ bookingId: id, paymentRef, effect: 'e' });
    await settled(afterwards, 'handled');
  });

  async function ears(): Promise<number> {
    const found = await bench.database.db.execute(
      sql`select 1 from pg_stat_activity where application_name like 'holdfast-ear-%' and datname = current_database() and state = 'idle' and query like 'listen%'`,
    );
    return found.rows.length;
  }

  it('starts the workflow of a forgotten intake, and of nothing else', async () => {
    const minuteAgo = new Date(Date.now() - 60_000);
    const [forgotten, young, seen, further] = [fresh().id, fresh().id, fresh().id, fresh().id];
    await bench.database.db.update(bookings).set({ workflowSeenAt: sql`now()` });
    await insertBooking(bench.database, forgotten, { createdAt: minuteAgo });
    await insertBooking(bench.database, young);
    await insertBooking(bench.database, seen, { createdAt: minuteAgo, workflowSeenAt: minuteAgo });
    await insertBooking(bench.database, further, { createdAt: minuteAgo, phase: 'expired' });
    expect(await startForgottenIntakes(deps)).toBe(1);
    expect(await startForgottenIntakes(deps)).toBe(0);
    const types = await Promise.all([forgotten, young, seen, further].map((id) => exists(workflowIdOf(id))));
    expect(types).toEqual(['bookingWorkflow', undefined, undefined, undefined]);
  });

  it('takes a workflow that is there already for started', async () => {
    const { id } = fresh();
    await insertBooking(bench.database, id, { createdAt: new Date(Date.now() - 60_000) });
    const { firstExecutionRunId } = await startBooking(id);
    await startForgottenIntakes(deps);
    const [row] = await bench.database.db.select().from(bookings).where(eq(bookings.id, id));
    expect(row?.workflowSeenAt).toBeInstanceOf(Date);
    const { runId } = await deps.temporal.workflow.getHandle(workflowIdOf(id)).describe();
    expect(runId).toBe(firstExecutionRunId);
  });
});

it('backs off from five seconds to an hour', () => {
  expect([1, 2, 3, 10, 11, 500].map(backOffMs)).toEqual([5_000, 10_000, 20_000, 2_560_000, 3_600_000, 3_600_000]);
});
