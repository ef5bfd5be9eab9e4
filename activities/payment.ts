// Verbs about payment attempts: opening one, taking what it holds, and letting go of it.
import { eq } from 'drizzle-orm';
import type { StoredBooking } from '../db/bookings.ts';
import { payments } from '../db/schema.ts';
import type { Booking, Payment } from '../domain/booking.ts';
import { heldPayment, isForTrip, isLive, leadingPayment } from '../domain/booking.ts';
import type { Digest } from '../domain/digest.ts';
import { digestOf, isPaidFor } from '../domain/digest.ts';
import type { BookingEvent } from '../domain/events.ts';
import type { Gateway, PaymentTerms, Started } from '../domain/payment.ts';
import { paysLater } from '../domain/product.ts';
import type { Product } from '../domain/product.ts';
import { mayMove } from '../domain/transitions.ts';
import type { Deps } from './deps.ts';
import { mustLoad } from './loading.ts';
import { lookAt } from './payment-news.ts';
import { isTakenLater, paymentOrderOf } from './payment-order.ts';

export type OpenOutcome =
  | { kind: 'opened'; paymentId: string; now: Digest }
  | { kind: 'refused'; code: string; message: string; now: Digest }
  /** This product's supplier order is made before the customer can pay. */
  | { kind: 'order_first'; now: Digest }
  | { kind: 'pays_later'; now: Digest };

export type CloseOutcome = { kind: 'closed' | 'already_paid' | 'in_flight'; now: Digest };

/** Refused: the hold is gone, or is not honoured. */
export type CaptureOutcome = { kind: 'captured' | 'refused'; now: Digest };

export interface OpenPaymentInput {
  readonly bookingId: string;
  readonly attempt: number;
  /** What this attempt takes and until when, where it differs from what the booking says. */
  readonly terms?: PaymentTerms;
  /** With the booking itself: some are paid for in a request of their own. */
  readonly first?: true;
}

export interface ClosePaymentInput {
  readonly bookingId: string;
  /** Why, in words that stay: what the customer never paid is recorded with it. */
  readonly ending:
    | { as: 'expired' }
    | { as: 'cancelled'; reason: string; actor: string }
    | { as: 'replaced' }
    /** The money was held for a trip that could not be had. */
    | { as: 'released' };
}

export const paymentActivities = (deps: Deps) => ({
  async openPayment({ bookingId, attempt, terms, first }: OpenPaymentInput): Promise<OpenOutcome> {
    const stored = onTerms(await mustLoad(deps, bookingId), terms);
    const known = openedBefore(stored.booking, attempt);
    if (known) return known;
    if (first && paysLater(stored.product)) return { kind: 'pays_later', now: digestOf(stored.booking) };
    if (isOrderedFirst(stored.product) && stored.booking.supplierOrders.every((o) => !o.orderNo))
      return { kind: 'order_first', now: digestOf(stored.booking) };
    const { paymentId, gateway, order } = await paymentOrderOf(deps, stored, attempt);
    const started = await gateway.start(order, paymentId);
    return recordStart(deps, { stored, started, paymentId, attempt, gateway });
  },

  async captureHeld({ bookingId }: { bookingId: string }): Promise<CaptureOutcome> {
    const { booking } = await mustLoad(deps, bookingId);
    const payment = heldPayment(booking);
    if (!payment?.ref) return { kind: isPaidFor(digestOf(booking)) ? 'captured' : 'refused', now: digestOf(booking) };
    const taken = await deps.gateways[payment.gateway].capture(payment.ref);
    const { kind, now } = await lookAt(deps, { bookingId, paymentId: payment.id });
    if (taken.kind === 'captured' && kind !== 'captured')
      throw new Error(`${payment.ref} was taken and reads as ${kind}`);
    // Somebody may have taken a part of it in the gateway's dashboard, which lets go of the rest.
    return { kind: kind === 'captured' && now.shortMinor === 0 ? kind : 'refused', now };
  },

  async closePayment({ bookingId, ending }: ClosePaymentInput): Promise<CloseOutcome> {
    const { booking, product } = await mustLoad(deps, bookingId);
    const payment = leadingPayment(booking);
    // What was given back in full pays for nothing any more, and what is another sum never did.
    if (payment?.status === 'succeeded' && booking.phase !== 'refunded' && isForTrip(booking, payment))
      return { kind: 'already_paid', now: digestOf(booking) };
    if (payment?.ref && isLive(payment)) {
      if (ending.as !== 'released' && (await isHeld(deps, payment, product)))
        return { kind: 'already_paid', now: digestOf(booking) };
      const closed = await deps.gateways[payment.gateway].close(payment.ref);
      if (closed.kind !== 'closed') return { kind: closed.kind, now: digestOf(booking) };
    }
    const after = await deps.record(bookingId, (stored) => closingFacts(stored.booking, ending));
    return { kind: 'closed', now: digestOf(after) };
  },
});

