import { randomUUID } from 'node:crypto';
import { desc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { createBareApp } from '../../api/app.ts';
import { nativeArea } from '../../api/errors.ts';
import { inbox as inboxRouter } from '../../api/native/inbox.ts';
import { storeRejected } from '../../db/inbox.ts';
import { cutOldBodies } from '../../db/inbox-work.ts';
import { createInboxWriter } from '../../db/inbox-writer.ts';
import { audit, inbox } from '../../db/schema.ts';
import { describeWith } from '../setup/parts.ts';
import { openBench } from './app-under-test.ts';
import type { Bench } from './app-under-test.ts';
import { bearer } from './settings.ts';

const Page = z.object({
  items: z.array(z.looseObject({ id: z.int(), state: z.string() })),
  nextCursor: z.string().nullable(),
});

describeWith('postgres', 'the inbox for staff', () => {
  let bench: Bench;
  let app: ReturnType<typeof createBareApp>;
  let staff: Record<string, string>;

  beforeAll(async () => {
    bench = await openBench();
    app = createBareApp(bench.deps, [nativeArea]).route('/', inboxRouter(bench.deps));
    staff = { ...(await bearer({ sub: 'sam', role: 'staff' })), 'Content-Type': 'application/json' };
  });
  afterAll(() => bench.close());
  beforeEach(async () => {
    await bench.database.db.delete(inbox);
    await bench.database.db.delete(audit);
  });

  const arrive = async (
    change: { effect?: string | null; bookingId?: string; gateway?: string } = {},
  ): Promise<number> => {
    const eventId = randomUUID();
    await createInboxWriter(
      bench.database.db,
      bench.database.keyring,
    )({
      gateway: 'stripe_intent',
      channel: '/api/webhooks/stripe',
      raw: Buffer.from('{"secret":"body"}'),
      headers: {},
      eventId,
      type: 'payment_intent.succeeded',
      objectRef: 'pi_1',
      effect: 'succeeded',
      paymentRef: 'pi_1',
      bookingId: null,
      paymentId: null,
      ...change,
    });
    const [row] = await bench.database.db.select().from(inbox).where(eq(inbox.eventId, eventId));
    return row?.id ?? expect.unreachable();
  };
  const list = async (query = '') =>
    Page.parse(await (await app.request(`/v1/inbox${query}`, { headers: staff })).json());
  const post = (path: string, body?: unknown, headers = staff) =>
    app.request(path, { method: 'POST', headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const rowOf = async (id: number) => (await bench.database.db.select().from(inbox).where(eq(inbox.id, id)))[0];

  it('is closed to staff of one storefront, for it holds the webhooks of all', async () => {
    const id = await arrive();
    const limited = {
      ...(await bearer({ sub: 'sam', role: 'staff', storefront: 'trektoo' })),
      'Content-Type': 'application/json',
    };
    expect((await app.request('/v1/inbox', { headers: limited })).status).toBe(403);
    expect((await post(`/v1/inbox/${id}/replay`, undefined, limited)).status).toBe(403);
    expect((await post('/v1/inbox/replay', { filter: {} }, limited)).status).toBe(403);
  });

  it('shows a row as promised, and never its body', async () => {
    const id = await arrive({ bookingId: 'bk_1' });
    const { items } = await list();
    expect(items).toEqual([
      {
        id,
        gateway: 'stripe_intent',
        channel: '/api/webhooks/stripe',
        eventId: expect.any(String),
        type: 'payment_intent.succeeded',
        bookingId: 'bk_1',
        verdict: 'verified',
        state: 'pending',
        attempts: 0,
        receivedAt: expect.stringMatching(/^\d{4}-.*Z$/),
        handledAt: null,
        error: null,
      },
    ]);
  });

  it('pages newest first without gaps or repeats', async () => {
    const ids = [];
    for (let i = 0; i < 5; i += 1) ids.push(await arrive());
    const seen: number[] = [];
    let cursor: string | null = null;
    do {
      const page = await list(`?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(ids.toReversed());
  });

  it('filters by state, gateway, type and booking', async () => {
    const ignored = await arrive({ effect: null });
    const booked = await arrive({ bookingId: 'bk_2' });
    const idsOf = async (query: string) => (await list(query)).items.map(({ id }) => id);
    expect(await idsOf('?state=ignored')).toEqual([ignored]);
    expect(await idsOf('?booking=bk_2')).toEqual([booked]);
    expect(await idsOf('?gateway=chip')).toEqual([]);
    expect(await idsOf('?type=payment_intent.succeeded')).toEqual([booked, ignored]);
    expect((await app.request('/v1/inbox?state=lost', { headers: staff })).status).toBe(422);
  });

  it('is nothing for customers and services', async () => {
    const id = await arrive();
    for (const role of ['customer', 'service']) {
      const headers = { ...staff, ...(await bearer({ sub: 'x', role })) };
      expect((await app.request('/v1/inbox', { headers })).status).toBe(403);
      expect((await post(`/v1/inbox/${id}/replay`, undefined, headers)).status).toBe(403);
      expect((await post('/v1/inbox/replay', { filter: {} }, headers)).status).toBe(403);
    }
    expect((await app.request('/v1/inbox')).status).toBe(401);
  });

  it('sends one round again, whatever became of it, and remembers who asked', async () => {
    const id = await arrive();
    await bench.database.db
      .update(inbox)
      .set({ state: 'failed', attempts: 9, error: 'no booking', nextAt: new Date(Date.now() + 1e7) });
    const response = await post(`/v1/inbox/${id}/replay`);
    expect([response.status, await response.json()]).toEqual([200, { queued: 1 }]);
    const row = await rowOf(id);
    expect(row).toMatchObject({ state: 'pending', attempts: 0, error: null });
    expect(row?.nextAt.getTime()).toBeLessThanOrEqual(Date.now() + 1_000);
    const trail = await bench.database.db.select().from(audit).orderBy(desc(audit.id));
    expect(trail).toMatchObject([{ actor: 'sam', role: 'staff', action: 'inbox.replay', detail: { inboxId: id } }]);
  });

  it('opens one to staff alone, writes down who looked, and has nothing to show once it was cut', async () => {
    const id = await arrive({ bookingId: 'bk_1' });
    const look = async () => (await app.request(`/v1/inbox/${id}`, { headers: staff })).json();
    expect(await look()).toMatchObject({ id, bookingId: 'bk_1', body: '{"secret":"body"}' });
    expect(await bench.database.db.select().from(audit)).toMatchObject([
      { actor: 'sam', action: 'inbox.read', bookingId: 'bk_1', detail: { inboxId: id } },
    ]);
    expect((await app.request(`/v1/inbox/${id}`, { headers: await bearer({ sub: 'al' }) })).status).toBe(403);
    expect(await cutOldBodies(bench.database.db)).toBe(0);
    await bench.database.db.update(inbox).set({ receivedAt: new Date(Date.now() - 91 * 86_400_000) });
    expect(await cutOldBodies(bench.database.db)).toBe(1);
    expect(await look()).toMatchObject({ id, body: null });
    expect((await app.request('/v1/inbox/999999999', { headers: staff })).status).toBe(404);
  });

  it('does not send round what was rejected or ignored, nor what is not there', async () => {
    const ignored = await arrive({ effect: null });
    await storeRejected(
      bench.database,
      { gateway: 'stripe_intent', channel: 'x', raw: Buffer.from('x'), headers: {} },
      'forged',
    );
    const [rejected] = (await list('?state=failed')).items;
    expect((await post(`/v1/inbox/${ignored}/replay`)).status).toBe(409);
    expect((await post(`/v1/inbox/${rejected?.id}/replay`)).status).toBe(409);
    expect((await post('/v1/inbox/999999999/replay')).status).toBe(404);
    expect((await post('/v1/inbox/none/replay')).status).toBe(422);
    expect(await bench.database.db.select().from(audit)).toEqual([]);
  });

  it('sends round again what a filter chooses', async () => {
    await arrive({ effect: null });
    await arrive({ bookingId: 'bk_3' });
    await arrive({ bookingId: 'bk_3' });
    const other = await arrive({ bookingId: 'bk_4' });
    await bench.database.db.update(inbox).set({ state: 'handled' });
    const response = await post('/v1/inbox/replay', { filter: { booking: 'bk_3' } });
    expect(await response.json()).toEqual({ queued: 2 });
    expect((await list('?state=pending')).items).toHaveLength(2);
    expect(await rowOf(other)).toMatchObject({ state: 'handled' });
  });

  it('offers nothing else on these paths', async () => {
    const response = await app.request('/v1/inbox', { method: 'DELETE', headers: staff });
    expect([response.status, response.headers.get('Allow')]).toEqual([405, 'GET, HEAD']);
  });
});
