// What becomes of an order with each fact of its booking, in the same transaction: paid, it exists; given back, it says so.
import type { StoredBooking } from '../db/bookings.ts';
import { takeOutSold } from '../db/carts.ts';
import type { Transaction } from '../db/client.ts';
import { placeOrder, turnOrder } from '../db/orders.ts';
import type { Booking } from '../domain/booking.ts';
import type { BookingEvent } from '../domain/events.ts';
import type { CartOrder } from '../domain/order.ts';
import { orderStatusOf } from '../domain/order.ts';
import { orderIn } from '../domain/product.ts';

interface OrderFact {
  readonly stored: StoredBooking;
  readonly event: BookingEvent;
  readonly before: Booking;
  readonly after: Booking;
  readonly at: Date;
}

export async function keepOrder(tx: Transaction, fact: OrderFact): Promise<void> {
  const { stored, event, before, after, at } = fact;
  const order = orderIn(stored.product);
  if (!order) return;
  const isPlaced = event.type === 'booking.confirmed';
  if (isPlaced) await place(tx, order, fact);
  const status = orderStatusOf(after.phase);
  const stood = isPlaced ? 'completed' : orderStatusOf(before.phase);
  // A booking that was never confirmed has no order, whatever becomes of its money.
  if (after.confirmedAt === null || status === stood) return;
  await turnOrder(tx, { orderNumber: after.number, status, note: NOTES[event.type] ?? event.type, at });
}

const NOTES: Readonly<Partial<Record<BookingEvent['type'], string>>> = {
  'booking.confirmed': 'money was given back before it was placed',
  'refund.succeeded': 'money was given back',
  'refund.failed': 'money that was given back came back',
  'booking.cancelled': 'cancelled',
  'booking.compensated': 'taken back',
};

/** By the price that was paid, whatever is in the cart by now; what came into it since stays there. */
async function place(tx: Transaction, order: CartOrder, { after, at }: OrderFact): Promise<void> {
  const { cartId, snapshot } = order;
  const { number: orderNumber, id: bookingId, charge: total } = after;
  await placeOrder(tx, { orderNumber, bookingId, cartId, total, snapshot, at });
  // The cart may know another purchase of this booking than the one that was paid: it was sold all the same, and once.
  for (const { ref: purchaseId } of after.payments)
    if (purchaseId !== null) await takeOutSold(tx, { cartId, purchaseId, snapshot, status: 'paid' });
}
