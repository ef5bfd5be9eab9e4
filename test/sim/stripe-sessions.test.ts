import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { eventually, post } from './http.ts';
import { client, startBench } from './stripe-bench.ts';

let bench: Awaited<ReturnType<typeof startBench>>;

beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.stop());

const MINUTE = 60;
const inMinutes = (minutes: number) => Math.floor(Date.now() / 1000) + minutes * MINUTE;
const SUCCESS = 'http://shop.example/paid?session_id={CHECKOUT_SESSION_ID}&b=1';
const CANCEL = 'http://shop.example/cart';

type Create = Parameters<typeof bench.stripe.checkout.sessions.create>[0];

const terms = (more: Create = {}): Create => ({
  mode: 'payment',
  line_items: [
    { quantity: 2, price_data: { currency: 'usd', unit_amount: 1_500, product_data: { name: 'Twin room' } } },
    { quantity: 1, price_data: { currency: 'usd', unit_amount: 400, product_data: { name: 'Breakfast' } } },
  ],
  success_url: SUCCESS,
  cancel_url: CANCEL,
  metadata: { booking_id: 'bk_1' },
  payment_intent_data: { capture_method: 'automatic', metadata: { booking_id: 'bk_1', payment_id: 'pay_1' } },
  ...more,
});
const open = (more: Create = {}) => bench.stripe.checkout.sessions.create(terms(more));
const retrieve = (id: string) => bench.stripe.checkout.sessions.retrieve(id);

function intentIdOf({ payment_intent: intent }: Awaited<ReturnType<typeof retrieve>>): string {
  if (typeof intent !== 'string') throw new Error('an unexpanded intent was expected');
  return intent;
}

