import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../setup/parts.ts';
import { payBooking } from './booking-lives.ts';
import { dataOf, openShop } from './shop-bench.ts';
import type { Answer, Call, Shop } from './shop-bench.ts';

const WISH = { service: 'meet_assist', flight: 'HF 714', date: '2099-05-04', passengers: 3 };

describeWith('postgres', 'the wire of airport', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());

  let made = 0;
  const post = (path: string, body: unknown, call: Call = {}): Promise<Answer> =>
    shop.send('POST', path, { body, ...call });
  const get = (path: string, call: Call = {}): Promise<Answer> => shop.send('GET', path, call);
  const booked = async (): Promise<string> =>
    String(dataOf(await post('/bookings', { ...WISH, flight: `HF ${(made += 1)}` }))['id']);
  const intended = async (bookingId: string): Promise<string> =>
    String(
      dataOf(await post('/payment/create-payment-intent', { bookingId, amount: 450.99, currency: 'USD' }))[
        'paymentIntentId'
      ],
    );
  const failure = (message: unknown, error_code: string, error_message: unknown = message) => ({
    success: false,
    message,
    data: { error_code, error_message },
  });
  const text = expect.any(String);

  it('lists what can be booked, for anybody', async () => {
    const { status, body } = await get('/services', { token: null });
    expect(status).toBe(200);
    expect(body).toMatchObject({ success: true });
    expect(body['data']).toContainEqual({
      code: 'meet_assist',
      name: 'Meet and assist',
      price: 150.33,
      currency: 'USD',
    });
  });

  it('books for the server’s price, and the same again is the same booking', async () => {
    const first = await post('/bookings', WISH);
    expect(first).toMatchObject({ status: 201, body: { success: true } });
    expect(first.body['data']).toEqual({
      ...WISH,
      id: text,
      amount: 450.99,
      currency: 'USD',
      bookingStatus: 'pending',
      paymentStatus: 'pending',
    });
    expect((await post('/bookings', WISH)).body).toEqual(first.body);
    expect((await get(`/bookings/${String(dataOf(first)['id'])}`)).body).toEqual(first.body);
  });

  it.each([
    [{ service: 'limousine' }, 'service: There is no such service.'],
    [{ passengers: 0 }, 'passengers: must be at least 1'],
    [{ passengers: '3' }, 'passengers: must be a number'],
    [{ date: '2001-01-01' }, 'date: must not lie in the past'],
    [{ date: 'tomorrow' }, 'date: must be a date like 2026-01-31'],
    [{ flight: undefined }, 'flight: is required'],
  ])('refuses %j', async (change, words) => {
    const { status, body } = await post('/bookings', { ...WISH, ...change });
    expect([status, body]).toEqual([400, failure('The request is not valid.', 'invalid_request', words)]);
  });

  it('opens one payment for the price, however often it is asked', async () => {
    const bookingId = await booked();
    const wish = { bookingId, amount: 450.99, currency: 'usd' };
    const first = await post('/payment/create-payment-intent', wish);
    expect(first.status).toBe(200);
    expect(first.body).toEqual({
      success: true,
      data: {
        paymentIntentId: text,
        clientSecret: expect.stringContaining('_secret_'),
        status: 'requires_payment_method',
        amount: 450.99,
        currency: 'usd',
      },
    });
    expect((await post('/payment/create-payment-intent', wish)).body).toEqual(first.body);
  });

  it.each([
    [{ amount: 450.98 }, 400, 'amount_mismatch'],
    [{ amount: -1 }, 400, 'amount_mismatch'],
    [{ amount: '450.99' }, 400, 'invalid_request'],
    [{ currency: 'EUR' }, 400, 'currency_mismatch'],
    [{ currency: 'dollars' }, 400, 'invalid_request'],
    [{ bookingId: 'bk_nobody' }, 404, 'booking_not_found'],
  ])('opens none for %j', async (change, status, code) => {
    const answer = await post('/payment/create-payment-intent', {
      bookingId: await booked(),
      amount: 450.99,
      currency: 'USD',
      ...change,
    });
    expect([answer.status, answer.body]).toEqual([status, failure(text, code, text)]);
  });

  it('keeps a customer from what is somebody else’s, and other storefronts’ bookings from everybody', async () => {
    const bookingId = await booked();
    const paymentIntentId = await intended(bookingId);
    const asBob: Call = { sub: 'bob' };
    const answers = [
      await get(`/bookings/${bookingId}`, asBob),
      await get(`/payment/status/${bookingId}`, asBob),
      await post('/payment/create-payment-intent', { bookingId, amount: 450.99, currency: 'USD' }, asBob),
      await post('/payment/confirm-payment', { bookingId, paymentIntentId }, asBob),
    ];
    for (const { status, body } of answers) expect([status, body]).toEqual([403, failure(text, 'forbidden')]);
    expect((await get(`/bookings/${bookingId}`, { token: null })).body).toEqual(failure(text, 'unauthorized'));
    expect((await get(`/klook/order-status/${bookingId}`)).status).toBe(404);
  });

  it('says how a payment that was not made stands, with the way to make it', async () => {
    const bookingId = await booked();
    const paymentIntentId = await intended(bookingId);
    const { status, body } = await post('/payment/confirm-payment', { bookingId, paymentIntentId });
    expect([status, body]).toEqual([
      200,
      {
        success: false,
        data: {
          paymentStatus: 'requires_payment_method',
          message: 'Payment requires payment method. Use Stripe.js on frontend to complete payment.',
          clientSecret: `${paymentIntentId}_secret_x`,
        },
      },
    ]);
    expect(shop.door.heard).toContain(`checkPayment ${bookingId}`);
  });

  it('tells of a decline in Stripe’s words', async () => {
    const bookingId = await booked();
    const paymentIntentId = await intended(bookingId);
    const decline = {
      id: 'ch_1',
      code: 'card_declined',
      declineCode: 'generic_decline',
      message: 'Your card was declined.',
    };
    const paymentId = `pay_${bookingId.slice(3)}_1`;
    await shop.door.record(bookingId, {
      type: 'payment.declined',
      paymentId,
      decline,
      wireStatus: 'requires_payment_method',
    });
    const { body } = await post('/payment/confirm-payment', { bookingId, paymentIntentId });
    expect(body).toMatchObject({ data: { error_code: 'card_declined', error_message: 'Your card was declined.' } });
    expect((await get(`/payment/status/${bookingId}`)).body['data']).toEqual({
      paymentStatus: 'failed',
      bookingStatus: 'pending',
      stripeStatus: 'requires_payment_method',
    });
  });

  it('shows what was paid as completed, and as confirmed once it is', async () => {
    const bookingId = await booked();
    const paymentIntentId = await intended(bookingId);
    await payBooking(shop.door, bookingId, 45_099);
    expect((await get(`/payment/status/${bookingId}`)).body['data']).toEqual({
      paymentStatus: 'completed',
      bookingStatus: 'pending',
      stripeStatus: 'succeeded',
    });
    await shop.door.record(bookingId, { type: 'booking.confirmed', attempt: 1 });
    const { body } = await post('/payment/confirm-payment', { bookingId, paymentIntentId });
    expect(body).toMatchObject({
      success: true,
      data: {
        paymentStatus: 'completed',
        bookingStatus: 'confirmed',
        booking: { id: bookingId, bookingStatus: 'confirmed', paymentStatus: 'completed', passengers: 3 },
      },
    });
    const again = await post('/payment/create-payment-intent', { bookingId, amount: 450.99, currency: 'USD' });
    expect([again.status, again.body]).toEqual([409, failure('This booking is paid already.', 'already_paid')]);
  });

  it('confirms no payment that is not the booking’s', async () => {
    const [one, other] = [await booked(), await booked()];
    const answer = await post('/payment/confirm-payment', { bookingId: one, paymentIntentId: await intended(other) });
    expect([answer.status, answer.body]).toEqual([404, failure(text, 'booking_not_found')]);
  });

  it('asks for the same again when the workflow is slow', async () => {
    shop.door.instead.set('open', { kind: 'slow' });
    const slow = await post('/bookings', { ...WISH, flight: 'HF slow' });
    expect([slow.status, slow.headers.get('Retry-After'), slow.body]).toEqual([503, '2', failure(text, 'not_ready')]);
    expect((await post('/bookings', { ...WISH, flight: 'HF slow' })).status).toBe(201);
  });

  it('refuses a webhook without a signature', async () => {
    const answer = await post('/payment/webhook', { id: 'evt_1' }, { token: null });
    expect([answer.status, answer.body]).toEqual([400, failure(text, 'invalid_request')]);
  });
});
