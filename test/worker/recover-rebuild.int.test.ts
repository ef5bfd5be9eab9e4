// What is put back into the books, on a database of its own for the one that was lost and the one that was restored.
import { randomBytes } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tellRecorded } from '../../db/keeping.ts';
import { callsInDoubt, doubtCalls } from '../../db/doubt.ts';
import { createKeyring } from '../../db/keyring.ts';
import { beginRecovery, dropWork, openWork, unfinishedRecovery } from '../../db/recoveries.ts';
import { idempotency, latePayments, refunds, supplierOrders } from '../../db/schema.ts';
import { lossOf } from '../../domain/recovery.ts';
import { owedWork, restoreBelongings } from '../../worker/recover/belongings.ts';
import { endWithLetter } from '../../worker/recover/left.ts';
import { advance, advancesDue } from '../../worker/recover/numbers.ts';
import { knownFacts, rebuild, rebuildOrLeave } from '../../worker/recover/rebuild.ts';
import type { Rebuilding } from '../../worker/recover/rebuild.ts';
import { openBench, refusedBy } from '../db/test-bench.ts';
import type { Bench } from '../db/test-bench.ts';
import { AT, CONFIRMED, facts } from '../domain/sample-booking.ts';
import { describeWith } from '../setup/parts.ts';

const masters = [{ id: 'm1', bytes: randomBytes(32) }] as const;
const LATER = new Date('2026-05-05T10:00:00.000Z');
const REQUEST = { scope: 'the request', bodyHash: 'hash' };