const fields = { exp_month: '12', exp_year: '40', cvc: '123', email: 'ann@example.org' };
const pay = (url: string | null, number: string) => submit(url, { number, ...fields });
function submit(url: string | null, form: Record<string, string>) {
  return fetch(url ?? '', { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
}

describe('a session', () => {
  it('opens with the sum of its lines, a page, no intent, and a day to pay', async () => {
    const session = await open();
    expect(session).toMatchObject({
      id: expect.stringMatching(/^cs_test_/),
      object: 'checkout.session',
      status: 'open',
      payment_status: 'unpaid',
      amount_total: 3_400,
      currency: 'usd',
      payment_intent: null,
      metadata: { booking_id: 'bk_1' },
      url: `${bench.sim.url}/c/pay/${session.id}`,
    });
    expect(session.expires_at - session.created).toBe(24 * 60 * MINUTE);
    const lines = await bench.stripe.checkout.sessions.listLineItems(session.id);
    expect(lines.data.map(({ description, amount_total }) => [description, amount_total])).toEqual([
      ['Twin room', 3_000],
      ['Breakfast', 400],
    ]);
  });

  it.each<[string, Create, object]>([
    ['an end too near', { expires_at: inMinutes(29) }, { param: 'expires_at' }],
    ['an end too far', { expires_at: inMinutes(24 * 60 + 2) }, { param: 'expires_at' }],
    ['no lines', { line_items: [] }, { code: 'parameter_missing', param: 'line_items' }],
    ['nowhere to go', { success_url: 'shop' }, { code: 'url_invalid', param: 'success_url' }],
    ['another mode', { mode: 'subscription' }, { param: 'mode' }],
  ])('is refused with %s', async (_, more, error) => {
    await expect(open(more)).rejects.toMatchObject({ statusCode: 400, ...error });
    expect(bench.sim.state.sessions.size).toBe(0);
  });

  const line = (currency: string, unit_amount: number): Create => ({
    line_items: [{ quantity: 1, price_data: { currency, unit_amount, product_data: { name: 'x' } } }],
  });

  it('is refused under the minimum, and in a currency that is switched off', async () => {
    await expect(open(line('usd', 49))).rejects.toMatchObject({ code: 'amount_too_small' });
    expect(await open(line('pkr', 50_000))).toMatchObject({ currency: 'pkr' });
    await bench.tell('currencies', { unsupported: ['pkr'] });
    const refused = { statusCode: 400, param: 'line_items[0][price_data][currency]' };
    await expect(open(line('pkr', 50_000))).rejects.toMatchObject(refused);
  });

  it('is made once per key, and other terms under the key are refused', async () => {
    const key = { idempotencyKey: 'pay_1' };
    const first = await bench.stripe.checkout.sessions.create(terms(), key);
    expect((await bench.stripe.checkout.sessions.create(terms(), key)).id).toBe(first.id);
    const other = bench.stripe.checkout.sessions.create(terms({ cancel_url: 'http://other.example/' }), key);
    await expect(other).rejects.toMatchObject({ type: 'StripeIdempotencyError' });
    expect(bench.sim.state.sessions.size).toBe(1);
  });

  it('whose answer was cut is found again by its key', async () => {
    await bench.tell('faults', { match: 'POST /v1/checkout/sessions$', kind: 'drop_after', times: 1 });
    const patient = client(bench.sim.port, { maxNetworkRetries: 1 });
    const session = await patient.checkout.sessions.create(terms(), { idempotencyKey: 'pay_1' });
    expect(bench.sim.state.sessions.values().map(({ id }) => id)).toEqual([session.id]);
  });

  it('is listed newest first, by status and by intent', async () => {
    const [first, second] = [await open(), await open()];
    await pay(first.url, '4242424242424242');
    const ids = async (filter: object) =>
      (await bench.stripe.checkout.sessions.list(filter)).data.map((session) => session.id);
    expect(await ids({})).toEqual([second.id, first.id]);
    expect(await ids({ status: 'open' })).toEqual([second.id]);
    const { payment_intent: intent } = await retrieve(first.id);
    expect(await ids({ payment_intent: intent })).toEqual([first.id]);
  });
});

describe('the hosted page', () => {
  it('shows what is bought and takes a card, and the customer lands at the shop', async () => {
    const session = await open();
    const page = await (await fetch(session.url ?? '')).text();
    for (const text of ['$34.00', 'Twin room × 2', 'name="number"', CANCEL]) expect(page).toContain(text);
    const back = await pay(session.url, '4242 4242 4242 4242');
    expect(back.status).toBe(303);
    expect(back.headers.get('location')).toBe(`http://shop.example/paid?session_id=${session.id}&b=1`);
    const paid = await bench.stripe.checkout.sessions.retrieve(session.id, {
      expand: ['payment_intent.latest_charge'],
    });
    expect(paid).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      url: null,
      customer_details: { email: 'ann@example.org' },
      payment_intent: {
        status: 'succeeded',
        amount: 3_400,
        metadata: { booking_id: 'bk_1', payment_id: 'pay_1' },
        latest_charge: { paid: true, metadata: { booking_id: 'bk_1', payment_id: 'pay_1' } },
      },
    });
    expect(bench.announced()).toEqual([
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
      'checkout.session.completed',
    ]);
    await eventually(() => expect(bench.inbox.types()).toContain('checkout.session.completed'));
  });

  it('charges once however often the form is sent', async () => {
    const session = await open();
    const answers = await Promise.all(Array.from({ length: 5 }, () => pay(session.url, '4242424242424242')));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 410, 410, 410, 410]);
    expect((await bench.stripe.charges.list()).data).toHaveLength(1);
  });

  it('stays open after a decline and uses the same intent again', async () => {
    const session = await open();
    const declined = await pay(session.url, '4000000000009995');
    expect(declined.status).toBe(402);
    expect(await declined.text()).toContain('insufficient funds');
    const open1 = await retrieve(session.id);
    expect(open1).toMatchObject({
      status: 'open',
      payment_status: 'unpaid',
      payment_intent: expect.stringMatching(/^pi_/),
    });
    expect((await pay(session.url, '4242424242424242')).status).toBe(303);
    expect(await retrieve(session.id)).toMatchObject({ status: 'complete', payment_intent: open1.payment_intent });
    expect(bench.sim.state.intents.size).toBe(1);
    expect(bench.announced().filter((type) => type === 'payment_intent.payment_failed')).toHaveLength(1);
  });

  it('takes a wrong card number for a typing mistake', async () => {
    const session = await open();
    const answer = await pay(session.url, '4242424242424241');
    expect(answer.status).toBe(402);
    expect(await answer.text()).toContain('card number is incorrect');
    expect((await retrieve(session.id)).status).toBe('open');
  });

  it('leads over the bank to the shop when the customer passes, and back to the page when he fails', async () => {
    const session = await open();
    const toBank = await pay(session.url, '4000002760003184');
    const bank = `${bench.sim.url}${toBank.headers.get('location')}`;
    expect(bank).toContain('/3ds/pi_');
    expect((await submit(bank, { outcome: 'fail' })).headers.get('location')).toBe(`/c/pay/${session.id}`);
    expect((await retrieve(session.id)).status).toBe('open');
    await pay(session.url, '4000002760003184');
    const back = await submit(bank, { outcome: 'pass' });
    expect(back.headers.get('location')).toBe(`http://shop.example/paid?session_id=${session.id}&b=1`);
    expect(await retrieve(session.id)).toMatchObject({ status: 'complete', payment_status: 'paid' });
  });

  it.each([
    ['pm_usBankAccount_success', 'checkout.session.async_payment_succeeded', 'paid'],
    ['pm_usBankAccount_insufficientFunds', 'checkout.session.async_payment_failed', 'unpaid'],
  ])('is complete before a bank debit is paid: %s', async (payment_method, type, paymentStatus) => {
    const session = await open();
    expect((await submit(session.url, { payment_method })).status).toBe(303);
    await eventually(() => expect(bench.inbox.types()).toContain(type));
    // As it was when it was announced: by now the bank may have answered.
    const completed = bench.sim.state.events.values().find((event) => event.type === 'checkout.session.completed');
    expect(completed?.data.object).toMatchObject({ status: 'complete', payment_status: 'unpaid' });
    expect(await retrieve(session.id)).toMatchObject({ status: 'complete', payment_status: paymentStatus });
    expect(bench.announced().filter((word) => word === 'checkout.session.completed')).toHaveLength(1);
  });

  it('is paid, not complete twice, when its hold is captured', async () => {
    const session = await open({ payment_intent_data: { capture_method: 'manual' } });
    await pay(session.url, '4242424242424242');
    const held = await retrieve(session.id);
    expect(held).toMatchObject({ status: 'complete', payment_status: 'unpaid' });
    await bench.stripe.paymentIntents.capture(intentIdOf(held));
    expect(await retrieve(session.id)).toMatchObject({ payment_status: 'paid' });
    expect(bench.announced().filter((type) => type.startsWith('checkout'))).toEqual(['checkout.session.completed']);
  });

  it('does not know a page that never was', async () => {
    expect((await fetch(`${bench.sim.url}/c/pay/cs_none`)).status).toBe(404);
    expect((await pay(`${bench.sim.url}/c/pay/cs_none`, '4242424242424242')).status).toBe(404);
  });
});

