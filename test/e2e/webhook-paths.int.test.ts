// A webhook sent to another storefront's path: whoever set the address up at Stripe, the money is heard of.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../setup/parts.ts';
import { dataOf, intentOf, openServices, payWith, untilBooking } from './service-shop.ts';
import type { CardIntent } from './service-shop.ts';
import { ask, askAgain, book, CARDS } from './shop.ts';
import { startStack } from './stack.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

const PATHS = ['/api/webhooks/stripe', '/api/v1/payment/webhook', '/payment/webhook', '/api/payments/webhook/'];
/** Long before the first poll, which would find the money without any webhook. */
const HEARD_WITHIN_MS = 45_000;

describeWith(['postgres', 'temporal'], "a webhook on another storefront's path", () => {
  let stack: Stack;
  /** Books and pays on one storefront; gives the gateway's name of the payment. */
  let pay: Readonly<Record<string, (mark: string) => Promise<string>>>;
  beforeAll(async () => {
    stack = await startStack();
    const { alice, dreamscape, airport } = await openServices(stack);
    const withCard = async (intent: CardIntent): Promise<string> => {
      await payWith(stack, intent);
      return intent.paymentIntentId;
    };
    pay = {
      trektoo: async () => {
        const { payment_intent_id: paymentIntentId, client_secret: clientSecret } = await book(alice);
        return withCard({ paymentIntentId, clientSecret });
      },
      dreamscape: async (mark) =>
        withCard(intentOf(await dreamscape.create(`path-${mark}`, { amount: 5_000, currency: 'eur' }))),
      airport: async () => {
        const { id, amount, currency } = dataOf(await airport.book('porter'));
        const sum = { amount: Number(amount), currency: String(currency) };
        return withCard(intentOf(await airport.open(String(id), sum)));
      },
      travello: async (mark) => {
        const dates = { check_in: `2090-01-0${Number(mark) + 1}`, check_out: '2090-02-01' };
        const stay = { hotel: 1, room: 1, guests: 1, payment_method: 'ONLINE', ...dates };
        const { id } = (await askAgain(() => alice.post('/api/bookings/', stay))).body;
        const { body } = await askAgain(() => alice.post('/api/payments/create-session/', { booking_id: id }));
        const card = { number: CARDS.good, exp_month: '12', exp_year: '40', cvc: '123', email: 'a@example.org' };
        await ask(String(body['session_url']), { method: 'POST', body: new URLSearchParams(card) });
        return String(body['session_id']);
      },
    };
  }, 120_000);
  afterAll(() => stack.stop());

  it.each(PATHS)('%s hears of the payments of every storefront', { timeout: 120_000 }, async (path) => {
    stack.stripe.setWebhooks([{ url: stack.apiUrl + path, secret: stack.webhookSecret }]);
    for (const [storefront, payThere] of Object.entries(pay)) {
      const began = performance.now();
      const ref = await payThere(`${PATHS.indexOf(path)}`);
      const bookingId = await untilBooking(stack, ref, 'confirmed');
      expect(performance.now() - began, storefront).toBeLessThan(HEARD_WITHIN_MS);
      await until({
        what: `the news of ${storefront}`,
        look: async () => {
          const rows = await stack.rows<{ channel: string; state: string }>(
            "select channel, state from inbox where booking_id = $1 and type = 'payment_intent.succeeded'",
            [bookingId],
          );
          return rows.length === 1 && rows[0]?.channel === path && rows[0].state === 'handled';
        },
      });
    }
  });
});
