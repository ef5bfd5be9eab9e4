// A purchase whose answer we never got, paid when its booking is over: tried with the stand-ins and our own books.
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Deps } from '../../activities/deps.ts';
import { lateMoneyActivities } from '../../activities/late-money.ts';
import { createChipGateway } from '../../adapters/gateways/chip.ts';
import { createStripeCheckoutGateway } from '../../adapters/gateways/stripe-checkout.ts';
import { createKeyring } from '../../db/keyring.ts';
import { latePayments } from '../../db/schema.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { money } from '../../domain/money.ts';
import type { Gateway, GatewayName } from '../../domain/payment.ts';
import type { ServiceProduct } from '../../domain/product.ts';
import { startChip } from '../../sim/chip/server.ts';
import type { ChipSim } from '../../sim/chip/server.ts';
import { startStripe } from '../../sim/stripe/server.ts';
import type { StripeSim } from '../../sim/stripe/server.ts';
import { order as sampleOrder } from '../adapters/chip-objects.ts';
import { depsOf, openBench } from '../db/test-bench.ts';
import type { Bench } from '../db/test-bench.ts';
import { facts } from '../domain/sample-booking.ts';
import { describeWith } from '../setup/parts.ts';

const CHARGE = money(12_900, 'MYR');
const GOODS: ServiceProduct = {
  kind: 'service',
  name: 'Batik scarf',
  option: null,
  when: null,
  items: [{ name: 'Batik scarf', count: 1, unit: CHARGE }],
  refundPolicy: [],
  gateway: 'chip',
  payWhen: 'at_once',
  refs: {},
};

