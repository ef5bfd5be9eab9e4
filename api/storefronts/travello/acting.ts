// What may be done with a booking on this wire, refused in the seed's words: by those who may, while it can be done.
import type { z } from '@hono/zod-openapi';
import { isUnderWay } from '../../../domain/booking.ts';
import { isDueOnArrival } from '../../../domain/routing.ts';
import {
  answeredOf,
  bookingByReference,
  cancelWith,
  freshened,
  markPaid,
  newRequestId,
  notReady,
  numberOfPayment,
  payInEitherCurrency,
  quoteFor,
  writeDown,
} from '../../bookings.ts';
import type { Desk, Principal, StoredBooking } from '../../bookings.ts';
import { VisibleError } from '../../errors.ts';
import type { MarkPaid, Session } from './wire.ts';

const STOREFRONT = 'travello';

export interface Asked {
  readonly bookingId: number | string;
  readonly principal: Principal;
  readonly heldScope?: string | undefined;
}

export const bookingOf = (desk: Desk, { bookingId, principal }: Asked): Promise<StoredBooking> =>
  bookingByReference(desk, { storefront: STOREFRONT, text: String(bookingId) }, principal);

interface OpenedSession {
  /** Ours, behind the wire. */
  readonly bookingId: string;
  readonly session: z.output<typeof Session>;
}

export async function openSession(desk: Desk, asked: Asked): Promise<OpenedSession> {
  const before = await bookingOf(desk, asked);
  mustBePayable(before);
  const stored = await freshened(desk, before);
  mustBePayable(stored);
  const { payment, redirectUrl } = await payInEitherCurrency(desk, stored).catch(async (error: unknown) => {
    // Somebody may have paid or cancelled it meanwhile: that is the better thing to say.
    mustBePayable(await bookingOf(desk, asked));
    throw await asStripeError(desk, before, error);
  });
  if (payment.ref === null || redirectUrl === null) {
    mustBePayable(await bookingOf(desk, asked));
    throw notReady();
  }
  const session = {
    success: true as const,
    session_id: payment.ref,
    session_url: redirectUrl,
    payment_id: await numberOfPayment(desk, payment.id),
    publishable_key: desk.config.stripe.publishableKey,
  };
  return { bookingId: stored.row.id, session };
}

function mustBePayable({ booking, product }: StoredBooking): void {
  if (isDueOnArrival(product)) throw refused('not_online');
  refusePaid(booking);
  if (booking.phase === 'processing')
    throw new VisibleError('conflict', 'The payment is being processed.', { code: 'payment_processing' });
}

function refusePaid({ phase }: StoredBooking['booking']): void {
  if (isUnderWay(phase)) throw refused('already_paid');
  if (phase === 'cancelled') throw refused('booking_cancelled');
}

/** The text is the area's. */
const refused = (code: string, cause?: unknown): VisibleError =>
  new VisibleError('invalid', 'This cannot be done with this booking.', { code, cause });

/** Stripe said no, or says nothing: then the session is still being opened, and the same request gets it when Stripe is back. */
async function asStripeError(desk: Desk, { row }: StoredBooking, error: unknown): Promise<unknown> {
  if (!(error instanceof VisibleError)) return error;
  const silent = error.kind === 'not_ready' && (await desk.door.failing(row.id)).includes('openPayment');
  if (error.kind !== 'unacceptable' && !silent) return error;
  const retry = silent ? { retryAfterS: 2 } : {};
  return new VisibleError('internal', 'Stripe API error', { code: 'stripe_api_error', cause: error, ...retry });
}

export async function markAsPaid(
  desk: Desk,
  asked: Asked,
  { note, force }: z.output<typeof MarkPaid>,
): Promise<StoredBooking> {
  const stored = await bookingOf(desk, asked);
  const requestId = newRequestId('mp', asked.heldScope);
  await markPaid(desk, stored, { requestId, principal: asked.principal, note, force }).catch(async (error: unknown) => {
    if (!(error instanceof VisibleError) || error.kind !== 'conflict') throw error;
    if (error.code === 'already_paid' || error.code === 'not_on_arrival') throw refused(error.code, error);
    refusePaid((await bookingOf(desk, asked)).booking);
    throw error;
  });
  return bookingOf(desk, asked);
}

export async function cancel(desk: Desk, asked: Asked): Promise<StoredBooking> {
  const { principal } = asked;
  const stored = await bookingOf(desk, asked);
  if (stored.booking.phase === 'cancelled') return stored;
  const { quoteId } = await quoteFor(desk, stored);
  // Before it is done: who cancelled is known whatever dies in between.
  await writeDown(desk, principal, { action: 'cancel', bookingId: stored.row.id, detail: { quoteId } });
  const { reply } = await cancelWith(desk, stored, { quoteId, actor: principal.sub });
  answeredOf(reply);
  return bookingOf(desk, asked);
}
