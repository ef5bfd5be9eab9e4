import { afterAll, beforeAll, expect, it } from 'vitest';
import { createStripeIntentGateway } from '../../adapters/gateways/stripe-intent.ts';
import { money } from '../../domain/money.ts';
import type { Gateway } from '../../domain/payment.ts';
import { startScriptedVendor } from './scripted-vendor.ts';
import type { ScriptedVendor } from './scripted-vendor.ts';
import { chargeBody, fails, intentBody, listBody, says } from './stripe-objects.ts';

let stripe: ScriptedVendor;
let gateway: Gateway;

beforeAll(async () => {
  stripe = await startScriptedVendor();
  const config = { secretKey: 'sk_test_unit', apiBase: stripe.url, webhookSecrets: [], timeoutMs: 5_000 };
  gateway = createStripeIntentGateway(config);
});
afterAll(() => stripe.stop());

const paid = (charge: object) =>
  says(intentBody({ status: 'succeeded', amount_received: 12_100, latest_charge: charge }));
const disputedCharge = chargeBody({ disputed: true });
const disputeBody = (fields: object = {}) => ({
  id: 'du_1',
  object: 'dispute',
  status: 'needs_response',
  reason: 'fraudulent',
  amount: 12_100,
  currency: 'usd',
  created: 1_795_000_100,
  balance_transactions: [{ id: 'txn_2', amount: -12_100, fee: 1_500, currency: 'usd' }],
  evidence_details: { due_by: 1_795_777_700, submission_count: 0 },
  ...fields,
});

async function lookAt(...disputes: readonly object[]) {
  stripe.say(paid(disputedCharge), says(listBody(...disputes)));
  return (await gateway.look('pi_1')).disputes;
}

it('asks for disputes only where the charge was ever disputed', async () => {
  stripe.heard.length = 0;
  stripe.say(paid(chargeBody({ disputed: false })));
  expect((await gateway.look('pi_1')).disputes).toEqual([]);
  expect(stripe.heard).toHaveLength(1);
  await lookAt(disputeBody());
  expect(stripe.heard.at(-1)?.path).toMatch(/^\/v1\/disputes\?.*payment_intent=pi_1/);
});

it('tells a dispute in our words, and keeps Stripe’s own beside them', async () => {
  expect(await lookAt(disputeBody())).toEqual([
    {
      ref: 'du_1',
      standing: 'open',
      wireStatus: 'needs_response',
      reason: 'fraudulent',
      amount: money(12_100, 'USD'),
      fee: money(1_500, 'USD'),
      evidenceDueBy: '2026-11-27T11:08:20.000Z',
      openedAt: '2026-11-18T11:08:20.000Z',
    },
  ]);
});

it.each([
  ['warning_needs_response', 'inquiry'],
  ['warning_under_review', 'inquiry'],
  ['warning_closed', 'dropped'],
  ['prevented', 'dropped'],
  ['needs_response', 'open'],
  ['under_review', 'open'],
  ['appeal_needs_response', 'open'],
  ['appeal_under_review', 'open'],
  ['won', 'won'],
  ['lost', 'lost'],
  ['a_word_of_2027', 'open'],
])('%s means %s', async (status, standing) => {
  expect(await lookAt(disputeBody({ status }))).toMatchObject([{ standing, wireStatus: status }]);
});

it.each([
  ['needs_response', false],
  ['under_review', false],
  ['warning_under_review', false],
  ['lost', false],
  ['appeal_needs_response', true],
  ['appeal_under_review', true],
  ['a_word_of_2027', true],
])('%s may follow a verdict: %s', async (status, isTakenUpAgain) => {
  const [dispute] = await lookAt(disputeBody({ status }));
  expect(dispute?.isTakenUpAgain ?? false).toBe(isTakenUpAgain);
});

it('adds up what the gateway keeps, and says nothing of a fee in another currency', async () => {
  const twice = [
    { fee: 1_500, currency: 'usd' },
    { fee: -500, currency: 'usd' },
  ];
  expect(await lookAt(disputeBody({ balance_transactions: twice }))).toMatchObject([{ fee: money(1_000, 'USD') }]);
  expect(await lookAt(disputeBody({ balance_transactions: [{ fee: 1_200, currency: 'eur' }] }))).toMatchObject([
    { fee: null },
  ]);
  expect(await lookAt(disputeBody({ balance_transactions: [], evidence_details: null }))).toMatchObject([
    { fee: null, evidenceDueBy: null },
  ]);
  for (const untold of [undefined, ['txn_2'], [{ id: 'txn_2' }]])
    expect(await lookAt(disputeBody({ balance_transactions: untold }))).toMatchObject([
      { standing: 'open', fee: null },
    ]);
});

it('tells the oldest first', async () => {
  const [first, second] = await lookAt(disputeBody({ id: 'du_2', created: 1_795_000_200 }), disputeBody());
  expect([first?.ref, second?.ref]).toEqual(['du_1', 'du_2']);
});

it('is in doubt while they cannot be read: money of which we know nothing must not look free', async () => {
  stripe.say(paid(disputedCharge), fails(503, {}));
  await expect(gateway.look('pi_1')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
});
