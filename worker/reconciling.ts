// What reconciliation is made of in a process of ours, and the schedules that start it.
import type { Client, IntervalSpec, ScheduleOptions, ScheduleOptionsStartWorkflowAction } from '@temporalio/client';
import { ScheduleAlreadyRunning, ScheduleNotFoundError } from '@temporalio/client';
import type { Workflow } from '@temporalio/common';
import type { HouseDeps } from '../activities/compare-house.ts';
import type { Config } from '../config.ts';
import type { Database } from '../db/client.ts';
import { PATIENCE } from '../domain/invariants.ts';
import { RECONCILE_WORKFLOW, reconciliationIdOf } from '../workflows/messages.ts';
import type { ReconcileInput } from '../workflows/messages.ts';
import { createOpenWorkflows } from './open-workflows.ts';
import { vendorsOf } from './wiring.ts';

export interface Reconciling {
  readonly config: Config;
  readonly db: Database;
  readonly temporal: Client;
}

const SECOND_LOOK_MS = 3_000;
const DAY_MS = 24 * 3_600_000;
const NIGHT_MS = 157 * 60_000;

export function reconciliationDeps({ config, db, temporal }: Reconciling): HouseDeps {
  const clock = (): Date => new Date();
  const workflows = createOpenWorkflows({ temporal, taskQueue: config.temporal.taskQueue, db, clock });
  return { db, clock, workflows, patience: PATIENCE, secondLookMs: SECOND_LOOK_MS, ...vendorsOf(config) };
}

/** Made anew with each start of a worker: the last word on how often is the configuration's. */
export async function keepSchedules({ config, temporal }: Pick<Reconciling, 'config' | 'temporal'>): Promise<void> {
  const { reconcileEveryMs } = config;
  const { taskQueue } = config.temporal;
  const [recent, all] = [`${reconciliationIdOf(taskQueue)}-recent`, `${reconciliationIdOf(taskQueue)}-all`];
  if (reconcileEveryMs === null) {
    await Promise.all([recent, all].map((id) => remove(temporal, id)));
    return;
  }
  await keep(temporal, scheduleOf({ id: recent, taskQueue, scope: 'recent' }, { every: reconcileEveryMs }));
  // At night, off the hour: others do their rounds on it.
  await keep(temporal, scheduleOf({ id: all, taskQueue, scope: 'all' }, { every: DAY_MS, offset: NIGHT_MS }));
}

type Schedule = ScheduleOptions<ScheduleOptionsStartWorkflowAction<Workflow>> & {
  readonly action: { readonly workflowId: string };
  readonly policies: NonNullable<ScheduleOptions['policies']>;
};

function scheduleOf(
  { id, taskQueue, scope }: ReconcileInput & { id: string; taskQueue: string },
  interval: IntervalSpec,
): Schedule {
  return {
    scheduleId: id,
    spec: { intervals: [interval], jitter: '30s' },
    action: {
      type: 'startWorkflow',
      workflowType: RECONCILE_WORKFLOW,
      workflowId: id,
      taskQueue,
      args: [{ scope }],
      staticSummary: scope === 'all' ? 'Compare all books' : 'Compare what changed lately',
    },
    // The last one that was missed while we were away is made up for, or a bad night would leave two days unread.
    policies: { overlap: 'SKIP', catchupWindow: interval.every },
  };
}

async function keep(temporal: Client, schedule: Schedule): Promise<void> {
  try {
    await temporal.schedule.create(schedule);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const handle = temporal.schedule.getHandle(schedule.scheduleId);
    // Whether it is paused is for operators to say.
    await handle.update(({ state }) => ({ ...schedule, state }));
  }
}

async function remove(temporal: Client, id: string): Promise<void> {
  try {
    await temporal.schedule.getHandle(id).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}
