// Klook's agent API, bought from with a prepaid balance.
// Modelled, not Klook's published API: no public reference exists, so paths and words follow observed clients.
import { SupplierRejected, SupplierUnreachable } from '../../domain/supply.ts';
import type {
  Availability,
  CancelFact,
  Placed,
  Supplier,
  SupplyFact,
  SupplyOrder,
  SupplyPaid,
  SupplyRequest,
  SupplyTerms,
} from '../../domain/supply.ts';
import type { Money } from '../../domain/money.ts';
import { netOf } from '../../domain/pricing.ts';
import { cancelRequestIn, cancelSaid, cancelSettled } from './klook-cancel.ts';
import { availabilityOf, factsOf, isSameOrder, orderFactOf, refusalOf } from './klook-facts.ts';
import type { Refused } from './klook-facts.ts';
import { connectToKlook } from './klook-http.ts';
import type { JsonObject, KlookCall, KlookConfig } from './klook-http.ts';
import { termsIn } from './klook-terms.ts';
import {
  balanceWire,
  checkBody,
  contentOf,
  duplicateWire,
  isoFromUtc,
  listWire,
  namesIn,
  numberOf,
  orderBody,
  paidWire,
  placedWire,
  readAs,
  readMoney,
  utcFromDate,
} from './klook-wire.ts';

export type { KlookConfig } from './klook-http.ts';

type Absent = { kind: 'absent' };
const absent: Absent = { kind: 'absent' };
const isAbsent = (found: SupplyFact | Absent): found is Absent => 'kind' in found;

const OTHER_REASON = 99;
const PAGE_SIZE = 100;
// Two clocks may disagree, and an order is as old as Klook says.
const CLOCK_SLACK_MS = 5 * 60_000;
const AT_REST = new Set(['expired', 'rejected', 'canceled']);

/** Terms are asked while a customer waits, and a booking does without them. */
const TERMS_PATIENCE_MS = 2_000;

export function createKlook(config: KlookConfig): Supplier {
  const call = connectToKlook(config);
  const hurriedly = connectToKlook({ ...config, timeoutMs: TERMS_PATIENCE_MS });
  return {
    name: 'klook',
    check: (request) => check(call, request),
    terms: ({ activityId, packageId }) => terms(hurriedly, activityId, packageId),
    place: (order) => place(call, order),
    pay: (orderNo) => pay(call, orderNo),
    look: (orderNo) => look(call, orderNo),
    find: (ourRef, placedAfter) => find(call, ourRef, placedAfter),
    list: (since, page) => list(call, since, page),
    cancel: (orderNo) => cancel(call, orderNo),
    lookCancel: (orderNo) => lookCancel(call, orderNo),
    balance: () => balance(call),
  };
}

async function check(call: KlookCall, request: SupplyRequest): Promise<Availability> {
  const reply = await call('POST', '/v3/availability/check', checkBody(request));
  if (reply.kind === 'answered') return availabilityOf(contentOf(reply.body), request);
  const { code, message } = reply;
  if (code === 'SOLD_OUT') return { kind: 'sold_out', message };
  if (code === 'NOT_AVAILABLE') return { kind: 'not_available', message };
  if (/SKU|PACKAGE/.test(code)) return { kind: 'unknown_sku', message };
  if (code.startsWith('http_')) throw new SupplierRejected(code, message);
  return { kind: 'invalid', message };
}

async function terms(call: KlookCall, activityId: string, packageId: string): Promise<SupplyTerms | Absent> {
  const reply = await call('GET', `/v3/activities/${encodeURIComponent(activityId)}`);
  return (reply.kind === 'answered' && termsIn(contentOf(reply.body), packageId)) || absent;
}

