import { describe, expect, it } from 'vitest';
import { drawDocument } from '../../adapters/pdf/document-pdf.ts';
import { evidenceContent } from '../../domain/evidence.ts';
import type { EvidenceFile } from '../../domain/evidence.ts';
import { soldOf } from '../../domain/product.ts';
import { termsInWords } from '../../domain/refund-terms.ts';
import { BRAND } from '../adapters/sample-documents.ts';
import { textOf } from '../adapters/pdf-text.ts';
import { after, CONFIRMED, facts } from '../domain/sample-booking.ts';
import { productOf } from '../workflows/intake.ts';

const booking = after([
  ...CONFIRMED,
  facts.refundAsked(1, 1_000, { reason: 'a word of the house', actor: 'staff-1' }),
  facts.refundSucceeded(1),
  facts.disputed(1, { reason: 'product_not_received' }),
]);

const FILE: EvidenceFile = {
  booking,
  brand: BRAND,
  issuedAt: '2026-05-04T11:00:00.000Z',
  sold: soldOf(productOf('bk_1', new Date('2026-06-01T01:00:00.000Z'), {})),
  travellers: {
    contact: { firstName: 'Ada', familyName: 'Lovelace', email: 'ada@example.com', mobile: '+44', country: 'GB' },
    passengers: [{ firstName: '小明', familyName: '王', type: null, otherInfo: [] }],
    bookingExtra: [],
    unitExtra: [],
  },
  bookedAt: '2026-05-04T09:55:00.000Z',
  terms: termsInWords([{ hoursBefore: 24, percent: '100' }]),
  letters: [{ kind: 'booking_confirmed', at: '2026-05-04T10:01:00.000Z' }],
  facts: [
    { type: 'payment.captured', at: '2026-05-04T10:00:00.000Z' },
    { type: 'attention.raised', at: '2026-05-04T10:00:30.000Z' },
    { type: 'booking.confirmed', at: '2026-05-04T10:00:40.000Z' },
  ],
};

describe('the evidence for a bank', () => {
  it.each([
    ['who', /Ada Lovelace[\s\S]*ada@example.com[\s\S]*小明 王/],
    ['what, and when', /1 June 2026[\s\S]*Adult 2/],
    ['on which terms', /Free cancellation until 24 hours before the start/],
    ['how it was paid', /pi_1[\s\S]*Visa ending in 4242[\s\S]*HKD 100\.00/],
    ['what was delivered', /BR-1[\s\S]*V-1[\s\S]*ready/],
    ['what was written to the customer', /booking confirmed[\s\S]*ada@example.com[\s\S]*4 May 2026, 10:01 UTC/],
    ['what the bank says', /du_1[\s\S]*product not received[\s\S]*13 May 2026, 10:00 UTC/],
    ['what was given back', /re_1[\s\S]*HKD 10\.00/],
    ['what happened', /payment captured[\s\S]*booking confirmed/],
  ])('says %s, as text that can be copied', async (_, words) => {
    expect(await textOf(await drawDocument(evidenceContent(FILE)))).toMatch(words);
  });

  it('keeps to itself what the house says to itself', () => {
    expect(JSON.stringify(evidenceContent(FILE))).not.toMatch(/a word of the house|staff-1|attention/);
  });

  it('can be drawn where another house keeps the travellers, and of little that is known', async () => {
    const bare = { ...FILE, travellers: undefined, letters: [], facts: [], terms: [] };
    expect(await textOf(await drawDocument(evidenceContent(bare)))).toContain('Evidence for a disputed payment');
  });
});
