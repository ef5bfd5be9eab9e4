import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStripeIntentGateway } from '../../adapters/gateways/stripe-intent.ts';
import { money } from '../../domain/money.ts';
import type { Gateway, PaymentOrder } from '../../domain/payment.ts';
import { startScriptedVendor } from './scripted-vendor.ts';
import type { Line, ScriptedVendor } from './scripted-vendor.ts';
import { chargeBody, fails, intentBody, listBody, says, storedFailure } from './stripe-objects.ts';

const order: PaymentOrder = {
  paymentId: 'pay_1_1',
  bookingId: 'bk_1',
  bookingNumber: 'HF-1001',
  storefront: 'trektoo',
  amount: money(12_100, 'USD'),
  capture: 'automatic',
  description: 'Sky tower',
  expiresAt: '2026-11-21T12:00:00.000Z',
  returnUrls: null,
  reference: 'HF-1',
  payer: null,
  lines: [],
  methods: [],
  metadata: { agent_order_id: 'AG-1' },
};

let stripe: ScriptedVendor;
let gateway: Gateway;
/** Gives up at once, for the one failure that is silence; on a busy machine it would give up on good answers too. */
let impatient: Gateway;

beforeAll(async () => {
  stripe = await startScriptedVendor();
  const config = { secretKey: 'sk_test_unit', apiBase: stripe.url, webhookSecrets: [] };
  gateway = createStripeIntentGateway({ ...config, timeoutMs: 5_000 });
  impatient = createStripeIntentGateway({ ...config, timeoutMs: 50 });
});
afterAll(() => stripe.stop());

const keysHeard = () =>
  stripe.heard.filter(({ method }) => method === 'POST').map(({ headers }) => headers['idempotency-key']);

describe('opening a payment', () => {
  it('sends our key, our ids and a synchronous capture', async () => {
    stripe.say(says(intentBody()));
    const started = await gateway.start(order, 'bk_1/pay/1');
    expect(started).toEqual({
      kind: 'confirm',
      ref: 'pi_1',
      clientSecret: 'pi_1_secret_x',
      status: 'requires_payment_method',
      wireStatus: 'requires_payment_method',
    });
    const [call] = stripe.heard;
    expect(call).toMatchObject({ method: 'POST', path: '/v1/payment_intents' });
    expect(call?.headers['idempotency-key']).toBe('bk_1/pay/1');
    expect(Object.fromEntries(new URLSearchParams(call?.body))).toEqual({
      amount: '12100',
      currency: 'usd',
      'automatic_payment_methods[enabled]': 'true',
      capture_method: 'automatic',
      description: 'Sky tower',
      'metadata[agent_order_id]': 'AG-1',
      'metadata[booking_id]': 'bk_1',
      'metadata[payment_id]': 'pay_1_1',
      'metadata[booking_number]': 'HF-1001',
      'metadata[storefront]': 'trektoo',
    });
  });

  it('never lets foreign metadata take the place of our own ids', async () => {
    stripe.say(says(intentBody()));
    await gateway.start({ ...order, metadata: { booking_id: 'bk_stolen' } }, 'k');
    expect(new URLSearchParams(stripe.heard[0]?.body).get('metadata[booking_id]')).toBe('bk_1');
  });

  it('asks for a hold when the capture is ours to make', async () => {
    stripe.say(says(intentBody()));
    await gateway.start({ ...order, capture: 'manual' }, 'k');
    expect(new URLSearchParams(stripe.heard[0]?.body).get('capture_method')).toBe('manual');
  });

  it.each([
    ['a dinar that does not end in 0', 1_005, 'KWD'],
    ['a fraction of a króna', 150, 'ISK'],
    ['nothing', 0, 'USD'],
    ['more than eight digits', 100_000_000, 'USD'],
  ])('never sends %s', async (_, minor, currency) => {
    stripe.say();
    const start = gateway.start({ ...order, amount: money(minor, currency) }, 'k');
    await expect(start).rejects.toMatchObject({ name: 'GatewayRejected', code: 'amount_not_chargeable' });
    expect(stripe.heard).toEqual([]);
  });

  it.each([
    ['too small', fails(400, { code: 'amount_too_small', param: 'amount' }), 'amount_too_small'],
    ['unsupported currency', fails(400, { param: 'currency' }), 'currency_not_supported'],
    ['a currency by its code', fails(400, { code: 'invalid_currency' }), 'currency_not_supported'],
    ['unknown parameter', fails(400, { code: 'parameter_unknown', param: 'x' }), 'parameter_unknown'],
    ['no code at all', fails(400, {}), 'invalid_request'],
    ['card error', fails(402, { type: 'card_error', code: 'card_declined' }), 'card_declined'],
  ])('is refused, not thrown: %s', async (_, line: Line, code) => {
    stripe.say(line);
    expect(await gateway.start(order, 'k')).toEqual({ kind: 'refused', code, message: 'Stripe says why.' });
  });
});

