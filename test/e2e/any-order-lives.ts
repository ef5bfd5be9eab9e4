// Lives of a payment at its gateway, of which the gateway tells nobody: each of its events is posted by the test, when it likes.
import { createHmac } from 'node:crypto';
import { chargeBack, reverseChargeback } from '../../sim/chip/refunds.ts';
import { channelsOf } from '../../sim/chip/events.ts';
import { COMPANY, signature } from '../../sim/chip/keys.ts';
import type { Channel, ChipEvent } from '../../sim/chip/state.ts';
import { cartShop } from './cart-shop.ts';
import { ask, askAgain, book, CARDS, confirmCard, json } from './shop.ts';
import type { Answer } from './shop.ts';
import { intentOf, openServices, payWith } from './service-shop.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

/** One way in which the gateway may tell of one thing that happened. */
export interface Telling {
  readonly event: string;
  readonly type: string;
  post(way: number): Promise<void>;
}

export interface Life {
  readonly name: string;
  /** What happens to it at its gateway, one after another. */
  readonly deeds: readonly (() => Promise<unknown>)[];
  /** What of it there is to tell by now, oldest first. */
  tellings(): readonly Telling[];
  /** The names of the payment at its gateway. */
  readonly refs: readonly string[];
}

export type Begin = () => Promise<Life>;

export const STAY = 'a stay: declined, paid on the page, partly refunded, disputed and won';
export const TRIP = 'a trip: declined, paid, ordered, refunded in two parts';
export const SERVICE = 'a service: paid and given back whole';
export const PORTER = 'a porter: paid, disputed and lost';
export const CART = 'a cart: failed, paid at CHIP, partly refunded, charged back and returned';

const PATHS = ['/api/webhooks/stripe', '/api/v1/payment/webhook', '/payment/webhook', '/api/payments/webhook/'];
const CARD_FORM = { exp_month: '12', exp_year: '40', cvc: '123', email: 'alice@example.org' };

/** Whether the vendors tell of anything by themselves. */
export async function silence(stack: Stack): Promise<void> {
  stack.stripe.setWebhooks([]);
  await cartShop(stack).set({ callbacks: 'none', webhooks: 'none' });
}

export async function openLives(stack: Stack): Promise<Readonly<Record<string, Begin>>> {
  const { alice, dreamscape, airport } = await openServices(stack);
  const stripe = stripeOf(stack);
  let made = 0;
  return {
    [STAY]: async () => {
      made += 1;
      const dates = { check_in: day(made), check_out: day(made + 2) };
      const stay = { hotel: 1, room: 1, guests: 2, payment_method: 'ONLINE', ...dates };
      const booking = good(await askAgain(() => alice.post('/api/bookings/', stay)));
      const opened = await askAgain(() => alice.post('/api/payments/create-session/', { booking_id: booking['id'] }));
      const page = String(good(opened)['session_id']);
      const pay = (number: string) =>
        ask(`${stack.stripe.url}/c/pay/${page}`, {
          method: 'POST',
          body: new URLSearchParams({ number, ...CARD_FORM }),
        });
      const intent = () => String(stack.stripe.state.sessions.get(page)?.payment_intent);
      return {
        name: 'stay',
        refs: [page],
        deeds: [
          () => pay(CARDS.declined),
          () => pay(CARDS.good),
          () => stripe.refund(intent(), 500_000),
          () => stripe.dispute(intent()),
          () => stripe.decide(intent(), 'winning_evidence'),
        ],
        tellings: () => stripe.tellings([page, intent()]),
      };
    },
    [TRIP]: async () => {
      const trip = await book(alice);
      const { payment_intent_id: intent } = trip;
      return {
        name: 'trip',
        refs: [intent],
        deeds: [
          () => confirmCard(stack, trip, CARDS.declined),
          () => confirmCard(stack, trip, CARDS.good),
          () => stripe.refund(intent, 1_000),
          () => stripe.refund(intent, 2_000),
        ],
        tellings: () => stripe.tellings([intent]),
      };
    },
    [SERVICE]: async () => {
      made += 1;
      const card = intentOf(await dreamscape.create(`any-${made}`, { amount: 5_000, currency: 'eur' }));
      const { paymentIntentId: intent } = card;
      return {
        name: 'service',
        refs: [intent],
        deeds: [() => payWith(stack, card), () => stripe.refund(intent, 5_000)],
        tellings: () => stripe.tellings([intent]),
      };
    },
    [PORTER]: async () => {
      const { id, amount, currency } = good(await airport.book('porter'))['data'] as Record<string, unknown>;
      const sum = { amount: Number(amount), currency: String(currency) };
      const card = intentOf(await airport.open(String(id), sum));
      const { paymentIntentId: intent } = card;
      return {
        name: 'porter',
        refs: [intent],
        deeds: [
          () => payWith(stack, card),
          () => stripe.dispute(intent),
          () => stripe.decide(intent, 'losing_evidence'),
        ],
        tellings: () => stripe.tellings([intent]),
      };
    },
    [CART]: () => cartLife(stack),
  };
}

