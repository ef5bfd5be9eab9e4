// A booking and its rows as one value: read whole, written by difference.
import { and, asc, desc, eq, sql } from 'drizzle-orm';
import type { Booking, Payment, Refund, SupplierOrder } from '../domain/booking.ts';
import type { BookingEvent, EventOf, EventType } from '../domain/events.ts';
import { money } from '../domain/money.ts';
import { activityIn } from '../domain/product.ts';
import type { ActivityProduct, Product } from '../domain/product.ts';
import type { Queryable, Transaction } from './client.ts';
import { disputesOf, saveDispute } from './disputes.ts';
import { bookingEvents, bookings, payments, refunds, supplierOrders, vouchers } from './schema.ts';

type BookingRow = typeof bookings.$inferSelect;

export interface StoredBooking {
  readonly booking: Booking;
  readonly product: Product;
  readonly row: BookingRow;
}

export type StoredActivity = StoredBooking & { readonly product: ActivityProduct };

export const asActivity = (stored: StoredBooking): StoredActivity => ({
  ...stored,
  product: activityIn(stored.product),
});

export async function loadBooking(on: Queryable, id: string): Promise<StoredBooking | undefined> {
  const [row] = await on.select().from(bookings).where(eq(bookings.id, id));
  return row && assemble(on, row);
}

/** Locks the booking: whoever holds it is the only one deciding about its money. */
export async function lockBooking(tx: Transaction, id: string): Promise<StoredBooking> {
  const [row] = await tx.select().from(bookings).where(eq(bookings.id, id)).for('update');
  if (!row) throw new Error(`no booking ${id}`);
  return assemble(tx, row);
}

async function assemble(on: Queryable, row: BookingRow): Promise<StoredBooking> {
  const of = { bookingId: row.id };
  const paymentRows = await on
    .select()
    .from(payments)
    .where(eq(payments.bookingId, of.bookingId))
    .orderBy(asc(payments.attempt));
  const orderRows = await on
    .select()
    .from(supplierOrders)
    .where(eq(supplierOrders.bookingId, of.bookingId))
    .orderBy(asc(supplierOrders.generation));
  const refundRows = await on
    .select()
    .from(refunds)
    .where(eq(refunds.bookingId, of.bookingId))
    .orderBy(asc(refunds.requestedAt), asc(refunds.id));
  const voucherRows = await on
    .select()
    .from(vouchers)
    .where(eq(vouchers.bookingId, of.bookingId))
    .orderBy(asc(vouchers.number));
  const booking: Booking = {
    id: row.id,
    number: row.number,
    storefront: row.storefront,
    externalId: row.externalId,
    kind: row.product.kind,
    version: row.version,
    phase: row.phase,
    attention: row.attention,
    charge: money(row.chargeMinor, row.currency),
    fxRate: row.fxRate,
    expiresAt: row.expiresAt.toISOString(),
    serviceAt: row.serviceAt?.toISOString() ?? null,
    serviceZone: row.serviceZone,
    sums: {
      capturedMinor: row.capturedMinor,
      refundedMinor: row.refundedMinor,
      reservedMinor: row.reservedMinor,
      disputedMinor: row.disputedMinor,
      overReturnedMinor: row.overReturnedMinor,
      feesMinor: row.feesMinor,
    },
    payments: paymentRows.map(toPayment),
    supplierOrders: orderRows.map(toSupplierOrder),
    refunds: refundRows.map(toRefund),
    disputes: await disputesOf(on, row.id),
    vouchers: voucherRows.map(({ bookingId: _, ...voucher }) => voucher),
    confirmedAt: row.confirmedAt?.toISOString() ?? null,
  };
  return { booking, product: row.product, row };
}

function toPayment(row: typeof payments.$inferSelect): Payment {
  return {
    id: row.id,
    attempt: row.attempt,
    gateway: row.gateway,
    ref: row.ref,
    amount: money(row.amountMinor, row.currency),
    status: row.status,
    wireStatus: row.wireStatus,
    declines: row.declines,
    lastDecline: row.lastDecline,
    method: row.method,
    capturedMinor: row.capturedMinor,
    feeMinor: row.feeMinor,
    capturedAt: row.capturedAt?.toISOString() ?? null,
    heldAt: row.heldAt?.toISOString() ?? null,
    heldUntil: row.heldUntil?.toISOString() ?? null,
    ofEarlierTrip: row.ofEarlierTrip,
    earnedEarlier: row.earnedEarlier,
    mispaid: row.mispaid,
    abandoned: row.abandoned,
  };
}

function toSupplierOrder(row: typeof supplierOrders.$inferSelect): SupplierOrder {
  return {
    id: row.id,
    supplier: row.supplier,
    generation: row.generation,
    ourRef: row.ourRef,
    orderNo: row.orderNo,
    status: row.status,
    net: money(row.netMinor, row.netCurrency),
    paidMinor: row.paidMinor,
    returnedMinor: row.returnedMinor,
    payBy: row.payBy?.toISOString() ?? null,
  };
}

