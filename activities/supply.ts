// Verbs about buying from the supplier. Every paying call leaves a trace first and is repeated only on proof.
import {
  payRefused,
  callBegins,
  callEndedUnknown,
  countAbsence,
  sealedTravellers,
  traceOf,
} from '../db/supplier-calls.ts';
import type { CallKind, CallTrace } from '../db/supplier-calls.ts';
import type { StoredBooking } from '../db/bookings.ts';
import type { Booking, SupplierOrder } from '../domain/booking.ts';
import { supplierOrderOf } from '../domain/booking.ts';
import type { Digest } from '../domain/digest.ts';
import { digestOf } from '../domain/digest.ts';
import { supplierRefOf } from '../domain/ids.ts';
import type { Money } from '../domain/money.ts';
import { money } from '../domain/money.ts';
import type { ActivityProduct, Travellers } from '../domain/product.ts';
import type { Placed, Supplier, SupplyFact, SupplyPaid } from '../domain/supply.ts';
import { SupplierUnreachable } from '../domain/supply.ts';
import { withinTolerance } from '../domain/supply-price.ts';
import type { Deps } from './deps.ts';
import { notYet } from './failures.ts';
import { mustLoad } from './payment.ts';

export interface SupplyInput {
  readonly bookingId: string;
  readonly generation: number;
}

export type PlaceOutcome =
  | { kind: 'placed'; payBy: string | null; now: Digest }
  /** An order of this generation ended unpaid: the next one may be tried. */
  | { kind: 'expired'; now: Digest }
  | { kind: 'refused'; reason: SupplyRefusalReason; message: string; now: Digest };
export type SupplyRefusalReason = 'sold_out' | 'not_available' | 'price_changed' | 'invalid' | 'not_adoptable';

export type PayOutcome =
  | { kind: 'paid'; now: Digest }
  | { kind: 'insufficient_balance'; payBy: string | null; now: Digest }
  | { kind: 'expired'; now: Digest }
  | { kind: 'refused'; reason: SupplyRefusalReason; message: string; now: Digest };

/** How long a call may still be under way after its caller is known to be gone, and the settling time after it. */
const CALL_LIMIT_MS = 15_000;
const SETTLE_MS = 5_000;
const ABSENCES_NEEDED = 2;

export const supplyActivities = (deps: Deps) => ({
  async placeOrder({ bookingId, generation }: SupplyInput): Promise<PlaceOutcome> {
    const stored = await mustLoad(deps, bookingId);
    const known = stored.booking.supplierOrders.find((o) => o.generation === generation);
    if (known && known.status !== 'placing') return placedBefore(known, stored.booking);
    if (!known && generation === 0 && stored.product.adoptedOrderNo)
      return adopt(deps, stored, stored.product.adoptedOrderNo);
    return known ? placeAgain(deps, stored, known) : placeFirst(deps, stored, generation);
  },

  async payOrder({ bookingId, generation }: SupplyInput): Promise<PayOutcome> {
    const { booking } = await mustLoad(deps, bookingId);
    const order = supplierOrderOf(booking, generation);
    if (order.status === 'pending' || order.status === 'confirmed') return { kind: 'paid', now: digestOf(booking) };
    if (order.status !== 'unpaid' || !order.orderNo) return { kind: 'expired', now: digestOf(booking) };
    const supplier = deps.suppliers[order.supplier];
    const paidBefore = await paidAlready(deps, supplier, order);
    const paid: SupplyPaid =
      paidBefore ?? (await traced(deps, { orderId: order.id, call: 'pay' }, () => supplier.pay(order.orderNo ?? '')));
    return recordPayment(deps, { bookingId, order, paid });
  },
});

/** The accepted price is the one the customer's was made from, before any repricing. */
const affordable = (product: ActivityProduct, offered: Money): boolean =>
  withinTolerance({ accepted: product.acceptedNet, offered, percent: product.priceTolerancePercent });

function placedBefore(order: SupplierOrder, booking: Booking): PlaceOutcome {
  const now = digestOf(booking);
  if (order.status === 'expired' || order.status === 'canceled') return { kind: 'expired', now };
  if (order.status === 'rejected')
    return { kind: 'refused', reason: 'not_available', message: 'the supplier rejected the order', now };
  return { kind: 'placed', payBy: order.payBy, now };
}

async function placeFirst(deps: Deps, stored: StoredBooking, generation: number): Promise<PlaceOutcome> {
  const { booking, product } = stored;
  const supplier = deps.suppliers.klook;
  const checked = await supplier.check(product);
  if (checked.kind !== 'available') {
    const reason = checked.kind === 'unknown_sku' ? 'not_available' : checked.kind;
    return { kind: 'refused', reason, message: checked.message, now: digestOf(booking) };
  }
  if (!affordable(product, checked.net))
    return {
      kind: 'refused',
      reason: 'price_changed',
      message: 'the price moved beyond what we may bear',
      now: digestOf(booking),
    };
  const ourRef = supplierRefOf(product.agentOrderId, generation);
  const after = await deps.record(booking.id, () => [
    { type: 'supplier.placing', supplier: supplier.name, generation, ourRef, net: checked.net },
  ]);
  const order = supplierOrderOf(after, generation);
  return place(deps, { booking: after, product: repriced(product, checked.items) }, order);
}

