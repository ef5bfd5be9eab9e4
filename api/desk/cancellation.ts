// The customer's way out: first what it would cost, then, with that answer in hand, the deed.
import type { StoredBooking } from '../../db/bookings.ts';
import { keepQuote, takeQuote } from '../../db/cancel-quotes.ts';
import type { CancelQuote } from '../../db/cancel-quotes.ts';
import { refundableMinor, statusOf } from '../../domain/booking.ts';
import type { Booking } from '../../domain/booking.ts';
import { money, zero } from '../../domain/money.ts';
import { quoteCancellation } from '../../domain/refund-policy.ts';
import type { CancellationQuote } from '../../domain/refund-policy.ts';
import type { CancelResult } from '../../workflows/messages.ts';
import { VisibleError } from '../errors.ts';
import type { Desk } from './desk.ts';
import type { Reply } from './door.ts';
import { newQuoteId } from './identifiers.ts';

const VALID_MS = 10 * 60_000;

export interface Quoted extends CancellationQuote {
  readonly quoteId: string;
  readonly expiresAt: string;
}

export async function quoteFor(desk: Desk, stored: StoredBooking): Promise<Quoted> {
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

function quoteOf({ booking, product }: StoredBooking, now: Date): CancellationQuote {
  const { sums, charge, phase, serviceAt } = booking;
  switch (phase) {
    case 'awaiting_payment':
    case 'processing':
      return { refund: zero(charge.currency), keep: zero(charge.currency), reason: 'nothing was paid' };
    case 'confirming':
    case 'confirmed':
    case 'partially_refunded': {
      const captured = money(sums.capturedMinor, charge.currency);
      const alreadyReturned = money(
        captured.minor - Math.min(captured.minor, refundableMinor(booking)),
        charge.currency,
      );
      return quoteCancellation({
        policy: product.refundPolicy,
        captured,
        alreadyReturned,
        serviceAt,
        now: now.toISOString(),
      });
    }
    case 'expired':
    case 'cancelled':
    case 'failed':
    case 'refunded':
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
  { booking, row }: StoredBooking,
  { quoteId, actor }: Cancelling,
): Promise<Cancellation> {
  const taken = await takeQuote(desk.db, row.id, quoteId);
  if (taken.kind === 'unknown')
    throw new VisibleError('not_found', 'There is no such quote.', { code: 'quote_not_found' });
  if (taken.kind === 'expired') throw outdated();
  const { quote } = taken;
  if (taken.kind === 'used' && !stillHolds(booking, quote)) throw outdated();
  // Not asked for a sum before payment; told twice, the workflow answers twice and cancels once.
  const refundMinor = booking.sums.capturedMinor === 0 ? null : quote.refundMinor;
  const reply = await desk.door.cancel(row.id, { actor, quoteId, refundMinor });
  if (reply.kind === 'answered' && reply.value.kind === 'too_late') {
    throw new VisibleError('conflict', `It is too late to cancel: the booking is ${reply.value.status}.`, {
      code: 'too_late',
    });
  }
  return { quote, reply };
}

/** Money that came or went since the quote makes it worthless. */
const stillHolds = (booking: Booking, { refundMinor, keepMinor }: CancelQuote): boolean =>
  refundMinor + keepMinor === Math.min(booking.sums.capturedMinor, refundableMinor(booking));

const outdated = (): VisibleError =>
  new VisibleError('conflict', 'This quote does not hold any more. Ask for a new one.', { code: 'quote_expired' });
