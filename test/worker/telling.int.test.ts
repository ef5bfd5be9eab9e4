// What answers tell Temporal of a booking's facts: each one, whichever process recorded it and however its verb ended.
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bookings, idempotency } from '../../db/schema.ts';
import { telling } from '../../worker/telling.ts';
import { openBench } from '../db/test-bench.ts';
import type { Bench } from '../db/test-bench.ts';
import { AT, CONFIRMED } from '../domain/sample-booking.ts';
import { describeWith } from '../setup/parts.ts';

describeWith('postgres', 'an answer', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench();
    await bench.add();
  });
  afterEach(() => bench.close());

  /** As a process of its own would run it. */
  const verb = (work: () => Promise<unknown>, info: { attempt?: number; startToCloseTimeoutMs?: number } = {}) =>
    new MockActivityEnvironment({ startToCloseTimeoutMs: 60_000, ...info }, { interceptors: [telling(bench.db)] }).run(
      (_: { bookingId: string }) => work(),
      {
        bookingId: 'bk_1',
      },
    );
  const recording = (from: number, to: number) => async () => {
    await bench.record('bk_1', () => CONFIRMED.slice(from, to));
    return { kind: 'done' };
  };
  const told = (from: number, to: number) =>
    CONFIRMED.slice(from, to).map((event, i) => ({ seq: from + i + 1, at: AT, event }));

  it('tells what was recorded, with the first fact what was taken in, and nothing twice', async () => {
    const claim = { scope: 'the request', bodyHash: 'hash' };
    await bench.db.insert(idempotency).values({ ...claim, bookingId: 'bk_1', claimedUntil: new Date(AT) });
    const first = await verb(recording(0, 2));
    expect(first).toMatchObject({ kind: 'done', recall: { bookingId: 'bk_1', facts: told(0, 2) } });
    expect(first).toMatchObject({ recall: { intake: { row: { id: 'bk_1' }, isNamed: false, claims: [claim] } } });
    expect(await verb(recording(2, 3))).toEqual({ kind: 'done', recall: { bookingId: 'bk_1', facts: told(2, 3) } });
    const answer = { kind: 'done' };
    expect(await verb(async () => answer)).toBe(answer);
  });

  it('tells what was taken in for as long as nothing has happened, and once more with the first fact', async () => {
    const answer = async () => ({ kind: 'pays_later' });
    const takenIn = { kind: 'pays_later', recall: { bookingId: 'bk_1', facts: [], intake: { row: { id: 'bk_1' } } } };
    expect(await verb(answer)).toMatchObject(takenIn);
    expect(await verb(answer)).toMatchObject(takenIn);
    await bench.db.update(bookings).set({ attempt: 2 });
    expect(await verb(recording(0, 1))).toMatchObject({
      recall: { facts: told(0, 1), intake: { row: { attempt: 2 } } },
    });
    expect(await verb(answer)).toEqual({ kind: 'pays_later' });
  });

  it('tells what a verb had recorded that failed for good, or whose process is gone', async () => {
    await recording(0, 1)();
    await expect(verb(() => recording(1, 2)().then(() => Promise.reject(new Error('no'))))).rejects.toThrow('no');
    expect(await verb(async () => undefined)).toMatchObject({ recall: { facts: told(0, 2) } });
  });

  it('tells again what an earlier try had told, whose answer may have been lost', async () => {
    // Recorded long before the verb was asked for whose first answer told it.
    await verb(recording(0, 2));
    expect(await verb(recording(2, 3), { attempt: 2 })).toMatchObject({ recall: { facts: told(0, 3), intake: {} } });
    await bench.db.update(bookings).set({ toldSeq: 102 });
    expect(await verb(recording(3, 4), { attempt: 2 })).toEqual({
      kind: 'done',
      recall: { bookingId: 'bk_1', facts: told(2, 4) },
    });
  });

  it('leaves what it would tell past its time to an answer that is heard', async () => {
    const late = { startToCloseTimeoutMs: 0 };
    expect(await verb(recording(0, 2), late)).toEqual({ kind: 'done' });
    expect(await verb(recording(2, 3))).toMatchObject({ recall: { facts: told(0, 3) } });
  });
});
