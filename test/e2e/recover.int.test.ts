// The database is lost and an old backup takes its place: what Temporal and the vendors know is put back into the books.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { describeWith } from '../setup/parts.ts';
import { backUp } from './backup.ts';
import type { Backup } from './backup.ts';
import { begin, run } from './command.ts';
import { bookStay, openCrowd } from './crowd.ts';
import { standBefore, standBeforeItBegins } from './gate.ts';
import { BOUGHT_ONCE, outcomeOf, untilBought, untilStatus } from './outcome.ts';
import { dataOf, intentOf, openServices, payWith, untilBooking } from './service-shop.ts';
import type { CardIntent } from './service-shop.ts';
import { book, pay, signIn } from './shop.ts';
import type { Intent, Visitor } from './shop.ts';
import { startStack } from './stack.ts';
import type { Stack } from './stack.ts';

/** More of them: `RECOVER_BOOKINGS=50 npm test -- test/e2e/recover.int.test.ts`. */
const BOOKINGS = Number(process.env['RECOVER_BOOKINGS'] ?? 8);
const AT_ONCE = 4;
/** In the middle of buying what was paid. */
const KILLED_AFTER_MS = 400;
const NAMED = { agentOrderId: 'after-the-backup' };

describeWith(['postgres', 'temporal'], 'a database that was lost', () => {
  let stack: Stack;
  let backup: Backup;
  let alice: Visitor;
  /** Known to the backup: unpaid; paid after it; paid as everything died; given back in part after it. */
  let old: { unpaid: Intent; paid: Intent; racing: Intent; returned: Intent };
  /** Booked after the backup, and open when the database was lost: nobody's name is needed for it, and somebody's is. */
  let transfer: CardIntent;
  let waiting: Intent;
  /** Taken in after the backup, to be paid later: nothing has happened to it. */
  let stay: number;
  let before: Awaited<ReturnType<typeof books>>;
  /** Somebody stood in them. */
  let named: readonly string[];

  const recover = (...args: string[]) => run(stack, 'worker/recover.ts', args);
  const since = () => ['--since', backup.at.toISOString()];
  const programs = () => [stack.api, stack.worker, stack.background];
  const start = () => Promise.all(programs().map((program) => program.start()));
  /** What must be the same again, whatever it is called inside. */
  const books = async () => ({
    bookings: await stack.rows<{ id: string }>(
      `select id, number, storefront, external_id, phase, captured_minor, refunded_minor, version, attempt, product
         from bookings where id <> $1 order by id`,
      [old.racing.booking_id],
    ),
    ledger: await stack.rows(
      `select booking_id, seq, account, party, minor, currency from ledger_postings p
         join ledger_transactions t on t.id = p.transaction_id
        where booking_id <> $1 order by booking_id, seq, account, party, minor`,
      [old.racing.booking_id],
    ),
  });

  const idsOf = async (statement: string): Promise<readonly string[]> =>
    (await stack.rows<{ id: string }>(statement)).map(({ id }) => id);
  /** What a booking needs beside its facts, and nobody has made good. */
  const wanting = async () => ({
    papers: await idsOf(
      `select distinct booking_id as id from booking_events e where type = 'documents.issued' and data -> 'kinds' <> '[]'
          and not exists (select from documents d where d.booking_id = e.booking_id)`,
    ),
    doors: await idsOf(
      `select booking_id as id from payments where live and ref is not null and sealed_secret is null and redirect_url is null`,
    ),
    work: await idsOf(
      `select id from bookings b where not exists (select from travellers t where t.booking_id = b.id)
          and not exists (select from work_items w where w.subject = b.id || '/travellers')`,
    ),
  });

  beforeAll(async () => {
    stack = await startStack();
    alice = await signIn(stack, { sub: 'alice' });
    old = {
      unpaid: await book(alice),
      paid: await book(alice),
      racing: await book(alice),
      returned: await book(alice),
    };
    await pay(stack, old.returned);
    await untilBought(stack, old.returned);
    backup = await backUp(stack);
    await afterTheBackup();
    before = await books();
    named = await idsOf('select distinct booking_id as id from travellers');
    await pay(stack, old.racing);
    await sleep(KILLED_AFTER_MS);
    await Promise.all(programs().map((program) => program.kill()));
    await backup.restore();
  }, 600_000);
  afterAll(() => stack.stop());

  async function afterTheBackup(): Promise<void> {
    const crowd = await openCrowd(stack);
    const left = Array.from({ length: BOOKINGS }, (_, n) => n)[Symbol.iterator]();
    const lane = async () => {
      for (const n of left) await crowd[n % crowd.length]?.(n);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    await pay(stack, old.paid);
    await untilBought(stack, old.paid);
    const staff = await signIn(stack, { sub: 'sigrid', role: 'staff' });
    await staff.post(`/v1/bookings/${old.returned.booking_id}/refunds`, { amount: 1_000, reason: 'asked' });
    await untilStatus(stack, old.returned, 'partially_refunded');
    waiting = await book(alice, NAMED);
    stay = await bookStay(alice, { n: 800, payment_method: 'ONLINE' });
    const { airport } = await openServices(stack);
    const { id, amount, currency } = dataOf(await airport.book('porter'));
    transfer = intentOf(await airport.open(String(id), { amount: Number(amount), currency: String(currency) }));
  }

  it('says what is missing, with its sums, and writes nothing unless it is told to', async () => {
    const found = await books();
    expect(found).not.toEqual(before);
    const { code, said } = await recover(...since());
    expect(said).toMatch(new RegExp(`\\n${BOOKINGS + 3} bookings missing, [23] incomplete\\n`));
    expect(said).toMatch(
      new RegExp(`${old.paid.booking_id} .* lacks \\d+ of \\d+ facts  -> confirmed  taken USD 46.75`),
    );
    expect(said).toContain('nothing was written: run it again with --apply');
    expect(code).toBe(1);
    expect(await books()).toEqual(found);
  }, 240_000);

  it('writes nothing when a program of ours was started while it read', async () => {
    const found = await books();
    const gate = await standBeforeItBegins(stack);
    const begun = begin(stack, 'worker/recover.ts', [...since(), '--apply']);
    await gate.untilReached();
    const late = new pg.Client({
      connectionString: stack.environment['DATABASE_URL'],
      application_name: 'holdfast-api',
    });
    await late.connect();
    await gate.open();
    const { code, said } = await begun.ended;
    await late.end();
    expect(said).toContain('holdfast-api is at work on this database');
    expect(code).toBe(2);
    expect(await books()).toEqual(found);
  }, 240_000);

  it('is broken off in the middle, and does all that was left to do when it is run again, however late', async () => {
    const there = await idsOf('select id from bookings');
    const gone = before.bookings.flatMap(({ id }) => (there.includes(id) ? [] : id)).toSorted();
    const gate = await standBefore(stack, gone[Math.floor(gone.length / 2)] ?? '');
    const broken = begin(stack, 'worker/recover.ts', [...since(), '--apply']);
    await gate.untilReached();
    broken.kill();
    await broken.ended;
    await gate.open();
    const back = await idsOf('select id from bookings');
    expect(back.length).toBeGreaterThan(there.length);
    expect(back.length).toBeLessThan(before.bookings.length);

    const { code, said } = await recover('--since', '1s', '--apply');
    expect(said).toMatch(/^takes up the run of .*, which was broken off\n/);
    expect({ code, said }, said).toMatchObject({ code: 0 });
    expect(await books()).toEqual(before);
    const { work, ...belongings } = await wanting();
    expect(belongings).toEqual({ papers: [], doors: [] });
    expect(work.filter((id) => named.includes(id))).toEqual([]);
  }, 240_000);

  it('finds nothing to do when it is asked again', async () => {
    const again = await recover(...since(), '--apply');
    expect(again.said).toMatch(/^read /);
    expect(again.said).toContain('nothing is missing');
    expect(again).toMatchObject({ code: 0 });
  }, 240_000);

  it('goes on as if nothing had been: what was open ends well, and everybody’s books agree', async () => {
    await start();
    await payWith(stack, transfer);
    await untilBooking(stack, transfer.paymentIntentId, 'confirmed');
    await pay(stack, old.unpaid);
    await untilBought(stack, old.unpaid);
    expect(await outcomeOf(stack, old.unpaid)).toEqual(BOUGHT_ONCE);
    await untilStatus(stack, old.racing, 'confirmed');
    const { letters: _, ...bought } = BOUGHT_ONCE;
    expect(await outcomeOf(stack, old.racing)).toMatchObject(bought);
    const known = await stack.rows<{ id: string }>(
      `select external_id as id from bookings where storefront = 'travello'`,
    );
    expect(known.map(({ id }) => Number(id))).toContain(stay);
    expect(await bookStay(alice, { n: 900, payment_method: 'ONLINE' })).toBeGreaterThan(
      Math.max(...known.map(({ id }) => Number(id))),
    );
    const checked = await run(stack, 'worker/check.ts', ['--grace', '0']);
    expect(checked.said).toContain('no findings');
    expect(checked).toMatchObject({ code: 0 });
  }, 360_000);

  it('knows a request again that it was told of, and calls staff at once where nobody knows who travels', async () => {
    expect(await book(alice, NAMED)).toEqual(waiting);
    await pay(stack, waiting);
    await untilStatus(stack, waiting, 'needs_attention');
    const staff = await signIn(stack, { sub: 'sigrid', role: 'staff' });
    const told = await staff.get(`/v1/bookings/${waiting.booking_id}`);
    expect(told.text).toContain('nobody knows any more who travels');
    await staff.post(`/v1/bookings/${waiting.booking_id}/compensate`, {});
    await untilStatus(stack, waiting, 'refunded');
    expect(await outcomeOf(stack, waiting)).toMatchObject({ captures: [4675], refunds: [4675], orders: [] });
    const left = await stack.rows('select reason from work_items where booking_id = $1', [waiting.booking_id]);
    expect(left).toEqual([{ reason: expect.stringContaining('was lost with its key') }]);
  }, 240_000);

  it('is left alone while anybody works on it', async () => {
    const { code, said } = await recover('--since', '2h', '--apply');
    expect(said).toContain('Stop every api, worker and background process first: holdfast-');
    expect(code).toBe(2);
  });
});
