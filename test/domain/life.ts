// A small model of customer, gateway, supplier and staff: from dice it makes a booking's life as it could happen.
import fc from 'fast-check';
import { STOREFRONTS, isLive, paymentOf, refundableMinor, refundableOfPayment } from '../../domain/booking.ts';
import type { Booking, Payment, RefundCause, SupplierOrder } from '../../domain/booking.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { keyOf } from '../../domain/events.ts';
import { evolve } from '../../domain/evolve.ts';
import { postingsFor } from '../../domain/ledger.ts';
import type { Posting } from '../../domain/ledger.ts';
import { chargeStep, money } from '../../domain/money.ts';
import { sourcesOf } from '../../domain/payment-facts.ts';
import { plausible, settling } from './life-moves.ts';
import { AT, newBooking } from './sample-booking.ts';

export interface Step {
  readonly event: BookingEvent;
  readonly before: Booking;
  readonly after: Booking;
  readonly postings: readonly Posting[];
}

export interface Life {
  readonly start: Booking;
  readonly steps: Step[];
  booking: Booking;
  /** How many steps had been taken when each decision was written: between them nobody looks. */
  readonly decisions: number[];
  readonly known: Set<string>;
  compensating: boolean;
  /** Counts what needs a new name: declines, refunds, attentions. */
  named: number;
}

/** As activities/record.ts does it: a fact already known is skipped. */
export function record(life: Life, events: readonly BookingEvent[]): void {
  for (const event of events) {
    if (life.known.has(keyOf(event))) continue;
    const before = life.booking;
    life.booking = evolve(before, event, AT);
    life.known.add(keyOf(event));
    life.steps.push({ event, before, after: life.booking, postings: postingsFor(event, before) });
    if (event.type === 'booking.compensation_started') life.compensating = true;
    if (event.type === 'booking.compensated' || event.type === 'payment.opened') life.compensating = false;
  }
  life.decisions.push(life.steps.length);
}

export interface Plan {
  readonly start: Booking;
  readonly netCurrency: string;
  readonly dice: readonly number[];
}

/** Plays the dice, then brings what is under way to its end. */
export function lived({ start, netCurrency, dice }: Plan, { toRest }: { toRest: boolean }): Life {
  const life: Life = {
    start,
    steps: [],
    booking: start,
    decisions: [],
    known: new Set(),
    compensating: false,
    named: 0,
  };
  for (const die of dice) {
    const moves = plausible(life, { netCurrency, amount: Math.floor(die / 64) });
    const move = moves[die % moves.length];
    if (move) record(life, move());
  }
  if (!toRest) return life;
  for (let left = 100; left > 0; left -= 1) {
    const [next] = settling(life);
    if (!next) return life;
    record(life, next());
  }
  throw new Error('the booking never came to rest');
}

const CHARGES = ['HKD', 'USD', 'JPY', 'KWD', 'ISK'] as const;

export const plans: fc.Arbitrary<Plan> = fc
  .record({
    storefront: fc.oneof(
      { weight: 3, arbitrary: fc.constant('trektoo' as const) },
      { weight: 1, arbitrary: fc.constantFrom(...STOREFRONTS) },
    ),
    currency: fc.constantFrom(...CHARGES),
    netCurrency: fc.constantFrom(...CHARGES),
    steps: fc.integer({ min: 1, max: 300_000 }),
    rate: fc.integer({ min: 1, max: 9_999_999 }),
    dice: fc.array(fc.nat({ max: 64 * 10_000 }), { maxLength: 45, size: 'max' }),
  })
  .map(({ storefront, currency, netCurrency, steps, rate, dice }) => ({
    start: newBooking({
      storefront,
      charge: money(steps * chargeStep(currency), currency),
      fxRate: currency === netCurrency ? null : (rate / 10_000).toFixed(4),
    }),
    netCurrency,
    dice,
  }));

export const standing = (booking: Booking): SupplierOrder | undefined =>
  booking.supplierOrders.find((o) => o.status !== 'rejected' && o.status !== 'expired' && o.status !== 'canceled');

export const liveOf = (booking: Booking): Payment | undefined => booking.payments.find(isLive);

/** A refund of this cause, of as much as `share` asks for; nothing when nothing is left. */
export function refund(life: Life, cause: RefundCause, share: (left: number) => number): BookingEvent[] {
  const { booking } = life;
  const payment = sourcesOf(booking, cause).find((p) => refundableOfPayment(booking, p) > 0);
  if (!payment) return [];
  const left = Math.min(refundableOfPayment(booking, paymentOf(booking, payment.id)), refundableMinor(booking));
  const minor = Math.min(left, share(left));
  if (minor <= 0) return [];
  life.named += 1;
  const { id: paymentId } = payment;
  const amount = money(minor, booking.charge.currency);
  const refundId = `rf_${life.named}`;
  const asked = {
    type: 'refund.requested',
    refundId,
    paymentId,
    amount,
    cause,
    reason: cause,
    actor: 'model',
    needsApproval: false,
  } as const;
  return cause === 'duplicate' ? [asked, { type: 'payment.duplicate_refunded', paymentId, refundId }] : [asked];
}
