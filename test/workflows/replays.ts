// Histories replayed against the code as it is, by one worker for a whole stage: to start one takes longer than to replay.
import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { ReplayWorkerOptions } from '@temporalio/worker';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

export interface Replays {
  /** Throws where the code decides otherwise now than it did then. */
  replay(history: History, workflowId: string): Promise<void>;
  close(): Promise<void>;
}

export function openReplays(options: ReplayWorkerOptions): Replays {
  const due: { history: History; workflowId: string }[] = [];
  async function* inTurn() {
    for (let next = due.shift(); next; next = due.shift()) yield next;
  }
  const results = Worker.runReplayHistories(options, inTurn());
  return {
    replay: async (history, workflowId) => {
      due.push({ history, workflowId });
      const { done, value } = await results.next();
      if (done) throw new Error(`${workflowId} was not replayed`);
      if (value.error) throw value.error;
    },
    close: async () => {
      await results.return?.();
    },
  };
}
