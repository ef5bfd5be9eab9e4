import { describe, expect, it } from 'vitest';
import { receiptsOf, voucherOf } from '../../activities/papers.ts';
import type { PaperSource } from '../../activities/papers.ts';
import { contentOf } from '../../domain/document-content.ts';
import type { TravelDocument } from '../../domain/documents.ts';
import { money } from '../../domain/money.ts';
import type { ServiceProduct } from '../../domain/product.ts';
import type { RefundPolicy } from '../../domain/refund-policy.ts';
import { quoteCancellation } from '../../domain/refund-policy.ts';
import { BRAND } from '../adapters/sample-documents.ts';
import { after, facts } from '../domain/sample-booking.ts';
import { productOf } from '../workflows/intake.ts';

const POLICIES: readonly (readonly [string, RefundPolicy])[] = [
  ['free until a day before', [{ hoursBefore: 24, percent: '100' }]],
  ['half back until a day before', [{ hoursBefore: 24, percent: '50' }]],
  ['never refundable', []],
];

const SERVICE = new Date('2026-06-01T01:00:00.000Z');

function sourceWith(refundPolicy: RefundPolicy): PaperSource {
  const booking = after([facts.opened(), facts.captured()]);
  const contact = { firstName: 'Ada', familyName: 'Lovelace', email: 'ada@example.com', mobile: '+44', country: 'GB' };
  return {
    booking,
    product: productOf('bk_1', SERVICE, { product: { refundPolicy } }),
    row: { fxRate: null, netCurrency: 'HKD' },
    travellers: { contact, passengers: [], bookingExtra: [], unitExtra: [] },
    lines: [{ activityName: 'Peak Tram', packageName: 'Return', bookingRef: 'B1', operatorContacts: [] }],
    brand: BRAND,
    issuedAt: '2026-05-04T10:00:00.000Z',
  };
}

const cancellationOn = (document: TravelDocument | undefined): readonly string[] =>
  document ? (contentOf(document).sections.find(({ title }) => title === 'Cancellation')?.paragraphs ?? []) : [];

describe.each(POLICIES)('the papers of a booking that is %s', (_, policy) => {
  const source = sourceWith(policy);
  const voucher = { number: 1, status: 'ready', codes: [], bookingRef: 'B1', url: null } as const;

  it('promise what a quote gives, in its words, the voucher as the receipt', () => {
    const quote = quoteCancellation({
      policy,
      captured: money(10_000, 'HKD'),
      alreadyReturned: money(0, 'HKD'),
      serviceAt: SERVICE.toISOString(),
      now: '2026-05-04T10:00:00.000Z',
    });
    const printed = cancellationOn(voucherOf(source, voucher));
    expect(printed.join(' ')).toContain(quote.reason);
    expect(cancellationOn(receiptsOf(source)[0]?.document)).toEqual(printed);
    expect(printed.some((text) => text.startsWith('Free cancellation'))).toBe(quote.keep.minor === 0);
  });
});

describe('the receipts of a booking that was paid twice', () => {
  const twice = [facts.opened(), facts.closed(), facts.opened(2), facts.captured(2), facts.captured(1)];
  const source = { ...sourceWith([]), booking: after(twice) };

  it('are one for each payment, with the sum, the reference and the returns of that payment alone', () => {
    const back = { ...facts.refundAsked(1, 10_000), paymentId: 'pay_1_1', cause: 'duplicate' } as const;
    const [first, second] = receiptsOf({ ...source, booking: after([...twice, back]) });
    expect(first).toMatchObject({ number: 1, document: { paymentReference: 'pi_1', refunds: [{ id: 'rf_1' }] } });
    expect(second).toMatchObject({ number: 2, document: { paymentReference: 'pi_2', refunds: [] } });
  });
});

describe('the receipt of a service', () => {
  const booking = after([facts.opened(), facts.captured()]);
  const [payment] = booking.payments;
  const charge = payment?.amount ?? money(1, 'HKD');
  const product: ServiceProduct = {
    kind: 'service',
    name: 'Shalimar Garden Hotel',
    option: 'Garden double',
    when: null,
    items: [{ name: 'Night', count: 2, unit: money(1_000_000, 'PKR') }],
    refundPolicy: [],
    gateway: 'stripe_checkout',
    payWhen: 'later',
    refs: {},
  };

  it('says at what rate another currency was charged, and is silent where it was not', () => {
    const terms = { rate: '0.028', source: 'FX_RATES', at: '2026-05-04T10:00:00.000Z' };
    const otherCurrency = { price: money(2_000_000, 'PKR'), charge, ...terms };
    const row = { fxRate: null, netCurrency: null };
    const noteOn = (sold: ServiceProduct) =>
      receiptsOf({ ...sourceWith([]), booking, product: sold, row })[0]?.document.exchangeNote;
    expect(noteOn({ ...product, otherCurrency })).toBe('PKR 20,000.00, at 1 PKR = 0.028 HKD of 4 May 2026, 10:00 UTC');
    expect(noteOn({ ...product, otherCurrency: { ...otherCurrency, charge: money(1, 'HKD') } })).toBeNull();
  });

  it('of a cart lists what was frozen, at its prices, with all that was added and taken off', () => {
    const snapshot = {
      items: [{ id: 'ci_1', product_id: 'kopi', name: 'Kopi', quantity: 2, price: 5_000, subtotal: 10_000 }],
      conditions: [
        { name: 'RM15OFF', type: 'voucher', value: '-1500', amount: -1_500 },
        { name: 'Shipping', type: 'shipping', value: '+1000', amount: 1_500 },
      ],
      totals: { subtotal: 10_000, total: 10_000, savings: 1_500 },
    } as const;
    const order = { cartId: 'cart_1', cartVersion: 1, snapshot, paymentMethods: [] };
    const tableOf = (sold: ServiceProduct) => {
      const document = receiptsOf({ ...sourceWith([]), booking, product: sold })[0]?.document;
      return document && contentOf(document).tables[0]?.rows;
    };
    expect(tableOf({ ...product, order })).toEqual([
      ['Kopi', '2', 'HKD 100.00'],
      ['Voucher RM15OFF', '', '−HKD 15.00'],
      ['Shipping', '', 'HKD 15.00'],
    ]);
    const otherSum = { ...snapshot, totals: { ...snapshot.totals, total: 9_000 } };
    expect(tableOf({ ...product, order: { ...order, snapshot: otherSum } })).toEqual([
      ['Garden double, Night', '2', 'HKD 100.00'],
    ]);
  });
});
