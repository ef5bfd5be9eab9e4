// @ts-check
// Everybody's books at one moment: our database, the gateways, the supplier, Temporal. Read only through what each shows
// to anybody; nothing of the product's own code has a hand in it.
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';

import { ask } from './asking.mjs';

/** @typedef {Awaited<ReturnType<typeof readBooks>>} Books */
/** @typedef {Awaited<ReturnType<typeof readOurs>>} Ours */

/** @param {Pick<import('./stack.mjs').Stack, 'urls' | 'env'>} stack */
export async function readBooks({ urls, env }) {
  /** @type {[Promise<StripeState>, Promise<ChipState>, Promise<KlookState>]} */
  const states = [stateOf(urls.stripe), stateOf(urls.chip), stateOf(urls.klook)];
  const [ours, workflows] = await Promise.all([withDatabase(env, readOurs), withTemporal(env, readWorkflows)]);
  const [stripe, chip, klook] = await Promise.all(states);
  return { ours, stripe, chip, klook, workflows };
}

/**
 * @typedef {object} StripeState
 * @property {{ id: string, payment_intent: string | null }[]} checkout_sessions
 * @property {{ id: string, payment_intent: string, amount_captured: number, captured: boolean, currency: string, status: string }[]} charges
 * @property {{ payment_intent: string, amount: number, status: string }[]} refunds
 * @property {{ payment_intent: string, amount: number, status: string }[]} disputes
 * @property {{ net: number, currency: string }[]} balance_transactions
 */
/**
 * @typedef {object} ChipState
 * @property {{ id: string, reference: string, status: string, payment: { amount: number, fee_amount: number, currency: string } | null }[]} purchases
 * @property {{ related_to: { id: string }, payment: { payment_type: string, amount: number, fee_amount: number, currency: string, is_outgoing: boolean } }[]} payments
 */
/**
 * @typedef {object} KlookState
 * @property {{ id: string, agentOrderId: string, status: string, transaction: string }[]} orders
 * @property {{ type: string, amountMinor: number, order: string | null }[]} ledger
 */

/**
 * @template State
 * @param {string} url
 * @returns {Promise<State>}
 */
async function stateOf(url) {
  /** @type {import('../demo/http.mjs').Answer<State>} */
  const { body } = await ask(`${url}/_sim/state`);
  return body;
}

/**
 * @template T
 * @param {Readonly<Record<string, string | undefined>>} env
 * @param {(rows: Rows) => Promise<T>} read
 */
export async function withDatabase(env, read) {
  const client = new pg.Client({ connectionString: env['DATABASE_URL'] });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await read(async (statement) => (await client.query(statement)).rows);
  } finally {
    await client.end();
  }
}

/** @typedef {<Row>(statement: string) => Promise<Row[]>} Rows */

/**
 * @typedef {{ id: string, storefront: string, kind: string, phase: string, attention: { step: string, reason: string } | null, confirmed: boolean }} BookingRow
 * @typedef {{ id: string, booking_id: string, gateway: string, ref: string | null, captured: number, currency: string }} PaymentRow
 * @typedef {{ booking_id: string, payment_id: string, amount: number, status: string, by_hand?: boolean }} RefundRow
 * @typedef {{ payment_id: string, amount: number, standing: string }} DisputeRow
 * @typedef {{ booking_id: string, our_ref: string, order_no: string | null, status: string, paid: number, returned: number, currency: string }} SupplierRow
 * @typedef {{ booking_id: string, refund: number, keep: number }} QuoteRow
 * @typedef {{ booking_id: string, transaction_id: number, account: string, party: string, minor: number, currency: string }} PostingRow
 * @typedef {{ id: number, gateway: string, type: string | null, state: string, error: string | null }} InboxRow
 */

/** One snapshot: what is compared must have stood in one moment. @param {Rows} rows */
async function readOurs(rows) {
  await rows('begin isolation level repeatable read read only');
  /** @type {BookingRow[]} */
  const bookings = await rows(BOOKINGS);
  /** @type {PaymentRow[]} */
  const payments = await rows(PAYMENTS);
  /** @type {RefundRow[]} */
  const refunds = await rows(REFUNDS);
  /** @type {DisputeRow[]} */
  const disputes = await rows(DISPUTES);
  /** @type {SupplierRow[]} */
  const supplierOrders = await rows(SUPPLIER_ORDERS);
  /** @type {{ booking_id: string, status: string }[]} */
  const orders = await rows('select booking_id, status from orders');
  /** @type {{ booking_id: string, status: string }[]} */
  const vouchers = await rows('select booking_id, status from vouchers');
  /** @type {QuoteRow[]} */
  const quotes = await rows(QUOTES);
  /** @type {PostingRow[]} */
  const postings = await rows(POSTINGS);
  /** @type {InboxRow[]} */
  const inbox = await rows(INBOX);
  await rows('commit');
  return { bookings, payments, refunds, disputes, supplierOrders, orders, vouchers, quotes, postings, inbox };
}

const BOOKINGS = `select id, storefront, kind, phase, attention, confirmed_at is not null as confirmed from bookings`;
const PAYMENTS = `select id, booking_id, gateway, ref, captured_minor::float8 as captured, currency from payments`;
const REFUNDS = `select booking_id, payment_id, amount_minor::float8 as amount, status,
  coalesce(ref like 'by-hand/%', false) as by_hand from refunds`;
const DISPUTES = `select payment_id, amount_minor::float8 as amount, standing from disputes`;
const SUPPLIER_ORDERS = `select booking_id, our_ref, order_no, status, paid_minor::float8 as paid,
  returned_minor::float8 as returned, net_currency as currency from supplier_orders`;
const QUOTES = `select booking_id, told_refund_minor::float8 as refund, keep_minor::float8 as keep from cancel_quotes
  where used_at is not null and told_refund_minor is not null`;
const POSTINGS = `select t.booking_id, p.transaction_id::float8 as transaction_id, p.account, p.party,
  p.minor::float8 as minor, p.currency from ledger_postings p join ledger_transactions t on t.id = p.transaction_id`;
const INBOX = `select id::float8 as id, gateway, type, state, error from inbox where verdict = 'verified'`;

/**
 * @template T
 * @param {Readonly<Record<string, string | undefined>>} env
 * @param {(client: Client) => Promise<T>} read
 */
export async function withTemporal(env, read) {
  const connection = await Connection.connect({ address: env['TEMPORAL_ADDRESS'] ?? '' });
  try {
    return await read(new Client({ connection, namespace: env['TEMPORAL_NAMESPACE'] ?? 'default' }));
  } finally {
    await connection.close();
  }
}

/** The newest run of each. @param {Client} client */
async function readWorkflows(client) {
  /** @type {Map<string, { id: string, status: string, startedAt: number }>} */
  const newest = new Map();
  for await (const { workflowId: id, status, startTime } of client.workflow.list()) {
    const startedAt = startTime.getTime();
    if ((newest.get(id)?.startedAt ?? -1) < startedAt) newest.set(id, { id, status: status.name, startedAt });
  }
  return [...newest.values()].map(({ id, status }) => ({ id, status }));
}
