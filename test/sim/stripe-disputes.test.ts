import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { eventually } from './http.ts';
import { startBench } from './stripe-bench.ts';

let bench: Awaited<ReturnType<typeof startBench>>;

beforeEach(async () => {
  bench = await startBench();
  await bench.tell('settings', { disputeMs: 30 });
});
afterEach(() => bench.stop());

const disputeEvents = () => bench.announced().filter((type) => type.startsWith('charge.dispute'));

async function paid(method: string) {
  const intent = await bench.stripe.paymentIntents.create({
    amount: 5_000,
    currency: 'usd',
    confirm: true,
    payment_method: method,
  });
  return { id: intent.id, charge: intent.latest_charge as string };
}

async function disputed(method: string) {
  const payment = await paid(method);
  await eventually(() => expect(bench.sim.state.disputes.size).toBe(1));
  const [dispute] = (await bench.stripe.disputes.list({ payment_intent: payment.id })).data;
  if (!dispute) throw new Error('no dispute');
  return { ...payment, dispute };
}

const retrieve = (id: string) => bench.stripe.disputes.retrieve(id);
const submit = (id: string, uncategorized_text: string) =>
  bench.stripe.disputes.update(id, { evidence: { uncategorized_text, customer_email_address: 'ann@example.org' } });

describe('a dispute', () => {
  it.each([
    ['pm_card_createDispute', 'fraudulent'],
    ['pm_card_createDisputeProductNotReceived', 'product_not_received'],
  ])('of %s takes the money and a fee, and says so twice', async (method, reason) => {
    const { id, charge, dispute } = await disputed(method);
    expect(dispute).toMatchObject({
      object: 'dispute',
      amount: 5_000,
      currency: 'usd',
      charge,
      payment_intent: id,
      reason,
      status: 'needs_response',
      is_charge_refundable: false,
      balance_transactions: [{ type: 'adjustment', amount: -5_000, fee: 1_500, net: -6_500 }],
    });
    expect((await bench.stripe.charges.retrieve(charge)).disputed).toBe(true);
    expect(disputeEvents()).toEqual(['charge.dispute.created', 'charge.dispute.funds_withdrawn']);
    await eventually(() => expect(bench.inbox.types()).toContain('charge.dispute.created'));
  });

  it('bars refunds until it is won', async () => {
    const { id, dispute } = await disputed('pm_card_createDispute');
    const refund = () => bench.stripe.refunds.create({ payment_intent: id, amount: 100 });
    await expect(refund()).rejects.toMatchObject({ statusCode: 400, code: 'charge_disputed' });
    await submit(dispute.id, 'winning_evidence');
    await eventually(async () => expect((await retrieve(dispute.id)).status).toBe('won'));
    expect(await refund()).toMatchObject({ status: 'succeeded' });
  });

  it('takes what has not been given back, and nothing from what has', async () => {
    const { id } = await paid('pm_card_visa');
    await bench.stripe.refunds.create({ payment_intent: id, amount: 2_000 });
    const raise = () => bench.tell('disputes', { payment_intent: id });
    expect(await raise()).toMatchObject({ status: 201, body: { amount: 3_000 } });
    expect((await raise()).status).toBe(400);
    const back = await paid('pm_card_visa');
    await bench.stripe.refunds.create({ payment_intent: back.id });
    expect((await bench.tell('disputes', { payment_intent: back.id })).status).toBe(400);
  });

  it('won gives the money back, not the fee', async () => {
    const { dispute } = await disputed('pm_card_createDispute');
    const answered = await submit(dispute.id, 'winning_evidence');
    expect(answered).toMatchObject({
      status: 'under_review',
      evidence: { customer_email_address: 'ann@example.org' },
      evidence_details: { has_evidence: true, submission_count: 1 },
    });
    await eventually(async () => expect((await retrieve(dispute.id)).status).toBe('won'));
    const { balance_transactions: entries } = await retrieve(dispute.id);
    expect(entries.map(({ net }) => net)).toEqual([-6_500, 5_000]);
    expect(disputeEvents()).toEqual([
      'charge.dispute.created',
      'charge.dispute.funds_withdrawn',
      'charge.dispute.updated',
      'charge.dispute.closed',
      'charge.dispute.funds_reinstated',
    ]);
  });

  it('lost stays lost, and takes no more evidence', async () => {
    const { id, dispute } = await disputed('pm_card_createDispute');
    await submit(dispute.id, 'losing_evidence');
    await eventually(async () => expect((await retrieve(dispute.id)).status).toBe('lost'));
    await expect(submit(dispute.id, 'winning_evidence')).rejects.toMatchObject({ statusCode: 400 });
    await expect(bench.stripe.refunds.create({ payment_intent: id })).rejects.toMatchObject({
      code: 'charge_disputed',
    });
  });

  it('keeps evidence that is not submitted yet, and is not judged by it', async () => {
    const { dispute } = await disputed('pm_card_createDispute');
    const evidence = { uncategorized_text: 'winning_evidence' };
    const kept = await bench.stripe.disputes.update(dispute.id, { evidence, submit: false });
    expect(kept).toMatchObject({ status: 'needs_response', evidence, evidence_details: { has_evidence: false } });
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect((await retrieve(dispute.id)).status).toBe('needs_response');
  });

  it('can be given up', async () => {
    const { dispute } = await disputed('pm_card_createDispute');
    expect((await bench.stripe.disputes.close(dispute.id)).status).toBe('lost');
    await expect(bench.stripe.disputes.close(dispute.id)).rejects.toMatchObject({ statusCode: 400 });
    expect(disputeEvents()).toContain('charge.dispute.closed');
  });

  it('refuses evidence of a kind there is none of, and a dispute that never was', async () => {
    const { dispute } = await disputed('pm_card_createDispute');
    const odd = bench.stripe.disputes.update(dispute.id, { evidence: { horoscope: 'x' } as object });
    await expect(odd).rejects.toMatchObject({ code: 'parameter_unknown' });
    await expect(retrieve('du_none')).rejects.toMatchObject({ statusCode: 404, code: 'resource_missing' });
  });
});

