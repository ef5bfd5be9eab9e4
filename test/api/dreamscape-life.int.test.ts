// The whole product and Stripe's stand-in: what the seed draws as its payment flow, walked to its end.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { askAgain, CARDS, confirmCard, signIn } from '../e2e/shop.ts';
import type { Answer, Intent, JsonObject, Visitor } from '../e2e/shop.ts';
import { startStack } from '../e2e/stack.ts';
import type { Stack } from '../e2e/stack.ts';
import { until } from '../e2e/until.ts';
import { describeWith } from '../setup/parts.ts';

const PAYMENT = '/api/v1/payment';

describeWith(['postgres', 'temporal'], 'a booking of dreamscape', () => {
  let stack: Stack;
  let voyage: Visitor;
  let alice: Visitor;
  beforeAll(async () => {
    stack = await startStack();
    voyage = await signIn(stack, { sub: 'voyage', role: 'service' });
    alice = await signIn(stack, { sub: 'alice' });
    stack.stripe.setWebhooks([{ url: `${stack.apiUrl}${PAYMENT}/webhook`, secret: stack.webhookSecret }]);
  }, 120_000);
  afterAll(() => stack.stop());

  const dataOf = ({ status, text, body }: Answer): JsonObject => {
    if (status !== 200) throw new Error(`${status} ${text}`);
    // Every answer of this wire that is not an error has it.
    return body['data'] as JsonObject;
  };
  const create = async (bookingId: string, amount = 50_000): Promise<string> => {
    const body = { amount, currency: 'eur', bookingId, bookingReference: `REF-${bookingId}`, userId: 'alice' };
    const answer = await askAgain(() => voyage.post(`${PAYMENT}/create-intent`, body));
    return String(dataOf(answer)['paymentIntentId']);
  };
  const confirm = async (id: string, card: string = CARDS.good): Promise<Answer> => {
    const { clientSecret } = dataOf(await alice.get(`${PAYMENT}/${id}`));
    const { publishableKey } = dataOf(await alice.get(`${PAYMENT}/config`));
    const browser = {
      payment_intent_id: id,
      client_secret: String(clientSecret),
      publishable_key: String(publishableKey),
    };
    // The card form needs these three of a booking's fields.
    return confirmCard(stack, browser as Intent, card);
  };
  const refund = (bookingId: string, paymentIntentId: string, amount?: number): Promise<Answer> =>
    askAgain(() =>
      voyage.post(`${PAYMENT}/refund`, { paymentIntentId, amount, reason: 'asked', bookingId, userId: 'alice' }),
    );
  const told = async (bookingId: string): Promise<{ topic: string; payload: JsonObject }[]> =>
    stack.rows('select topic, payload from outbox where key = $1 order by seq', [bookingId]);
  const topics = async (bookingId: string) => (await told(bookingId)).map(({ topic }) => topic);
  const untilTold = (bookingId: string, topic: string) =>
    until({
      what: `${topic} of ${bookingId}`,
      look: async () => (await topics(bookingId)).includes(topic),
      instead: () => topics(bookingId),
    });

  it('is declined, paid with another card, confirmed and given back in two parts', async () => {
    const intent = await create('life-1');
    expect((await confirm(intent, CARDS.declined)).status).toBe(402);
    await untilTold('life-1', 'payment.failed');
    await confirm(intent);
    await untilTold('life-1', 'booking.confirmed');
    const answers = await Promise.all([refund('life-1', intent, 30_000), refund('life-1', intent, 30_000)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 400]);
    expect(dataOf(await refund('life-1', intent))).toMatchObject({ amount: 20_000, status: 'succeeded', remaining: 0 });
    const view = dataOf(await alice.get(`${PAYMENT}/${intent}`));
    expect(view).toMatchObject({ status: 'succeeded', refundedAmount: 50_000, bookingReference: 'REF-life-1' });
    const all = await told('life-1');
    expect(all.map(({ topic }) => topic)).toEqual([
      'payment.failed',
      'payment.completed',
      'booking.confirmed',
      'payment.refunded',
      'payment.refunded',
    ]);
    const named = { paymentId: intent, bookingId: 'life-1', bookingReference: 'REF-life-1', userId: 'alice' };
    expect(all[1]?.payload).toMatchObject({ ...named, amount: 500, currency: 'EUR', paymentMethod: 'card' });
    expect(all[4]?.payload).toMatchObject({ ...named, amount: 200, currency: 'EUR', reason: 'staff' });
    expect(stack.stripe.state.intents.get(intent)?.metadata).toMatchObject({ bookingId: 'life-1', userId: 'alice' });
  }, 90_000);

  it('takes another amount with another intent, and is cancelled by its customer', async () => {
    const first = await create('life-2');
    const second = await create('life-2', 60_000);
    expect(second).not.toBe(first);
    expect(stack.stripe.state.intents.get(first)?.status).toBe('canceled');
    const canceled = { paymentIntentId: second, status: 'canceled' };
    for (const _ of [1, 2])
      expect(dataOf(await askAgain(() => alice.post(`${PAYMENT}/cancel/${second}`, {})))).toEqual(canceled);
    expect(stack.stripe.state.intents.get(second)?.status).toBe('canceled');
    await untilTold('life-2', 'payment.canceled');
    const all = await told('life-2');
    expect(all).toMatchObject([
      { topic: 'payment.canceled', payload: { paymentId: second, amount: 600, reason: 'cancelled' } },
    ]);
  }, 60_000);

  it('once paid is not cancelled', async () => {
    const intent = await create('life-3');
    await confirm(intent);
    await untilTold('life-3', 'booking.confirmed');
    const answer = await alice.post(`${PAYMENT}/cancel/${intent}`, {});
    expect(answer).toMatchObject({ status: 409, body: { error: { code: 'already_paid' } } });
  }, 60_000);
});
