// Bodies as Stripe sends them, for scripted answers.
import type { Line } from './scripted-vendor.ts';

type Fields = Readonly<Record<string, unknown>>;

export const intentBody = (fields: Fields = {}) => ({
  id: 'pi_1',
  object: 'payment_intent',
  status: 'requires_payment_method',
  amount: 12_100,
  amount_received: 0,
  currency: 'usd',
  created: 1_795_000_000,
  client_secret: 'pi_1_secret_x',
  metadata: { booking_id: 'bk_1', payment_id: 'pay_1_1' },
  latest_charge: null,
  last_payment_error: null,
  ...fields,
});

export const sessionBody = (fields: Fields = {}) => ({
  id: 'cs_1',
  object: 'checkout.session',
  status: 'open',
  payment_status: 'unpaid',
  amount_total: 12_100,
  currency: 'usd',
  url: 'https://pay.example/cs_1',
  payment_intent: null,
  metadata: { booking_id: 'bk_1', payment_id: 'pay_1_1' },
  ...fields,
});

export const chargeBody = (fields: Fields = {}) => ({
  id: 'ch_1',
  object: 'charge',
  created: 1_795_000_010,
  amount_refunded: 0,
  disputed: false,
  balance_transaction: { id: 'txn_1', fee: 393, currency: 'usd', created: 1_795_000_020 },
  payment_method_details: { type: 'card', card: { brand: 'visa', last4: '4242' } },
  ...fields,
});

export const refundBody = (fields: Fields = {}) => ({
  id: 're_1',
  object: 'refund',
  status: 'succeeded',
  amount: 5_000,
  currency: 'usd',
  payment_intent: 'pi_1',
  metadata: { refund_id: 'rf_1', booking_id: 'bk_1', key: 'rf_1' },
  ...fields,
});

export const listBody = (...data: readonly unknown[]) => ({
  object: 'list',
  url: '/v1/things',
  has_more: false,
  data,
});

export const says = (json: unknown): Line => ({ json });

export const fails = (status: number, error: Fields, headers: Record<string, string> = {}): Line => ({
  status,
  headers,
  json: { error: { type: 'invalid_request_error', message: 'Stripe says why.', ...error } },
});

export const storedFailure: Line = fails(500, { type: 'api_error' }, { 'idempotent-replayed': 'true' });
