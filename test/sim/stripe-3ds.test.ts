import { afterEach, beforeEach, expect, it } from 'vitest';

import { eventually } from './http.ts';
import { card, startBench } from './stripe-bench.ts';

let bench: Awaited<ReturnType<typeof startBench>>;
const RETURN_URL = 'http://shop.example/thankyou?booking=bk_1';

beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.stop());

async function challenged(number = '4000002760003184', more: Record<string, string> = { return_url: RETURN_URL }) {
  const made = await bench.stripe.paymentIntents.create({ amount: 2_000, currency: 'usd' });
  const { body } = await bench.browser(`/v1/payment_intents/${made.id}/confirm`, {
    client_secret: made.client_secret ?? '',
    ...card(number, more),
  });
  return { made, body };
}

function answer(id: string, outcome: string) {
  return fetch(`${bench.sim.url}/3ds/${id}`, {
    method: 'POST',
    body: new URLSearchParams({ outcome }),
    redirect: 'manual',
  });
}

it('sends the customer to the bank and back with three parameters when he passes', async () => {
  const { made, body } = await challenged();
  expect(body).toMatchObject({
    status: 'requires_action',
    next_action: { type: 'redirect_to_url', redirect_to_url: { url: `${bench.sim.url}/3ds/${made.id}` } },
  });
  const page = await (await fetch(`${bench.sim.url}/3ds/${made.id}`)).text();
  expect(page).toContain('value="pass"');
  const back = await answer(made.id, 'pass');
  expect(back.status).toBe(303);
  const url = new URL(back.headers.get('location') ?? '');
  expect(url.searchParams.get('booking')).toBe('bk_1');
  expect(url.searchParams.get('payment_intent')).toBe(made.id);
  expect(url.searchParams.get('payment_intent_client_secret')).toBe(made.client_secret);
  expect(url.searchParams.get('redirect_status')).toBe('succeeded');
  expect(await bench.stripe.paymentIntents.retrieve(made.id)).toMatchObject({ status: 'succeeded', next_action: null });
  await eventually(() =>
    expect(bench.inbox.types()).toEqual(
      expect.arrayContaining(['payment_intent.requires_action', 'payment_intent.succeeded']),
    ),
  );
});

it('leaves the intent payable when he fails, and takes another card', async () => {
  const { made } = await challenged();
  const back = await answer(made.id, 'fail');
  expect(back.headers.get('location')).toContain('redirect_status=failed');
  expect(await bench.stripe.paymentIntents.retrieve(made.id)).toMatchObject({
    status: 'requires_payment_method',
    last_payment_error: { code: 'payment_intent_authentication_failure' },
  });
  await eventually(() => expect(bench.inbox.types()).toContain('payment_intent.payment_failed'));
  const paid = await bench.stripe.paymentIntents.confirm(made.id, { payment_method: 'pm_card_visa' });
  expect(paid.status).toBe('succeeded');
});

it('charges once however often the page is answered', async () => {
  const { made } = await challenged();
  await Promise.all([answer(made.id, 'pass'), answer(made.id, 'pass'), answer(made.id, 'fail')]);
  const { data } = await bench.stripe.charges.list({ payment_intent: made.id });
  expect(data.map(({ paid }) => paid)).toEqual([true]);
});

it('declines after the challenge with the card that does', async () => {
  const { made } = await challenged('4000008400001629');
  expect((await answer(made.id, 'pass')).headers.get('location')).toContain('redirect_status=failed');
  expect(await bench.stripe.paymentIntents.retrieve(made.id)).toMatchObject({
    status: 'requires_payment_method',
    last_payment_error: { code: 'card_declined' },
  });
});

it('hands the page to a script that asked for it', async () => {
  const { made, body } = await challenged('4000000000003220', { use_stripe_sdk: 'true', return_url: RETURN_URL });
  expect(body['next_action']).toMatchObject({
    type: 'use_stripe_sdk',
    use_stripe_sdk: { stripe_js: `${bench.sim.url}/3ds/${made.id}` },
  });
});

it('declines an absent customer instead of asking him', async () => {
  const absent = bench.stripe.paymentIntents.create({
    amount: 2_000,
    currency: 'usd',
    confirm: true,
    off_session: true,
    payment_method: 'pm_card_authenticationRequired',
  });
  await expect(absent).rejects.toMatchObject({ statusCode: 402, code: 'authentication_required' });
});

it('can be cancelled while the bank waits, and a late answer changes nothing', async () => {
  const { made } = await challenged();
  await bench.stripe.paymentIntents.cancel(made.id);
  await answer(made.id, 'pass');
  expect((await bench.stripe.paymentIntents.retrieve(made.id)).status).toBe('canceled');
});

it('offers a plain card form that pays, declines kindly and goes on to the bank', async () => {
  const made = await bench.stripe.paymentIntents.create({ amount: 2_000, currency: 'usd' });
  const url = `${bench.sim.url}/card/${made.id}?client_secret=${made.client_secret}`;
  expect(await (await fetch(url)).text()).toContain('name="number"');
  expect((await fetch(`${bench.sim.url}/card/${made.id}?client_secret=wrong`)).status).toBe(404);
  const submit = (number: string) =>
    fetch(url, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ number, exp_month: '12', exp_year: '40', cvc: '123', email: 'a@b.c' }),
    });
  const declined = await submit('4000000000009995');
  expect(declined.status).toBe(402);
  expect(await declined.text()).toContain('insufficient funds');
  expect((await submit('4000002760003184')).headers.get('location')).toBe(`/3ds/${made.id}`);
  const paid = await submit('4242424242424242');
  expect(await paid.text()).toContain('succeeded');
});

it('says no to a challenge it does not know and to an answer it does not understand', async () => {
  expect((await fetch(`${bench.sim.url}/3ds/pi_none`)).status).toBe(404);
  const { made } = await challenged();
  expect((await answer(made.id, 'perhaps')).status).toBe(400);
});
