// Scenarios for vitest: one server and one database per test file; every scenario has a booking and vendors of its own.
import { afterAll } from 'vitest';
import { describeWith } from '../setup/parts.ts';
import type { Wish } from './intake.ts';
import { play } from './scene.ts';
import type { Scene } from './scene.ts';
import { soundStage } from './sound-stage.ts';

export type Play = (wish: Wish, story: (scene: Scene) => Promise<void>) => Promise<void>;

const stage = soundStage();

export function describeScenarios(name: string, body: (playOn: Play) => void): void {
  // At the end of the file, wherever this stands in it.
  afterAll(() => stage.close());
  describeWith(['postgres', 'time-skipping'], name, () => {
    body((wish, story) => stage.on((on) => play(on, wish, story)));
  });
}
