// What a start of a package costs and how many are left: the part that check, validate, create and pay share.
import { isRecord, textFrom } from '../reply.ts';
import type { Package, Sku } from './catalogue.ts';
import { KlookError, invalid, unavailable } from './errors.ts';
import { decimal, minorFrom } from './money.ts';
import type { Item, Slot, World } from './state.ts';
import { localToUtc } from './times.ts';

const MAX_COUNT = 100;
const MAX_ITEMS = 20;

export type Line = { sku: Sku; count: number; askedMinor: number | null; priceMinor: number };
export type Offer = { pack: Package; startTime: string; startsAt: number; lines: Line[] };

/** Reads items of any of the calls that carry them. */
export function offersFrom(world: World, items: unknown): Offer[] {
  if (!Array.isArray(items) || items.length === 0) throw invalid('items must be a non-empty array');
  if (items.length > MAX_ITEMS) throw invalid(`at most ${MAX_ITEMS} items`);
  const offers = items.map((item) => offerFrom(world, item));
  if (new Set(offers.map(({ pack }) => pack.currency)).size > 1) {
    throw invalid('all items of an order must have one currency');
  }
  return offers;
}

function offerFrom(world: World, item: unknown): Offer {
  if (!isRecord(item)) throw invalid('an item must be an object');
  const pack = world.packages.get(textFrom(item['package_id']));
  if (!pack) throw unavailable('NOT_AVAILABLE', `package ${textFrom(item['package_id'])} is not on sale`);
  const startTime = item['start_time'];
  const startsAt = localToUtc(startTime, pack.timezone);
  if (typeof startTime !== 'string' || startsAt === undefined) {
    throw invalid('start_time must be YYYY-MM-DD HH:MM:SS');
  }
  const list = item['sku_list'];
  if (!Array.isArray(list) || list.length === 0) throw invalid('sku_list must be a non-empty array');
  return { pack, startTime, startsAt, lines: list.map((entry) => lineFrom(world, pack, entry)) };
}

function lineFrom(world: World, pack: Package, entry: unknown): Line {
  if (!isRecord(entry)) throw invalid('an entry of sku_list must be an object');
  const sku = world.skus.get(textFrom(entry['sku_id']));
  if (sku?.packageId !== pack.id || !sku.published) {
    throw unavailable('NOT_AVAILABLE', `sku ${textFrom(entry['sku_id'])} is not on sale`);
  }
  const count = Number(entry['count']);
  if (!Number.isInteger(count) || count < 1 || count > MAX_COUNT) {
    throw invalid(`count must be a whole number from 1 to ${MAX_COUNT}`);
  }
  const price = entry['price'];
  const open = price === undefined || price === null || price === '';
  const askedMinor = open ? null : (minorFrom(price, pack.currency) ?? null);
  if (!open && askedMinor === null) throw invalid('price must be a decimal string');
  return { sku, count, askedMinor, priceMinor: minorFrom(sku.price, pack.currency) ?? 0 };
}

/** Ids are numbers on the wire when they look like numbers. */
export function wireId(id: string): number | string {
  return /^\d{1,15}$/.test(id) ? Number(id) : id;
}

export function totalOf(offers: Offer[]): number {
  return offers.flatMap(({ lines }) => lines).reduce((sum, line) => sum + line.priceMinor * line.count, 0);
}

/** Why a start can't be sold at all. */
export function closedReason({ pack, startTime, startsAt }: Offer): string | undefined {
  if (!pack.times.includes(startTime.slice(11))) return `no start at ${startTime}`;
  if (startsAt - pack.cutOffMinutes * 60_000 <= Date.now()) return `sales for ${startTime} have ended`;
  return undefined;
}

function slotOf(world: World, skuId: string, startTime: string): Slot {
  const id = `${skuId}|${startTime}`;
  return world.slots.get(id) ?? { id, held: 0, sold: 0 };
}

/** Seats nobody has paid for; `reserved` also leaves out what unpaid orders hold. */
export function inventory(world: World, sku: Sku, { startTime, reserved }: { startTime: string; reserved: boolean }) {
  if (sku.stock === null) return Number.MAX_SAFE_INTEGER;
  const slot = slotOf(world, sku.id, startTime);
  return Math.max(0, sku.stock - slot.sold - (reserved ? slot.held : 0));
}

export function changeSlots(world: World, items: Item[], change: { held: number; sold: number }): void {
  for (const item of items) {
    for (const { skuId, count } of item.skus) {
      const slot = slotOf(world, skuId, item.startTime);
      world.slots.put({
        id: slot.id,
        held: Math.max(0, slot.held + change.held * count),
        sold: Math.max(0, slot.sold + change.sold * count),
      });
    }
  }
}

/** Refuses offers that are closed, sold out or dearer or cheaper than asked. */
export function assertSellable(world: World, offers: Offer[]): void {
  for (const offer of offers) {
    const closed = closedReason(offer);
    if (closed) throw unavailable('NOT_AVAILABLE', closed);
    for (const { sku, count } of offer.lines) {
      if (inventory(world, sku, { startTime: offer.startTime, reserved: true }) < count) {
        throw unavailable('SOLD_OUT', `sku ${sku.id} is sold out at ${offer.startTime}`);
      }
    }
  }
  const changed = offers.flatMap((offer) =>
    offer.lines
      .filter((line) => line.askedMinor !== null && line.askedMinor !== line.priceMinor)
      .map((line) => priceDetail(offer.pack.currency, { ...line, startTime: offer.startTime })),
  );
  if (changed.length > 0) throw priceChanged(changed);
}

export function priceDetail(
  currency: string,
  line: { sku: Sku; priceMinor: number; startTime: string },
): Record<string, unknown> {
  return {
    sku_id: wireId(line.sku.id),
    start_time: line.startTime,
    price: decimal(line.priceMinor, currency),
    currency,
  };
}

export function priceChanged(details: Record<string, unknown>[]): KlookError {
  const first = details[0];
  return new KlookError(
    { status: 400, code: 'PRICE_CHANGED', details },
    `the price of sku ${textFrom(first?.['sku_id'])} at ${textFrom(first?.['start_time'])} has changed to ${textFrom(first?.['price'])}`,
  );
}

/** The answer of availability check and validation. */
export function offersBody(world: World, offers: Offer[]): Record<string, unknown> {
  const currency = offers[0]?.pack.currency ?? '';
  return {
    success: true,
    currency,
    total_amount: decimal(totalOf(offers), currency),
    items: offers.map((offer) => ({
      package_id: wireId(offer.pack.id),
      start_time: offer.startTime,
      currency,
      total_amount: decimal(totalOf([offer]), currency),
      sku_list: offer.lines.map((line) => lineBody(world, offer, line)),
    })),
  };
}

function lineBody(world: World, offer: Offer, { sku, count, priceMinor }: Line): Record<string, unknown> {
  const left = inventory(world, sku, { startTime: offer.startTime, reserved: true });
  return {
    sku_id: wireId(sku.id),
    count,
    price: decimal(priceMinor, offer.pack.currency),
    currency: offer.pack.currency,
    available: closedReason(offer) === undefined && left >= count,
    inventory: Math.min(left, 9999),
  };
}
