// What Prometheus is told: whether money is unexplained, when that was last looked at, and what waits.
import { createRoute, z } from '@hono/zod-openapi';
import { takenCurrencies } from '../db/books.ts';
import type { Queryable } from '../db/client.ts';
import { openFigures } from '../db/findings.ts';
import { outboxLag } from '../db/outbox.ts';
import { lastRuns } from '../db/recon-runs.ts';
import { inboxLag } from '../db/waiting.ts';
import { FINDING_KINDS, unexplainedOf } from '../domain/findings.ts';
import { formatMajor } from '../domain/money.ts';
import { BACK_OFFICE } from './auth.ts';
import type { AppDeps } from './deps.ts';
import { nativeArea } from './errors.ts';
import { createRouter, refusals } from './http/router.ts';
import type { Router } from './http/router.ts';

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const route = (deps: AppDeps) =>
  createRoute({
    method: 'get',
    path: '/metrics',
    tags: ['operators'],
    summary: 'Figures for Prometheus',
    description: 'For `service` and staff: give Prometheus a token. Nothing personal, and no booking by name.',
    security: [{ bearer: [...BACK_OFFICE] }],
    middleware: [deps.auth.require({ roles: BACK_OFFICE, wholeHouse: true })] as const,
    responses: {
      200: { description: 'Text exposition format', content: { 'text/plain': { schema: z.string() } } },
      ...refusals(nativeArea, 'unauthenticated', 'forbidden'),
    },
  });

export function metrics(deps: AppDeps): Router {
  const router = createRouter();
  router.openapi(route(deps), async (c) => {
    const figures = [...(await reconciliationFigures(deps.db)), ...(await waitingFigures(deps.db))];
    return c.text(figures.map(textOf).join(''), 200, { 'Content-Type': CONTENT_TYPE });
  });
  return router;
}

interface Figure {
  readonly name: string;
  readonly help: string;
  readonly values: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: number | string }[];
}

function textOf({ name, help, values }: Figure): string {
  const lines = values.map(({ labels = {}, value }) => {
    const named = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
    return `${name}${named.length > 0 ? `{${named.join(',')}}` : ''} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`;
}

async function reconciliationFigures(on: Queryable): Promise<readonly Figure[]> {
  const [findings, currencies, runs] = await Promise.all([openFigures(on), takenCurrencies(on), lastRuns(on)]);
  return [
    {
      name: 'money_unexplained',
      help: 'Money that reconciliation cannot explain, in major units; 0 is the only good value.',
      values: unexplainedOf(findings, currencies).map((sum) => ({
        labels: { currency: sum.currency },
        value: formatMajor(sum),
      })),
    },
    {
      name: 'reconciliation_open_findings',
      help: 'What reconciliation found and nothing has explained yet.',
      values: FINDING_KINDS.map((kind) => ({
        labels: { kind },
        value: findings.filter((finding) => finding.kind === kind).length,
      })),
    },
    {
      name: 'reconciliation_last_run_seconds',
      help: 'When reconciliation of that scope last ended, since the epoch.',
      values: runs.flatMap(({ scope, finishedAt }) =>
        finishedAt ? [{ labels: { scope }, value: finishedAt.getTime() / 1_000 }] : [],
      ),
    },
    {
      name: 'reconciliation_unread',
      help: 'What the last run of that scope could not read, and so has not proven.',
      values: runs.map(({ scope, unread }) => ({ labels: { scope }, value: unread })),
    },
  ];
}

async function waitingFigures(on: Queryable): Promise<readonly Figure[]> {
  const [webhooks, outbox] = await Promise.all([inboxLag(on), outboxLag(on)]);
  return [
    {
      name: 'inbox_waiting',
      help: 'Webhooks that wait to be delivered.',
      values: webhooks.map(({ state, waiting }) => ({ labels: { state }, value: waiting })),
    },
    {
      name: 'inbox_oldest_seconds',
      help: 'How long the oldest of them has waited.',
      values: webhooks.map(({ state, oldestMs }) => ({ labels: { state }, value: oldestMs / 1_000 })),
    },
    { name: 'outbox_waiting', help: 'Facts that wait to be published.', values: [{ value: outbox.waiting }] },
    {
      name: 'outbox_oldest_seconds',
      help: 'How long the oldest of them has waited.',
      values: [{ value: (outbox.oldestMs ?? 0) / 1_000 }],
    },
  ];
}
