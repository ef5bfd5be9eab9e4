// Is it alive, can it work, is all there: for whoever restarts it, sends it traffic, or watches it.
import { createRoute, z } from '@hono/zod-openapi';
import type { Check, HealthLook } from './health-look.ts';
import { createRouter, json } from './http/router.ts';
import type { Router } from './http/router.ts';

export type Readiness = 'ok' | 'degraded' | 'down';

/** Without these two nothing can be sold safely; without any other, what is sold waits. */
const CRITICAL: readonly string[] = ['database', 'temporal'];

export function readinessOf(parts: object): Readiness {
  const checks: readonly (readonly [string, Check])[] = Object.entries(parts);
  if (checks.some(([part, { healthy }]) => !healthy && CRITICAL.includes(part))) return 'down';
  return checks.every(([, { healthy }]) => healthy) ? 'ok' : 'degraded';
}

const statusOf = (readiness: Readiness): 200 | 503 => (readiness === 'down' ? 503 : 200);

const CheckWire = z.object({ healthy: z.boolean(), status: z.string() });
const Status = z.enum(['ok', 'degraded', 'down']);
const own = { database: CheckWire, temporal: CheckWire, worker: CheckWire };
const Ready = z.object({ status: Status, checks: z.object(own) });
const Lag = z.object({ waiting: z.int(), oldestMs: z.int().nullable() });
const Health = z.object({
  status: Status,
  service: z.literal('payment-service'),
  timestamp: z.iso.datetime(),
  checks: z.object({
    kafka: CheckWire.extend({ lag: Lag.optional() }),
    stripe: CheckWire,
    chip: CheckWire.optional(),
    ...own,
  }),
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

const whole = createRoute({
  method: 'get',
  path: '/health',
  tags: ['health'],
  summary: 'Every part, those outside too',
  description: `For who watches the service; whoever sends it traffic asks /readyz, which no company outside can turn.
ok: all is there. degraded (200): a part is away that work waits for without loss: Kafka, Stripe, CHIP, a worker. down (503): database or Temporal.
kafka.status is connected, disconnected, disabled (no KAFKA_BROKERS, which is healthy) or behind (the broker answers, yet an event has waited for more than ten minutes);
lag says how many events wait to be published and for how long the oldest has. stripe.status is initialized, key refused (wrong key), unexpected answer (perhaps not Stripe's) unreachable, or disabled (no key of theirs is set, which is healthy); an answer of theirs is good for 30 s. chip says the same of CHIP, and is there only where it is set up.`,
  responses: { 200: json('At work, perhaps degraded', Health), 503: json('Database or Temporal is down', Health) },
});

export function health(look: HealthLook, clock: () => Date): Router {
  const router = createRouter();
  router.openapi(livez, (c) => c.json({ status: 'ok' as const }, 200));
  router.openapi(readyz, async (c) => {
    const checks = await look.own();
    const status = readinessOf(checks);
    return c.json({ status, checks }, statusOf(status));
  });
  router.openapi(whole, async (c) => {
    const { kafka, stripe, ...others } = await look.all();
    const checks = { kafka, stripe, ...others };
    const status = readinessOf(checks);
    const timestamp = clock().toISOString();
    return c.json({ status, service: 'payment-service' as const, timestamp, checks }, statusOf(status));
  });
  return router;
}
