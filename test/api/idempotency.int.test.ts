import { setTimeout as sleep } from 'node:timers/promises';
import { eq, sql } from 'drizzle-orm';
import { Hono } from 'hono';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createBareApp } from '../../api/app.ts';
import { createAuth } from '../../api/auth.ts';
import { nativeArea, STOREFRONT_STATUSES, VisibleError } from '../../api/errors.ts';
import type { ErrorArea } from '../../api/errors.ts';
import type { AppEnv } from '../../api/http/env.ts';
import { answerIsNotFinal } from '../../api/idempotency.ts';
import { attachBooking, claimKey, purgeKeys } from '../../db/idempotency.ts';
import { idempotency } from '../../db/schema.ts';
import { describeWith } from '../setup/parts.ts';
import { openBench } from './app-under-test.ts';
import type { Bench } from './app-under-test.ts';
import { bearer } from './settings.ts';

const shopArea: ErrorArea = { ...nativeArea, name: 'shop', prefixes: ['/shop'], statuses: STOREFRONT_STATUSES };

describeWith('postgres', 'an idempotency key', () => {
  let bench: Bench;
  let app: ReturnType<typeof createBareApp>;
  let effects: string[] = [];
  let held: unknown[] = [];
  let answer: (nth: number) => Promise<{ status: 201 | 202 | 409 | 422 | 429 | 500; final: boolean }>;

  beforeAll(async () => {
    bench = await openBench();
    const { deps } = bench;
    const routes = new Hono<AppEnv>();
    for (const path of ['/v1/orders/:id', '/shop/orders/:id']) {
      routes.post(path, createAuth(deps.config.auth).require(), deps.idempotent, async (c) => {
        effects.push(c.req.param('id') ?? '');
        held.push(c.get('heldKey'));
        const { status, final } = await answer(effects.length);
        if (!final) answerIsNotFinal(c);
        if (status === 409) throw new VisibleError('conflict', `Sold out, the ${effects.length}. time.`);
        if (status === 500) throw new Error('broken');
        return c.json({ nth: effects.length, body: await c.req.json() }, status, { Location: '/v1/orders/9' });
      });
    }
    app = createBareApp(deps, [nativeArea, shopArea]).route('/', routes);
  });
  afterAll(() => bench.close());
  beforeEach(() => {
    effects = [];
    held = [];
    answer = async () => ({ status: 201, final: true });
  });

  interface Sent {
    readonly key?: string;
    readonly path?: string;
    readonly body?: string;
    readonly sub?: string;
    readonly storefront?: string;
  }
  const send = async ({ key, path = '/v1/orders/1', body = '{"a":1,"b":2}', sub = 'alice', storefront }: Sent) => {
    const headers = {
      ...(await bearer({ sub, ...(storefront && { storefront }) })),
      'Content-Type': 'application/json',
    };
    const response = await app.request(path, {
      method: 'POST',
      body,
      headers: key === undefined ? headers : { ...headers, 'Idempotency-Key': key },
    });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };

  it('gives the same request the same answer, and one effect', async () => {
    const first = await send({ key: 'same' });
    const again = await send({ key: 'same', body: '{ "b":2, "a":1 }' });
    expect(first.status).toBe(201);
    expect(again).toMatchObject({ status: 201, text: first.text });
    expect(again.headers.get('Idempotent-Replayed')).toBe('true');
    expect(again.headers.get('Location')).toBe('/v1/orders/9');
    expect(again.headers.get('Content-Type')).toBe('application/json');
    expect(effects).toHaveLength(1);
  });

  it('is not needed: without one every request is its own', async () => {
    await send({});
    await send({});
    expect(effects).toHaveLength(2);
  });

  it('refuses another body: 422 on the native API, 409 in a shop', async () => {
    for (const [path, status] of [
      ['/v1/orders/1', 422],
      ['/shop/orders/1', 409],
    ] as const) {
      await send({ key: 'other-body', path });
      expect(await send({ key: 'other-body', path, body: '{"a":2}' })).toMatchObject({ status });
    }
    expect(effects).toHaveLength(2);
  });

  it('belongs to one customer, storefront and path', async () => {
    await send({ key: 'shared' });
    await send({ key: 'shared', sub: 'bob' });
    await send({ key: 'shared', storefront: 'trektoo' });
    await send({ key: 'shared', path: '/v1/orders/2' });
    expect(effects).toEqual(['1', '1', '1', '2']);
  });

  it('lets one of many at once through, and all get its answer', async () => {
    answer = async () => {
      await sleep(200);
      return { status: 201, final: true };
    };
    const answers = await Promise.all(Array.from({ length: 30 }, () => send({ key: 'at-once' })));
    expect(effects).toHaveLength(1);
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  });

  it('keeps a refusal, which the same request would only get again', async () => {
    answer = async () => ({ status: 409, final: true });
    const first = await send({ key: 'refused' });
    const again = await send({ key: 'refused' });
    expect([first.status, again.text]).toEqual([409, first.text]);
    expect(again.headers.get('Content-Type')).toBe('application/problem+json');
    expect(effects).toHaveLength(1);
  });

  it.each([
    ['a failure of ours', { status: 500, final: true } as const],
    ['too many requests', { status: 429, final: true } as const],
    ['a "not yet"', { status: 202, final: false } as const],
  ])('does not keep %s: the same request tries again at once', async (name, first) => {
    answer = async (nth) => (nth === 1 ? first : { status: 201, final: true });
    expect((await send({ key: keyOf(name) })).status).toBe(first.status);
    expect((await send({ key: keyOf(name) })).status).toBe(201);
    expect(effects).toHaveLength(2);
  });

  const keyOf = (name: string) => name.replaceAll(/\W/g, '-');

  it('finds the booking that an earlier try had made before it failed', async () => {
    answer = async (nth) => {
      const [key] = held;
      if (nth === 1) await attachBooking(bench.database.db, (key as { scope: string }).scope, 'bk_made');
      return nth === 1 ? { status: 500, final: true } : { status: 201, final: true };
    };
    await send({ key: 'made-before' });
    await send({ key: 'made-before' });
    expect(held.map((key) => (key as { bookingId: string | null }).bookingId)).toEqual([null, 'bk_made']);
  });

  it('of a process that died is free after a minute, not before', async () => {
    const { db } = bench.database;
    const use = { scope: 'of-the-dead', bodyHash: 'h' };
    expect(await claimKey(db, use)).toMatchObject({ kind: 'claimed' });
    expect(await claimKey(db, use)).toEqual({ kind: 'in_progress' });
    await db
      .update(idempotency)
      .set({ claimedUntil: sql`claimed_until - interval '60 seconds'` })
      .where(eq(idempotency.scope, use.scope));
    const both = await Promise.all([claimKey(db, use), claimKey(db, use)]);
    expect(both.map(({ kind }) => kind).toSorted()).toEqual(['claimed', 'in_progress']);
  });

  it('that cannot be one is refused before anything happens', async () => {
    expect((await send({ key: 'with space' })).status).toBe(422);
    expect((await send({ key: 'x'.repeat(256) })).status).toBe(422);
    expect(effects).toEqual([]);
  });

  it('keeps what was answered unreadable in the database, and for 30 days', async () => {
    await send({ key: 'kept', body: '{"name":"Alice Traveller"}' });
    const { db } = bench.database;
    const rows = await db.select().from(idempotency);
    expect(rows.length).toBeGreaterThan(0);
    expect(Buffer.concat(rows.flatMap(({ sealedBody }) => sealedBody ?? [])).includes('Alice')).toBe(false);
    await db.update(idempotency).set({ createdAt: sql`now() - interval '29 days'` });
    expect(await purgeKeys(db)).toBe(0);
    await db.update(idempotency).set({ createdAt: sql`now() - interval '31 days'` });
    expect(await purgeKeys(db)).toBe(rows.length);
  });
});
