import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startChip } from '../../sim/chip/server.ts';
import type { ChipSim } from '../../sim/chip/server.ts';
import { describeWith } from '../setup/parts.ts';
import { post } from '../sim/http.ts';
import { NOBODY } from './cart-lives.ts';
import { openShop } from './shop-bench.ts';
import type { Shop } from './shop-bench.ts';

const PATH = '/checkout/payment-methods';
const TTL_S = 300;
const START_MS = Date.parse('2026-05-04T10:00:00.000Z');

let nextProcess = 0;

describeWith('postgres', 'the methods of paying', () => {
  let shop: Shop;
  let chip: ChipSim;
  let nowMs = START_MS;
  let process = 0;
  beforeAll(async () => {
    chip = await startChip();
    shop = await openShop({ CHIP_API_BASE: `${chip.url}/api/v1` }, () => new Date(nowMs));
  });
  // Each process keeps a list of its own: one that has none yet.
  beforeEach(async () => {
    nowMs = START_MS;
    process = nextProcess;
    nextProcess += 1;
    await post(`${chip.url}/_sim/reset`, {});
  });
  afterAll(async () => {
    await shop.close();
    await chip.close();
  });

  const ask = async (headers: Record<string, string> = {}) => {
    const response = await shop.request('GET', PATH, { ...NOBODY, headers, process });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text };
  };
  const goAway = () => post(`${chip.url}/_sim/faults`, { match: '.*', kind: 'status', status: 503 });
  const comeBack = () => post(`${chip.url}/_sim/reset`, {});

  it('are asked for once while they are fresh, by however many at once', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => ask()));
    expect(new Set(all.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    await goAway();
    nowMs += (TTL_S - 1) * 1_000;
    const late = await ask();
    expect([late.text, late.headers.get('Cache-Control')]).toEqual([all[0]?.text, 'public, max-age=1']);
    expect(all[0]?.headers.get('Cache-Control')).toBe(`public, max-age=${TTL_S}`);
  });

  it('are not sent again to who has them, and are to who has others', async () => {
    const etag = (await ask()).headers.get('ETag') ?? '';
    expect(etag).toMatch(/^"[\w-]{32}"$/);
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const { status, text, headers } = await ask({ 'If-None-Match': tag });
      expect([tag, status, text, headers.get('ETag')]).toEqual([tag, 304, '', etag]);
    }
    for (const tag of ['"other"', etag.slice(1, -1), ''])
      expect([tag, (await ask({ 'If-None-Match': tag })).status]).toEqual([tag, 200]);
  });

  it('stay the known ones while CHIP is away, and are asked for again soon', async () => {
    const known = await ask();
    await goAway();
    nowMs += TTL_S * 1_000;
    const stale = await ask();
    expect([stale.status, stale.text, stale.headers.get('Cache-Control')]).toEqual([
      200,
      known.text,
      'public, max-age=10',
    ]);
    expect(stale.headers.get('ETag')).toBe(known.headers.get('ETag'));
    await comeBack();
    nowMs += 9_000;
    expect((await ask()).headers.get('Cache-Control')).toBe('public, max-age=1');
    nowMs += 1_000;
    expect((await ask()).headers.get('Cache-Control')).toBe(`public, max-age=${TTL_S}`);
  });

  it('are not to be had from a CHIP that was never there, until it is', async () => {
    await goAway();
    // Everybody who waited for the one question gets its answer.
    for (const refused of await Promise.all([ask(), ask(), ask()]))
      expect([refused.status, JSON.parse(refused.text)]).toMatchObject([
        503,
        { success: false, error: { code: 'provider_error' } },
      ]);
    await comeBack();
    expect((await ask()).status).toBe(200);
  });
});
