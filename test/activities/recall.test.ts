import { expect, it } from 'vitest';
import { createTeller, tellOf } from '../../activities/recall.ts';
import type { Recall } from '../../domain/recall.ts';

const AT = '2026-11-21T18:00:00.000Z';
const recall = (...seqs: number[]): Recall => ({
  bookingId: 'bk_1',
  facts: seqs.map((seq) => ({ seq, at: AT, event: { type: 'booking.confirmed', attempt: seq } })),
});
const none = async (): Promise<readonly Recall[]> => [];
const recording = async (...seqs: number[]): Promise<{ kind: string }> => {
  await Promise.resolve();
  tellOf(recall(...seqs));
  return { kind: 'done' };
};
const failing = async (seq: number): Promise<never> => {
  await recording(seq);
  throw new Error('not yet');
};

it('tells with the answer of a verb what it recorded', async () => {
  const tell = createTeller();
  expect(await tell({ bookingId: 'bk_1', work: () => recording(1, 2), earlier: none })).toEqual({
    kind: 'done',
    recall: recall(1, 2),
  });
});

it('leaves the answer of a verb that recorded nothing as it is', async () => {
  const answer = { kind: 'done' };
  expect(await createTeller()({ bookingId: 'bk_1', work: async () => answer, earlier: none })).toBe(answer);
});

it('keeps what a verb recorded before it failed for the next answer of the same booking, and tells it once', async () => {
  const tell = createTeller();
  await expect(tell({ bookingId: 'bk_1', work: () => failing(1), earlier: none })).rejects.toThrow('not yet');
  expect(await tell({ bookingId: 'bk_2', work: async () => ({}), earlier: none })).toEqual({});
  const next = await tell({ bookingId: 'bk_1', work: () => recording(2), earlier: none });
  expect(next).toEqual({ kind: 'done', recall: recall(1, 2) });
  expect(await tell({ bookingId: 'bk_1', work: async () => ({}), earlier: none })).toEqual({});
});

it('forgets nothing when it cannot be told what earlier tries recorded', async () => {
  const tell = createTeller();
  const away = () => Promise.reject(new Error('the database is away'));
  await expect(tell({ bookingId: 'bk_1', work: () => failing(1), earlier: none })).rejects.toThrow('not yet');
  await expect(tell({ bookingId: 'bk_1', work: () => recording(2), earlier: away })).rejects.toThrow('is away');
  const next = await tell({ bookingId: 'bk_1', work: () => recording(3), earlier: none });
  expect(next).toEqual({ kind: 'done', recall: recall(1, 2, 3) });
});

it('tells what earlier tries recorded elsewhere, each fact once', async () => {
  const earlier = async () => [recall(1, 2)];
  expect(await createTeller()({ bookingId: 'bk_1', work: () => recording(2), earlier })).toMatchObject({
    recall: recall(1, 2),
  });
});

it('does not mix what two verbs at once recorded', async () => {
  const tell = createTeller();
  const both = await Promise.all(
    [1, 2].map((seq) => tell({ bookingId: `bk_${seq}`, work: () => recording(seq), earlier: none })),
  );
  expect(both).toMatchObject([{ recall: { facts: [{ seq: 1 }] } }, { recall: { facts: [{ seq: 2 }] } }]);
});
