// Verbs about what becomes of an order once it is paid, and about taking it back.
import { ApplicationFailure } from '@temporalio/common';
import { eventOfType } from '../db/bookings.ts';
import type { StoredBooking } from '../db/bookings.ts';
import { cancelBegan, countAbsence, traceOf } from '../db/supplier-calls.ts';
import type { Booking, OverStatus, SupplierOrder } from '../domain/booking.ts';
import { heldPayment, isOver, isServed, securedAt, supplierOrderOf } from '../domain/booking.ts';
import type { Digest } from '../domain/digest.ts';
import { digestOf } from '../domain/digest.ts';
import type { BookingEvent } from '../domain/events.ts';
import type { CancelFact, Supplier, SupplyFact } from '../domain/supply.ts';
import { waitUntilSettled } from './call-trace.ts';
import type { Deps } from './deps.ts';
import { notYet, notYetUnless } from './failures.ts';
import { mustLoad } from './loading.ts';
import { endingIn, recordEnd, wordOnEnd } from './supplier-ending.ts';
import type { SupplyInput } from './supply-outcomes.ts';

export type FulfilOutcome =
  | { kind: 'confirmed'; vouchersReady: boolean; now: Digest }
  /** The supplier has confirmed, and the customer's money is only held. */
  | { kind: 'capture_first'; now: Digest }
  | { kind: 'ended'; as: OverStatus; now: Digest }
  /** The time for it is over, and the supplier itself says that it has not decided. */
  | { kind: 'overdue'; now: Digest };

export interface AwaitOrderInput extends SupplyInput {
  /** It is waited for no longer. */
  readonly isLast?: true;
}

export type CancelOrderOutcome = { kind: 'cancelled' | 'nothing_there'; now: Digest };

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** Past these staff are called, and it is waited for all the same. */
const VOUCHERS_WORRY_MS = 24 * 60 * MINUTE_MS;
const CANCELLING_WORRY_MS = 60 * MINUTE_MS;
const UNREADABLE_WORRY_MS = 5 * MINUTE_MS;
/** How long a confirmation waits for its vouchers before it goes out without them. */
const VOUCHER_PATIENCE_MS = 30 * SECOND_MS;

export const fulfilmentActivities = (deps: Deps) => ({
  /** Ends when the supplier has decided; records a confirmation at once, then gives vouchers a moment. */
  async awaitOrder({ bookingId, generation, isLast }: AwaitOrderInput): Promise<FulfilOutcome> {
    const { booking } = await mustLoad(deps, bookingId);
    const { order, fact } = await readOrder(deps, booking, generation);
    if (isOver(fact)) {
      const end = { bookingId, generation, ...endingIn(fact) };
      return { kind: 'ended', as: fact.status, now: digestOf(await recordEnd(deps, end)) };
    }
    if (fact.status !== 'confirmed') {
      if (isLast) return { kind: 'overdue', now: digestOf(booking) };
      throw notYet(`the order is ${fact.wireStatus}`, patienceMs(order, booking, deps.clock()));
    }
    const after = await deps.record(bookingId, (stored) => confirmation(stored, generation, fact));
    if (heldPayment(after)) return { kind: 'capture_first', now: digestOf(after) };
    if (fact.vouchersReady) return { kind: 'confirmed', vouchersReady: true, now: digestOf(after) };
    if (ageMs(after.confirmedAt, deps.clock()) < VOUCHER_PATIENCE_MS)
      throw notYet('confirmed; the vouchers are not ready', 300);
    return { kind: 'confirmed', vouchersReady: false, now: digestOf(after) };
  },

  /** Over when the trip was taken back meanwhile: then nobody waits for vouchers any more. */
  async awaitVouchers({ bookingId, generation }: SupplyInput): Promise<{ kind: 'ready' | 'over'; now: Digest }> {
    const { booking } = await mustLoad(deps, bookingId);
    if (!isServed(booking.phase)) return { kind: 'over', now: digestOf(booking) };
    const { fact } = await readOrder(deps, booking, generation);
    if (!fact.vouchersReady) throw vouchersLate(booking, deps.clock());
    const after = await deps.record(bookingId, (stored) =>
      isServed(stored.booking.phase) ? [voucherEvent(fact)] : [],
    );
    return { kind: isServed(after.phase) ? 'ready' : 'over', now: digestOf(after) };
  },

  /** A person settled the order with the supplier by other means; what it cost is lost. */
  async writeOffOrder({ bookingId, generation, actor }: SupplyInput & { actor: string }): Promise<CancelOrderOutcome> {
    const lost = { bookingId, generation, as: 'canceled', cancel: 'unknown', writtenOffBy: actor } as const;
    return { kind: 'cancelled', now: digestOf(await recordEnd(deps, lost)) };
  },

  /** Tolerates an order that was never made, is gone, or was taken back before. */
  async cancelOrder({ bookingId, generation }: SupplyInput): Promise<CancelOrderOutcome> {
    const { booking } = await mustLoad(deps, bookingId);
    const order = booking.supplierOrders.find((o) => o.generation === generation);
    if (!order || isOver(order)) return { kind: 'nothing_there', now: digestOf(booking) };
    const supplier = deps.suppliers[order.supplier];
    const orderNo = order.orderNo ?? (await findOrderNo(deps, supplier, order));
    const end = { bookingId, generation, as: 'canceled', cancel: 'unknown' } as const;
    if (orderNo === undefined) return { kind: 'nothing_there', now: digestOf(await recordEnd(deps, end)) };
    const cancel = await cancelOnce(deps, supplier, { bookingId, orderNo, order });
    if (cancel.kind === 'none') return endUntold(deps, supplier, { bookingId, generation, orderNo });
    if (cancel.kind === 'processing') throw await stillCancelling(deps, order.id);
    // The order stands: only a person can settle or write off what it costs us.
    if (cancel.kind === 'refused' && !(await isPaidFor(deps, booking))) throw refusedToCancel(cancel.message);
    const how = cancel.kind === 'approved' ? { cancel } : { writtenOffBy: 'the terms' };
    return { kind: 'cancelled', now: digestOf(await recordEnd(deps, { ...end, ...how })) };
  },
});