describe('the end of a session', () => {
  it('by us takes its page and its declined intent along, once', async () => {
    const session = await open();
    await pay(session.url, '4000000000009995');
    const expired = await bench.stripe.checkout.sessions.expire(session.id);
    expect(expired).toMatchObject({ status: 'expired', payment_status: 'unpaid', url: null });
    expect((await bench.stripe.paymentIntents.retrieve(intentIdOf(expired))).status).toBe('canceled');
    expect((await fetch(session.url ?? '')).status).toBe(410);
    expect((await pay(session.url, '4242424242424242')).status).toBe(410);
    await expect(bench.stripe.checkout.sessions.expire(session.id)).rejects.toMatchObject({ statusCode: 400 });
    expect(bench.announced().filter((type) => type === 'checkout.session.expired')).toHaveLength(1);
  });

  it('comes by itself in time, but not to a paid one', async () => {
    await bench.tell('settings', { minSessionMs: 0 });
    const taken = await open({ expires_at: inMinutes(0) + 2 });
    await pay(taken.url, '4242424242424242');
    // When this one has ended, the time of the other is over as well.
    const left = await open({ expires_at: inMinutes(0) + 2 });
    await eventually(async () => expect((await retrieve(left.id)).status).toBe('expired'));
    await eventually(() => expect(bench.inbox.types()).toContain('checkout.session.expired'));
    expect((await retrieve(taken.id)).status).toBe('complete');
  });

  it('is refused for a paid one', async () => {
    const session = await open();
    await pay(session.url, '4242424242424242');
    await expect(bench.stripe.checkout.sessions.expire(session.id)).rejects.toMatchObject({
      statusCode: 400,
      type: 'StripeInvalidRequestError',
    });
    expect((await retrieve(session.id)).status).toBe('complete');
  });
});

it('keeps the intent of a session out of other hands', async () => {
  const session = await open();
  await pay(session.url, '4000000000009995');
  const id = intentIdOf(await retrieve(session.id));
  const { paymentIntents } = bench.stripe;
  await expect(paymentIntents.cancel(id)).rejects.toMatchObject({ statusCode: 400 });
  await expect(paymentIntents.confirm(id, { payment_method: 'pm_card_visa' })).rejects.toMatchObject({
    statusCode: 400,
  });
  expect((await paymentIntents.retrieve(id)).status).toBe('requires_payment_method');
});

it('shows sessions on its inspection page and in its state', async () => {
  const { id } = await open();
  expect(await (await fetch(`${bench.sim.url}/_sim`)).text()).toContain(`/c/pay/${id}`);
  const state = await (await fetch(`${bench.sim.url}/_sim/state?only=checkout_sessions`)).text();
  expect(state).toContain(id);
  await post(`${bench.sim.url}/_sim/reset`, {});
  expect(bench.sim.state.sessions.size).toBe(0);
});
