// Taking a payment back: before it was made, or after.
import type { z } from '@hono/zod-openapi';
import { isForTrip } from '../../../domain/booking.ts';
import type { Payment } from '../../../domain/booking.ts';
import { isFrozen } from '../../../domain/dispute.ts';
import { sourcesOf } from '../../../domain/payment-facts.ts';
import {
  answeredOf,
  bookingByPayment,
  cancelWith,
  newRequestId,
  paymentNotFound,
  quoteFor,
  refundBooking,
  writeDown,
} from '../../bookings.ts';
import type { Desk, FoundPayment, Principal, RefundNow } from '../../bookings.ts';
import { VisibleError } from '../../errors.ts';
import { alreadyPaid } from './opening.ts';
import type { Refund } from './requests.ts';

const STOREFRONT = 'dreamscape';

export interface Refunding {
  readonly body: z.output<typeof Refund>;
  readonly principal: Principal;
  readonly heldScope: string | undefined;
}

export async function refundPayment(desk: Desk, { body, principal, heldScope }: Refunding): Promise<RefundNow> {
  const { stored, payment } = await bookingByPayment(
    desk,
    { storefront: STOREFRONT, ref: body.paymentIntentId },
    principal,
  );
  if (stored.booking.externalId !== body.bookingId || stored.row.ownerSub !== body.userId) throw paymentNotFound();
  // A second success goes back by itself; asking for it must not give back what pays for the trip.
  if (!sourcesOf(stored.booking, 'staff').some(({ id }) => id === payment.id))
    throw new VisibleError('conflict', 'Nothing was paid with it that could be refunded.', {
      code: 'nothing_captured',
    });
  if (isFrozen(stored.booking, payment))
    throw new VisibleError('conflict', 'The payment is disputed: it cannot be refunded now.', {
      code: 'payment_disputed',
    });
  const refundId = newRequestId('rf', heldScope);
  const wish = { refundId, amountMinor: body.amount ?? null, reason: body.reason, principal };
  return refundBooking(desk, stored, wish).catch(asBadRequest);
}

/** On this wire more than there is to give back is a wrong request, not a wrong moment. */
function asBadRequest(error: unknown): never {
  if (!(error instanceof VisibleError) || error.code !== 'refund_exceeds_captured') throw error;
  throw new VisibleError('invalid', error.publicMessage, { code: error.code, cause: error });
}

export async function cancelPayment(desk: Desk, ref: string, principal: Principal): Promise<void> {
  const find = () => bookingByPayment(desk, { storefront: STOREFRONT, ref }, principal);
  const found = await find();
  if (isCanceled(found)) return;
  const reply = await cancelUnpaid(desk, found, principal.sub).catch(async (error: unknown) => {
    // Whatever came between, the payment itself says what became of it.
    if (!(error instanceof VisibleError) || error.kind !== 'conflict') throw error;
    if (isCanceled(await find())) return undefined;
    throw error.code === 'too_late' ? inFlight(error) : error;
  });
  if (!reply) return;
  answeredOf(reply);
  await writeDown(desk, principal, { action: 'cancel', bookingId: found.stored.row.id });
}

function isCanceled({ stored, payment }: FoundPayment): boolean {
  if (payment.status === 'cancelled') return true;
  const { booking } = stored;
  const pays = (each: Payment): boolean => each.id === payment.id || isForTrip(booking, each);
  if (booking.payments.some((each) => each.status === 'succeeded' && pays(each))) throw alreadyPaid();
  return false;
}

/** On a quote of nothing: money that comes meanwhile makes it worthless. */
async function cancelUnpaid(desk: Desk, { stored }: FoundPayment, actor: string) {
  const { quoteId } = await quoteFor(desk, stored);
  const { reply } = await cancelWith(desk, stored, { quoteId, actor });
  return reply;
}

const inFlight = (cause: unknown): VisibleError =>
  new VisibleError('conflict', 'The payment is being processed: it cannot be cancelled now.', {
    code: 'payment_processing',
    cause,
  });
