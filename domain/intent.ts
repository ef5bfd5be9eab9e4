// The note on a cart that its payment was asked for: what was frozen, and whether it can still be paid.
import type { Booking, Payment } from './booking.ts';
import { isLive } from './booking.ts';
import type { CartSnapshot } from './cart.ts';

/** The seed's words and no more; what it says of the customer is kept sealed with the booking, and added when it is shown. */
export interface PaymentIntent {
  readonly booking_id: string;
  readonly payment_id: string;
  readonly purchase_id: string;
  readonly amount: number;
  /** Of the cart once this is written on it. */
  readonly cart_version: number;
  readonly cart_snapshot: CartSnapshot;
  /** Whose order, where to, and paid how: whoever asks for something else asks for another payment. */
  readonly asked: string;
  readonly created_at: string;
  readonly status: IntentStatus;
  readonly checkout_url: string;
  readonly reference: string;
}

/** As it stands on the cart: what led to the person is taken out of it once they are forgotten. */
export type IntentNote = Omit<PaymentIntent, 'asked' | 'checkout_url'> &
  Partial<Pick<PaymentIntent, 'asked' | 'checkout_url'>>;

/** Who cancels what was asked for before, so that a fresh intent can take its place: the customer notices nothing of it. */
export const REPLACING = 'checkout';

export const INTENT_STATUSES = ['created', 'processing', 'paid', 'failed', 'cancelled', 'expired', 'refunded'] as const;
export type IntentStatus = (typeof INTENT_STATUSES)[number];

/** Why it cannot be paid any more; `none` where nothing speaks against it, or nothing was asked for. */
export type IntentReason = 'none' | 'cart_changed' | 'expired' | 'status';

export interface IntentStanding {
  readonly status: IntentStatus | null;
  readonly valid: boolean;
  readonly reason: IntentReason;
  readonly cartChanged: boolean;
}

interface Noted {
  readonly cartVersion: number;
  readonly intent: IntentNote | undefined;
  /** The booking of the intent. */
  readonly booking: Booking | undefined;
  readonly now: Date;
}

/** Judged by the booking, which knows more than the note. */
export function standingOf({ cartVersion, intent, booking, now }: Noted): IntentStanding {
  if (!intent || !booking) return { status: null, valid: false, reason: 'none', cartChanged: false };
  const status = statusOf(intent, booking);
  const cartChanged = intent.cart_version !== cartVersion;
  const reason = reasonOf({ status, cartChanged, isOver: Date.parse(booking.expiresAt) <= now.getTime() });
  return { status, valid: reason === 'none', reason, cartChanged };
}

interface Judged {
  readonly status: IntentStatus;
  readonly cartChanged: boolean;
  readonly isOver: boolean;
}

function reasonOf({ status, cartChanged, isOver }: Judged): IntentReason {
  if (status === 'expired') return 'expired';
  if (status !== 'created') return 'status';
  if (cartChanged) return 'cart_changed';
  return isOver ? 'expired' : 'none';
}

function statusOf(intent: IntentNote, booking: Booking): IntentStatus {
  const payment = booking.payments.find(({ id }) => id === intent.payment_id);
  switch (booking.phase) {
    case 'awaiting_payment':
      return payment && isOpen(payment) ? intent.status : 'failed';
    // The money is on its way: nobody may be sent to pay once more.
    case 'processing':
      return 'processing';
    case 'confirming':
    case 'confirmed':
    case 'partially_refunded':
      return 'paid';
    case 'expired':
      return 'expired';
    case 'cancelled':
      return payment?.status === 'succeeded' ? 'refunded' : 'cancelled';
    case 'failed':
      return 'failed';
    case 'refunded':
      return 'refunded';
  }
}

const isOpen = (payment: Payment): boolean => isLive(payment) && payment.status !== 'processing';
