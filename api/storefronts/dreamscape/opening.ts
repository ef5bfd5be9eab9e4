// One live intent per booking of the other house, whatever amount it asks for in the end.
import type { z } from '@hono/zod-openapi';
import { livePayment } from '../../../domain/booking.ts';
import { equals } from '../../../domain/money.ts';
import type { Money } from '../../../domain/money.ts';
import { NON_REFUNDABLE } from '../../../domain/refund-policy.ts';
import { bookingByExternalId, bookService, notReady, payBooking, paymentNotFound } from '../../bookings.ts';
import type { Desk, ServiceOrder, StoredBooking } from '../../bookings.ts';
import { VisibleError } from '../../errors.ts';
import { Intent, intentOf } from './answers.ts';
import { chargeOf } from './requests.ts';
import type { CreateIntentBody } from './requests.ts';

const STOREFRONT = 'dreamscape';
type HeldKey = Parameters<typeof bookService>[1]['heldKey'];

export interface Opened {
  readonly bookingId: string;
  readonly intent: z.output<typeof Intent>;
}

export async function openIntent(desk: Desk, body: CreateIntentBody, heldKey: HeldKey): Promise<Opened> {
  const charge = chargeOf(body, (currency) => desk.gateways.stripe_intent.minimumMinor(currency));
  await standing(desk, body);
  const { amount: _, currency: __, ...asked } = body;
  const opening = await bookService(desk, {
    storefront: STOREFRONT,
    asked,
    identity: { kind: 'external', id: body.bookingId },
    ownerSub: body.userId,
    heldKey,
    order: async () => orderOf(body, charge),
    render: ({ payment, clientSecret }) => intentOf(payment, clientSecret),
  }).catch(async (error: unknown) => {
    // Somebody may have taken the id, or ended the booking, meanwhile: what they may know of it is said here.
    await standing(desk, body);
    throw error;
  });
  if (opening.kind === 'slow') throw notReady();
  return current(desk, { body, charge, opened: Intent.parse(opening.body) });
}

interface Asked {
  readonly body: CreateIntentBody;
  readonly charge: Money;
  readonly opened: z.output<typeof Intent>;
}

/** The intent stands as it was opened, unless another amount is wanted by now. */
async function current(desk: Desk, { body, charge, opened }: Asked): Promise<Opened> {
  const stored = await standing(desk, body);
  if (!stored) throw new Error(`${body.bookingId} was opened but is not stored`);
  const live = livePayment(stored.booking);
  if (live?.ref === opened.paymentIntentId && equals(live.amount, charge))
    return { bookingId: stored.row.id, intent: { ...opened, status: live.wireStatus } };
  return replaced(desk, body, charge);
}

const TRIES = 3;

/** Of two amounts asked for at once the attempt goes to one; the other takes the next. */
async function replaced(desk: Desk, body: CreateIntentBody, charge: Money): Promise<Opened> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const stored = await standing(desk, body);
    if (!stored) break;
    if (stored.booking.phase === 'processing')
      throw new VisibleError('conflict', 'The payment is being processed: its amount stands.', {
        code: 'payment_processing',
      });
    const { payment, clientSecret } = await payBooking(desk, stored, charge);
    if (equals(payment.amount, charge)) return { bookingId: stored.row.id, intent: intentOf(payment, clientSecret) };
  }
  throw notReady();
}

/** The booking as far as it may still be paid by whom it is for; another user's booking does not exist. */
async function standing(desk: Desk, { bookingId, userId }: CreateIntentBody): Promise<StoredBooking | undefined> {
  const stored = await bookingByExternalId(desk, { storefront: STOREFRONT, externalId: bookingId });
  if (!stored) return undefined;
  if (stored.row.ownerSub !== userId) throw paymentNotFound();
  switch (stored.booking.phase) {
    // What the gateway refused at once is answered with its refusal again.
    case 'failed':
    case 'awaiting_payment':
    case 'processing':
      return stored;
    case 'confirming':
    case 'confirmed':
    case 'partially_refunded':
    case 'refunded':
      throw alreadyPaid();
    case 'cancelled':
      throw new VisibleError('conflict', 'The booking was cancelled.', { code: 'booking_cancelled' });
    case 'expired':
      throw new VisibleError('conflict', 'The time to pay for the booking is over.', { code: 'booking_expired' });
  }
}

export const alreadyPaid = (): VisibleError =>
  new VisibleError('conflict', 'The booking was paid for already.', { code: 'already_paid' });

/** What it is and who travels, the other house knows; ours are the names and the sum. */
function orderOf({ bookingId, bookingReference, userId, metadata }: CreateIntentBody, charge: Money): ServiceOrder {
  const name = `Booking ${bookingReference}`;
  return {
    product: {
      name,
      option: null,
      when: null,
      items: [{ name, count: 1, unit: charge }],
      details: [
        { label: 'Reference', value: bookingReference },
        { label: 'Booking id', value: bookingId },
      ],
      refundPolicy: NON_REFUNDABLE,
      gateway: 'stripe_intent',
      payWhen: 'at_once',
      refs: { ...metadata, bookingId, bookingReference, userId },
    },
    charge,
    externalId: bookingId,
    serviceAt: null,
    travellers: null,
  };
}
