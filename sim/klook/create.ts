// Availability check, validation, order creation.
import { createHash } from 'node:crypto';
import { isRecord, textFrom } from '../reply.ts';
import type { Question } from './catalogue.ts';
import { KlookError, invalid, unavailable } from './errors.ts';
import { decimal } from './money.ts';
import {
  assertSellable,
  changeSlots,
  closedReason,
  inventory,
  offersBody,
  offersFrom,
  priceChanged,
  priceDetail,
  totalOf,
} from './offer.ts';
import type { Offer } from './offer.ts';
import { isWord, priceFactor, sentinelIn } from './sentinels.ts';
import type { Sentinel } from './sentinels.ts';
import type { Contact, Item, Order, World } from './state.ts';
import { utcText } from './times.ts';

const CONTACT = ['country', 'email', 'first_name', 'family_name', 'mobile'] as const;

/** Takes the bare array that clients send, or the same under `items`. Prices are answered, never refused, here. */
export function checkAvailability(world: World, body: unknown): Record<string, unknown> {
  const offers = offersFrom(world, isRecord(body) ? body['items'] : body);
  if (world.settings.availability === 'error') assertAvailable(world, offers);
  return offersBody(world, offers);
}

function assertAvailable(world: World, offers: Offer[]): void {
  assertSellable(
    world,
    offers.map((offer) => ({ ...offer, lines: offer.lines.map((line) => ({ ...line, askedMinor: null })) })),
  );
}

type Draft = {
  agentOrderId: string;
  contact: Contact;
  offers: Offer[];
  items: Item[];
  sentinel: Sentinel | null;
};

export function validateOrder(world: World, body: unknown): Record<string, unknown> {
  const draft = draftFrom(world, body);
  assertPlaceable(world, draft);
  return offersBody(world, draft.offers);
}

export function createOrder(world: World, body: unknown): Record<string, unknown> {
  const draft = draftFrom(world, body);
  const hash = createHash('sha256').update(JSON.stringify(body)).digest('hex');
  const known = world.ordersByAgentId.all(draft.agentOrderId)[0];
  if (known && world.settings.duplicate !== 'second') return repeated(world, known, hash);
  assertPlaceable(world, draft);
  const order = world.orders.put(newOrder(world, draft, hash));
  changeSlots(world, order.items, { held: 1, sold: 0 });
  world.agenda.add('expire', order.id, order.payBy - Date.now());
  return orderBody(order);
}

function repeated(world: World, known: Order, hash: string): Record<string, unknown> {
  if (known.hash === hash && world.settings.duplicate === 'same') return orderBody(known);
  const numbers = { klook_order_no: known.id, order_id: known.id };
  throw new KlookError(
    { status: 409, code: 'DUPLICATE_AGENT_ORDER_ID', extra: numbers, details: [numbers] },
    `agent_order_id ${known.agentOrderId} belongs to order ${known.id}`,
  );
}

function newOrder(world: World, draft: Draft, hash: string): Order {
  const createdAt = Date.now();
  return {
    id: `KL${String(createdAt).slice(-9)}${String(world.orders.size + 1).padStart(6, '0')}`,
    agentOrderId: draft.agentOrderId,
    hash,
    status: 'unpaid',
    transaction: 'unpaid',
    createdAt,
    payBy: createdAt + world.settings.payByMs,
    paidAt: null,
    confirmedAt: null,
    voucherAt: null,
    totalMinor: totalOf(draft.offers),
    currency: draft.offers[0]?.pack.currency ?? '',
    debitedMinor: 0,
    contact: draft.contact,
    items: draft.items,
    sentinel: draft.sentinel,
    cancel: null,
  };
}

/** The answer of create and pay. */
export function orderBody(order: Order): Record<string, unknown> {
  return {
    success: true,
    klook_order_no: order.id,
    order_id: order.id,
    agent_order_id: order.agentOrderId,
    total_amount: decimal(order.totalMinor, order.currency),
    currency: order.currency,
    confirm_status: order.status,
    transaction_status: order.transaction,
    pay_by: utcText(order.payBy),
  };
}

