import { describe, expect, it } from 'vitest';
import type { BookingEvent } from '../../domain/events.ts';
import { evolve } from '../../domain/evolve.ts';
import { REPLACING } from '../../domain/intent.ts';
import { money } from '../../domain/money.ts';
import { audienceOf } from '../../domain/notices.ts';
import { noticesFor } from '../../domain/notify.ts';
import { EVERY_FACT } from './every-fact.ts';
import { AT, CONFIRMED, PAID, after, facts } from './sample-booking.ts';

function told(given: readonly BookingEvent[], event: BookingEvent): [string, string, string][] {
  const before = after(given);
  return noticesFor(event, before, evolve(before, event, AT)).map(({ kind, version, audience }) => [
    kind,
    version,
    audience,
  ]);
}

const MISPAID = facts.captured(1, money(20_000, 'HKD'));

const papers = (version: number, kinds: readonly ('voucher' | 'receipt')[], confirms?: number): BookingEvent => ({
  type: 'documents.issued',
  version,
  kinds,
  ...(confirms !== undefined && { confirms }),
});
const refunded = (cause: Extract<BookingEvent, { type: 'refund.requested' }>['cause']) => [
  ...CONFIRMED,
  facts.refundAsked(1, 1_000, { cause }),
];
const late = [facts.opened(), facts.closed(), facts.expired(), facts.captured()];

