// Bodies as CHIP sends them, for scripted answers, and what is asked of it.
import { money } from '../../domain/money.ts';
import type { PaymentOrder } from '../../domain/payment.ts';
import type { RefundOrder } from '../../domain/refund-order.ts';
import type { Line } from './scripted-vendor.ts';

type Fields = Readonly<Record<string, unknown>>;

export const PAID_AT_S = 1_795_000_020;
export const atIso = (seconds: number): string => new Date(seconds * 1000).toISOString();

export const order: PaymentOrder = {
  paymentId: 'pay_1_1',
  bookingId: 'bk_1',
  bookingNumber: 'HF-1001',
  storefront: 'cart',
  amount: money(12_900, 'MYR'),
  capture: 'automatic',
  description: 'Batik scarf and 1 more',
  expiresAt: '2026-11-22T12:00:00.000Z',
  returnUrls: {
    success: 'https://pay.example/checkout/success/cart_1',
    failure: 'https://pay.example/checkout/failure/cart_1',
    cancel: 'https://pay.example/checkout/cancel/cart_1',
  },
  reference: 'cart_1',
  payer: {
    name: 'Mei Lin',
    email: 'mei@example.com',
    phone: '+60123456789',
    street: '1 Jalan Ampang',
    city: 'Kuala Lumpur',
    zip: '50450',
    state: null,
    country: 'MY',
  },
  lines: [
    { name: 'Batik scarf', count: 2, unit: money(5_000, 'MYR') },
    { name: 'Tea', count: 1, unit: money(2_900, 'MYR') },
  ],
  methods: [],
  metadata: { cart_id: 'cart_1' },
};

export const refundOrder: RefundOrder = {
  refundId: 'rf_1',
  bookingId: 'bk_1',
  paymentRef: 'pur_1',
  amount: money(4_000, 'MYR'),
  reason: 'customer_cancelled',
  beside: { returned: money(0, 'MYR'), refs: [] },
};

export const priceBody = (fields: Fields = {}) => ({
  currency: 'MYR',
  total: 12_900,
  metadata: { booking_id: 'bk_1', payment_id: 'pay_1_1' },
  ...fields,
});

export const purchaseBody = (fields: Fields = {}) => ({
  id: 'pur_1',
  type: 'purchase',
  created_on: 1_795_000_000,
  updated_on: 1_795_000_010,
  status: 'created',
  status_history: [{ status: 'created', timestamp: 1_795_000_000 }],
  purchase: priceBody(),
  payment: null,
  refundable_amount: 0,
  refund_availability: 'none',
  transaction_data: { payment_method: '', extra: {}, attempts: [] },
  checkout_url: 'https://gate.example/p/pur_1/',
  reference: 'cart_1',
  ...fields,
});

export const attempt = (fields: Fields = {}) => ({
  type: 'execute',
  successful: true,
  payment_method: 'fpx',
  processing_time: PAID_AT_S,
  error: null,
  ...fields,
});

export const paidBody = (fields: Fields = {}) =>
  purchaseBody({
    status: 'paid',
    status_history: [
      { status: 'created', timestamp: 1_795_000_000 },
      { status: 'paid', timestamp: PAID_AT_S },
    ],
    payment: { amount: 12_900, currency: 'MYR', fee_amount: 100, paid_on: PAID_AT_S, payment_type: 'purchase' },
    refundable_amount: 12_900,
    refund_availability: 'all',
    transaction_data: { payment_method: 'fpx', extra: {}, attempts: [attempt()] },
    ...fields,
  });

/** Given back in part, as often as there are names. */
export const refundedBody = (left: number, names: readonly string[] = ['ref_1'], fields: Fields = {}) =>
  paidBody({
    status: 'refunded',
    refundable_amount: left,
    status_history: [
      { status: 'paid', timestamp: PAID_AT_S },
      ...names.map((id, at) => ({
        status: 'refunded',
        timestamp: PAID_AT_S + 100 + at,
        related_object: { type: 'payment', id },
      })),
    ],
    ...fields,
  });

export const paymentBody = (fields: Fields = {}) => ({
  id: 'ref_1',
  type: 'payment',
  status: 'success',
  updated_on: 1_795_000_200,
  payment: { is_outgoing: true, payment_type: 'refund', amount: 4_000, currency: 'MYR' },
  related_to: { type: 'purchase', id: 'pur_1', reference: 'cart_1' },
  ...fields,
});

export const says = (json: unknown, status = 200): Line => ({ status, json });

export const refuses = (code: string, message = 'CHIP says why.', status = 400): Line =>
  says({ __all__: [{ code, message }] }, status);
