// Cancel requests: applied for, decided later, paid back to the balance by policy.
import { KlookError, invalid } from './errors.ts';
import { move } from './ledger.ts';
import { converted, decimal } from './money.ts';
import { changeSlots } from './offer.ts';
import { orderOf } from './pay.ts';
import { isWord } from './sentinels.ts';
import { BALANCE_CURRENCY } from './state.ts';
import type { CancelRequest, Order, World } from './state.ts';
import { utcText } from './times.ts';

const HOUR = 3_600_000;

export function applyCancel(world: World, id: string, reason: unknown): Order {
  const order = orderOf(world, id);
  if (order.cancel) return order;
  const reasonId = Number(reason);
  if (!Number.isInteger(reasonId) || !((reasonId >= 0 && reasonId <= 9) || reasonId === 99)) {
    throw invalid('refund_reason_id must be 0 to 9 or 99');
  }
  const request = requestFor(world, order, reasonId);
  if (order.status === 'unpaid') {
    changeSlots(world, order.items, { held: -1, sold: 0 });
    return world.orders.put({
      ...order,
      status: 'canceled',
      cancel: { ...request, status: 'approved', decidedAt: Date.now() },
    });
  }
  const applied = world.orders.put({ ...order, cancel: request });
  if (world.settings.cancel !== 'process') world.agenda.add('cancel', id, world.settings.cancelMs);
  return applied;
}

function requestFor(world: World, order: Order, reasonId: number): CancelRequest {
  const feePercent = feeFor(world, order);
  if (feePercent === undefined || isWord(order.sentinel, 'not-cancellable')) {
    throw new KlookError({ status: 400, code: 'NOT_CANCELLABLE' }, `order ${order.id} cannot be cancelled`);
  }
  const paid = order.transaction === 'paid' ? order.totalMinor : 0;
  const feeMinor = Math.round((paid * feePercent) / 100);
  return {
    id: `KR${order.id.slice(2)}`,
    reasonId,
    status: 'processing',
    appliedAt: Date.now(),
    decidedAt: null,
    refundMinor: paid - feeMinor,
    feeMinor,
  };
}

/** Percent kept; `undefined` = not cancellable. The strictest item decides. */
function feeFor(world: World, order: Order): number | undefined {
  if (order.status === 'unpaid' || order.status === 'pending') return 0;
  if (order.status !== 'confirmed') return undefined;
  let worst = 0;
  for (const item of order.items) {
    const hoursLeft = (item.startsAt - Date.now()) / HOUR;
    const tier = world.packages.get(item.packageId)?.tiers.find(({ hoursBefore }) => hoursLeft >= hoursBefore);
    if (!tier) return undefined;
    worst = Math.max(worst, tier.feePercent);
  }
  return worst;
}

/** Task: Klook has decided. */
export function decideCancel(world: World, id: string): void {
  const order = world.orders.get(id);
  if (order?.cancel?.status !== 'processing' || order.transaction !== 'paid') return;
  const decidedAt = Date.now();
  if (world.settings.cancel === 'refuse' || isWord(order.sentinel, 'cancel-refused')) {
    world.orders.put({ ...order, cancel: { ...order.cancel, status: 'refused', decidedAt } });
    return;
  }
  const credit = converted(order.cancel.refundMinor, order.currency, BALANCE_CURRENCY) ?? 0;
  changeSlots(world, order.items, { held: 0, sold: -1 });
  if (credit > 0) move(world, { type: 'credit', amountMinor: credit, order: id, note: 'cancelled' });
  world.orders.put({
    ...order,
    status: 'canceled',
    transaction: 'refunded',
    cancel: { ...order.cancel, status: 'approved', decidedAt },
  });
}

export function applyBody(order: Order): Record<string, unknown> {
  return { success: true, klook_order_no: order.id, order_id: order.id, ...cancelBody(order) };
}

/** The older call: applies and tells the figures at once. */
export function cancelV2Body(order: Order): Record<string, unknown> {
  const { refund_id: cancelationId, ...rest } = cancelBody(order) ?? {};
  return { success: true, cancelation_id: cancelationId, ...rest, error: null };
}

export function cancelBody(order: Order): Record<string, unknown> | null {
  const { cancel } = order;
  if (!cancel) return null;
  return {
    refund_id: cancel.id,
    timestamp: utcText(cancel.appliedAt),
    refund_amount: decimal(cancel.refundMinor, order.currency),
    transaction_fee: decimal(cancel.feeMinor, order.currency),
    currency: order.currency,
    status: cancel.status,
  };
}

export function cancelStatus(world: World, id: string): Record<string, unknown> {
  const order = orderOf(world, id);
  if (!order.cancel) {
    throw new KlookError({ status: 400, code: 'CANCEL_NOT_APPLIED' }, `nobody asked to cancel order ${id}`);
  }
  const { status, decidedAt, refundMinor, feeMinor } = order.cancel;
  const approved = status === 'approved';
  return {
    success: true,
    klook_order_no: order.id,
    order_id: order.id,
    status,
    result: [
      {
        status,
        cancel_confirm_time: approved && decidedAt !== null ? utcText(decidedAt) : '',
        finance_info: {
          refund_amount: decimal(approved ? refundMinor : 0, order.currency),
          transaction_fee: decimal(approved ? feeMinor : 0, order.currency),
          currency: order.currency,
        },
      },
    ],
  };
}
