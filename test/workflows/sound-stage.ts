// Stages for scenes: one that stands still is left as it is, and the scene played anew on another.
import { createTestDatabase } from '../setup/database.ts';
import { timeSkippingServer } from '../setup/parts.ts';
import { openStageOn } from './stage.ts';
import type { Stage } from './stage.ts';
import { Standstill } from './standstill.ts';

export interface SoundStage {
  on(work: (stage: Stage) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** The first is opened when it is needed; one on which a scene failed is not used again. */
export function soundStage(): SoundStage {
  const opened: Stage[] = [];
  let current: Stage | undefined;
  const on: SoundStage['on'] = async (work) => {
    for (let tries = 1; ; tries += 1) {
      if (!current) opened.push((current = await openStage()));
      try {
        return await work(current);
      } catch (error) {
        current = undefined;
        if (!(error instanceof Standstill) || tries >= error.tries) throw error;
        console.log(`${error.message}: the scene is played anew on another`);
      }
    }
  };
  const close = async (): Promise<void> => {
    current = undefined;
    await Promise.all(opened.splice(0).map((stage) => stage.close()));
  };
  return { on, close };
}

async function openStage(): Promise<Stage> {
  const { url } = await createTestDatabase();
  return openStageOn({ databaseUrl: url, server: timeSkippingServer() });
}
