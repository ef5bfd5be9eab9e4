// The customer's way out: first what it would cost, then, with that answer in hand, the deed.
import { lockBooking } from '../../db/bookings.ts';
import type { StoredBooking } from '../../db/bookings.ts';
import { findQuote, keepQuote, markQuoteUsed } from '../../db/cancel-quotes.ts';
import type { CancelQuote } from '../../db/cancel-quotes.ts';
import { statusOf } from '../../domain/booking.ts';
import type { Booking } from '../../domain/booking.ts';
import { money, zero } from '../../domain/money.ts';
import { quoteCancellation } from '../../domain/refund-policy.ts';
import type { CancellationQuote } from '../../domain/refund-policy.ts';
import { mayReopen } from '../../domain/transitions.ts';
import { isTripFrozen, stakeOf } from '../../domain/trip.ts';
import type { CancelResult } from '../../workflows/messages.ts';
import { VisibleError } from '../errors.ts';
import type { Desk } from './desk.ts';
import type { Reply } from './door.ts';
import { newQuoteId } from './identifiers.ts';
import { DISPUTED } from './refunding.ts';

const VALID_MS = 10 * 60_000;

export interface Quoted extends CancellationQuote {
  readonly quoteId: string;
  readonly expiresAt: string;
}

export async function quoteFor(desk: Desk, stored: StoredBooking): Promise<Quoted> {
  refuseDisputed(stored.booking);
  const quote = quoteOf(stored, desk.clock());
  const quoteId = newQuoteId();
  const expiresAt = new Date(desk.clock().getTime() + VALID_MS);
  const { refund, keep, reason } = quote;
  await keepQuote(desk.db, {
    id: quoteId,
    bookingId: stored.row.id,
    refundMinor: refund.minor,
    keepMinor: keep.minor,
    currency: refund.currency,
    reason,
    expiresAt,
  });
  return { ...quote, quoteId, expiresAt: expiresAt.toISOString() };
}

/** What comes back is for the bank to say, and what it leaves cannot be given back meanwhile. */
function refuseDisputed(booking: Booking): void {
  if (isTripFrozen(booking)) throw disputed();
}

const disputed = (): VisibleError => new VisibleError('conflict', DISPUTED, { code: 'payment_disputed' });

function quoteOf({ booking, product }: StoredBooking, now: Date): CancellationQuote {
  const { charge, phase, serviceAt } = booking;
  switch (phase) {
    case 'awaiting_payment':
    case 'processing':
      return { refund: zero(charge.currency), keep: zero(charge.currency), reason: 'nothing was paid' };
    case 'confirming':
    case 'confirmed':
    case 'partially_refunded': {
      const { takenMinor, refundableMinor } = stakeOf(booking);
      return quoteCancellation({
        policy: product.refundPolicy,
        captured: money(takenMinor, charge.currency),
        alreadyReturned: money(takenMinor - refundableMinor, charge.currency),
        serviceAt,
        now: now.toISOString(),
      });
    }
    case 'expired':
    case 'cancelled':
    case 'failed':
    case 'refunded':
      if (mayReopen(booking))
        return { refund: zero(charge.currency), keep: zero(charge.currency), reason: 'no money is held' };
      throw new VisibleError('conflict', `There is nothing to cancel: the booking is ${statusOf(booking)}.`, {
        code: 'not_cancellable',
      });
  }
}

export interface Cancelling {
  readonly quoteId: string;
  readonly actor: string;
}

export type Cancellation = { readonly quote: CancelQuote; readonly reply: Reply<CancelResult> };

export async function cancelWith(
  desk: Desk,
  { row }: StoredBooking,
  { quoteId, actor }: Cancelling,
): Promise<Cancellation> {
  const taken = await takeQuote(desk, row.id, quoteId);
  const { quote } = taken;
  if (taken.kind === 'cancelled_before') return { quote, reply: { kind: 'answered', value: { kind: 'cancelled' } } };
  // Told twice, the workflow answers twice and cancels once.
  const reply = await desk.door.cancel(row.id, { actor, quoteId, refundMinor: taken.refundMinor });
  if (reply.kind === 'answered' && reply.value.kind === 'disputed') throw disputed();
  if (reply.kind === 'answered' && reply.value.kind === 'too_late') {
    throw new VisibleError('conflict', `It is too late to cancel: the booking is ${reply.value.status}.`, {
      code: 'too_late',
    });
  }
  return { quote, reply };
}

type TakenQuote =
  /** Null when nothing was paid for this trip: then no sum may go back, also if the request is heard only after payment. */
  | { kind: 'taken'; quote: CancelQuote; refundMinor: number | null }
  /** An earlier try had its effect; only its answer may have been lost. */
  | { kind: 'cancelled_before'; quote: CancelQuote };

/** Judged under the booking's lock and before it counts as used: a quote that was refused stays refused. */
function takeQuote(desk: Desk, bookingId: string, quoteId: string): Promise<TakenQuote> {
  return desk.db.transaction(async (tx) => {
    const { booking } = await lockBooking(tx, bookingId);
    const found = await findQuote(tx, { bookingId, quoteId });
    if (!found) throw new VisibleError('not_found', 'There is no such quote.', { code: 'quote_not_found' });
    const { quote, hasRunOut } = found;
    const holds = !hasRunOut && stillHolds(booking, quote);
    if (booking.phase !== 'cancelled') refuseDisputed(booking);
    if (quote.usedAt === null) {
      if (!holds) throw outdated();
      const refundMinor = stakeOf(booking).takenMinor === 0 ? null : quote.refundMinor;
      await markQuoteUsed(tx, quoteId, refundMinor);
      return { kind: 'taken', quote, refundMinor };
    }
    if (booking.phase === 'cancelled') return { kind: 'cancelled_before', quote };
    // A sum that was asked for but never heard runs out like any other.
    if (quote.toldRefundMinor !== null && !holds) throw outdated();
    return { kind: 'taken', quote, refundMinor: quote.toldRefundMinor };
  });
}

/** Money that came or went since the quote makes it worthless. */
const stillHolds = (booking: Booking, { refundMinor, keepMinor }: CancelQuote): boolean =>
  refundMinor + keepMinor === stakeOf(booking).refundableMinor;

const outdated = (): VisibleError =>
  new VisibleError('conflict', 'This quote does not hold any more. Ask for a new one.', { code: 'quote_expired' });
