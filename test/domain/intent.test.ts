import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PHASES } from '../../domain/booking.ts';
import type { Booking, Phase } from '../../domain/booking.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { standingOf } from '../../domain/intent.ts';
import type { IntentReason, IntentStanding, IntentStatus, PaymentIntent } from '../../domain/intent.ts';
import { ONE_SEED } from '../one-seed.ts';
import { after, facts } from './sample-booking.ts';

const VERSION = 7;
const IN_TIME = new Date('2026-05-04T10:29:59.999Z');
const TOO_LATE = new Date('2026-05-04T10:30:00.000Z');

const intent: PaymentIntent = {
  booking_id: 'bk_1',
  payment_id: 'pay_1_1',
  purchase_id: 'pi_1',
  amount: 10_000,
  cart_version: VERSION,
  cart_snapshot: { items: [], conditions: [], totals: { subtotal: 10_000, total: 10_000, savings: 0 } },
  asked: 'hash',
  created_at: '2026-05-04T10:00:00.000Z',
  status: 'created',
  checkout_url: 'https://gate.example/p/1/',
  reference: 'cart-1',
};

const standing = (booking: Booking | undefined, change: { cartVersion?: number; now?: Date } = {}): IntentStanding =>
  standingOf({ cartVersion: VERSION, intent, booking, now: IN_TIME, ...change });

const open = after([facts.opened()]);
const abandoned: BookingEvent = {
  type: 'payment.abandoned',
  paymentId: 'pay_1_1',
  as: 'cancelled',
  declines: 0,
  note: 'left',
};
const cancelled: BookingEvent = { type: 'booking.cancelled', reason: 'asked', actor: 'customer' };

describe('an intent', () => {
  const NONE = { status: null, valid: false, reason: 'none', cartChanged: false };
  it('that was never made is none, and so is one whose booking is not there', () => {
    expect(standingOf({ cartVersion: VERSION, intent: undefined, booking: open, now: IN_TIME })).toEqual(NONE);
    expect(standing(undefined)).toEqual(NONE);
  });

  it('is valid while it is open, for this very cart, and in time', () => {
    expect(standing(open)).toEqual({ status: 'created', valid: true, reason: 'none', cartChanged: false });
  });

  it.each<[string, BookingEvent[]]>([
    ['a try was refused', [facts.declined()]],
    ['the bank asks the customer', [facts.actionRequired()]],
    ['the customer left the page', [abandoned]],
    ['money that was on its way did not arrive', [facts.processing(), facts.declined()]],
  ])('stays valid when %s', (_, told) => {
    expect(standing(after([facts.opened(), ...told]))).toMatchObject({ status: 'created', valid: true });
  });

  it('ends with its time, to the millisecond', () => {
    expect(standing(open, { now: TOO_LATE })).toMatchObject({ status: 'created', valid: false, reason: 'expired' });
  });

  it.each([VERSION - 1, VERSION + 1])('is over when the cart is at version %i', (cartVersion) => {
    expect(standing(open, { cartVersion })).toMatchObject({ valid: false, reason: 'cart_changed', cartChanged: true });
  });

  it.each<[IntentStatus, IntentReason, BookingEvent[]]>([
    ['processing', 'status', [facts.processing()]],
    ['paid', 'status', [facts.captured()]],
    ['paid', 'status', [abandoned, facts.captured()]],
    ['failed', 'status', [facts.closed()]],
    ['expired', 'expired', [facts.closed(), { type: 'booking.expired', attempt: 1 }]],
    ['cancelled', 'status', [facts.closed(), cancelled]],
    ['refunded', 'status', [facts.captured(), { type: 'booking.confirmed', attempt: 1 }, cancelled]],
  ])('is %s, for the reason %s', (status, reason, told) => {
    expect(standing(after([facts.opened(), ...told]))).toMatchObject({ status, valid: false, reason });
  });

  it('is judged by its own payment, not by one that came after', () => {
    const other = after([facts.opened(), facts.closed(), facts.opened(2)]);
    expect(standing(other)).toMatchObject({ status: 'failed', valid: false });
  });

  const phase = fc.constantFrom<Phase>(...PHASES);
  const moment = fc.date({
    min: new Date('2026-05-04T00:00:00Z'),
    max: new Date('2026-05-05T00:00:00Z'),
    noInvalidDate: true,
  });
  it('is valid or has a reason, and is never to be paid unless it is open, unchanged and in time', ONE_SEED, () => {
    fc.assert(
      fc.property(phase, fc.integer({ min: 1, max: 20 }), moment, (at, cartVersion, now) => {
        const { valid, reason, status, cartChanged } = standing({ ...open, phase: at }, { cartVersion, now });
        expect(valid).toBe(reason === 'none');
        expect(cartChanged).toBe(cartVersion !== VERSION);
        expect(valid).toBe(at === 'awaiting_payment' && cartVersion === VERSION && now < TOO_LATE);
        expect(status === 'created').toBe(at === 'awaiting_payment');
      }),
    );
  });
});
