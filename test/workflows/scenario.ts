// Scenarios for vitest: one server and one database per test file; every scenario has a booking and vendors of its own.
import { afterAll, beforeAll } from 'vitest';
import { createTestDatabase } from '../setup/database.ts';
import { describeWith, timeSkippingServer } from '../setup/parts.ts';
import type { Wish } from './intake.ts';
import { play } from './scene.ts';
import type { Scene } from './scene.ts';
import { openStageOn } from './stage.ts';
import type { Stage } from './stage.ts';

export type Play = (wish: Wish, story: (scene: Scene) => Promise<void>) => Promise<void>;

export function describeScenarios(name: string, body: (playOn: Play) => void): void {
  describeWith(['postgres', 'time-skipping'], name, () => {
    let stage: Stage | undefined;
    beforeAll(async () => {
      const { url } = await createTestDatabase();
      stage = await openStageOn({ databaseUrl: url, server: timeSkippingServer() });
    });
    afterAll(() => stage?.close());
    body((wish, story) => {
      if (!stage) throw new Error('the stage is not open');
      return play(stage, wish, story);
    });
  });
}
