import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { createStripeCheckoutGateway } from '../../adapters/gateways/stripe-checkout.ts';
import { createStripeIntentGateway } from '../../adapters/gateways/stripe-intent.ts';

const OLD = 'whsec_old';
const NEW = 'whsec_new';
const now = () => Math.floor(Date.now() / 1000);

const reader = (...webhookSecrets: string[]) =>
  createStripeIntentGateway({ secretKey: 'sk_test_unit', webhookSecrets });

interface Delivery {
  readonly secrets?: string[];
  readonly signedWith?: string;
  readonly timestamp?: number;
  /** What arrives, when it is not what was signed. */
  readonly arrives?: Uint8Array;
  readonly header?: string;
}

function deliver(payload: string, delivery: Delivery = {}) {
  const { secrets = [NEW], signedWith = NEW, timestamp = now(), arrives = Buffer.from(payload) } = delivery;
  const header =
    delivery.header ?? Stripe.webhooks.generateTestHeaderString({ payload, secret: signedWith, timestamp });
  return reader(...secrets).readWebhook(arrives, (name) =>
    name === 'stripe-signature' ? header || undefined : undefined,
  );
}

const event = (type: string, object: unknown) =>
  JSON.stringify({ id: 'evt_1', object: 'event', type, data: { object } });
const succeeded = event('payment_intent.succeeded', {
  id: 'pi_1',
  object: 'payment_intent',
  metadata: { booking_id: 'bk_1', payment_id: 'pay_1_1' },
});

describe('a genuine event', () => {
  it('says which payment and booking to look at', async () => {
    expect(await deliver(succeeded)).toEqual({
      kind: 'event',
      eventId: 'evt_1',
      type: 'payment_intent.succeeded',
      objectRef: 'pi_1',
      effect: 'succeeded',
      paymentRef: 'pi_1',
      bookingId: 'bk_1',
      paymentId: 'pay_1_1',
    });
  });

  it('is known by the new and by the old secret while they change', async () => {
    for (const signedWith of [OLD, NEW]) {
      expect(await deliver(succeeded, { secrets: [NEW, OLD], signedWith })).toMatchObject({ kind: 'event' });
    }
  });

  it('may be 300 seconds old', async () => {
    expect(await deliver(succeeded, { timestamp: now() - 299 })).toMatchObject({ kind: 'event' });
  });

  const charge = { id: 'ch_1', object: 'charge', payment_intent: 'pi_1', metadata: { booking_id: 'bk_1' } };
  const refund = { id: 're_1', object: 'refund', payment_intent: 'pi_1' };
  const dispute = { id: 'dp_1', object: 'dispute', payment_intent: 'pi_1', metadata: {} };
  const answered = {
    status: 'under_review',
    evidence_details: { due_by: 1_795_777_700, submission_count: 1 },
    balance_transactions: [{ id: 'txn_2' }],
  };
  const intent = { id: 'pi_1', object: 'payment_intent', latest_charge: 'ch_1' };

  it.each([
    ['payment_intent.payment_failed', intent, 'pi_1', 'declined/ch_1'],
    ['payment_intent.canceled', intent, 'pi_1', 'cancelled'],
    ['payment_intent.processing', intent, 'pi_1', 'processing/ch_1'],
    [
      'payment_intent.requires_action',
      { ...intent, latest_charge: null, payment_method: 'pm_1' },
      'pi_1',
      'requires_action/pm_1',
    ],
    ['payment_intent.amount_capturable_updated', intent, 'pi_1', 'authorised'],
    ['charge.captured', charge, 'ch_1', 'captured'],
    ['charge.expired', charge, 'ch_1', 'released'],
    ['charge.refunded', { ...charge, amount_refunded: 700 }, 'ch_1', 'refunded/700'],
    ['charge.updated', { ...charge, balance_transaction: 'txn_1' }, 'ch_1', 'fee'],
    ['refund.created', refund, 're_1', 'refund/created'],
    ['refund.updated', { ...refund, status: 'succeeded' }, 're_1', 'refund/succeeded'],
    ['refund.failed', { ...refund, status: 'failed' }, 're_1', 'refund/failed'],
    ['charge.dispute.created', { ...dispute, status: 'needs_response' }, 'dp_1', 'dispute/created'],
    ['charge.dispute.closed', { ...dispute, status: 'won' }, 'dp_1', 'dispute/won'],
    ['charge.dispute.closed', { ...dispute, payment_intent: { id: 'pi_1' }, status: 'lost' }, 'dp_1', 'dispute/lost'],
    ['charge.dispute.updated', { ...dispute, ...answered }, 'dp_1', 'dispute/updated/under_review/1.1.1795777700'],
    ['charge.dispute.closed', { ...dispute, ...answered, status: 'lost' }, 'dp_1', 'dispute/lost/1.1.1795777700'],
    ['charge.dispute.funds_withdrawn', dispute, 'dp_1', 'dispute/withdrawn'],
    ['charge.dispute.funds_reinstated', dispute, 'dp_1', 'dispute/reinstated'],
  ])('%s speaks of its payment', async (type, object, objectRef, effect) => {
    expect(await deliver(event(type, object))).toMatchObject({
      kind: 'event',
      type,
      objectRef,
      effect,
      paymentRef: 'pi_1',
    });
  });

  const session = {
    id: 'cs_1',
    object: 'checkout.session',
    payment_intent: 'pi_1',
    metadata: { booking_id: 'bk_1', payment_id: 'pay_1_1' },
  };

  it.each([
    ['checkout.session.completed', { ...session, payment_status: 'paid' }, 'completed/paid'],
    ['checkout.session.completed', { ...session, payment_status: 'unpaid' }, 'completed/unpaid'],
    ['checkout.session.async_payment_succeeded', { ...session, payment_status: 'paid' }, 'async/succeeded'],
    ['checkout.session.async_payment_failed', { ...session, payment_status: 'unpaid' }, 'async/failed'],
    ['checkout.session.expired', { ...session, payment_intent: null }, 'expired'],
  ])('%s speaks of its session, whatever intent it has', async (type, object, effect) => {
    expect(await deliver(event(type, object))).toMatchObject({
      kind: 'event',
      objectRef: 'cs_1',
      effect,
      paymentRef: 'cs_1',
      bookingId: 'bk_1',
      paymentId: 'pay_1_1',
    });
  });

  it('reads the same by either gateway at Stripe', async () => {
    const checkout = createStripeCheckoutGateway({ secretKey: 'sk_test_unit', webhookSecrets: [NEW] });
    for (const payload of [succeeded, event('checkout.session.expired', session)]) {
      const header = Stripe.webhooks.generateTestHeaderString({ payload, secret: NEW });
      const reading = await checkout.readWebhook(Buffer.from(payload), () => header);
      expect(reading).toEqual(await deliver(payload));
    }
  });

  it('tells two declines of one payment apart, with a charge or, as after 3-D Secure, without', async () => {
    const effectOf = async (last_payment_error: object) => {
      const failed = { ...intent, latest_charge: 'ch_1', payment_method: null, last_payment_error };
      const reading = await deliver(event('payment_intent.payment_failed', failed));
      return reading.kind === 'event' ? reading.effect : undefined;
    };
    const attempts = [
      { charge: 'ch_1' },
      { charge: 'ch_2' },
      { payment_method: { id: 'pm_1' } },
      { payment_method: { id: 'pm_2' } },
    ];
    const effects = await Promise.all(attempts.map(effectOf));
    expect(effects).toEqual(['declined/ch_1', 'declined/ch_2', 'declined/pm_1', 'declined/pm_2']);
  });
});

