// An order as it stands, and the state of a checkout whose customer is back from the payment page.
import { loadBooking } from '../../db/bookings.ts';
import type { StoredBooking } from '../../db/bookings.ts';
import { findCart } from '../../db/carts.ts';
import type { StoredCart } from '../../db/carts.ts';
import { newestOf } from '../../db/checkouts.ts';
import { findOrder, findOrderOf } from '../../db/orders.ts';
import type { StoredOrder } from '../../db/orders.ts';
import { isForTrip, isLive, isUnderWay, leadingPayment, refundableOfPayment } from '../../domain/booking.ts';
import type { AbandonedAs, Booking } from '../../domain/booking.ts';
import type { CartSnapshot } from '../../domain/cart.ts';
import { orderIn } from '../../domain/product.ts';
import type { Travellers } from '../../domain/product.ts';
import { VisibleError } from '../errors.ts';
import type { Desk } from './desk.ts';
import { travellersOf } from './owning.ts';
import { turnOf } from './turns.ts';

export interface OrderSeen {
  readonly order: StoredOrder;
  readonly stored: StoredBooking;
  /** Whose cart it was. */
  readonly cart: StoredCart;
  /** Undefined once the person was erased. */
  readonly customer: Travellers | undefined;
}

export async function orderByNumber(desk: Desk, orderNumber: string): Promise<OrderSeen> {
  const order = await findOrder(desk.db, orderNumber);
  const stored = order && (await loadBooking(desk.db, order.bookingId));
  const cart = order && (await findCart(desk.db, order.cartId));
  if (!stored || !cart) throw orderNotFound();
  return { order, stored, cart, customer: await travellersOf(desk, stored) };
}

/** The same for who may not see it: an order number is no secret. */
export const orderNotFound = (): VisibleError =>
  new VisibleError('not_found', 'There is no such order.', { code: 'order_not_found' });

export interface CheckoutSeen {
  readonly stored: StoredBooking;
  readonly order: StoredOrder | undefined;
  readonly snapshot: CartSnapshot;
  readonly customer: Travellers | undefined;
  /** Paid, and not given back as a whole since. */
  readonly isCompleted: boolean;
  readonly isPending: boolean;
  /** How long what was said holds: before that there is nothing new to be learned. */
  readonly holdsMs: number;
}

/**
 * How the newest checkout of a cart stands. A redirect proves nothing: the gateway is asked before anything is said, and what it says is
 * acted on, whichever link the customer came back by.
 */
export async function checkoutOf(desk: Desk, cartId: string, cameBack?: AbandonedAs): Promise<CheckoutSeen> {
  const bookingId = await newestOf(desk.db, cartId);
  const before = bookingId === undefined ? undefined : await loadBooking(desk.db, bookingId);
  if (!before) throw new VisibleError('not_found', 'There is no such checkout.', { code: 'checkout_not_found' });
  const { stored, isAnswered } = await asked(desk, before, cameBack);
  const snapshot = orderIn(stored.product)?.snapshot;
  if (!snapshot) throw new Error(`${stored.row.id} was made from no cart`);
  const [order, customer] = await Promise.all([findOrderOf(desk.db, stored.row.id), travellersOf(desk, stored)]);
  const isCompleted = order?.status === 'completed' || order?.status === 'partially_refunded';
  const isPending = !isCompleted && (isAnswered ? isUndecided(stored.booking) : mayBePaid(stored.booking));
  const { holdsMs } = turnOf(desk, stored);
  return { stored, order, snapshot, customer, isCompleted, isPending, holdsMs };
}

/** Whether money may be on its way: then nobody is told that it was not. */
function isUndecided(booking: Booking): boolean {
  if (booking.phase === 'processing' || isUnderWay(booking.phase)) return true;
  // Late money may still buy what it was meant for, until it is set aside to go back.
  if (booking.phase === 'expired')
    return booking.payments.some((p) => isForTrip(booking, p) && refundableOfPayment(booking, p) > 0);
  if (booking.phase !== 'awaiting_payment') return false;
  const payment = leadingPayment(booking);
  return payment !== undefined && isLive(payment) && payment.abandoned === null && payment.declines === 0;
}

/** Where the gateway did not say anything just now, nobody is told that nothing was paid. */
const mayBePaid = (booking: Booking): boolean => booking.phase === 'awaiting_payment' || isUndecided(booking);

interface Asked {
  readonly stored: StoredBooking;
  /** Whether the gateway's word is in it. */
  readonly isAnswered: boolean;
}

/** A booking that does not answer in time is shown as it is known; its page asks again by itself. */
async function asked(desk: Desk, stored: StoredBooking, cameBack: AbandonedAs | undefined): Promise<Asked> {
  const payment = leadingPayment(stored.booking);
  const mayChange = ['awaiting_payment', 'processing', 'confirming', 'expired'].includes(stored.booking.phase);
  if (!payment?.ref || !mayChange) return { stored, isAnswered: true };
  const isNews = cameBack !== undefined && payment.abandoned?.as !== cameBack;
  const request = { paymentRef: payment.ref, ...(isNews && { cameBack }) };
  const reply = await desk.door.checkPayment(stored.row.id, request, turnOf(desk, stored).name);
  const isAnswered = reply.kind === 'answered' || reply.kind === 'gone';
  return { stored: (await loadBooking(desk.db, stored.row.id)) ?? stored, isAnswered };
}
