// Servers that answer for Stripe and tell less: what they leave out is asked for, and never taken for "nothing".
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStripeCheckoutGateway } from '../../adapters/gateways/stripe-checkout.ts';
import { money } from '../../domain/money.ts';
import type { Gateway, RefundOrder } from '../../domain/payment.ts';
import { startScriptedVendor } from './scripted-vendor.ts';
import type { ScriptedVendor } from './scripted-vendor.ts';
import { chargeBody, fails, intentBody, refundBody, listBody, says, sessionBody } from './stripe-objects.ts';

const unreachable = { name: 'GatewayUnreachable' };
const whole = money(12_100, 'USD');

let stripe: ScriptedVendor;
let checkout: Gateway;

beforeAll(async () => {
  stripe = await startScriptedVendor();
  const config = { secretKey: 'sk_test_unit', apiBase: stripe.url, webhookSecrets: [], timeoutMs: 5_000 };
  checkout = createStripeCheckoutGateway(config);
});
afterAll(() => stripe.stop());

const paidIntent = (fields: object = {}) =>
  intentBody({
    status: 'succeeded',
    amount_received: 12_100,
    latest_charge: chargeBody({ disputed: false }),
    ...fields,
  });
const paths = () => stripe.heard.map(({ path }) => path);

describe('a paid page that only names its intent', () => {
  const paid = says(sessionBody({ status: 'complete', payment_status: 'paid', payment_intent: 'pi_1' }));

  it('is paid, as the intent says when it is asked itself', async () => {
    stripe.say(paid, says(paidIntent()));
    expect(await checkout.look('cs_1')).toMatchObject({
      ref: 'cs_1',
      status: 'succeeded',
      wireStatus: 'complete',
      captured: whole,
      answer: expect.stringContaining('"amount_received":12100'),
    });
    expect(paths()[1]).toBe('/v1/payment_intents/pi_1?expand[0]=latest_charge.balance_transaction');
  });

  it('is paid, too, when it is to be closed', async () => {
    stripe.say(fails(400, {}), paid, says(paidIntent()));
    expect(await checkout.close('cs_1')).toEqual({ kind: 'already_paid' });
  });

  it('is paid, too, where closing it is answered without a no', async () => {
    stripe.say(paid, paid, says(paidIntent()));
    expect(await checkout.close('cs_1')).toEqual({ kind: 'already_paid' });
  });

  it.each([
    ['is not there', fails(404, { code: 'resource_missing' })],
    ['is not told', fails(503, {})],
    ['cannot be read', says({ id: 'pi_1' })],
    ['has not heard of the money', says(intentBody())],
  ])('is in doubt while the intent %s', async (_, line) => {
    stripe.say(paid, line);
    await expect(checkout.look('cs_1')).rejects.toMatchObject(unreachable);
    stripe.say(fails(400, {}), paid, line);
    await expect(checkout.close('cs_1')).rejects.toMatchObject(unreachable);
  });

  it('is given back by that name', async () => {
    stripe.say(paid, says(listBody()), says(refundBody()));
    expect(await checkout.refund(refundOrder, 'rf_1')).toEqual({ kind: 'succeeded', ref: 're_1' });
    expect(new URLSearchParams(stripe.heard[2]?.body).get('payment_intent')).toBe('pi_1');
  });
});

const refundOrder: RefundOrder = {
  refundId: 'rf_1',
  bookingId: 'bk_1',
  paymentRef: 'cs_1',
  amount: money(5_000, 'USD'),
  reason: 'test',
  beside: { returned: money(0, 'USD'), refs: [] },
};

describe('a page without an intent', () => {
  it.each([
    ['complete', 'paid'],
    ['complete', 'unpaid'],
    ['complete', undefined],
    ['open', 'paid'],
    ['some_state_of_2027', 'unpaid'],
  ])('is in doubt when it is %s and %s: somebody may have paid', async (status, payment_status) => {
    const untold = says(sessionBody({ status, payment_status }));
    const calls = [
      () => checkout.look('cs_1'),
      () => checkout.capture('cs_1'),
      () => checkout.refund(refundOrder, 'rf_1'),
      () => checkout.lookRefund(refundOrder),
    ];
    for (const call of calls) {
      stripe.say(untold);
      await expect(call()).rejects.toMatchObject(unreachable);
    }
    stripe.say(fails(400, {}), untold);
    await expect(checkout.close('cs_1')).rejects.toMatchObject(unreachable);
  });

  it('was never paid on when it has expired', async () => {
    stripe.say(says(sessionBody({ status: 'expired' })));
    expect(await checkout.look('cs_1')).toMatchObject({ status: 'cancelled', captured: null });
  });
});

it('believes the intent of a hold that was let go, whatever its page says', async () => {
  const released = intentBody({ status: 'canceled' });
  stripe.say(says(sessionBody({ status: 'complete', payment_status: 'paid', payment_intent: released })));
  expect(await checkout.look('cs_1')).toMatchObject({ status: 'cancelled', captured: null });
});

it('calls a page paid that will not close, though it is still open', async () => {
  stripe.say(fails(400, {}), says(sessionBody({ payment_intent: paidIntent() })));
  expect(await checkout.close('cs_1')).toEqual({ kind: 'already_paid' });
});

it('is in doubt whether a page has ended that is answered for as open', async () => {
  stripe.say(says(sessionBody()), says(sessionBody()));
  await expect(checkout.close('cs_1')).rejects.toMatchObject(unreachable);
});
