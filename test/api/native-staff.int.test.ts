import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { receiptsOf } from '../../activities/papers.ts';
import { createBookingExample } from '../../api/native/requests.ts';
import { loadBooking } from '../../db/bookings.ts';
import { audit, bookings, payments } from '../../db/schema.ts';
import { readTravellers } from '../../db/travellers.ts';
import { paymentIdOf } from '../../domain/ids.ts';
import { money } from '../../domain/money.ts';
import { describeWith } from '../setup/parts.ts';
import { confirmBooking } from './booking-lives.ts';
import { openShop } from './shop-bench.ts';
import type { Answer, Call, Shop } from './shop-bench.ts';

interface Giving {
  readonly cause?: 'staff' | 'late';
  readonly amount?: number;
  readonly end?: 'failed';
  readonly needsApproval?: boolean;
}

const STAFF = { role: 'staff', sub: 'sue' };

describeWith('postgres', 'what staff does to a booking', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop({ APPROVAL_LIMIT: 'USD:50' });
  });
  afterAll(() => shop.close());

  let made = 0;
  const confirmed = async (): Promise<string> => {
    const example = createBookingExample(new Date());
    const ref = `AG-S${(made += 1)}`;
    const body = { ...example, product: { ...example.product, agent_order_id: ref } };
    const id = String((await shop.send('POST', '/v1/bookings', { body })).body['id']);
    await confirmBooking(shop.door, id, ref);
    return id;
  };
  const refund = (id: string, amount?: number): Promise<Answer> =>
    shop.send('POST', `/v1/bookings/${id}/refunds`, { ...STAFF, body: { amount, reason: 'goodwill' } });
  const timesHeard = (id: string) => shop.door.heard.filter((request) => request === `refund ${id}`).length;
  const given = async (
    id: string,
    { cause = 'staff', amount = 3_000, end, needsApproval = false }: Giving = {},
  ): Promise<string> => {
    const refundId = `rf_${id.slice(3)}_${(made += 1)}`;
    const paymentId = paymentIdOf(id, 1);
    await shop.door.record(id, {
      type: 'refund.requested',
      refundId,
      paymentId,
      amount: money(amount, 'USD'),
      cause,
      reason: 'our balance stayed too low',
      actor: 'sue',
      needsApproval,
    });
    if (end) await shop.door.record(id, { type: 'refund.failed', refundId, code: 'x', message: 'insufficient_funds' });
    return refundId;
  };

  it.each([
    ['KWD', 1_005, 1_010, 9_350],
    ['ISK', 150, 200, 9_300],
  ])('in %s refuses a refund of %d that no card network can move', async (currency, bad, good, all) => {
    const id = await confirmed();
    await shop.db.update(bookings).set({ currency }).where(eq(bookings.id, id));
    await shop.db.update(payments).set({ currency }).where(eq(payments.bookingId, id));
    const refused = await refund(id, bad);
    expect([refused.status, refused.body['code']]).toEqual([422, 'invalid']);
    expect(refused.body['errors']).toEqual([expect.objectContaining({ field: 'amount' })]);
    expect(timesHeard(id)).toBe(0);
    expect((await refund(id, good)).body).toMatchObject({ amount: good });
    expect((await refund(id)).body).toMatchObject({ amount: all });
  });

  it('gives small sums back at once, and in a currency without a limit none', async () => {
    const id = await confirmed();
    expect(await refund(id, 5_000)).toMatchObject({ status: 200, body: { status: 'succeeded' } });
    expect(await refund(id, 5_001)).toMatchObject({ status: 202, body: { status: 'awaiting_approval' } });
    await shop.db.update(bookings).set({ currency: 'CHF' }).where(eq(bookings.id, id));
    await shop.db.update(payments).set({ currency: 'CHF' }).where(eq(payments.bookingId, id));
    expect(await refund(id, 1)).toMatchObject({ status: 202, body: { status: 'awaiting_approval' } });
  });

  it('says of money that was paid at the desk that it is to be handed out there, and to staff how that is settled', async () => {
    const id = await confirmed();
    const refundId = await given(id);
    await shop.door.record(id, { type: 'refund.pending', refundId, ref: `desk/${refundId}` });
    const path = `/v1/bookings/${id}/refunds`;
    const [forStaff] = (await shop.send('GET', path, STAFF)).body['items'] as [Record<string, unknown>];
    expect(forStaff).toMatchObject({ status: 'pending', toHandOut: true });
    expect(forStaff['whatToDo']).toContain('/resolve {"outcome":"done"}');
    const [forOwner] = (await shop.send('GET', path)).body['items'] as [Record<string, unknown>];
    expect(forOwner).toMatchObject({ status: 'pending', toHandOut: true, ref: null });
    expect(forOwner).not.toHaveProperty('whatToDo');
  });

  it('withdraws a refund that waits, whoever asked for it, and says the same when asked again', async () => {
    const id = await confirmed();
    const refundId = await given(id, { needsApproval: true });
    const path = `/v1/bookings/${id}/refunds/${refundId}/withdraw`;
    const say = (call: Call) => shop.send('POST', path, { body: {}, ...call });
    expect((await say({})).status).toBe(403);
    expect((await say({ role: 'service', sub: 'voyage' })).status).toBe(403);
    const first = await say(STAFF);
    expect(first).toMatchObject({ status: 200, body: { id: refundId, status: 'failed', left: 9_350 } });
    expect((await say({ ...STAFF, sub: 'tom' })).body).toEqual(first.body);
    const approve = { ...STAFF, sub: 'tom', body: {} };
    const late = await shop.send('POST', `/v1/bookings/${id}/refunds/${refundId}/approve`, approve);
    expect(late).toMatchObject({ status: 409, body: { code: 'not_waiting' } });
    const deeds = await shop.db.select().from(audit).where(eq(audit.bookingId, id));
    expect(deeds).toMatchObject([{ action: 'withdraw_refund', actor: 'sue', detail: { refundId } }]);
    const sent = await given(id);
    const tooLate = await shop.send('POST', path.replace(refundId, sent), { ...STAFF, body: {} });
    expect(tooLate).toMatchObject({ status: 409, body: { code: 'not_waiting' } });
  });

  it('shows the owner of a refund neither who made it nor the reasons of the house', async () => {
    const id = await confirmed();
    const byHand = await given(id);
    await shop.door.record(id, { type: 'refund.succeeded', refundId: byHand, ref: 'by-hand/sue' });
    const byStripe = await given(id, { cause: 'late', amount: 1_000 });
    await shop.door.record(id, { type: 'refund.succeeded', refundId: byStripe, ref: 're_123' });
    const failed = await given(id, { amount: 500, end: 'failed' });

    const seenBy = async (call: Call) => {
      const { body: booking } = await shop.send('GET', `/v1/bookings/${id}`, call);
      const { body: list } = await shop.send('GET', `/v1/bookings/${id}/refunds`, call);
      expect(list['items']).toMatchObject(Object(booking['refunds']));
      return { refunds: booking['refunds'], text: JSON.stringify([booking, list]) };
    };
    const owner = await seenBy({});
    expect(owner.refunds).toEqual([
      expect.objectContaining({ id: byHand, ref: null, reason: 'refund', failure: null }),
      expect.objectContaining({ id: byStripe, ref: 're_123', reason: 'paid after the booking had ended' }),
      expect.objectContaining({ id: failed, ref: null, failure: 'the refund did not go through' }),
    ]);
    expect(owner.text).not.toMatch(/sue|balance stayed|insufficient/);
    const staff = await seenBy(STAFF);
    expect(staff.refunds).toEqual(
      expect.arrayContaining([expect.objectContaining({ ref: 'by-hand/sue', reason: 'our balance stayed too low' })]),
    );
  });

  it('prints on the receipt the same words, and nothing of the house', async () => {
    const id = await confirmed();
    await given(id, { amount: 500 });
    await given(id, { cause: 'late', amount: 1_000 });
    const stored = await loadBooking(shop.db, id);
    const travellers = await readTravellers(shop.db, shop.database.keyring, id);
    if (!stored || !travellers) throw new Error(`no booking ${id}`);
    const brand = { name: 'H', merchant: 'H', supportEmail: 'h@example.com', supportPhone: null, supportUrl: null };
    const [receipt] = receiptsOf({ ...stored, travellers, lines: [], brand, issuedAt: '2026-05-04T10:00:00.000Z' });
    expect(receipt?.document.refunds.map(({ reason }) => reason)).toEqual([
      'refund',
      'paid after the booking had ended',
    ]);
  });

  it('settles only the step that staff were shown, or the one named', async () => {
    const id = await confirmed();
    const say = async (path: string, body: unknown = {}) => {
      expect((await shop.send('POST', path, { ...STAFF, body })).status).toBe(200);
      return shop.door.said.at(-1);
    };
    const resolve = `/v1/bookings/${id}/resolve`;
    expect(await say(resolve, { outcome: 'done' })).toMatchObject({ attentionId: null });
    const attention = {
      id: 'at_1',
      step: 'pay the supplier',
      reason: 'too little balance',
      since: '2026-05-04T10:00:00.000Z',
    };
    await shop.db.update(bookings).set({ attention }).where(eq(bookings.id, id));
    const shown = await shop.send('GET', `/v1/bookings/${id}`, STAFF);
    expect(shown.body['attention']).toEqual(attention);
    expect(await say(resolve, { outcome: 'done' })).toEqual({ actor: 'sue', outcome: 'done', attentionId: 'at_1' });
    expect(await say(resolve, { outcome: 'done', attention: 'at_0' })).toMatchObject({ attentionId: 'at_0' });
    for (const path of [`/v1/bookings/${id}/retry`, `/api/payments/klook/${id}/retry`])
      expect(await say(path)).toEqual({ actor: 'sue', attentionId: 'at_1' });
  });
});
