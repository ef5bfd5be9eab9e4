// What is Stripe's own, against its stand-in: stored failures, keys at work, holds, 3-D Secure, refunds that turn back.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createStripeIntentGateway } from '../../adapters/gateways/stripe-intent.ts';
import { money } from '../../domain/money.ts';
import type { Gateway, PaymentOrder } from '../../domain/payment.ts';
import type { RefundOrder } from '../../domain/refund-order.ts';
import { startStripe } from '../../sim/stripe/server.ts';
import type { StripeSim } from '../../sim/stripe/server.ts';

const order: PaymentOrder = {
  paymentId: 'pay_1_1',
  bookingId: 'bk_1',
  bookingNumber: 'HF-1',
  storefront: 'trektoo',
  amount: money(12_100, 'USD'),
  capture: 'automatic',
  description: 'Sky tower',
  expiresAt: '2026-11-21T12:00:00.000Z',
  returnUrls: null,
  reference: 'HF-1',
  payer: null,
  lines: [],
  methods: [],
  metadata: {},
};
const unreachable = { name: 'GatewayUnreachable' };

let sim: StripeSim;
let gateway: Gateway;
let impatient: Gateway;

beforeAll(async () => {
  sim = await startStripe();
  const config = { secretKey: 'sk_test_sim', apiBase: sim.url, webhookSecrets: [] };
  gateway = createStripeIntentGateway({ ...config, timeoutMs: 5_000 });
  impatient = createStripeIntentGateway({ ...config, timeoutMs: 100 });
});
beforeEach(() => tell('reset', {}));
afterAll(() => sim.close());

async function tell(path: string, body: object): Promise<void> {
  const response = await fetch(`${sim.url}/_sim/${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
}

async function started(terms: Partial<PaymentOrder> = {}): Promise<string> {
  const answer = await gateway.start({ ...order, ...terms }, 'k1');
  if (answer.kind !== 'confirm') throw new Error(answer.kind);
  return answer.ref;
}

async function confirm(ref: string, method: string): Promise<void> {
  const headers = { authorization: 'Bearer sk_test_sim' };
  const body = new URLSearchParams({ payment_method: method, return_url: 'http://shop.example/' });
  await fetch(`${sim.url}/v1/payment_intents/${ref}/confirm`, { method: 'POST', headers, body });
}

const answerBank = (ref: string, outcome: 'pass' | 'fail') =>
  fetch(`${sim.url}/3ds/${ref}`, { method: 'POST', body: new URLSearchParams({ outcome }), redirect: 'manual' });

async function eventually<T>(look: () => Promise<T>, done: (seen: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + 3_000; Date.now() < deadline;) {
    const seen = await look();
    if (done(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it never happened');
}

describe('a 500 that Stripe keeps under our key', () => {
  it.each([
    ['after the payment was made', true],
    ['before anything was made', false],
  ])('%s ends in one payment', async (_, after) => {
    await tell('faults', { match: 'POST /v1/payment_intents$', kind: 'status', status: 500, after, times: 1 });
    await expect(started()).rejects.toMatchObject(unreachable);
    const ref = await started();
    expect(await started()).toBe(ref);
    expect(sim.state.intents.size).toBe(1);
    expect(await gateway.look(ref)).toMatchObject({ paymentId: order.paymentId });
  });
});

it('waits while its first call is still at work under the key', async () => {
  await tell('faults', { match: 'POST /v1/payment_intents$', kind: 'delay', ms: 1_000, times: 1 });
  await expect(impatient.start(order, 'k1')).rejects.toMatchObject(unreachable);
  await expect(gateway.start(order, 'k1')).rejects.toMatchObject(unreachable);
  const ref = await eventually(
    () => started().catch(() => ''),
    (seen) => seen !== '',
  );
  expect(sim.state.intents.size).toBe(1);
  expect(ref).toMatch(/^pi_/);
});

it('tells callers that a currency is not supported, so that they may try another', async () => {
  await tell('currencies', { unsupported: ['pkr'] });
  const terms = { ...order, amount: money(5_000_000, 'PKR') };
  expect(await gateway.start(terms, 'k1')).toMatchObject({ kind: 'refused', code: 'currency_not_supported' });
});

describe('a hold', () => {
  it('is authorised, not captured, and closing lets it go without a refund', async () => {
    const ref = await started({ capture: 'manual' });
    await confirm(ref, 'pm_card_visa');
    const held = { wireStatus: 'requires_capture', status: 'authorised', captured: null, fee: null };
    expect(await gateway.look(ref)).toMatchObject(held);
    expect(await gateway.close(ref)).toEqual({ kind: 'closed' });
    expect(await gateway.look(ref)).toMatchObject({ status: 'cancelled', refunded: money(0, 'USD') });
  });
});

describe('3-D Secure', () => {
  it('waits for the customer and then is paid', async () => {
    const ref = await started();
    await confirm(ref, 'pm_card_threeDSecure2Required');
    expect(await gateway.look(ref)).toMatchObject({ status: 'requires_action', captured: null });
    await answerBank(ref, 'pass');
    expect(await gateway.look(ref)).toMatchObject({ status: 'succeeded', captured: order.amount });
  });

  it('failed twice is two declines, each without a charge', async () => {
    const ref = await started();
    const fail = async () => {
      await confirm(ref, 'pm_card_threeDSecure2Required');
      await answerBank(ref, 'fail');
      return (await gateway.look(ref)).decline;
    };
    const [first, second] = [await fail(), await fail()];
    expect(first).toMatchObject({ code: 'payment_intent_authentication_failure' });
    expect(second?.id).not.toBe(first?.id);
  });
});

describe('a refund', () => {
  const whole = (ref: string): RefundOrder => ({
    refundId: 'rf_1',
    bookingId: 'bk_1',
    paymentRef: ref,
    amount: order.amount,
    reason: 'test',
    beside: { returned: money(0, order.amount.currency), refs: [] },
  });

  it('that Stripe calls pending succeeds later', async () => {
    await tell('settings', { refundMs: 60 });
    const ref = await started();
    await confirm(ref, 'pm_card_pendingRefund');
    expect(await gateway.refund(whole(ref), 'r1')).toMatchObject({ kind: 'pending' });
    await eventually(
      () => gateway.lookRefund(whole(ref)),
      ({ kind }) => kind === 'succeeded',
    );
  });

  it('that turns back is a failure, and its money is ours to give back again', async () => {
    await tell('settings', { refundMs: 60 });
    const ref = await started();
    await confirm(ref, 'pm_card_refundFail');
    expect(await gateway.refund(whole(ref), 'r1')).toMatchObject({ kind: 'succeeded' });
    const failed = await eventually(
      () => gateway.lookRefund(whole(ref)),
      ({ kind }) => kind === 'failed',
    );
    expect(failed).toMatchObject({ code: 'expired_or_canceled_card' });
    expect((await gateway.look(ref)).refunded).toEqual(money(0, 'USD'));
    expect(await gateway.refund(whole(ref), 'r2')).toMatchObject({ kind: 'succeeded' });
  });
});
