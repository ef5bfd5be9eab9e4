// Hotels and their rooms: what a stay costs is decided here and nowhere else.
import { asc, eq, sql } from 'drizzle-orm';
import { bigint, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { money } from '../domain/money.ts';
import type { Money } from '../domain/money.ts';
import type { Queryable } from './client.ts';
import { payments } from './schema.ts';

export const hotels = pgTable('hotels', {
  id: integer('id').primaryKey(),
  name: text('name').notNull(),
  timezone: text('timezone').notNull(),
});

export const rooms = pgTable('rooms', {
  id: integer('id').primaryKey(),
  hotelId: integer('hotel_id').notNull(),
  name: text('name').notNull(),
  priceMinor: bigint('price_minor', { mode: 'number' }).notNull(),
  currency: text('currency').notNull(),
  capacity: integer('capacity').notNull(),
});

export interface Room {
  readonly id: number;
  readonly name: string;
  /** For one night. */
  readonly price: Money;
  readonly capacity: number;
}

export interface Hotel {
  readonly id: number;
  readonly name: string;
  readonly timezone: string;
  readonly rooms: readonly Room[];
}

export async function listHotels(on: Queryable): Promise<readonly Hotel[]> {
  const [houses, all] = await Promise.all([
    on.select().from(hotels).orderBy(asc(hotels.id)),
    on.select().from(rooms).orderBy(asc(rooms.id)),
  ]);
  return houses.map((hotel) => ({ ...hotel, rooms: all.filter(({ hotelId }) => hotelId === hotel.id).map(roomOf) }));
}

export async function findHotel(on: Queryable, id: number): Promise<Hotel | undefined> {
  const [hotel] = await on.select().from(hotels).where(eq(hotels.id, id));
  if (!hotel) return undefined;
  const own = await on.select().from(rooms).where(eq(rooms.hotelId, id)).orderBy(asc(rooms.id));
  return { ...hotel, rooms: own.map(roomOf) };
}

const roomOf = ({ id, name, priceMinor, currency, capacity }: typeof rooms.$inferSelect): Room => ({
  id,
  name,
  price: money(priceMinor, currency),
  capacity,
});

/** Taken for good, whatever becomes of the request. */
export async function takeBookingNumber(on: Queryable): Promise<number> {
  const { rows } = await on.execute<{ taken: string }>(sql`select nextval('travello_booking_ids')::text as taken`);
  return Number(rows[0]?.taken);
}

/** A payment by the whole number that the wire knows it by. */
export async function paymentNumberOf(on: Queryable, paymentId: string): Promise<number> {
  const [row] = await on.select({ serial: payments.serial }).from(payments).where(eq(payments.id, paymentId));
  if (!row) throw new Error(`no payment ${paymentId}`);
  return row.serial;
}