function toRefund(row: typeof refunds.$inferSelect): Refund {
  return {
    id: row.id,
    paymentId: row.paymentId,
    amount: money(row.amountMinor, row.currency),
    status: row.status,
    cause: row.cause,
    reason: row.reason,
    actor: row.actor,
    ref: row.ref,
    failure: row.failure,
    cameBack: row.cameBack,
    requestedAt: row.requestedAt.toISOString(),
  };
}

/** Writes what changed, the parents first. The caller holds the lock. */
export async function saveBooking(tx: Transaction, before: Booking, after: Booking): Promise<void> {
  const [written] = await tx
    .update(bookings)
    .set({
      phase: after.phase,
      attention: after.attention ?? sql`null`,
      ...after.sums,
      chargeMinor: after.charge.minor,
      currency: after.charge.currency,
      expiresAt: new Date(after.expiresAt),
      confirmedAt: toDate(after.confirmedAt),
      version: after.version,
      updatedAt: sql`now()`,
    })
    .where(and(eq(bookings.id, before.id), eq(bookings.version, before.version)))
    .returning({ id: bookings.id });
  if (!written) throw new Error(`${before.id} moved on from version ${before.version} while it was being written`);
  for (const payment of changed(before.payments, after.payments)) await savePayment(tx, after.id, payment);
  for (const order of changed(before.supplierOrders, after.supplierOrders))
    await saveSupplierOrder(tx, after.id, order);
  for (const refund of changed(before.refunds, after.refunds)) await saveRefund(tx, after.id, refund);
  for (const dispute of changed(before.disputes, after.disputes)) await saveDispute(tx, after.id, dispute);
  for (const voucher of changed(before.vouchers, after.vouchers)) {
    const { number: _, ...values } = voucher;
    await tx
      .insert(vouchers)
      .values({ bookingId: after.id, ...voucher })
      .onConflictDoUpdate({ target: [vouchers.bookingId, vouchers.number], set: values });
  }
}

const toDate = (iso: string | null): Date | null => (iso ? new Date(iso) : null);

/** evolve keeps what it does not touch, so a different object is a changed row. */
function changed<T>(before: readonly T[], after: readonly T[]): readonly T[] {
  return after.filter((item) => !before.includes(item));
}

async function savePayment(tx: Transaction, bookingId: string, payment: Payment): Promise<void> {
  const { id, amount, capturedAt, heldAt, heldUntil, lastDecline, method, abandoned, ...rest } = payment;
  const values = {
    ...rest,
    amountMinor: amount.minor,
    currency: amount.currency,
    capturedAt: toDate(capturedAt),
    heldAt: toDate(heldAt),
    heldUntil: toDate(heldUntil),
    lastDecline: lastDecline ?? sql`null`,
    method: method ?? sql`null`,
    abandoned: abandoned ?? sql`null`,
  };
  await tx
    .insert(payments)
    .values({ id, bookingId, ...values })
    .onConflictDoUpdate({ target: payments.id, set: values });
}

async function saveSupplierOrder(tx: Transaction, bookingId: string, order: SupplierOrder): Promise<void> {
  const { id, net, payBy, ...rest } = order;
  const values = { ...rest, netMinor: net.minor, netCurrency: net.currency, payBy: toDate(payBy) };
  await tx
    .insert(supplierOrders)
    .values({ id, bookingId, ...values })
    .onConflictDoUpdate({ target: supplierOrders.id, set: values });
}

async function saveRefund(tx: Transaction, bookingId: string, refund: Refund): Promise<void> {
  const { id, amount, requestedAt, ...rest } = refund;
  const { status, ref, failure, cameBack } = rest;
  await tx
    .insert(refunds)
    .values({
      id,
      bookingId,
      amountMinor: amount.minor,
      currency: amount.currency,
      requestedAt: new Date(requestedAt),
      ...rest,
    })
    .onConflictDoUpdate({ target: refunds.id, set: { status, ref, failure, cameBack } });
}

/** Whoever asks to pay after this takes the next number. */
export async function useUpAttempts(tx: Transaction, bookingId: string, all: readonly Payment[]): Promise<void> {
  const attempt = Math.max(...all.map((payment) => payment.attempt));
  await tx
    .update(bookings)
    .set({ attempt: sql`greatest(${bookings.attempt}, ${attempt})` })
    .where(eq(bookings.id, bookingId));
}

/** The last fact of this kind, as it was recorded. */
export async function eventOfType<T extends EventType>(
  on: Queryable,
  bookingId: string,
  type: T,
): Promise<EventOf<T> | undefined> {
  const [row] = await on
    .select({ data: bookingEvents.data })
    .from(bookingEvents)
    .where(and(eq(bookingEvents.bookingId, bookingId), eq(bookingEvents.type, type)))
    .orderBy(desc(bookingEvents.seq))
    .limit(1);
  // The column holds what the type says: record() writes both from one fact.
  return row?.data as EventOf<T> | undefined;
}

/** The one fact of this name, which keyOf() makes. */
export async function eventNamed(on: Queryable, bookingId: string, key: string): Promise<BookingEvent | undefined> {
  const named = and(eq(bookingEvents.bookingId, bookingId), eq(bookingEvents.key, key));
  const [row] = await on.select({ data: bookingEvents.data }).from(bookingEvents).where(named);
  return row?.data;
}
