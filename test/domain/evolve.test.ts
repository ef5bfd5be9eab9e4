import { describe, expect, it } from 'vitest';
import type { Phase } from '../../domain/booking.ts';
import { leadingPayment, livePayment, refundableMinor, refundableOfPayment, statusOf } from '../../domain/booking.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { evolve } from '../../domain/evolve.ts';
import { ImpossibleFact } from '../../domain/impossible-fact.ts';
import { money } from '../../domain/money.ts';
import { AT, CONFIRMED, PAID, after, facts, newBooking, paymentNamed, CONFIRMED_PAID_TWICE } from './sample-booking.ts';

const ORDERED = [...PAID, facts.placing(), facts.ordered()];
const EXPIRED = [facts.opened(), facts.closed(), facts.expired()];
const travello = newBooking({ storefront: 'travello' });

describe('a payment', () => {
  it('that was opened is waited for until its end', () => {
    const booking = after([facts.opened()]);
    expect(booking.phase).toBe('awaiting_payment');
    expect(livePayment(booking)).toMatchObject({ id: 'pay_1_1', ref: 'pi_1', status: 'requires_payment_method' });
    expect(booking.expiresAt).toBe('2026-05-04T10:30:00.000Z');
  });

  it('that the gateway refused was never live', () => {
    const booking = after([facts.refused(), facts.failed()]);
    expect(booking.phase).toBe('failed');
    expect(booking.payments).toEqual([
      expect.objectContaining({ id: 'pay_1_1', status: 'failed', wireStatus: 'amount_too_small', ref: null }),
    ]);
    expect(livePayment(booking)).toBeUndefined();
  });

  it('that was declined stays open for another card, and counts the refusal', () => {
    const booking = after([facts.opened(), facts.processing(), facts.declined(1, 'ch_1'), facts.declined(1, 'ch_2')]);
    expect(booking.phase).toBe('awaiting_payment');
    expect(paymentNamed(booking, 1)).toMatchObject({
      status: 'requires_payment_method',
      declines: 2,
      lastDecline: { id: 'ch_2' },
    });
  });

  it('asks for 3-D Secure without calling that money in flight', () => {
    expect(after([facts.opened(), facts.actionRequired()]).phase).toBe('awaiting_payment');
    const booking = after([facts.opened(), facts.processing(), facts.actionRequired()]);
    expect(booking.phase).toBe('awaiting_payment');
    expect(paymentNamed(booking, 1).status).toBe('requires_action');
  });

  it('that was captured stands, whatever is heard of an old refusal afterwards', () => {
    const booking = after([...PAID, facts.declined()]);
    expect(booking.phase).toBe('confirming');
    expect(paymentNamed(booking, 1)).toMatchObject({
      status: 'succeeded',
      wireStatus: 'succeeded',
      declines: 1,
      capturedMinor: 10_000,
    });
  });

  it('tells its fee once, or later, never twice', () => {
    expect(after(PAID).sums.feesMinor).toBe(380);
    expect(
      after([facts.opened(), facts.captured(1, money(10_000, 'HKD'), null), facts.feeKnown(410)]).sums.feesMinor,
    ).toBe(410);
    expect(after([...PAID, facts.feeKnown(410)]).sums.feesMinor).toBe(410);
  });

  it('of an earlier attempt that succeeds pays for the booking, while the later one goes on for itself', () => {
    const booking = after([facts.opened(1), facts.closed(1), facts.opened(2), facts.captured(1), facts.processing(2)]);
    expect(booking.phase).toBe('confirming');
    expect(leadingPayment(booking)?.attempt).toBe(2);
    expect(paymentNamed(booking, 2).status).toBe('processing');
  });

  it('that succeeds after the end changes the sums, not the end', () => {
    for (const end of [facts.expired(), facts.cancelled(), facts.failed()]) {
      const booking = after([facts.opened(), facts.closed(), end, facts.captured()]);
      expect(booking.phase).toBe(after([facts.opened(), facts.closed(), end]).phase);
      expect(booking.sums.capturedMinor).toBe(10_000);
    }
  });
});

