// Paying from the balance, and what follows by itself: the operator's answer, the voucher, the end of the time to pay.
import { assertStillSellable, orderBody } from './create.ts';
import { KlookError } from './errors.ts';
import { move } from './ledger.ts';
import { converted, decimal } from './money.ts';
import { changeSlots } from './offer.ts';
import { isWord } from './sentinels.ts';
import { BALANCE_CURRENCY } from './state.ts';
import type { Order, World } from './state.ts';

export function orderOf(world: World, id: string): Order {
  const order = world.orders.get(id);
  if (order) return current(world, order);
  throw new KlookError({ status: 404, code: 'ORDER_NOT_FOUND' }, `order ${id} does not exist`);
}

/** An order past its time to pay is expired even when the clock's task has not run yet. */
export function current(world: World, order: Order): Order {
  if (order.status !== 'unpaid' || Date.now() < order.payBy) return order;
  changeSlots(world, order.items, { held: -1, sold: 0 });
  return world.orders.put({ ...order, status: 'expired' });
}

export function expireOrder(world: World, id: string): void {
  const order = world.orders.get(id);
  if (order) current(world, order);
}

export function payOrder(world: World, id: string): Record<string, unknown> {
  const order = orderOf(world, id);
  if (order.status === 'expired') {
    throw new KlookError({ status: 400, code: 'ORDER_EXPIRED' }, `order ${id} was not paid in time`);
  }
  if (order.status === 'unpaid') return orderBody(paid(world, order));
  if (order.transaction !== 'paid') {
    throw new KlookError({ status: 400, code: 'ORDER_CLOSED' }, `order ${id} is ${order.status}`);
  }
  return repaid(world, order);
}

function repaid(world: World, order: Order): Record<string, unknown> {
  if (world.settings.repay === 'conflict') {
    throw new KlookError({ status: 409, code: 'ORDER_ALREADY_PAID' }, `order ${order.id} is paid`);
  }
  if (world.settings.repay === 'debit') {
    move(world, { type: 'debit', amountMinor: -debitFor(order), order: order.id, note: 'paid again' });
  }
  return orderBody(order);
}

function paid(world: World, order: Order): Order {
  assertStillSellable(world, order);
  const debit = debitFor(order);
  if (world.balanceMinor < debit || isWord(order.sentinel, 'no-balance')) {
    throw new KlookError(
      { status: 400, code: 'INSUFFICIENT_BALANCE' },
      `the balance of ${decimal(world.balanceMinor, BALANCE_CURRENCY)} ${BALANCE_CURRENCY} does not cover ${decimal(debit, BALANCE_CURRENCY)}`,
    );
  }
  move(world, {
    type: 'debit',
    amountMinor: -debit,
    order: order.id,
    note: `${decimal(order.totalMinor, order.currency)} ${order.currency}`,
  });
  changeSlots(world, order.items, { held: -1, sold: 1 });
  const settled = world.orders.put({
    ...order,
    debitedMinor: debit,
    paidAt: Date.now(),
    status: 'pending',
    transaction: 'paid',
  });
  return answered(world, settled);
}

/** Confirms at once what is instant; otherwise the operator answers later, or never. */
function answered(world: World, order: Order): Order {
  const instant = order.items.every((item) => world.packages.get(item.packageId)?.instant);
  if (isWord(order.sentinel, 'pending')) return order;
  if (instant && !isWord(order.sentinel, 'reject')) return confirmed(world, order);
  world.agenda.add('decide', order.id, world.settings.pendingMs);
  return order;
}

/** Task: the operator's answer. */
export function decideOrder(world: World, id: string): void {
  const order = world.orders.get(id);
  if (order?.status !== 'pending') return;
  const refused = order.items.some((item) => world.packages.get(item.packageId)?.outcome === 'reject');
  if (!refused && !isWord(order.sentinel, 'reject')) {
    confirmed(world, order);
    return;
  }
  changeSlots(world, order.items, { held: 0, sold: -1 });
  move(world, { type: 'credit', amountMinor: order.debitedMinor, order: id, note: 'rejected by the operator' });
  const cancel = order.cancel && { ...order.cancel, status: 'approved' as const, decidedAt: Date.now() };
  world.orders.put({ ...order, status: 'rejected', transaction: 'refunded', cancel });
}

function confirmed(world: World, order: Order): Order {
  const after = world.orders.put({ ...order, status: 'confirmed', confirmedAt: Date.now() });
  if (!isWord(order.sentinel, 'no-voucher')) world.agenda.add('voucher', order.id, world.settings.voucherMs);
  return after;
}

/** Task: vouchers are ready. */
export function issueVouchers(world: World, id: string): void {
  const order = world.orders.get(id);
  if (order?.status === 'confirmed') world.orders.put({ ...order, voucherAt: Date.now() });
}

/** Assumed: an order in another currency is debited at a fixed rate. */
function debitFor(order: Order): number {
  const debit = converted(order.totalMinor, order.currency, BALANCE_CURRENCY);
  if (debit !== undefined) return debit;
  throw new KlookError(
    { status: 400, code: 'INVALID_PARAMS' },
    `no rate from ${order.currency} to ${BALANCE_CURRENCY}`,
  );
}
