// The sweep's side of the inbox: taking what is due, and writing down how it ended.
import { and, eq, inArray, isNotNull, lt, sql } from 'drizzle-orm';
import type { Phase } from '../domain/booking.ts';
import { GATEWAYS } from '../domain/payment.ts';
import type { Database, Queryable } from './client.ts';
import { listOf } from './find.ts';
import { tellStaff } from './notices.ts';
import { bookings, inbox, payments, workItems } from './schema.ts';

/** Whoever took a row and died with it loses it after this long. */
const LEASE_S = 30;
const REJECTED_KEPT_DAYS = 7;
/** Longer than anybody asks what a gateway sent; what it meant was learned from the gateway itself, and stands with the booking. */
const BODIES_KEPT_DAYS = 90;

export interface DueRow {
  readonly id: number;
  /** Gateway and reference of the payment as we hold it; as the event named it when it is none of ours. */
  readonly gateway: string;
  readonly type: string | null;
  readonly effect: string | null;
  readonly paymentRef: string | null;
  readonly attempts: number;
  readonly receivedAt: Date;
  /** When staff last asked for it to be told again, in ms; 0 when they never did. */
  readonly replay: number;
  /** The booking it is about, if we have one: named by the event, else by the payment. */
  readonly booking: {
    readonly id: string;
    readonly phase: Phase;
    readonly createdAt: Date;
    readonly workflowSeen: boolean;
  } | null;
  readonly feeKnown: boolean;
  /** Another event told the same and was handled; a replay is delivered all the same. */
  readonly alreadyHandled: boolean;
}

/** Leases rows by moving them into the future, so that no transaction stays open while Temporal is asked. */
export async function takeDue(db: Database, limit: number): Promise<DueRow[]> {
  const due = db
    .select({ id: inbox.id })
    .from(inbox)
    .where(and(inArray(inbox.state, ['pending', 'parked']), sql`${inbox.nextAt} <= now()`))
    .orderBy(inbox.nextAt)
    .limit(limit)
    .for('update', { skipLocked: true });
  const leased = db.$with('leased').as(
    db
      .update(inbox)
      .set({ nextAt: sql`now() + make_interval(secs => ${LEASE_S})`, attempts: sql`${inbox.attempts} + 1` })
      .where(inArray(inbox.id, due))
      .returning(),
  );
  // The path says nothing of whose payment it is: several gateways of ours are one account at the vendor.
  const anyGateway = listOf(GATEWAYS);
  // A refund or a dispute may name the money only as the gateway does: what was said of it before tells whose it is.
  const byRef = sql`select p.id from payments p where p.gateway in ${anyGateway} and p.ref = ${leased.paymentRef}`;
  const byId = sql`select p.id from payments p where p.id = ${leased.paymentId}`;
  const byEarlierNews = sql`select p.id from inbox i join payments p on p.id = i.payment_id
    where i.gateway in ${anyGateway} and i.payment_ref = ${leased.paymentRef} and i.payment_id is not null limit 1`;
  // … and so does what the gateway itself told us when it was asked.
  const byDispute = sql`select p.id from disputes d join payments p on p.id = d.payment_id
    where p.gateway in ${anyGateway} and d.ref = ${leased.objectRef}`;
  const named = sql`select b.id from ${bookings} b where b.id = ${leased.bookingId}`;
  // Of a purchase that we do not know the gateway may name the cart alone: then it is about the newest thing that was made of it.
  const newestOfCart = sql`select b.id from ${bookings} b where b.storefront = 'cart'
    and b.product #>> '{order,cartId}' = ${leased.bookingId} order by b.created_at desc limit 1`;
  const rows = await db
    .with(leased)
    .select({
      id: leased.id,
      gateway: sql<string>`coalesce(${payments.gateway}, ${leased.gateway})`,
      type: leased.type,
      effect: leased.effect,
      // CHIP always names the purchase itself, also one that we do not know of yet.
      paymentRef: sql<string | null>`case when ${leased.gateway} = 'chip' then ${leased.paymentRef}
        else coalesce(${payments.ref}, ${leased.paymentRef}) end`,
      attempts: leased.attempts,
      receivedAt: leased.receivedAt,
      replayedAt: leased.replayedAt,
      bookingId: bookings.id,
      phase: bookings.phase,
      createdAt: bookings.createdAt,
      workflowSeenAt: bookings.workflowSeenAt,
      feeMinor: payments.feeMinor,
      alreadyHandled: sql<boolean>`${leased.replayedAt} is null and exists (
        select 1 from inbox h where h.gateway in ${anyGateway} and h.object_ref = ${leased.objectRef}
          and h.effect = ${leased.effect} and h.state = 'handled')`,
    })
    .from(leased)
    .leftJoin(payments, eq(payments.id, sql`coalesce((${byRef}), (${byId}), (${byEarlierNews}), (${byDispute}))`))
    .leftJoin(bookings, eq(bookings.id, sql`coalesce((${named}), ${payments.bookingId}, (${newestOfCart}))`));
  return rows.map(toDue);
}