describe('an event made by hand', () => {
  const metadata = { booking_id: 'bk_1', payment_id: 'pay_1_1' };

  it.each([
    ['payment_intent.succeeded', { id: 'pi_1', metadata }, 'pi_1', 'succeeded'],
    ['checkout.session.completed', { id: 'cs_1', payment_status: 'paid', metadata }, 'cs_1', 'completed/paid'],
    ['charge.refunded', { id: 'ch_1', payment_intent: 'pi_1', amount_refunded: 7, metadata }, 'pi_1', 'refunded/7'],
    ['charge.dispute.created', { id: 'dp_1', payment_intent: 'pi_1', metadata }, 'pi_1', 'dispute/created'],
  ])('speaks of what its type says: %s', async (type, object, paymentRef, effect) => {
    const whose = { bookingId: 'bk_1', paymentId: 'pay_1_1' };
    expect(await deliver(event(type, object))).toMatchObject({ kind: 'event', paymentRef, effect, ...whose });
  });

  it('may bear names that are not words', async () => {
    const intent = { id: 'pi_1', object: 'payment_intent' };
    const odd = { ...metadata, seats: 2, vip: true, note: null, trip: { day: 1 } };
    expect(await deliver(event('payment_intent.succeeded', { ...intent, metadata: odd }))).toMatchObject({
      kind: 'event',
      bookingId: 'bk_1',
      paymentId: 'pay_1_1',
    });
    for (const nothing of [[], 'bk_1', 5])
      expect(await deliver(event('payment_intent.succeeded', { ...intent, metadata: nothing }))).toMatchObject({
        kind: 'event',
        paymentRef: 'pi_1',
        bookingId: null,
      });
  });

  it('names its payment by the charge, where that is told', async () => {
    const dispute = { id: 'dp_1', object: 'dispute', status: 'needs_response' };
    const told = { ...dispute, charge: { id: 'ch_1', payment_intent: 'pi_1' } };
    expect(await deliver(event('charge.dispute.created', told))).toMatchObject({ kind: 'event', paymentRef: 'pi_1' });
    const named = { ...dispute, charge: 'ch_1' };
    expect(await deliver(event('charge.dispute.created', named))).toMatchObject({ kind: 'ignored', paymentRef: null });
  });
});

