import { describe, expect, it } from 'vitest';
import { factOf } from '../../adapters/gateways/chip-facts.ts';
import { purchaseWire } from '../../adapters/gateways/chip-wire.ts';
import { money } from '../../domain/money.ts';
import { atIso, attempt, PAID_AT_S, paidBody, priceBody, purchaseBody, refundedBody } from './chip-objects.ts';

const NOW_MS = (PAID_AT_S + 3600) * 1000;
const DAY_MS = 24 * 3_600_000;
const read = (body: object, nowMs = NOW_MS) => factOf(purchaseWire.parse(body), nowMs);
const ringgit = (minor: number) => money(minor, 'MYR');
const tries = (...attempts: readonly object[]) => ({
  transaction_data: { payment_method: '', extra: {}, attempts },
});
const failed = (fields: object = {}) =>
  attempt({ successful: false, error: { code: 'insufficient_funds', message: 'No money.' }, ...fields });

describe('a purchase', () => {
  it('nobody has paid tells what it is about, and no money', () => {
    expect(read(purchaseBody())).toEqual({
      ref: 'pur_1',
      status: 'requires_payment_method',
      wireStatus: 'created',
      amount: ringgit(12_900),
      captured: null,
      capturedAt: null,
      heldUntil: null,
      fee: null,
      refunded: ringgit(0),
      disputes: [],
      decline: null,
      method: null,
      bookingId: 'bk_1',
      paymentId: 'pay_1_1',
    });
  });

  it.each([
    ['created', 'requires_payment_method'],
    ['sent', 'requires_payment_method'],
    ['viewed', 'requires_payment_method'],
    ['error', 'requires_payment_method'],
    ['overdue', 'requires_payment_method'],
    ['expired', 'cancelled'],
    ['cancelled', 'cancelled'],
    ['blocked', 'cancelled'],
    ['released', 'cancelled'],
    ['pending_execute', 'processing'],
    ['pending_charge', 'processing'],
    ['pending_capture', 'processing'],
    ['pending_release', 'processing'],
    ['hold', 'authorised'],
    ['preauthorized', 'processing'],
    ['some_state_of_2027', 'processing'],
  ])('that is %s is %s, and not paid', (wireStatus, status) => {
    expect(read(purchaseBody({ status: wireStatus }))).toMatchObject({ status, wireStatus, captured: null, fee: null });
  });

  it.each(['paid', 'cleared', 'settled', 'pending_refund', 'refunded', 'chargeback'])(
    'that is %s was paid',
    (status) => {
      expect(read(paidBody({ status }))).toMatchObject({ status: 'succeeded', captured: ringgit(12_900) });
    },
  );

  it('tells when, how and at what fee it was paid', () => {
    expect(read(paidBody())).toMatchObject({
      capturedAt: atIso(PAID_AT_S),
      fee: ringgit(100),
      method: { type: 'fpx', brand: null, last4: null },
    });
    const extra = { card_brand: 'visa', masked_pan: '444433******1111' };
    const byCard = { transaction_data: { payment_method: 'visa', extra, attempts: [attempt()] } };
    expect(read(paidBody(byCard)).method).toEqual({ type: 'visa', brand: 'visa', last4: '1111' });
  });

  it.each([
    [{ amount: 12_000, currency: 'MYR' }, ringgit(12_000)],
    [{ amount: 12_900, currency: 'USD' }, money(12_900, 'USD')],
  ])('paid by %o says so, whatever was asked', (payment, captured) => {
    expect(read(paidBody({ payment, refundable_amount: payment.amount }))).toMatchObject({
      amount: ringgit(12_900),
      captured,
      fee: null,
      refunded: { minor: 0, currency: captured.currency },
    });
  });

  it('paid, with no word of the payment itself, took what it was about', () => {
    expect(read(paidBody({ payment: null }))).toMatchObject({
      captured: ringgit(12_900),
      capturedAt: atIso(PAID_AT_S),
      fee: null,
      refunded: ringgit(0),
    });
    expect(read(refundedBody(8_900, ['ref_1'], { payment: null })).refunded).toEqual(ringgit(4_000));
  });

  it('that is held says until when', () => {
    const history = [{ status: 'hold', timestamp: PAID_AT_S }];
    const { heldUntil, captured } = read(purchaseBody({ status: 'hold', status_history: history }));
    expect([heldUntil, captured]).toEqual([atIso(PAID_AT_S + 7 * 24 * 3600), null]);
  });

  it.each([null, {}, { booking_id: 7 }, { booking_id: '' }])(
    'with metadata %o names no booking of ours',
    (metadata) => {
      const { bookingId, paymentId } = read(purchaseBody({ purchase: priceBody({ metadata }) }));
      expect([bookingId, paymentId]).toEqual([null, null]);
    },
  );
});