describe('a booking', () => {
  it('that expired is revived by late money', () => {
    expect(after([...EXPIRED, facts.captured(), facts.revived()]).phase).toBe('confirming');
  });

  it('confirmed and delivered has its vouchers, numbered as the documents are', () => {
    const booking = after(CONFIRMED);
    expect(booking).toMatchObject({ phase: 'confirmed', confirmedAt: AT, version: CONFIRMED.length });
    expect(booking.vouchers).toEqual([
      { number: 1, status: 'ready', codes: [{ code: 'V-1', description: 'Adult' }], bookingRef: 'BR-1', url: null },
    ]);
  });

  it.each([
    ['cancelled', [facts.cancelled()]],
    ['being compensated', [facts.compensating()]],
    ['refunded', [facts.refundAsked(1, 10_000), facts.refundSucceeded(1)]],
  ])('that is %s lets nobody in any more', (_, events) => {
    expect(after([...CONFIRMED, ...events]).vouchers.map((v) => v.status)).toEqual(['void']);
  });

  it.each([
    ['cancelled', [facts.cancelled()]],
    ['refunded', [facts.refundAsked(1, 10_000), facts.refundSucceeded(1)]],
  ])('that is %s lets nobody in by vouchers that come afterwards', (_, events) => {
    const withoutVouchers = CONFIRMED.slice(0, -1);
    expect(after([...withoutVouchers, ...events, facts.vouchers()]).vouchers.map((v) => v.status)).toEqual(['void']);
  });

  it('needs attention until that very attention is cleared', () => {
    const raise = (id: string): BookingEvent => ({ type: 'attention.raised', id, step: 'pay', reason: 'balance' });
    const clear = (id: string): BookingEvent => ({ type: 'attention.cleared', id, actor: 'staff', how: 'retried' });
    const raised = after([...PAID, raise('a'), raise('b')]);
    expect(statusOf(raised)).toBe('needs_attention');
    expect(raised.phase).toBe('confirming');
    expect(statusOf(after([clear('a')], raised))).toBe('needs_attention');
    expect(statusOf(after([clear('b')], raised))).toBe('confirming');
  });

  it('that was refunded is sold anew where the storefront does that, and is not confirmed by the old trip', () => {
    const refunded = after(
      [facts.opened(), facts.captured(), facts.confirmed(), facts.refundAsked(1, 10_000), facts.refundSucceeded(1)],
      travello,
    );
    expect(refunded.phase).toBe('refunded');
    const again = after([facts.opened(2)], refunded);
    expect(again).toMatchObject({ phase: 'awaiting_payment', confirmedAt: null });
    expect(after([facts.captured(2), facts.confirmed(2)], again)).toMatchObject({
      phase: 'confirmed',
      confirmedAt: AT,
    });
  });
});

