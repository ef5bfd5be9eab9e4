// CHIP's objects with the wire's own field names.
import { randomUUID } from 'node:crypto';

export type Status =
  | 'created'
  | 'viewed'
  | 'error'
  | 'overdue'
  | 'expired'
  | 'cancelled'
  | 'pending_execute'
  | 'hold'
  | 'preauthorized'
  | 'released'
  | 'paid'
  | 'pending_refund'
  | 'refunded'
  | 'chargeback';

export type Product = {
  name: string;
  price: number;
  /** With four decimals, as CHIP echoes it. */
  quantity: string;
  discount: number;
  tax_percent: string;
  category: string;
  total_price_override: number | null;
};

export type Client = { email: string; full_name: string; phone: string } & Record<string, unknown>;

export type PurchaseDetails = {
  currency: string;
  products: Product[];
  total: number;
  language: string;
  notes: string;
  debt: number;
  subtotal_override: number | null;
  total_tax_override: number | null;
  total_discount_override: number | null;
  total_override: number | null;
  request_client_details: unknown[];
  timezone: string;
  due_strict: boolean;
  single_attempt: boolean;
  email_message: string;
  metadata: Record<string, unknown>;
};

export type PaymentDetails = {
  is_outgoing: boolean;
  payment_type: 'purchase' | 'refund' | 'chargeback' | 'chargeback_reversal';
  amount: number;
  currency: string;
  net_amount: number;
  fee_amount: number;
  pending_amount: number;
  pending_unfreeze_on: number | null;
  description: string;
  paid_on: number | null;
  remote_paid_on: number | null;
};

export type Failure = { code: string; message: string };

export type Attempt = {
  type: 'execute' | 'authorize' | 'capture' | 'release' | 'refund';
  successful: boolean;
  payment_method: string;
  country: string;
  client_ip: string;
  fee_amount: number;
  processing_time: number;
  extra: Record<string, unknown>;
  error: Failure | null;
};

export type TransactionData = {
  payment_method: string;
  flow: string;
  country: string;
  extra: Record<string, unknown>;
  processing_tx_id: string;
  /** Newest first. */
  attempts: Attempt[];
};

export type RefundAvailability = 'all' | 'full_only' | 'partial_only' | 'pis_all' | 'pis_partial' | 'none';

export type Purchase = {
  id: string;
  type: 'purchase';
  created_on: number;
  updated_on: number;
  client: Client;
  purchase: PurchaseDetails;
  brand_id: string;
  payment: PaymentDetails | null;
  issuer_details: Record<string, unknown>;
  transaction_data: TransactionData;
  status: Status;
  status_history: { status: Status; timestamp: number; related_object?: { type: string; id: string } }[];
  viewed_on: number | null;
  company_id: string;
  is_test: boolean;
  user_id: null;
  billing_template_id: null;
  client_id: string | null;
  send_receipt: boolean;
  is_recurring_token: boolean;
  recurring_token: null;
  skip_capture: boolean;
  force_recurring: boolean;
  reference: string;
  reference_generated: string;
  issued: string | null;
  due: number | null;
  refund_availability: RefundAvailability;
  refundable_amount: number;
  currency_conversion: null;
  payment_method_whitelist: string[] | null;
  success_redirect: string;
  failure_redirect: string;
  cancel_redirect: string;
  success_callback: string;
  creator_agent: string;
  platform: string;
  product: 'purchases';
  created_from_ip: string;
  invoice_url: string | null;
  checkout_url: string;
  direct_post_url: null;
  marked_as_paid: boolean;
  order_id: string | null;
  tags: unknown[];
};

/** Money that moved besides the purchase itself: a refund, a chargeback. */
export type Payment = {
  id: string;
  type: 'payment';
  created_on: number;
  updated_on: number;
  client: Client;
  payment: PaymentDetails;
  transaction_data: Record<string, unknown>;
  related_to: { type: 'purchase'; id: string; reference: string };
  reference: string;
  reference_generated: string;
  company_id: string;
  brand_id: string;
  is_test: boolean;
  status: 'success';
};

export type Webhook = {
  id: string;
  type: 'webhook';
  created_on: number;
  updated_on: number;
  title: string;
  all_events: boolean;
  events: string[];
  callback: string;
  public_key: string;
};

/** One company owns all that this stand-in holds. */
export const COMPANY_ID = '5a1e0c0e-0000-4000-8000-00000000c419';

export const unixNow = (): number => Math.floor(Date.now() / 1000);

export const newId = (): string => randomUUID();
