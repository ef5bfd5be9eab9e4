import { createHash } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createBookingExample } from '../../api/native/requests.ts';
import { CREATE_EXAMPLE } from '../../api/storefronts/dreamscape/requests.ts';
import { documents, outbox } from '../../db/schema.ts';
import type { BookingEvent, DisputeNews } from '../../domain/events.ts';
import { paymentIdOf } from '../../domain/ids.ts';
import { money } from '../../domain/money.ts';
import { describeWith } from '../setup/parts.ts';
import { confirmBooking } from './booking-lives.ts';
import { makeBooking, pay, PAYMENT, SERVICE } from './dreamscape-lives.ts';
import { openShop } from './shop-bench.ts';
import type { Call, Shop } from './shop-bench.ts';

const STAFF = { role: 'staff', sub: 'sue' };
const DISPUTED = { status: 409, body: { code: 'payment_disputed' } };

let said = 0;

function disputeOf(id: string, change: Partial<DisputeNews> = {}): BookingEvent {
  const news = {
    ref: `du_${id}`,
    paymentId: paymentIdOf(id, 1),
    turn: 1,
    standing: 'open',
    wireStatus: 'needs_response',
    reason: 'fraudulent',
    amount: money(9_350, 'USD'),
    fee: money(1_500, 'USD'),
    evidenceDueBy: '2027-01-31T12:00:00.000Z',
    openedAt: '2027-01-22T12:00:00.000Z',
    ...change,
  } as const;
  return { type: news.turn === 1 ? 'dispute.opened' : 'dispute.closed', ...news };
}

