// What CHIP posts in other shapes than it documents. Each only says where to look: the purchase itself is read again.
import { createSign, generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { readChipWebhook } from '../../adapters/gateways/chip-webhook.ts';
import { attempt, paidBody, paymentBody, refundedBody } from './chip-objects.ts';

const HOOK = '7c1a9f0e-5a5b-4b52-9c0e-0d4f5a6b7c8d';
let pair: ReturnType<typeof pairOf>;
const pairOf = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
beforeAll(() => {
  pair = pairOf();
});

/** By the webhook, unless it is said that it is a success callback. */
function read(body: object, webhookId: string | null = HOOK) {
  const raw = Buffer.from(JSON.stringify(body));
  const signature = createSign('RSA-SHA256').update(raw).sign(pair.privateKey, 'base64');
  const keys = { check: async (_: string | null, fits: (key: typeof pair.publicKey) => boolean) => verdictOf(fits) };
  return readChipWebhook(keys, { raw, signature, webhookId });
}
const verdictOf = (fits: (key: typeof pair.publicKey) => boolean) =>
  fits(pair.publicKey) ? ('fits' as const) : ('does not fit' as const);

const without = (body: object, ...names: readonly string[]) =>
  Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)));
const event = (event_type: string, body: object = paidBody()) => ({ ...body, event_type });
const ofPurchase = { kind: 'event', objectRef: 'pur_1', paymentRef: 'pur_1', bookingId: 'bk_1' };
const paid = { ...ofPurchase, type: 'purchase.paid', effect: 'succeeded' };

describe('an object that does not say what it is', () => {
  it('is what its event is about', async () => {
    expect(await read(event('purchase.paid', without(paidBody(), 'type')))).toMatchObject(paid);
    expect(await read({ id: 'pur_1', status: 'paid', event_type: 'purchase.paid' })).toMatchObject({
      ...paid,
      bookingId: null,
    });
    expect(await read(event('payment.refunded', without(paymentBody(), 'type')))).toMatchObject({
      kind: 'event',
      objectRef: 'ref_1',
      effect: 'refunded',
      paymentRef: 'pur_1',
    });
  });

  it('is led to by what it belongs to, whatever that says of itself', async () => {
    const related_to = { id: 'pur_1' };
    expect(await read(event('payment.refunded', paymentBody({ related_to })))).toMatchObject({ paymentRef: 'pur_1' });
  });

  it('is no purchase where it has another’s shape', async () => {
    const stray = without(paymentBody({ related_to: null }), 'type');
    expect(await read(event('payment.refunded', stray))).toMatchObject({ kind: 'ignored', paymentRef: null });
  });
});

describe('the event', () => {
  it('may be named in another place', async () => {
    expect(await read({ ...paidBody(), event: 'purchase.paid' })).toMatchObject(paid);
    expect(await read({ event: 'purchase.paid', data: paidBody() })).toMatchObject(paid);
    expect(await read({ event_type: 'purchase.paid', event: 7, data: paidBody() })).toMatchObject(paid);
  });

  it('may have its object within, beside a name of its own', async () => {
    const flat = await read(event('purchase.paid'));
    expect(await read({ id: 'evt_1', event_type: 'purchase.paid', data: paidBody() })).toEqual(flat);
    expect(await read({ ...event('purchase.paid'), data: {}, object: 'purchase' })).toEqual(flat);
  });

  it('is that it was paid where a success callback names none, and nothing where a webhook names none', async () => {
    expect(await read(paidBody(), null)).toMatchObject(paid);
    expect(await read(without(paidBody(), 'type'), null)).toMatchObject(paid);
    expect(await read(paidBody())).toMatchObject({ kind: 'ignored', type: 'unknown', objectRef: 'pur_1' });
    expect(await read(event('purchase.created'), null)).toMatchObject({ kind: 'ignored' });
    expect(await read(paymentBody(), null)).toMatchObject({ kind: 'ignored' });
  });
});

describe('money that moved later', () => {
  it.each([
    ['payment.refunded', 'refunded'],
    ['payment.charged_back', 'dispute/taken'],
    ['payment.chargeback_reversed', 'dispute/returned'],
  ])('may be told as %s of the purchase itself', async (type, effect) => {
    const told = { ...ofPurchase, effect: expect.stringContaining(effect) };
    expect(await read(event(type, refundedBody(8_900)))).toMatchObject(told);
    expect(await read(event(type, without(refundedBody(8_900), 'type')))).toMatchObject(told);
  });

  it('of one purchase is news each time', async () => {
    const refund = (attempts: number, fields: object = {}) =>
      read(
        event(
          'payment.refunded',
          refundedBody(8_900, ['ref_1'], {
            transaction_data: { attempts: Array.from({ length: attempts }, () => attempt({ type: 'refund' })) },
            ...fields,
          }),
        ),
      );
    const readings = [
      await refund(1),
      await refund(2),
      await refund(2, { updated_on: 1_795_000_900 }),
      // Nothing dates it: two that differ in anything are two.
      await refund(0, { updated_on: null, refundable_amount: 8_900 }),
      await refund(0, { updated_on: null, refundable_amount: 4_900 }),
    ];
    const namesOf = (reading: (typeof readings)[number]) =>
      reading.kind === 'event' ? [reading.eventId, reading.effect] : [];
    expect(new Set(readings.flatMap(namesOf)).size).toBe(10);
    expect(await refund(0, { updated_on: null, refundable_amount: 4_900 })).toEqual(readings.at(-1));
  });
});
