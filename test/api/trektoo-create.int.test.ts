import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createIntentExample } from '../../api/storefronts/trektoo/requests.ts';
import { bookings, bookingKeys, idempotency, travellers } from '../../db/schema.ts';
import { describeWith } from '../setup/parts.ts';
import { dataOf, openShop } from './shop-bench.ts';
import type { Shop } from './shop-bench.ts';

const PATH = '/api/payments/klook/create-intent';
const example = () => createIntentExample(new Date());

let count = 0;
const unused = () => `AG-T${(count += 1)}`;

describeWith('postgres', 'create-intent', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop({ FX_RATES: 'USD/EUR=0.92' });
  });
  afterAll(() => shop.close());

  it('answers 201 with everything the card form needs', async () => {
    const answer = await shop.send('POST', PATH, { body: example() });
    expect(answer.status).toBe(201);
    const data = dataOf(answer);
    expect(data).toEqual({
      booking_id: expect.stringMatching(/^bk_[0-9a-z]+$/),
      payment_id: expect.stringMatching(/^pay_/),
      payment_intent_id: expect.stringMatching(/^pi_/),
      client_secret: expect.stringContaining('_secret_'),
      amount: '93.50',
      currency: 'USD',
      status: 'requires_payment_method',
      agent_order_id: expect.stringMatching(/^HF-[0-9A-Z]{8}$/),
      order_id: null,
      expires_at: expect.any(String),
      publishable_key: 'pk_test_holdfast',
    });
  });

  it('keeps nothing personal in clear', async () => {
    const answer = await shop.send('POST', PATH, { body: { ...example(), agent_order_id: unused() } });
    const id = String(dataOf(answer)['booking_id']);
    const [row] = await shop.db.select().from(bookings).where(eq(bookings.id, id));
    expect(JSON.stringify(row)).not.toMatch(/Mei|Chan|Weber|example\.com|5251234567/);
    const [people] = await shop.db.select().from(travellers).where(eq(travellers.bookingId, id));
    expect(people?.sealed.toString('latin1')).not.toContain('Mei');
    expect(row?.mailHash).toBe(shop.database.keyring.blindIndex(' MEI.chan@example.com'));
    expect(row?.workflowSeenAt).not.toBeNull();
  });

  it('freezes the rate with its source and time when another currency is charged', async () => {
    const body = { ...example(), agent_order_id: unused(), currency: 'EUR', amount: '86.02' };
    const id = String(dataOf(await shop.send('POST', PATH, { body }))['booking_id']);
    const [row] = await shop.db.select().from(bookings).where(eq(bookings.id, id));
    expect(row).toMatchObject({
      chargeMinor: 8_602,
      currency: 'EUR',
      netMinor: 8_500,
      netCurrency: 'USD',
      fxRate: '0.92',
      fxSource: 'FX_RATES',
    });
    expect(row?.fxAt).toBeInstanceOf(Date);
  });

  it('sent 100 times at once makes one booking and gives one answer', async () => {
    const body = { ...example(), agent_order_id: unused() };
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, process) => shop.request('POST', PATH, { body, process })),
    );
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201]));
    expect(new Set(texts).size).toBe(1);
    const rows = await shop.db.select().from(bookings).where(eq(bookings.externalId, body.agent_order_id));
    expect(rows).toHaveLength(1);
    const keys = (await shop.db.select().from(bookingKeys))
      .map(({ keyId }) => keyId)
      .filter((id) => id.startsWith('bk_'));
    expect(keys).toHaveLength((await shop.db.select().from(bookings)).length);
  });

  it('sent 100 times at once without any reference makes one booking too', async () => {
    const body = { ...example(), passengers: [{ first_name: 'Ana', family_name: 'Once' }] };
    const before = await shop.db.$count(bookings);
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, process) => shop.request('POST', PATH, { body, process })),
    );
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(texts).size).toBe(1);
    expect(await shop.db.$count(bookings)).toBe(before + 1);
  });

  it('reads the same body whatever the order of its fields, their spelling and what else is sent', async () => {
    const body = { ...example(), agent_order_id: unused() };
    const first = await shop.send('POST', PATH, { body });
    const turned = Object.fromEntries(Object.entries({ ...body, amount: 93.5, nonsense: true }).toReversed());
    const again = await shop.send('POST', PATH, { body: turned });
    expect(again.body).toEqual(first.body);
  });

  it('refuses the same reference with another body, and to another customer, telling nothing', async () => {
    const body = { ...example(), agent_order_id: unused() };
    await shop.send('POST', PATH, { body });
    const other = await shop.send('POST', PATH, {
      body: { ...body, passengers: [{ first_name: 'X', family_name: 'Y' }] },
    });
    const stranger = await shop.send('POST', PATH, { body, sub: 'mallory' });
    expect([other.status, stranger.status]).toEqual([409, 409]);
    expect(stranger.body).toEqual({ success: false, message: expect.any(String), code: 'reference_in_use' });
  });

  it('gives its first answer again after the booking has closed', async () => {
    const body = { ...example(), agent_order_id: unused() };
    const first = await shop.send('POST', PATH, { body });
    const { booking_id: id, payment_id: paymentId } = dataOf(first);
    await shop.door.record(
      String(id),
      { type: 'payment.closed', paymentId: String(paymentId), reason: 'expired', wireStatus: 'canceled' },
      { type: 'booking.expired', attempt: 1 },
    );
    const again = await shop.send('POST', PATH, { body });
    expect(again.status).toBe(201);
    expect(again.body).toEqual(first.body);
  });

  it('without a reference books anew once the first booking can no longer be paid', async () => {
    const body = { ...example(), passengers: [{ first_name: 'Ben', family_name: 'Again' }] };
    const first = dataOf(await shop.send('POST', PATH, { body }));
    expect(dataOf(await shop.send('POST', PATH, { body }))).toEqual(first);
    await shop.door.record(
      String(first['booking_id']),
      { type: 'payment.closed', paymentId: String(first['payment_id']), reason: 'expired', wireStatus: 'canceled' },
      { type: 'booking.expired', attempt: 1 },
    );
    const second = dataOf(await shop.send('POST', PATH, { body }));
    expect(second['booking_id']).not.toBe(first['booking_id']);
    expect(dataOf(await shop.send('POST', PATH, { body }))).toEqual(second);
  });

  it('says 503 while the workflow is slow, and gives its first answer to the same request later', async () => {
    const body = { ...example(), agent_order_id: unused() };
    shop.door.instead.set('open', { kind: 'slow' });
    const slow = await shop.send('POST', PATH, { body });
    expect(slow.status).toBe(503);
    expect(slow.headers.get('Retry-After')).toBe('2');
    expect(slow.body).toMatchObject({ success: false, code: 'not_ready' });
    const later = await shop.send('POST', PATH, { body });
    expect(later.status).toBe(201);
    expect(await shop.db.select().from(bookings).where(eq(bookings.externalId, body.agent_order_id))).toHaveLength(1);
  });

  it('says no once and for all when the gateway refuses the payment', async () => {
    const body = { ...example(), agent_order_id: unused() };
    const value = { kind: 'refused', code: 'amount_too_small', message: 'The amount is too small.' };
    shop.door.instead.set('open', { kind: 'answered', value });
    const refused = await shop.send('POST', PATH, { body });
    expect([refused.status, refused.body['code']]).toEqual([422, 'amount_too_small']);
    expect((await shop.send('POST', PATH, { body })).body).toEqual(refused.body);
  });

  it('opens a new attempt when the live one died and the booking can still be paid', async () => {
    const body = { ...example(), agent_order_id: unused() };
    const first = dataOf(await shop.send('POST', PATH, { body }));
    await shop.door.record(String(first['booking_id']), {
      type: 'payment.closed',
      paymentId: String(first['payment_id']),
      reason: 'cancelled at the gateway',
      wireStatus: 'canceled',
    });
    const second = dataOf(await shop.send('POST', PATH, { body }));
    expect(second['booking_id']).toBe(first['booking_id']);
    expect(second['payment_id']).not.toBe(first['payment_id']);
    expect(dataOf(await shop.send('POST', PATH, { body }))).toEqual(second);
  });

  it('takes an Idempotency-Key as the identity, and refuses the key with another body', async () => {
    const headers = { 'Idempotency-Key': 'k1' };
    const body = { ...example(), passengers: [{ first_name: 'Key', family_name: 'Holder' }] };
    const first = await shop.send('POST', PATH, { body, headers });
    const again = await shop.send('POST', PATH, { body, headers });
    const other = await shop.send('POST', PATH, { body: { ...body, currency: 'HKD' }, headers });
    expect(again.body).toEqual(first.body);
    expect(other.status).toBe(409);
    const rows = await shop.db
      .select()
      .from(idempotency)
      .where(eq(idempotency.bookingId, String(dataOf(first)['booking_id'])));
    expect(rows).toHaveLength(2);
  });
});
