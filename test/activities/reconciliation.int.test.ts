import { eq, sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { explainFinding, explainedFindings } from '../../db/findings.ts';
import { inbox, notices, workItems } from '../../db/schema.ts';
import { money } from '../../domain/money.ts';
import { describeWith } from '../setup/parts.ts';
import { openBooks } from './books-bench.ts';
import type { BooksBench, Sold } from './books-bench.ts';

const USD = (minor: number) => money(minor, 'USD');

describeWith('postgres', 'reconciliation', () => {
  let books: BooksBench;
  beforeAll(async () => {
    books = await openBooks();
  });
  afterAll(() => books.stop());
  /** Each test begins with books in which everything is explained. */
  afterEach(async () => {
    books.told.length = 0;
    const left = await found();
    if (left.length > 0) throw new Error(`the test has left ${left.join(', ')}`);
  });

  const found = async () => {
    await books.check();
    return said();
  };
  const said = async () =>
    (await books.findings()).map(({ kind, invariant, bookingId, unexplained }) =>
      [kind, invariant, bookingId, unexplained && `${unexplained.minor} ${unexplained.currency}`]
        .filter(Boolean)
        .join(' '),
    );

  /** What the booking's workflow writes down when it is told. */
  const learnOfRefund = ({ id, paymentRef, paymentId }: Sold, minor: number) => {
    const refundId = `rf_${id}_elsewhere`;
    const made = { cause: 'staff', reason: 'made at the gateway', actor: 'gateway', needsApproval: false } as const;
    return books.write(id, [
      { type: 'refund.requested', refundId, paymentId, amount: USD(minor), elsewhere: true, ...made },
      { type: 'refund.succeeded', refundId, ref: `${paymentRef}/elsewhere` },
    ]);
  };

  it('of sound books finds nothing, and leaves no money unexplained', async () => {
    await books.confirmed();
    await books.paid();
    const summary = await books.check();
    expect(summary).toMatchObject({ open: 0, unread: 0, unexplained: [USD(0)] });
    expect(summary.bookings).toBeGreaterThanOrEqual(2);
    expect(summary.payments).toBeGreaterThanOrEqual(2);
    expect(summary.supplierOrders).toBeGreaterThanOrEqual(1);
  });

  it('finds a refund that was made at the gateway and lost here within one run, names the booking, and tells its workflow', async () => {
    const { id, paymentRef, paymentId } = await books.confirmed();
    await books.stripe.refunds.create({ payment_intent: paymentRef, amount: 1_500 });
    const summary = await books.check();
    expect(summary).toMatchObject({ open: 1, unexplained: [USD(1_500)] });
    expect(await books.findings()).toMatchObject([
      {
        kind: 'missing_here',
        invariant: 'I-13',
        bookingId: id,
        subject: `${paymentId}/refunds`,
        unexplained: USD(1_500),
        evidence: { here: 0, there: 1_500 },
      },
    ]);
    expect(books.told).toMatchObject([{ bookingId: id, gateway: 'stripe_intent', paymentRef }]);
    await learnOfRefund({ id, paymentRef, paymentId }, 1_500);
  });

  it('tells of money that was taken and not heard of, and closes the finding once the workflow has read it', async () => {
    const sold = await books.paidUnheard();
    expect(await found()).toEqual([`missing_here L-6 ${sold.id} 4675 USD`]);
    expect(books.told).toHaveLength(1);
    // Not yet for a person: the workflow has just been told.
    expect(await books.db.select().from(workItems)).toEqual([]);
    await books.hear(sold);
    expect(await found()).toEqual([]);
    const { rows } = await books.pool.query('select closed_because from recon_findings where booking_id = $1', [
      sold.id,
    ]);
    expect(rows).toEqual([{ closed_because: 'learned from the gateway' }]);
  });

  it('calls a person for what the workflow does not mend, once, and calls off when it is mended', async () => {
    const sold = await books.paidUnheard();
    await found();
    await found();
    expect(await found()).toEqual([`missing_here L-6 ${sold.id} 4675 USD`]);
    const work = () => books.db.select().from(workItems).where(eq(workItems.bookingId, sold.id));
    expect(await work()).toMatchObject([{ kind: 'reconciliation', closedAt: null }]);
    const letters = await books.db.select().from(notices).where(eq(notices.kind, 'reconciliation_finding'));
    expect(letters.filter(({ detail }) => detail?.reason.includes(sold.id))).toHaveLength(1);
    await books.hear(sold);
    await found();
    expect(await work()).toMatchObject([{ closedAt: expect.any(Date) }]);
  });

  it('finds money that bears our name and that no payment of ours stands for', async () => {
    const { id } = await books.paid();
    const intent = await books.stripe.paymentIntents.create({
      amount: 900,
      currency: 'usd',
      metadata: { booking_id: id, payment_id: 'pay_nobody_9' },
      payment_method: 'pm_card_visa',
      confirm: true,
      return_url: 'https://shop.example/',
    });
    const stranger = await books.stripe.paymentIntents.create({
      amount: 700,
      currency: 'usd',
      metadata: { booking_id: 'bk_nobody' },
      payment_method: 'pm_card_visa',
      confirm: true,
      return_url: 'https://shop.example/',
    });
    expect((await found()).toSorted()).toEqual(['missing_here L-6 700 USD', `missing_here L-6 ${id} 900 USD`]);
    expect(books.told).toMatchObject([{ bookingId: id, paymentRef: intent.id }]);
    books.stripeSim.state.intents.delete(intent.id);
    books.stripeSim.state.intents.delete(stranger.id);
  });

  it('finds a sum that differs, and a payment and a refund that only our books know', async () => {
    const [other, gone, unreturned] = [await books.paid(), await books.paid(), await books.paid()];
    const intents = books.stripeSim.state.intents;
    const kept = [other, gone].map(({ paymentRef }) => intents.get(paymentRef));
    const [first, second] = kept;
    if (!first || !second) throw new Error('nothing was paid');
    intents.put({ ...first, amount_received: 4_000 });
    intents.delete(gone.paymentRef);
    const refund = { refundId: 'rf_lost', paymentId: unreturned.paymentId, amount: USD(1_000) };
    await books.write(unreturned.id, [
      { type: 'refund.requested', ...refund, cause: 'staff', reason: 'asked', actor: 'sue', needsApproval: false },
      { type: 'refund.succeeded', refundId: 'rf_lost', ref: 're_lost' },
    ]);
    const differing = await found();
    expect(differing.toSorted()).toEqual(
      [
        `amount_differs I-28 ${other.id} 675 USD`,
        `missing_there I-28 ${gone.id} 4675 USD`,
        `missing_there I-28 ${unreturned.id} 1000 USD`,
      ].toSorted(),
    );
    expect((await books.check()).unexplained).toEqual([USD(6_350)]);
    intents.put(first);
    intents.put(second);
    await books.stripe.refunds.create({ payment_intent: unreturned.paymentRef, amount: 1_000 });
  });

  it('finds an order that the supplier cancelled, and one that no booking knows', async () => {
    const { id, orderNo } = await books.confirmed();
    const orders = books.klookSim.state.orders;
    const order = orders.get(orderNo);
    if (!order) throw new Error('nothing was ordered');
    orders.put({ ...order, status: 'canceled' });
    orders.put({ ...order, id: `${orderNo}9`, agentOrderId: 'AG-nobody' });
    expect((await found()).toSorted()).toEqual(
      ['missing_here I-4 4250 USD', `missing_here I-23 ${id} 4250 USD`].toSorted(),
    );
    orders.put(order);
    orders.delete(`${orderNo}9`);
  });

  it('finds what left the balance at the supplier beside our ledger, and takes a top-up for what it is', async () => {
    const { id } = await books.confirmed();
    await found();
    const set = (minor: number) =>
      fetch(`${books.klookSim.url}/_sim/balance`, {
        method: 'POST',
        body: JSON.stringify({ set: (minor / 100).toFixed(2) }),
      });
    const { balanceMinor } = books.klookSim.state;
    await set(balanceMinor - 300);
    expect(await found()).toEqual(['amount_differs I-30 300 USD']);
    const [before] = await books.findings();
    // While an order may come back at any moment, nothing is proven, and nothing is mended either.
    const cancelCalled = (at: Date | null) =>
      books.pool.query(`update supplier_orders set cancel_called_at = $1 where booking_id = $2`, [at, id]);
    await cancelCalled(new Date());
    await books.check('recent');
    expect(await said()).toEqual(['amount_differs I-30 300 USD']);
    await cancelCalled(null);
    await found();
    expect(await books.findings()).toMatchObject([{ id: before?.id }]);
    await set(balanceMinor + 50_000);
  });

  it('finds a row without a workflow, and a workflow without a row', async () => {
    const { id, paymentRef } = await books.confirmed();
    books.open.delete(`booking-${id}`);
    books.open.add('booking-bk_nobody');
    expect((await found()).toSorted()).toEqual([`orphan_row I-31 ${id}`, 'orphan_workflow I-31'].toSorted());
    books.open.delete('booking-bk_nobody');
    // Paid for long ago, and still to be travelled on.
    const days8 = `updated_at = now() - interval '8 days', confirmed_at = now() - interval '8 days', service_at = null`;
    await books.pool.query(`update bookings set ${days8} where id = $1`, [id]);
    expect(await found()).toEqual([`orphan_row I-31 ${id}`]);
    // Somebody tends the money that it took.
    books.open.add(`late-payment-${paymentRef}`);
    expect(await found()).toEqual([]);
    books.open.delete(`late-payment-${paymentRef}`);
    books.open.add(`booking-${id}`);
  });

  it('finds webhooks that wait, numbers that are missing, and a ledger that is off', async () => {
    const { id } = await books.paid();
    const raw = { raw: Buffer.from('{}'), headers: {}, bodySha256: 'x' };
    await books.db.insert(inbox).values({
      gateway: 'stripe_intent',
      channel: 'c',
      eventId: 'e',
      verdict: 'verified',
      state: 'pending',
      bookingId: id,
      ...raw,
    });
    await books.pool.query(`insert into outbox (booking_id, topic, key, seq, payload) values ($1, 't', 'k', 2, '{}')`, [
      id,
    ]);
    const off = await books.pool.connect();
    await off.query('set session_replication_role = replica');
    await off.query(
      `insert into ledger_postings (transaction_id, account, party, minor, currency)
       select id, 'fx', '', 5, 'USD' from ledger_transactions where booking_id = $1 limit 1`,
      [id],
    );
    const all = await found();
    expect(all).toContain(`stuck L-1 ${id}`);
    expect(all).toContain(`invariant_broken I-32 ${id}`);
    expect(all).toContain(`ledger_unbalanced I-14 ${id} 5 USD`);
    await off.query(`delete from ledger_postings where account = 'fx'`);
    off.release(true);
    await books.db.execute(sql`delete from inbox`);
    await books.db.execute(sql`delete from outbox where key = 'k'`);
  });

  it('keeps open what it found at rest while the booking moves again, and finds nothing of the kind until it rests', async () => {
    const [known, other] = [await books.confirmed(), await books.confirmed()];
    const admin = await books.pool.connect();
    await admin.query('set session_replication_role = replica');
    const misbook = ({ id }: Sold) =>
      admin.query(
        `insert into ledger_postings (transaction_id, account, party, minor, currency)
         select t.id, v.account, v.party, v.minor, 'USD' from (select min(id) id from ledger_transactions where booking_id = $1) t,
         (values ('gateway_clearing', 'stripe_intent', 7), ('gateway_fees', '', -7)) v (account, party, minor)`,
        [id],
      );
    const atRest = async () => (await found()).filter((line) => /I-2[78]/.test(line));
    const refundOf = ({ id, paymentId }: Sold) => ({ refundId: `rf_${id}`, paymentId, amount: USD(1_000) });
    const asked = { cause: 'staff', reason: 'asked', actor: 'sue', needsApproval: false } as const;
    const lines = [`amount_differs I-27 ${known.id} 7 USD`, `amount_differs I-28 ${known.id} 7 USD`];
    await misbook(known);
    expect((await atRest()).toSorted()).toEqual(lines);
    await misbook(other);
    for (const sold of [known, other])
      await books.write(sold.id, [{ type: 'refund.requested', ...refundOf(sold), ...asked }]);
    expect((await atRest()).toSorted()).toEqual(lines);
    await admin.query(`delete from ledger_postings where minor in (7, -7)`);
    admin.release(true);
    expect(await atRest()).toEqual([]);
    for (const sold of [known, other])
      await books.write(sold.id, [
        { type: 'refund.failed', refundId: refundOf(sold).refundId, code: 'no', message: 'no' },
      ]);
  });

  it('keeps what it cannot read open, and says that it is not proven', async () => {
    const sold = await books.paidUnheard();
    await found();
    const down = { match: '.*', kind: 'status', status: 503 };
    await fetch(`${books.stripeSim.url}/_sim/faults`, { method: 'POST', body: JSON.stringify(down) });
    const blind = await books.check();
    expect(blind.unread).toBeGreaterThan(0);
    expect(await said()).toEqual([`missing_here L-6 ${sold.id} 4675 USD`]);
    books.stripeSim.state.faults.clear();
    await books.hear(sold);
  });

  it('of what is recent leaves old bookings alone, save those it found something about before', async () => {
    const { id, paymentId, paymentRef } = await books.confirmed();
    await books.pool.query(`update bookings set updated_at = now() - interval '90 days' where id = $1`, [id]);
    const intents = books.stripeSim.state.intents;
    const intent = intents.get(paymentRef);
    if (!intent) throw new Error('nothing was paid');
    intents.put({ ...intent, amount_received: 4_000 });
    await books.check('recent');
    expect(await said()).toEqual([]);
    expect(await found()).toEqual([`amount_differs I-28 ${id} 675 USD`]);
    await books.check('recent');
    expect(await books.findings()).toMatchObject([{ subject: paymentId }]);
    intents.put(intent);
    await books.check('recent');
    expect(await said()).toEqual([]);
  });

  it('of what is recent finds also a refund that was made at the gateway on an old booking, and tells its workflow', async () => {
    const sold = await books.confirmed();
    await books.pool.query(`update bookings set updated_at = now() - interval '90 days' where id = $1`, [sold.id]);
    await books.stripe.refunds.create({ payment_intent: sold.paymentRef, amount: 1_500 });
    await books.check('recent');
    expect(await said()).toEqual([`missing_here I-13 ${sold.id} 1500 USD`]);
    expect(books.told).toMatchObject([{ bookingId: sold.id, paymentRef: sold.paymentRef }]);
    // A person is called only when the workflow was told and nothing came of it.
    expect(await books.db.select().from(workItems).where(eq(workItems.bookingId, sold.id))).toEqual([]);
    await learnOfRefund(sold, 1_500);
    await books.check('recent');
    expect(await said()).toEqual([]);
  });

  it('of what is recent finds also a refund with a name of ours that our books have lost', async () => {
    const sold = await books.confirmed();
    await books.pool.query(`update bookings set updated_at = now() - interval '90 days' where id = $1`, [sold.id]);
    const metadata = { booking_id: sold.id, refund_id: 'rf_lost_with_its_row' };
    await books.stripe.refunds.create({ payment_intent: sold.paymentRef, amount: 1_500, metadata });
    expect((await books.check('recent')).unexplained).toEqual([USD(1_500)]);
    expect(books.told).toMatchObject([{ bookingId: sold.id, paymentRef: sold.paymentRef }]);
    await learnOfRefund(sold, 1_500);
    await books.check('recent');
    expect(await said()).toEqual([]);
  });

  it('goes on after an answer that nobody can make sense of, and names the payment', async () => {
    const [odd, wrong] = [await books.paid(), await books.paid()];
    const intents = books.stripeSim.state.intents;
    const [first, second] = [odd, wrong].map(({ paymentRef }) => intents.get(paymentRef));
    if (!first || !second) throw new Error('nothing was paid');
    intents.put({ ...first, currency: 'usdt' });
    intents.put({ ...second, amount_received: 4_000 });
    // The payment itself, and the list that it stands in.
    expect((await books.check()).unread).toBe(2);
    expect(await books.findings()).toMatchObject([
      { bookingId: wrong.id, unexplained: USD(675) },
      { bookingId: odd.id, subject: `${odd.paymentId}/unreadable`, invariant: 'I-28' },
    ]);
    intents.put(first);
    intents.put(second);
  });

  it('calls nobody again for what a person has explained, until it changes', async () => {
    const sold = await books.paidUnheard();
    await found();
    const [finding] = await books.findings();
    await explainFinding(books.db, finding?.id ?? 0, { by: 'ada', because: 'settled by transfer', at: new Date() });
    books.told.length = 0;
    await books.check('recent');
    expect([books.told.length, await said()]).toEqual([0, []]);
    // It may be mended all the same: once a day its workflow is told.
    await books.check();
    expect([books.told.length, await said()]).toEqual([1, []]);
    expect((await explainedFindings(books.db, 10)).map(({ id }) => id)).toEqual([finding?.id]);
    await books.hear(sold);
    await found();
    expect(await explainedFindings(books.db, 10)).toEqual([]);
  });

  it('looks no further back for what a person has explained, which stays explained until a run that looks so far finds it gone', async () => {
    const days90 = 90 * 24 * 3_600;
    const intents = books.stripeSim.state.intents;
    const longAgo = async (amount: number): Promise<string> => {
      const metadata = { booking_id: 'bk_nobody' };
      const paid = { payment_method: 'pm_card_visa', confirm: true, return_url: 'https://shop.example/' };
      const { id } = await books.stripe.paymentIntents.create({ amount, currency: 'usd', metadata, ...paid });
      const intent = intents.get(id);
      if (!intent) throw new Error('nothing was paid');
      intents.put({ ...intent, created: intent.created - days90 });
      return id;
    };
    const explained = async () => (await explainedFindings(books.db, 10)).map(({ subject }) => subject);

    const first = await longAgo(700);
    expect(await found()).toEqual(['missing_here L-6 700 USD']);
    const [finding] = await books.findings();
    await explainFinding(books.db, finding?.id ?? 0, { by: 'ada', because: 'the other shop', at: new Date() });
    const second = await longAgo(800);
    await books.check('recent');
    expect([await said(), await explained()]).toEqual([[], [finding?.subject]]);
    expect(await found()).toEqual(['missing_here L-6 800 USD']);
    expect(await explained()).toEqual([finding?.subject]);

    for (const id of [first, second]) intents.delete(id);
    await books.check('recent');
    expect([await said(), await explained()]).toEqual([[], [finding?.subject]]);
    await books.check();
    expect(await explained()).toEqual([]);
  });
});
