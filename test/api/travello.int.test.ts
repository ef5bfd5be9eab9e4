import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BOOKING_EXAMPLE } from '../../api/storefronts/travello/bookings.ts';
import { openWords } from '../../db/audit.ts';
import { askErasure, erase } from '../../db/erasures.ts';
import { audit } from '../../db/schema.ts';
import { describeWith } from '../setup/parts.ts';
import { openShop } from './shop-bench.ts';
import type { Answer, Call, Shop } from './shop-bench.ts';
import { bookStay, captured, letDoorAct, lost, mustLoad, openSession, refunded } from './travello-lives.ts';

const STAFF = { role: 'staff', sub: 'staff-1' } as const;
const SESSION = '/api/payments/create-session/';

describeWith('postgres', 'travello', () => {
  let shop: Shop;
  let aheadMs = 0;
  beforeAll(async () => {
    shop = await openShop({ FX_RATES: 'PKR/USD=0.0036' }, () => new Date(Date.now() + aheadMs));
    letDoorAct(shop);
  });
  afterAll(() => shop.close());

  const post = (path: string, body: unknown, call: Call = {}): Promise<Answer> =>
    shop.send('POST', path, { body, ...call });
  const session = (booking_id: number, call: Call = {}) => post(SESSION, { booking_id }, call);
  const statusOf = async (booking: number) => (await shop.send('GET', `/api/payments/booking/${booking}/status/`)).body;
  const wish = (change = {}) => ({
    ...BOOKING_EXAMPLE,
    check_in: '2098-05-04',
    check_out: '2098-05-06',
    guests: 1,
    ...change,
  });

  it('counts its bookings upwards, and no two have the same number, however many come at once', async () => {
    const all = await Promise.all(Array.from({ length: 24 }, () => bookStay(shop)));
    const numbers = all.map(({ booking }) => booking);
    expect(new Set(numbers).size).toBe(24);
    expect(numbers.every((number) => Number.isSafeInteger(number) && number > 0)).toBe(true);
  });

  it('takes the same words for the same booking, and another key for another', async () => {
    const first = await post('/api/bookings/', wish());
    expect((await post('/api/bookings', wish())).body).toEqual(first.body);
    const keyed = (key: string) => post('/api/bookings/', wish(), { headers: { 'Idempotency-Key': key } });
    const [one, two] = [await keyed('room-1'), await keyed('room-2')];
    expect((await keyed('room-1')).body).toEqual(one.body);
    expect(new Set([first, one, two].map(({ body }) => body['id'])).size).toBe(3);
    const other = await post('/api/bookings/', wish({ guests: 2 }), { headers: { 'Idempotency-Key': 'room-1' } });
    expect([other.status, Object.keys(other.body)]).toEqual([409, ['success', 'error']]);
  });

  it('does not know the bookings of the other storefronts, nor they its own', async () => {
    const stay = await bookStay(shop);
    const flight = { service: 'lounge', flight: 'HF 1', date: '2099-05-04', passengers: 1 };
    const airport = await post('/bookings', flight);
    const { id } = airport.body['data'] as { id: string };
    expect((await shop.send('GET', `/bookings/${stay.booking}`)).status).toBe(404);
    expect((await shop.send('GET', `/payment/status/${stay.id}`)).status).toBe(404);
    expect((await shop.send('GET', `/api/bookings/${id}/`)).status).toBe(400);
    const { booking } = await mustLoad(shop.db, id);
    expect((await post(SESSION, { booking_id: booking.externalId }, STAFF)).status).toBe(400);
  });

  it('opens one session for everybody who asks at once, with one number', async () => {
    const { booking } = await bookStay(shop);
    const answers = await Promise.all(Array.from({ length: 8 }, (_, process) => session(booking, { process })));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    const another = await session((await bookStay(shop)).booking);
    expect(another.body['payment_id']).not.toBe(answers[0]?.body['payment_id']);
  });

  it('gives under one key one answer, with the final slash and without', async () => {
    const { booking } = await bookStay(shop);
    const headers = { 'Idempotency-Key': `session-${booking}` };
    const first = await session(booking, { headers });
    const again = await post('/api/payments/create-session', { booking_id: booking }, { headers });
    expect([again.body, again.headers.get('Idempotent-Replayed')]).toEqual([first.body, 'true']);
  });

  it('lets a part go back without a change, and with all of it begins anew', async () => {
    const { id, booking } = await bookStay(shop);
    const first = await openSession(shop, booking);
    await shop.door.record(id, ...captured(await mustLoad(shop.db, id)));
    await shop.door.record(id, ...refunded(await mustLoad(shop.db, id), 500_000));
    expect(await statusOf(booking)).toMatchObject({ payment_status: 'SUCCEEDED', payment_required: false });
    expect((await shop.send('GET', `/api/bookings/${booking}/`)).body['status']).toBe('PAID');
    await shop.door.record(id, ...refunded(await mustLoad(shop.db, id), 1_500_000));
    expect(await statusOf(booking)).toMatchObject({ payment_status: 'REFUNDED', stripe_session_id: first });
    const second = await openSession(shop, booking);
    expect(second).not.toBe(first);
    expect(await statusOf(booking)).toMatchObject({ payment_status: 'PROCESSING', stripe_session_id: second });
  });

  it('shows a payment that a bank took for good as given back, and the stay as standing until staff decide', async () => {
    const { id, booking } = await bookStay(shop);
    await openSession(shop, booking);
    await shop.door.record(id, ...captured(await mustLoad(shop.db, id)));
    const [opened, decided] = lost(await mustLoad(shop.db, id));
    if (!opened || !decided) throw new Error('no dispute');
    await shop.door.record(id, opened);
    expect(await statusOf(booking)).toMatchObject({ payment_status: 'SUCCEEDED', payment_required: false });
    await shop.door.record(id, decided);
    expect(await statusOf(booking)).toMatchObject({ payment_status: 'REFUNDED', payment_required: false });
    expect((await shop.send('GET', `/api/bookings/${booking}/`)).body['status']).toBe('PAID');
    expect(await session(booking)).toMatchObject({ status: 400, body: { error: 'Payment already processed' } });
    await shop.door.record(id, { type: 'booking.cancelled', reason: 'asked', actor: 'staff-1' });
    expect(await statusOf(booking)).toMatchObject({ payment_status: 'REFUNDED', payment_required: false });
  });

  it('shows what a bank took in part like what we gave back in part, and both together as all of it', async () => {
    const { id, booking } = await bookStay(shop);
    await openSession(shop, booking);
    await shop.door.record(id, ...captured(await mustLoad(shop.db, id)));
    await shop.door.record(id, ...lost(await mustLoad(shop.db, id), 500_000));
    expect(await statusOf(booking)).toMatchObject({ payment_status: 'SUCCEEDED' });
    await shop.door.record(id, ...refunded(await mustLoad(shop.db, id), 1_500_000));
    expect(await statusOf(booking)).toMatchObject({ payment_status: 'REFUNDED' });
  });

  it.each([
    ['not paid in time, to be paid for another week', { expired: true, afterDays: 6 }, true],
    ['not paid in time, and closed', { expired: true, afterDays: 9 }, false],
    ['given back in full, to be paid until the stay begins', { expired: false, afterDays: 300 }, true],
    ['given back in full, and begun', { expired: false, afterDays: 40_000 }, false],
  ] as const)('says of a booking that was %s', async (_what, { expired, afterDays }, wanted) => {
    const { id, booking } = await bookStay(shop);
    if (!expired) await openSession(shop, booking);
    const stored = await mustLoad(shop.db, id);
    if (expired) await shop.door.record(id, { type: 'booking.expired', attempt: 0 });
    else await shop.door.record(id, ...captured(stored), ...refunded(stored));
    aheadMs = afterDays * 86_400_000;
    const payment_status = expired ? 'NOT_INITIATED' : 'REFUNDED';
    const told = await statusOf(booking);
    aheadMs = 0;
    expect(told).toMatchObject({ payment_status, payment_required: wanted });
  });

  it('charges in dollars where Stripe refuses rupees, within the one request, at the rate frozen with the booking', async () => {
    const { id, booking } = await bookStay(shop);
    const code = 'currency_not_supported';
    shop.door.instead.set('pay', { kind: 'answered', value: { kind: 'refused', code, message: 'no rupees' } });
    shop.door.heard.length = 0;
    expect((await session(booking)).status).toBe(200);
    expect(shop.door.heard).toEqual([`pay ${id}`, `pay ${id}`]);
    const price = { amount: 20_000, currency: 'PKR' };
    expect(await statusOf(booking)).toMatchObject({ ...price, charged_amount: 72, charged_currency: 'USD' });
    expect((await shop.send('GET', `/api/bookings/${booking}/`)).body).toMatchObject(price);
    const { product } = await mustLoad(shop.db, id);
    expect(product).toMatchObject({
      otherCurrency: {
        price: { minor: 2_000_000, currency: 'PKR' },
        charge: { minor: 7_200, currency: 'USD' },
        rate: '0.0036',
        source: 'FX_RATES',
        at: expect.stringMatching(/^\d{4}-/),
      },
    });
    const told = shop.lines.find((line) => line.includes(id) && line.includes('0.0036'));
    expect(told).toContain('"from":"PKR","to":"USD"');
  });

  it('says what Stripe’s other refusals are, and that they may be tried again', async () => {
    const { booking } = await bookStay(shop, { hotel: 3, room: 5 });
    const refusal = { kind: 'refused', code: 'url_invalid', message: 'Not a valid URL' };
    shop.door.instead.set('pay', { kind: 'answered', value: refusal });
    expect(await session(booking)).toMatchObject({ status: 500, body: { success: false, error: 'Stripe API error' } });
    expect((await session(booking)).status).toBe(200);
  });

  it('says when it is Stripe that keeps everybody waiting', async () => {
    const { booking } = await bookStay(shop);
    shop.door.instead.set('pay', { kind: 'slow' });
    shop.door.instead.set('failing', { kind: 'answered', value: ['openPayment'] });
    const answer = await session(booking);
    expect([answer.status, answer.body]).toEqual([500, { success: false, error: 'Stripe API error' }]);
    expect(answer.headers.get('Retry-After')).toBe('2');
  });

  it('asks for patience while the workflow is slow', async () => {
    const { booking } = await bookStay(shop);
    shop.door.instead.set('pay', { kind: 'slow' });
    const slow = await session(booking);
    expect([slow.status, slow.headers.get('Retry-After')]).toEqual([503, '2']);
  });

  it('keeps what staff wrote of the money, sealed, and who it was', async () => {
    const { id, booking } = await bookStay(shop, { payment_method: 'ARRIVAL' });
    await post(`/api/bookings/${booking}/mark-paid/`, { note: 'cash from Mr Khan' }, STAFF);
    const [row] = await shop.db
      .select()
      .from(audit)
      .where(and(eq(audit.bookingId, id), eq(audit.action, 'mark_paid')));
    expect(row).toMatchObject({ actor: 'staff-1', role: 'staff', detail: { force: false } });
    expect(JSON.stringify(row?.detail)).not.toContain('Khan');
    expect(await openWords(shop.database.keyring, id, row?.sealedWords ?? null)).toBe('cash from Mr Khan');
  });

  it('answers who marked it as paid under a key, though the first answer was lost', async () => {
    const { id, booking } = await bookStay(shop, { payment_method: 'ARRIVAL' });
    const call = { ...STAFF, headers: { 'Idempotency-Key': `mark-${booking}` } };
    const mark = () => post(`/api/bookings/${booking}/mark-paid/`, {}, call);
    const inner = { ...shop.door };
    shop.door.markPaid = async (...asked) => {
      await inner.markPaid(...asked);
      return { kind: 'slow' };
    };
    expect((await mark()).status).toBe(503);
    shop.door.markPaid = async () => ({ kind: 'answered', value: { kind: 'paid' } });
    expect(await mark()).toMatchObject({ status: 200, body: { id: booking, status: 'PAID' } });
    shop.door.markPaid = (...asked) => inner.markPaid(...asked);
    expect(await shop.db.select().from(audit).where(eq(audit.bookingId, id))).toHaveLength(1);
  });

  it('on the native wire is marked as paid by staff, and by nobody else', async () => {
    const { id } = await bookStay(shop, { payment_method: 'ARRIVAL' });
    const path = `/v1/bookings/${id}/mark-paid`;
    expect((await post(path, {}, { role: 'service', sub: 'voyage' })).status).toBe(403);
    expect((await post(path, {})).status).toBe(403);
    const paid = await post(path, { note: 'cash' }, STAFF);
    expect(paid).toMatchObject({ status: 200, body: { status: 'confirmed', payment: { gateway: 'on_arrival' } } });
    expect(await post(path, {}, STAFF)).toMatchObject({ status: 409, body: { code: 'already_paid' } });
    const online = await bookStay(shop);
    const refusal = await post(`/v1/bookings/${online.id}/mark-paid`, {}, STAFF);
    expect(refusal).toMatchObject({ status: 409, body: { code: 'not_on_arrival' } });
  });

  it('is marked as paid by nobody once it expired and its guest was forgotten', async () => {
    const { id } = await bookStay(shop);
    await shop.door.record(id, { type: 'booking.expired', attempt: 0 });
    await askErasure(shop.db, [id], { actor: 'ada', role: 'admin' });
    expect(await erase(shop.db, id, Date.now())).toBe('now');
    const heard = shop.door.heard.length;
    const refusal = await post(`/v1/bookings/${id}/mark-paid`, { force: true, note: 'cash' }, STAFF);
    expect([refusal.status, refusal.body['code']]).toEqual([409, 'erased']);
    expect(shop.door.heard.length).toBe(heard);
  });

  it.each([
    ['in_flight', 409, 'A payment is being processed: wait for its end.'],
    ['already_paid', 400, 'Payment already processed'],
  ])('when marking and paying race, the loser hears it: %s', async (kind, status, error) => {
    const { booking } = await bookStay(shop);
    shop.door.instead.set('markPaid', { kind: 'answered', value: { kind } });
    const answer = await post(`/api/bookings/${booking}/mark-paid/`, { force: true }, STAFF);
    expect([answer.status, answer.body]).toEqual([status, { success: false, error }]);
  });

  it('stays payable on arrival until the day after the guest leaves', async () => {
    const { id } = await bookStay(shop, { payment_method: 'ARRIVAL', check_in: '2097-05-04', check_out: '2097-05-06' });
    expect((await mustLoad(shop.db, id)).booking).toMatchObject({
      expiresAt: '2097-05-07T07:00:00.000Z',
      serviceAt: '2097-05-04T09:00:00.000Z',
    });
  });
});
