import { desc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { createBareApp } from '../../api/app.ts';
import { nativeArea } from '../../api/errors.ts';
import { metrics } from '../../api/metrics.ts';
import { reconciliation } from '../../api/native/reconciliation.ts';
import { openWords } from '../../db/audit.ts';
import { askErasure, destroyKey, erase } from '../../db/erasures.ts';
import { closeUnseen, noteFinding, reportFinding } from '../../db/findings.ts';
import { SYSTEM_KEY } from '../../db/keyring.ts';
import { beginRun, countRun, endRun } from '../../db/recon-runs.ts';
import { audit } from '../../db/schema.ts';
import type { Finding } from '../../domain/findings.ts';
import { money } from '../../domain/money.ts';
import { describeWith } from '../setup/parts.ts';
import { openBench } from './app-under-test.ts';
import type { Bench } from './app-under-test.ts';
import { insertBooking } from './database-under-test.ts';
import { bearer } from './settings.ts';

const Standing = z.object({
  moneyUnexplained: z.array(z.object({ currency: z.string(), amount: z.int() })),
  lastRun: z.looseObject({ unread: z.int() }).nullable(),
  items: z.array(z.looseObject({ kind: z.string(), subject: z.string(), closedBecause: z.string().nullable() })),
});

const FOUND: Finding = {
  kind: 'missing_there',
  invariant: 'I-28',
  bookingId: null,
  subject: 'pay_1_1',
  unexplained: money(1_250, 'USD'),
  evidence: { here: 1_250, there: 0 },
};

describeWith('postgres', 'what reconciliation found', () => {
  let bench: Bench;
  let app: ReturnType<typeof createBareApp>;
  let staff: Record<string, string>;
  let admin: Record<string, string>;

  beforeAll(async () => {
    bench = await openBench();
    app = createBareApp(bench.deps, [nativeArea])
      .route('/', reconciliation(bench.deps))
      .route('/', metrics(bench.deps));
    staff = await bearer({ sub: 'sue', role: 'staff' });
    admin = await bearer({ sub: 'ada', role: 'admin' });
  });
  afterAll(() => bench.close());

  const read = async (query = '') =>
    Standing.parse(await (await app.request(`/v1/reconciliation${query}`, { headers: staff })).json());
  const figures = async () => (await app.request('/metrics', { headers: staff })).text();

  it('is nothing before the first run', async () => {
    expect(await read()).toEqual({ moneyUnexplained: [], lastRun: null, items: [] });
    expect(await figures()).toContain('reconciliation_open_findings{kind="missing_there"} 0\n');
  });

  it('is shown with its sum while it is open, and why it was closed afterwards', async () => {
    const { db } = bench.database;
    const at = new Date();
    await noteFinding(db, FOUND, at);
    await noteFinding(db, FOUND, at);
    await endRun(db, (await beginRun(db, 'all', at)).id, at);
    expect(await read()).toMatchObject({
      moneyUnexplained: [{ currency: 'USD', amount: 1_250 }],
      lastRun: { scope: 'all', unread: 0 },
      items: [{ kind: 'missing_there', subject: 'pay_1_1', evidence: { here: 1_250, there: 0 }, closedBecause: null }],
    });
    const text = await figures();
    expect(text).toContain('# TYPE money_unexplained gauge\nmoney_unexplained{currency="USD"} 12.50\n');
    expect(text).toContain('reconciliation_open_findings{kind="missing_there"} 1\n');
    expect(text).toContain('inbox_waiting{state="pending"} 0\n');
    expect(text).toContain('outbox_oldest_seconds 0\n');
    await closeUnseen(db, { since: new Date(at.getTime() + 1), at: new Date(), scope: 'all' });
    expect(await read()).toMatchObject({ moneyUnexplained: [], items: [] });
    expect(await read('?state=closed')).toMatchObject({
      items: [{ subject: 'pay_1_1', closedBecause: 'no longer so' }],
    });
  });

  it('shows the largest sum first, what bears none last, and counts money however much else is open', async () => {
    const { db } = bench.database;
    const at = new Date();
    const without = Array.from({ length: 3 }, (_, n): Finding => ({
      ...FOUND,
      kind: 'stuck',
      subject: `inbox/${n}`,
      unexplained: null,
    }));
    for (const finding of [...without, { ...FOUND, unexplained: money(5, 'USD') }, { ...FOUND, subject: 'pay_1_2' }])
      await noteFinding(db, finding, at);
    expect(await read('?limit=2')).toMatchObject({
      moneyUnexplained: [{ currency: 'USD', amount: 1_255 }],
      items: [{ subject: 'pay_1_2' }, { subject: 'pay_1_1' }],
    });
    await closeUnseen(db, { since: new Date(at.getTime() + 1), at: new Date(), scope: 'all' });
  });

  it('says of either scope when it was last run through, and what could not be read', async () => {
    const { db } = bench.database;
    const begin = new Date();
    const [whole, recent] = [await beginRun(db, 'all', begin), await beginRun(db, 'recent', begin)];
    await countRun(db, whole.id, { bookings: 9, payments: 9, supplierOrders: 0, unread: 4 });
    await endRun(db, whole.id, new Date('2036-01-01T02:00:00Z'));
    await endRun(db, recent.id, new Date('2036-01-01T03:00:00Z'));
    const text = await figures();
    expect(text).toContain('reconciliation_unread{scope="all"} 4\n');
    expect(text).toContain('reconciliation_unread{scope="recent"} 0\n');
    const ended = (scope: string) =>
      Number(text.match(`reconciliation_last_run_seconds{scope="${scope}"} (\\d+)`)?.[1]);
    expect(ended('recent') - ended('all')).toBe(3_600);
  });

  const explain = (id: number, because: string) =>
    app.request(`/v1/reconciliation/findings/${id}/explain`, {
      method: 'POST',
      headers: { ...admin, 'content-type': 'application/json' },
      body: JSON.stringify({ because }),
    });
  const openWork = async (id: number): Promise<number> => {
    const { rows } = await bench.database.pool.query(
      'select 1 from work_items where subject = $1 and closed_at is null',
      [`finding/${id}`],
    );
    return rows.length;
  };
  const letters = async (id: number): Promise<number> => {
    const { rows } = await bench.database.pool.query('select 1 from notices where version like $1', [`finding/${id}%`]);
    return rows.length;
  };

  it('counts no more once a person has said why, until it changes', async () => {
    const { db } = bench.database;
    const strange: Finding = { ...FOUND, subject: 'pay_2_1' };
    const { id } = await noteFinding(db, strange, new Date());
    await reportFinding(db, id, strange);
    expect([await openWork(id), await letters(id)]).toEqual([1, 1]);

    const answer = await explain(id, 'the other shop on this account');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ explainedBy: 'ada', explanation: 'the other shop on this account' });
    await noteFinding(db, strange, new Date());
    await reportFinding(db, id, strange);
    expect(await read()).toMatchObject({ moneyUnexplained: [], items: [] });
    expect(await read('?state=explained')).toMatchObject({ items: [{ subject: 'pay_2_1', closedBecause: null }] });
    expect([await openWork(id), await letters(id)]).toEqual([0, 1]);

    const worse: Finding = { ...strange, unexplained: money(1_300, 'USD') };
    await noteFinding(db, worse, new Date());
    await reportFinding(db, id, worse);
    expect(await read()).toMatchObject({
      moneyUnexplained: [{ currency: 'USD', amount: 1_300 }],
      items: [{ subject: 'pay_2_1', explanation: null }],
    });
    expect([await openWork(id), await letters(id)]).toEqual([1, 2]);

    await closeUnseen(db, { since: new Date(Date.now() + 1_000), at: new Date(), scope: 'all' });
    expect((await explain(id, 'too late')).status).toBe(409);
    expect((await explain(999_999, 'which one')).status).toBe(404);
    expect((await explain(id, ' ')).status).toBe(422);
  });

  it('keeps what was said of a booking only sealed beside it, and forgets it with the person', async () => {
    const { db, keyring } = bench.database;
    const words = 'Mrs Quixotina paid the boatman';
    await insertBooking(bench.database, 'bk_7', { phase: 'cancelled' });
    const { id } = await noteFinding(db, { ...FOUND, bookingId: 'bk_7', subject: 'pay_7_1' }, new Date());
    const headers = { ...admin, 'content-type': 'application/json', 'idempotency-key': 'explain-7' };
    const path = `/v1/reconciliation/findings/${id}/explain`;
    const ask = () => app.request(path, { method: 'POST', headers, body: JSON.stringify({ because: words }) });
    expect(await (await ask()).json()).toMatchObject({ explanation: words });
    const [said] = await db.select().from(audit).where(eq(audit.bookingId, 'bk_7'));
    expect(said).toMatchObject({ actor: 'ada', action: 'reconciliation.explain', detail: { findingId: id } });
    expect(JSON.stringify(said?.detail)).not.toContain('Quixotina');
    expect(await openWords(keyring, 'bk_7', said?.sealedWords ?? null)).toBe(words);

    await askErasure(db, ['bk_7'], { actor: 'ada', role: 'admin' });
    expect(await erase(db, 'bk_7', Date.now())).toBe('now');
    const explained = await read('?state=explained');
    expect(explained.items.find(({ subject }) => subject === 'pay_7_1')).toMatchObject({
      explainedBy: 'ada',
      explainedAt: expect.any(String),
      explanation: null,
    });
    expect((await ask()).status).toBe(409);
    const [after] = await db
      .select()
      .from(audit)
      .where(eq(audit.id, said?.id ?? 0));
    expect(after?.sealedWords).toBeNull();
    // It is still explained: nobody is called for it, and nothing counts.
    expect((await read()).moneyUnexplained).toEqual([]);
    await closeUnseen(db, { since: new Date(Date.now() + 1_000), at: new Date(), scope: 'all' });
  });

  it('seals what was said of no booking as well, and of one that was forgotten keeps no second copy', async () => {
    const { db, keyring } = bench.database;
    const words = 'the card of Mrs Quixotina';
    const last = async () => (await db.select().from(audit).orderBy(desc(audit.id)).limit(1))[0];
    const foreign = await noteFinding(db, { ...FOUND, subject: 'pi_foreign' }, new Date());
    expect((await explain(foreign.id, words)).status).toBe(200);
    const entry = await last();
    expect([entry?.bookingId, JSON.stringify(entry?.detail).includes('Quixotina')]).toEqual([null, false]);
    expect(await openWords(keyring, SYSTEM_KEY, entry?.sealedWords ?? null)).toBe(words);
    await insertBooking(bench.database, 'bk_8', { phase: 'cancelled' });
    await askErasure(db, ['bk_8'], { actor: 'ada', role: 'admin' });
    await erase(db, 'bk_8', Date.now());
    await destroyKey(db, 'bk_8');
    const late = await noteFinding(db, { ...FOUND, bookingId: 'bk_8', subject: 'pay_8_1' }, new Date());
    expect((await explain(late.id, 'settled with the bank')).status).toBe(200);
    expect(await last()).toMatchObject({ bookingId: 'bk_8', sealedWords: null });
    await closeUnseen(db, { since: new Date(Date.now() + 1_000), at: new Date(), scope: 'all' });
  });

  it.each([
    ['GET', '/v1/reconciliation', 'service'],
    ['POST', '/v1/reconciliation/findings/1/explain', 'staff'],
    ['POST', '/v1/reconciliation', 'service'],
    ['GET', '/metrics', 'customer'],
  ])('%s %s is not for a %s', async (method, path, role) => {
    expect((await app.request(path, { method })).status).toBe(401);
    expect((await app.request(path, { method, headers: await bearer({ sub: 'x', role }) })).status).toBe(403);
  });

  it('gives its figures to a service', async () => {
    const answer = await app.request('/metrics', { headers: await bearer({ sub: 'prometheus', role: 'service' }) });
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.status).toBe(200);
  });
});
