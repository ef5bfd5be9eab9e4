// Payments and refunds as the contract suites ask for them: each of another booking, and with all that any gateway wants to know.
import { add, money } from '../../domain/money.ts';
import type { Money } from '../../domain/money.ts';
import type { PaymentOrder } from '../../domain/payment.ts';
import type { RefundOrder } from '../../domain/refund-order.ts';

let made = 0;

export function orderOver(amount: Money): PaymentOrder {
  made += 1;
  return {
    paymentId: `pay_${made}_1`,
    bookingId: `bk_${made}`,
    bookingNumber: `HF-${made}`,
    storefront: 'trektoo',
    amount,
    capture: 'automatic',
    description: 'Sky tower, 2 adults',
    expiresAt: new Date(Date.now() + 24 * 3_600_000).toISOString(),
    returnUrls: {
      success: 'https://shop.example/paid',
      failure: 'https://shop.example/failed',
      cancel: 'https://shop.example/',
    },
    reference: `HF-${made}`,
    payer: {
      name: 'Ann Lee',
      email: 'ann@example.org',
      phone: '+60123456789',
      street: '1 Jalan Ampang',
      city: 'Kuala Lumpur',
      zip: '50450',
      state: null,
      country: 'MY',
    },
    lines: [],
    methods: [],
    metadata: { agent_order_id: `AG-${made}` },
  };
}

interface Paid {
  readonly order: PaymentOrder;
  readonly ref: string;
}

/** The n-th of its payment; `before` are those that succeeded already. */
export function refundOf({ order, ref }: Paid, amount: Money, before: readonly Money[] = []): RefundOrder {
  return {
    refundId: `rf_${order.bookingId}_${before.length + 1}`,
    bookingId: order.bookingId,
    paymentRef: ref,
    amount,
    reason: 'test',
    beside: { returned: before.reduce(add, money(0, amount.currency)), refs: [] },
  };
}