describeWith('postgres', 'a purchase that nobody knew, of a booking that is over,', () => {
  let bench: Bench;
  let sim: ChipSim;
  let stripe: StripeSim;
  let gateway: Gateway;
  let pages: Gateway;
  let late: ReturnType<typeof lateMoneyActivities>;
  let made = 0;
  let bookingId: string;

  beforeAll(async () => {
    bench = await openBench();
    sim = await startChip();
    gateway = createChipGateway({
      apiKey: 'chip_test',
      brandId: '409eb80e-3782-4b1d-afa8-b779759266a5',
      apiBase: `${sim.url}/api/v1`,
      callbackUrl: `${sim.url}/nobody`,
      webhookKeys: [],
    });
    stripe = await startStripe();
    pages = createStripeCheckoutGateway({ secretKey: 'sk_test_sim', webhookSecrets: [], apiBase: stripe.url });
    const keyring = createKeyring(bench.db, [{ id: 'm1', bytes: Buffer.alloc(32, 7) }]);
    const deps = { ...depsOf(bench), keyring, gateways: { chip: gateway, stripe_checkout: pages } };
    // Nobody else is asked here.
    late = lateMoneyActivities(deps as unknown as Deps);
  });
  afterAll(async () => {
    await sim.close();
    await stripe.close();
    await bench.close();
  });

  const purchase = async (named: string, at = gateway) => {
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const order = { ...sampleOrder, bookingId: named, paymentId: `pay_${named.slice(3)}_1`, expiresAt };
    const started = await at.start(order, order.paymentId);
    if (started.kind !== 'redirect') throw new Error(started.kind);
    return started;
  };
  const pay = (url: string, form: Record<string, string> = { outcome: 'paid' }) =>
    fetch(url, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
  const claim = (paymentRef: string, of: GatewayName = 'chip') =>
    late.claimLateMoney({ bookingId, gateway: of, paymentRef });

  beforeEach(() => unpaid('chip'));

  async function unpaid(through: 'chip' | 'stripe_checkout'): Promise<void> {
    made += 1;
    bookingId = `bk_late${made}`;
    await createKeyring(bench.db, [{ id: 'm1', bytes: Buffer.alloc(32, 7) }]).create(bench.db, bookingId);
    const product = { ...GOODS, gateway: through };
    await bench.add({ id: bookingId, externalId: bookingId, charge: CHARGE, fxRate: null }, { product });
    const known = { paymentId: `pay_late${made}_1`, gateway: through, ref: `known-${made}` } as const;
    await bench.record(bookingId, () => [
      { ...facts.opened(1, CHARGE), ...known },
      { type: 'payment.closed', paymentId: known.paymentId, reason: 'expired', wireStatus: 'cancelled' },
      { type: 'booking.expired', attempt: 1 },
    ]);
  }

  it('is owed back in full, once, and claimed by its name', async () => {
    const { ref, url } = await purchase(bookingId);
    await pay(url);
    const [first, second] = [await claim(ref), await claim(ref)];
    expect(first).toMatchObject({ kind: 'owed', amountMinor: 12_900 });
    expect(second).toMatchObject({ kind: 'owed', refundId: first.kind === 'owed' && first.refundId });
    const booking = await bench.load(bookingId);
    expect(booking.payments).toMatchObject([{ status: 'cancelled' }, { ref, status: 'succeeded' }]);
    expect(booking.refunds).toMatchObject([{ amount: CHARGE, cause: 'late' }]);
    expect(await bench.db.select().from(latePayments)).toContainEqual(expect.objectContaining({ paymentRef: ref }));
  });

  it('is nothing any more once it has gone back, though its first refund came back: no papers are drawn for it again', async () => {
    const { ref, url } = await purchase(bookingId);
    await pay(url);
    const first = await claim(ref);
    if (first.kind !== 'owed') throw new Error(first.kind);
    const { refundId } = first;
    const succeeded = (id: string): BookingEvent => ({ type: 'refund.succeeded', refundId: id, ref: `ref-${id}` });
    await bench.record(bookingId, () => [succeeded(refundId)]);
    expect(await claim(ref)).toMatchObject({ kind: 'nothing' });
    await bench.record(bookingId, () => [{ type: 'refund.failed', refundId, code: 'bounced', message: 'bounced' }]);
    expect(await claim(ref)).toMatchObject({ kind: 'owed', refundId });
    const { refunds } = await bench.load(bookingId);
    const [known] = refunds;
    if (!known) throw new Error('nothing was owed');
    const { paymentId, amount, cause, reason, actor } = known;
    const again = { refundId: `${refundId}_1`, paymentId, amount, cause, reason, actor, needsApproval: false };
    await bench.record(bookingId, () => [{ type: 'refund.requested', ...again }]);
    expect(await claim(ref)).toMatchObject({ kind: 'owed', refundId });
    await bench.record(bookingId, () => [succeeded(again.refundId)]);
    expect(await claim(ref)).toMatchObject({ kind: 'nothing' });
  });

  // Stripe's news come to one door, whichever of our gateways made what they are about.
  it('is owed back at once when it was paid at a page of Stripe’s', async () => {
    await unpaid('stripe_checkout');
    const { ref, url } = await purchase(bookingId, pages);
    await pay(url, {
      number: '4242424242424242',
      exp_month: '12',
      exp_year: '40',
      cvc: '123',
      email: 'ann@example.org',
    });
    const first = await claim(ref, 'stripe_intent');
    expect(first).toMatchObject({ kind: 'owed', amountMinor: 12_900 });
    expect(await claim(ref, 'stripe_checkout')).toEqual(first);
    expect(await claim(ref, 'stripe_intent')).toEqual(first);
    expect((await bench.load(bookingId)).refunds).toMatchObject([{ amount: CHARGE, cause: 'late' }]);
    const claims = await bench.db.select().from(latePayments).where(eq(latePayments.paymentRef, ref));
    expect(claims).toMatchObject([{ gateway: 'stripe_checkout', bookingId }]);
  });

  it('is nothing while it is not paid', async () => {
    const { ref } = await purchase(bookingId);
    expect(await claim(ref)).toMatchObject({ kind: 'nothing' });
    expect((await bench.load(bookingId)).payments).toHaveLength(1);
  });

  it('is nothing when CHIP does not have it either', async () => {
    expect(await claim('7a1d3c5e-0000-4000-8000-00000000dead')).toMatchObject({ kind: 'nothing' });
  });

  it('is nothing of ours when it names another booking', async () => {
    const { ref, url } = await purchase('bk_another');
    await pay(url);
    expect(await claim(ref)).toMatchObject({ kind: 'nothing' });
    expect((await bench.load(bookingId)).refunds).toEqual([]);
  });
});
