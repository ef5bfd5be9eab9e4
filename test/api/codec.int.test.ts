import { defaultPayloadConverter } from '@temporalio/common';
import { desc } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { createBareApp } from '../../api/app.ts';
import { codec } from '../../api/codec.ts';
import { createCodec } from '../../adapters/temporal/codec.ts';
import { nativeArea } from '../../api/errors.ts';
import { audit, bookingKeys } from '../../db/schema.ts';
import { describeWith } from '../setup/parts.ts';
import { openBench } from './app-under-test.ts';
import type { Bench } from './app-under-test.ts';
import { bearer } from './settings.ts';

const Wire = z.object({
  payloads: z.array(z.object({ metadata: z.record(z.string(), z.string()), data: z.string() })),
});
type Wire = z.infer<typeof Wire>;

const base64 = (text: string) => Buffer.from(text).toString('base64');
const PLAIN = { metadata: { encoding: base64('json/plain') }, data: base64('{"name":"Alice Traveller"}') };

const UPDATE = { metadata: { encoding: base64('json/plain') }, data: base64('{"actor":"sue","outcome":"done"}') };

/** As a worker opens what it finds in the history of that booking. */
const inHistoryOf = (bookingId: string) =>
  ({ type: 'workflow', namespace: 'default', workflowId: `booking-${bookingId}` }) as const;

interface Post {
  readonly role?: string;
  readonly storefront?: string;
  readonly from?: ReturnType<typeof createBareApp>;
}

describeWith('postgres', 'the codec endpoint', () => {
  let bench: Bench;
  let app: ReturnType<typeof createBareApp>;
  beforeAll(async () => {
    bench = await openBench();
    app = appWith(bench.deps.codec);
    await bench.database.keyring.create(bench.database.db, 'bk_9');
  });
  afterAll(() => bench.close());

  const appWith = (payloadCodec: Bench['deps']['codec']) =>
    createBareApp(bench.deps, [nativeArea]).route('/', codec({ ...bench.deps, codec: payloadCodec }));
  const post = async (verb: 'encode' | 'decode', body: unknown, { from = app, ...claims }: Post = {}) =>
    from.request(`/codec/${verb}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { ...(await bearer({ sub: 'sam', role: 'staff', ...claims })), 'Content-Type': 'application/json' },
    });
  const sealedFor = async (bookingId: string): Promise<Wire> => {
    const payload = {
      metadata: { encoding: Buffer.from('json/plain') },
      data: Buffer.from('{"name":"Alice Traveller"}'),
    };
    const sealed = await bench.deps.codec.encode([payload], inHistoryOf(bookingId));
    const wire = sealed.map(({ metadata, data }) => ({
      metadata: Object.fromEntries(
        Object.entries(metadata ?? {}).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
      ),
      data: Buffer.from(data ?? []).toString('base64'),
    }));
    return { payloads: wire };
  };

  it('opens what a history holds, for staff, and notes whose it was', async () => {
    const sealed = await sealedFor('bk_9');
    expect(Buffer.from(sealed.payloads[0]?.data ?? '', 'base64').toString()).not.toContain('Alice');
    const response = await post('decode', sealed);
    expect(await response.json()).toEqual({ payloads: [PLAIN] });
    const [entry] = await bench.database.db.select().from(audit).orderBy(desc(audit.id)).limit(1);
    expect(entry).toMatchObject({ actor: 'sam', role: 'staff', action: 'codec.decode', bookingId: 'bk_9' });
  });

  it('leaves what the Temporal Web UI sends as it is, so that the booking it is sent to can read it, and notes who sent it', async () => {
    const sent = Wire.parse(await (await post('encode', { payloads: [UPDATE] })).json());
    expect(sent).toEqual({ payloads: [UPDATE] });
    const arrived = sent.payloads.map(({ metadata, data }) => ({
      metadata: Object.fromEntries(Object.entries(metadata).map(([name, text]) => [name, Buffer.from(text, 'base64')])),
      data: Buffer.from(data, 'base64'),
    }));
    const [heard] = await bench.deps.codec.decode(arrived, inHistoryOf('bk_9'));
    expect(heard && defaultPayloadConverter.fromPayload(heard)).toEqual({ actor: 'sue', outcome: 'done' });
    const [entry] = await bench.database.db.select().from(audit).orderBy(desc(audit.id)).limit(1);
    expect(entry).toMatchObject({ actor: 'sam', role: 'staff', action: 'codec.encode', detail: { payloads: 1 } });
  });

  it('lets through what was never encrypted', async () => {
    expect(await (await post('decode', { payloads: [PLAIN] })).json()).toEqual({ payloads: [PLAIN] });
  });

  it('opens nothing for customers, services or strangers', async () => {
    const sealed = await sealedFor('bk_9');
    expect((await post('decode', sealed, { role: 'customer' })).status).toBe(403);
    expect((await post('decode', sealed, { role: 'service' })).status).toBe(403);
    expect((await app.request('/codec/decode', { method: 'POST', body: '{}' })).status).toBe(401);
  });

  it('opens for the dev server’s own UI without a token, but only where tokens are free, and from nowhere else', async () => {
    const sealed = JSON.stringify(await sealedFor('bk_9'));
    const uiUrl = bench.deps.config.temporal.uiUrl;
    const asked = async (devRoutes: boolean, origin: string, host = '127.0.0.1:3000') => {
      const config = { ...bench.deps.config, devRoutes };
      const configured = createBareApp(bench.deps, [nativeArea]).route('/', codec({ ...bench.deps, config }));
      const headers = { Origin: origin, 'Content-Type': 'application/json' };
      return (await configured.request(`http://${host}/codec/decode`, { method: 'POST', body: sealed, headers }))
        .status;
    };
    expect(await asked(true, uiUrl)).toBe(200);
    expect(await asked(true, uiUrl.replace('127.0.0.1', 'localhost'))).toBe(200);
    expect(await asked(false, uiUrl)).toBe(401);
    expect(await asked(true, 'http://evil.example')).toBe(401);
    expect(await asked(true, uiUrl, 'rebound.example')).toBe(401);
  });

  it('opens nothing for staff of one storefront: histories of all of them come this way', async () => {
    const sealed = await sealedFor('bk_9');
    expect((await post('decode', sealed, { storefront: 'trektoo' })).status).toBe(403);
    expect((await post('encode', { payloads: [PLAIN] }, { storefront: 'trektoo' })).status).toBe(403);
  });

  it('says what cannot be opened any more, and what never could', async () => {
    const sealed = await sealedFor('bk_9');
    const [payload] = sealed.payloads;
    const broken = { payloads: [{ ...payload, data: base64('nonsense that is long enough to hold a tag') }] };
    expect((await post('decode', broken)).status).toBe(422);
    await bench.database.db.update(bookingKeys).set({ wrapped: null, destroyedAt: new Date() });
    const response = await post('decode', sealed, {
      from: appWith(createCodec(bench.database.newKeyring().histories, 'default')),
    });
    expect([response.status, await response.json()]).toMatchObject([409, { code: 'key_destroyed' }]);
  });
});