function vouchersLate({ confirmedAt }: Booking, now: Date): ApplicationFailure {
  const age = ageMs(confirmedAt, now);
  return notYetUnless('the vouchers are not ready', {
    sinceMs: now.getTime() - age,
    nowMs: now.getTime(),
    patienceMs: VOUCHERS_WORRY_MS,
    delayMs: age < 10 * MINUTE_MS ? 15 * SECOND_MS : 5 * MINUTE_MS,
  });
}

/** There is nothing to cancel: it ended by itself, or was never paid. That it is not shown proves neither. */
async function endUntold(
  deps: Deps,
  supplier: Supplier,
  { bookingId, generation, orderNo }: SupplyInput & { orderNo: string },
): Promise<CancelOrderOutcome> {
  const asOf = deps.clock();
  const fact = await supplier.look(orderNo);
  // Read anew: that it was paid may have come to be known while it was asked back.
  const order = supplierOrderOf((await mustLoad(deps, bookingId)).booking, generation);
  const trace = await traceOf(deps.db, order.id, 'pay');
  const isShown = !('kind' in fact);
  const isOverThere = isShown && isOver(fact);
  const mayBePaid = order.paidMinor > 0 || (isShown ? fact.paid : trace.calledAt !== null);
  if (!isOverThere && mayBePaid) throw await stillCancelling(deps, order.id);
  waitUntilSettled(trace, asOf);
  const cancel = isOverThere ? wordOnEnd(fact, order) : 'unknown';
  return { kind: 'cancelled', now: digestOf(await recordEnd(deps, { bookingId, generation, as: 'canceled', cancel })) };
}

async function stillCancelling(deps: Deps, orderId: string): Promise<ApplicationFailure> {
  const sinceMs = (await cancelBegan(deps.db, orderId, deps.clock())).getTime();
  const nowMs = deps.clock().getTime();
  const delayMs = nowMs - sinceMs < MINUTE_MS ? 2 * SECOND_MS : MINUTE_MS;
  const what = 'the supplier is still cancelling';
  return notYetUnless(what, { sinceMs, nowMs, patienceMs: CANCELLING_WORRY_MS, delayMs });
}

/** By the accepted terms the customer got nothing: neither do we, and the price of the order is covered. */
async function isPaidFor({ db }: Deps, { id, phase }: Booking): Promise<boolean> {
  const agreed = phase === 'cancelled' ? await eventOfType(db, id, 'booking.cancelled') : undefined;
  return agreed?.refund?.minor === 0;
}

const refusedToCancel = (message: string): ApplicationFailure =>
  ApplicationFailure.create({
    type: 'CancellationRefused',
    message: `the supplier refuses to cancel (${message}): settle it with them, or write it off`,
    nonRetryable: true,
  });