function onTerms(stored: StoredBooking, terms: PaymentTerms | undefined): StoredBooking {
  const { charge = stored.booking.charge, expiresAt = stored.booking.expiresAt } = terms ?? {};
  return { ...stored, booking: { ...stored.booking, charge, expiresAt } };
}

const isOrderedFirst = (product: Product): boolean =>
  product.kind === 'activity' && product.orderWhen === 'before_payment';

/** A hold counts as paid, also one that we have not heard of yet; a gateway would let go of it without a word. */
async function isHeld(deps: Deps, { status, gateway, ref }: Payment, product: Product): Promise<boolean> {
  if (status === 'authorised') return true;
  return isTakenLater(product) && ref !== null && (await deps.gateways[gateway].look(ref)).status === 'authorised';
}

function openedBefore(booking: Booking, attempt: number): OpenOutcome | undefined {
  const payment = booking.payments.find((p) => p.attempt === attempt);
  if (!payment) return undefined;
  const now = digestOf(booking);
  if (payment.ref) return { kind: 'opened', paymentId: payment.id, now };
  return { kind: 'refused', code: payment.wireStatus, message: 'the payment could not be opened', now };
}

interface StartRecord {
  readonly stored: StoredBooking;
  readonly started: Started;
  readonly paymentId: string;
  readonly attempt: number;
  readonly gateway: Gateway;
}

async function recordStart(
  deps: Deps,
  { stored, started, paymentId, attempt, gateway }: StartRecord,
): Promise<OpenOutcome> {
  const { id: bookingId, charge: amount, expiresAt } = stored.booking;
  const base = { paymentId, attempt, gateway: gateway.name, amount };
  if (started.kind === 'refused') {
    const { code, message } = started;
    let opened: OpenOutcome | undefined;
    const after = await deps.record(bookingId, ({ booking, product }) => {
      // A try that was given up may have come through meanwhile: what it opened is not refused.
      opened = openedBefore(booking, attempt);
      if (opened) return [];
      const refused = { type: 'payment.refused', ...base, code, message } as const;
      return isOverWith(booking, product) ? [refused, { type: 'booking.failed', attempt, reason: code }] : [refused];
    });
    return opened ?? { kind: 'refused', code, message, now: digestOf(after) };
  }
  const status = started.kind === 'confirm' ? started.status : 'requires_payment_method';
  const wireStatus = started.kind === 'due_on_arrival' ? 'due_on_arrival' : started.wireStatus;
  const secret =
    started.kind === 'confirm'
      ? await deps.keyring.seal(bookingId, Buffer.from(started.clientSecret), 'client_secret')
      : null;
  const redirectUrl = started.kind === 'redirect' ? started.url : null;
  const after = await deps.record(
    bookingId,
    () => [{ type: 'payment.opened', ...base, ref: started.ref, status, wireStatus, expiresAt }],
    async (tx, _, recorded) => {
      // Another try may have come first: people are led to the payment that is on record, never to one that nobody asks for.
      if (recorded.length === 0) return;
      await tx.update(payments).set({ sealedSecret: secret, redirectUrl }).where(eq(payments.id, paymentId));
    },
  );
  return { kind: 'opened', paymentId, now: digestOf(after) };
}

/**
 * A booking that stood before it was paid for, or is sold anew, outlives an attempt that the gateway refuses; and so
 * does one that could be paid before: whoever asked for a wrong amount asks for the right one.
 */
const isOverWith = (booking: Booking, product: Product): boolean =>
  !paysLater(product) &&
  booking.payments.every(({ ref }) => ref === null) &&
  mayMove(booking.storefront, booking.phase, 'failed');

function closingFacts(booking: Booking, ending: ClosePaymentInput['ending']): readonly BookingEvent[] {
  const payment = leadingPayment(booking);
  const attempt = payment?.attempt ?? 0;
  const closed: BookingEvent[] =
    payment && isLive(payment)
      ? [{ type: 'payment.closed', paymentId: payment.id, reason: ending.as, wireStatus: 'canceled' }]
      : [];
  switch (ending.as) {
    case 'expired':
      return [...closed, { type: 'booking.expired', attempt }];
    case 'cancelled':
      return [...closed, { type: 'booking.cancelled', reason: ending.reason, actor: ending.actor }];
    case 'replaced':
    case 'released':
      return closed;
  }
}
