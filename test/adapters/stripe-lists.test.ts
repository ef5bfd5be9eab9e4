import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStripeIntentGateway } from '../../adapters/gateways/stripe-intent.ts';
import { money } from '../../domain/money.ts';
import type { Gateway, Page, PageAsked } from '../../domain/payment.ts';
import { startStripe } from '../../sim/stripe/server.ts';
import type { StripeSim } from '../../sim/stripe/server.ts';

const SINCE = new Date(Date.now() - 60_000);
/** One page of Stripe's, and a little more. */
const OURS = 103;

describe('what Stripe lists of ours', () => {
  let sim: StripeSim;
  let stripe: Stripe;
  let gateway: Gateway;
  beforeAll(async () => {
    sim = await startStripe();
    stripe = new Stripe('sk_test_lists', { host: '127.0.0.1', port: sim.port, protocol: 'http', telemetry: false });
    gateway = createStripeIntentGateway({ secretKey: 'sk_test_lists', apiBase: sim.url, webhookSecrets: [] });
    for (let n = 1; n <= OURS; n += 1)
      await stripe.paymentIntents.create({ amount: 500, currency: 'usd', metadata: { booking_id: `bk_${n}` } });
  });
  afterAll(() => sim.close());

  async function whole<T>(read: (asked: PageAsked) => Promise<Page<T>> | undefined, since = SINCE): Promise<T[]> {
    const all: T[] = [];
    for (let after: string | null = null; ;) {
      const page: Page<T> | undefined = await read({ since, after });
      all.push(...(page?.items ?? []));
      if (!page?.next) return all;
      after = page.next;
    }
  }

  const payments = (asked: PageAsked) => gateway.listPayments?.(asked);
  const refunds = (asked: PageAsked) => gateway.listRefunds?.(asked);

  const paid = (metadata: Record<string, string>, capture: 'automatic' | 'manual' = 'automatic') =>
    stripe.paymentIntents.create({
      amount: 900,
      currency: 'usd',
      metadata,
      capture_method: capture,
      payment_method: 'pm_card_visa',
      confirm: true,
      return_url: 'https://shop.example/',
    });

  it('is everything that names a booking, over all pages and once each', async () => {
    const listed = await whole(payments);
    expect(new Set(listed.map(({ bookingId }) => bookingId)).size).toBe(OURS);
    expect(listed).toHaveLength(OURS);
    expect(listed[0]).toMatchObject({ gateway: 'stripe_intent', paymentId: null, taken: money(0, 'USD') });
  });

  it('says of money whether it was taken or is held, and leaves out whose it is not', async () => {
    const taken = await paid({ booking_id: 'bk_taken', payment_id: 'pay_taken_1' });
    const held = await paid({ booking_id: 'bk_held', payment_id: 'pay_held_1' }, 'manual');
    const foreign = await paid({ shop: 'another' });
    const listed = await whole(payments);
    const of = ({ id }: Stripe.PaymentIntent) => listed.find(({ ref }) => ref === id);
    expect(of(taken)).toMatchObject({ bookingId: 'bk_taken', paymentId: 'pay_taken_1', taken: money(900, 'USD') });
    expect(of(held)).toMatchObject({ taken: money(900, 'USD') });
    expect(of(foreign)).toBeUndefined();
  });

  it('is nothing of before the time that is asked for', async () => {
    expect(await whole(payments, new Date(Date.now() + 60_000))).toEqual([]);
  });

  it('names the refunds of what bears a name of ours, whether we asked for them, and whether they were made', async () => {
    const { id } = await paid({ booking_id: 'bk_back' });
    const metadata = { booking_id: 'bk_back', refund_id: 'rf_back_1' };
    const made = await stripe.refunds.create({ payment_intent: id, amount: 400, metadata });
    const beside = await stripe.refunds.create({ payment_intent: id, amount: 100 });
    const foreign = await paid({ shop: 'another' });
    await stripe.refunds.create({ payment_intent: foreign.id, amount: 100 });
    const expected = { bookingId: 'bk_back', gateway: 'stripe_intent', isMade: true };
    expect(await whole(refunds)).toEqual([
      { ...expected, ref: beside.id, refundId: null, amount: money(100, 'USD') },
      { ...expected, ref: made.id, refundId: 'rf_back_1', amount: money(400, 'USD') },
    ]);
    const kept = sim.state.refunds.get(made.id);
    if (kept) sim.state.refunds.put({ ...kept, status: 'failed' });
    expect(await whole(refunds)).toMatchObject([{ ref: beside.id }, { ref: made.id, isMade: false }]);
  });

  it('is unknown while Stripe is away', async () => {
    const down = { match: '.*', kind: 'status', status: 503 };
    await fetch(`${sim.url}/_sim/faults`, { method: 'POST', body: JSON.stringify(down) });
    await expect(whole(payments)).rejects.toMatchObject({ name: 'GatewayUnreachable' });
  });
});
