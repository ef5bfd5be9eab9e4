import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { startBench, typesOf } from './chip-bench.ts';
import { eventually } from './http.ts';

let bench: Awaited<ReturnType<typeof startBench>>;

beforeAll(async () => {
  bench = await startBench();
});
beforeEach(() => bench.reset());
afterAll(() => bench.stop());

const refund = (id: string, amount?: number) =>
  bench.call('POST', `/purchases/${id}/refund/`, amount ? { amount } : {});
const told = (id: string, type: string) => eventually(() => expect(typesOf(bench.inbox.webhooks(id))).toContain(type));
const named = (full_name: string) => bench.paid({ client: { full_name } });

describe('a refund', () => {
  it('answers with the payment that went out, and leaves the rest to be refunded', async () => {
    const { id } = await bench.paid();
    const { status, body } = await refund(id, 4_000);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      type: 'payment',
      status: 'success',
      payment: { is_outgoing: true, payment_type: 'refund', amount: 4_000, currency: 'MYR' },
      related_to: { type: 'purchase', id, reference: 'cart-1' },
    });
    expect(await bench.read(id)).toMatchObject({
      status: 'refunded',
      refundable_amount: 6_000,
      payment: { amount: 10_000 },
      transaction_data: { attempts: [{ type: 'refund', successful: true }, { type: 'execute' }] },
    });
    await told(id, 'payment.refunded');
    expect((await refund(id)).body).toMatchObject({ payment: { amount: 6_000 } });
    expect((await refund(id)).body).toMatchObject({ __all__: [{ code: 'purchase_refund_not_possible' }] });
  });

  it('twice gives back twice: nothing is idempotent here', async () => {
    const { id } = await bench.paid();
    await refund(id, 1_000);
    await refund(id, 1_000);
    expect(await bench.read(id)).toMatchObject({ refundable_amount: 8_000 });
  });

  it.each([
    ['more than was paid', 10_001, { amount: [{ code: 'max_value' }] }],
    ['less than nothing', -1, { amount: [{ code: 'min_value' }] }],
  ])('of %s is refused', async (_, amount, problem) => {
    const { id } = await bench.paid();
    expect((await refund(id, amount)).body).toMatchObject(problem);
    expect(await bench.read(id)).toMatchObject({ status: 'paid', refundable_amount: 10_000 });
  });

  it('of what nobody paid is refused', async () => {
    const { id } = await bench.made();
    expect((await refund(id)).body).toMatchObject({ __all__: [{ code: 'purchase_refund_wrong_status' }] });
  });

  it.each([
    ['razer_atome', 'full_only', 400],
    ['crypto_coin', 'none', 400],
    ['visa', 'all', 200],
  ])('of a part of what came by %s depends: %s', async (payment_method, refund_availability, status) => {
    const { id, ...purchase } = await bench.paid({}, { payment_method });
    expect(purchase).toMatchObject({ refund_availability });
    expect((await refund(id, 1_000)).status).toBe(status);
  });

  it('that takes its time is answered as the purchase, and ends by itself', async () => {
    const { id } = await named('Tan refund-slow');
    expect((await refund(id, 4_000)).body).toMatchObject({
      type: 'purchase',
      status: 'pending_refund',
      refundable_amount: 10_000,
    });
    expect((await refund(id, 4_000)).body).toMatchObject({ __all__: [{ code: 'purchase_refund_wrong_status' }] });
    await told(id, 'purchase.pending_refund');
    await told(id, 'payment.refunded');
    expect(await bench.read(id)).toMatchObject({ status: 'refunded', refundable_amount: 6_000 });
  });

  it.each([
    ['Tan refund-fails', 400],
    ['Tan refund-slow-fails', 200],
  ])('of %s gives nothing back and says so', async (name, status) => {
    const { id } = await named(name);
    expect((await refund(id)).status).toBe(status);
    await told(id, 'purchase.refund_failure');
    expect(await bench.read(id)).toMatchObject({
      status: 'paid',
      refundable_amount: 10_000,
      transaction_data: { attempts: [{ type: 'refund', successful: false }, {}] },
    });
  });

  it('may be made in CHIP’s own portal', async () => {
    const { id } = await bench.paid();
    await bench.tell('webhooks/payment.refunded', { purchase_id: id, amount: 2_500 });
    expect(await bench.read(id)).toMatchObject({ refundable_amount: 7_500 });
    await told(id, 'payment.refunded');
  });
});

describe('a chargeback', () => {
  it('takes what was not given back, bars refunds and may be reversed', async () => {
    const { id } = await bench.paid();
    await refund(id, 4_000);
    const { body } = await bench.tell('webhooks/payment.charged_back', { purchase_id: id });
    expect(body).toMatchObject({ object: { payment: { payment_type: 'chargeback', amount: 6_000 } } });
    await told(id, 'payment.charged_back');
    expect(await bench.read(id)).toMatchObject({ status: 'chargeback', refund_availability: 'none' });
    expect((await refund(id)).status).toBe(400);
    await bench.tell('webhooks/payment.chargeback_reversed', { purchase_id: id });
    await told(id, 'payment.chargeback_reversed');
    expect(await bench.read(id)).toMatchObject({ status: 'refunded', refundable_amount: 6_000 });
    expect((await refund(id, 6_000)).status).toBe(200);
  });

  it('comes by itself when the payer is called so', async () => {
    const { id } = await named('Tan chargeback');
    await told(id, 'payment.charged_back');
    expect(await bench.read(id)).toMatchObject({ status: 'chargeback' });
  });
});

it('the balance is what came, less fees and what went', async () => {
  const { id } = await bench.paid({}, { payment_method: 'fpx' });
  await refund(id, 4_000);
  expect((await bench.call('GET', '/account/json/balance/')).body).toMatchObject({ MYR: { balance: 5_900 } });
  expect((await bench.call('GET', '/account/json/turnover/?currency=MYR')).body).toMatchObject({
    MYR: { incoming: { count: 1, turnover: 10_000, fee_sell: 100 }, outgoing: { count: 1, turnover: 4_000 } },
  });
});