describe('an event that is not for us', () => {
  it.each([
    [
      'a type we do not handle',
      event('customer.created', { id: 'cus_1', object: 'customer' }),
      'customer.created',
      'cus_1',
    ],
    [
      'a charge without a payment intent',
      event('charge.refunded', { id: 'ch_1', object: 'charge' }),
      'charge.refunded',
      'ch_1',
    ],
    [
      'a refund that we made, whose answer told us',
      event('refund.created', {
        id: 're_1',
        object: 'refund',
        payment_intent: 'pi_1',
        metadata: { refund_id: 'rf_1' },
      }),
      'refund.created',
      're_1',
    ],
    [
      'a charge without its fee',
      event('charge.updated', { id: 'ch_1', object: 'charge', payment_intent: 'pi_1' }),
      'charge.updated',
      'ch_1',
    ],
    [
      'another object than its type says',
      event('payment_intent.succeeded', { id: 'ch_1', object: 'charge' }),
      'payment_intent.succeeded',
      'ch_1',
    ],
    ['an object of unexpected shape', event('payment_intent.succeeded', { id: 5 }), 'payment_intent.succeeded', null],
    [
      'no object',
      JSON.stringify({ id: 'evt_1', type: 'v1.payment_intent.succeeded', object: 'v2.core.event' }),
      'v1.payment_intent.succeeded',
      null,
    ],
    ['the name of a property all objects have', event('constructor', { id: 'x', object: 'y' }), 'constructor', 'x'],
  ])('is ignored, not thrown: %s', async (_, payload, type, objectRef) => {
    expect(await deliver(payload)).toMatchObject({ kind: 'ignored', eventId: 'evt_1', type, objectRef });
  });

  it('keeps whose it is all the same: later news of the same intent may not say it', async () => {
    const metadata = { booking_id: 'bk_1', payment_id: 'pay_1_1' };
    const created = event('payment_intent.created', { id: 'pi_1', object: 'payment_intent', metadata });
    const whose = { paymentRef: 'pi_1', bookingId: 'bk_1', paymentId: 'pay_1_1' };
    expect(await deliver(created)).toMatchObject({ kind: 'ignored', ...whose });
  });

  it.each(['[]', '5', '"x"', 'null', '{}', '{"id":5,"type":"x"}'])(
    'has a stable id of its own when it is just %s',
    async (payload) => {
      const reading = await deliver(payload);
      expect(reading).toMatchObject({ kind: 'ignored', eventId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) });
      expect(await deliver(payload)).toEqual(reading);
    },
  );
});

describe('a forgery', () => {
  it.each<[string, Delivery, string]>([
    ['no header', { header: '' }, 'no signature header'],
    ['header without a time', { header: 'v1=00' }, 'the signature header is malformed'],
    ['header of another scheme', { header: `t=${now()},v0=00` }, 'the signature header is malformed'],
    ['nonsense in the header', { header: 'hello' }, 'the signature header is malformed'],
    ['foreign secret', { signedWith: 'whsec_thief' }, 'no signature matches the body'],
    ['retired secret', { signedWith: OLD }, 'no signature matches the body'],
    ['too old', { timestamp: now() - 302 }, 'the signature is stale'],
    [
      'too old, by the old secret',
      { timestamp: now() - 302, secrets: [NEW, OLD], signedWith: OLD },
      'the signature is stale',
    ],
    ['truncated body', { arrives: Buffer.from(succeeded.slice(0, -1)) }, 'no signature matches the body'],
    ['one byte changed', { arrives: Buffer.from(succeeded.replace('pi_1', 'pi_2')) }, 'no signature matches the body'],
    ['byte order mark put before', { arrives: Buffer.from(`\uFEFF${succeeded}`) }, 'no signature matches the body'],
    ['no body', { arrives: new Uint8Array() }, 'no signature matches the body'],
    ['no secret configured', { secrets: [] }, 'no signature matches the body'],
    ['blank secret configured', { secrets: [' '] }, 'no signature matches the body'],
    ['bytes that are no text', { arrives: Buffer.from([0xff, 0xfe, 0x7b]) }, 'the body is not UTF-8'],
  ])('is refused: %s', async (_, delivery, reason) => {
    expect(await deliver(succeeded, delivery)).toEqual({ kind: 'forged', reason });
  });

  it('is a signed body that is not JSON, too', async () => {
    expect(await deliver('{"id":')).toEqual({ kind: 'forged', reason: 'the body is not JSON' });
  });
});
