// What a gateway keeps of ours with a payment.
import type { PaymentOrder } from '../../domain/payment.ts';

/** By these webhooks and reconciliation find the booking. */
export const recordsOf = (order: PaymentOrder): Record<string, string> => ({
  ...order.metadata,
  booking_id: order.bookingId,
  payment_id: order.paymentId,
  booking_number: order.bookingNumber,
  storefront: order.storefront,
});