async function place(call: KlookCall, order: SupplyOrder): Promise<Placed> {
  const reply = await call('POST', '/v3/orders', orderBody(order));
  if (reply.kind === 'refused') {
    return reply.code === 'DUPLICATE_AGENT_ORDER_ID' ? placedBefore(call, reply, order) : refusalOf(reply, order);
  }
  const placed = readAs(placedWire, contentOf(reply.body));
  const orderNo = numberOf(placed);
  if (orderNo === undefined) throw new SupplierUnreachable('Klook took an order without giving its number');
  const asked = netOf(order.items);
  const { total_amount: total, currency, pay_by } = placed;
  // Nought without a currency is a field left empty.
  const isUntold = total === null || total === undefined || (!currency && Number(total) === 0);
  const net = isUntold ? asked : readMoney(total, currency ?? asked.currency);
  return { kind: 'placed', orderNo, net, payBy: isoFromUtc(pay_by) };
}

/** The order is there already: ours from an earlier try if it is the same one. */
async function placedBefore(call: KlookCall, reply: Refused, order: SupplyOrder): Promise<Placed> {
  const told = readAs(duplicateWire, reply.body);
  const orderNo = numberOf(told) ?? numberOf(told.error ?? {});
  const fact = await look(call, orderNo ?? order.ourRef);
  if (isAbsent(fact)) throw new SupplierUnreachable('Klook has the order but does not show it yet');
  if (!isSameOrder(fact, order)) return { kind: 'duplicate_other_body', message: reply.message };
  return { kind: 'placed', orderNo: fact.orderNo, net: fact.net, payBy: fact.payBy };
}

async function pay(call: KlookCall, orderNo: string): Promise<SupplyPaid> {
  const reply = await call('POST', `/v3/pay/balance/${encodeURIComponent(orderNo)}`);
  if (reply.kind === 'answered') {
    const { transaction_status: word } = readAs(paidWire, contentOf(reply.body));
    if (word?.toLowerCase() !== 'unpaid') return { kind: 'paid' };
    throw new SupplierUnreachable('Klook took the payment yet calls the order unpaid');
  }
  const { code, message, status } = reply;
  if (code === 'ORDER_ALREADY_PAID') return { kind: 'paid' };
  if (code === 'INSUFFICIENT_BALANCE') return { kind: 'insufficient_balance', message };
  if (code === 'ORDER_EXPIRED') return { kind: 'expired', message };
  // An order just placed may be hidden for a second: only a look tells whether it is gone.
  if (status === 404) throw new SupplierUnreachable(`Klook does not show order ${orderNo} yet`);
  return refusalOf(reply);
}

const isUnknownThere = ({ status, code }: Refused): boolean => status === 404 || code === 'ORDER_NOT_FOUND';

async function look(call: KlookCall, orderNo: string): Promise<SupplyFact | Absent> {
  const reply = await call('GET', `/v2/orders/${encodeURIComponent(orderNo)}`);
  if (reply.kind === 'answered') return orderFactOf(contentOf(reply.body));
  if (isUnknownThere(reply)) return absent;
  throw new SupplierRejected(reply.code, reply.message);
}

/** Directly by our reference, then through the list: neither way is known to be there. */
async function find(call: KlookCall, ourRef: string, placedAfter: Date): Promise<SupplyFact | Absent> {
  const direct = await call('GET', `/v2/orders/${encodeURIComponent(ourRef)}`);
  const fact = direct.kind === 'answered' ? orderFactOf(contentOf(direct.body)) : undefined;
  if (fact?.ourRef === ourRef) return fact;
  const listed = await findInList(call, ourRef, placedAfter);
  if (listed !== 'no list') return listed;
  if (direct.kind === 'answered' || isUnknownThere(direct)) return absent;
  throw new SupplierRejected(direct.code, direct.message);
}

