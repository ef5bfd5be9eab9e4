import { describe, expect, it } from 'vitest';
import { letterFor } from '../../domain/letters.ts';
import { money } from '../../domain/money.ts';
import { audienceOf, CUSTOMER_NOTICES, STAFF_NOTICES } from '../../domain/notices.ts';
import type { NoticeFacts, NoticeKind } from '../../domain/notices.ts';
import { BRAND } from '../adapters/sample-documents.ts';

const KINDS: readonly NoticeKind[] = [...CUSTOMER_NOTICES, ...STAFF_NOTICES];

const FULL: NoticeFacts = {
  brand: BRAND,
  bookingNumber: 'HF-7K2M9Q',
  activity: 'Victoria Peak Tram',
  goods: false,
  when: { local: '2026-04-12 09:30:00', zone: 'Asia/Hong_Kong' },
  details: [],
  name: 'Zoë',
  travellers: ['Zoë Chan', 'Li Chan'],
  vouchers: 'ready',
  amount: money(27_000, 'HKD'),
  charged: true,
  paidAfter: false,
  stray: false,
  refund: money(5_400, 'HKD'),
  byHand: false,
  terms: ['Free cancellation until 24 hours before the start.', 'After that nothing comes back.'],
  stillBooked: true,
  stuck: null,
  dispute: null,
  reason: 'Your card has insufficient funds',
  payBefore: '2026-03-01T09:00:00.000Z',
  links: {
    view: 'https://s.example/v',
    payAgain: 'https://s.example/p',
    documents: 'https://s.example/d',
    ops: 'https://s.example/o',
  },
};
const BARE: NoticeFacts = {
  ...FULL,
  activity: null,
  goods: false,
  when: null,
  name: null,
  amount: null,
  charged: false,
  refund: null,
  stillBooked: false,
  reason: null,
  payBefore: null,
  links: { view: null, payAgain: null, documents: null, ops: null },
};

const said = (kind: NoticeKind, change: Partial<NoticeFacts> = {}): string => {
  const { subject, preheader, paragraphs } = letterFor(kind, { ...FULL, ...change });
  return [subject, preheader, ...paragraphs].join('\n');
};

it.each(KINDS.filter((kind) => audienceOf(kind) === 'customer' && kind !== 'voucher_ready'))(
  '%s speaks to who bought goods of an order, and sends nobody on a journey',
  (kind) => {
    const {
      greeting: _,
      facts: _facts,
      ...letter
    } = letterFor(kind, { ...FULL, goods: true, vouchers: 'none', terms: [] });
    expect(JSON.stringify(letter)).not.toMatch(/\b(booking|book again|booked for|travel|to go)\b/i);
  },
);

