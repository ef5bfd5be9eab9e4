// A booking's life as the model keeps it: facts in their order, with what each made of the books.
import { isLive, refundableOfPayment } from '../../domain/booking.ts';
import type { Booking, Payment, RefundCause, SupplierOrder } from '../../domain/booking.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { keyOf } from '../../domain/events.ts';
import { evolve } from '../../domain/evolve.ts';
import { givenByHand } from '../../domain/given-by-hand.ts';
import { postingsFor } from '../../domain/ledger.ts';
import type { Posting } from '../../domain/ledger.ts';
import { money } from '../../domain/money.ts';
import { sourcesOf } from '../../domain/payment-facts.ts';
import { AT } from './sample-booking.ts';

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

export const beginning = (start: Booking): Life => ({
  start,
  steps: [],
  booking: start,
  decisions: [],
  known: new Set(),
  compensating: false,
  named: 0,
});

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

export const standing = (booking: Booking): SupplierOrder | undefined =>
  booking.supplierOrders.find((o) => o.status !== 'rejected' && o.status !== 'expired' && o.status !== 'canceled');

export const liveOf = (booking: Booking): Payment | undefined => booking.payments.find(isLive);

/** A refund of this cause, of as much as `share` asks for; nothing when nothing is left. */
export function refund(life: Life, cause: RefundCause, share: (left: number) => number): BookingEvent[] {
  const { booking } = life;
  const payment = sourcesOf(booking, cause).find((p) => refundableOfPayment(booking, p) > 0);
  if (!payment) return [];
  const left = refundableOfPayment(booking, payment);
  const minor = Math.min(left, share(left));
  if (minor <= 0) return [];
  life.named += 1;
  const { id: paymentId } = payment;
  const amount = money(minor, payment.amount.currency);
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

export const GIVEN_BESIDE = '_by_hand';

/** Whatever is left by then: a person says that the money went another way. */
export const saidGiven = (booking: Booking, refundId: string): readonly BookingEvent[] =>
  givenByHand(booking, { refundId, actor: 'staff-1' });
