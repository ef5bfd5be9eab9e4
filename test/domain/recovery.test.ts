import { expect, it } from 'vitest';
import type { BookingEvent } from '../../domain/events.ts';
import { keyOf } from '../../domain/events.ts';
import type { KeptIntake, Recall } from '../../domain/recall.ts';
import { lossOf } from '../../domain/recovery.ts';

const EVENTS: readonly BookingEvent[] = [1, 2, 3, 4].map((n) => ({ type: 'booking.confirmed', attempt: n }));
const NAMES = EVENTS.map(keyOf);
const AT = '2026-11-21T18:00:00.000Z';
const fact = (seq: number, event: BookingEvent | undefined = EVENTS[seq - 1]) => {
  if (!event) throw new Error(`no fact ${seq}`);
  return { seq, at: AT, event };
};
const told = (...seqs: number[]): Recall => ({ bookingId: 'bk_1', facts: seqs.map((seq) => fact(seq)) });
/** What it says is written as it stands: here only whether it was told counts. */
const intake = { row: { id: 'bk_1' }, isNamed: false, claims: [] } as unknown as KeptIntake;
const remembered = (version: number, ...recalls: Recall[]) => ({ bookingId: 'bk_1', recalls, version });

it('is nothing where the database knows all that was told, and more', () => {
  expect(lossOf(remembered(3, told(1, 2), told(3)), NAMES)).toEqual({ kind: 'nothing' });
  expect(lossOf(remembered(0), NAMES)).toEqual({ kind: 'nothing' });
});

it('is what the database does not know by name, each fact once and in its order', () => {
  expect(lossOf(remembered(4, told(3, 4), told(1, 2), told(3)), NAMES.slice(0, 2))).toEqual({
    kind: 'behind',
    facts: [fact(3), fact(4)],
    untold: [],
  });
});

it('is the whole booking where the database has none, with what was taken in', () => {
  expect(lossOf(remembered(2, { ...told(1), intake }, told(2)), undefined)).toEqual({
    kind: 'absent',
    intake,
    facts: [fact(1), fact(2)],
    untold: [],
  });
});

it('is the whole booking too where nothing had happened to it yet', () => {
  const takenIn: Recall = { bookingId: 'bk_1', facts: [], intake };
  expect(lossOf(remembered(0, takenIn), undefined)).toEqual({ kind: 'absent', intake, facts: [], untold: [] });
  expect(lossOf(remembered(0, takenIn), [])).toEqual({ kind: 'nothing' });
});

it('is what was taken in as it was told last: it may have changed until the first fact', () => {
  const later = { ...intake, isNamed: true };
  const recalls = [{ bookingId: 'bk_1', facts: [], intake }, { ...told(1), intake: later }, told(2)];
  expect(lossOf(remembered(2, ...recalls), undefined)).toMatchObject({ kind: 'absent', intake: later });
});

it('is said to be unknown where nobody was told what was booked', () => {
  expect(lossOf(remembered(2, told(2)), undefined)).toEqual({ kind: 'unknown', version: 2 });
  expect(lossOf(remembered(0), undefined)).toEqual({ kind: 'unknown', version: 0 });
});

it('names the facts that a workflow had read and nobody tells', () => {
  expect(lossOf(remembered(4, told(1, 3)), NAMES.slice(0, 1))).toEqual({
    kind: 'behind',
    facts: [fact(3)],
    untold: [2, 4],
  });
  expect(lossOf(remembered(2), NAMES.slice(0, 1))).toEqual({ kind: 'behind', facts: [], untold: [2] });
});

it('counts by name where the database went on by itself under the same numbers', () => {
  const wentOn = [...NAMES.slice(0, 1), 'payment.captured/pay_1_1'];
  expect(lossOf(remembered(3, told(1, 2, 3)), wentOn)).toEqual({
    kind: 'behind',
    facts: [fact(2), fact(3)],
    untold: [],
  });
});

it('forgets neither of two facts that were given the same number', () => {
  const second = { ...fact(2), seq: 1, at: '2026-11-21T19:00:00.000Z' };
  expect(lossOf(remembered(1, { bookingId: 'bk_1', facts: [second] }, told(1)), [])).toEqual({
    kind: 'behind',
    facts: [fact(1), second],
    untold: [],
  });
});

it('keeps the numbers that were told last: where a fact was lost, what follows it was numbered anew', () => {
  const old = { bookingId: 'bk_1', facts: [fact(1), { ...fact(2), seq: 4 }, { ...fact(3), seq: 5 }] };
  const anew = { bookingId: 'bk_1', facts: [fact(2), fact(3), fact(4)] };
  const loss = lossOf(remembered(4, { ...old, intake }, anew), undefined);
  expect(loss).toMatchObject({ kind: 'absent', facts: [fact(1), fact(2), fact(3), fact(4)] });
});
