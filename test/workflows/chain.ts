// The histories one booking has had, the first one first.
import type { Scene } from './scene.ts';

export async function runsOf({
  env,
  handle: { workflowId },
}: Pick<Scene, 'env' | 'handle'>): Promise<readonly string[]> {
  const { events } = await env.client.workflow.getHandle(workflowId).fetchHistory();
  const runs: string[] = [];
  let next = events?.[0]?.workflowExecutionStartedEventAttributes?.firstExecutionRunId;
  while (next) {
    runs.push(next);
    const history = await env.client.workflow.getHandle(workflowId, next).fetchHistory();
    next = history.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  }
  return runs;
}

export async function latestRun(scene: Scene, good: (runs: readonly string[]) => boolean): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (good(await runsOf(scene))) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${scene.id} has had ${(await runsOf(scene)).length} histories`);
}
