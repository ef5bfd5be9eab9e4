import { afterEach, beforeEach, expect, it } from 'vitest';

import { eventually } from './http.ts';
import { client, startBench } from './stripe-bench.ts';

let bench: Awaited<ReturnType<typeof startBench>>;

beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.stop());

const basic = { amount: 1_000, currency: 'usd' };
const create = (key: string, params: Parameters<typeof bench.stripe.paymentIntents.create>[0] = basic) =>
  bench.stripe.paymentIntents.create(params, { idempotencyKey: key });

it('gives the first answer again for the same key and parameters', async () => {
  const first = await create('key');
  const second = await create('key');
  expect(second.id).toBe(first.id);
  expect(first.lastResponse.headers['idempotent-replayed']).toBeUndefined();
  expect(second.lastResponse.headers['idempotent-replayed']).toBe('true');
  expect(bench.sim.state.intents.size).toBe(1);
});

it('does not care about the order of parameters, but about their values and the endpoint', async () => {
  await create('key', { amount: 1_000, currency: 'usd', metadata: { a: '1', b: '2' } });
  await create('key', { metadata: { b: '2', a: '1' }, currency: 'usd', amount: 1_000 });
  expect(bench.sim.state.intents.size).toBe(1);
  await expect(create('key', { ...basic, amount: 2_000 })).rejects.toMatchObject({
    type: 'StripeIdempotencyError',
    statusCode: 400,
  });
  await expect(
    bench.stripe.refunds.create({ payment_intent: 'pi_x' }, { idempotencyKey: 'key' }),
  ).rejects.toMatchObject({ type: 'StripeIdempotencyError' });
});

it('repeats a decline for ever: a new attempt needs a new key', async () => {
  const made = await bench.stripe.paymentIntents.create(basic);
  const confirm = (key: string, method: string) =>
    bench.stripe.paymentIntents.confirm(made.id, { payment_method: method }, { idempotencyKey: key });
  await expect(confirm('c1', 'pm_card_chargeDeclined')).rejects.toMatchObject({ statusCode: 402 });
  await expect(confirm('c1', 'pm_card_chargeDeclined')).rejects.toMatchObject({ statusCode: 402 });
  expect(bench.sim.state.charges.size).toBe(1);
  expect((await confirm('c2', 'pm_card_visa')).status).toBe('succeeded');
});

it('keeps nothing of a request that failed validation', async () => {
  await expect(create('key', { amount: 1, currency: 'usd' })).rejects.toMatchObject({ code: 'amount_too_small' });
  expect((await create('key')).status).toBe('requires_payment_method');
});

it('keeps the answer of a state conflict', async () => {
  const made = await bench.stripe.paymentIntents.create({ ...basic, confirm: true, payment_method: 'pm_card_visa' });
  const cancel = () => bench.stripe.paymentIntents.cancel(made.id, {}, { idempotencyKey: 'cancel' });
  await expect(cancel()).rejects.toMatchObject({ code: 'payment_intent_unexpected_state' });
  await expect(cancel()).rejects.toMatchObject({ headers: { 'idempotent-replayed': 'true' } });
});

it('answers 409 while the first request is running', async () => {
  await bench.tell('faults', { match: 'POST /v1/payment_intents$', kind: 'delay', ms: 2_000, times: 1 });
  const first = create('key');
  await eventually(() => expect(bench.sim.state.running.size).toBe(1));
  await expect(create('key')).rejects.toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
  const { id } = await first;
  expect((await create('key')).id).toBe(id);
});

it('keeps a 500 for ever, and has done the work when the fault says so', async () => {
  await bench.tell('faults', { match: 'payment_intents', kind: 'status', status: 500, after: true, times: 1 });
  await expect(create('key')).rejects.toMatchObject({ type: 'StripeAPIError', statusCode: 500 });
  await expect(create('key')).rejects.toMatchObject({ statusCode: 500, headers: { 'idempotent-replayed': 'true' } });
  expect((await bench.stripe.paymentIntents.list()).data).toHaveLength(1);
});

it('keeps nothing of a failure on the way', async () => {
  await bench.tell('faults', { match: 'payment_intents', kind: 'status', status: 503, times: 1 });
  await expect(create('key')).rejects.toMatchObject({ statusCode: 503 });
  expect((await create('key')).status).toBe('requires_payment_method');
});

it('has one effect when the answer is lost and the client repeats by itself', async () => {
  const stubborn = client(bench.sim.port, { maxNetworkRetries: 2 });
  await bench.tell('faults', { match: 'payment_intents', kind: 'drop_after', times: 1 });
  const made = await stubborn.paymentIntents.create(basic);
  expect(bench.sim.state.intents.size).toBe(1);
  expect(made.lastResponse.headers['idempotent-replayed']).toBe('true');
});

it('has no effect when the request was lost', async () => {
  await bench.tell('faults', { match: 'payment_intents', kind: 'drop_before', times: 2 });
  await expect(create('key')).rejects.toMatchObject({ type: 'StripeConnectionError' });
  expect(bench.sim.state.intents.size).toBe(0);
  expect((await create('key')).status).toBe('requires_payment_method');
});

it('refuses a key over 255 characters', async () => {
  await expect(create('k'.repeat(256))).rejects.toMatchObject({ statusCode: 400 });
});

it('has one effect for one hundred at once', async () => {
  const all = await Promise.allSettled(Array.from({ length: 100 }, () => create('key')));
  const ids = new Set(all.flatMap((result) => (result.status === 'fulfilled' ? [result.value.id] : [])));
  expect(ids.size).toBe(1);
  expect(bench.sim.state.intents.size).toBe(1);
});