function draftFrom(world: World, body: unknown): Draft {
  if (!isRecord(body)) throw invalid('the body must be a JSON object');
  const agentOrderId = body['agent_order_id'];
  if (typeof agentOrderId !== 'string' || agentOrderId.trim() === '' || agentOrderId.length > 128) {
    throw invalid('agent_order_id must be a text of 1 to 128 characters');
  }
  const contact = contactFrom(body['contact_info']);
  const sentinel = sentinelIn(contact.family_name);
  const offers = offersFrom(world, body['items']).map((offer) => moved(offer, sentinel));
  const given = Array.isArray(body['items']) ? body['items'] : [];
  const items = offers.map((offer, position) => itemFrom(offer, given[position]));
  return { agentOrderId, contact, offers, items, sentinel };
}

function contactFrom(value: unknown): Contact {
  if (!isRecord(value)) throw invalid('contact_info is missing');
  const field = (name: (typeof CONTACT)[number]): string => {
    const text = value[name];
    if (typeof text === 'string' && text.trim() !== '') return text;
    throw invalid(`contact_info.${name} is missing`);
  };
  return {
    country: field('country'),
    email: field('email'),
    first_name: field('first_name'),
    family_name: field('family_name'),
    mobile: field('mobile'),
  };
}

/** Applies a price sentinel. At pay time only: an order at the old or at the new price is accepted here. */
function moved(offer: Offer, sentinel: Sentinel | null): Offer {
  const factor = priceFactor(sentinel);
  const lines = offer.lines.map((line) => {
    const priceMinor = Math.round(line.priceMinor * factor);
    const old = isWord(sentinel, 'price-change-at-pay') && line.askedMinor !== priceMinor;
    return old ? line : { ...line, priceMinor };
  });
  return { ...offer, lines };
}

function itemFrom(offer: Offer, given: unknown): Item {
  const source = isRecord(given) ? given : {};
  const bookingInfo = listIn(source, 'booking_extra_info');
  const unitInfo = listIn(source, 'unit_extra_info');
  assertAnswered(offer.pack.bookingQuestions, bookingInfo);
  assertAnswered(offer.pack.unitQuestions, unitInfo);
  return {
    packageId: offer.pack.id,
    startTime: offer.startTime,
    startsAt: offer.startsAt,
    skus: offer.lines.map(({ sku, count, priceMinor }) => ({ skuId: sku.id, count, priceMinor })),
    bookingInfo,
    unitInfo,
  };
}

function listIn(source: Record<string, unknown>, name: string): unknown[] {
  const value = source[name] ?? [];
  if (!Array.isArray(value)) throw invalid(`${name} must be an array`);
  return value;
}

/** Answers may be grouped per unit in a nested array. */
function assertAnswered(questions: Question[], answers: unknown[]): void {
  for (const { key, required } of questions) {
    const answered = answers
      .flat()
      .some((answer) => isRecord(answer) && answer['key'] === key && textFrom(answer['content']).trim() !== '');
    if (required && !answered) throw invalid(`the answer to ${key} is missing`);
  }
}

function assertPlaceable(world: World, { offers, sentinel }: Draft): void {
  if (isWord(sentinel, 'sold-out')) throw unavailable('SOLD_OUT', 'sold out (sentinel name)');
  assertSellable(world, offers);
}

/** Before the debit: still on sale, still that price, still a seat not sold to somebody else. */
export function assertStillSellable(world: World, order: Order): void {
  if (isWord(order.sentinel, 'sold-out-at-pay')) throw unavailable('SOLD_OUT', 'sold out (sentinel name)');
  const now = order.items.flatMap((item) =>
    offersFrom(world, [
      {
        package_id: item.packageId,
        start_time: item.startTime,
        sku_list: item.skus.map(({ skuId, count }) => ({ sku_id: skuId, count })),
      },
    ]),
  );
  const changed: Record<string, unknown>[] = [];
  for (const [position, offer] of now.entries()) {
    const closed = closedReason(offer);
    if (closed) throw unavailable('NOT_AVAILABLE', closed);
    for (const [index, line] of offer.lines.entries()) {
      if (inventory(world, line.sku, { startTime: offer.startTime, reserved: false }) < line.count) {
        throw unavailable('SOLD_OUT', `sku ${line.sku.id} is sold out at ${offer.startTime}`);
      }
      const priceMinor = Math.round(line.priceMinor * priceFactor(order.sentinel));
      const agreed = order.items[position]?.skus[index]?.priceMinor;
      if (agreed !== priceMinor) {
        changed.push(priceDetail(order.currency, { sku: line.sku, priceMinor, startTime: offer.startTime }));
      }
    }
  }
  if (changed.length > 0) throw priceChanged(changed);
}
