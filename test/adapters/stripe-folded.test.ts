// Servers that answer for Stripe and tell less: what they leave out is asked for, and never taken for "nothing".
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStripeCheckoutGateway } from '../../adapters/gateways/stripe-checkout.ts';
import { createStripeIntentGateway } from '../../adapters/gateways/stripe-intent.ts';
import { money } from '../../domain/money.ts';
import type { Gateway, PaymentOrder } from '../../domain/payment.ts';
import type { RefundOrder } from '../../domain/refund-order.ts';
import { startScriptedVendor } from './scripted-vendor.ts';
import type { Line, ScriptedVendor } from './scripted-vendor.ts';
import { chargeBody, fails, intentBody, refundBody, listBody, says, sessionBody } from './stripe-objects.ts';

const unreachable = { name: 'GatewayUnreachable' };
const whole = money(12_100, 'USD');

let stripe: ScriptedVendor;
let checkout: Gateway;
let intents: Gateway;

beforeAll(async () => {
  stripe = await startScriptedVendor();
  const config = { secretKey: 'sk_test_unit', apiBase: stripe.url, webhookSecrets: [], timeoutMs: 5_000 };
  checkout = createStripeCheckoutGateway(config);
  intents = createStripeIntentGateway(config);
});
afterAll(() => stripe.stop());

const paidIntent = (fields: object = {}) =>
  intentBody({
    status: 'succeeded',
    amount_received: 12_100,
    latest_charge: chargeBody(),
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

/** As a server answers that leaves these out. */
const without = (body: Readonly<Record<string, unknown>>, ...names: readonly string[]) =>
  Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)));

describe('an intent that is told in few words', () => {
  const order: PaymentOrder = {
    paymentId: 'pay_1_1',
    bookingId: 'bk_1',
    bookingNumber: 'HF-1001',
    storefront: 'trektoo',
    amount: whole,
    capture: 'automatic',
    description: 'Sky tower',
    expiresAt: '2026-11-21T12:00:00.000Z',
    returnUrls: null,
    reference: 'HF-1',
    payer: null,
    lines: [],
    methods: [],
    metadata: {},
  };
  const few = (fields: object, ...names: readonly string[]) =>
    says(without(paidIntent(fields), 'object', 'amount_received', ...names));
  const charged = (fields: Readonly<Record<string, unknown>>, ...names: readonly string[]) => ({
    latest_charge: without(chargeBody(fields), ...names),
  });
  const lookAt = (line: Line) => {
    stripe.say(line);
    return intents.look('pi_1');
  };

  it('can be opened', async () => {
    stripe.say(says(without(intentBody(), 'object', 'amount_received', 'created')));
    expect(await intents.start(order, 'k')).toMatchObject({ kind: 'confirm', ref: 'pi_1' });
  });

  it.each([
    ['Invalid currency: pkr', {}, 'currency_not_supported'],
    ['Invalid currency: pkr', { code: 'parameter_invalid' }, 'currency_not_supported'],
    ['PKR is not a supported Currency', { code: null }, 'currency_not_supported'],
    ['Too small for the currency', { code: 'amount_too_small', param: 'amount' }, 'amount_too_small'],
    ['Received unknown parameter: currency_options', { code: 'parameter_unknown' }, 'parameter_unknown'],
    ['The card is of another currency', { type: 'card_error', code: 'card_declined' }, 'card_declined'],
  ])('%s, with %o, is refused as %s', async (message, said, code) => {
    stripe.say(fails(400, { message, ...said }));
    expect(await intents.start(order, 'k')).toEqual({ kind: 'refused', code, message });
  });

  it('took all of its amount once it succeeded, and nothing before', async () => {
    expect(await lookAt(few({}))).toMatchObject({ status: 'succeeded', captured: whole });
    expect(await lookAt(few({ status: 'processing' }))).toMatchObject({ status: 'processing', captured: null });
  });

  it.each([
    ['balance transaction', charged({}), 1_795_000_020],
    ['charge', charged({ balance_transaction: null }), 1_795_000_010],
    ['intent', charged({ balance_transaction: { fee: 1, currency: 'usd' } }, 'created'), 1_795_000_000],
  ])('was paid when its %s was made', async (_, charge, second) => {
    const capturedAt = new Date(second * 1_000).toISOString();
    expect(await lookAt(few(charge))).toMatchObject({ captured: whole, capturedAt });
  });

  it('was paid by now where nothing says when', async () => {
    const from = Date.now() - 1_000;
    const { capturedAt } = await lookAt(few(charged({ balance_transaction: null }, 'created'), 'created'));
    expect(Date.parse(capturedAt ?? '')).toBeGreaterThanOrEqual(from);
    expect(Date.parse(capturedAt ?? '')).toBeLessThanOrEqual(Date.now());
  });

  it.each([
    ['a fee nobody can read', { balance_transaction: { fee: '3.93' } }, { fee: null }],
    ['a fee of no date', { balance_transaction: { fee: 393, currency: 'usd' } }, { fee: money(393, 'USD') }],
    ['a method without its kind', { payment_method_details: { card: { brand: 'visa', last4: '4242' } } }, {}],
    ['a method of no kind at all', { payment_method_details: {} }, { method: null }],
    ['a method in one word', { payment_method_details: 'card' }, { method: null }],
  ])('is paid with %s', async (_, fields, told) => {
    const method = { type: 'card', brand: 'visa', last4: '4242' };
    expect(await lookAt(few(charged(fields)))).toMatchObject({ captured: whole, method, ...told });
  });

  it.each([
    [
      'a card by its name alone',
      { code: 'card_declined', payment_method: 'pm_1' },
      { id: 'pm_1/0/card_declined', code: 'card_declined' },
    ],
    ['a charge', { charge: 'ch_7', decline_code: 'lost_card' }, { id: 'ch_7', code: 'payment_failed' }],
    ['nothing', {}, { id: 'pi_1/payment_failed', message: 'payment_failed' }],
  ])('is declined where its error names %s', async (_, last_payment_error, decline) => {
    expect(await lookAt(says(intentBody({ last_payment_error })))).toMatchObject({
      status: 'requires_payment_method',
      decline,
    });
  });
});