const day = (n: number): string => new Date(Date.UTC(2090, 0, n)).toISOString().slice(0, 10);

function good(answer: Answer): Record<string, unknown> {
  if (answer.status > 201) throw new Error(`${answer.status} ${answer.text}`);
  return answer.body;
}

/** What is done at Stripe by others than us, and what Stripe would say of it. */
function stripeOf(stack: Stack) {
  const { state, url } = stack.stripe;
  const headers = { authorization: 'Bearer sk_test_holdfast' };
  const call = async (path: string, fields: Record<string, string>) =>
    good(await ask(`${url}/v1/${path}`, { method: 'POST', headers, body: new URLSearchParams(fields) }));
  const disputeOf = (intent: string) => state.disputes.values().findLast((each) => each.payment_intent === intent);
  return {
    refund: (intent: string, amount: number) => call('refunds', { payment_intent: intent, amount: String(amount) }),
    dispute: async (intent: string) => good(await ask(`${url}/_sim/disputes`, json({ payment_intent: intent }))),
    decide: async (intent: string, words: string) => {
      await call(`disputes/${disputeOf(intent)?.id ?? ''}`, { 'evidence[uncategorized_text]': words, submit: 'true' });
      const look = () => ['won', 'lost'].includes(disputeOf(intent)?.status ?? '');
      await until({ what: 'the bank to decide', look, instead: () => disputeOf(intent) });
    },
    tellings: (about: readonly string[]): readonly Telling[] =>
      state.events
        .values()
        .filter(({ data }) => about.some((id) => JSON.stringify(data.object).includes(`"${id}"`)))
        .map((event) => ({
          event: event.id,
          type: event.type,
          post: (way) => {
            const text = JSON.stringify(event);
            const at = Math.floor(Date.now() / 1_000);
            const hash = createHmac('sha256', stack.webhookSecret).update(`${at}.${text}`).digest('hex');
            return deliver(`${stack.apiUrl}${PATHS[way % PATHS.length] ?? ''}`, text, {
              'stripe-signature': `t=${at},v1=${hash}`,
            });
          },
        })),
  };
}

async function deliver(url: string, body: string, signed: Record<string, string>): Promise<void> {
  const answer = await ask(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...signed } });
  if (answer.status !== 200) throw new Error(`${url}: ${answer.status} ${answer.text}`);
}

async function cartLife(stack: Stack): Promise<Life> {
  const shop = cartShop(stack);
  const world = stack.chip.state;
  const purchase = await shop.checkOut(await shop.filled());
  const { purchase_id: id } = purchase;
  const now = () => {
    const found = world.purchases.get(id);
    if (!found) throw new Error(`CHIP has no ${id}`);
    return found;
  };
  const refund = (amount: number) =>
    ask(`${stack.chip.url}/api/v1/purchases/${id}/refund/`, {
      ...json({ amount }),
      headers: { 'content-type': 'application/json', authorization: 'Bearer chip_test_holdfast' },
    });
  const post = (event: ChipEvent, channel: Channel): Promise<void> => {
    const webhook = world.webhooks.values()[0];
    const [url, signer] = channel === 'webhook' ? [webhook?.callback, webhook?.id] : [now().success_callback, COMPANY];
    const key = world.keys.get(signer ?? '');
    if (!url || !key) throw new Error(`CHIP has nowhere to tell ${event.type}`);
    const body = JSON.stringify({ ...event.object, event_type: event.type });
    return deliver(url, body, { 'x-signature': signature(body, key) });
  };
  return {
    name: 'cart',
    refs: [id],
    deeds: [
      () => shop.pay(purchase, 'failed'),
      () => shop.pay(purchase, 'paid'),
      async () => good(await refund(2_000)),
      async () => chargeBack(world, now()),
      async () => reverseChargeback(world, now()),
    ],
    tellings: () =>
      world.events
        .values()
        .filter(({ source }) => source === id)
        .map((event) => {
          const channels = channelsOf(event.type);
          const channelFor = (way: number) => channels[way % channels.length] ?? 'webhook';
          return { event: event.id, type: event.type, post: (way) => post(event, channelFor(way)) };
        }),
  };
}
