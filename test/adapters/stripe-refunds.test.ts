import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStripeIntentGateway } from '../../adapters/gateways/stripe-intent.ts';
import { money } from '../../domain/money.ts';
import type { Gateway } from '../../domain/payment.ts';
import type { RefundOrder } from '../../domain/refund-order.ts';
import { startScriptedVendor } from './scripted-vendor.ts';
import type { Line, ScriptedVendor } from './scripted-vendor.ts';
import { fails, listBody, refundBody, says, storedFailure } from './stripe-objects.ts';

const order: RefundOrder = {
  refundId: 'rf_1',
  bookingId: 'bk_1',
  paymentRef: 'pi_1',
  amount: money(5_000, 'USD'),
  reason: 'customer_cancelled',
  beside: { returned: money(0, 'USD'), refs: [] },
};

let stripe: ScriptedVendor;
let gateway: Gateway;

beforeAll(async () => {
  stripe = await startScriptedVendor();
  gateway = createStripeIntentGateway({
    secretKey: 'sk_test_unit',
    apiBase: stripe.url,
    webhookSecrets: [],
    timeoutMs: 5_000,
  });
});
afterAll(() => stripe.stop());

const made = () => stripe.heard.filter(({ method }) => method === 'POST');
const nothing = says(listBody());

describe('refunding', () => {
  it('sends amount, our ids and our key, after a look for the refund itself', async () => {
    stripe.say(nothing, says(refundBody()));
    expect(await gateway.refund(order, 'rf_1')).toEqual({ kind: 'succeeded', ref: 're_1' });
    const [call] = made();
    expect(call?.headers['idempotency-key']).toBe('rf_1');
    expect(Object.fromEntries(new URLSearchParams(call?.body))).toEqual({
      payment_intent: 'pi_1',
      amount: '5000',
      reason: 'requested_by_customer',
      'metadata[refund_id]': 'rf_1',
      'metadata[booking_id]': 'bk_1',
      'metadata[key]': 'rf_1',
    });
  });

  it('makes no second refund when Stripe has long forgotten the key', async () => {
    stripe.say(says(listBody(refundBody({ id: 're_other', metadata: {} }), refundBody())));
    expect(await gateway.refund(order, 'rf_1')).toEqual({ kind: 'succeeded', ref: 're_1' });
    expect(made()).toEqual([]);
  });

  it.each([
    ['pending', 'pending'],
    ['requires_action', 'pending'],
    ['some_state_of_2027', 'pending'],
  ])('%s reads as %s', async (status, kind) => {
    stripe.say(nothing, says(refundBody({ status })));
    expect(await gateway.refund(order, 'rf_1')).toEqual({ kind, ref: 're_1' });
  });

  it.each([
    [{ status: 'failed', failure_reason: 'expired_or_canceled_card' }, 'expired_or_canceled_card'],
    [{ status: 'canceled' }, 'canceled'],
  ])('%o has failed', async (fields, code) => {
    stripe.say(nothing, says(refundBody(fields)));
    expect(await gateway.refund(order, 'rf_1')).toMatchObject({ kind: 'failed', ref: 're_1', code });
  });

  it('tries a failed refund again under a new key, and only then', async () => {
    const failed = refundBody({ status: 'failed', failure_reason: 'declined' });
    stripe.say(says(listBody(failed)));
    expect(await gateway.refund(order, 'rf_1')).toMatchObject({ kind: 'failed', code: 'declined' });
    expect(made()).toEqual([]);
    stripe.say(says(listBody(failed)), says(refundBody({ id: 're_2' })));
    expect(await gateway.refund(order, 'rf_1/2')).toEqual({ kind: 'succeeded', ref: 're_2' });
  });

  it.each<[string, Line]>([
    ['whole charge refunded', fails(400, { code: 'charge_already_refunded' })],
    [
      'more than is left',
      fails(400, {
        param: 'amount',
        message: 'Refund amount ($50.00) is greater than unrefunded amount on charge ($1.00)',
      }),
    ],
  ])('has nothing left to give: %s', async (_, line) => {
    stripe.say(nothing, line, nothing);
    expect(await gateway.refund(order, 'rf_1')).toMatchObject({ kind: 'nothing_left' });
  });

  it('finds that what is "already refunded" is our own refund', async () => {
    stripe.say(nothing, fails(400, { code: 'charge_already_refunded' }), says(listBody(refundBody())));
    expect(await gateway.refund(order, 'rf_1')).toEqual({ kind: 'succeeded', ref: 're_1' });
  });

  it.each(['charge_disputed', 'refund_disputed_payment', 'balance_insufficient'])(
    'fails with the word of Stripe: %s',
    async (code) => {
      stripe.say(nothing, fails(400, { code }), nothing);
      expect(await gateway.refund(order, 'rf_1')).toEqual({
        kind: 'failed',
        ref: null,
        code,
        message: 'Stripe says why.',
      });
    },
  );

  it('needs a person for any other refusal', async () => {
    stripe.say(nothing, fails(400, { message: 'This PaymentIntent has no successful charge.' }), nothing);
    await expect(gateway.refund(order, 'rf_1')).rejects.toMatchObject({ name: 'GatewayRejected' });
  });

  it('needs a person when a refund of this id was made over another amount', async () => {
    stripe.say(says(listBody(refundBody({ amount: 4_999 }))));
    await expect(gateway.refund(order, 'rf_1')).rejects.toMatchObject({
      name: 'GatewayRejected',
      code: 'refund_differs',
    });
    expect(made()).toEqual([]);
  });

  it('adopts the refund a stored failure hides, and uses the next key only where there is none', async () => {
    stripe.say(nothing, storedFailure, says(listBody(refundBody())));
    expect(await gateway.refund(order, 'rf_1')).toEqual({ kind: 'succeeded', ref: 're_1' });
    stripe.say(nothing, storedFailure, nothing, says(refundBody({ id: 're_2' })));
    expect(await gateway.refund(order, 'rf_1')).toEqual({ kind: 'succeeded', ref: 're_2' });
    expect(made().map(({ headers }) => headers['idempotency-key'])).toEqual(['rf_1', 'rf_1/2']);
  });

  it.each<[string, Line]>([
    ['Stripe’s words', fails(404, { message: 'Unrecognized request URL (GET: /v1/refunds).' })],
    ['a word', { status: 404, json: { error: 'unknown route' } }],
    ['a page', { status: 404, text: '<pre>Cannot GET /v1/refunds</pre>' }],
  ])('is made under its key where the server has no list of refunds, said in %s', async (_, noList) => {
    const { object: _object, ...answer } = refundBody();
    stripe.say(noList, says(answer));
    expect(await gateway.refund(order, 'rf_1')).toEqual({ kind: 'succeeded', ref: 're_1' });
    expect(made().map(({ headers }) => headers['idempotency-key'])).toEqual(['rf_1']);
    stripe.say(noList);
    expect(await gateway.lookRefund(order)).toEqual({ kind: 'absent' });
    stripe.say(noList, fails(400, { code: 'charge_already_refunded' }), noList);
    expect(await gateway.refund(order, 'rf_1')).toMatchObject({ kind: 'nothing_left' });
  });

  it('goes on to no other key where no list proves that the first made nothing', async () => {
    const noList = fails(404, {});
    stripe.say(noList, storedFailure, noList);
    await expect(gateway.refund(order, 'rf_1')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
    expect(made()).toHaveLength(1);
  });

  it('is not made for a payment that is not there', async () => {
    const gone = fails(404, { code: 'resource_missing', param: 'payment_intent' });
    stripe.say(gone, gone);
    await expect(gateway.refund(order, 'rf_1')).rejects.toMatchObject({ code: 'resource_missing' });
    expect(made()).toEqual([]);
  });

  it('does not refund while it cannot see the refunds there are', async () => {
    stripe.say({ status: 503, text: '' });
    await expect(gateway.refund(order, 'rf_1')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
    expect(made()).toEqual([]);
  });
});

describe('looking a refund up', () => {
  it('reads on past the first page', async () => {
    const foreign = refundBody({ id: 're_0', metadata: {} });
    stripe.say(says({ ...listBody(foreign), has_more: true }), says(listBody(refundBody())));
    expect(await gateway.lookRefund(order)).toEqual({ kind: 'succeeded', ref: 're_1' });
    expect(stripe.heard[1]?.path).toContain('starting_after=re_0');
  });

  it('prefers the refund that lives to the one that failed before it', async () => {
    stripe.say(says(listBody(refundBody({ id: 're_2', status: 'failed' }), refundBody())));
    expect(await gateway.lookRefund(order)).toEqual({ kind: 'succeeded', ref: 're_1' });
  });

  it('is absent only when the list says so', async () => {
    stripe.say(nothing);
    expect(await gateway.lookRefund(order)).toEqual({ kind: 'absent' });
    stripe.say(says({}));
    await expect(gateway.lookRefund(order)).rejects.toMatchObject({ name: 'GatewayUnreachable' });
  });
});