/** Absent only when the whole list went by, whether or not Klook pages it. */
async function findInList(
  call: KlookCall,
  ourRef: string,
  placedAfter: Date,
): Promise<SupplyFact | Absent | 'no list'> {
  const query = windowFrom(placedAfter);
  const seen = new Set<string>();
  for (let page = 1; ; page++) {
    const reply = await call('GET', `/v2/bookings?${query}&page=${page}`);
    if (reply.kind === 'refused' && reply.status === 404) return 'no list';
    if (reply.kind === 'refused') throw new SupplierRejected(reply.code, reply.message);
    const { total, bookings } = readAs(listWire, contentOf(reply.body));
    const ours = bookings.find((entry) => namesIn(entry).ourRef === ourRef);
    if (ours) return orderFactOf(ours);
    const before = seen.size;
    for (const [n, entry] of bookings.entries()) seen.add(namesIn(entry).orderNo ?? `${n} ${JSON.stringify(entry)}`);
    if (typeof total === 'number' && seen.size >= total) return absent;
    if (seen.size > before) continue;
    if (typeof total !== 'number') return absent;
    throw new SupplierUnreachable('Klook lists fewer orders than it says there are');
  }
}

async function list(call: KlookCall, since: Date, page: number) {
  const reply = await call('GET', `/v2/bookings?${windowFrom(since)}&page=${page}`);
  if (reply.kind === 'refused' && reply.status === 404) return absent;
  if (reply.kind === 'refused') throw new SupplierRejected(reply.code, reply.message);
  const { total, bookings } = readAs(listWire, contentOf(reply.body));
  const entries = bookings.map((entry) => namesIn(entry).orderNo ?? JSON.stringify(entry));
  return { orders: factsOf(bookings), entries, total };
}

function windowFrom(placedAfter: Date): string {
  const query = new URLSearchParams({
    create_start: utcFromDate(new Date(placedAfter.getTime() - CLOCK_SLACK_MS)),
    create_end: utcFromDate(new Date(Date.now() + CLOCK_SLACK_MS)),
    order: 'created:desc',
    limit: String(PAGE_SIZE),
  });
  return query.toString();
}

async function cancel(call: KlookCall, orderNo: string): Promise<CancelFact> {
  const path = `/v3/orders/${encodeURIComponent(orderNo)}/cancel/apply`;
  const reply = await call('POST', path, { refund_reason_id: OTHER_REASON });
  if (reply.kind === 'answered') {
    const fact = await cancelFactIn(call, orderNo, reply.body);
    // It took the request: with nothing said of it, the order may still stand.
    return fact.kind === 'none' ? { kind: 'processing' } : fact;
  }
  // An order that ended by itself has nothing to cancel, whatever word Klook has for that.
  const fact = await look(call, orderNo);
  if (isAbsent(fact)) return { kind: 'none' };
  if (fact.cancellation) return fact.cancellation;
  return AT_REST.has(fact.status) ? { kind: 'none' } : { kind: 'refused', message: reply.message };
}

async function lookCancel(call: KlookCall, orderNo: string): Promise<CancelFact> {
  const reply = await call('GET', `/v3/orders/${encodeURIComponent(orderNo)}/cancel/status`);
  return reply.kind === 'answered' ? cancelFactIn(call, orderNo, reply.body) : { kind: 'none' };
}

async function cancelFactIn(call: KlookCall, orderNo: string, body: JsonObject): Promise<CancelFact> {
  const request = cancelRequestIn(body);
  if (!request) return { kind: 'none' };
  const said = cancelSaid(request);
  if (said.kind !== 'open') return said;
  const order = await look(call, orderNo);
  if (isAbsent(order)) return { kind: 'processing' };
  return order.cancellation?.kind === 'approved' ? order.cancellation : cancelSettled(request, order);
}

async function balance(call: KlookCall): Promise<Money> {
  const reply = await call('GET', '/v2/balance');
  if (reply.kind === 'refused') throw new SupplierRejected(reply.code, reply.message);
  const { remaining_balance, currency } = readAs(balanceWire, contentOf(reply.body));
  return readMoney(remaining_balance, currency);
}