describe.each(KINDS)('%s', (kind) => {
  it('is a whole letter, however little is known', () => {
    for (const facts of [FULL, BARE]) {
      const letter = letterFor(kind, facts);
      expect(letter.paragraphs.length).toBeGreaterThan(0);
      for (const text of [letter.subject, letter.preheader, ...letter.paragraphs]) {
        expect(text).not.toMatch(/\b(undefined|null|NaN|unknown)\b|\[object/);
        expect(text).not.toMatch(/\s{2}|\s[.,:;]|\.\.|^\s|\s$/);
        expect(text).not.toBe('');
      }
    }
  });

  it('leads its reader to what can be done', () => {
    const action = letterFor(kind, FULL).action;
    expect(action?.url).toMatch(audienceOf(kind) === 'staff' ? /\/o$/ : /\/[vpd]$/);
    expect(letterFor(kind, BARE).action).toBeNull();
  });

  it('greets customers and not staff, and tells only customers whom to ask', () => {
    const letter = letterFor(kind, FULL);
    const forCustomer = audienceOf(kind) === 'customer';
    expect(letter.greeting).toBe(forCustomer ? 'Hello Zoë,' : null);
    expect(letter.footer.join(' ').includes(BRAND.supportEmail)).toBe(forCustomer);
  });
});

const DISPUTE = {
  standing: 'open',
  amount: money(9_000, 'HKD'),
  reason: 'product_not_received',
  evidenceDueBy: '2026-03-10T12:00:00.000Z',
  overReturned: null,
} as const;

describe('what a letter says about the money', () => {
  it('a declined payment charged nothing and can be tried again until its time', () => {
    const text = said('payment_failed');
    expect(text).toContain('You have not been charged');
    expect(text).toContain('until 1 March 2026, 09:00 UTC');
    expect(text).toContain('Your card has insufficient funds.');
    expect(letterFor('payment_failed', FULL).action).toEqual({ label: 'Pay again', url: 'https://s.example/p' });
  });

  it('an expired booking took nothing', () => {
    expect(said('booking_expired', { charged: false })).toContain('No money has been taken');
  });

  it.each(['booking_expired', 'booking_cancelled', 'hold_released'] as const)(
    '%s denies no money that was taken for nothing that was asked',
    (kind) => {
      const letter = letterFor(kind, { ...BARE, stray: true });
      for (const text of [letter.preheader, letter.paragraphs.join(' ')]) {
        expect(text).toContain('What you paid was not what we had asked for; it goes back to you in full.');
        expect(text).not.toMatch(/no money|not been charged/i);
      }
    },
  );

  it('a cancelled booking speaks of what paid for it, whatever else was taken', () => {
    expect(said('booking_cancelled', { stray: true })).toContain('HKD 54.00 is on its way back to you');
    expect(said('booking_cancelled', { stray: true, refund: null })).toContain('nothing comes back');
  });

  it.each([
    ['something comes back', {}, 'HKD 54.00 is on its way back to you', 'nothing comes back'],
    ['paid, and nothing comes back', { refund: money(0, 'HKD') }, 'nothing comes back', 'on its way'],
    ['paid afterwards', { paidAfter: true, refund: null }, 'it goes back to you in full', 'nothing comes back'],
    ['never paid', { charged: false, refund: null }, 'You have not been charged', 'nothing comes back'],
  ])('a cancelled booking: %s', (_, change, says, neverSays) => {
    expect(said('booking_cancelled', change)).toContain(says);
    expect(said('booking_cancelled', change)).not.toContain(neverSays);
  });

  it('a refund in part leaves the booking standing, one in full ends it', () => {
    expect(said('booking_refunded')).toContain('stands as it is');
    expect(said('booking_refunded', { stillBooked: false })).toContain('has ended');
  });

  it.each(['booking_cancelled', 'booking_refunded', 'duplicate_refunded', 'late_payment_refunded'] as const)(
    '%s promises nothing of a bank where staff give the money back',
    (kind) => {
      expect(said(kind, { byHand: true })).toMatch(/HKD 54.00 back to you by hand/);
      expect(said(kind, { byHand: true })).not.toMatch(/on its way|the way you paid|have sent HKD|Banks|working days/);
    },
  );

  it('a trip that was stopped after the bank had paid the customer promises no second return', () => {
    const text = said('booking_refunded', { refund: null, stillBooked: false });
    expect(text).toContain('Your money went back to you through your bank.');
    expect(text).not.toMatch(/on its way|We have sent|working days/);
  });

  it('nobody is told of vouchers that there never were', () => {
    for (const kind of ['booking_refunded', 'booking_cancelled'] as const) {
      expect(said(kind, { stillBooked: false })).toContain('no longer valid');
      expect(said(kind, { stillBooked: false, vouchers: 'none' })).not.toMatch(/voucher/i);
    }
  });

  it.each([
    ['ready', 'Your vouchers and the receipt are attached.'],
    ['to_come', 'The vouchers follow in a mail of their own'],
    ['none', 'Your receipt is attached.'],
  ] as const)('a confirmation whose vouchers are %s says what is attached', (vouchers, words) => {
    expect(said('booking_confirmed', { vouchers })).toContain(words);
  });

  it('a confirmation lists who travels, since it asks to check the names', () => {
    const { facts } = letterFor('booking_confirmed', FULL);
    expect(facts).toContainEqual({ label: 'Who', value: 'Zoë Chan, Li Chan' });
  });

  it('a call for staff says what to do about that very step', () => {
    const advised = (step: string, reason: string): string => said('needs_attention', { stuck: { step, reason } });
    expect(advised('pay the supplier', 'insufficient_balance: top up')).toContain('Top it up');
    expect(advised('cancel the supplier order', 'no answer in time')).toContain('Settle it there');
    expect(said('needs_attention')).toContain('/resolve');
  });

  it.each([
    ['the gateway refused the refund', 'tried again by itself', 'Nothing is tried'],
    ['it had arrived and came back', 'Nothing is tried by itself', 'tried again by itself, with'],
  ])('a call for staff says whether anything is tried meanwhile: %s', (reason, says, never) => {
    const text = said('needs_attention', { stuck: { step: 'refund rf_1_1', reason } });
    expect(text).toContain(says);
    expect(text).not.toContain(never);
  });

  it('what was booked is told point by point where the shop says it so', () => {
    const details = [
      { label: 'Hotel', value: 'Pearl Karachi' },
      { label: 'Check-out', value: 'by Thursday 6 May 2027, 12:00 (Asia/Karachi)' },
    ];
    for (const kind of KINDS) {
      const { facts } = letterFor(kind, { ...FULL, details });
      expect(facts).toEqual(expect.arrayContaining(details));
      expect(facts.map(({ label }) => label)).not.toContain('When');
    }
  });

  it('the facts show an amount only when there is one', () => {
    expect(letterFor('booking_confirmed', { ...FULL, refund: null }).facts.map(({ label }) => label)).toEqual([
      'Booking',
      'What',
      'When',
      'Who',
      'Amount',
    ]);
    expect(letterFor('booking_refunded', FULL).facts.at(-1)).toEqual({ label: 'Refund', value: 'HKD 54.00' });
  });

  it.each([
    ['open', 'has taken the money until it decides', 'asks about'],
    ['inquiry', 'No money was taken', 'has taken the money'],
  ] as const)('a case that is %s says whether the money is gone, and until when to answer', (standing, says, never) => {
    const text = said('dispute_opened', { dispute: { ...DISPUTE, standing } });
    expect(text).toContain(says);
    expect(text).not.toContain(never);
    const { facts, preheader } = letterFor('dispute_opened', { ...FULL, dispute: { ...DISPUTE, standing } });
    expect(preheader).toBe('Answer before 10 March 2026, 12:00 UTC.');
    expect(facts).toContainEqual({ label: 'Disputed', value: 'HKD 90.00' });
    expect(facts).toContainEqual({ label: 'Reason of the bank', value: 'product not received' });
  });

  it.each([
    ['won', 'The money is back with us'],
    ['lost', 'booked as a loss'],
    ['dropped', 'No money was taken'],
  ] as const)('a dispute that was %s says what it means for the money', (standing, says) => {
    expect(said('dispute_closed', { dispute: { ...DISPUTE, standing } })).toContain(says);
  });

  it('what went back twice is told to staff, to the cent', () => {
    const dispute = { ...DISPUTE, overReturned: money(9_000, 'HKD') };
    for (const kind of ['dispute_opened', 'dispute_closed'] as const)
      expect(said(kind, { dispute })).toContain('More went back than was ever taken: HKD 90.00.');
  });

  it('a confirmation says the terms of cancelling, in the words of the papers', () => {
    expect(letterFor('booking_confirmed', FULL).paragraphs.join(' ')).toContain(FULL.terms.join(' '));
  });
});