describe('what became of the money', () => {
  const named = says(paidIntent({ latest_charge: 'ch_1' }));
  const silent = says(paidIntent({ latest_charge: without(chargeBody(), 'amount_refunded', 'disputed') }));
  const refunds = [
    refundBody({ payment_intent: null, metadata: {} }),
    refundBody({ id: 're_2', amount: 100 }),
    refundBody({ id: 're_3', amount: 50, status: 'failed' }),
    refundBody({ id: 're_4', amount: 7, payment_intent: 'pi_other' }),
  ];
  const dispute = {
    id: 'du_1',
    status: 'needs_response',
    reason: 'fraudulent',
    amount: 12_100,
    currency: 'usd',
    created: 1_795_000_100,
  };
  const others = [
    { ...dispute, id: 'du_2', payment_intent: 'pi_other' },
    { ...dispute, id: 'du_3', charge: 'ch_other' },
  ];

  it('is asked of a charge that is only named', async () => {
    stripe.say(named, says(chargeBody({ amount_refunded: 100 })));
    expect(await intents.look('pi_1')).toMatchObject({
      captured: whole,
      refunded: money(100, 'USD'),
      fee: money(393, 'USD'),
      answer: expect.stringContaining('"amount_refunded":100'),
    });
    expect(paths()[1]).toBe('/v1/charges/ch_1?expand[0]=balance_transaction');
    const page = { status: 'complete', payment_status: 'paid' };
    const answers = [
      [says(sessionBody({ ...page, payment_intent: paidIntent({ latest_charge: 'ch_1' }) }))],
      [says(sessionBody({ ...page, payment_intent: 'pi_1' })), named],
    ];
    for (const lines of answers) {
      stripe.say(...lines, says(chargeBody({ amount_refunded: 7 })));
      expect(await checkout.look('cs_1')).toMatchObject({ captured: whole, refunded: money(7, 'USD') });
    }
  });

  it('tells until when a hold can be taken, too', async () => {
    const card = { capture_before: 1_795_400_000 };
    const held = intentBody({ status: 'requires_capture', latest_charge: 'ch_1' });
    stripe.say(says(held), says(chargeBody({ payment_method_details: { type: 'card', card } })));
    expect(await intents.look('pi_1')).toMatchObject({ heldUntil: new Date(1_795_400_000_000).toISOString() });
  });

  it('is not asked of a charge that took nothing', async () => {
    stripe.say(says(intentBody({ latest_charge: 'ch_1' })));
    expect(await intents.look('pi_1')).toMatchObject({ status: 'requires_payment_method' });
  });

  it('is read from lists where the charge does not say it, without what is of others', async () => {
    stripe.say(silent, says(listBody(...refunds)), says(listBody(...others, dispute)));
    const fact = await intents.look('pi_1');
    expect(fact).toMatchObject({ captured: whole, refunded: money(5_100, 'USD') });
    expect(fact.disputes).toMatchObject([{ ref: 'du_1', standing: 'open' }]);
  });

  it.each([
    ['Stripe’s words', fails(404, {})],
    ['a word', { status: 404, json: { error: 'Not Found' } }],
    ['JSON of its own', { status: 404, json: { message: 'no route' } }],
    ['a page', { status: 404, text: '<pre>Cannot GET</pre>' }],
  ])('is nothing where neither charge nor lists are there, said in %s', async (_, line: Line) => {
    stripe.say(named, line, line, line);
    expect(await intents.look('pi_1')).toMatchObject({
      captured: whole,
      fee: null,
      refunded: money(0, 'USD'),
      disputes: [],
    });
  });

  it.each([
    ['the charge', [named, fails(503, {})]],
    ['the refunds', [silent, fails(503, {})]],
    ['the disputes', [silent, says(listBody()), fails(503, {})]],
  ])('is in doubt while %s cannot be read', async (_, lines: Line[]) => {
    stripe.say(...lines);
    await expect(intents.look('pi_1')).rejects.toMatchObject(unreachable);
  });

  it('is in doubt where the charge says that it is disputed, and no list says how', async () => {
    stripe.say(says(paidIntent({ latest_charge: chargeBody({ disputed: true }) })), fails(404, {}));
    await expect(intents.look('pi_1')).rejects.toMatchObject(unreachable);
  });

  it('is in doubt where a page of somebody else answers for the payment', async () => {
    stripe.say({ status: 404, text: '<pre>Cannot GET</pre>' });
    await expect(intents.look('pi_1')).rejects.toMatchObject(unreachable);
  });
});
