// What Klook's bodies say, in our words: an order's state, its vouchers, its cancellation, its availability.
import { SupplierRejected, SupplierUnreachable } from '../../domain/supply.ts';
import type { Money } from '../../domain/money.ts';
import { netOf } from '../../domain/pricing.ts';
import type {
  Availability,
  SupplyFact,
  SupplyLine,
  SupplyOrder,
  SupplyRefusal,
  SupplyRequest,
  SupplyStatus,
  SupplyVoucher,
} from '../../domain/supply.ts';
import { cancelSettled } from './klook-cancel.ts';
import type { KlookReply } from './klook-http.ts';
import {
  availabilityWire,
  isoFromUtc,
  namesIn,
  numberOf,
  orderWire,
  priceChangeWire,
  readAs,
  readMoney,
} from './klook-wire.ts';
import type { CancelWire, CheckedSku, LineWire, OrderWire } from './klook-wire.ts';

export type Refused = Extract<KlookReply, { kind: 'refused' }>;

const STATUSES = new Map<string, SupplyStatus>([
  ['unpaid', 'unpaid'],
  ['pending', 'pending'],
  ['confirmed', 'confirmed'],
  ['rejected', 'rejected'],
  ['expired', 'expired'],
  ['canceled', 'canceled'],
  ['cancelled', 'canceled'],
]);

export function orderFactOf(answer: unknown): SupplyFact {
  const { request, ...fact } = orderIn(answer);
  if (fact.ourRef === '') throw new SupplierUnreachable('Klook described an order without our reference');
  const cancellation = request ? cancelSettled(request, fact) : null;
  return { ...fact, cancellation: cancellation?.kind === 'none' ? null : cancellation };
}

/** A list also shows what others order at Klook, from the same balance: that has no reference of ours. */
function orderIn(answer: unknown): Omit<SupplyFact, 'cancellation'> & { readonly request: CancelWire | null } {
  const order = readAs(orderWire, answer);
  const orderNo = numberOf(order);
  if (orderNo === undefined) throw new SupplierUnreachable('Klook described an order without its number');
  const status = statusOf(order);
  const lines = order.bookings ?? [];
  const first = order.items?.[0] ?? lines[0];
  return {
    request: order.cancelation_request ?? order.cancellation_request ?? null,
    orderNo,
    ourRef: order.agent_order_id ?? '',
    status,
    wireStatus: order.confirm_status,
    paid: isPaid(order, status),
    refunded: isRefunded(order, status),
    net: readMoney(order.total_amount, order.currency),
    payBy: isoFromUtc(order.pay_by),
    packageId: order.package_id ?? first?.package_id ?? null,
    startTime: order.start_time ?? first?.start_time ?? null,
    items: itemsOf(order),
    lines: lines.map(lineOf),
    vouchersReady: status === 'confirmed' && lines.length > 0 && lines.every(hasVoucher),
    vouchers: lines.flatMap(vouchersOf),
  };
}

/**
 * What cannot be read and bears no reference is not ours; one of ours that cannot be read is not known. What came of taking an
 * order back is left open here: one that says too little of it must not hide the others.
 */
export function factsOf(entries: readonly unknown[]): SupplyFact[] {
  return entries.flatMap((entry) => {
    try {
      const { request: _, ...fact } = orderIn(entry);
      return [{ ...fact, cancellation: null }];
    } catch (error) {
      if (namesIn(entry).ourRef === '' && error instanceof SupplierUnreachable) return [];
      throw error;
    }
  });
}

function itemsOf({ skus, items, bookings }: OrderWire): SupplyFact['items'] {
  const inItems = items?.flatMap((item) => item.sku_list ?? []);
  const inLines = bookings?.flatMap((line) => line.skus ?? []);
  return [skus, inItems, inLines].find((told) => told?.length) ?? [];
}

/** An order may say "unpaid" a moment longer than its transaction: taken at its word, it would be paid twice. */
function statusOf({ confirm_status, transaction_status }: OrderWire): SupplyStatus {
  const status = STATUSES.get(confirm_status.toLowerCase()) ?? 'unknown';
  return status === 'unpaid' && transaction_status?.toLowerCase() === 'paid' ? 'pending' : status;
}

/** Whether our money is with them now: after a refund it is not. */
function isPaid({ transaction_status }: OrderWire, status: SupplyStatus): boolean {
  const word = transaction_status?.toLowerCase();
  if (word === 'paid') return true;
  if (word === 'unpaid' || word === 'refunded') return false;
  return status === 'pending' || status === 'confirmed';
}

/** Klook rejects what was paid for, and returns the money by itself. */
function isRefunded({ transaction_status }: OrderWire, status: SupplyStatus): boolean {
  const word = transaction_status?.toLowerCase();
  return word === 'refunded' || (status === 'rejected' && word !== 'paid' && word !== 'unpaid');
}