describe('a refused try', () => {
  it('is the same each time it is looked at, and another than the next within the same second', () => {
    const once = read(purchaseBody({ status: 'error', ...tries(failed()) })).decline;
    expect(once).toMatchObject({ code: 'insufficient_funds', message: 'No money.', declineCode: null });
    expect(read(purchaseBody({ status: 'error', ...tries(failed()) })).decline).toEqual(once);
    expect(read(purchaseBody({ status: 'error', ...tries(failed(), failed()) })).decline?.id).not.toBe(once?.id);
  });

  it('is over once another succeeded, and still told of what nobody can pay any more', () => {
    expect(read(paidBody(tries(attempt(), failed()))).decline).toBeNull();
    expect(read(purchaseBody({ status: 'expired', ...tries(failed()) })).decline).not.toBeNull();
  });

  it('of ours to take or give back is none of the payer’s', () => {
    const ours = tries(failed({ type: 'refund' }), failed({ type: 'capture' }));
    expect(read(purchaseBody({ status: 'cancelled', ...ours })).decline).toBeNull();
  });

  it('without a reason is a refusal all the same', () => {
    const { decline } = read(purchaseBody({ status: 'error', ...tries(failed({ error: null })) }));
    expect(decline).toMatchObject({ code: 'payment_failed', message: 'payment failed' });
  });
});

describe('what went back', () => {
  it.each([8_900, 0])('of which %d are left is the rest', (left) => {
    expect(read(refundedBody(left)).refunded).toEqual(ringgit(12_900 - left));
  });

  it('is nothing where a way to pay cannot be refunded', () => {
    expect(read(paidBody({ refundable_amount: 0, refund_availability: 'none' })).refunded).toEqual(ringgit(0));
  });

  it('counts while the next is under way', () => {
    expect(read(refundedBody(8_900, ['ref_1'], { status: 'pending_refund' })).refunded).toEqual(ringgit(4_000));
  });

  it('is known by the tries too, where no history is told', () => {
    const known = paidBody({
      status: 'settled',
      refundable_amount: 8_900,
      status_history: null,
      ...tries(attempt({ type: 'refund' }), attempt()),
    });
    expect(read(known).refunded).toEqual(ringgit(4_000));
  });
});

describe('a chargeback', () => {
  const taken = (...later: readonly string[]) => {
    const status = later.at(-1) ?? 'chargeback';
    const words = ['paid', 'chargeback', ...later];
    return paidBody({
      status,
      status_history: words.map((word, at) => ({ status: word, timestamp: PAID_AT_S + at })),
    });
  };

  it('is a dispute over all that was there, for the bank to decide', () => {
    expect(read(taken())).toMatchObject({
      status: 'succeeded',
      refunded: ringgit(0),
      disputes: [
        { standing: 'open', wireStatus: 'chargeback', reason: 'chargeback', amount: ringgit(12_900), fee: null },
      ],
    });
    expect(read(taken()).disputes[0]).toMatchObject({ openedAt: atIso(PAID_AT_S + 1), evidenceDueBy: null });
  });

  it('that nobody has reversed in 120 days is lost', () => {
    const [before] = read(taken(), NOW_MS + 118 * DAY_MS).disputes;
    expect(read(taken(), NOW_MS + 121 * DAY_MS).disputes).toEqual([{ ...before, standing: 'lost' }]);
  });

  it('that was reversed is won, under the same name and for the same sum, whatever is refunded later', () => {
    const [open] = read(taken()).disputes;
    const [won] = read(taken('paid')).disputes;
    expect(won).toEqual({ ...open, standing: 'won', wireStatus: 'chargeback_reversed' });
    expect(read({ ...taken('paid', 'refunded'), refundable_amount: 100 }).disputes).toEqual([won]);
  });

  it('that came again is another', () => {
    const disputes = read(taken('paid', 'chargeback')).disputes;
    expect(disputes.map(({ standing }) => standing)).toEqual(['won', 'open']);
    expect(new Set(disputes.map(({ ref }) => ref)).size).toBe(2);
  });

  it('of what was given back in part is over the rest', () => {
    const status_history = ['paid', 'refunded', 'chargeback'].map((status, at) => ({ status, timestamp: at }));
    const fact = read(paidBody({ status: 'chargeback', status_history, refundable_amount: 8_900 }));
    expect(fact).toMatchObject({ refunded: ringgit(4_000), disputes: [{ amount: ringgit(8_900) }] });
  });

  it('after which nothing may be refunded does not read as a refund', () => {
    const status_history = ['paid', 'refunded', 'chargeback'].map((status, at) => ({ status, timestamp: at }));
    const fact = read(paidBody({ status: 'chargeback', status_history, refundable_amount: 0 }));
    expect(fact).toMatchObject({ refunded: ringgit(0), disputes: [{ amount: ringgit(12_900) }] });
  });
});
