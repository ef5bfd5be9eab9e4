// Checkouts at every stage: asked for over the wire, the rest told as the facts a workflow would record.
import { desc, eq } from 'drizzle-orm';
import { CUSTOMER_EXAMPLE } from '../../api/storefronts/cart/customer.ts';
import { bookings, travellers } from '../../db/schema.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { paymentIdOf } from '../../domain/ids.ts';
import { money } from '../../domain/money.ts';
import { fill, NOBODY } from './cart-lives.ts';
import type { MadeCart } from './cart-lives.ts';
import type { FakeDoor } from './fake-door.ts';
import type { CheckoutStage, Names } from './golden.ts';
import type { Answer, Call, Shop } from './shop-bench.ts';

export const TOTAL = money(12_900, 'MYR');
const PAID_AT = '2026-05-04T10:00:00.000Z';

export const checkOut = (shop: Shop, { id }: Pick<MadeCart, 'id'>, call: Call = NOBODY): Promise<Answer> =>
  shop.send('POST', '/checkout', { ...call, body: { cart_id: id, customer: CUSTOMER_EXAMPLE } });

/** What the booking's workflow writes down when CHIP says so. */
export const payCart = (door: FakeDoor, bookingId: string): Promise<void> => door.record(bookingId, ...paid(bookingId));

/** Closed at the gateway first, as the workflow does it. */
export function letDoorClose({ door }: Shop): void {
  const inner = { ...door };
  door.cancel = async (id, request) => {
    const reply = await inner.cancel(id, request);
    if (reply.kind === 'answered' && reply.value.kind === 'cancelled') await door.record(id, ...closed(id));
    return reply;
  };
}

const closed = (id: string): BookingEvent[] => [
  { type: 'payment.closed', paymentId: paymentIdOf(id, 1), reason: 'cancelled', wireStatus: 'cancelled' },
  { type: 'booking.cancelled', reason: 'asked', actor: 'customer' },
];

export const paid = (id: string): BookingEvent[] => [
  {
    type: 'payment.captured',
    paymentId: paymentIdOf(id, 1),
    amount: TOTAL,
    capturedAt: PAID_AT,
    fee: null,
    method: { type: 'fpx', brand: null, last4: null },
    wireStatus: 'paid',
  },
  { type: 'booking.confirmed', attempt: 1 },
];

function givenBack(id: string, minor: number): BookingEvent[] {
  const refundId = `rf_${id}`;
  const amount = money(minor, TOTAL.currency);
  const why = { cause: 'staff', reason: 'came broken', actor: 'sue', needsApproval: false } as const;
  return [
    { type: 'refund.requested', refundId, paymentId: paymentIdOf(id, 1), amount, ...why },
    { type: 'refund.succeeded', refundId, ref: `re_${refundId}` },
  ];
}

const NOTE = 'the customer came back; the gateway has it as viewed';
const DECLINE = { id: 'try_1', code: 'insufficient_funds', declineCode: null, message: 'There is not enough money.' };

const FACTS: Readonly<Record<CheckoutStage, (id: string, paymentId: string) => readonly BookingEvent[]>> = {
  asked: () => [],
  changed: () => [],
  erased: () => [],
  processing: (_, paymentId) => [{ type: 'payment.processing', paymentId, declines: 0, wireStatus: 'pending_execute' }],
  declined: (_, paymentId) => [{ type: 'payment.declined', paymentId, decline: DECLINE, wireStatus: 'error' }],
  left: (_, paymentId) => [{ type: 'payment.abandoned', paymentId, as: 'cancelled', declines: 0, note: NOTE }],
  failed: (_, paymentId) => [{ type: 'payment.abandoned', paymentId, as: 'failed', declines: 0, note: NOTE }],
  expired: (_, paymentId) => [
    { type: 'payment.closed', paymentId, reason: 'expired', wireStatus: 'expired' },
    { type: 'booking.expired', attempt: 1 },
  ],
  closed,
  paid,
  partly_refunded: (id) => [...paid(id), ...givenBack(id, 2_900)],
  refunded: (id) => [...paid(id), ...givenBack(id, TOTAL.minor)],
};

/** The cart's checkout at that stage, with every name it goes by; the cart may have another version then. */
export async function checkedOut(shop: Shop, cart: Names, stage: CheckoutStage): Promise<Names> {
  const id = cart['cart'] ?? '';
  const answer = await checkOut(shop, { id }, { ...NOBODY, headers: { 'X-Cart-Id': id } });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  const [row] = await shop.db.select().from(bookings).orderBy(desc(bookings.createdAt)).limit(1);
  if (!row) throw new Error('nothing was booked');
  await shop.door.record(row.id, ...FACTS[stage](row.id, paymentIdOf(row.id, 1)));
  if (stage === 'erased') await shop.db.delete(travellers).where(eq(travellers.bookingId, row.id));
  if (stage === 'changed') await fill(shop, await cartNow(shop, id), [MUG]);
  const { version } = await cartNow(shop, id);
  const purchase = String(answer.body['purchase_id']);
  return {
    ...cart,
    version: String(version),
    booking: row.id,
    payment: paymentIdOf(row.id, 1),
    purchase,
    order: row.number,
  };
}

const MUG: [string, unknown] = ['items', { product_id: 'enamel-mug', quantity: 1 }];

async function cartNow(shop: Shop, id: string): Promise<MadeCart> {
  const { body } = await shop.send('GET', `/carts/${id}`, { ...NOBODY, headers: { 'X-Cart-Id': id } });
  return { id, version: Number(body['version']), items: [] };
}
