import { describe, expect, it } from 'vitest';
import type { BookingEvent } from '../../domain/events.ts';
import { keyOf } from '../../domain/events.ts';
import { EVERY_FACT } from './every-fact.ts';
import { facts } from './sample-booking.ts';

const all = Object.values(EVERY_FACT);

/** The same fact, told with other words: what is changed belongs to its kind. */
const retold = (event: BookingEvent, change: object): BookingEvent => ({ ...event, ...change });

describe('the key of a fact', () => {
  it('tells the kinds apart', () => {
    expect(new Set(all.map(keyOf)).size).toBe(all.length);
    for (const event of all) expect(keyOf(event).startsWith(`${event.type}/`)).toBe(true);
  });

  it.each([
    ['the wire’s word', facts.captured(), retold(facts.captured(), { wireStatus: 'paid' })],
    ['a fee that came later', facts.captured(1), retold(facts.captured(1), { fee: null })],
    ['another reference', facts.refundSucceeded(1), retold(facts.refundSucceeded(1), { ref: 're_other' })],
    ['another reason', facts.compensated(), retold(facts.compensated(), { reason: 'rejected' })],
    ['another actor', facts.cancelled(), retold(facts.cancelled(), { actor: 'staff' })],
    ['another order number', facts.ordered(), retold(facts.ordered(), { orderNo: 'KLK9' })],
  ] satisfies [string, BookingEvent, BookingEvent][])('stays the same with %s', (_, a, b) => {
    expect(keyOf(a)).toBe(keyOf(b));
  });

  it.each([
    ['attempts', facts.captured(1), facts.captured(2)],
    ['declines of one attempt', facts.declined(1, 'ch_1'), facts.declined(1, 'ch_2')],
    ['3-D Secure before and after a decline', facts.actionRequired(1, 0), facts.actionRequired(1, 1)],
    ['money in flight before and after a decline', facts.processing(1, 0), facts.processing(1, 1)],
    ['refunds', facts.refundSucceeded(1), facts.refundSucceeded(2)],
    ['generations of the order', facts.supplierPaid(0), facts.supplierPaid(1)],
    ['expiries of a booking that was opened anew', facts.expired(1), facts.expired(2)],
    ['confirmations of a booking that was paid anew', facts.confirmed(1), facts.confirmed(2)],
    ['an expiry before the first attempt and one after it', facts.expired(0), facts.expired(1)],
  ] satisfies [string, BookingEvent, BookingEvent][])('tells apart %s', (_, a, b) => {
    expect(keyOf(a)).not.toBe(keyOf(b));
  });

  it('survives the way through JSON, as every history and table does', () => {
    for (const event of all) {
      const back = JSON.parse(JSON.stringify(event)) as BookingEvent;
      expect(back).toEqual(event);
      expect(keyOf(back)).toBe(keyOf(event));
    }
  });
});
