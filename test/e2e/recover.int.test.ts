// The database is lost and an old backup takes its place: what Temporal and the vendors know is put back into the books.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { describeWith } from '../setup/parts.ts';
import { backUp } from './backup.ts';
import type { Backup } from './backup.ts';
import { run } from './command.ts';
import { bookStay, openCrowd } from './crowd.ts';
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
  let before: { bookings: unknown; ledger: unknown };

  const recover = (...args: string[]) => run(stack, 'worker/recover.ts', args);
  const since = () => ['--since', backup.at.toISOString()];
  const programs = () => [stack.api, stack.worker, stack.background];
  const start = () => Promise.all(programs().map((program) => program.start()));
  /** What must be the same again, whatever it is called inside. */
  const books = async () => ({
    bookings: await stack.rows(
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
    const { airport } = await openServices(stack);
    const { id, amount, currency } = dataOf(await airport.book('porter'));
    transfer = intentOf(await airport.open(String(id), { amount: Number(amount), currency: String(currency) }));
  }

  it('says what is missing, with its sums, and writes nothing unless it is told to', async () => {
    const found = await books();
    expect(found).not.toEqual(before);
    const { code, said } = await recover(...since());
    expect(said).toMatch(new RegExp(`\\n${BOOKINGS + 2} bookings missing, [23] incomplete\\n`));
    expect(said).toMatch(
      new RegExp(`${old.paid.booking_id} .* lacks \\d+ of \\d+ facts  -> confirmed  taken USD 46.75`),
    );
    expect(said).toContain('nothing was written: run it again with --apply');
    expect(code).toBe(1);
    expect(await books()).toEqual(found);
  }, 240_000);

  it('has the books as they were, once it is told to, and finds nothing to do when it is asked again', async () => {
    const applied = await recover(...since(), '--apply');
    expect(applied, applied.said).toMatchObject({ code: 0 });
    expect(await books()).toEqual(before);
    const again = await recover(...since(), '--apply');
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
