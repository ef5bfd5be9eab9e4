// The tables as Drizzle sees them. Constraints live in migrations/; a test compares the two.
import { sql } from 'drizzle-orm';
import { bigint, boolean, customType, integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import type {
  Abandonment,
  Attention,
  Phase,
  RefundCause,
  RefundStatus,
  Storefront,
  SupplierOrderStatus,
  VoucherCode,
} from '../domain/booking.ts';
import type { Decline, GatewayName, PaymentMethod, PaymentStatus } from '../domain/payment.ts';
import type { DocumentKind } from '../domain/documents.ts';
import type { BookingEvent } from '../domain/events.ts';
import type { HouseNews, NoticeKind } from '../domain/notices.ts';
import type { SupplierName } from '../domain/supply.ts';
import type { Product } from '../domain/product.ts';

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
const minor = (name: string) => bigint(name, { mode: 'number' });
const moment = (name: string) => timestamp(name, { withTimezone: true });
const identity = () => bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity();
const now = sql`now()`;

export const bookingKeys = pgTable('booking_keys', {
  keyId: text('key_id').primaryKey(),
  masterKeyId: text('master_key_id').notNull(),
  wrapped: bytea('wrapped'),
  createdAt: moment('created_at').notNull().default(now),
  destroyedAt: moment('destroyed_at'),
});

export const bookings = pgTable('bookings', {
  id: text('id').primaryKey(),
  number: text('number').notNull(),
  storefront: text('storefront').$type<Storefront>().notNull(),
  externalId: text('external_id').notNull(),
  bodyHash: text('body_hash').notNull(),
  kind: text('kind').notNull(),
  ownerSub: text('owner_sub').notNull(),
  mailHash: text('mail_hash'),
  phase: text('phase').$type<Phase>().notNull().default('awaiting_payment'),
  attention: jsonb('attention').$type<Attention>(),
  status: text('status').generatedAlwaysAs(sql``),
  chargeMinor: minor('charge_minor').notNull(),
  currency: text('currency').notNull(),
  netMinor: minor('net_minor'),
  netCurrency: text('net_currency'),
  fxRate: text('fx_rate'),
  fxSource: text('fx_source'),
  fxAt: moment('fx_at'),
  capturedMinor: minor('captured_minor').notNull().default(0),
  refundedMinor: minor('refunded_minor').notNull().default(0),
  reservedMinor: minor('reserved_minor').notNull().default(0),
  disputedMinor: minor('disputed_minor').notNull().default(0),
  overReturnedMinor: minor('over_returned_minor').notNull().default(0),
  feesMinor: minor('fees_minor').notNull().default(0),
  serviceAt: moment('service_at'),
  serviceLocal: text('service_local'),
  serviceZone: text('service_zone'),
  expiresAt: moment('expires_at').notNull(),
  confirmedAt: moment('confirmed_at'),
  attempt: integer('attempt').notNull().default(1),
  product: jsonb('product').$type<Product>().notNull(),
  version: integer('version').notNull().default(0),
  toldSeq: integer('told_seq').notNull().default(0),
  workflowSeenAt: moment('workflow_seen_at'),
  createdAt: moment('created_at').notNull().default(now),
  updatedAt: moment('updated_at').notNull().default(now),
});

export const travellers = pgTable('travellers', {
  bookingId: text('booking_id').primaryKey(),
  sealed: bytea('sealed').notNull(),
});

export const payments = pgTable('payments', {
  id: text('id').primaryKey(),
  bookingId: text('booking_id').notNull(),
  attempt: integer('attempt').notNull(),
  gateway: text('gateway').$type<GatewayName>().notNull(),
  ref: text('ref'),
  amountMinor: minor('amount_minor').notNull(),
  currency: text('currency').notNull(),
  status: text('status').$type<PaymentStatus>().notNull(),
  live: boolean('live').generatedAlwaysAs(sql``),
  wireStatus: text('wire_status').notNull(),
  declines: integer('declines').notNull().default(0),
  lastDecline: jsonb('last_decline').$type<Decline>(),
  method: jsonb('method').$type<PaymentMethod>(),
  capturedMinor: minor('captured_minor').notNull().default(0),
  feeMinor: minor('fee_minor'),
  capturedAt: moment('captured_at'),
  heldAt: moment('held_at'),
  heldUntil: moment('held_until'),
  ofEarlierTrip: boolean('of_earlier_trip').notNull().default(false),
  earnedEarlier: boolean('earned_earlier').notNull().default(false),
  mispaid: boolean('mispaid').notNull().default(false),
  abandoned: jsonb('abandoned').$type<Abandonment>(),
  sealedSecret: bytea('sealed_secret'),
  redirectUrl: text('redirect_url'),
  serial: bigint('serial', { mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
  createdAt: moment('created_at').notNull().default(now),
});

export const refunds = pgTable('refunds', {
  id: text('id').primaryKey(),
  bookingId: text('booking_id').notNull(),
  paymentId: text('payment_id').notNull(),
  amountMinor: minor('amount_minor').notNull(),
  currency: text('currency').notNull(),
  status: text('status').$type<RefundStatus>().notNull(),
  cause: text('cause').$type<RefundCause>().notNull(),
  reason: text('reason').notNull(),
  actor: text('actor').notNull(),
  ref: text('ref'),
  failure: text('failure'),
  cameBack: boolean('came_back').notNull().default(false),
  requestedAt: moment('requested_at').notNull(),
  calledAt: moment('called_at'),
  leftBeforeMinor: minor('left_before_minor'),
  attemptsBefore: integer('attempts_before'),
});

export const supplierOrders = pgTable('supplier_orders', {
  id: text('id').primaryKey(),
  bookingId: text('booking_id').notNull(),
  supplier: text('supplier').$type<SupplierName>().notNull(),
  generation: integer('generation').notNull(),
  ourRef: text('our_ref').notNull(),
  orderNo: text('order_no'),
  status: text('status').$type<SupplierOrderStatus>().notNull(),
  netMinor: minor('net_minor').notNull(),
  netCurrency: text('net_currency').notNull(),
  paidMinor: minor('paid_minor').notNull().default(0),
  returnedMinor: minor('returned_minor').notNull().default(0),
  payBy: moment('pay_by'),
  placeCalledAt: moment('place_called_at'),
  placeEndedAt: moment('place_ended_at'),
  placeAbsences: integer('place_absences').notNull().default(0),
  payCalledAt: moment('pay_called_at'),
  payEndedAt: moment('pay_ended_at'),
  cancelCalledAt: moment('cancel_called_at'),
});

export const vouchers = pgTable(
  'vouchers',
  {
    bookingId: text('booking_id').notNull(),
    number: integer('number').notNull(),
    status: text('status').$type<'pending' | 'ready' | 'void'>().notNull(),
    codes: jsonb('codes').$type<readonly VoucherCode[]>().notNull(),
    bookingRef: text('booking_ref').notNull(),
    url: text('url'),
  },
  (t) => [primaryKey({ columns: [t.bookingId, t.number] })],
);

export const documents = pgTable('documents', {
  id: text('id').primaryKey(),
  bookingId: text('booking_id').notNull(),
  kind: text('kind').$type<DocumentKind>().notNull(),
  number: integer('number').notNull(),
  version: integer('version').notNull(),
  sealed: bytea('sealed').notNull(),
  sha256: text('sha256').notNull(),
  createdAt: moment('created_at').notNull().default(now),
});

export const bookingEvents = pgTable(
  'booking_events',
  {
    bookingId: text('booking_id').notNull(),
    seq: integer('seq').notNull(),
    key: text('key').notNull(),
    type: text('type').$type<BookingEvent['type']>().notNull(),
    data: jsonb('data').$type<BookingEvent>().notNull(),
    at: moment('at').notNull().default(now),
  },
  (t) => [primaryKey({ columns: [t.bookingId, t.seq] })],
);

export const ledgerTransactions = pgTable('ledger_transactions', {
  id: identity(),
  bookingId: text('booking_id').notNull(),
  seq: integer('seq').notNull(),
  at: moment('at').notNull().default(now),
});

export const ledgerPostings = pgTable('ledger_postings', {
  id: identity(),
  transactionId: bigint('transaction_id', { mode: 'number' }).notNull(),
  account: text('account').notNull(),
  party: text('party').notNull(),
  minor: minor('minor').notNull(),
  currency: text('currency').notNull(),
});

export const inbox = pgTable('inbox', {
  id: identity(),
  gateway: text('gateway').notNull(),
  channel: text('channel').notNull(),
  eventId: text('event_id'),
  type: text('type'),
  paymentRef: text('payment_ref'),
  objectRef: text('object_ref'),
  effect: text('effect'),
  bookingId: text('booking_id'),
  paymentId: text('payment_id'),
  verdict: text('verdict').$type<'verified' | 'rejected'>().notNull(),
  state: text('state').$type<'pending' | 'handled' | 'parked' | 'ignored' | 'failed'>().notNull(),
  sealed: bytea('sealed'),
  headers: jsonb('headers').$type<Record<string, string>>().notNull(),
  bodySha256: text('body_sha256').notNull(),
  attempts: integer('attempts').notNull().default(0),
  nextAt: moment('next_at').notNull().default(now),
  receivedAt: moment('received_at').notNull().default(now),
  handledAt: moment('handled_at'),
  replayedAt: moment('replayed_at'),
  error: text('error'),
});

export const outbox = pgTable('outbox', {
  id: identity(),
  bookingId: text('booking_id').notNull(),
  topic: text('topic').notNull(),
  key: text('key').notNull(),
  seq: integer('seq').notNull(),
  payload: jsonb('payload').$type<Readonly<Record<string, string | number>>>().notNull(),
  createdAt: moment('created_at').notNull().default(now),
  nextAt: moment('next_at').notNull().default(now),
  attempts: integer('attempts').notNull().default(0),
  sentAt: moment('sent_at'),
  error: text('error'),
});

export const notices = pgTable('notices', {
  id: identity(),
  bookingId: text('booking_id'),
  detail: jsonb('detail').$type<HouseNews>(),
  kind: text('kind').$type<NoticeKind>().notNull(),
  version: text('version').notNull(),
  audience: text('audience').$type<'customer' | 'staff'>().notNull(),
  state: text('state').$type<'pending' | 'sent' | 'refused'>().notNull().default('pending'),
  createdAt: moment('created_at').notNull().default(now),
  nextAt: moment('next_at').notNull().default(now),
  attempts: integer('attempts').notNull().default(0),
  sentAt: moment('sent_at'),
  error: text('error'),
});

export const idempotency = pgTable('idempotency', {
  scope: text('scope').primaryKey(),
  bodyHash: text('body_hash').notNull(),
  bookingId: text('booking_id'),
  status: integer('status'),
  sealedBody: bytea('sealed_body'),
  claimedUntil: moment('claimed_until').notNull(),
  createdAt: moment('created_at').notNull().default(now),
});

export const latePayments = pgTable('late_payments', {
  paymentRef: text('payment_ref').primaryKey(),
  gateway: text('gateway').$type<GatewayName>().notNull(),
  bookingId: text('booking_id').notNull(),
  claimedAt: moment('claimed_at').notNull().default(now),
});

export const audit = pgTable('audit', {
  id: identity(),
  at: moment('at').notNull().default(now),
  actor: text('actor').notNull(),
  role: text('role').notNull(),
  action: text('action').notNull(),
  bookingId: text('booking_id'),
  detail: jsonb('detail').$type<Record<string, unknown>>().notNull().default({}),
  sealedWords: bytea('sealed_words'),
});

export const workItems = pgTable('work_items', {
  id: identity(),
  bookingId: text('booking_id'),
  kind: text('kind').notNull(),
  subject: text('subject').notNull(),
  reason: text('reason').notNull(),
  createdAt: moment('created_at').notNull().default(now),
  closedAt: moment('closed_at'),
});
