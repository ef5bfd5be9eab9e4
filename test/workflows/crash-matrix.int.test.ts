// On every road the worker dies at every activity, before and after it, and every report is read by one that remembers nothing.
// `npm run drill -- --matrix` does the same with real processes, one death at a time.
import { afterAll, expect, it } from 'vitest';
import * as verbs from '../../workflows/verbs.ts';
import { describeWith } from '../setup/parts.ts';
import { createDeaths } from './dying-worker.ts';
import type { Wish } from './intake.ts';
import { endOf, ROADS } from './roads.ts';
import type { Road } from './roads.ts';
import { play } from './scene.ts';
import type { Scene } from './scene.ts';
import { soundStage } from './sound-stage.ts';
import type { Stage } from './stage.ts';

/** What is still waited for when the road ends has had no end to die at. */
const STILL_WAITED_FOR = new Set(['pollPayment']);

/** These read and wait; where they end on no road it is because somebody else told first. */
const ONLY_READING = ['awaitRefund', 'awaitVouchers', 'lookDisputes', 'pollPayment', 'readBooking'];

const died = new Set<string>();

async function activitiesOf({ handle }: Scene): Promise<ReadonlySet<string>> {
  const { events } = await handle.fetchHistory();
  const names = events?.map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name) ?? [];
  return new Set(names.filter((name) => typeof name === 'string'));
}

interface Walked {
  readonly end: unknown;
  readonly asked: ReadonlySet<string>;
}

async function walked(stage: Stage, wish: Wish, walk: Road['walk']): Promise<Walked> {
  let seen: Walked | undefined;
  await play(stage, wish, async (scene) => {
    await walk(scene);
    seen = { end: await endOf(scene), asked: await activitiesOf(scene) };
  });
  if (!seen) throw new Error('nobody walked');
  return seen;
}

const ground = soundStage();

describeWith(['postgres', 'time-skipping'], 'a booking whose worker dies at every step', () => {
  afterAll(() => ground.close());

  it.each(Object.entries(ROADS))('ends as it would have: %s', async (_name, { wish, walk }) => {
    await ground.on(async (stage) => {
      const deaths = createDeaths();
      const { end } = await walked(stage, wish, walk);
      const dying = await walked(stage, { ...wish, deaths }, walk);
      expect(dying.end).toEqual(end);
      expect([...dying.asked].filter((activity) => !deaths.met.before.has(activity))).toEqual([]);
      const over = [...dying.asked].filter((activity) => !STILL_WAITED_FOR.has(activity));
      expect(over.filter((activity) => !deaths.met.after.has(activity))).toEqual([]);
      for (const activity of deaths.met.after.keys()) died.add(activity);
    });
  });

  it('was one that died at every activity that moves anything', () => {
    const all = Object.values(verbs).flatMap((those) => Object.keys(those));
    expect(all.filter((activity) => !died.has(activity)).toSorted()).toEqual(ONLY_READING);
  });
});