describe('failures', () => {
  it.each<[string, Line[]]>([
    ['cut connection, also on the one repeat of the client', [{ cut: 'before' }, { cut: 'before' }]],
    ['cut within the answer', [{ cut: 'within' }]],
    ['500', [fails(500, { type: 'api_error' })]],
    ['503 in HTML', [{ status: 503, text: '<html>' }]],
    ['500 without an error in it', [{ status: 500, json: {} }]],
    ['200 that is not JSON', [{ text: '<html>' }]],
    ['200 of another shape', [says({ id: 'pi_1' })]],
    ['200 saying null', [says(null)]],
    ['same key still at work', [fails(409, { code: 'idempotency_key_in_use' })]],
    ['lock contention', [fails(429, { code: 'lock_timeout' })]],
    ['lock contention under another status', [fails(400, { code: 'lock_timeout' })]],
  ])('leave the truth unknown: %s', async (_, lines) => {
    stripe.say(...lines);
    await expect(gateway.start(order, 'k')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
    stripe.say(...lines);
    await expect(gateway.look('pi_1')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
  });

  it('leave the truth unknown: silence', async () => {
    stripe.say({ silence: true }, { silence: true });
    await expect(impatient.start(order, 'k')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
    await expect(impatient.look('pi_1')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
  });

  it('pass on how long Stripe wants us to wait', async () => {
    stripe.say(fails(429, { code: 'rate_limit' }, { 'retry-after': '7' }));
    await expect(gateway.look('pi_1')).rejects.toMatchObject({ retryAfterMs: 7_000 });
  });

  it.each([
    ['wrong key', 401],
    ['no permission', 403],
  ])('need a person and never repeat the key: %s', async (_, status) => {
    stripe.say(fails(status, { message: 'Invalid API Key provided: sk_test_unit' }));
    const failure = await gateway.look('pi_1').catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'GatewayRejected' });
    expect(String(failure)).not.toContain('sk_test');
  });

  it('need a person when the payment asked for does not exist', async () => {
    stripe.say(fails(404, { code: 'resource_missing' }));
    await expect(gateway.look('pi_gone')).rejects.toMatchObject({ name: 'GatewayRejected', code: 'resource_missing' });
  });
});

describe('a failure stored under our key', () => {
  it('adopts the payment it hides', async () => {
    const other = intentBody({ id: 'pi_0', metadata: { payment_id: 'pay_9_1' } });
    stripe.say(storedFailure, says(listBody(other, intentBody())));
    expect(await gateway.start(order, 'k')).toMatchObject({ kind: 'confirm', ref: 'pi_1' });
    expect(keysHeard()).toEqual(['k']);
  });

  it('goes on to the next key only after the list shows no payment of ours', async () => {
    stripe.say(storedFailure, says(listBody()), storedFailure, says(listBody()), says(intentBody()));
    expect(await gateway.start(order, 'k')).toMatchObject({ kind: 'confirm', ref: 'pi_1' });
    expect(keysHeard()).toEqual(['k', 'k/2', 'k/3']);
    expect(stripe.heard.map(({ method }) => method)).toEqual(['POST', 'GET', 'POST', 'GET', 'POST']);
  });

  it('makes no second call when the list cannot be read', async () => {
    stripe.say(storedFailure, { status: 503, text: '' });
    await expect(gateway.start(order, 'k')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
    expect(keysHeard()).toEqual(['k']);
  });

  it('does not count a fresh 500 as stored', async () => {
    stripe.say(fails(500, { type: 'api_error' }));
    await expect(gateway.start(order, 'k')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
    expect(stripe.heard).toHaveLength(1);
  });

  it('stops after five keys', async () => {
    stripe.say(...Array.from({ length: 10 }, (_, n) => (n % 2 ? says(listBody()) : storedFailure)));
    await expect(gateway.start(order, 'k')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
    expect(keysHeard()).toEqual(['k', 'k/2', 'k/3', 'k/4', 'k/5']);
  });
});

describe('our key used with other parameters', () => {
  const keyTaken = fails(400, { type: 'idempotency_error' });

  it('adopts the payment when booking and amount are the same', async () => {
    stripe.say(keyTaken, says(listBody(intentBody())));
    expect(await gateway.start(order, 'k')).toMatchObject({ kind: 'confirm', ref: 'pi_1' });
  });

  it.each([
    ['amount', { amount: 1 }],
    ['currency', { currency: 'eur' }],
    ['booking', { metadata: { payment_id: 'pay_1_1', booking_id: 'bk_2' } }],
  ])('needs a person when the %s differs', async (_, fields) => {
    stripe.say(keyTaken, says(listBody(intentBody(fields))));
    await expect(gateway.start(order, 'k')).rejects.toMatchObject({ name: 'GatewayRejected', code: 'payment_differs' });
  });

  it('needs a person when no payment is behind it', async () => {
    stripe.say(keyTaken, says(listBody()));
    await expect(gateway.start(order, 'k')).rejects.toMatchObject({ code: 'idempotency_error' });
    expect(keysHeard()).toEqual(['k']);
  });
});

describe('looking at a payment', () => {
  const look = async (fields: Record<string, unknown>) => {
    stripe.say(says(intentBody(fields)));
    return gateway.look('pi_1');
  };

  it('tells what was taken, when, for which fee and from which card', async () => {
    const fact = await look({
      status: 'succeeded',
      amount_received: 12_100,
      latest_charge: chargeBody({ amount_refunded: 100 }),
    });
    expect(stripe.heard[0]?.path).toBe('/v1/payment_intents/pi_1?expand[0]=latest_charge.balance_transaction');
    expect(fact).toEqual({
      ref: 'pi_1',
      status: 'succeeded',
      wireStatus: 'succeeded',
      amount: money(12_100, 'USD'),
      captured: money(12_100, 'USD'),
      capturedAt: new Date(1_795_000_020_000).toISOString(),
      heldUntil: null,
      fee: money(393, 'USD'),
      refunded: money(100, 'USD'),
      disputes: [],
      decline: null,
      method: { type: 'card', brand: 'visa', last4: '4242' },
      bookingId: 'bk_1',
      paymentId: 'pay_1_1',
      answer: expect.stringContaining('"amount_received":12100'),
    });
  });

  it.each([
    ['as the card network says', { card: { capture_before: 1_795_400_000 } }, 1_795_400_000],
    ['a week after the charge where nothing is said', { card: {} }, 1_795_000_000 + 7 * 86_400],
  ])('tells until when what is held can be taken: %s', async (_, details, until) => {
    const charge = chargeBody({ created: 1_795_000_000, payment_method_details: { type: 'card', ...details } });
    const fact = await look({ status: 'requires_capture', latest_charge: charge });
    expect(fact).toMatchObject({
      status: 'authorised',
      captured: null,
      heldUntil: new Date(until * 1_000).toISOString(),
    });
  });

  it.each([
    ['settled in another currency', chargeBody({ balance_transaction: { fee: 393, currency: 'sgd', created: 1 } })],
    ['not settled yet', chargeBody({ balance_transaction: null })],
  ])('does not guess a fee: %s', async (_, charge) => {
    const fact = await look({ status: 'succeeded', amount_received: 12_100, latest_charge: charge });
    expect(fact).toMatchObject({ captured: money(12_100, 'USD'), fee: null });
  });

  it.each([
    ['requires_confirmation', 'requires_payment_method'],
    ['requires_action', 'requires_action'],
    ['processing', 'processing'],
    ['requires_capture', 'authorised'],
    ['canceled', 'cancelled'],
    ['some_state_of_2027', 'processing'],
    ['constructor', 'processing'],
  ])('%s reads as %s and has captured nothing', async (wireStatus, status) => {
    const released = chargeBody({ amount_refunded: 12_100 });
    expect(await look({ status: wireStatus, latest_charge: released })).toMatchObject({
      status,
      wireStatus,
      captured: null,
      fee: null,
      refunded: money(0, 'USD'),
    });
  });

  const error = {
    type: 'card_error',
    code: 'card_declined',
    decline_code: 'insufficient_funds',
    message: 'Your card has insufficient funds.',
  };

  it('names a decline by its charge, in the words of Stripe', async () => {
    const fact = await look({ last_payment_error: { ...error, charge: 'ch_7' } });
    expect(fact.decline).toEqual({
      id: 'ch_7',
      code: 'card_declined',
      declineCode: 'insufficient_funds',
      message: 'Your card has insufficient funds.',
    });
  });

  it('names a decline without a charge by the card tried, the same at every look', async () => {
    const declineOf = async (id: string) => {
      const failure = { type: 'invalid_request_error', code: 'payment_intent_authentication_failure', message: 'No.' };
      return (await look({ last_payment_error: { ...failure, payment_method: { id, created: 5 } } })).decline?.id;
    };
    expect(await declineOf('pm_a')).toBe(await declineOf('pm_a'));
    expect(await declineOf('pm_a')).not.toBe(await declineOf('pm_b'));
  });

  it('forgets the decline once the money is there', async () => {
    const fact = await look({
      status: 'succeeded',
      amount_received: 1,
      latest_charge: chargeBody(),
      last_payment_error: { ...error, charge: 'ch_7' },
    });
    expect(fact.decline).toBeNull();
  });
});

describe('closing a payment', () => {
  const unexpected = (status?: string) =>
    fails(400, {
      code: 'payment_intent_unexpected_state',
      ...(status ? { payment_intent: intentBody({ status }) } : {}),
    });

  it.each<[string, Line[], string]>([
    ['open', [says(intentBody({ status: 'canceled' }))], 'closed'],
    ['cancelled before', [unexpected('canceled')], 'closed'],
    ['paid meanwhile', [unexpected('succeeded')], 'already_paid'],
    ['in flight', [unexpected('processing')], 'in_flight'],
    ['in a state we do not know', [unexpected('some_state_of_2027')], 'in_flight'],
    [
      'paid, without the payment in the error',
      [unexpected(), says(intentBody({ status: 'succeeded', amount_received: 1, latest_charge: chargeBody() }))],
      'already_paid',
    ],
    [
      'paid, by another name',
      [fails(400, {}), says(intentBody({ status: 'succeeded', amount_received: 1 }))],
      'already_paid',
    ],
    [
      'in flight, by another name',
      [fails(400, { code: 'x' }), says(intentBody({ status: 'processing' }))],
      'in_flight',
    ],
    ['cancelled, by another name', [fails(400, {}), says(intentBody({ status: 'canceled' }))], 'closed'],
    ['cancelled, without the payment in the error', [unexpected(), says(intentBody({ status: 'canceled' }))], 'closed'],
    ['open again by the time we look', [unexpected(), says(intentBody())], 'in_flight'],
  ])('%s → %s', async (_, lines, kind) => {
    stripe.say(...lines);
    expect(await gateway.close('pi_1')).toEqual({ kind });
  });

  it.each(['requires_payment_method', 'requires_action', 'requires_capture'])(
    'needs a person where it is refused though the payment is open: %s',
    async (status) => {
      stripe.say(fails(400, { code: 'parameter_unknown' }), says(intentBody({ status })));
      await expect(gateway.close('pi_1')).rejects.toMatchObject({ name: 'GatewayRejected', code: 'parameter_unknown' });
    },
  );

  it('is in doubt where it is refused and the payment cannot be read', async () => {
    stripe.say(fails(400, {}), fails(503, {}));
    await expect(gateway.close('pi_1')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
  });

  it('never repeats a key, for Stripe would repeat its answer', async () => {
    stripe.say(unexpected('processing'), says(intentBody({ status: 'canceled' })));
    expect(await gateway.close('pi_1')).toEqual({ kind: 'in_flight' });
    expect(await gateway.close('pi_1')).toEqual({ kind: 'closed' });
    const [first, second] = keysHeard();
    expect(first).not.toBe(second);
  });
});

describe('the address', () => {
  it.each(['', '/', '/v1', '/v1/'])('may end in %j, as others write it', async (end) => {
    const config = { secretKey: 'sk_test_unit', apiBase: `${stripe.url}${end}`, webhookSecrets: [] };
    stripe.say(says(intentBody()));
    await createStripeIntentGateway(config).look('pi_1');
    expect(stripe.heard[0]?.path).toMatch(/^\/v1\/payment_intents\/pi_1\?/);
  });

  it.each(['http://127.0.0.1:1/stripe', 'ftp://127.0.0.1', 'localhost'])(
    'refuses %s at once, with the reason',
    (apiBase) => {
      expect(() => createStripeIntentGateway({ secretKey: 'sk', apiBase, webhookSecrets: [] })).toThrow(apiBase);
    },
  );
});
