import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Standstill, heed, unlessStandingStill } from './standstill.ts';

const calledOff = vi.fn<() => void>();
const connection = {
  withAbortSignal: async <Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> => {
    signal.addEventListener('abort', calledOff);
    return work();
  },
};
const never = () => new Promise<void>(() => {});
const line = (message: string, meta: object) => heed({ level: 'WARN', message, meta, timestampNanos: 0n });

beforeEach(() => {
  vi.useFakeTimers();
  calledOff.mockClear();
});
afterEach(() => {
  vi.useRealTimers();
});

it('a scene that is over is just that, and nothing is left waiting', async () => {
  await unlessStandingStill(connection, async () => {});
  expect(vi.getTimerCount()).toBe(0);
  line('Error while completing workflow activation', { error: 'ACTIVITY_UNKNOWN' });
});

it('a scene that fails says why', async () => {
  await expect(unlessStandingStill(connection, () => Promise.reject(new Error('no such phase')))).rejects.toThrow(
    'no such phase',
  );
});

it('a scene whose decision the server refused ends at once, and asks for nothing more', async () => {
  const playing = unlessStandingStill(connection, never);
  line('Error while completing workflow activation', { error: 'something else' });
  line('something else', { error: 'ACTIVITY_UNKNOWN' });
  expect(calledOff).not.toHaveBeenCalled();
  line('Error while completing workflow activation', { error: 'ACTIVITY_UNKNOWN' });
  await expect(playing).rejects.toMatchObject({ name: Standstill.name, tries: 5 });
  expect(calledOff).toHaveBeenCalledOnce();
});

it('a scene on which time stands still without a word ends as well', async () => {
  const playing = unlessStandingStill(connection, never);
  const ending = playing.catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(39_000);
  expect(calledOff).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1_001);
  expect(await ending).toMatchObject({ name: Standstill.name, tries: 2 });
  expect(calledOff).toHaveBeenCalledOnce();
});
