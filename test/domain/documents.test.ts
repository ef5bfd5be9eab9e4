import { describe, expect, it } from 'vitest';
import { formatLocal, formatMoney, formatUtc } from '../../domain/display.ts';
import { contentOf } from '../../domain/document-content.ts';
import type { DocumentContent } from '../../domain/documents.ts';
import { money } from '../../domain/money.ts';
import { RECEIPT, REFUNDED_RECEIPT, VOUCHER } from '../adapters/sample-documents.ts';

const fact = (content: DocumentContent, label: string) => content.facts.find((each) => each.label === label)?.value;
const table = (content: DocumentContent, title: string) => content.tables.find((each) => each.title === title);
const section = (content: DocumentContent, title: string) =>
  content.sections.find((each) => each.title === title)?.paragraphs;

describe('a voucher', () => {
  it('says what, when, where, who and under which numbers', () => {
    const content = contentOf(VOUCHER);
    expect(content).toMatchObject({
      brand: 'Trektoo',
      title: 'Voucher',
      headline: VOUCHER.activity,
      subheadline: VOUCHER.package,
      reference: { value: 'HF-7K2M9Q' },
      codes: [{ text: 'PT428-7719-2203', caption: 'Admits 3' }],
      stamp: null,
    });
    expect(fact(content, 'Date and time')).toBe('Sunday 12 April 2026, 09:30 (Asia/Hong_Kong)');
    expect(fact(content, 'Where')).toBe(VOUCHER.where);
    expect(fact(content, 'Lead traveller')).toBe(VOUCHER.leadTraveller);
    expect(fact(content, 'Supplier reference')).toBe('KLK-99120347');
    expect(table(content, 'Tickets')?.rows).toEqual([
      ['Adult', '2'],
      ['Child (3–11)', '1'],
    ]);
    expect(table(content, 'Travellers')?.rows).toEqual([['Zoë Nguyễn-Łukasiewicz'], ['王小明']]);
    expect(section(content, 'Cancellation')).toEqual([
      'Free cancellation until 24 hours before the start.',
      'After that nothing comes back.',
    ]);
    expect(content.footers.join(' ')).toContain('help@trektoo.example');
  });

  it('leaves out what is not known instead of printing a gap', () => {
    const content = contentOf({
      ...VOUCHER,
      when: null,
      where: null,
      supplierReference: null,
      travellers: [],
      operatorContacts: [],
      terms: [],
    });
    expect(content.facts.map(({ label }) => label)).toEqual(['Lead traveller']);
    expect(content.tables.map(({ title }) => title)).toEqual(['Tickets']);
    expect(content.sections.map(({ title }) => title)).toEqual(['How to use it']);
  });

  it('says which of several it is', () => {
    expect(contentOf({ ...VOUCHER, number: 2, of: 3 }).title).toBe('Voucher 2 of 3');
  });

  it('opens no gate once it is void', () => {
    const content = contentOf({ ...VOUCHER, status: 'void', supplierUrl: 'https://supplier.example/v/1' });
    expect(content.stamp).toBe('VOID: this voucher is no longer valid');
    expect(content.codes).toEqual([]);
    expect(JSON.stringify(content)).not.toContain('supplier.example');
    expect(section(content, 'How to use it')).toBeUndefined();
  });

  it('can be used without a code', () => {
    expect(section(contentOf({ ...VOUCHER, codes: [] }), 'How to use it')).toEqual([
      'Show this page and the booking number on arrival.',
    ]);
  });
});

describe('a receipt', () => {
  it('says who paid whom how much for what, when and how', () => {
    const content = contentOf(RECEIPT);
    expect(fact(content, 'Billed to')).toBe('Zoë Nguyễn-Łukasiewicz\nzoe@example.com');
    expect(fact(content, 'From')).toBe('Trektoo Ltd, 12 Harbour Road, Hong Kong');
    expect(fact(content, 'Paid')).toBe('1 March 2026, 08:14 UTC');
    expect(fact(content, 'Paid with')).toBe('Visa ending in 4242');
    expect(table(content, 'What you paid for')).toMatchObject({
      rows: [
        ['Adult', '2', 'HKD 216.00'],
        ['Child (3–11)', '1', 'HKD 54.00'],
      ],
      totals: [{ label: 'Total paid', value: 'HKD 270.00' }],
    });
    expect(table(content, 'Refunds')).toBeUndefined();
    // Word for word what the voucher says.
    expect(section(content, 'Cancellation')).toEqual(section(contentOf(VOUCHER), 'Cancellation'));
  });

  it('shows each refund and what is left after them', () => {
    expect(table(contentOf(REFUNDED_RECEIPT), 'Refunds')).toMatchObject({
      rows: [
        ['Child ticket cancelled', '2 March 2026', '−HKD 54.00'],
        ['Goodwill (on its way)', '3 March 2026', '−HKD 1,000.00'],
      ],
      totals: [{ label: 'Balance after refunds', value: 'HKD 11,561.67' }],
    });
  });

  it('shows zero, not minus zero, after a full refund', () => {
    const refund = {
      id: 'rf_1',
      amount: RECEIPT.total,
      at: RECEIPT.paidAt,
      reason: 'Cancelled',
      status: 'succeeded' as const,
    };
    expect(table(contentOf({ ...RECEIPT, refunds: [refund] }), 'Refunds')?.totals[0]?.value).toBe('HKD 0.00');
  });

  it.each([
    [{ method: 'card', brand: 'visa', last4: null }, 'Visa'],
    [{ method: 'card', brand: null, last4: '0005' }, 'Card ending in 0005'],
    [{ method: 'fpx_b2c', brand: null, last4: null }, 'Fpx b2c'],
  ])('names the means of payment as far as it is known: %j', (paidWith, shown) => {
    expect(fact(contentOf({ ...RECEIPT, paidWith }), 'Paid with')).toBe(shown);
  });
});

describe('how things are written', () => {
  it.each([
    [money(123_456_789, 'USD'), 'USD 1,234,567.89'],
    [money(1234, 'JPY'), 'JPY 1,234'],
    [money(1_234_567, 'KWD'), 'KWD 1,234.567'],
    [money(5, 'EUR'), 'EUR 0.05'],
    [money(-100_000, 'EUR'), '−EUR 1,000.00'],
  ])('an amount: %j', (amount, shown) => {
    expect(formatMoney(amount)).toBe(shown);
  });

  it.each([
    ['2026-02-28 23:59:00', 'Saturday 28 February 2026, 23:59 (Asia/Tokyo)'],
    ['2024-02-29', 'Thursday 29 February 2024 (Asia/Tokyo)'],
    ['2026-13-01 10:00:00', '2026-13-01 10:00:00 (Asia/Tokyo)'],
    ['soon', 'soon (Asia/Tokyo)'],
  ])('a local moment, never moved to another zone: %s', (local, shown) => {
    expect(formatLocal({ local, zone: 'Asia/Tokyo' })).toBe(shown);
  });

  it('an instant, in UTC', () => {
    expect(formatUtc('2026-03-01T08:14:31.000+08:00')).toBe('1 March 2026, 00:14 UTC');
  });
});
