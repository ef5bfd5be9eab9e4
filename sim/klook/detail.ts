// Reading orders: by our or their number, as a list, and the voucher file.
import { createHash } from 'node:crypto';
import { cancelBody } from './cancel.ts';
import { policyText } from './catalogue.ts';
import { KlookError, invalid } from './errors.ts';
import { decimal } from './money.ts';
import { wireId } from './offer.ts';
import { current, orderOf } from './pay.ts';
import { activities } from './catalogue.ts';
import type { Item, Order, World } from './state.ts';
import { utcFrom, utcText } from './times.ts';

/** Finds by order number, and by `agent_order_id` where the settings allow. */
export function readOrder(world: World, id: string): Order {
  const byNumber = world.orders.get(id);
  const lookup = world.settings.lookup;
  const order = byNumber ?? (lookup === 'both' || lookup === 'order' ? world.ordersByAgentId.all(id)[0] : undefined);
  if (!order || !readable(world, order)) {
    throw new KlookError({ status: 404, code: 'ORDER_NOT_FOUND' }, `order ${id} does not exist`);
  }
  return current(world, order);
}

function readable(world: World, order: Order): boolean {
  return Date.now() >= order.createdAt + world.settings.unreadableMs;
}

export function listOrders(world: World, query: (name: string) => string | undefined): Record<string, unknown> {
  const from = timeIn(query('create_start')) ?? 0;
  // The filter has whole seconds: the last one counts in full.
  const to = (timeIn(query('create_end')) ?? Number.MAX_SAFE_INTEGER - 999) + 999;
  const wanted = query('agent_order_id');
  const hidden = world.settings.lookup === 'order' || world.settings.lookup === 'none';
  const found: Order[] = [];
  for (const order of hidden ? [] : world.orders.newest()) {
    if (order.createdAt < from) break;
    if (order.createdAt > to || !readable(world, order)) continue;
    if (wanted === undefined || order.agentOrderId === wanted) found.push(current(world, order));
  }
  if (query('order') === 'created:asc') found.reverse();
  const limit = Number(query('limit') ?? found.length) || found.length;
  const start = (Math.max(1, Number(query('page') ?? 1) || 1) - 1) * limit;
  const page = found.slice(start, start + limit);
  return { success: true, total: found.length, bookings: page.map((order) => detailBody(world, order)) };
}

function timeIn(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const ms = utcFrom(text);
  if (ms === undefined) throw invalid('times must be YYYY-MM-DD HH:MM:SS');
  return ms;
}

export function detailBody(world: World, order: Order): Record<string, unknown> {
  return {
    success: true,
    agent_order_id: order.agentOrderId,
    klktech_order_id: order.id,
    klook_order_no: order.id,
    order_id: order.id,
    total_amount: decimal(order.totalMinor, order.currency),
    currency: order.currency,
    confirm_status: order.status,
    transaction_status: order.transaction,
    create_time: utcText(order.createdAt),
    pay_by: utcText(order.payBy),
    contact_info: order.contact,
    skus: order.items.flatMap((item) => skusBody(item, order.currency)),
    bookings: order.items.map((item, position) => bookingBody(world, order, { item, position })),
    cancelation_request: cancelBody(order),
    error: null,
  };
}

function skusBody(item: Item, currency: string): Record<string, unknown>[] {
  return item.skus.map(({ skuId, count, priceMinor }) => ({
    sku_id: wireId(skuId),
    quantity: count,
    sku_price: decimal(priceMinor, currency),
    currency,
  }));
}

function bookingBody(
  world: World,
  order: Order,
  { item, position }: { item: Item; position: number },
): Record<string, unknown> {
  const pack = world.packages.get(item.packageId);
  const ready = order.voucherAt !== null && order.status === 'confirmed';
  return {
    activity_name: activities.find((activity) => activity.id === pack?.activityId)?.name ?? '',
    package_id: wireId(item.packageId),
    package_name: pack?.name ?? '',
    start_time: item.startTime,
    timezone: pack?.timezone ?? 'UTC',
    confirm_status: order.status,
    voucher_url: ready ? `${world.url}/vouchers/${order.id}/${position + 1}.pdf` : '',
    file_type: 'PDF',
    booking_ref_number: `${order.id}-${position + 1}`,
    skus: skusBody(item, order.currency),
    operator_contacts: [{ name: 'Operator desk (stand-in)', phone: '+852 0000 0000' }],
    original_vouchers: ready ? [{ codes: codesOf(world, order, position) }] : [],
    cancellation_policy: pack ? policyText(pack) : '',
  };
}

/** One code per traveller, the same at every reading. */
export function codesOf(world: World, order: Order, position: number): { code: string; description: string }[] {
  const item = order.items[position];
  if (!item) return [];
  return item.skus.flatMap(({ skuId, count }) =>
    Array.from({ length: count }, (_, unit) => ({
      code: createHash('sha256')
        .update(`${order.id}/${position}/${skuId}/${unit}`)
        .digest('hex')
        .slice(0, 12)
        .toUpperCase(),
      description: world.skus.get(skuId)?.name ?? '',
    })),
  );
}

export function resendVoucher(world: World, id: string): Record<string, unknown> {
  const order = orderOf(world, id);
  if (order.status !== 'confirmed') {
    throw new KlookError({ status: 400, code: 'NOT_CONFIRMED' }, `order ${id} is ${order.status}`);
  }
  return { success: true, klook_order_no: order.id, order_id: order.id, error: null };
}
