import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { eventually } from './http.ts';
import { card, startBench } from './stripe-bench.ts';

let bench: Awaited<ReturnType<typeof startBench>>;

beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.stop());

const basic = { amount: 4_675, currency: 'usd', metadata: { booking_id: 'bk_1' } };

describe('a payment intent', () => {
  it('begins without a payment method and is shown again unchanged', async () => {
    const made = await bench.stripe.paymentIntents.create({ ...basic, automatic_payment_methods: { enabled: true } });
    expect(made).toMatchObject({
      object: 'payment_intent',
      amount: 4_675,
      capture_method: 'automatic_async',
      status: 'requires_payment_method',
      metadata: { booking_id: 'bk_1' },
      livemode: false,
    });
    expect(made.id).toMatch(/^pi_/);
    expect(made.client_secret).toContain(`${made.id}_secret_`);
    expect(made.lastResponse.requestId).toMatch(/^req_/);
    expect({ ...(await bench.stripe.paymentIntents.retrieve(made.id)) }).toEqual({ ...made });
  });

  it('waits for confirmation when it has a payment method', async () => {
    const made = await bench.stripe.paymentIntents.create({ ...basic, payment_method: 'pm_card_visa' });
    expect(made.status).toBe('requires_confirmation');
    const paid = await bench.stripe.paymentIntents.confirm(made.id);
    expect(paid).toMatchObject({ status: 'succeeded', amount_received: 4_675, last_payment_error: null });
  });

  it('is paid by a card typed in a browser, and tells first the charge, then the intent, then the fee', async () => {
    const made = await bench.stripe.paymentIntents.create(basic);
    const answer = await bench.browser(`/v1/payment_intents/${made.id}/confirm`, {
      client_secret: made.client_secret ?? '',
      ...card('4242 4242 4242 4242'),
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ id: made.id, status: 'succeeded' });
    await eventually(() =>
      expect(bench.announced()).toEqual([
        'payment_intent.created',
        'charge.succeeded',
        'payment_intent.succeeded',
        'charge.updated',
      ]),
    );
  });

  it('gets its balance transaction only after the success event, with the fee in it', async () => {
    const paid = await bench.stripe.paymentIntents.create({
      ...basic,
      confirm: true,
      payment_method: 'pm_card_visa',
      expand: ['latest_charge.balance_transaction'],
    });
    expect(paid.latest_charge).toMatchObject({ paid: true, balance_transaction: null });
    await eventually(async () => {
      const { data } = await bench.stripe.charges.list({
        payment_intent: paid.id,
        expand: ['data.balance_transaction'],
      });
      expect(data[0]?.balance_transaction).toMatchObject({ amount: 4_675, fee: 166, net: 4_509, type: 'charge' });
    });
  });

  it('has its fee at once with capture_method automatic', async () => {
    const paid = await bench.stripe.paymentIntents.create({
      ...basic,
      capture_method: 'automatic',
      confirm: true,
      payment_method: 'pm_card_visa',
      expand: ['latest_charge.balance_transaction'],
    });
    expect(paid.latest_charge).toMatchObject({ balance_transaction: { net: 4_509 } });
  });

  it('holds money until it is captured, releases what is not, and cannot be captured twice', async () => {
    const held = await bench.stripe.paymentIntents.create({
      ...basic,
      capture_method: 'manual',
      confirm: true,
      payment_method: 'pm_card_visa',
    });
    expect(held).toMatchObject({ status: 'requires_capture', amount_capturable: 4_675, amount_received: 0 });
    const captured = await bench.stripe.paymentIntents.capture(held.id, { amount_to_capture: 4_000 });
    expect(captured).toMatchObject({ status: 'succeeded', amount_capturable: 0, amount_received: 4_000 });
    await expect(bench.stripe.paymentIntents.capture(held.id)).rejects.toMatchObject({
      code: 'payment_intent_unexpected_state',
    });
    await eventually(() =>
      expect(bench.announced()).toEqual([
        'payment_intent.created',
        'charge.succeeded',
        'payment_intent.amount_capturable_updated',
        'charge.captured',
        'payment_intent.succeeded',
        'charge.updated',
      ]),
    );
  });

  it('lets go of a hold that is cancelled or forgotten', async () => {
    const manual = { ...basic, capture_method: 'manual', confirm: true, payment_method: 'pm_card_visa' } as const;
    const given = await bench.stripe.paymentIntents.create(manual);
    expect(await bench.stripe.paymentIntents.cancel(given.id)).toMatchObject({ status: 'canceled' });
    await bench.tell('settings', { holdMs: 10 });
    const forgotten = await bench.stripe.paymentIntents.create(manual);
    await eventually(async () =>
      expect(await bench.stripe.paymentIntents.retrieve(forgotten.id)).toMatchObject({
        status: 'canceled',
        cancellation_reason: 'automatic',
      }),
    );
    await eventually(() => expect(bench.inbox.types()).toContain('charge.expired'));
  });

  it('is cancelled once, and says what it is when it cannot be', async () => {
    const open = await bench.stripe.paymentIntents.create(basic);
    const canceled = await bench.stripe.paymentIntents.cancel(open.id, { cancellation_reason: 'abandoned' });
    expect(canceled).toMatchObject({ status: 'canceled', cancellation_reason: 'abandoned' });
    const paid = await bench.stripe.paymentIntents.create({ ...basic, confirm: true, payment_method: 'pm_card_visa' });
    for (const { id, status } of [canceled, paid]) {
      await expect(bench.stripe.paymentIntents.cancel(id)).rejects.toMatchObject({
        type: 'StripeInvalidRequestError',
        statusCode: 400,
        code: 'payment_intent_unexpected_state',
        payment_intent: { id, status },
      });
      await expect(bench.stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' })).rejects.toMatchObject({
        code: 'payment_intent_unexpected_state',
      });
    }
  });

  it('processes a bank debit before it succeeds or fails', async () => {
    const debit = (method: string) =>
      bench.stripe.paymentIntents.create({ ...basic, confirm: true, payment_method: method });
    const [good, bad] = [await debit('pm_usBankAccount_success'), await debit('pm_usBankAccount_insufficientFunds')];
    expect([good.status, bad.status]).toEqual(['processing', 'processing']);
    await eventually(async () => {
      expect((await bench.stripe.paymentIntents.retrieve(good.id)).status).toBe('succeeded');
      expect((await bench.stripe.paymentIntents.retrieve(bad.id)).status).toBe('requires_payment_method');
    });
    expect(bench.inbox.types().filter((type) => type === 'payment_intent.processing')).toHaveLength(2);
  });

  it('changes its amount and metadata while payable, and only its metadata afterwards', async () => {
    const open = await bench.stripe.paymentIntents.create(basic);
    const changed = await bench.stripe.paymentIntents.update(open.id, {
      amount: 5_000,
      metadata: { booking_id: '', note: 'x' },
    });
    expect(changed).toMatchObject({ amount: 5_000, metadata: { note: 'x' } });
    expect(changed.metadata).not.toHaveProperty('booking_id');
    await bench.stripe.paymentIntents.confirm(open.id, { payment_method: 'pm_card_visa' });
    await expect(bench.stripe.paymentIntents.update(open.id, { amount: 6_000 })).rejects.toMatchObject({
      code: 'payment_intent_unexpected_state',
    });
    expect(await bench.stripe.paymentIntents.update(open.id, { metadata: { late: '1' } })).toMatchObject({
      amount: 5_000,
      metadata: { note: 'x', late: '1' },
    });
  });
});