function lineOf(line: LineWire): SupplyLine {
  return {
    activityName: line.activity_name ?? '',
    packageName: line.package_name ?? '',
    bookingRef: line.booking_ref_number ?? '',
    operatorContacts: line.operator_contacts ?? [],
  };
}

const codesOf = (line: LineWire) => line.original_vouchers?.flatMap(({ codes }) => codes ?? []) ?? [];

const hasVoucher = (line: LineWire): boolean => Boolean(line.voucher_url) || codesOf(line).length > 0;

/** A line with nothing but a link is shown by its booking reference, which its operator knows. */
function vouchersOf(line: LineWire): SupplyVoucher[] {
  if (!hasVoucher(line)) return [];
  const bookingRef = line.booking_ref_number ?? '';
  const url = line.voucher_url || null;
  const codes = codesOf(line);
  if (codes.length === 0) return [{ code: bookingRef, description: '', bookingRef, url }];
  return codes.map(({ code, description }) => ({ code, description: description ?? '', bookingRef, url }));
}

/** Whether what Klook holds under our reference is what we asked for; what it does not tell cannot differ. */
export function isSameOrder(fact: SupplyFact, order: SupplyOrder): boolean {
  const counts = (items: readonly { skuId: string; count: number }[]) =>
    items
      .map(({ skuId, count }) => `${skuId}×${count}`)
      .toSorted()
      .join();
  const isTold = fact.items.length > 0 && fact.items.every(({ skuId, count }) => skuId !== '' && count > 0);
  return (
    fact.ourRef === order.ourRef &&
    (fact.packageId ?? order.packageId) === order.packageId &&
    (fact.startTime ?? order.startTime) === order.startTime &&
    (!isTold || counts(fact.items) === counts(order.items))
  );
}

export function availabilityOf(answer: unknown, request: SupplyRequest): Availability {
  const { items, currency, total_amount } = readAs(availabilityWire, answer);
  const asked = items.find(({ package_id }) => package_id === request.packageId);
  const lines = [];
  for (const { skuId, count } of request.items) {
    const sku = asked?.sku_list.find(({ sku_id }) => sku_id === skuId);
    if (!sku) return { kind: 'unknown_sku', message: `Klook does not know SKU ${skuId} of ${request.packageId}` };
    const shortage = shortageOf(sku, count);
    if (shortage) return { kind: shortage, message: `SKU ${skuId} is not available at ${request.startTime}` };
    const unitCurrency = sku.currency ?? asked?.currency ?? currency;
    if (!unitCurrency || sku.price === null || sku.price === undefined) {
      throw new SupplierUnreachable(`Klook named no price for SKU ${skuId}`);
    }
    const unitNet = readMoney(sku.price, unitCurrency);
    lines.push({ skuId, count, unitNet, available: true, inventory: sku.inventory ?? null });
  }
  const sum = netOf(lines);
  const told =
    total_amount === null || total_amount === undefined ? sum : readMoney(total_amount, currency ?? sum.currency);
  return { kind: 'available', net: told, items: lines.map(({ count: _, ...line }) => line) };
}

function shortageOf({ available, inventory }: CheckedSku, count: number): 'sold_out' | 'not_available' | undefined {
  const short = typeof inventory === 'number' && inventory < count;
  if (available === false) return short ? 'sold_out' : 'not_available';
  return short ? 'sold_out' : undefined;
}

/** The refusals that placing and paying share. A no without a word may as well come from whatever stands between. */
export function refusalOf(reply: Refused, order?: SupplyRequest): SupplyRefusal {
  const { code, message } = reply;
  if (code.startsWith('http_')) throw new SupplierRejected(code, message);
  if (code === 'SOLD_OUT') return { kind: 'sold_out', message };
  if (code === 'NOT_AVAILABLE') return { kind: 'not_available', message };
  if (code === 'PRICE_CHANGED') return priceChangeOf(reply, order);
  return { kind: 'invalid', message };
}

function priceChangeOf({ body, message }: Refused, order: SupplyRequest | undefined): SupplyRefusal {
  const details = priceChangeWire.safeParse(body).data?.error.details ?? [];
  const newUnitNets = details.map(({ sku_id, price, currency }) => ({
    skuId: sku_id,
    unitNet: readMoney(price, currency),
  }));
  return { kind: 'price_changed', newNet: newNetOf(newUnitNets, order), newUnitNets, message };
}

function newNetOf(changed: readonly { skuId: string; unitNet: Money }[], order?: SupplyRequest): Money | null {
  if (!order || changed.length === 0) return null;
  const repriced = order.items.map(({ skuId, count, unitNet }) => ({
    count,
    unitNet: changed.find((line) => line.skuId === skuId)?.unitNet ?? unitNet,
  }));
  const currencies = new Set(repriced.map(({ unitNet }) => unitNet.currency));
  return currencies.size === 1 ? netOf(repriced) : null;
}
