import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { FaultBook, HTTP_FAULTS } from '../../sim/faults.ts';
import { startKlook } from '../../sim/klook/server.ts';
import { HUNG_UP, post, readJson } from './http.ts';

describe('a fault', () => {
  const hits = (rule: object, calls = 50) => {
    const book = new FaultBook(HTTP_FAULTS);
    book.add(rule);
    return Array.from({ length: calls }, () => book.take('POST /v3/orders') !== undefined);
  };

  it('with a probability hits the same calls for the same seed', () => {
    const rule = { kind: 'status', probability: 0.3, seed: 42 };
    expect(hits(rule)).toEqual(hits(rule));
    expect(hits(rule)).not.toEqual(hits({ ...rule, seed: 43 }));
    const share = hits(rule, 10_000).filter(Boolean).length / 10_000;
    expect(share).toBeGreaterThan(0.27);
    expect(share).toBeLessThan(0.33);
  });

  it('hits as often as it says and only what it matches', () => {
    expect(hits({ kind: 'status', times: 3 }).filter(Boolean)).toHaveLength(3);
    expect(hits({ kind: 'status', match: '^GET ' }).filter(Boolean)).toHaveLength(0);
    expect(hits({ kind: 'status', match: '^POST /v3/orders$' }).filter(Boolean)).toHaveLength(50);
  });

  it.each([
    [{}],
    [{ kind: 'explode' }],
    [{ kind: 'status', match: '(' }],
    [{ kind: 'status', status: 99 }],
    [{ kind: 'status', times: 'x' }],
    [{ kind: 'delay', ms: -1 }],
    ['text'],
    [null],
  ])('as %j is refused with a reason', (rule) => {
    expect(typeof new FaultBook(HTTP_FAULTS).add(rule)).toBe('string');
  });
});

describe('the fault endpoint', () => {
  let sim: Awaited<ReturnType<typeof startKlook>>;
  beforeEach(async () => {
    sim = await startKlook();
  });
  afterEach(() => sim.close());

  const balance = () => fetch(`${sim.url}/v2/balance`, { headers: { 'x-api-key': 'k' } });

  it('adds, lists and clears', async () => {
    const url = `${sim.url}/_sim/faults`;
    const headers = { 'retry-after': '7' };
    expect((await post(url, { match: 'GET /v2/balance', kind: 'status', status: 429, headers })).status).toBe(201);
    const limited = await balance();
    expect(limited.status).toBe(429);
    expect(limited.headers.get('retry-after')).toBe('7');
    expect(await limited.json()).toMatchObject({ success: false, error: { code: 'RATE_LIMITED' } });
    expect(await readJson(url)).toMatchObject({ faults: [{ kind: 'status', hits: 1 }] });
    await fetch(url, { method: 'DELETE' });
    expect((await balance()).status).toBe(200);
    expect((await post(url, 'nonsense')).status).toBe(400);
    expect((await fetch(url, { method: 'POST', body: '{' })).status).toBe(400);
  });

  it('cuts connections and delays answers', async () => {
    await post(`${sim.url}/_sim/faults`, { kind: 'drop_before', times: 1 });
    await expect(balance()).rejects.toThrow(HUNG_UP);
    await post(`${sim.url}/_sim/faults`, { kind: 'delay', ms: 60, times: 1 });
    const before = Date.now();
    expect((await balance()).status).toBe(200);
    expect(Date.now() - before).toBeGreaterThanOrEqual(55);
  });
});