describe('a decline', () => {
  it.each([
    ['4000000000000002', 'card_declined', 'generic_decline'],
    ['4000000000009995', 'card_declined', 'insufficient_funds'],
    ['4000000000009987', 'card_declined', 'lost_card'],
    ['4000000000009979', 'card_declined', 'stolen_card'],
    ['4000000000006975', 'card_declined', 'card_velocity_exceeded'],
    ['4000000000000069', 'expired_card', undefined],
    ['4000000000000127', 'incorrect_cvc', undefined],
    ['4000000000000119', 'processing_error', undefined],
    ['4100000000000019', 'card_declined', 'fraudulent'],
  ])('of %s is a 402 with %s and leaves the intent payable', async (number, code, declineCode) => {
    const made = await bench.stripe.paymentIntents.create(basic);
    const pay = (with_: string) =>
      bench.browser(`/v1/payment_intents/${made.id}/confirm`, {
        client_secret: made.client_secret ?? '',
        ...card(with_),
      });
    const { status, body } = await pay(number);
    expect(status).toBe(402);
    expect(body['error']).toMatchObject({
      type: 'card_error',
      code,
      payment_intent: { id: made.id, status: 'requires_payment_method', last_payment_error: { code } },
    });
    expect((body['error'] as Record<string, unknown>)['decline_code']).toBe(declineCode);
    expect((await pay('5555555555554444')).body).toMatchObject({ status: 'succeeded', last_payment_error: null });
    await eventually(() =>
      expect(bench.inbox.types()).toEqual(
        expect.arrayContaining(['charge.failed', 'payment_intent.payment_failed', 'payment_intent.succeeded']),
      ),
    );
  });

  it('reaches the server as a card error with the intent in it', async () => {
    const declined = bench.stripe.paymentIntents.create({
      ...basic,
      confirm: true,
      payment_method: 'pm_card_visa_chargeDeclinedInsufficientFunds',
    });
    await expect(declined).rejects.toMatchObject({
      type: 'StripeCardError',
      statusCode: 402,
      decline_code: 'insufficient_funds',
      payment_intent: { status: 'requires_payment_method', metadata: { booking_id: 'bk_1' } },
    });
  });

  it('of a mistyped number happens before anything is tried', async () => {
    const made = await bench.stripe.paymentIntents.create(basic);
    const { status, body } = await bench.browser(`/v1/payment_intents/${made.id}/confirm`, {
      client_secret: made.client_secret ?? '',
      ...card('4242424242424241'),
    });
    expect(status).toBe(402);
    expect(body['error']).toMatchObject({ code: 'incorrect_number' });
    expect((await bench.stripe.paymentIntents.retrieve(made.id)).last_payment_error).toBeNull();
  });

  it('too often ends the intent', async () => {
    await bench.tell('settings', { maxFailedAttempts: 2 });
    const made = await bench.stripe.paymentIntents.create(basic);
    const decline = () => bench.stripe.paymentIntents.confirm(made.id, { payment_method: 'pm_card_chargeDeclined' });
    await expect(decline()).rejects.toMatchObject({ statusCode: 402 });
    await expect(decline()).rejects.toMatchObject({ statusCode: 402 });
    expect(await bench.stripe.paymentIntents.retrieve(made.id)).toMatchObject({ status: 'canceled' });
  });
});