/** The same order at the unit prices the supplier names now; what we may bear was judged before. */
function repriced(product: ActivityProduct, prices: readonly { skuId: string; unitNet: Money }[]): ActivityProduct {
  const items = product.items.map((item) => ({
    ...item,
    unitNet: prices.find((p) => p.skuId === item.skuId)?.unitNet ?? item.unitNet,
  }));
  return { ...product, items };
}

/** The call was begun before and its answer never recorded: look until it is found or proven absent. */
async function placeAgain(deps: Deps, stored: StoredBooking, order: SupplierOrder): Promise<PlaceOutcome> {
  const trace = await traceOf(deps.db, order.id, 'place');
  if (trace.calledAt) {
    waitUntilSettled(trace, deps.clock());
    const found = await deps.suppliers[order.supplier].find(order.ourRef, trace.calledAt);
    if (!('kind' in found)) return recordFound(deps, stored, { order, fact: found });
    if ((await countAbsence(deps.db, order.id)) < ABSENCES_NEEDED)
      throw notYet('the order is not to be seen; looking once more', 1_000);
  }
  return place(deps, stored, order);
}

function waitUntilSettled({ calledAt, endedAt }: CallTrace, now: Date): void {
  const ended = endedAt?.getTime() ?? (calledAt?.getTime() ?? 0) + CALL_LIMIT_MS;
  const waitMs = ended + SETTLE_MS - now.getTime();
  if (waitMs > 0) throw notYet('the last call may still take effect', waitMs);
}

interface TracedCall {
  readonly orderId: string;
  readonly call: CallKind;
}

/** Leaves the trace, makes the one call, and notes its end when no answer came. */
async function traced<T>(deps: Deps, { orderId, call }: TracedCall, make: () => Promise<T>): Promise<T> {
  await callBegins(deps.db, orderId, { call, at: deps.clock() });
  try {
    return await make();
  } catch (error) {
    if (error instanceof SupplierUnreachable) await callEndedUnknown(deps.db, orderId, { call, at: deps.clock() });
    throw error;
  }
}

type Sale = Pick<StoredBooking, 'booking' | 'product'>;

async function place(deps: Deps, { booking, product }: Sale, order: SupplierOrder): Promise<PlaceOutcome> {
  const { contact, bookingExtra, unitExtra } = await travellersOf(deps, booking.id);
  const buy = (at: ActivityProduct) =>
    traced(deps, { orderId: order.id, call: 'place' }, () =>
      deps.suppliers[order.supplier].place({ ...at, ourRef: order.ourRef, contact, bookingExtra, unitExtra }),
    );
  const first = await buy(product);
  const bearable = first.kind === 'price_changed' && first.newNet !== null && affordable(product, first.newNet);
  const placed = bearable ? await buy(repriced(product, first.newUnitNets)) : first;
  if (placed.kind === 'placed') return recordPlaced(deps, { bookingId: booking.id, product, order, placed });
  const { message } = placed;
  const reason = placed.kind === 'duplicate_other_body' ? 'invalid' : placed.kind;
  const after = await deps.record(booking.id, () => [
    { type: 'supplier.refused', generation: order.generation, reason, message },
  ]);
  return { kind: 'refused', reason, message, now: digestOf(after) };
}

interface PlacedRecord {
  readonly bookingId: string;
  readonly product: ActivityProduct;
  readonly order: SupplierOrder;
  readonly placed: Extract<Placed, { kind: 'placed' }>;
}

async function recordPlaced(deps: Deps, { bookingId, product, order, placed }: PlacedRecord): Promise<PlaceOutcome> {
  const { generation } = order;
  const { orderNo, net, payBy } = placed;
  const after = await deps.record(bookingId, () => [
    { type: 'supplier.ordered', generation, orderNo, net, payBy, adopted: false },
  ]);
  const now = digestOf(after);
  // The order exists and is unpaid: the undo list takes it back when its price is not the one we checked.
  if (!affordable(product, net))
    return { kind: 'refused', reason: 'price_changed', message: 'the order came out dearer than it was checked', now };
  return { kind: 'placed', payBy, now };
}

interface Found {
  readonly order: SupplierOrder;
  readonly fact: SupplyFact;
}

