// Our books as reconciliation reads them: each booking whole and of one moment, and what belongs to the house.
import { and, asc, eq, gt, inArray, isNotNull, lt, not, or, sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import type { BookingFacts } from '../domain/judge-booking.ts';
import type { OutboxGap, Unbalanced, WaitingWebhook, Watched } from '../domain/judge-house.ts';
import type { NamesHere } from '../domain/judge-payment.ts';
import type { Posting } from '../domain/ledger.ts';
import { ACCOUNTS } from '../domain/ledger.ts';
import { money } from '../domain/money.ts';
import type { SupplierName } from '../domain/supply.ts';
import { loadBooking } from './bookings.ts';
import type { Database, Queryable } from './client.ts';
import { reconFindings } from './findings.ts';
import { orders } from './orders.ts';
import type { ReconScope } from './recon-runs.ts';
import {
  bookingEvents,
  bookings,
  inbox,
  ledgerPostings,
  ledgerTransactions,
  outbox,
  payments,
  refunds,
  supplierOrders,
} from './schema.ts';

export interface BookingsWanted {
  readonly scope: ReconScope;
  /** Of the recent ones: what changed since then. */
  readonly since: Date;
  /** The last id of the page before. */
  readonly after: string | null;
  readonly limit: number;
}

/** What a run over the recent ones reads. */
const isRecent = (since: Date) =>
  or(
    gt(bookings.updatedAt, since),
    inArray(bookings.phase, [...UNDER_WAY]),
    sql`${bookings.attention} is not null`,
    gt(bookings.reservedMinor, 0),
    sql`exists (select 1 from ${reconFindings} f where f.booking_id = ${bookings.id} and f.closed_at is null and f.explained_at is null)`,
  ) ?? sql`true`;

/** Those of these that such a run passes over. */
export async function bookingsLeftOut(on: Queryable, ids: readonly string[], since: Date): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await on
    .select({ id: bookings.id })
    .from(bookings)
    .where(and(inArray(bookings.id, [...ids]), not(isRecent(since))))
    .orderBy(asc(bookings.id));
  return rows.map(({ id }) => id);
}

const UNDER_WAY = ['awaiting_payment', 'processing', 'confirming'] as const;

export async function bookingsToJudge(
  on: Queryable,
  { scope, since, after, limit }: BookingsWanted,
): Promise<string[]> {
  const rows = await on
    .select({ id: bookings.id })
    .from(bookings)
    .where(and(after === null ? undefined : gt(bookings.id, after), scope === 'all' ? undefined : isRecent(since)))
    .orderBy(asc(bookings.id))
    .limit(limit);
  return rows.map(({ id }) => id);
}

