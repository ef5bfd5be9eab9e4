import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, it } from 'vitest';
import { heartbeats } from '../../worker/heartbeats.ts';

const beatsOf = async (heartbeatTimeoutMs: number | undefined): Promise<number> => {
  const environment = new MockActivityEnvironment(heartbeatTimeoutMs === undefined ? {} : { heartbeatTimeoutMs }, {
    interceptors: [heartbeats],
  });
  let beats = 0;
  environment.on('heartbeat', () => (beats += 1));
  const answer = await environment.run(() => new Promise<string>((resolve) => setTimeout(() => resolve('drawn'), 60)));
  expect(answer).toBe('drawn');
  const atEnd = beats;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(beats).toBe(atEnd);
  return atEnd;
};

it('a verb with a heartbeat limit shows signs of life while it works, and none after', async () => {
  expect(await beatsOf(40)).toBeGreaterThan(1);
});

it('a verb without one stays silent', async () => {
  expect(await beatsOf(undefined)).toBe(0);
});