describeWith('postgres', 'on an old backup', () => {
  let lost: Bench;
  let restored: Bench;
  beforeEach(async () => {
    [lost, restored] = await Promise.all([openBench(), openBench()]);
    await lost.add();
    await lost.db.insert(idempotency).values({ ...REQUEST, bookingId: 'bk_1', claimedUntil: LATER });
    await lost.record('bk_1', () => CONFIRMED);
  });
  afterEach(() => Promise.all([lost.close(), restored.close()]));

  const deps = () => ({
    db: restored.db,
    keyring: createKeyring(restored.db, masters),
    clock: () => LATER,
  });
  /** As Temporal was told of it. */
  async function lossOfAll(): Promise<Rebuilding> {
    const recall = await tellRecorded(lost.db, 'bk_1');
    const known = await knownFacts(restored.db, 'bk_1');
    const loss = lossOf({ bookingId: 'bk_1', recalls: recall ? [recall] : [], version: CONFIRMED.length }, known);
    if (loss.kind !== 'absent' && loss.kind !== 'behind') throw new Error(`nothing to rebuild: ${loss.kind}`);
    return { bookingId: 'bk_1', loss, historyKey: randomBytes(32), late: [] };
  }
  const written = async (bench: Bench): Promise<unknown[]> => {
    const tables = [
      'booking_events',
      'ledger_postings',
      'payments',
      'supplier_orders',
      'vouchers',
      'notices',
      'outbox',
    ];
    return Promise.all(
      tables.map(async (table) => (await bench.rows(sql`select count(*)::int as n from ${sql.raw(table)}`))[0]),
    );
  };

  it('a booking that is gone is what it was, with all that follows from its facts, at the time they bore', async () => {
    const rebuilt = await rebuild(deps(), await lossOfAll(), true);
    expect(rebuilt).toMatchObject({ kind: 'absent', refused: [], untold: [], isNameless: false });
    expect(await restored.load('bk_1')).toEqual(await lost.load('bk_1'));
    expect(await written(restored)).toEqual(await written(lost));
    const at = (bench: Bench) => bench.rows(sql`select seq, key, data, at from booking_events order by seq`);
    expect(await at(restored)).toEqual(await at(lost));
    expect(await restored.db.select().from(idempotency)).toMatchObject([
      { ...REQUEST, bookingId: 'bk_1', status: null },
    ]);
    expect(await restored.rows(sql`select key_id from booking_keys order by 1`)).toEqual([
      { key_id: 'bk_1' },
      { key_id: 'history/bk_1' },
    ]);
  });

  it('a booking to which nothing had happened yet is there again, with its number and its claim', async () => {
    await lost.add({ id: 'bk_3', storefront: 'travello', externalId: '7' });
    await lost.db
      .insert(idempotency)
      .values({ scope: 'a stay', bodyHash: 'h', bookingId: 'bk_3', claimedUntil: LATER });
    const recall = await tellRecorded(lost.db, 'bk_3');
    const loss = lossOf({ bookingId: 'bk_3', recalls: recall ? [recall] : [], version: 0 }, undefined);
    if (loss.kind !== 'absent') throw new Error(`the booking is ${loss.kind}`);
    const asked = { bookingId: 'bk_3', loss, historyKey: randomBytes(32), late: [] };
    expect(await rebuild(deps(), asked, true)).toMatchObject({ kind: 'absent', written: [], refused: [], untold: [] });
    expect(await restored.load('bk_3')).toEqual(await lost.load('bk_3'));
    expect(await restored.db.select().from(idempotency)).toMatchObject([{ scope: 'a stay', bookingId: 'bk_3' }]);
    expect(await restored.rows(sql`select action from audit`)).toEqual([{ action: 'recovered' }]);
  });

  it('a booking that is behind gets what it lacks, and nothing twice', async () => {
    await restored.add();
    await restored.record('bk_1', () => CONFIRMED.slice(0, 2));
    const rebuilt = await rebuild(deps(), await lossOfAll(), true);
    expect(rebuilt.written.map(({ seq }) => seq)).toEqual(CONFIRMED.slice(2).map((_, i) => i + 3));
    expect(await restored.load('bk_1')).toEqual(await lost.load('bk_1'));
    await expect(lossOfAll()).rejects.toThrow('nothing to rebuild: nothing');
  });

  it('a booking that is gone twice comes back in its order, though what nobody was told gave its number away', async () => {
    const { loss, ...asked } = await lossOfAll();
    const told = loss.facts.map((fact, index) => (index === 0 ? fact : { ...fact, seq: fact.seq + 2 }));
    await rebuild(deps(), { ...asked, loss: { ...loss, facts: told } }, true);
    const news = [facts.refundAsked(1, 1_000), facts.refundSucceeded(1)];
    await restored.record('bk_1', () => news);
    const anew = await tellRecorded(restored.db, 'bk_1');
    const recalls = [{ bookingId: 'bk_1', facts: told }, ...(anew ? [anew] : [])];
    const again = lossOf({ bookingId: 'bk_1', recalls, version: 0 }, undefined);
    if (again.kind !== 'absent') throw new Error(`the booking is ${again.kind}`);
    expect(again.facts.map(({ event }) => event)).toEqual([...CONFIRMED, ...news]);
    expect(again.untold).toEqual([]);
  });

  it('nothing stays when it was only tried, though it tells what would be', async () => {
    const before = await written(restored);
    const rehearsed = await rebuild(deps(), await lossOfAll(), false);
    expect(rehearsed.after).toMatchObject({ phase: 'confirmed', version: CONFIRMED.length });
    expect(await written(restored)).toEqual(before);
    expect(await knownFacts(restored.db, 'bk_1')).toBeUndefined();
  });

  it('a fact that cannot follow is told apart, and does not take the others with it', async () => {
    const { loss, ...rest } = await lossOfAll();
    const impossible = { seq: 99, at: AT, event: facts.opened(2) };
    const rebuilding = {
      ...rest,
      loss: { ...loss, facts: [...loss.facts.slice(0, 1), impossible, ...loss.facts.slice(1)] },
    };
    const rebuilt = await rebuild(deps(), rebuilding, true);
    expect(rebuilt.refused).toEqual([{ fact: impossible, why: expect.stringContaining('while pay_1_1 is live') }]);
    expect(await restored.load('bk_1')).toEqual(await lost.load('bk_1'));
  });

  it('a booking whose place was taken is not put in it', async () => {
    await restored.add({ id: 'bk_2', externalId: 'TRK-1' });
    expect(await refusedBy(rebuild(deps(), await lossOfAll(), true))).toBe('bookings_storefront_external_id_key');
    expect(await knownFacts(restored.db, 'bk_1')).toBeUndefined();
  });

  it('a request means the booking again that had taken another’s place, and no third one is made beside it', async () => {
    await restored.add({ id: 'bk_0', externalId: 'TRK-0' });
    const before = { ...REQUEST, bookingId: 'bk_0', claimedUntil: LATER, createdAt: new Date(AT) };
    await restored.db.insert(idempotency).values({ ...before, status: 201, sealedBody: Buffer.from('an answer') });
    expect(await rebuild(deps(), await lossOfAll(), true)).toMatchObject({ outbidBy: [] });
    const bound = { ...REQUEST, bookingId: 'bk_1', status: null, sealedBody: null };
    expect(await restored.db.select().from(idempotency)).toMatchObject([bound]);
  });

  it('a request stays with a booking that was made for it later, and a person looks into the two', async () => {
    await restored.add({ id: 'bk_2', externalId: 'TRK-2' });
    const later = { ...REQUEST, bookingId: 'bk_2', claimedUntil: LATER, createdAt: new Date('2100-01-01') };
    await restored.db.insert(idempotency).values(later);
    const rebuilt = await rebuild(deps(), await lossOfAll(), true);
    expect(rebuilt).toMatchObject({ refused: [], outbidBy: ['bk_2'] });
    expect(await restored.db.select().from(idempotency)).toMatchObject([later]);
    expect(await openWork(restored.db)).toMatchObject([
      { subject: 'bk_1/claims', bookingId: 'bk_1', reason: expect.stringContaining('bk_2') },
    ]);
  });

  it('a key that nobody’s booking holds is the booking’s again', async () => {
    const held = { ...REQUEST, bookingId: null, claimedUntil: LATER, createdAt: new Date('2100-01-01') };
    await restored.db.insert(idempotency).values(held);
    expect(await rebuild(deps(), await lossOfAll(), true)).toMatchObject({ outbidBy: [] });
    expect(await restored.db.select().from(idempotency)).toMatchObject([{ ...REQUEST, bookingId: 'bk_1' }]);
  });

  it('money that came late is claimed again with its fact: what a bank held up of it is owed when the bank lets go', async () => {
    const late = [{ paymentRef: 'pi_1', paymentId: 'pay_1_1' }];
    await rebuild(deps(), { ...(await lossOfAll()), late }, true);
    const claim = { paymentRef: 'pi_1', gateway: 'stripe_intent', bookingId: 'bk_1' };
    expect(await restored.db.select().from(latePayments)).toMatchObject([claim]);
  });

  it('money that was known to the backup is not claimed as late', async () => {
    await restored.add();
    await restored.record('bk_1', () => CONFIRMED.slice(0, 2));
    await rebuild(deps(), { ...(await lossOfAll()), late: [{ paymentRef: 'pi_1', paymentId: 'pay_1_1' }] }, true);
    expect(await restored.db.select().from(latePayments)).toEqual([]);
  });

  it('a booking that breaks a recovery is left to a person, and not the others with it', async () => {
    const asked = await lossOfAll();
    const [opened, ...rest] = asked.loss.facts;
    if (!opened) throw new Error('nothing was told');
    const odd = { ...opened, event: { ...facts.opened(), amount: { minor: 0.5, currency: 'HKD' } } };
    const broken = { ...asked, loss: { ...asked.loss, facts: [odd, ...rest] } };
    const left = { subject: 'bk_1', bookingId: 'bk_1', reason: expect.stringMatching(/^it cannot be put back: ./) };
    expect(await rebuildOrLeave(deps(), broken, true)).toEqual(left);
    expect(await knownFacts(restored.db, 'bk_1')).toBeUndefined();
    expect(await rebuildOrLeave(deps(), asked, true)).toMatchObject({ kind: 'absent', refused: [] });
  });

  it('a recovery ends where the database is gone: nobody is to look into each booking for that', async () => {
    const asked = await lossOfAll();
    const gone = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const keyring = { ...deps().keyring, createBeside: () => Promise.reject(gone) };
    await expect(rebuildOrLeave({ ...deps(), keyring }, asked, true)).rejects.toBe(gone);
  });

  it('no number is given twice, and none is passed over without need', async () => {
    const seen = { inboxId: 41, bookingNumber: 7, payments: 2 };
    const due = await advancesDue(restored.db, seen);
    expect(due).toEqual([
      { what: 'webhooks', from: 0, to: 1_041 },
      { what: 'bookings', from: 0, to: 1_007 },
      { what: 'payments', from: 0, to: 1_002 },
    ]);
    for (const each of due) await advance(restored.db, each);
    expect(await advancesDue(restored.db, { ...seen, payments: 0 })).toEqual([]);
    const [next] = await restored.rows(sql`select nextval('travello_booking_ids')::int as n`);
    expect(next).toEqual({ n: 1_008 });
  });

  it('a call that may have been begun counts as begun, one whose trace is there as it was', async () => {
    await restored.add();
    await restored.record('bk_1', () => [...CONFIRMED, facts.refundAsked(1, 1_000)]);
    await restored.db.update(supplierOrders).set({ status: 'unpaid', placeCalledAt: LATER });
    const asked = { since: LATER, oneByOne: [] };
    expect(await doubtCalls(restored.db, asked)).toEqual({ doubted: 2, left: [] });
    expect(await doubtCalls(restored.db, asked)).toEqual({ doubted: 0, left: [] });
    expect(await restored.db.select().from(refunds)).toMatchObject([{ calledAt: LATER }]);
    expect(await restored.db.select().from(supplierOrders)).toMatchObject([
      { placeCalledAt: LATER, payCalledAt: LATER },
    ]);
  });

  it('a refund counts as asked for no earlier than it was wanted: what failed before is another', async () => {
    await restored.add();
    await restored.record('bk_1', () => [...CONFIRMED, facts.refundAsked(1, 1_000)]);
    await doubtCalls(restored.db, { since: new Date(0), oneByOne: ['stripe_intent'] });
    expect(await restored.db.select().from(refunds)).toMatchObject([{ calledAt: new Date(AT) }]);
  });

  it('refunds of one payment count as asked for; where any may have been and each hides the other, a person is called', async () => {
    await restored.add();
    await restored.record('bk_1', () => [...CONFIRMED, facts.refundAsked(1, 1_000), facts.refundAsked(2, 500)]);
    await restored.db.update(supplierOrders).set({ placeCalledAt: LATER, payCalledAt: LATER });
    const oneByOne = ['stripe_intent'] as const;
    expect(await callsInDoubt(restored.db, [])).toEqual({ doubted: 2, left: [] });
    const left = [
      { subject: 'bk_1/refunds/pay_1_1', bookingId: 'bk_1', reason: expect.stringContaining('rf_1, rf_2') },
    ];
    expect(await callsInDoubt(restored.db, oneByOne)).toEqual({ doubted: 2, left });
    expect(await doubtCalls(restored.db, { since: LATER, oneByOne })).toEqual({ doubted: 2, left });
    expect(await callsInDoubt(restored.db, oneByOne)).toEqual({ doubted: 0, left });
    await restored.db.update(refunds).set({ calledAt: null });
    await restored.db.update(refunds).set({ ref: 're_2' }).where(eq(refunds.id, 'rf_2'));
    expect(await doubtCalls(restored.db, { since: LATER, oneByOne })).toEqual({ doubted: 1, left: [] });
    const rows = await restored.db.select().from(refunds).orderBy(refunds.id);
    expect(rows.map(({ calledAt }) => calledAt)).toEqual([null, LATER]);
  });

  /** Somebody's trip, whose papers were out: its names were in the database only. */
  async function lossOfSomebody(): Promise<Rebuilding> {
    await lost.record('bk_1', () => [{ type: 'documents.issued', version: 3, kinds: ['voucher'] }]);
    const asked = await lossOfAll();
    if (asked.loss.kind !== 'absent') throw new Error('the booking is there');
    return { ...asked, loss: { ...asked.loss, intake: { ...asked.loss.intake, isNamed: true }, untold: [99] } };
  }

  it('what a booking still needs is written down with it: whoever comes after a run that was broken off does it', async () => {
    const asked = await lossOfSomebody();
    await rebuild(deps(), asked, false);
    expect(await openWork(restored.db)).toEqual([]);
    await rebuild(deps(), asked, true);
    const toDo = ['bk_1/untold', 'bk_1/travellers', 'bk_1/papers'];
    expect(await openWork(restored.db)).toMatchObject(toDo.map((subject) => ({ subject, bookingId: 'bk_1' })));

    const drawn: unknown[] = [];
    const gateways = { stripe_intent: {}, stripe_checkout: {}, chip: {}, on_arrival: {} };
    const draw = { gateways, drawAgain: async (...paper: unknown[]) => void drawn.push(paper) };
    const jammed = { ...draw, drawAgain: () => Promise.reject(new Error('no ink')) };
    const stuck = [{ subject: 'bk_1/papers', bookingId: 'bk_1', reason: 'no papers: no ink' }];
    expect(await restoreBelongings({ ...deps(), ...jammed })).toEqual(stuck);
    expect(await owedWork(restored.db)).toEqual(stuck);
    expect(await restoreBelongings({ ...deps(), ...draw })).toEqual([]);
    expect(drawn).toEqual([['bk_1', 3]]);
    expect(await openWork(restored.db)).toMatchObject([{ subject: toDo[0] }, { subject: toDo[1] }]);
  });

  it('a run that was broken off is the one that goes on, and tells staff of all its work with one letter', async () => {
    const begun = await beginRecovery(restored.db, LATER);
    await rebuild(deps(), await lossOfSomebody(), true);
    expect(await unfinishedRecovery(restored.db)).toEqual(begun);
    const run = await beginRecovery(restored.db, new Date(AT));
    expect(run).toEqual({ ...begun, since: new Date(AT) });
    const left = [{ subject: 'booking-bk_9', bookingId: null, reason: 'its history cannot be read' }];
    const work = await endWithLetter(deps(), run, { left, outside: [] });
    const subjects = ['bk_1/untold', 'bk_1/travellers', 'bk_1/papers', 'booking-bk_9'];
    expect(work.map(({ subject }) => subject)).toEqual(subjects);
    expect(await unfinishedRecovery(restored.db)).toBeUndefined();

    const next = await beginRecovery(restored.db, LATER);
    expect(next.id).not.toBe(run.id);
    // What an earlier run left is open still, and was told.
    expect(await endWithLetter(deps(), next, { left, outside: [] })).toEqual(work);
    await dropWork(restored.db, ['booking-bk_9', 'bk_9']);
    expect((await openWork(restored.db)).map(({ subject }) => subject)).toEqual(subjects.slice(0, 3));
    const letters = sql`select detail ->> 'reason' as reason from notices where booking_id is null`;
    expect(await restored.rows(letters)).toEqual([{ reason: expect.stringContaining('4 things need a person: 1 ') }]);
  });
});