/** In one snapshot, or rows and ledger of two moments would seem to disagree. */
export async function readBooking(db: Database, id: string): Promise<BookingFacts | undefined> {
  return db.transaction(
    async (tx) => {
      const stored = await loadBooking(tx, id);
      if (!stored) return undefined;
      const { booking, product, row } = stored;
      const isGoods = product.kind === 'service' && product.order !== undefined;
      return {
        booking,
        updatedAt: row.updatedAt.toISOString(),
        events: await eventsOf(tx, id),
        postings: await postingsOf(tx, id),
        cartOrder: isGoods ? await cartOrderOf(tx, id) : undefined,
      };
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}

async function eventsOf(on: Queryable, bookingId: string): Promise<BookingFacts['events']> {
  const rows = await on
    .select({ event: bookingEvents.data, at: bookingEvents.at })
    .from(bookingEvents)
    .where(eq(bookingEvents.bookingId, bookingId))
    .orderBy(asc(bookingEvents.seq));
  return rows.map(({ event, at }) => ({ event, at: at.toISOString() }));
}

async function postingsOf(on: Queryable, bookingId: string): Promise<readonly Posting[]> {
  const { account, party, minor, currency, transactionId } = ledgerPostings;
  const rows = await on
    .select({ account, party, minor, currency })
    .from(ledgerPostings)
    .innerJoin(ledgerTransactions, eq(ledgerTransactions.id, transactionId))
    .where(eq(ledgerTransactions.bookingId, bookingId));
  return rows.map((row) => ({ ...row, account: accountNamed(row.account) }));
}

function accountNamed(name: string): Posting['account'] {
  const account = ACCOUNTS.find((each) => each === name);
  if (!account) throw new Error(`the ledger has no account ${name}`);
  return account;
}

async function cartOrderOf(on: Queryable, bookingId: string): Promise<BookingFacts['cartOrder']> {
  const [order] = await on.select().from(orders).where(eq(orders.bookingId, bookingId));
  return order ? { total: money(order.totalMinor, order.currency) } : null;
}

/** All bookings, with what decides whether a workflow must be at work on them. */
export async function watchedBookings(on: Queryable, after: string | null, limit: number): Promise<readonly Watched[]> {
  // A column of the only table asked for is written without its name, which within these would be the payment's.
  const paid = sql<number>`(select count(*)::int from ${payments} p where p.booking_id = bookings.id and p.captured_minor > 0)`;
  const refs = sql<
    string[]
  >`array(select p.ref from ${payments} p where p.booking_id = bookings.id and p.ref is not null)`;
  const rows = await on
    .select({
      bookingId: bookings.id,
      phase: bookings.phase,
      attention: bookings.attention,
      reservedMinor: bookings.reservedMinor,
      paidAttempts: paid,
      paymentRefs: refs,
      serviceAt: bookings.serviceAt,
      confirmedAt: bookings.confirmedAt,
      updatedAt: bookings.updatedAt,
    })
    .from(bookings)
    .where(after === null ? undefined : gt(bookings.id, after))
    .orderBy(asc(bookings.id))
    .limit(limit);
  return rows.map(({ serviceAt, confirmedAt, updatedAt, ...row }) => ({
    ...row,
    serviceAt: serviceAt?.toISOString() ?? null,
    confirmedAt: confirmedAt?.toISOString() ?? null,
    updatedAt: updatedAt.toISOString(),
  }));
}

export async function knownAmong(on: Queryable, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await on
    .select({ id: bookings.id })
    .from(bookings)
    .where(inArray(bookings.id, [...ids]));
  return new Set(rows.map(({ id }) => id));
}

/** Of those that we know: by which names their payments and refunds go. */
export async function namesHere(on: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, NamesHere>> {
  if (ids.length === 0) return new Map();
  const { id, bookingId, ref, gateway, status } = payments;
  const [known, paid, returned] = await Promise.all([
    knownAmong(on, ids),
    on
      .select({ bookingId, id, ref, gateway, status })
      .from(payments)
      .where(inArray(bookingId, [...ids])),
    on
      .select({ bookingId: refunds.bookingId, id: refunds.id })
      .from(refunds)
      .where(inArray(refunds.bookingId, [...ids])),
  ]);
  const names = [...known].map((of): NamesHere => ({
    id: of,
    payments: paid.filter((payment) => payment.bookingId === of),
    refunds: returned.filter((refund) => refund.bookingId === of),
  }));
  return new Map(names.map((each) => [each.id, each]));
}

export async function waitingWebhooks(
  on: Queryable,
  receivedBefore: Date,
  limit: number,
): Promise<readonly WaitingWebhook[]> {
  const { id, bookingId, gateway, state, receivedAt } = inbox;
  const rows = await on
    .select({ id, bookingId: sql<string | null>`${bookings.id}`, gateway, state, receivedAt })
    .from(inbox)
    .leftJoin(bookings, eq(bookings.id, bookingId))
    .where(and(eq(inbox.state, 'pending'), lt(receivedAt, receivedBefore)))
    .orderBy(asc(id))
    .limit(limit);
  return rows.map((row) => ({ ...row, receivedAt: row.receivedAt.toISOString() }));
}

export async function outboxGaps(on: Queryable, limit: number): Promise<readonly OutboxGap[]> {
  return on
    .select({
      bookingId: sql<string>`min(${outbox.bookingId})`,
      key: outbox.key,
      count: sql<number>`count(*)::int`,
      last: sql<number>`max(${outbox.seq})`,
    })
    .from(outbox)
    .groupBy(outbox.key)
    .having(sql`count(*) <> max(${outbox.seq})`)
    .limit(limit);
}

export async function unbalancedTransactions(on: Queryable, limit: number): Promise<readonly Unbalanced[]> {
  const rest = sql<string>`sum(${ledgerPostings.minor})`;
  const rows = await on
    .select({
      transactionId: ledgerTransactions.id,
      bookingId: ledgerTransactions.bookingId,
      currency: ledgerPostings.currency,
      rest,
    })
    .from(ledgerPostings)
    .innerJoin(ledgerTransactions, eq(ledgerTransactions.id, ledgerPostings.transactionId))
    .groupBy(ledgerTransactions.id, ledgerTransactions.bookingId, ledgerPostings.currency)
    .having(sql`${rest} <> 0`)
    .limit(limit);
  return rows.map(({ rest: sum, ...row }) => ({ ...row, restMinor: Number(sum) }));
}

export interface SupplierAccount {
  readonly ledgerMinor: number;
  /** Orders that are being paid or cancelled: their money may have moved at the supplier and not yet here. */
  readonly inMotion: number;
}

export async function supplierAccount(
  on: Queryable,
  supplier: SupplierName,
  currency: string,
): Promise<SupplierAccount> {
  const [sum] = await on
    .select({ minor: sql<string>`coalesce(sum(${ledgerPostings.minor}), 0)` })
    .from(ledgerPostings)
    .where(
      and(
        eq(ledgerPostings.account, 'supplier_balance'),
        eq(ledgerPostings.party, supplier),
        eq(ledgerPostings.currency, currency),
      ),
    );
  const standing = inArray(supplierOrders.status, ['placing', 'unpaid', 'pending', 'confirmed', 'unknown']);
  const beingPaid = and(sql`${supplierOrders.payCalledAt} is not null`, eq(supplierOrders.paidMinor, 0));
  // A supplier may turn a pending order down, and give its money back, at any moment.
  const mayEnd = or(sql`${supplierOrders.cancelCalledAt} is not null`, eq(supplierOrders.status, 'pending'));
  const [moving] = await on
    .select({ count: sql<number>`count(*)::int` })
    .from(supplierOrders)
    .where(and(eq(supplierOrders.supplier, supplier), standing, or(beingPaid, mayEnd)));
  return { ledgerMinor: Number(sum?.minor ?? 0), inMotion: moving?.count ?? 0 };
}

/** Which of these references an order of ours bears that is compared by its number, or is being looked for. */
export async function knownOrderRefs(on: Queryable, refs: readonly string[]): Promise<ReadonlySet<string>> {
  if (refs.length === 0) return new Set();
  const rows = await on
    .select({ ref: supplierOrders.ourRef })
    .from(supplierOrders)
    .where(and(inArray(supplierOrders.ourRef, [...refs]), or(isNotNull(supplierOrders.orderNo), isLookedFor)));
  return new Set(rows.map(({ ref }) => ref));
}

const isLookedFor = inArray(supplierOrders.status, ['placing', 'unknown']);

/** Every currency that money was ever taken in; by steps through the index, for the ledger is long. */
export async function takenCurrencies(on: Queryable): Promise<readonly string[]> {
  const next = (than: SQL) =>
    sql`(select min(currency) from ledger_postings where account = 'customer_receivable' and ${than})`;
  const { rows } = await on.execute<{ currency: string }>(sql`with recursive known as (
    select ${next(sql`true`)} as currency
    union all select ${next(sql`currency > known.currency`)} from known where known.currency is not null
  ) select currency from known where currency is not null`);
  return rows.map(({ currency }) => currency);
}