describe('a refund', () => {
  it('reserves what it may take before anybody is asked for it', () => {
    const booking = after([...CONFIRMED, facts.refundAsked(1, 6_000)]);
    expect(booking.sums).toMatchObject({ reservedMinor: 6_000, refundedMinor: 0 });
    expect(refundableMinor(booking)).toBe(4_000);
    expect(booking.phase).toBe('confirmed');
  });

  it('that waits for a second pair of eyes reserves nothing until it is approved, and nothing when it is turned down', () => {
    const waiting = [...CONFIRMED, facts.refundAsked(1, 6_000, { needsApproval: true })];
    expect(after(waiting).sums.reservedMinor).toBe(0);
    expect(after([...waiting, facts.refundApproved(1)]).sums.reservedMinor).toBe(6_000);
    const other = [...waiting, facts.refundAsked(2, 3_000)];
    expect(after([...other, facts.refundFailed(1)]).sums.reservedMinor).toBe(3_000);
  });

  it('in part leaves the trip, in full ends it', () => {
    const part = [...CONFIRMED, facts.refundAsked(1, 4_000), facts.refundSucceeded(1)];
    expect(after(part)).toMatchObject({
      phase: 'partially_refunded',
      sums: { refundedMinor: 4_000, reservedMinor: 0 },
    });
    const whole = [...part, facts.refundAsked(2, 6_000), facts.refundSucceeded(2)];
    expect(after(whole)).toMatchObject({ phase: 'refunded', sums: { refundedMinor: 10_000, reservedMinor: 0 } });
  });

  it('in part counts as such also when it was made before the trip was confirmed', () => {
    const early = [...PAID, facts.refundAsked(1, 1_000), facts.refundSucceeded(1)];
    expect(after(early).phase).toBe('confirming');
    expect(after([...early, facts.confirmed()]).phase).toBe('partially_refunded');
  });

  it('that failed gives its reservation free', () => {
    const booking = after([...CONFIRMED, facts.refundAsked(1, 4_000), facts.refundFailed(1)]);
    expect(booking).toMatchObject({ phase: 'confirmed', sums: { refundedMinor: 0, reservedMinor: 0 } });
    expect(booking.refunds[0]).toMatchObject({ status: 'failed', failure: 'the card is closed', cameBack: false });
  });

  it('that a bank sends back has not happened: what nobody got makes no booking partially refunded', () => {
    const booking = after([...CONFIRMED, facts.refundAsked(1, 4_000), facts.refundSucceeded(1), facts.refundFailed(1)]);
    expect(booking).toMatchObject({ phase: 'confirmed', sums: { refundedMinor: 0, reservedMinor: 0 } });
    expect(booking.refunds[0]).toMatchObject({ status: 'failed', cameBack: true });
  });

  it.each([[facts.refundSucceeded(1)], [facts.refundFailed(1)]])(
    'has one end: late word that it is under way changes nothing',
    (end) => {
      const ended = after([...CONFIRMED, facts.refundAsked(1, 4_000), end]);
      expect({ ...after([facts.refundPending(1)], ended), version: 0 }).toEqual({ ...ended, version: 0 });
    },
  );

  it('in the course of a cancellation leaves it cancelled, whatever came back', () => {
    const events = [
      ...CONFIRMED,
      facts.cancelled(),
      facts.refundAsked(1, 10_000, { cause: 'cancellation' }),
      facts.refundSucceeded(1),
    ];
    expect(after(events).phase).toBe('cancelled');
  });

  it('of a second success changes nothing for the trip', () => {
    const twice = [...CONFIRMED, facts.opened(2), facts.captured(2)];
    expect(() => after(twice)).toThrow(ImpossibleFact);
    const returned = [
      ...CONFIRMED_PAID_TWICE,
      facts.refundAsked(1, 10_000, { cause: 'duplicate' }),
      facts.refundSucceeded(1),
    ];
    expect(after(returned)).toMatchObject({
      phase: 'confirmed',
      sums: { capturedMinor: 20_000, refundedMinor: 10_000 },
    });
    const late = [...CONFIRMED_PAID_TWICE, facts.refundAsked(1, 10_000, { cause: 'late' }), facts.refundSucceeded(1)];
    expect(after(late).phase).toBe('confirmed');
  });

  it('in full is seen as such beside a second success, whichever came back first', () => {
    const stray = [
      facts.refundAsked(1, 10_000, { cause: 'duplicate' }),
      facts.refundAsked(2, 10_000, { paymentId: 'pay_1_2' }),
    ];
    const one = after([...CONFIRMED_PAID_TWICE, ...stray, facts.refundSucceeded(2)]);
    const other = after([...CONFIRMED_PAID_TWICE, ...stray, facts.refundSucceeded(1)]);
    expect([one.phase, other.phase]).toEqual(['refunded', 'confirmed']);
    expect(after([facts.refundSucceeded(1)], one).phase).toBe('refunded');
    expect(after([facts.refundSucceeded(2)], other).phase).toBe('refunded');
  });

  it('of late money ends an expired booking as refunded', () => {
    const late = [
      ...EXPIRED,
      facts.captured(),
      facts.refundAsked(1, 10_000, { cause: 'late' }),
      facts.refundSucceeded(1),
    ];
    expect(after(late).phase).toBe('refunded');
  });

  it('draws on one payment and leaves the other alone', () => {
    const booking = after([
      facts.opened(1),
      facts.closed(1),
      facts.opened(2),
      facts.captured(2),
      facts.captured(1),
      facts.refundAsked(1, 3_000),
    ]);
    expect(refundableOfPayment(booking, paymentNamed(booking, 1))).toBe(7_000);
    expect(refundableOfPayment(booking, paymentNamed(booking, 2))).toBe(10_000);
  });
});

describe('a supplier order', () => {
  it('goes from placed to paid to confirmed', () => {
    const statuses = [facts.placing(), facts.ordered(), facts.supplierPaid(), facts.supplierConfirmed()].map(
      (_, i, all) => after([...PAID, ...all.slice(0, i + 1)]).supplierOrders[0]?.status,
    );
    expect(statuses).toEqual(['placing', 'unpaid', 'pending', 'confirmed']);
  });

  it('is followed by the next generation once it is over', () => {
    const booking = after([...ORDERED, facts.supplierEnded(0, 0), facts.placing(1)]);
    expect(booking.supplierOrders.map((o) => [o.ourRef, o.status])).toEqual([
      ['TRK-1', 'canceled'],
      ['TRK-1-r1', 'placing'],
    ]);
  });

  it('that is over keeps its end, though word of its payment is noted', () => {
    const booking = after([...ORDERED, facts.supplierEnded(0, 0), facts.supplierPaid()]);
    expect(booking.supplierOrders[0]).toMatchObject({ status: 'canceled', paidMinor: 8_000 });
  });
});

