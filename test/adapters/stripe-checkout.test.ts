// What is Checkout's own, against Stripe's stand-in and, for answers it never gives, against a script.
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createStripeCheckoutGateway } from '../../adapters/gateways/stripe-checkout.ts';
import { money } from '../../domain/money.ts';
import type { Gateway, PaymentOrder } from '../../domain/payment.ts';
import type { RefundOrder } from '../../domain/refund-order.ts';
import { startStripe } from '../../sim/stripe/server.ts';
import type { StripeSim } from '../../sim/stripe/server.ts';
import { startScriptedVendor } from './scripted-vendor.ts';
import type { ScriptedVendor } from './scripted-vendor.ts';
import { chargeBody, fails, intentBody, listBody, says, sessionBody, storedFailure } from './stripe-objects.ts';

const MINUTE_MS = 60_000;
const inMinutes = (minutes: number) => new Date(Date.now() + minutes * MINUTE_MS).toISOString();

const order: PaymentOrder = {
  paymentId: 'pay_1_1',
  bookingId: 'bk_1',
  bookingNumber: 'HF-1',
  storefront: 'travello',
  amount: money(12_100, 'USD'),
  capture: 'automatic',
  description: 'Twin room, 2 nights',
  expiresAt: inMinutes(120),
  returnUrls: {
    success: 'https://shop.example/paid',
    failure: 'https://shop.example/failed',
    cancel: 'https://shop.example/',
  },
  reference: 'HF-1',
  payer: null,
  lines: [],
  methods: [],
  metadata: { stay: '7' },
};
const unreachable = { name: 'GatewayUnreachable' };

let sim: StripeSim;
let gateway: Gateway;
let script: ScriptedVendor;
let scripted: Gateway;

beforeAll(async () => {
  sim = await startStripe();
  script = await startScriptedVendor();
  const config = { secretKey: 'sk_test_sim', webhookSecrets: [], timeoutMs: 5_000 };
  gateway = createStripeCheckoutGateway({ ...config, apiBase: sim.url });
  scripted = createStripeCheckoutGateway({ ...config, apiBase: script.url });
});
beforeEach(() => tell('reset', {}));
afterAll(() => Promise.all([sim.close(), script.stop()]));