describe('a request that Stripe would refuse', () => {
  it.each([
    [{ amount: 49, currency: 'usd' }, 'amount_too_small', 'amount'],
    [{ amount: 13_999, currency: 'pkr' }, 'amount_too_small', 'amount'],
    [{ amount: 49, currency: 'jpy' }, 'amount_too_small', 'amount'],
    [{ amount: 1_001, currency: 'kwd' }, undefined, 'amount'],
    [{ amount: 1_050, currency: 'isk' }, undefined, 'amount'],
    [{ amount: 100_000_000, currency: 'usd' }, 'amount_too_large', 'amount'],
    [{ amount: 10.5, currency: 'usd' }, 'parameter_invalid_integer', 'amount'],
    [{ amount: 1_000, currency: 'xxx' }, undefined, 'currency'],
    [{ currency: 'usd' }, 'parameter_missing', 'amount'],
    [{ amount: 1_000, currency: 'usd', colour: 'red' }, 'parameter_unknown', 'colour'],
    [{ amount: 1_000, currency: 'usd', payment_method: 'pm_none' }, 'resource_missing', 'payment_method'],
  ])('%j is a 400 with code %s on %s', async (params, code, param) => {
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries(params)) form.set(name, String(value));
    const response = await fetch(`${bench.sim.url}/v1/payment_intents`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk_test_bench' },
      body: form,
    });
    const { error } = (await response.json()) as { error: { code?: string } };
    expect(response.status).toBe(400);
    expect(error).toMatchObject({ type: 'invalid_request_error', param });
    expect(error.code).toBe(code);
    expect(bench.sim.state.intents.size).toBe(0);
  });

  it('names a currency that was switched off', async () => {
    await bench.tell('currencies', { unsupported: ['PKR'] });
    await expect(bench.stripe.paymentIntents.create({ amount: 50_000, currency: 'pkr' })).rejects.toMatchObject({
      param: 'currency',
    });
    expect(await bench.stripe.paymentIntents.create({ amount: 50_000, currency: 'usd' })).toBeDefined();
  });

  it('answers 404 for what is not there and 401 without a key', async () => {
    await expect(bench.stripe.paymentIntents.retrieve('pi_none')).rejects.toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
      param: 'intent',
      message: "No such payment_intent: 'pi_none'",
    });
    const bare = await fetch(`${bench.sim.url}/v1/payment_intents`);
    expect(bare.status).toBe(401);
    expect(await bare.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
    const live = await fetch(`${bench.sim.url}/v1/payment_intents`, { headers: { authorization: 'Bearer sk_live_x' } });
    expect(live.status).toBe(401);
  });

  it('survives bodies that are no form at all', async () => {
    const send = (path: string, body: string, type: string) =>
      fetch(`${bench.sim.url}${path}`, {
        method: 'POST',
        headers: { authorization: 'Bearer sk_test_bench', 'content-type': type },
        body,
      });
    const deep = `a${'[b]'.repeat(50)}=1`;
    for (const [body, type] of [
      ['{"amount":1', 'application/json'],
      [deep, 'application/x-www-form-urlencoded'],
      ['__proto__[x]=1&amount[0]=5', 'application/x-www-form-urlencoded'],
      ['%%%&&&===', 'text/plain'],
    ] as const) {
      const response = await send('/v1/payment_intents', body, type);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
    }
    const unknown = await send('/v1/nothing', 'a=1', 'text/plain');
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({
      error: { message: expect.stringContaining('Unrecognized request URL') },
    });
  });
});