async function readOrder(
  deps: Deps,
  booking: Booking,
  generation: number,
): Promise<{ order: SupplierOrder; fact: SupplyFact }> {
  const order = supplierOrderOf(booking, generation);
  const fact = await deps.suppliers[order.supplier].look(order.orderNo ?? order.ourRef);
  if (!('kind' in fact)) return { order, fact };
  const nowMs = deps.clock().getTime();
  const paidAt = securedAt(booking);
  throw notYetUnless('the order is not readable', {
    sinceMs: paidAt ? Date.parse(paidAt) : nowMs,
    nowMs,
    patienceMs: UNREADABLE_WORRY_MS,
    delayMs: SECOND_MS,
  });
}

function confirmation({ booking }: StoredBooking, generation: number, fact: SupplyFact): readonly BookingEvent[] {
  const attempt = booking.payments.findLast((p) => p.status === 'succeeded')?.attempt ?? 1;
  const confirmed = { type: 'supplier.confirmed', generation, net: fact.net } as const;
  // Nothing is promised to the customer before the money is ours.
  if (heldPayment(booking)) return [confirmed];
  const vouchers = fact.vouchersReady ? [voucherEvent(fact)] : [];
  // Asked again while the vouchers are awaited: another payment may have come meanwhile, and it is confirmed once.
  if (isServed(booking.phase)) return [confirmed, ...vouchers];
  return [confirmed, { type: 'booking.confirmed', attempt }, ...vouchers];
}

/** One voucher for each line of the order, with all the codes that line was given. */
function voucherEvent(fact: SupplyFact): BookingEvent {
  const lines = [...new Set(fact.vouchers.map((v) => v.bookingRef))];
  const vouchers = lines.map((bookingRef) => {
    const ofLine = fact.vouchers.filter((v) => v.bookingRef === bookingRef);
    return {
      bookingRef,
      url: ofLine[0]?.url ?? null,
      codes: ofLine.map(({ code, description }) => ({ code, description })),
    };
  });
  return { type: 'vouchers.ready', vouchers };
}

const ageMs = (since: string | null, now: Date): number => (since ? now.getTime() - Date.parse(since) : 0);

/** Quick while the customer is watching, patient afterwards. */
function patienceMs(order: SupplierOrder, booking: Booking, now: Date): number {
  const age = ageMs(securedAt(booking), now);
  if (order.status === 'unpaid' || age < 10 * SECOND_MS) return 400;
  if (age < MINUTE_MS) return 2 * SECOND_MS;
  if (age < 10 * MINUTE_MS) return 15 * SECOND_MS;
  return age < 60 * MINUTE_MS ? MINUTE_MS : 5 * MINUTE_MS;
}

/** An order whose making was never answered: undefined only once two look-ups, late enough, came back empty. */
async function findOrderNo(deps: Deps, supplier: Supplier, order: SupplierOrder): Promise<string | undefined> {
  const trace = await traceOf(deps.db, order.id, 'place');
  if (!trace.calledAt) return undefined;
  const asOf = deps.clock();
  const found = await supplier.find(order.ourRef, trace.calledAt);
  if (!('kind' in found)) return found.orderNo;
  waitUntilSettled(trace, asOf);
  if ((await countAbsence(deps.db, order.id, trace.calledAt)) < 2)
    throw notYet('the order is not to be seen; looking once more', SECOND_MS);
  return undefined;
}

interface Cancelling {
  readonly bookingId: string;
  readonly orderNo: string;
  readonly order: SupplierOrder;
}

async function cancelOnce(
  deps: Deps,
  supplier: Supplier,
  { bookingId, orderNo, order }: Cancelling,
): Promise<CancelFact> {
  const asked = await supplier.lookCancel(orderNo);
  // A refusal is asked again with every try: a person may have talked to them since.
  if (asked.kind === 'processing' || asked.kind === 'approved') return asked;
  const fact = await supplier.look(orderNo);
  if (!('kind' in fact) && isOver(fact)) return wordOnEnd(fact, order);
  // A pay call may be under way whose answer was lost: what it took must be known before it is asked back.
  if (!('kind' in fact) && fact.paid && order.paidMinor === 0)
    await deps.record(bookingId, () => [{ type: 'supplier.paid', generation: order.generation, amount: order.net }]);
  return supplier.cancel(orderNo);
}