describe('what cannot be', () => {
  const cases: readonly [string, readonly BookingEvent[], BookingEvent][] = [
    ['a second live payment', [facts.opened(1)], facts.opened(2)],
    ['a payment for a confirmed booking', CONFIRMED, facts.opened(2)],
    ['a new attempt after the end of a trip', EXPIRED, facts.opened(2)],
    ['a payment captured twice', PAID, facts.captured()],
    ['money in flight of what was paid', PAID, facts.processing()],
    ['3-D Secure for what was paid', PAID, facts.actionRequired()],
    ['closing what was paid', PAID, facts.closed()],
    ['expiring what was paid', PAID, facts.expired()],
    ['failing what was paid', PAID, facts.failed()],
    ['confirming what was never paid', [facts.opened()], facts.confirmed()],
    ['confirming what is only held', [facts.opened(), facts.authorised()], facts.confirmed()],
    ['confirming what was cancelled', [facts.opened(), facts.closed(), facts.cancelled()], facts.confirmed()],
    [
      'confirming what was refunded',
      [...PAID, facts.refundAsked(1, 10_000), facts.refundSucceeded(1)],
      facts.confirmed(),
    ],
    ['reviving what failed', [facts.refused(), facts.failed()], facts.revived()],
    [
      'cancelling what was refunded',
      [...CONFIRMED, facts.refundAsked(1, 10_000), facts.refundSucceeded(1)],
      facts.cancelled(),
    ],
    ['making good while money is held', [...PAID, facts.compensating()], facts.compensated()],
    ['a refund of more than was captured', CONFIRMED, facts.refundAsked(1, 10_001)],
    [
      'a refund of more than its payment took, though the booking holds as much',
      [facts.opened(1), facts.closed(1), facts.opened(2), facts.captured(2), facts.captured(1)],
      facts.refundAsked(1, 10_001),
    ],
    [
      'two refunds that are too much together',
      [...CONFIRMED, facts.refundAsked(1, 6_000)],
      facts.refundAsked(2, 6_000),
    ],
    [
      'approving too much',
      [...CONFIRMED, facts.refundAsked(1, 6_000, { needsApproval: true }), facts.refundAsked(2, 6_000)],
      facts.refundApproved(1),
    ],
    ['a refund of nothing', CONFIRMED, facts.refundAsked(1, 0)],
    ['a refund of less than nothing', CONFIRMED, facts.refundAsked(1, -1)],
    ['a refund in another currency', CONFIRMED, facts.refundAsked(1, 1_000, { amount: money(1_000, 'USD') })],
    ['a refund of a payment that took nothing', [facts.opened()], facts.refundAsked(1, 1)],
    [
      'approving twice',
      [...CONFIRMED, facts.refundAsked(1, 1_000, { needsApproval: true }), facts.refundApproved(1)],
      facts.refundApproved(1),
    ],
    [
      'success without approval',
      [...CONFIRMED, facts.refundAsked(1, 1_000, { needsApproval: true })],
      facts.refundSucceeded(1),
    ],
    [
      'under way without approval',
      [...CONFIRMED, facts.refundAsked(1, 1_000, { needsApproval: true })],
      facts.refundPending(1),
    ],
    [
      'success after failure',
      [...CONFIRMED, facts.refundAsked(1, 1_000), facts.refundFailed(1)],
      facts.refundSucceeded(1),
    ],
    ['failing twice', [...CONFIRMED, facts.refundAsked(1, 1_000), facts.refundFailed(1)], facts.refundFailed(1)],
    ['a second order beside one that stands', ORDERED, facts.placing(1)],
    ['confirming an order that is over', [...ORDERED, facts.supplierEnded(0, 0)], facts.supplierConfirmed()],
    ['ordering what was refused', [...PAID, facts.placing(), facts.supplierRefused()], facts.ordered()],
    ['ending an order twice', [...ORDERED, facts.supplierEnded(0, 0)], facts.supplierEnded(0, 0)],
  ];

  it.each(cases)('is refused: %s', (_, given, event) => {
    const booking = after(given);
    expect(() => evolve(booking, event, AT)).toThrow(ImpossibleFact);
  });

  it('leaves the state as it was', () => {
    const booking = after(CONFIRMED);
    const copy = structuredClone(booking);
    expect(() => evolve(booking, facts.refundAsked(1, 99_999), AT)).toThrow(ImpossibleFact);
    expect(booking).toEqual(copy);
  });

  it('includes facts about what does not exist', () => {
    expect(() => after([facts.captured()])).toThrow('no payment');
    expect(() => after([...PAID, facts.supplierPaid()])).toThrow('no supplier order');
    expect(() => after([...PAID, facts.refundSucceeded(1)])).toThrow('no refund');
  });
});

describe('the version', () => {
  it('counts every fact, also one that changes nothing else', () => {
    const phases: Phase[] = [];
    const events: BookingEvent[] = [
      ...CONFIRMED,
      { type: 'documents.issued', version: 1, kinds: ['receipt'] },
      { type: 'notice.resent', requestId: 'r', actor: 'a' },
    ];
    const booking = events.reduce((b, event, i) => {
      const next = evolve(b, event, AT);
      expect(next.version).toBe(i + 1);
      phases.push(next.phase);
      return next;
    }, newBooking());
    expect(booking.version).toBe(events.length);
    expect(phases.at(-1)).toBe('confirmed');
  });
});
