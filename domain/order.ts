// What a paid cart becomes. It is frozen when its payment is asked for: what happens to the cart afterwards is not in it.
import type { Booking, Payment, Phase } from './booking.ts';
import { totalMinor } from './booking.ts';
import type { CartSnapshot } from './cart.ts';

export interface CartOrder {
  readonly cartId: string;
  /** Of the cart when it was frozen. */
  readonly cartVersion: number;
  readonly snapshot: CartSnapshot;
  /** What the customer may pay with, in the gateway's words; empty: anything. */
  readonly paymentMethods: readonly string[];
}

export const ORDER_STATUSES = ['pending', 'completed', 'partially_refunded', 'refunded', 'cancelled'] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

const STATUS: Readonly<Partial<Record<Phase, OrderStatus>>> = {
  confirmed: 'completed',
  partially_refunded: 'partially_refunded',
  refunded: 'refunded',
  cancelled: 'cancelled',
};

/** How an order stands whose booking is in this phase. */
export const orderStatusOf = (phase: Phase): OrderStatus => STATUS[phase] ?? 'pending';

/** The seed's words for a payment of an order. */
export type OrderPaymentStatus = 'pending' | 'completed' | 'failed' | 'cancelled' | 'refunded';

export function orderPaymentStatusOf({ refunds }: Pick<Booking, 'refunds'>, payment: Payment): OrderPaymentStatus {
  switch (payment.status) {
    case 'succeeded': {
      const returned = refunds.filter(({ paymentId, status }) => paymentId === payment.id && status === 'succeeded');
      return totalMinor(returned) >= payment.capturedMinor ? 'refunded' : 'completed';
    }
    case 'cancelled':
      return 'cancelled';
    case 'failed':
      return 'failed';
    case 'processing':
    case 'authorised':
      return 'pending';
    case 'opening':
    case 'requires_payment_method':
    case 'requires_action':
      // It may still be paid by another card or another bank: then it is completed all the same.
      return payment.abandoned?.as ?? (payment.declines > 0 ? 'failed' : 'pending');
  }
}
