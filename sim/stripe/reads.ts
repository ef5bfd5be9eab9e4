// What can only be read: charges, balance transactions, the balance, events; and `expand` for every answer.
import type { Call } from './call.ts';
import { invalidRequest, missing } from './errors.ts';
import { listOf } from './lists.ts';
import { allowOnly, oneOf, text, texts } from './params.ts';
import type { Intent } from './objects.ts';
import { isRecord } from '../reply.ts';
import type { World } from './state.ts';

const PAGE = ['created', 'limit', 'starting_after', 'ending_before'];
const MAX_EXPAND_DEPTH = 4;

export function retrieveCharge(world: World, call: Call) {
  const charge = world.charges.get(call.target);
  if (!charge) throw missing('charge', call.target, { param: 'id', status: 404 });
  return charge;
}

export function listCharges(world: World, call: Call) {
  allowOnly(call.params, [...PAGE, 'payment_intent', 'customer']);
  const intent = text(call.params, 'payment_intent');
  const customer = text(call.params, 'customer');
  return listOf(call, {
    table: world.charges,
    within: intent === undefined ? undefined : { index: world.chargesByIntent, key: intent },
    keep: (charge) => customer === undefined || charge.customer === customer,
  });
}

export function retrieveBalanceTransaction(world: World, call: Call) {
  const transaction = world.balanceTransactions.get(call.target);
  if (!transaction) throw missing('balance transaction', call.target, { param: 'id', status: 404 });
  return transaction;
}

export function listBalanceTransactions(world: World, call: Call) {
  allowOnly(call.params, [...PAGE, 'source', 'type', 'currency', 'payout']);
  const source = text(call.params, 'source');
  const type = text(call.params, 'type');
  const currency = text(call.params, 'currency');
  const paidOut = text(call.params, 'payout') !== undefined;
  return listOf(call, {
    table: world.balanceTransactions,
    within: source === undefined ? undefined : { index: world.balanceTransactionsBySource, key: source },
    keep: (row) =>
      !paidOut && (type === undefined || row.type === type) && (currency === undefined || row.currency === currency),
  });
}

export function retrieveBalance(world: World) {
  const pending = new Map<string, number>();
  const available = new Map<string, number>();
  for (const { status, currency, net } of world.balanceTransactions.values()) {
    const sums = status === 'available' ? available : pending;
    sums.set(currency, (sums.get(currency) ?? 0) + net);
  }
  const lines = (sums: Map<string, number>) =>
    Array.from(sums, ([currency, amount]) => ({ amount, currency, source_types: { card: amount } }));
  return { object: 'balance', available: lines(available), livemode: false, pending: lines(pending) };
}

export function retrieveEvent(world: World, call: Call) {
  const event = world.events.get(call.target);
  if (!event) throw missing('event', call.target, { param: 'id', status: 404 });
  return event;
}

export function listEvents(world: World, call: Call) {
  allowOnly(call.params, [...PAGE, 'type', 'types', 'delivery_success']);
  const type = text(call.params, 'type');
  const types = texts(call.params, 'types');
  const delivered = oneOf(call.params, 'delivery_success', ['true', 'false']);
  const open = delivered === undefined ? undefined : undeliveredEvents(world);
  return listOf(call, {
    table: world.events,
    keep: (event) =>
      (type === undefined || event.type === type) &&
      (types.length === 0 || types.includes(event.type)) &&
      (open === undefined || open.has(event.id) === (delivered === 'false')),
  });
}

function undeliveredEvents(world: World): Set<string> {
  const open = world.deliveries.values().filter((delivery) => delivery.status !== 'delivered');
  return new Set(open.map((delivery) => delivery.event));
}

/** What a publishable key may see of an intent: enough to pay it, nothing about the merchant's records. */
export function reducedIntent(intent: Intent): Record<string, unknown> {
  const hidden = new Set([
    'amount_capturable',
    'amount_received',
    'application',
    'application_fee_amount',
    'customer',
    'latest_charge',
    'metadata',
    'on_behalf_of',
    'payment_method_options',
    'review',
    'statement_descriptor',
    'statement_descriptor_suffix',
    'transfer_data',
    'transfer_group',
  ]);
  return Object.fromEntries(Object.entries(intent).filter(([name]) => !hidden.has(name)));
}

/** Replaces ids by their objects along paths such as `latest_charge.balance_transaction` or `data.charge`. */
export function expanded(world: World, body: unknown, call: Call): unknown {
  let result = body;
  for (const path of texts(call.params, 'expand')) {
    const steps = path.split('.');
    if (steps.length > MAX_EXPAND_DEPTH) {
      throw invalidRequest(`You cannot expand more than ${MAX_EXPAND_DEPTH} levels of a property: ${path}`);
    }
    result = expandStep(world, result, { steps, path });
  }
  return result;
}

function expandStep(world: World, node: unknown, { steps, path }: { steps: string[]; path: string }): unknown {
  const [name, ...rest] = steps;
  if (name === undefined || node === null) return node;
  if (!isRecord(node) || !(name in node)) {
    throw invalidRequest(`This property cannot be expanded (${path}).`, { param: 'expand' });
  }
  const value = node[name];
  const next = { steps: rest, path };
  if (name === 'data' && Array.isArray(value)) {
    return { ...node, data: value.map((item) => expandStep(world, item, next)) };
  }
  return { ...node, [name]: expandStep(world, objectBehind(world, value, path), next) };
}

function objectBehind(world: World, value: unknown, path: string): unknown {
  if (typeof value !== 'string') return value;
  const found =
    world.intents.get(value) ??
    world.charges.get(value) ??
    world.refunds.get(value) ??
    world.disputes.get(value) ??
    world.balanceTransactions.get(value) ??
    world.wallets.get(value)?.method;
  if (!found) throw invalidRequest(`This property cannot be expanded (${path}).`, { param: 'expand' });
  return found;
}
