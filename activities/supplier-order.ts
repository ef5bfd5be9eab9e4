// Making an order at the supplier, or finding the one that an unanswered call has made.
import { countAbsence, traceOf } from '../db/supplier-calls.ts';
import { asActivity } from '../db/bookings.ts';
import type { StoredActivity } from '../db/bookings.ts';
import type { SupplierOrder } from '../domain/booking.ts';
import { isOver, supplierOrderOf } from '../domain/booking.ts';
import { digestOf } from '../domain/digest.ts';
import type { Digest } from '../domain/digest.ts';
import { supplierRefOf } from '../domain/ids.ts';
import type { Money } from '../domain/money.ts';
import type { ActivityProduct } from '../domain/product.ts';
import type { Placed, SupplyFact } from '../domain/supply.ts';
import { withinTolerance } from '../domain/supply-price.ts';
import { traced, waitUntilSettled } from './call-trace.ts';
import type { Deps } from './deps.ts';
import { notYet } from './failures.ts';
import { mustLoad } from './loading.ts';
import { endingIn, endOf } from './supplier-ending.ts';
import type { PlaceOutcome, SupplyInput } from './supply-outcomes.ts';
import { travellersOf } from './travellers.ts';

const ABSENCES_NEEDED = 2;

export async function placeOrder(deps: Deps, { bookingId, generation }: SupplyInput): Promise<PlaceOutcome> {
  const stored = asActivity(await mustLoad(deps, bookingId));
  const { adoptedOrderNo } = stored.product;
  const known = stored.booking.supplierOrders.find((o) => o.generation === generation);
  if (known && known.status !== 'placing') return placedBefore(known, stored);
  if (!known && generation === 0 && adoptedOrderNo) return adopt(deps, stored, adoptedOrderNo);
  return known ? placeAgain(deps, stored, known) : placeFirst(deps, stored, generation);
}

/** The accepted price is the one the customer's was made from, before any repricing. */
const affordable = (product: ActivityProduct, offered: Money): boolean =>
  withinTolerance({ accepted: product.acceptedNet, offered, percent: product.priceTolerancePercent });

function placedBefore(order: SupplierOrder, { booking, product }: Sale): PlaceOutcome {
  const now = digestOf(booking);
  if (order.status === 'expired' || order.status === 'canceled') return { kind: 'expired', now };
  if (order.status === 'rejected')
    return { kind: 'refused', reason: 'not_available', message: 'the supplier rejected the order', now };
  return order.status === 'unpaid' ? standingAt(product, order, now) : { kind: 'placed', payBy: order.payBy, now };
}

/** The order exists and is unpaid: the undo list takes it back when its price is not the one we checked. */
const standingAt = (product: ActivityProduct, { net, payBy }: Standing, now: Digest): PlaceOutcome =>
  affordable(product, net)
    ? { kind: 'placed', payBy, now }
    : { kind: 'refused', reason: 'price_changed', message: 'the order came out dearer than it was checked', now };

type Standing = Pick<SupplierOrder, 'net' | 'payBy'>;
type Sale = Pick<StoredActivity, 'booking' | 'product'>;

async function placeFirst(deps: Deps, stored: StoredActivity, generation: number): Promise<PlaceOutcome> {
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
  return place(deps, { booking: after, product: repriced(product, checked.items) }, { order, since: null });
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
async function placeAgain(deps: Deps, stored: StoredActivity, order: SupplierOrder): Promise<PlaceOutcome> {
  const trace = await traceOf(deps.db, order.id, 'place');
  if (trace.calledAt) {
    waitUntilSettled(trace, deps.clock());
    const found = await deps.suppliers[order.supplier].find(order.ourRef, trace.calledAt);
    if (!('kind' in found)) return recordFound(deps, stored, { order, fact: found });
    if ((await countAbsence(deps.db, order.id, trace.calledAt)) < ABSENCES_NEEDED)
      throw notYet('the order is not to be seen; looking once more', 1_000);
  }
  return place(deps, stored, { order, since: trace.calledAt });
}

interface Placing {
  readonly order: SupplierOrder;
  /** The last call that was looked for, in vain. */
  readonly since: Date | null;
}

async function place(deps: Deps, { booking, product }: Sale, { order, since }: Placing): Promise<PlaceOutcome> {
  const { contact, bookingExtra, unitExtra } = await travellersOf(deps, booking.id);
  const buy = (at: ActivityProduct, after: Date | null) =>
    traced(deps, { orderId: order.id, call: 'place', since: after }, () =>
      deps.suppliers[order.supplier].place({ ...at, ourRef: order.ourRef, contact, bookingExtra, unitExtra }),
    );
  const { answer: first, calledAt } = await buy(product, since);
  const bearable = first.kind === 'price_changed' && first.newNet !== null && affordable(product, first.newNet);
  const placed = bearable ? (await buy(repriced(product, first.newUnitNets), calledAt)).answer : first;
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
  return standingAt(product, placed, digestOf(after));
}

interface Found {
  readonly order: SupplierOrder;
  readonly fact: SupplyFact;
}

async function recordFound(deps: Deps, stored: StoredActivity, { order, fact }: Found): Promise<PlaceOutcome> {
  const { id: bookingId } = stored.booking;
  const { orderNo, net, payBy } = fact;
  if (isOver(fact)) {
    const end = { order: { ...order, net }, ...endingIn(fact) };
    const after = await deps.record(bookingId, () => [
      { type: 'supplier.ordered', generation: order.generation, orderNo, net, payBy, adopted: false },
      ...endOf(end),
    ]);
    return placedBefore(supplierOrderOf(after, order.generation), { ...stored, booking: after });
  }
  return recordPlaced(deps, {
    bookingId,
    product: stored.product,
    order,
    placed: { kind: 'placed', orderNo, net, payBy },
  });
}

/** The customer's frontend made the order at the supplier before it came to us. */
async function adopt(deps: Deps, stored: StoredActivity, orderNo: string): Promise<PlaceOutcome> {
  const { booking, product } = stored;
  const supplier = deps.suppliers.klook;
  const fact = await supplier.look(orderNo);
  const now = digestOf(booking);
  if ('kind' in fact) return { kind: 'refused', reason: 'not_adoptable', message: 'the order is gone', now };
  if (fact.status === 'expired' || fact.status === 'canceled') {
    const order = { generation: 0, net: fact.net, paidMinor: 0 };
    const end = { order, ...endingIn({ ...fact, status: fact.status }) };
    const after = await deps.record(booking.id, () => [
      { type: 'supplier.placing', supplier: supplier.name, generation: 0, ourRef: fact.ourRef, net: fact.net },
      { type: 'supplier.ordered', generation: 0, orderNo, net: fact.net, payBy: fact.payBy, adopted: true },
      ...endOf(end),
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
