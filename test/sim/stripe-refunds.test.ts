import { afterEach, beforeEach, expect, it } from 'vitest';

import { eventually } from './http.ts';
import { startBench } from './stripe-bench.ts';

let bench: Awaited<ReturnType<typeof startBench>>;

beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.stop());

async function paid(method = 'pm_card_visa', amount = 1_000) {
  const intent = await bench.stripe.paymentIntents.create({
    amount,
    currency: 'usd',
    confirm: true,
    payment_method: method,
  });
  return { id: intent.id, charge: intent.latest_charge as string };
}

it('gives back in parts until nothing is left, and never more', async () => {
  const { id, charge } = await paid();
  const refund = (amount?: number) =>
    bench.stripe.refunds.create({ payment_intent: id, ...(amount ? { amount } : {}), metadata: { row: 'rf_1' } });
  expect(await refund(300)).toMatchObject({ object: 'refund', amount: 300, status: 'succeeded', charge });
  await expect(refund(701)).rejects.toMatchObject({
    statusCode: 400,
    param: 'amount',
    message: expect.stringMatching(/\$7\.01.*\$7\.00/),
  });
  expect(await bench.stripe.charges.retrieve(charge)).toMatchObject({ amount_refunded: 300, refunded: false });
  expect(await refund()).toMatchObject({ amount: 700, metadata: { row: 'rf_1' } });
  expect(await bench.stripe.charges.retrieve(charge)).toMatchObject({ amount_refunded: 1_000, refunded: true });
  await expect(refund()).rejects.toMatchObject({ code: 'charge_already_refunded' });
  expect((await bench.stripe.refunds.list({ payment_intent: id })).data.map(({ amount }) => amount)).toEqual([
    700, 300,
  ]);
  expect((await bench.stripe.refunds.list({ charge, created: { gte: 0 } })).data).toHaveLength(2);
  await eventually(() => expect(bench.inbox.types().filter((type) => type === 'charge.refunded')).toHaveLength(2));
  expect(bench.inbox.types()).toContain('refund.created');
});

it('has exactly one winner among refunds that together are too much', async () => {
  const { id } = await paid();
  const tries = Array.from({ length: 10 }, () => bench.stripe.refunds.create({ payment_intent: id, amount: 600 }));
  const results = await Promise.allSettled(tries);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

it('is pending first and succeeds later with the card that does so', async () => {
  const { id } = await paid('pm_card_pendingRefund');
  const refund = await bench.stripe.refunds.create({ payment_intent: id });
  expect(refund).toMatchObject({ status: 'pending', pending_reason: 'processing' });
  await expect(bench.stripe.refunds.cancel(refund.id)).rejects.toMatchObject({ statusCode: 400 });
  await eventually(async () => expect((await bench.stripe.refunds.retrieve(refund.id)).status).toBe('succeeded'));
  await eventually(() => expect(bench.inbox.types()).toContain('refund.updated'));
});

it('fails after it had succeeded with the card that does so, and the money is ours again', async () => {
  const { id, charge } = await paid('pm_card_refundFail');
  const refund = await bench.stripe.refunds.create({ payment_intent: id, amount: 400 });
  expect(refund.status).toBe('succeeded');
  await eventually(async () =>
    expect(await bench.stripe.refunds.retrieve(refund.id)).toMatchObject({
      status: 'failed',
      failure_reason: 'expired_or_canceled_card',
    }),
  );
  expect(await bench.stripe.charges.retrieve(charge)).toMatchObject({ amount_refunded: 0, refunded: false });
  await eventually(() => expect(bench.inbox.types()).toContain('refund.failed'));
  const { data } = await bench.stripe.balanceTransactions.list({ source: refund.id });
  expect(data.map(({ type, amount }) => [type, amount])).toEqual([
    ['refund_failure', 400],
    ['refund', -400],
  ]);
});

it('needs money that was captured', async () => {
  const open = await bench.stripe.paymentIntents.create({ amount: 1_000, currency: 'usd' });
  const held = await bench.stripe.paymentIntents.create({
    amount: 1_000,
    currency: 'usd',
    capture_method: 'manual',
    confirm: true,
    payment_method: 'pm_card_visa',
  });
  const refund = (id: string) => bench.stripe.refunds.create({ payment_intent: id });
  await expect(refund(open.id)).rejects.toMatchObject({ message: expect.stringContaining('successful charge') });
  await expect(refund(held.id)).rejects.toMatchObject({ message: expect.stringContaining('Cancel') });
  await expect(refund('pi_none')).rejects.toMatchObject({ statusCode: 400, code: 'resource_missing' });
  await expect(bench.stripe.refunds.create({})).rejects.toMatchObject({ code: 'parameter_missing' });
});

it('gives back no more than was captured of a hold', async () => {
  const held = await bench.stripe.paymentIntents.create({
    amount: 1_000,
    currency: 'usd',
    capture_method: 'manual',
    confirm: true,
    payment_method: 'pm_card_visa',
  });
  await bench.stripe.paymentIntents.capture(held.id, { amount_to_capture: 600 });
  await expect(bench.stripe.refunds.create({ payment_intent: held.id, amount: 601 })).rejects.toMatchObject({
    param: 'amount',
  });
  expect(await bench.stripe.refunds.create({ payment_intent: held.id })).toMatchObject({ amount: 600 });
});

it('keeps a balance that equals the sum of its transactions', async () => {
  const { id } = await paid();
  await eventually(async () => expect((await bench.stripe.balanceTransactions.list()).data).toHaveLength(1));
  await bench.stripe.refunds.create({ payment_intent: id, amount: 250 });
  const { data } = await bench.stripe.balanceTransactions.list({ limit: 100 });
  const { pending } = await bench.stripe.balance.retrieve();
  expect(data.reduce((sum, { net }) => sum + net, 0)).toBe(1_000 - 59 - 250);
  expect(pending).toMatchObject([{ currency: 'usd', amount: 1_000 - 59 - 250 }]);
});