async function recordFound(deps: Deps, stored: StoredBooking, { order, fact }: Found): Promise<PlaceOutcome> {
  const { id: bookingId } = stored.booking;
  const { orderNo, net, payBy } = fact;
  if (fact.status === 'expired' || fact.status === 'canceled' || fact.status === 'rejected') {
    const as = fact.status;
    const after = await deps.record(bookingId, () => [
      { type: 'supplier.ordered', generation: order.generation, orderNo, net, payBy, adopted: false },
      {
        type: 'supplier.ended',
        generation: order.generation,
        as,
        returned: money(0, net.currency),
        penalty: money(0, net.currency),
      },
    ]);
    return placedBefore(supplierOrderOf(after, order.generation), after);
  }
  return recordPlaced(deps, {
    bookingId,
    product: stored.product,
    order,
    placed: { kind: 'placed', orderNo, net, payBy },
  });
}

/** The customer's frontend made the order at the supplier before it came to us. */
async function adopt(deps: Deps, stored: StoredBooking, orderNo: string): Promise<PlaceOutcome> {
  const { booking, product } = stored;
  const supplier = deps.suppliers.klook;
  const fact = await supplier.look(orderNo);
  const now = digestOf(booking);
  if ('kind' in fact) return { kind: 'refused', reason: 'not_adoptable', message: 'the order is gone', now };
  if (fact.status === 'expired' || fact.status === 'canceled') {
    const zero = money(0, fact.net.currency);
    const after = await deps.record(booking.id, () => [
      { type: 'supplier.placing', supplier: supplier.name, generation: 0, ourRef: fact.ourRef, net: fact.net },
      { type: 'supplier.ordered', generation: 0, orderNo, net: fact.net, payBy: fact.payBy, adopted: true },
      {
        type: 'supplier.ended',
        generation: 0,
        as: fact.status === 'expired' ? 'expired' : 'canceled',
        returned: zero,
        penalty: zero,
      },
    ]);
    return { kind: 'expired', now: digestOf(after) };
  }
  if (fact.status !== 'unpaid' || !affordable(product, fact.net))
    return { kind: 'refused', reason: 'not_adoptable', message: 'the order is no longer what was agreed', now };
  const after = await deps.record(booking.id, () => [
    { type: 'supplier.placing', supplier: supplier.name, generation: 0, ourRef: fact.ourRef, net: fact.net },
    { type: 'supplier.ordered', generation: 0, orderNo, net: fact.net, payBy: fact.payBy, adopted: true },
  ]);
  return { kind: 'placed', payBy: fact.payBy, now: digestOf(after) };
}

/** Undefined when nothing was called yet, or when the supplier itself says, long enough after, that it is unpaid. */
async function paidAlready(deps: Deps, supplier: Supplier, order: SupplierOrder): Promise<SupplyPaid | undefined> {
  const trace = await traceOf(deps.db, order.id, 'pay');
  if (!trace.calledAt) return undefined;
  const fact = await supplier.look(order.orderNo ?? '');
  if ('kind' in fact) throw notYet('the order is not readable yet', 1_000);
  if (fact.paid || fact.status === 'pending' || fact.status === 'confirmed') return { kind: 'paid' };
  if (fact.status === 'expired' || fact.status === 'canceled')
    return { kind: 'expired', message: `the order is ${fact.status}` };
  if (fact.status !== 'unpaid') throw notYet(`the order is ${fact.wireStatus}`, SETTLE_MS);
  waitUntilSettled(trace, deps.clock());
  return undefined;
}

interface PaymentRecord {
  readonly bookingId: string;
  readonly order: SupplierOrder;
  readonly paid: SupplyPaid;
}

async function recordPayment(deps: Deps, { bookingId, order, paid }: PaymentRecord): Promise<PayOutcome> {
  const { generation, net } = order;
  switch (paid.kind) {
    case 'paid': {
      const after = await deps.record(bookingId, () => [{ type: 'supplier.paid', generation, amount: net }]);
      return { kind: 'paid', now: digestOf(after) };
    }
    case 'insufficient_balance':
      await payRefused(deps.db, order.id);
      return {
        kind: 'insufficient_balance',
        payBy: order.payBy,
        now: digestOf((await mustLoad(deps, bookingId)).booking),
      };
    case 'expired': {
      const nothing: Money = money(0, net.currency);
      const after = await deps.record(bookingId, () => [
        { type: 'supplier.ended', generation, as: 'expired', returned: nothing, penalty: nothing },
      ]);
      return { kind: 'expired', now: digestOf(after) };
    }
    case 'sold_out':
    case 'not_available':
    case 'invalid':
    case 'price_changed':
      return {
        kind: 'refused',
        reason: paid.kind,
        message: paid.message,
        now: digestOf((await mustLoad(deps, bookingId)).booking),
      };
  }
}

export async function travellersOf(deps: Deps, bookingId: string): Promise<Travellers> {
  const sealed = await sealedTravellers(deps.db, bookingId);
  if (!sealed) throw new Error(`the travellers of ${bookingId} were erased`);
  const plain = await deps.keyring.unseal(bookingId, sealed, 'travellers');
  // Written by the intake from its own parsed request, and authenticated by the seal.
  return JSON.parse(plain.toString()) as Travellers;
}
