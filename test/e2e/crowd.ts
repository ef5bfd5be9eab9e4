// Customers of all five storefronts, who book, pay, walk away or get their money back, each in their turn.
import { cartShop, untilOrdered } from './cart-shop.ts';
import { untilStatus } from './outcome.ts';
import { dataOf, intentOf, openServices, payWith, untilBooking } from './service-shop.ts';
import { ask, askAgain, book, CARDS, pay, signIn } from './shop.ts';
import type { Visitor } from './shop.ts';
import type { Stack } from './stack.ts';

type Custom = (n: number) => Promise<void>;

/** One of each kind, again and again. */
export async function openCrowd(stack: Stack): Promise<readonly Custom[]> {
  const { alice, dreamscape, airport } = await openServices(stack);
  const staff = await signIn(stack, { sub: 'sigrid', role: 'staff' });
  const shop = cartShop(stack);

  const transfer = async () => {
    const { id, amount, currency } = dataOf(await airport.book('porter', 2));
    return intentOf(await airport.open(String(id), { amount: Number(amount), currency: String(currency) }));
  };
  const stay = (n: number, payment_method: 'ONLINE' | 'ARRIVAL') => bookStay(alice, { n, payment_method });
  return [
    async () => {
      const intent = await book(alice);
      await pay(stack, intent);
      await untilStatus(stack, intent, 'confirmed');
    },
    async (n) => {
      const intent = intentOf(await dreamscape.create(`crowd-${n}`, { amount: 5_000, currency: 'eur' }));
      await payWith(stack, intent);
      await untilBooking(stack, intent.paymentIntentId, 'confirmed');
      await dreamscape.refund(`crowd-${n}`, intent.paymentIntentId, 1_200);
      await untilBooking(stack, intent.paymentIntentId, 'partially_refunded');
    },
    async () => {
      const intent = await transfer();
      await payWith(stack, intent);
      await untilBooking(stack, intent.paymentIntentId, 'confirmed');
    },
    async (n) => {
      const session = await openSession(alice, await stay(n, 'ONLINE'));
      const card = { number: CARDS.good, exp_month: '12', exp_year: '40', cvc: '123', email: 'a@example.org' };
      await ask(session.url, { method: 'POST', body: new URLSearchParams(card) });
      await untilBooking(stack, session.id, 'confirmed');
    },
    async () => {
      const cart = await shop.filled();
      await shop.pay(await shop.checkOut(cart));
      await untilOrdered(shop, cart);
    },
    async () => void (await book(alice)),
    async () => {
      const intent = await book(alice, { familyName: 'sold-out-at-pay' });
      await pay(stack, intent);
      await untilStatus(stack, intent, 'refunded');
    },
    async (n) => {
      const id = await stay(n, 'ARRIVAL');
      await staff.post(`/api/bookings/${id}/mark-paid/`, { note: 'at the desk' });
    },
  ];
}

/** Travello's own number of it. */
export async function bookStay(
  visitor: Visitor,
  { n, payment_method }: { n: number; payment_method: 'ONLINE' | 'ARRIVAL' },
): Promise<number> {
  const day = (offset: number): string => new Date(Date.UTC(2090, 0, 1 + offset)).toISOString().slice(0, 10);
  const stay = { hotel: 1, room: 1, guests: 1, payment_method, check_in: day(n), check_out: day(n + 3) };
  const { status, body, text } = await askAgain(() => visitor.post('/api/bookings/', stay));
  if (status !== 201) throw new Error(`${status} ${text}`);
  return Number(body['id']);
}

async function openSession(visitor: Visitor, booking_id: number): Promise<{ id: string; url: string }> {
  const { body } = await askAgain(() => visitor.post('/api/payments/create-session/', { booking_id }));
  return { id: String(body['session_id']), url: String(body['session_url']) };
}
