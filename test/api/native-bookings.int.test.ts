import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBookingExample } from '../../api/native/requests.ts';
import { keepAnswer, sealAnswer } from '../../db/payment-answers.ts';
import { audit, bookings } from '../../db/schema.ts';
import { paymentIdOf } from '../../domain/ids.ts';
import { money } from '../../domain/money.ts';
import { describeWith } from '../setup/parts.ts';
import { confirmBooking, payBooking } from './booking-lives.ts';
import { openShop } from './shop-bench.ts';
import type { Answer, Call, Shop } from './shop-bench.ts';

const STAFF = { role: 'staff', sub: 'sue' };
let made = 0;
const fresh = () => {
  const example = createBookingExample(new Date());
  return { ...example, product: { ...example.product, agent_order_id: `AG-N${(made += 1)}` } };
};

describeWith('postgres', 'the native booking API', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop({ APPROVAL_LIMIT: '50' });
  });
  afterAll(() => shop.close());

  const post = (path: string, call: Call = {}) => shop.send('POST', path, { body: {}, ...call });
  const get = (path: string, call: Call = {}) => shop.send('GET', path, call);
  const book = async (body = fresh()): Promise<{ id: string; answer: Answer; ref: string }> => {
    const answer = await post('/v1/bookings', { body });
    return { id: String(answer.body['id']), answer, ref: body.product.agent_order_id };
  };
  const confirmed = async (): Promise<string> => {
    const { id, ref } = await book();
    await confirmBooking(shop.door, id, ref);
    return id;
  };

  describe('creating', () => {
    it('answers 201 with the next action', async () => {
      const { id, answer } = await book();
      expect(answer.status).toBe(201);
      expect(answer.headers.get('Location')).toBe(`/v1/bookings/${id}`);
      expect(answer.body).toEqual({
        id: expect.stringMatching(/^bk_/),
        number: expect.stringMatching(/^HF-/),
        status: 'awaiting_payment',
        amount: 9_350,
        currency: 'USD',
        payment: { id: expect.stringMatching(/^pay_/), gateway: 'stripe_intent', status: 'requires_payment_method' },
        nextAction: { type: 'confirm_card', clientSecret: expect.stringContaining('_secret_') },
        expiresAt: expect.any(String),
        links: expect.objectContaining({ self: `http://127.0.0.1:3000/v1/bookings/${id}` }),
      });
    });

    it('says 202 while the workflow is slow, without next action, and 201 to the same request later', async () => {
      const body = fresh();
      shop.door.instead.set('open', { kind: 'slow' });
      const headers = { 'Idempotency-Key': 'native-slow' };
      const slow = await post('/v1/bookings', { body, headers });
      expect(slow.status).toBe(202);
      expect(slow.body).not.toHaveProperty('nextAction');
      const later = await post('/v1/bookings', { body, headers });
      expect(later.status).toBe(201);
      expect(later.body['id']).toBe(slow.body['id']);
      expect((await post('/v1/bookings', { body, headers })).body).toEqual(later.body);
    });

    it('refuses a price by a customer, and books at the price of a service for its user', async () => {
      const price = { amount: 8_500, currency: 'USD', markup: { type: 'percent', value: '0' } };
      const own = await post('/v1/bookings', { body: { ...fresh(), price } });
      expect(own.status).toBe(403);
      const body = { ...fresh(), price };
      const service = await post('/v1/bookings', {
        body: { ...body, customer: { ...body.customer, userId: 'bob' } },
        role: 'service',
        sub: 'svc',
      });
      expect(service.status).toBe(201);
      expect(service.body['amount']).toBe(8_500);
      expect((await get(`/v1/bookings/${String(service.body['id'])}`, { sub: 'bob' })).status).toBe(200);
    });

    it.each([
      ['not JSON', '{', 400, 'not_json'],
      ['a missing field', JSON.stringify({ storefront: 'trektoo' }), 422, 'invalid'],
    ])('answers %s with problem+json', async (_name, body, status, code) => {
      const answer = await post('/v1/bookings', { body });
      expect(answer.status).toBe(status);
      expect(answer.headers.get('Content-Type')).toBe('application/problem+json');
      expect(answer.body).toMatchObject({ status, code, title: expect.any(String), retryable: false });
    });

    it('names the fields of its own wire', async () => {
      const body = fresh();
      const items = [{ sku_id: '3001', count: 2, price: '40.00' }];
      const moved = await post('/v1/bookings', { body: { ...body, product: { ...body.product, items } } });
      expect(moved.status).toBe(409);
      expect(moved.body).toMatchObject({ code: 'price_changed', errors: [{ field: 'product.items.0.price' }] });
    });
  });

  describe('reading', () => {
    it('shows the owner the way to pay, and staff the profit, and nobody else anything', async () => {
      const { id } = await book();
      expect((await get(`/v1/bookings/${id}`)).body).toMatchObject({ id, nextAction: { type: 'confirm_card' } });
      const staff = (await get(`/v1/bookings/${id}`, STAFF)).body;
      expect(staff).toMatchObject({ nextAction: { type: 'none' }, profit: null, attention: null });
      expect((await get(`/v1/bookings/${id}`, { sub: 'mallory' })).status).toBe(403);
      expect((await get('/v1/bookings/bk_none')).status).toBe(404);
    });

    it('waits for a change and answers when it comes', async () => {
      const { id } = await book();
      const waiting = get(`/v1/bookings/${id}?wait=20`);
      await new Promise((resolve) => setTimeout(resolve, 300));
      const began = performance.now();
      await payBooking(shop.door, id);
      expect((await waiting).body).toMatchObject({ status: 'confirming', captured: 9_350 });
      expect(performance.now() - began).toBeLessThan(4_000);
    });

    it('answers at once when it has changed since the version last seen', async () => {
      const { id } = await book();
      const { version } = (await get(`/v1/bookings/${id}`)).body;
      await payBooking(shop.door, id);
      expect((await get(`/v1/bookings/${id}?wait=20&version=${String(version)}`)).body).toMatchObject({
        status: 'confirming',
      });
    });

    it('answers with the booking as it is when nothing happened in time', async () => {
      const { id } = await book();
      expect((await get(`/v1/bookings/${id}?wait=1`)).body).toMatchObject({ status: 'awaiting_payment' });
    });

    it('streams each version once', async () => {
      const { id } = await book();
      const response = await shop.request('GET', `/v1/bookings/${id}/events`);
      expect(response.headers.get('Content-Type')).toContain('text/event-stream');
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      const first = await reader?.read();
      expect(first?.value).toContain('event: booking');
      expect(first?.value).toContain('"status":"awaiting_payment"');
      await payBooking(shop.door, id);
      const second = await reader?.read();
      expect(second?.value).toContain('"status":"confirming"');
      await reader?.cancel();
    });

    it('tells staff everything, and the owner what concerns him', async () => {
      const id = await confirmed();
      const types = async (call: Call): Promise<unknown[]> => {
        const { body } = await get(`/v1/bookings/${id}/timeline`, call);
        return Array.isArray(body['items']) ? body['items'].map((entry: { type: string }) => entry.type) : [];
      };
      const all = await types(STAFF);
      const own = await types({});
      expect(all).toEqual(expect.arrayContaining(['payment.opened', 'supplier.ordered', 'booking.confirmed']));
      expect(own).toEqual(expect.arrayContaining(['payment.captured', 'booking.confirmed']));
      expect(own.filter((type) => String(type).startsWith('supplier.'))).toEqual([]);
    });

    it('shows staff, and nobody else, what the gateway said that told us so', async () => {
      const id = await confirmed();
      const sealed = await sealAnswer(shop.deps.keyring, id, '{"id":"pi_1","status":"succeeded"}');
      const kept = { bookingId: id, paymentId: paymentIdOf(id, 1), bookingVersion: 2, wireStatus: 'succeeded', sealed };
      await shop.db.transaction((tx) => keepAnswer(tx, kept));
      const answers = async (call: Call) => {
        const { body } = await get(`/v1/bookings/${id}/timeline`, call);
        return Array.isArray(body['items'])
          ? body['items'].filter(({ kind }: { kind: string }) => kind === 'answer')
          : [];
      };
      expect(await answers(STAFF)).toMatchObject([
        { type: 'succeeded', detail: { version: 2, answer: { id: 'pi_1', status: 'succeeded' } } },
      ]);
      expect(await answers({})).toEqual([]);
    });
  });

  describe('lists', () => {
    it('are found by every name staff may have at hand', async () => {
      const id = await confirmed();
      const [row] = await shop.db.select().from(bookings).where(eq(bookings.id, id));
      const ref = `pi_${id.slice(3)}_1`;
      for (const q of [
        id,
        row?.number ?? '',
        row?.externalId ?? '',
        `${row?.externalId}-r1`,
        `KL-${id}`,
        ref,
        `V-${id}`,
      ]) {
        const { body } = await get(`/v1/bookings?q=${encodeURIComponent(q)}`, STAFF);
        expect(body['items']).toMatchObject([{ id, paymentRef: ref }]);
        expect(body['items'], q).toEqual([expect.objectContaining({ id })]);
      }
      const byMail = await get('/v1/bookings?q=Mei.Chan@example.com', STAFF);
      expect(byMail.body['items']).toEqual(expect.arrayContaining([expect.objectContaining({ id })]));
    });

    it('come in pages that neither repeat nor skip', async () => {
      for (let n = 0; n < 5; n++) await book();
      const seen: unknown[] = [];
      let cursor = '';
      do {
        const { body } = await get(`/v1/bookings?limit=2${cursor && `&cursor=${cursor}`}`, STAFF);
        if (Array.isArray(body['items'])) seen.push(...body['items'].map((item: { id: string }) => item.id));
        cursor = typeof body['nextCursor'] === 'string' ? body['nextCursor'] : '';
      } while (cursor);
      const all = await shop.db.select({ id: bookings.id }).from(bookings);
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.length).toBe(all.length);
    });

    it('show a customer only what is his', async () => {
      const { body } = await get('/v1/bookings', { sub: 'nobody' });
      expect(body).toEqual({ items: [], nextCursor: null });
      expect((await get('/v1/bookings?cursor=nonsense', STAFF)).status).toBe(422);
    });
  });

  describe('cancelling', () => {
    it('before payment costs nothing', async () => {
      const { id } = await book();
      const { body: quote } = await post(`/v1/bookings/${id}/cancel-quote`);
      expect(quote).toMatchObject({ refund: 0, keep: 0, currency: 'USD', reason: 'nothing was paid' });
      const done = await post(`/v1/bookings/${id}/cancel`, { body: { quoteId: quote['quoteId'] } });
      expect(done.status).toBe(200);
      expect(shop.door.heard.at(-1)).toBe(`cancel ${id}`);
    });

    it('gives back what the terms of the booking say', async () => {
      const id = await confirmed();
      expect((await post(`/v1/bookings/${id}/cancel-quote`)).body).toMatchObject({ refund: 9_350, keep: 0 });
    });

    it('refuses a quote made before money moved, an unknown one, and a stranger', async () => {
      const { id } = await book();
      const { body: quote } = await post(`/v1/bookings/${id}/cancel-quote`);
      await payBooking(shop.door, id);
      const outdated = await post(`/v1/bookings/${id}/cancel`, { body: { quoteId: quote['quoteId'] } });
      expect([outdated.status, outdated.body['code']]).toEqual([409, 'quote_expired']);
      expect((await post(`/v1/bookings/${id}/cancel`, { body: { quoteId: 'cq_none' } })).status).toBe(404);
      expect((await post(`/v1/bookings/${id}/cancel-quote`, { sub: 'mallory' })).status).toBe(403);
    });

    it('says 409 when the workflow finds that it is too late', async () => {
      const { id } = await book();
      const { body: quote } = await post(`/v1/bookings/${id}/cancel-quote`);
      shop.door.instead.set('cancel', { kind: 'answered', value: { kind: 'too_late', status: 'confirming' } });
      const late = await post(`/v1/bookings/${id}/cancel`, { body: { quoteId: quote['quoteId'] } });
      expect([late.status, late.body['code']]).toEqual([409, 'too_late']);
    });
  });

  describe('refunds', () => {
    it('are for staff only and never exceed what was captured', async () => {
      const id = await confirmed();
      const wish = { body: { amount: 1_000, reason: 'goodwill' } };
      expect((await post(`/v1/bookings/${id}/refunds`, wish)).status).toBe(403);
      expect((await post(`/v1/bookings/${id}/refunds`, { ...wish, role: 'service' })).status).toBe(403);
      const over = await post(`/v1/bookings/${id}/refunds`, { ...STAFF, body: { amount: 9_351, reason: 'x' } });
      expect([over.status, over.body['code'], over.body['left']]).toEqual([409, 'refund_exceeds_captured', 9_350]);
      const done = await post(`/v1/bookings/${id}/refunds`, { ...STAFF, ...wish });
      expect(done.status).toBe(200);
      expect(done.body).toMatchObject({
        id: expect.stringMatching(/^rf_/),
        amount: 1_000,
        currency: 'USD',
        status: 'succeeded',
      });
    });

    it('above the limit wait for another person', async () => {
      const id = await confirmed();
      const asked = await post(`/v1/bookings/${id}/refunds`, { ...STAFF, body: { reason: 'all of it' } });
      expect(asked.status).toBe(202);
      expect(asked.body['status']).toBe('awaiting_approval');
      const refundId = String(asked.body['id']);
      await shop.door.record(id, {
        type: 'refund.requested',
        refundId,
        paymentId: `pay_${id.slice(3)}_1`,
        amount: money(9_350, 'USD'),
        cause: 'staff',
        reason: 'refund by staff',
        actor: 'sue',
        needsApproval: true,
      });
      const listed = await get(`/v1/bookings/${id}/refunds`, { role: 'staff', sub: 'tom' });
      expect(listed.body['items']).toMatchObject([{ id: refundId, staffReason: 'all of it' }]);
      const path = `/v1/bookings/${id}/refunds/${refundId}/approve`;
      expect((await post(path, STAFF)).status).toBe(403);
      expect((await post(path, { role: 'staff', sub: 'tom' })).status).toBe(200);
      const actions = await shop.db
        .select({ action: audit.action, actor: audit.actor })
        .from(audit)
        .where(eq(audit.bookingId, id));
      expect(actions).toEqual(
        expect.arrayContaining([
          { action: 'refund', actor: 'sue' },
          { action: 'approve_refund', actor: 'tom' },
        ]),
      );
    });

    it('that nobody heard of are not promised; once somebody works on them they are pending until they are done', async () => {
      const id = await confirmed();
      const ask = () =>
        post(`/v1/bookings/${id}/refunds`, {
          ...STAFF,
          body: { amount: 500, reason: 'late bus' },
          headers: { 'Idempotency-Key': `r-${id}` },
        });
      shop.door.instead.set('refund', { kind: 'slow' });
      const unheard = await ask();
      expect([unheard.status, unheard.body['code'], unheard.headers.get('Retry-After')]).toEqual([
        503,
        'not_ready',
        '2',
      ]);
      const refundId = shop.door.refundIds.at(-1) ?? '';
      await shop.door.record(id, {
        type: 'refund.requested',
        refundId,
        paymentId: `pay_${id.slice(3)}_1`,
        amount: money(500, 'USD'),
        cause: 'staff',
        reason: 'refund by staff',
        actor: 'sue',
        needsApproval: false,
      });
      expect(await ask()).toMatchObject({ status: 200, body: { id: refundId, status: 'pending' } });
      await shop.door.record(id, { type: 'refund.succeeded', refundId, ref: 're_1' });
      expect(await ask()).toMatchObject({ status: 200, body: { id: refundId, status: 'succeeded' } });
    });

    it('of a closed booking are refused', async () => {
      const id = await confirmed();
      shop.door.instead.set('refund', { kind: 'gone' });
      const gone = await post(`/v1/bookings/${id}/refunds`, { ...STAFF, body: { amount: 500, reason: 'x' } });
      expect([gone.status, gone.body['code']]).toEqual([409, 'booking_closed']);
    });
  });
});