describe('a letter', () => {
  it.each<[string, readonly BookingEvent[], BookingEvent, [string, string, string][]]>([
    [
      'says that a card was declined, once an attempt',
      [facts.opened(2)],
      facts.declined(2),
      [['payment_failed', '2', 'customer']],
    ],
    ['confirms with the first papers', CONFIRMED, papers(1, ['receipt'], 1), [['booking_confirmed', '1', 'customer']]],
    [
      'confirms each trip of a booking with its own first papers',
      CONFIRMED,
      papers(4, ['voucher'], 2),
      [['booking_confirmed', '2', 'customer']],
    ],
    ['says nothing of a receipt that is the first, but confirms nothing', CONFIRMED, papers(1, ['receipt']), []],
    [
      'brings vouchers that came later',
      CONFIRMED,
      papers(2, ['voucher', 'receipt']),
      [['voucher_ready', '2', 'customer']],
    ],
    ['does not confirm what was taken back or never came to be', late, papers(1, ['receipt'], 1), []],
    ['does not bring a receipt that only changed', CONFIRMED, papers(3, ['receipt']), []],
    [
      'goes out again when asked',
      CONFIRMED,
      { type: 'notice.resent', requestId: 'rs_7', actor: 'staff' },
      [['voucher_ready', 'resent-rs_7', 'customer']],
    ],
    [
      'sends the confirmation again where nothing was issued that lets anybody in',
      [...PAID, facts.confirmed()],
      { type: 'notice.resent', requestId: 'rs_7', actor: 'staff' },
      [['booking_confirmed', 'resent-rs_7', 'customer']],
    ],
    [
      'says that the time to pay is over',
      [facts.opened(), facts.closed()],
      facts.expired(),
      [['booking_expired', '1', 'customer']],
    ],
    ['says that the booking was cancelled', CONFIRMED, facts.cancelled(), [['booking_cancelled', '1', 'customer']]],
    [
      'does not say so to who goes on shopping and gets a fresh payment page',
      [facts.opened(), facts.closed()],
      { type: 'booking.cancelled', reason: 'cancelled before payment', actor: REPLACING },
      [],
    ],
    [
      'says that everything went back',
      [
        ...PAID,
        facts.compensating(),
        facts.refundAsked(1, 10_000, { cause: 'compensation' }),
        facts.refundSucceeded(1),
      ],
      facts.compensated(),
      [['booking_refunded', 'all-1', 'customer']],
    ],
    [
      'does not say it to who cancelled: that letter has said it',
      [
        ...CONFIRMED,
        facts.cancelled(),
        facts.compensating(),
        facts.refundAsked(1, 10_000, { cause: 'cancellation' }),
        facts.refundSucceeded(1),
      ],
      facts.compensated(),
      [],
    ],
    [
      'says what staff gave back',
      refunded('staff'),
      facts.refundSucceeded(1),
      [['booking_refunded', 'rf_1', 'customer']],
    ],
    [
      'says that a second payment went back',
      refunded('duplicate'),
      facts.refundSucceeded(1),
      [['duplicate_refunded', 'rf_1', 'customer']],
    ],
    [
      'says that late money went back',
      refunded('late'),
      facts.refundSucceeded(1),
      [['late_payment_refunded', 'rf_1', 'customer']],
    ],
    ['is not sent for each part of a compensation', refunded('compensation'), facts.refundSucceeded(1), []],
    ['is not sent twice for a cancellation', refunded('cancellation'), facts.refundSucceeded(1), []],
    [
      'tells staff of late money',
      late,
      facts.refundAsked(1, 10_000, { cause: 'late' }),
      [['late_payment', 'pay_1_1', 'staff']],
    ],
    [
      'tells staff of a refund that waits for a second person',
      CONFIRMED,
      facts.refundAsked(1, 10_000, { needsApproval: true }),
      [['refund_waits', 'rf_1', 'staff']],
    ],
    [
      'tells staff when it lapses',
      [...CONFIRMED, facts.refundAsked(1, 10_000, { needsApproval: true })],
      facts.refundFailed(1, 'lapsed'),
      [['refund_lapsed', 'rf_1', 'staff']],
    ],
    ['says nothing of any other that fails: who asked is answered', refunded('staff'), facts.refundFailed(1), []],
    [
      'calls staff when a step is stuck',
      CONFIRMED,
      { type: 'attention.raised', id: 'pay/1', step: 'pay', reason: 'balance' },
      [['needs_attention', 'pay/1', 'staff']],
    ],
    [
      'does not call staff again about what they have a letter of',
      CONFIRMED,
      { type: 'attention.raised', id: 'dispute/1', step: 'dispute', reason: 'open', told: true },
      [],
    ],
    [
      'says of money that nobody asked for what it was, and leaves staff to the step that calls them',
      [facts.opened(), MISPAID],
      facts.refundAsked(1, 20_000, { cause: 'late' }),
      [],
    ],
    [
      'does not say that it came too late',
      [facts.opened(), MISPAID, facts.refundAsked(1, 20_000, { cause: 'late' })],
      facts.refundSucceeded(1),
      [['mispaid_refunded', 'rf_1', 'customer']],
    ],
    ['tells staff of a dispute', CONFIRMED, facts.disputed(), [['dispute_opened', 'du_1-1', 'staff']]],
    [
      'does not tell of each letter that goes to and fro about it',
      [...CONFIRMED, facts.disputed()],
      facts.disputed(2, { wireStatus: 'under_review' }),
      [],
    ],
    [
      'tells anew of an inquiry that takes the money now',
      [...CONFIRMED, facts.disputed(1, { standing: 'inquiry' })],
      facts.disputed(2),
      [['dispute_opened', 'du_1-2', 'staff']],
    ],
    [
      'tells staff how it ended',
      [...CONFIRMED, facts.disputed()],
      facts.disputed(2, { standing: 'lost' }),
      [['dispute_closed', 'du_1-2', 'staff']],
    ],
  ])('%s', (_, given, event, notices) => {
    expect(told(given, event)).toEqual(notices);
  });

  it('has the audience of its kind, and a version to be sent once by', () => {
    const before = after([...CONFIRMED, facts.refundAsked(1, 1_000)]);
    for (const event of Object.values(EVERY_FACT))
      for (const { kind, version, audience } of noticesFor(event, before, before)) {
        expect(audience).toBe(audienceOf(kind));
        expect(version).not.toBe('');
      }
  });

  it('is not sent for what happens without the customer', () => {
    const before = after([...CONFIRMED, facts.refundAsked(1, 1_000)]);
    const silent = Object.values(EVERY_FACT).filter((event) => noticesFor(event, before, before).length === 0);
    expect(silent.filter(({ type }) => type.startsWith('supplier.'))).toHaveLength(6);
    expect(silent.map((e) => e.type)).toContain('payment.captured');
  });
});
