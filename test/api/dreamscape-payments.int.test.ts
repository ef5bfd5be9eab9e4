import { eq } from 'drizzle-orm';
import Stripe from 'stripe';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CREATE_EXAMPLE } from '../../api/storefronts/dreamscape/requests.ts';
import { bookings, inbox, outbox } from '../../db/schema.ts';
import { paymentIdOf } from '../../domain/ids.ts';
import { describeWith } from '../setup/parts.ts';
import { letDoorAct, makeBooking, pay, PAYMENT, SERVICE, storedOf } from './dreamscape-lives.ts';
import type { Made } from './dreamscape-lives.ts';
import { WEBHOOK_SECRET } from './settings.ts';
import { dataOf, openShop } from './shop-bench.ts';
import type { Call, Shop } from './shop-bench.ts';

describeWith('postgres', 'a payment of dreamscape', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
    letDoorAct(shop);
  });
  afterAll(() => shop.close());

  const create = (bookingId: string, change: object = {}, call: Call = {}) =>
    shop.send('POST', `${PAYMENT}/create-intent`, {
      ...SERVICE,
      body: { ...CREATE_EXAMPLE, bookingId, userId: 'alice', ...change },
      ...call,
    });
  const refund = ({ booking: bookingId, intent: paymentIntentId }: Made, change: object = {}, call: Call = {}) =>
    shop.send('POST', `${PAYMENT}/refund`, {
      ...SERVICE,
      body: { paymentIntentId, bookingId, userId: 'alice', reason: 'asked', ...change },
      ...call,
    });
  const cancel = ({ intent }: Made, call: Call = {}) => shop.send('POST', `${PAYMENT}/cancel/${intent}`, call);
  const paid = async (): Promise<Made> => {
    const made = await makeBooking(shop);
    await pay(shop, made.id);
    return made;
  };

  it('is one, however many ask for it at once', async () => {
    const answers = await Promise.all(Array.from({ length: 16 }, (_, i) => create('ds-many', {}, { process: i })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    const rows = await shop.db.select().from(bookings).where(eq(bookings.externalId, 'ds-many'));
    expect(rows).toMatchObject([
      { ownerSub: 'alice', phase: 'awaiting_payment', chargeMinor: 50_000, currency: 'EUR' },
    ]);
  });

  it('is opened for each amount that is asked for at once, and one is live in the end', async () => {
    const amounts = [50_000, 60_000, 70_000];
    const answers = await Promise.all(amounts.map((amount, process) => create('ds-three', { amount }, { process })));
    const right = answers.filter(({ status }) => status === 200);
    expect(right.length).toBeGreaterThan(0);
    for (const answer of right) expect(amounts).toContain(dataOf(answer)['amount']);
    const [row] = await shop.db.select().from(bookings).where(eq(bookings.externalId, 'ds-three'));
    const { booking } = await storedOf(shop, row?.id ?? '');
    expect(booking.payments.filter(({ status }) => status === 'requires_payment_method')).toHaveLength(1);
    const last = dataOf(await create('ds-three', { amount: 65_000 }));
    expect(last).toMatchObject({ amount: 65_000, status: 'requires_payment_method' });
    expect((await storedOf(shop, row?.id ?? '')).booking.charge.minor).toBe(65_000);
  });

  it('goes back to the amount it had with a further intent, not with the cancelled one', async () => {
    const made = await makeBooking(shop);
    await create(made.booking, { amount: 60_000 });
    const again = dataOf(await create(made.booking));
    expect(again).toMatchObject({ amount: 50_000, status: 'requires_payment_method' });
    expect(again['paymentIntentId']).not.toBe(made.intent);
  });

  it('belongs to the first of two users who ask for the same booking at once; the other finds nothing', async () => {
    const answers = await Promise.all(
      ['alice', 'bob'].map((userId, process) => create('ds-two', { userId }, { process })),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 404]);
    const lost = answers.find(({ status }) => status === 404);
    expect(lost?.body).toEqual({
      success: false,
      error: { code: 'payment_not_found', message: 'There is no such payment.' },
    });
  });

  it('keeps what names it beside the payment, and tells by those names', async () => {
    const { id } = await paid();
    const { product } = await storedOf(shop, id);
    expect(product).toMatchObject({
      kind: 'service',
      refs: { bookingReference: 'DREAM-2024-001', userId: 'alice', cartId: 'cart-456' },
    });
    const told = await shop.db.select().from(outbox).where(eq(outbox.bookingId, id)).orderBy(outbox.seq);
    expect(told.map(({ topic }) => topic)).toEqual(['payment.completed', 'booking.confirmed']);
    for (const { payload } of told) {
      expect(payload).toMatchObject({ bookingReference: 'DREAM-2024-001', userId: 'alice' });
      expect(JSON.stringify(payload)).not.toContain('cart-456');
    }
  });

  it('cannot be named by the metadata of a request', async () => {
    const metadata = { userId: 'mallory', bookingReference: 'X', bookingId: 'Y' };
    await create('ds-meta', { metadata });
    const [row] = await shop.db.select().from(bookings).where(eq(bookings.externalId, 'ds-meta'));
    expect(row?.product).toMatchObject({
      refs: { userId: 'alice', bookingReference: 'DREAM-2024-001', bookingId: 'ds-meta' },
    });
  });

  it('is given the same answer under the same key, and refused under it with another body', async () => {
    const headers = { 'Idempotency-Key': 'create-1' };
    const first = await create('ds-key', {}, { headers });
    const again = await create('ds-key', {}, { headers });
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('Idempotent-Replayed')).toBe('true');
    const other = await create('ds-key', { amount: 60_000 }, { headers });
    expect(other).toMatchObject({ status: 409, body: { error: { code: 'key_reused' } } });
  });

  it('that is slow to open is asked for again, and answered then', async () => {
    shop.door.instead.set('open', { kind: 'slow' });
    const slow = await create('ds-slow');
    expect(slow).toMatchObject({ status: 503, body: { success: false, error: { code: 'not_ready' } } });
    expect(slow.headers.get('Retry-After')).toBe('2');
    expect((await create('ds-slow')).status).toBe(200);
  });

  it('is given back in parts, until nothing is left', async () => {
    const made = await paid();
    expect(dataOf(await refund(made, { amount: 20_000 }))).toMatchObject({ amount: 20_000, remaining: 30_000 });
    expect(dataOf(await refund(made, { amount: 20_000 }))).toMatchObject({ amount: 20_000, remaining: 10_000 });
    const over = await refund(made, { amount: 10_001 });
    expect(over).toMatchObject({ status: 400, body: { error: { code: 'refund_exceeds_captured' } } });
    expect(dataOf(await refund(made))).toMatchObject({ amount: 10_000, remaining: 0 });
    expect(await refund(made)).toMatchObject({ status: 400, body: { error: { code: 'refund_exceeds_captured' } } });
    const view = await shop.send('GET', `${PAYMENT}/${made.intent}`);
    expect(dataOf(view)).toMatchObject({ status: 'succeeded', refundedAmount: 50_000, clientSecret: null });
  });

  it('is given back once under one key, and once per request without', async () => {
    const made = await paid();
    const headers = { 'Idempotency-Key': `refund-${made.id}` };
    const first = await refund(made, { amount: 10_000 }, { headers });
    expect((await refund(made, { amount: 10_000 }, { headers })).body).toEqual(first.body);
    expect((await storedOf(shop, made.id)).booking.sums.refundedMinor).toBe(10_000);
    await refund(made, { amount: 10_000 });
    expect((await storedOf(shop, made.id)).booking.sums.refundedMinor).toBe(20_000);
  });

  it('that the workflow finds exceeded meanwhile is a bad request too', async () => {
    const made = await paid();
    shop.door.instead.set('refund', { kind: 'answered', value: { kind: 'exceeds', leftMinor: 100 } });
    const answer = await refund(made, { amount: 20_000 });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'refund_exceeds_captured' } } });
  });

  it('above the limit goes back at the word of the service, and waits for a second person at that of staff', async () => {
    const dear = await openShop({ APPROVAL_LIMIT: '100' });
    letDoorAct(dear);
    const made = await makeBooking(dear);
    await pay(dear, made.id);
    const ask = (call: Call) => {
      const named = { paymentIntentId: made.intent, bookingId: made.booking, userId: 'alice' };
      const body = { ...named, amount: 20_000, reason: 'asked' };
      return dear.send('POST', `${PAYMENT}/refund`, { ...call, body });
    };
    const statuses = [await ask({ role: 'staff', sub: 'sue' }), await ask(SERVICE)].map((a) => dataOf(a)['status']);
    await dear.close();
    expect(statuses).toEqual(['pending', 'succeeded']);
  });

  it('is cancelled once, and closes its booking to further intents', async () => {
    const made = await makeBooking(shop);
    shop.door.heard.length = 0;
    const answers = [await cancel(made), await cancel(made)];
    for (const { body } of answers)
      expect(body).toEqual({ success: true, data: { paymentIntentId: made.intent, status: 'canceled' } });
    expect(shop.door.heard).toEqual([`cancel ${made.id}`]);
    expect(await create(made.booking)).toMatchObject({ status: 409, body: { error: { code: 'booking_cancelled' } } });
    const [told] = await shop.db.select().from(outbox).where(eq(outbox.bookingId, made.id));
    expect(told).toMatchObject({ topic: 'payment.canceled', key: made.booking });
  });

  it('that the customer makes while it is being cancelled stands', async () => {
    const made = await makeBooking(shop);
    const door = { ...shop.door };
    shop.door.cancel = async (id) => {
      await pay(shop, id);
      return { kind: 'answered', value: { kind: 'too_late', status: 'confirming' } };
    };
    const answer = await cancel(made);
    Object.assign(shop.door, door);
    expect(answer).toMatchObject({ status: 409, body: { error: { code: 'already_paid' } } });
    expect((await storedOf(shop, made.id)).booking.phase).toBe('confirmed');
  });

  it('that is in flight is not cancelled, and may be once it was declined', async () => {
    const made = await makeBooking(shop);
    const paymentId = paymentIdOf(made.id, 1);
    await shop.door.record(made.id, { type: 'payment.processing', paymentId, declines: 0, wireStatus: 'processing' });
    shop.door.instead.set('cancel', { kind: 'answered', value: { kind: 'too_late', status: 'processing' } });
    expect(await cancel(made)).toMatchObject({ status: 409, body: { error: { code: 'payment_processing' } } });
    expect((await cancel(made)).status).toBe(200);
  });

  it('hears of Stripe under its own path, stored before it is acknowledged', async () => {
    const payload = JSON.stringify({
      id: 'evt_ds_1',
      type: 'payment_intent.succeeded',
      data: {
        object: { id: 'pi_ds', object: 'payment_intent', status: 'succeeded', metadata: { booking_id: 'bk_1' } },
      },
    });
    const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: WEBHOOK_SECRET });
    const call = { token: null, body: payload, headers: { 'Stripe-Signature': signature } };
    const answer = await shop.send('POST', `${PAYMENT}/webhook`, call);
    expect(answer).toMatchObject({ status: 200, body: { received: true } });
    const rows = await shop.db.select().from(inbox).where(eq(inbox.eventId, 'evt_ds_1'));
    expect(rows).toMatchObject([{ gateway: 'stripe_intent', channel: `${PAYMENT}/webhook`, verdict: 'verified' }]);
  });
});
