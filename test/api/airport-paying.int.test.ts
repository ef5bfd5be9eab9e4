// Paying for an airport service when the booking answers slowly, is asked often, or was paid in another sum.
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { PaymentFact } from '../../domain/payment.ts';
import { paymentIdOf } from '../../domain/ids.ts';
import { money } from '../../domain/money.ts';
import { succeeded } from '../domain/sample-booking.ts';
import { describeWith } from '../setup/parts.ts';
import { payBooking } from './booking-lives.ts';
import { dataOf, openShop } from './shop-bench.ts';
import type { Answer, Shop } from './shop-bench.ts';

const WISH = { service: 'meet_assist', date: '2099-05-04', passengers: 3 };
const PRICE = { amount: 450.99, currency: 'USD' };
const MINUTE_MS = 60_000;

describeWith('postgres', 'a service that is paid for', () => {
  let shop: Shop;
  let now = Date.now();
  beforeAll(async () => {
    shop = await openShop({}, () => new Date(now));
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(() => shop.close());

  let made = 0;
  const post = (path: string, body: unknown): Promise<Answer> => shop.send('POST', path, { body });
  const intentFor = (bookingId: string): Promise<Answer> =>
    post('/payment/create-payment-intent', { bookingId, ...PRICE });
  const asked = async (): Promise<{ bookingId: string; paymentIntentId: string }> => {
    const bookingId = String(dataOf(await post('/bookings', { ...WISH, flight: `HF ${(made += 1)}` }))['id']);
    return { bookingId, paymentIntentId: String(dataOf(await intentFor(bookingId))['paymentIntentId']) };
  };
  const slowWhile = (fact: Partial<PaymentFact>): void => {
    shop.door.instead.set('checkPayment', { kind: 'slow' });
    vi.spyOn(shop.deps.gateways.stripe_intent, 'look').mockResolvedValue(succeeded(fact));
  };

  it('is completed by Stripe’s word while the booking is too slow to say it', async () => {
    const wish = await asked();
    slowWhile({ ref: wish.paymentIntentId });
    const { body } = await post('/payment/confirm-payment', wish);
    expect(body).toMatchObject({ success: true, data: { paymentStatus: 'completed' } });
  });

  it('is not completed by that word once our books know better: it was given back since', async () => {
    const wish = await asked();
    const why = { cause: 'staff', reason: 'goodwill', actor: 'staff-1', needsApproval: false } as const;
    const back = { refundId: `rf_${wish.bookingId}`, amount: money(45_099, 'USD') };
    const paymentId = paymentIdOf(wish.bookingId, 1);
    await payBooking(shop.door, wish.bookingId, 45_099);
    await shop.door.record(
      wish.bookingId,
      { type: 'booking.confirmed', attempt: 1 },
      { type: 'refund.requested', paymentId, ...back, ...why },
      { type: 'refund.succeeded', refundId: back.refundId, ref: 're_1' },
    );
    slowWhile({ ref: wish.paymentIntentId });
    expect((await post('/payment/confirm-payment', wish)).body).toMatchObject({ success: false });
  });

  it('can be paid with another intent when the first one took another sum', async () => {
    const { bookingId, paymentIntentId } = await asked();
    await payBooking(shop.door, bookingId, 50_000);
    const { data } = (await post('/payment/confirm-payment', { bookingId, paymentIntentId })).body;
    expect(data).toMatchObject({ message: expect.stringContaining('received, but does not stand for this booking') });
    const again = await intentFor(bookingId);
    expect(again.status).toBe(200);
    expect(dataOf(again)).toMatchObject({
      amount: 450.99,
      paymentIntentId: expect.not.stringMatching(paymentIntentId),
    });
  });

  it('has its booking asked every time while it is young, and once in a turn later', async () => {
    const wish = await asked();
    const turns: unknown[] = [];
    const inner = { ...shop.door };
    vi.spyOn(shop.door, 'checkPayment').mockImplementation((id, request, turn) => {
      turns.push(turn);
      return inner.checkPayment(id, request, turn);
    });
    const confirmTwice = async (ageMs: number): Promise<unknown[]> => {
      now = Date.now() + ageMs;
      turns.length = 0;
      for (const _ of [1, 2]) await post('/payment/confirm-payment', wish);
      return [...turns];
    };
    expect(await confirmTwice(0)).toEqual([undefined, undefined]);
    const [turn, ...others] = await confirmTwice(60 * MINUTE_MS);
    expect(turn).toEqual(expect.any(String));
    expect(others).toEqual([turn]);
    expect(await confirmTwice(70 * MINUTE_MS)).not.toContain(turn);
  });

  it('is completed as soon as it is paid, though the turn began with another answer', async () => {
    const wish = await asked();
    const inner = { ...shop.door };
    const turns: unknown[] = [];
    vi.spyOn(shop.door, 'checkPayment').mockImplementation(async (id, request, turn) => {
      turns.push(turn);
      if (turn === undefined) await payBooking(shop.door, wish.bookingId, 45_099);
      return turn === undefined
        ? inner.checkPayment(id, request)
        : { kind: 'answered', value: { status: 'awaiting_payment' } };
    });
    vi.spyOn(shop.deps.gateways.stripe_intent, 'look').mockResolvedValue(succeeded({ ref: wish.paymentIntentId }));
    now = Date.now() + 60 * MINUTE_MS;
    expect((await post('/payment/confirm-payment', wish)).body).toMatchObject({ success: true });
    expect(turns).toEqual([expect.any(String), undefined]);
  });
});
