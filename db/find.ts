// Every name a booking goes by, and which booking goes by it.
import { and, eq, sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import { STOREFRONTS } from '../domain/booking.ts';
import type { Storefront } from '../domain/booking.ts';
import { GATEWAYS } from '../domain/payment.ts';
import { SUPPLIERS } from '../domain/supply.ts';
import type { Queryable } from './client.ts';
import { bookings } from './schema.ts';

export interface Found {
  readonly id: string;
  readonly storefront: Storefront;
  readonly ownerSub: string;
}

const columns = { id: bookings.id, storefront: bookings.storefront, ownerSub: bookings.ownerSub };

export async function findById(on: Queryable, id: string): Promise<Found | undefined> {
  const [row] = await on.select(columns).from(bookings).where(eq(bookings.id, id));
  return row;
}

export async function findByExternalId(
  on: Queryable,
  { storefront, externalId }: { storefront: Storefront; externalId: string },
): Promise<Found | undefined> {
  const [row] = await on
    .select(columns)
    .from(bookings)
    .where(and(eq(bookings.storefront, storefront), eq(bookings.externalId, externalId)));
  return row;
}

/** By the gateway's name for any payment of it, the dead ones among them. */
export async function findByPayment(
  on: Queryable,
  { storefront, ref }: { storefront: Storefront; ref: string },
): Promise<Found | undefined> {
  const payment = sql`select booking_id from payments where gateway in ${listOf(GATEWAYS)} and ref = ${ref}`;
  const [row] = await on
    .select(columns)
    .from(bookings)
    .where(and(eq(bookings.storefront, storefront), isAmong([payment])));
  return row;
}

export interface Reference {
  readonly storefront: Storefront;
  readonly text: string;
  /** Where a supplier order that was adopted, but not yet recorded, is claimed. */
  readonly claimScope: string;
}

/**
 * By our id, number or reference (any generation of it) or the supplier's order number. Customers choose some of
 * these names, so one text may name several bookings: the caller picks among those that are the asker's.
 */
export async function findByReference(
  on: Queryable,
  { storefront, text, claimScope }: Reference,
): Promise<readonly Found[]> {
  const named = [...namesOf(text), sql`select booking_id from idempotency where scope = ${claimScope}`];
  return on
    .select(columns)
    .from(bookings)
    .where(and(eq(bookings.storefront, storefront), isAmong(named)))
    .limit(10);
}

/** Whatever staff has at hand: also a mail address, a payment's reference or a voucher's code. */
export function matchesAnything(text: string, mailHashes: readonly string[]): SQL {
  return isAmong([
    ...namesOf(text),
    sql`select id from bookings where mail_hash in ${listOf(mailHashes)}`,
    sql`select booking_id from payments where gateway in ${listOf(GATEWAYS)} and ref = ${text}`,
    sql`select booking_id from vouchers where codes @> ${JSON.stringify([{ code: text }])}::jsonb`,
  ]);
}

function namesOf(text: string): SQL[] {
  return [
    sql`select id from bookings where id = ${text}`,
    sql`select id from bookings where number = ${text.toUpperCase()}`,
    sql`select id from bookings where storefront in ${listOf(STOREFRONTS)} and external_id = ${text}`,
    sql`select booking_id from supplier_orders where supplier in ${listOf(SUPPLIERS)} and our_ref = ${text}`,
    sql`select booking_id from supplier_orders where supplier in ${listOf(SUPPLIERS)} and order_no = ${text}`,
  ];
}

export const listOf = (words: readonly string[]): SQL =>
  sql`(${sql.join(
    words.map((word) => sql`${word}`),
    sql`, `,
  )})`;

/** Gathered first, so that each name is looked up in its own index. */
const isAmong = (selects: readonly SQL[]): SQL =>
  sql`${bookings.id} = any(array(${sql.join([...selects], sql` union all `)}))`;
