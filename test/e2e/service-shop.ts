// What the clients of dreamscape and airport do: a service that opens and refunds, customers who book and pay.
import { askAgain, CARDS, confirmCard, signIn } from './shop.ts';
import type { Answer, Intent, JsonObject, Visitor } from './shop.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

const PAYMENT = '/api/v1/payment';
const PUBLISHABLE_KEY = 'pk_test_holdfast';

export interface CardIntent {
  readonly paymentIntentId: string;
  readonly clientSecret: string;
}

export interface Sum {
  readonly amount: number;
  readonly currency: string;
}

/** Both wires pack what they say in `data`. */
export function dataOf({ status, text, body }: Answer): JsonObject {
  const { data } = body;
  if (status > 201 || typeof data !== 'object' || data === null) throw new Error(`${status} ${text}`);
  return Object.fromEntries(Object.entries(data));
}

export const intentOf = (answer: Answer): CardIntent => {
  const { paymentIntentId, clientSecret } = dataOf(answer);
  return { paymentIntentId: String(paymentIntentId), clientSecret: String(clientSecret) };
};

export async function openServices(stack: Stack) {
  const [voyage, alice] = await Promise.all([
    signIn(stack, { sub: 'voyage', role: 'service' }),
    signIn(stack, { sub: 'alice' }),
  ]);
  return { voyage, alice, dreamscape: dreamscapeOf(voyage), airport: airportOf(alice) };
}

function dreamscapeOf(voyage: Visitor) {
  const userId = 'alice';
  return {
    create: (bookingId: string, sum: Sum): Promise<Answer> => {
      const body = { ...sum, bookingId, bookingReference: `REF-${bookingId}`, userId };
      return askAgain(() => voyage.post(`${PAYMENT}/create-intent`, body));
    },
    refund: (bookingId: string, paymentIntentId: string, amount?: number): Promise<Answer> => {
      const body = { paymentIntentId, amount, reason: 'asked', bookingId, userId };
      return askAgain(() => voyage.post(`${PAYMENT}/refund`, body));
    },
    view: (paymentIntentId: string): Promise<Answer> => voyage.get(`${PAYMENT}/${paymentIntentId}`),
  };
}

function airportOf(alice: Visitor) {
  let flights = 0;
  return {
    /** Another flight each time, for the same wish again is the same booking. */
    book: (service: string, passengers = 1): Promise<Answer> => {
      const body = { service, flight: `HF ${(flights += 1)}`, date: '2099-05-04', passengers };
      return askAgain(() => alice.post('/bookings', body));
    },
    open: (bookingId: string, sum: Sum): Promise<Answer> =>
      askAgain(() => alice.post('/payment/create-payment-intent', { bookingId, ...sum })),
    confirm: (bookingId: string, paymentIntentId: string): Promise<Answer> =>
      askAgain(() => alice.post('/payment/confirm-payment', { bookingId, paymentIntentId })),
    status: (bookingId: string): Promise<Answer> => alice.get(`/payment/status/${bookingId}`),
  };
}

function presentCard(stack: Stack, { paymentIntentId, clientSecret }: CardIntent): Promise<Answer> {
  const form = { payment_intent_id: paymentIntentId, client_secret: clientSecret, publishable_key: PUBLISHABLE_KEY };
  return confirmCard(stack, asIntent(form), CARDS.good);
}

/** The card form knows these three of a booking's fields, on every storefront. */
const asIntent = (form: Pick<Intent, 'payment_intent_id' | 'client_secret' | 'publishable_key'>): Intent =>
  form as Intent;

export async function payWith(stack: Stack, intent: CardIntent): Promise<void> {
  const answer = await presentCard(stack, intent);
  if (answer.status !== 200) throw new Error(`the card was not taken: ${answer.status} ${answer.text}`);
}

/** Under our id, or by the payment. */
export async function untilBooking(stack: Stack, paymentIntentId: string, status: string): Promise<string> {
  const find = () =>
    stack.rows<{ id: string; status: string }>(
      'select b.id, b.status from bookings b join payments p on p.booking_id = b.id where p.ref = $1',
      [paymentIntentId],
    );
  return until({
    what: `the booking of ${paymentIntentId} to be ${status}`,
    look: async () => (await find()).find((row) => row.status === status)?.id,
    withinMs: 30_000,
    instead: find,
  });
}
