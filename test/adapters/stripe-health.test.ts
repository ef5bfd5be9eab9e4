import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStripeHealth } from '../../adapters/gateways/stripe-health.ts';
import { startScriptedVendor } from './scripted-vendor.ts';
import type { Line, ScriptedVendor } from './scripted-vendor.ts';

const BALANCE: Line = { json: { object: 'balance', available: [], pending: [], livemode: false } };
const refusal = (type: string) => ({ error: { type, message: 'no' } });

describe("Stripe's health", () => {
  let vendor: ScriptedVendor;
  let nowMs: number;
  beforeEach(async () => {
    vendor = await startScriptedVendor();
    nowMs = 0;
  });
  afterEach(() => vendor.stop());
  const opened = () =>
    createStripeHealth({ secretKey: 'sk_test_x', apiBase: vendor.url, webhookSecrets: [] }, () => nowMs);

  it.each<[string, Line, object]>([
    ['answers', BALANCE, { healthy: true, status: 'initialized' }],
    [
      'knows the key, which may see little',
      { status: 403, json: refusal('invalid_request_error') },
      { healthy: true, status: 'initialized' },
    ],
    [
      'refuses the key',
      { status: 401, json: refusal('invalid_request_error') },
      { healthy: false, status: 'key refused' },
    ],
    [
      'has been asked too much, with a key it knows',
      { status: 429, json: refusal('rate_limit_error') },
      { healthy: true, status: 'initialized' },
    ],
    [
      'does not know what is asked, as another service at its address would not',
      { status: 404, json: refusal('invalid_request_error') },
      { healthy: false, status: 'unexpected answer' },
    ],
    [
      'finds fault with the request',
      { status: 400, json: refusal('invalid_request_error') },
      { healthy: false, status: 'unexpected answer' },
    ],
    ['is broken', { status: 500, text: 'oh' }, { healthy: false, status: 'unreachable' }],
    ['says nothing', { silence: true }, { healthy: false, status: 'unreachable' }],
  ])('%s', async (_name, line, check) => {
    vendor.say(line);
    const before = performance.now();
    expect(await opened().look()).toEqual(check);
    expect(performance.now() - before).toBeLessThan(2_000);
  });

  it('is asked once for many, and again when its answer is old', async () => {
    vendor.say(BALANCE, { status: 500, text: 'oh' }, BALANCE);
    const health = opened();
    await Promise.all([health.look(), health.look()]);
    nowMs = 29_000;
    expect(await health.look()).toMatchObject({ healthy: true });
    expect(vendor.heard).toHaveLength(1);
    nowMs = 31_000;
    expect(await health.look()).toMatchObject({ healthy: false });
    nowMs = 35_000;
    expect(await health.look()).toMatchObject({ healthy: false });
    nowMs = 36_500;
    expect(await health.look()).toMatchObject({ healthy: true });
    expect(vendor.heard.map(({ path }) => path)).toEqual(['/v1/balance', '/v1/balance', '/v1/balance']);
  });
});
