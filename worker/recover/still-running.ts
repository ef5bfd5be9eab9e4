// Whether a program of ours is at work on this database: what is rebuilt under its hands would be decided twice.
import { isGrpcServiceError } from '@temporalio/client';
import type { Connection } from '@temporalio/client';
import { sql } from 'drizzle-orm';
import type { Queryable } from '../../db/client.ts';

export interface RunningDeps {
  readonly db: Queryable;
  readonly connection: Connection;
  readonly namespace: string;
  readonly taskQueue: string;
}

/** Says what runs: each process holds a connection. A worker that just lost its own is known by its answer to a question. */
export async function stillRunning(deps: RunningDeps): Promise<readonly string[]> {
  const { rows } = await deps.db.execute<{ name: string }>(
    sql`select distinct application_name as name from pg_stat_activity
        where datname = current_database() and application_name like 'holdfast-%'
          and application_name not in ('holdfast-reach', 'holdfast-recover', 'holdfast-recover-turn')`,
  );
  const names = rows.map(({ name }) => name).toSorted();
  if (names.length > 0) return names;
  return (await isQuestionAnswered(deps)) ? ['holdfast-worker'] : [];
}

const ASKED = 3;
const ANSWER_WITHIN_MS = 5_000;

/** Temporal remembers for minutes who asked for work; only one that still runs can say anything of a workflow. */
async function isQuestionAnswered({ connection, namespace, taskQueue }: RunningDeps): Promise<boolean> {
  const query = `TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running'`;
  const { executions } = await connection.workflowService.listWorkflowExecutions({ namespace, query, pageSize: ASKED });
  const answers = await Promise.all(
    executions.slice(0, ASKED).map(async ({ execution }) => {
      const asked = { namespace, execution: execution ?? null, query: { queryType: '__temporal_workflow_metadata' } };
      try {
        await connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
          connection.workflowService.queryWorkflow(asked),
        );
        return true;
      } catch (error) {
        // Whoever refuses is there; nobody leaves the question waiting.
        return isGrpcServiceError(error) && REFUSED.includes(error.code);
      }
    }),
  );
  return answers.includes(true);
}

/** INVALID_ARGUMENT: how Temporal hands on that a worker could not answer. */
const REFUSED: readonly number[] = [3];