describeWith('postgres', 'a booking whose payment is disputed', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());

  const confirmed = async (): Promise<string> => {
    const example = createBookingExample(new Date());
    const ref = `AG-D${(said += 1)}`;
    const body = { ...example, product: { ...example.product, agent_order_id: ref } };
    const id = String((await shop.send('POST', '/v1/bookings', { body })).body['id']);
    await confirmBooking(shop.door, id, ref);
    return id;
  };
  const refund = (id: string, amount?: number) =>
    shop.send('POST', `/v1/bookings/${id}/refunds`, { ...STAFF, body: { amount, reason: 'goodwill' } });
  const quote = (id: string) => shop.send('POST', `/v1/bookings/${id}/cancel-quote`, { body: {} });
  const read = async (id: string, call: Call = {}) => (await shop.send('GET', `/v1/bookings/${id}`, call)).body;
  const evidence = (id: string, call: Call = {}) => shop.request('GET', `/v1/bookings/${id}/evidence.pdf`, call);

  it('is neither refunded nor cancelled, nor quoted for, until the bank has decided', async () => {
    const id = await confirmed();
    const before = await quote(id);
    await shop.door.record(id, disputeOf(id));
    shop.door.heard.length = 0;
    for (const answer of [await refund(id), await refund(id, 100), await quote(id)])
      expect(answer).toMatchObject(DISPUTED);
    const cancel = { body: { quoteId: before.body['quoteId'] } };
    expect(await shop.send('POST', `/v1/bookings/${id}/cancel`, cancel)).toMatchObject(DISPUTED);
    expect(shop.door.heard).toEqual([]);
    expect((await shop.send('GET', `/v1/bookings/${id}/refunds`)).body).toEqual({ items: [], frozen: true });
    await shop.door.record(id, disputeOf(id, { turn: 2, standing: 'won' }));
    expect((await quote(id)).status).toBe(200);
    expect((await refund(id, 100)).status).toBe(200);
    expect((await shop.send('GET', `/v1/bookings/${id}/refunds`)).body).toMatchObject({ frozen: false });
  });

  it('is refused all the same when the workflow has heard of the dispute before we have', async () => {
    const id = await confirmed();
    const quoteId = (await quote(id)).body['quoteId'];
    shop.door.instead.set('refund', {
      kind: 'answered',
      value: { kind: 'not_refundable', code: 'payment_disputed' },
    });
    expect(await refund(id, 100)).toMatchObject(DISPUTED);
    shop.door.instead.set('cancel', { kind: 'answered', value: { kind: 'disputed' } });
    expect(await shop.send('POST', `/v1/bookings/${id}/cancel`, { body: { quoteId } })).toMatchObject(DISPUTED);
  });

  it('that was lost has nothing left to refund', async () => {
    const id = await confirmed();
    await shop.door.record(id, disputeOf(id), disputeOf(id, { turn: 2, standing: 'lost' }));
    expect(await refund(id)).toMatchObject({ status: 409, body: { code: 'refund_exceeds_captured' } });
  });

  it('is cancelled nonetheless when the disputed payment is not the one that paid for the trip', async () => {
    const example = createBookingExample(new Date());
    const ref = `AG-D${(said += 1)}`;
    const body = { ...example, product: { ...example.product, agent_order_id: ref } };
    const made = await shop.send('POST', '/v1/bookings', { body });
    const id = String(made.body['id']);
    const second = { paymentId: paymentIdOf(id, 2), amount: money(9_350, 'USD'), wireStatus: 'x' };
    const expiresAt = String(made.body['expiresAt']);
    await shop.door.record(
      id,
      { type: 'payment.closed', paymentId: paymentIdOf(id, 1), reason: 'replaced', wireStatus: 'canceled' },
      {
        ...second,
        type: 'payment.opened',
        attempt: 2,
        gateway: 'stripe_intent',
        ref: `pi_${ref}`,
        status: 'opening',
        expiresAt,
      },
    );
    await confirmBooking(shop.door, id, ref);
    const taken = { capturedAt: '2027-01-22T12:00:00.000Z', fee: null, method: null };
    await shop.door.record(id, { ...second, ...taken, type: 'payment.captured' });
    await shop.door.record(id, disputeOf(id, { paymentId: second.paymentId }));
    const { status, body: quoted } = await quote(id);
    expect(status).toBe(200);
    const cancel = { body: { quoteId: quoted['quoteId'] } };
    expect((await shop.send('POST', `/v1/bookings/${id}/cancel`, cancel)).status).toBe(200);
  });

  it('of which a bank only asks can be refunded', async () => {
    const id = await confirmed();
    await shop.door.record(id, disputeOf(id, { standing: 'inquiry', fee: null }));
    expect((await refund(id, 100)).status).toBe(200);
  });

  it('shows the dispute to staff, and to its customer only that nothing can be refunded now', async () => {
    const id = await confirmed();
    await shop.door.record(id, disputeOf(id));
    expect(await read(id, STAFF)).toMatchObject({
      refundable: 0,
      disputes: [{ id: `du_${id}`, status: 'open', amount: 9_350, fee: 1_500, reason: 'fraudulent' }],
      links: { evidence: expect.stringMatching(/evidence\.pdf$/) },
    });
    const seen = await read(id);
    expect(seen).toMatchObject({ refundable: 0 });
    expect(JSON.stringify(seen)).not.toMatch(/fraudulent|evidence/);
  });

  it('has its evidence for staff only, and none before there is a dispute', async () => {
    const id = await confirmed();
    const other = await confirmed();
    expect((await evidence(id, STAFF)).status).toBe(404);
    await shop.door.record(id, disputeOf(id));
    expect((await evidence(id, STAFF)).status).toBe(409);
    const pdf = Buffer.from('%PDF who, what, when');
    const paper = {
      id: `doc_${id.slice(3)}_evidence_1_1`,
      bookingId: id,
      kind: 'evidence',
      number: 1,
      version: 1,
    } as const;
    const sealed = await shop.deps.keyring.seal(id, pdf, `document/${paper.id}`);
    const sha256 = createHash('sha256').update(pdf).digest('hex');
    await shop.db.insert(documents).values({ ...paper, sealed, sha256 });
    const answer = await evidence(id, STAFF);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('Content-Disposition')).toMatch(/filename="evidence-.*\.pdf"/);
    expect(answer.headers.get('Cache-Control')).toBe('no-store');
    expect(await answer.text()).toBe(pdf.toString());
    const barred = [{}, { sub: 'mallory' }, { role: 'service', sub: 'voyage' }, { token: null }];
    expect(await Promise.all(barred.map(async (call) => (await evidence(id, call)).status))).toEqual([
      403, 403, 403, 401,
    ]);
    expect((await evidence(other, STAFF)).status).toBe(404);
    const timeline = async (call: Call = {}) => (await shop.request('GET', `/v1/bookings/${id}/timeline`, call)).text();
    expect(await timeline(STAFF)).toMatch(/dispute\.opened[\s\S]*"evidence"/);
    expect(await timeline()).not.toMatch(/dispute|evidence/);
  });

  it('of dreamscape is told of when it opens and when it closes, and not refunded between', async () => {
    const made = await makeBooking(shop);
    await pay(shop, made.id);
    const all = { amount: money(50_000, 'EUR'), fee: null };
    await shop.door.record(made.id, disputeOf(made.id, all));
    const body = { paymentIntentId: made.intent, bookingId: made.booking, userId: 'alice', reason: 'asked' };
    const barred = await shop.send('POST', `${PAYMENT}/refund`, { ...SERVICE, body });
    expect(barred).toMatchObject({ status: 409, body: { success: false, error: { code: 'payment_disputed' } } });
    await shop.door.record(made.id, disputeOf(made.id, { ...all, turn: 2, standing: 'lost' }));
    const rows = await shop.db.select().from(outbox).where(eq(outbox.bookingId, made.id));
    const told = rows.filter(({ topic }) => topic === 'payment.disputed').map(({ payload }) => payload);
    expect(told).toMatchObject([
      { bookingId: made.booking, paymentId: made.intent, amount: 500, currency: 'EUR', status: 'open' },
      { status: 'lost', userId: 'alice', bookingReference: CREATE_EXAMPLE.bookingReference },
    ]);
  });

  it('of dreamscape that was lost in part is refunded for the rest', async () => {
    const made = await makeBooking(shop);
    await pay(shop, made.id);
    const part = { amount: money(20_000, 'EUR'), fee: null };
    await shop.door.record(
      made.id,
      disputeOf(made.id, part),
      disputeOf(made.id, { ...part, turn: 2, standing: 'lost' }),
    );
    const body = { paymentIntentId: made.intent, bookingId: made.booking, userId: 'alice', reason: 'asked' };
    expect((await shop.send('POST', `${PAYMENT}/refund`, { ...SERVICE, body })).status).toBe(200);
  });
});
