import { describe, expect, it } from 'vitest';
import { health, readinessOf } from '../../api/health.ts';
import { kafkaPart } from '../../api/health-look.ts';
import type { AllParts, HealthLook } from '../../api/health-look.ts';

const up = { healthy: true, status: 'connected' };
const down = { healthy: false, status: 'unreachable' };
const all: AllParts = {
  kafka: { healthy: true, status: 'disabled' },
  stripe: { healthy: true, status: 'initialized' },
  database: up,
  temporal: up,
  worker: up,
};
const NOW = new Date('2024-01-20T10:30:00Z');

const looking = (parts: AllParts): HealthLook => ({
  own: async () => ({ database: parts.database, temporal: parts.temporal, worker: parts.worker }),
  all: async () => parts,
});
const ask = async (parts: AllParts, path: string): Promise<{ status: number; body: unknown }> => {
  const response = await health(looking(parts), () => NOW).request(path);
  return { status: response.status, body: await response.json() };
};

describe('/health', () => {
  it('has the shape that the payment service promised', async () => {
    expect(await ask(all, '/health')).toEqual({
      status: 200,
      body: { status: 'ok', service: 'payment-service', timestamp: '2024-01-20T10:30:00.000Z', checks: all },
    });
  });

  it.each<[string, Partial<AllParts>, string, number]>([
    ['Kafka away: events wait', { kafka: { healthy: false, status: 'disconnected' } }, 'degraded', 200],
    ['Stripe away: payments wait', { stripe: down }, 'degraded', 200],
    ['no worker: what is sold waits', { worker: down }, 'degraded', 200],
    ['no database', { database: down }, 'down', 503],
    ['no Temporal', { temporal: down }, 'down', 503],
    ['database and Kafka away', { database: down, kafka: down }, 'down', 503],
  ])('%s', async (_name, parts, status, httpStatus) => {
    const answer = await ask({ ...all, ...parts }, '/health');
    expect(answer).toMatchObject({ status: httpStatus, body: { status, checks: { ...all, ...parts } } });
  });
});

describe('/readyz', () => {
  it.each<[string, Partial<AllParts>, string, number]>([
    ['everything there', {}, 'ok', 200],
    ['no worker', { worker: down }, 'degraded', 200],
    ['no database', { database: down }, 'down', 503],
    ['no Temporal', { temporal: down }, 'down', 503],
  ])('%s', async (_name, parts, status, httpStatus) => {
    const { kafka, stripe, ...own } = { ...all, ...parts };
    expect(readinessOf(own)).toBe(status);
    expect(await ask({ kafka, stripe, ...own }, '/readyz')).toEqual({
      status: httpStatus,
      body: { status, checks: own },
    });
  });

  it('does not turn traffic away because a company outside is away', async () => {
    expect(await ask({ ...all, kafka: down, stripe: down }, '/readyz')).toMatchObject({ body: { status: 'ok' } });
  });
});

describe('/livez', () => {
  it('asks nothing to know that the process lives', async () => {
    const nothing: HealthLook = { own: () => expect.unreachable(), all: () => expect.unreachable() };
    expect((await health(nothing, () => NOW).request('/livez')).status).toBe(200);
  });
});

describe('the Kafka part', () => {
  const lag = { waiting: 3, oldestMs: 2_000 };

  it('shows what waits', () => {
    expect(kafkaPart(up, lag)).toEqual({ ...up, lag });
    const away = { healthy: false, status: 'disconnected' };
    expect(kafkaPart(away, lag)).toEqual({ ...away, lag });
  });

  it('is behind when a broker answers and yet nothing reaches it', () => {
    const old = { waiting: 3, oldestMs: 11 * 60_000 };
    expect(kafkaPart(up, old)).toEqual({ healthy: false, status: 'behind', lag: old });
    expect(kafkaPart({ healthy: false, status: 'disconnected' }, old).status).toBe('disconnected');
  });

  it('says no more than it knows', () => {
    expect(kafkaPart(all.kafka, undefined)).toEqual({ healthy: true, status: 'disabled' });
    expect(kafkaPart(up, undefined)).toEqual(up);
  });
});
