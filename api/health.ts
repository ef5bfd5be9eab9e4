// Is it alive, can it work: for whoever restarts it and whoever sends it traffic.
import { createRoute, z } from '@hono/zod-openapi';
import { sql } from 'drizzle-orm';
import proto from '@temporalio/proto';
import type { Client } from '@temporalio/client';
import type { Database } from '../db/client.ts';
import type { Logger } from '../log.ts';
import { createRouter, json } from './http/router.ts';
import type { Router } from './http/router.ts';

const PATIENCE_MS = 2_000;
/** Asked by many, answered by one look. */
const REMEMBERED_MS = 1_000;
/** Workers poll for a minute at a time; the server forgets one after five. */
const POLLER_AGE_MS = 90_000;

export interface Check {
  readonly healthy: boolean;
  readonly status: string;
}

export const PARTS = ['database', 'temporal', 'worker'] as const;
export type PartName = (typeof PARTS)[number];
export type HealthReport = Readonly<Record<PartName, Check>>;
export type Readiness = 'ok' | 'degraded' | 'down';

/** Without these two nothing can be sold safely; without a worker, what is sold waits. */
const CRITICAL: readonly PartName[] = ['database', 'temporal'];

export function readinessOf(report: HealthReport): Readiness {
  if (CRITICAL.some((part) => !report[part].healthy)) return 'down';
  return PARTS.every((part) => report[part].healthy) ? 'ok' : 'degraded';
}

export interface HealthDeps {
  readonly db: Database;
  readonly temporal: Client;
  readonly config: { readonly temporal: { readonly namespace: string; readonly taskQueue: string } };
  readonly log: Logger;
  readonly clock: () => Date;
}

export type HealthLook = () => Promise<HealthReport>;

export function createHealthLook(deps: HealthDeps): HealthLook {
  let last: { atMs: number; report: Promise<HealthReport> } | undefined;
  return () => {
    const nowMs = deps.clock().getTime();
    if (!last || nowMs - last.atMs >= REMEMBERED_MS) last = { atMs: nowMs, report: look(deps) };
    return last.report;
  };
}

async function look(deps: HealthDeps): Promise<HealthReport> {
  const [database, server, worker] = await Promise.all([
    checked(deps.log, 'database', () => askDatabase(deps.db)),
    checked(deps.log, 'temporal', () => askTemporal(deps)),
    checked(deps.log, 'worker', () => askForWorkers(deps)),
  ]);
  return { database, temporal: server, worker };
}

/** Why it failed is for the log: health is public. */
async function checked(log: Logger, part: PartName, ask: () => Promise<Check>): Promise<Check> {
  const asked = ask().catch((err: unknown): Check => {
    log.warn({ err, part }, 'a part is not healthy');
    return { healthy: false, status: 'unreachable' };
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Check>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, { healthy: false, status: 'timeout' });
  });
  const check = await Promise.race([asked, late]);
  clearTimeout(timer);
  return check;
}

async function askDatabase(db: Database): Promise<Check> {
  await db.execute(sql`select 1`);
  return { healthy: true, status: 'connected' };
}

async function askTemporal({ temporal: client, config }: HealthDeps): Promise<Check> {
  const { namespace } = config.temporal;
  await client.withDeadline(Date.now() + PATIENCE_MS, () => client.workflowService.describeNamespace({ namespace }));
  return { healthy: true, status: 'connected' };
}

async function askForWorkers({ temporal: client, config, clock }: HealthDeps): Promise<Check> {
  const { namespace, taskQueue } = config.temporal;
  const taskQueueType = proto.temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW;
  const asked = { namespace, taskQueue: { name: taskQueue }, taskQueueType };
  const { pollers } = await client.withDeadline(Date.now() + PATIENCE_MS, () =>
    client.workflowService.describeTaskQueue(asked),
  );
  const since = clock().getTime() - POLLER_AGE_MS;
  const alive = pollers?.some(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000 >= since) ?? false;
  return alive ? { healthy: true, status: 'polling' } : { healthy: false, status: 'no poller seen' };
}

const CheckWire = z.object({ healthy: z.boolean(), status: z.string() });
const Ready = z.object({
  status: z.enum(['ok', 'degraded', 'down']),
  checks: z.object({ database: CheckWire, temporal: CheckWire, worker: CheckWire }),
});

const livez = createRoute({
  method: 'get',
  path: '/livez',
  tags: ['health'],
  summary: 'The process answers',
  responses: { 200: json('Alive', z.object({ status: z.literal('ok') })) },
});

const readyz = createRoute({
  method: 'get',
  path: '/readyz',
  tags: ['health'],
  summary: 'The parts it needs are there',
  description:
    'degraded: a part is missing that customers can do without for a while, such as a worker. Only database and Temporal make it 503.',
  responses: { 200: json('Ready, perhaps degraded', Ready), 503: json('Database or Temporal is down', Ready) },
});

export function health(lookAtParts: HealthLook): Router {
  const router = createRouter();
  router.openapi(livez, (c) => c.json({ status: 'ok' as const }, 200));
  router.openapi(readyz, async (c) => {
    const checks = await lookAtParts();
    const status = readinessOf(checks);
    return c.json({ status, checks }, status === 'down' ? 503 : 200);
  });
  return router;
}
