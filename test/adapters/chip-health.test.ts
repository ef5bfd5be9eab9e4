import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createChipHealth } from '../../adapters/gateways/chip-health.ts';
import { refuses, says } from './chip-objects.ts';
import { startScriptedVendor } from './scripted-vendor.ts';
import type { Line, ScriptedVendor } from './scripted-vendor.ts';

const { publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const KEY = says(publicKey);

describe("CHIP's health", () => {
  let vendor: ScriptedVendor;
  let nowMs: number;
  beforeEach(async () => {
    vendor = await startScriptedVendor();
    nowMs = 0;
  });
  afterEach(() => vendor.stop());
  const opened = () => createChipHealth({ apiKey: 'chip_x', apiBase: `${vendor.url}/api/v1` }, () => nowMs);

  it.each<[string, Line, object]>([
    ['answers', KEY, { healthy: true, status: 'initialized' }],
    ['answers in another shape', says({ public_key: publicKey }), { healthy: true, status: 'initialized' }],
    ['refuses the key', refuses('authentication_failed', 'no', 401), { healthy: false, status: 'key refused' }],
    ['is somebody else', refuses('not_found', 'Not found.', 404), { healthy: false, status: 'unexpected answer' }],
    ['answers something else', says({ hello: 'world' }), { healthy: false, status: 'unexpected answer' }],
    ['has no key', says('none'), { healthy: false, status: 'unexpected answer' }],
    ['is broken', { status: 503, text: '' }, { healthy: false, status: 'unreachable' }],
    ['is away', { cut: 'before' }, { healthy: false, status: 'unreachable' }],
  ])('is known when it %s', async (_, line, check) => {
    vendor.say(line);
    expect(await opened().look()).toEqual(check);
  });

  it('is asked for once however many ask, and soon again when it was bad', async () => {
    vendor.say(KEY, { cut: 'before' }, KEY);
    const health = opened();
    await Promise.all([health.look(), health.look(), health.look()]);
    nowMs = 29_000;
    await health.look();
    expect(vendor.heard).toHaveLength(1);
    nowMs = 31_000;
    expect(await health.look()).toMatchObject({ healthy: false });
    nowMs = 37_000;
    expect(await health.look()).toMatchObject({ healthy: true });
  });
});