describe('an inquiry', () => {
  it('takes no money, leaves the charge refundable and ends without a loss', async () => {
    const { id, dispute } = await disputed('pm_card_createDisputeInquiry');
    expect(dispute).toMatchObject({ status: 'warning_needs_response', is_charge_refundable: true });
    expect(dispute.balance_transactions).toEqual([]);
    expect(disputeEvents()).toEqual(['charge.dispute.created']);
    expect(await bench.stripe.refunds.create({ payment_intent: id, amount: 100 })).toMatchObject({
      status: 'succeeded',
    });
    await submit(dispute.id, 'winning_evidence');
    await eventually(async () => expect((await retrieve(dispute.id)).status).toBe('warning_closed'));
  });

  it('has nothing left to ask once all of the money went back', async () => {
    const { id, dispute } = await disputed('pm_card_createDisputeInquiry');
    await bench.stripe.refunds.create({ payment_intent: id, amount: 100 });
    expect((await retrieve(dispute.id)).status).toBe('warning_needs_response');
    await bench.stripe.refunds.create({ payment_intent: id });
    expect((await retrieve(dispute.id)).status).toBe('warning_closed');
    expect(disputeEvents()).toContain('charge.dispute.closed');
  });

  it('may become a dispute', async () => {
    const { dispute } = await disputed('pm_card_createDisputeInquiry');
    await submit(dispute.id, 'escalate_inquiry_evidence');
    await eventually(async () =>
      expect(await retrieve(dispute.id)).toMatchObject({
        status: 'needs_response',
        is_charge_refundable: false,
        balance_transactions: [{ amount: -5_000 }],
      }),
    );
  });
});