interface ResolvedRow extends Omit<DueRow, 'booking' | 'feeKnown' | 'replay'> {
  readonly replayedAt: Date | null;
  readonly bookingId: string | null;
  readonly phase: Phase | null;
  readonly createdAt: Date | null;
  readonly workflowSeenAt: Date | null;
  readonly feeMinor: number | null;
}

function toDue(resolved: ResolvedRow): DueRow {
  const { bookingId, phase, createdAt, workflowSeenAt, feeMinor, replayedAt, ...row } = resolved;
  const booking =
    bookingId && phase && createdAt ? { id: bookingId, phase, createdAt, workflowSeen: workflowSeenAt !== null } : null;
  return { ...row, booking, feeKnown: feeMinor !== null, replay: replayedAt?.getTime() ?? 0 };
}

/** With the booking found on the way, so that the inbox can be searched by it. */
export async function markHandled(on: Queryable, id: number, bookingId: string | null): Promise<void> {
  await on
    .update(inbox)
    .set({ state: 'handled', handledAt: sql`now()`, error: null, ...(bookingId && { bookingId }) })
    .where(eq(inbox.id, id));
}

export interface Postponement {
  readonly id: number;
  readonly state: 'pending' | 'parked';
  readonly error: string;
  readonly delayMs: number;
}

export async function postpone(on: Queryable, { id, state, error, delayMs }: Postponement): Promise<void> {
  const nextAt = sql`now() + make_interval(secs => ${delayMs / 1_000})`;
  await on.update(inbox).set({ state, error, nextAt }).where(eq(inbox.id, id));
}

/** Nobody knows this booking: from here on it is for a person to find out. */
export async function giveUp(db: Database, id: number, reason: string): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.update(inbox).set({ state: 'failed', error: reason }).where(eq(inbox.id, id));
    await tx
      .insert(workItems)
      .values({ kind: 'webhook_unknown_booking', subject: `inbox/${id}`, reason })
      .onConflictDoUpdate({ target: [workItems.kind, workItems.subject], set: { reason, closedAt: sql`null` } });
    await tellStaff(tx, { kind: 'webhook_failed', version: `inbox-${id}`, detail: { reason, amount: null } });
  });
}

/** The row stays: that it came, when, and what became of it. */
export async function cutOldBodies(on: Queryable): Promise<number> {
  const old = lt(inbox.receivedAt, sql`now() - make_interval(days => ${BODIES_KEPT_DAYS})`);
  const cut = await on
    .update(inbox)
    .set({ sealed: sql`null` })
    .where(and(isNotNull(inbox.sealed), old));
  return cut.rowCount ?? 0;
}

export async function purgeRejected(on: Queryable): Promise<number> {
  const old = lt(inbox.receivedAt, sql`now() - make_interval(days => ${REJECTED_KEPT_DAYS})`);
  const gone = await on.delete(inbox).where(and(eq(inbox.verdict, 'rejected'), old));
  return gone.rowCount ?? 0;
}