describe('a publishable key', () => {
  it('sees and confirms an intent only with its secret, and never its metadata', async () => {
    const made = await bench.stripe.paymentIntents.create(basic);
    const url = `${bench.sim.url}/v1/payment_intents/${made.id}`;
    const seen = await (await fetch(`${url}?key=pk_test_bench&client_secret=${made.client_secret}`)).json();
    expect(seen).toMatchObject({ id: made.id, status: 'requires_payment_method' });
    expect(seen).not.toHaveProperty('metadata');
    expect((await fetch(`${url}?key=pk_test_bench&client_secret=pi_wrong`)).status).toBe(400);
    expect((await fetch(`${url}?key=pk_test_bench`)).status).toBe(400);
    expect((await bench.browser('/v1/payment_intents', { amount: '1000', currency: 'usd' })).status).toBe(401);
    const declined = await bench.browser(`/v1/payment_intents/${made.id}/confirm`, {
      client_secret: made.client_secret ?? '',
      ...card('4000000000000002'),
    });
    expect(JSON.stringify(declined.body)).not.toContain('bk_1');
  });

  it('may be used from a page of another origin', async () => {
    const preflight = await fetch(`${bench.sim.url}/v1/payment_intents/pi_x/confirm`, { method: 'OPTIONS' });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    const answer = await bench.browser('/v1/payment_intents/pi_x/confirm', {});
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  });

  it('is needed for card numbers: a secret key must not carry them', async () => {
    const made = await bench.stripe.paymentIntents.create(basic);
    const answer = await bench.browser(`/v1/payment_intents/${made.id}/confirm`, {
      ...card('4242424242424242'),
      key: 'sk_test_bench',
    });
    expect(answer.status).toBe(400);
  });
});

describe('a list', () => {
  it('is newest first, pages by id, and filters by time', async () => {
    const ids: string[] = [];
    for (let made = 0; made < 5; made += 1) ids.unshift((await bench.stripe.paymentIntents.create(basic)).id);
    const first = await bench.stripe.paymentIntents.list({ limit: 2 });
    expect(first).toMatchObject({ object: 'list', has_more: true, url: '/v1/payment_intents' });
    const next = await bench.stripe.paymentIntents.list({ limit: 3, starting_after: first.data[1]?.id ?? '' });
    expect([...first.data, ...next.data].map(({ id }) => id)).toEqual(ids);
    expect(next.has_more).toBe(false);
    const back = await bench.stripe.paymentIntents.list({ limit: 1, ending_before: ids[2] ?? '' });
    expect(back.data.map(({ id }) => id)).toEqual([ids[1]]);
    const now = Math.floor(Date.now() / 1000);
    expect((await bench.stripe.paymentIntents.list({ created: { gte: now + 60 } })).data).toEqual([]);
    expect((await bench.stripe.paymentIntents.list({ created: { gte: now - 60, lte: now + 60 } })).data).toHaveLength(
      5,
    );
    const all: string[] = [];
    for await (const { id } of bench.stripe.paymentIntents.list({ limit: 2 })) all.push(id);
    expect(all).toEqual(ids);
  });

  it('refuses a limit out of range and an unknown cursor', async () => {
    await expect(bench.stripe.paymentIntents.list({ limit: 101 })).rejects.toMatchObject({ statusCode: 400 });
    await expect(bench.stripe.paymentIntents.list({ starting_after: 'pi_none' })).rejects.toMatchObject({
      code: 'resource_missing',
    });
  });
});