async function tell(path: string, body: object): Promise<void> {
  const response = await fetch(`${sim.url}/_sim/${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
}

async function started(terms: Partial<PaymentOrder> = {}, key = 'k1') {
  const answer = await gateway.start({ ...order, ...terms }, key);
  if (answer.kind !== 'redirect') throw new Error(answer.kind);
  return answer;
}

const fields = { exp_month: '12', exp_year: '40', cvc: '123', email: 'ann@example.org' };
const submit = (url: string, form: Record<string, string>) =>
  fetch(url, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
const pay = (url: string, number = '4242424242424242') => submit(url, { number, ...fields });

const intentOf = (ref: string) => sim.state.intents.get(sim.state.sessions.get(ref)?.payment_intent ?? '');

async function eventually<T>(look: () => Promise<T>, done: (seen: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + 3_000; Date.now() < deadline;) {
    const seen = await look();
    if (done(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it never happened');
}

describe('opening a page', () => {
  it('sends our key, where to return to, and our ids for the session and for its intent', async () => {
    script.say(says(sessionBody()));
    const answer = await scripted.start(order, 'bk_1/pay/1');
    expect(answer).toEqual({ kind: 'redirect', ref: 'cs_1', url: 'https://pay.example/cs_1', wireStatus: 'open' });
    const [call] = script.heard;
    expect(call).toMatchObject({ method: 'POST', path: '/v1/checkout/sessions' });
    expect(call?.headers['idempotency-key']).toBe('bk_1/pay/1');
    const { stay, ...ids } = { stay: '7', booking_id: 'bk_1', payment_id: 'pay_1_1', booking_number: 'HF-1' };
    const records = Object.entries({ stay, ...ids, storefront: 'travello' });
    expect(Object.fromEntries(new URLSearchParams(call?.body))).toEqual({
      mode: 'payment',
      'line_items[0][quantity]': '1',
      'line_items[0][price_data][currency]': 'usd',
      'line_items[0][price_data][unit_amount]': '12100',
      'line_items[0][price_data][product_data][name]': 'Twin room, 2 nights',
      success_url: 'https://shop.example/paid?session_id={CHECKOUT_SESSION_ID}',
      cancel_url: 'https://shop.example/?session_id={CHECKOUT_SESSION_ID}',
      client_reference_id: 'bk_1',
      'adaptive_pricing[enabled]': 'false',
      expires_at: String(Math.floor(Date.parse(order.expiresAt) / 1000)),
      'payment_intent_data[capture_method]': 'automatic',
      'payment_intent_data[description]': 'Twin room, 2 nights',
      ...Object.fromEntries(records.map(([name, value]) => [`metadata[${name}]`, value])),
      ...Object.fromEntries(records.map(([name, value]) => [`payment_intent_data[metadata][${name}]`, value])),
    });
  });

  it.each([
    ['a window that is over', -5, 31, 33],
    ['half an hour', 30, 31, 33],
    ['31 minutes and some', 31.5, 31.4, 31.5],
    ['a day less five minutes', 23 * 60 + 54.5, 23 * 60 + 54.4, 23 * 60 + 54.5],
    ['a whole day', 24 * 60, 23 * 60 + 53, 23 * 60 + 55],
    ['a week', 7 * 24 * 60, 23 * 60 + 53, 23 * 60 + 55],
  ])('ends with our own window, as far as Stripe lets it: %s', async (_, window, least, most) => {
    const { ref } = await started({ expiresAt: inMinutes(window) });
    const minutes = ((sim.state.sessions.get(ref)?.expires_at ?? 0) * 1000 - Date.now()) / MINUTE_MS;
    expect(minutes).toBeGreaterThan(least - 0.1);
    expect(minutes).toBeLessThanOrEqual(most);
  });

  it('says the same end when it is repeated soon, as its key demands', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-21T12:00:00.000Z') });
    try {
      for (const expiresAt of ['2026-11-21T12:30:00.000Z', '2026-11-22T12:00:00.000Z']) {
        const ends = [];
        for (const second of [1, 50]) {
          vi.setSystemTime(Date.parse('2026-11-21T12:00:00.000Z') + second * 1_000);
          script.say(says(sessionBody()));
          await scripted.start({ ...order, expiresAt }, 'k');
          ends.push(new URLSearchParams(script.heard[0]?.body).get('expires_at'));
        }
        expect(ends[0]).toBe(ends[1]);
      }
    } finally {
      vi.useRealTimers();
    }
  });

  it('repeated later, when Stripe would take another end only, finds the page it has', async () => {
    const first = await started({ expiresAt: inMinutes(20) });
    const again = await started({ expiresAt: inMinutes(40) });
    expect(again).toEqual(first);
    expect(sim.state.sessions.size).toBe(1);
  });

  it('never takes a page of other terms for its own', async () => {
    await started();
    const dearer = gateway.start({ ...order, amount: money(99_900, 'USD') }, 'k1');
    await expect(dearer).rejects.toMatchObject({ name: 'GatewayRejected', code: 'payment_differs' });
  });

  it.each([
    ['after the page was made', true],
    ['before anything was made', false],
  ])('under a stored 500 %s ends in one page, also when the end has moved on', async (_, after) => {
    await tell('faults', { match: 'POST /v1/checkout/sessions$', kind: 'status', status: 500, after, times: 1 });
    await expect(started({ expiresAt: inMinutes(20) })).rejects.toMatchObject(unreachable);
    const { ref } = await started({ expiresAt: inMinutes(40) });
    expect((await started({ expiresAt: inMinutes(40) })).ref).toBe(ref);
    expect(sim.state.sessions.size).toBe(1);
  });

  it('found again without an address leads to where giving up would', async () => {
    const gone = sessionBody({ status: 'expired', url: null });
    script.say(storedFailure, says(listBody(gone)));
    expect(await scripted.start(order, 'k')).toMatchObject({ ref: 'cs_1', url: 'https://shop.example/' });
  });

  it('tells a currency that Stripe does not take from every other refusal', async () => {
    await tell('currencies', { unsupported: ['pkr'] });
    const rupees = await gateway.start({ ...order, amount: money(5_000_000, 'PKR') }, 'k1');
    expect(rupees).toMatchObject({ kind: 'refused', code: 'currency_not_supported' });
    script.say(fails(400, { code: 'parameter_unknown', param: 'line_items[0][currency_options]' }));
    expect(await scripted.start(order, 'k')).toMatchObject({ kind: 'refused', code: 'parameter_unknown' });
    expect(await gateway.start({ ...order, amount: money(10, 'USD') }, 'k2')).toMatchObject({
      kind: 'refused',
      code: 'amount_too_small',
    });
  });

  it('is not possible without a way back', async () => {
    await expect(gateway.start({ ...order, returnUrls: null }, 'k1')).rejects.toThrow(/return/);
    expect(sim.state.sessions.size).toBe(0);
  });
});

describe('looking', () => {
  it('knows the booking before there is an intent', async () => {
    const { ref } = await started();
    expect(await gateway.look(ref)).toMatchObject({
      ref,
      status: 'requires_payment_method',
      wireStatus: 'open',
      bookingId: 'bk_1',
      paymentId: 'pay_1_1',
    });
  });

  it('sees 3-D Secure on the page, failed and passed', async () => {
    const { ref, url } = await started();
    const bank = async () => `${sim.url}${(await pay(url, '4000002760003184')).headers.get('location')}`;
    await submit(await bank(), { outcome: 'fail' });
    const failed = { status: 'requires_payment_method', decline: { code: 'payment_intent_authentication_failure' } };
    expect(await gateway.look(ref)).toMatchObject(failed);
    const asking = await bank();
    expect(await gateway.look(ref)).toMatchObject({ status: 'requires_action', captured: null });
    await submit(asking, { outcome: 'pass' });
    expect(await gateway.look(ref)).toMatchObject({
      status: 'succeeded',
      wireStatus: 'complete',
      captured: order.amount,
    });
  });

  it('calls a page finished whose bank debit failed: it takes no other card', async () => {
    await tell('settings', { processingMs: 40 });
    const { ref, url } = await started();
    await submit(url, { payment_method: 'pm_usBankAccount_insufficientFunds' });
    const failed = await eventually(
      () => gateway.look(ref),
      ({ status }) => status !== 'processing',
    );
    expect(failed).toMatchObject({
      status: 'cancelled',
      captured: null,
      decline: { declineCode: 'insufficient_funds' },
    });
    expect(await gateway.close(ref)).toEqual({ kind: 'closed' });
  });

  it('believes money before the page that has not heard of it yet', async () => {
    const intent = intentBody({ status: 'succeeded', amount_received: 12_100, latest_charge: chargeBody() });
    script.say(says(sessionBody({ payment_intent: intent })));
    expect(await scripted.look('cs_1')).toMatchObject({ ref: 'cs_1', status: 'succeeded', captured: order.amount });
  });

  it('does not give up an open page for an intent that Stripe has cancelled', async () => {
    script.say(says(sessionBody({ payment_intent: intentBody({ status: 'canceled' }) })));
    expect(await scripted.look('cs_1')).toMatchObject({ status: 'requires_payment_method' });
  });
});

describe('closing', () => {
  it('while the bank asks its question ends both', async () => {
    const { ref, url } = await started();
    const bank = `${sim.url}${(await pay(url, '4000002760003184')).headers.get('location')}`;
    expect(await gateway.close(ref)).toEqual({ kind: 'closed' });
    await submit(bank, { outcome: 'pass' });
    expect(await gateway.look(ref)).toMatchObject({ status: 'cancelled', captured: null });
  });

  it('lets a hold go', async () => {
    const { ref, url } = await started({ capture: 'manual' });
    await pay(url);
    expect(await gateway.look(ref)).toMatchObject({ status: 'authorised', captured: null });
    expect(await gateway.close(ref)).toEqual({ kind: 'closed' });
    expect(intentOf(ref)?.status).toBe('canceled');
  });

  it('of a page that Stripe will not close though it is open needs a person', async () => {
    script.say(fails(400, {}), says(sessionBody()));
    await expect(scripted.close('cs_1')).rejects.toMatchObject({ name: 'GatewayRejected' });
  });

  it('is unknown when its answer is lost, and closed when asked again', async () => {
    const { ref } = await started();
    await tell('faults', { match: '/expire$', kind: 'drop_after', times: 2 });
    await expect(gateway.close(ref)).rejects.toMatchObject(unreachable);
    expect(await gateway.close(ref)).toEqual({ kind: 'closed' });
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

  it('of a disputed payment is refused for now', async () => {
    const { ref, url } = await started();
    await pay(url);
    await tell('disputes', { payment_intent: intentOf(ref)?.id });
    expect(await gateway.refund(whole(ref), 'r1')).toMatchObject({ kind: 'failed', code: 'charge_disputed' });
  });

  it('of a page nobody has paid on is not there', async () => {
    const { ref } = await started();
    expect(await gateway.lookRefund(whole(ref))).toEqual({ kind: 'absent' });
  });

  it('that Stripe calls pending succeeds later', async () => {
    await tell('settings', { refundMs: 60 });
    const { ref, url } = await started();
    await pay(url, '4000000000007726');
    expect(await gateway.refund(whole(ref), 'r1')).toMatchObject({ kind: 'pending' });
    await eventually(
      () => gateway.lookRefund(whole(ref)),
      ({ kind }) => kind === 'succeeded',
    );
  });
});
