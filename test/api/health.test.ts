import { describe, expect, it } from 'vitest';
import { health, readinessOf } from '../../api/health.ts';
import type { HealthReport } from '../../api/health.ts';

const up = { healthy: true, status: 'connected' };
const down = { healthy: false, status: 'unreachable' };
const all: HealthReport = { database: up, temporal: up, worker: up };

describe('readiness', () => {
  it.each<[string, HealthReport, string, number]>([
    ['everything there', all, 'ok', 200],
    ['no worker: what is sold waits', { ...all, worker: down }, 'degraded', 200],
    ['no database', { ...all, database: down }, 'down', 503],
    ['no Temporal', { ...all, temporal: down }, 'down', 503],
    ['nothing', { database: down, temporal: down, worker: down }, 'down', 503],
  ])('%s', async (_name, report, status, httpStatus) => {
    expect(readinessOf(report)).toBe(status);
    const response = await health(async () => report).request('/readyz');
    expect(response.status).toBe(httpStatus);
    expect(await response.json()).toEqual({ status, checks: report });
  });

  it('is not asked for to know that the process lives', async () => {
    const response = await health(() => expect.unreachable()).request('/livez');
    expect(response.status).toBe(200);
  });
});
