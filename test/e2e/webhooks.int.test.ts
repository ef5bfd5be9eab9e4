import { afterAll, beforeAll, expect, it } from 'vitest';

import { describeWith } from '../setup/parts.ts';
import { BOUGHT_ONCE, arm, factsOf, outcomeOf, untilBought, untilHit, untilLetter, untilStatus } from './outcome.ts';
import { ask, book, json, pay, signIn } from './shop.ts';
import type { Intent, Visitor } from './shop.ts';
import { startStack } from './stack.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

describeWith(['postgres', 'temporal'], 'the webhook of a payment', () => {
  let stack: Stack;
  let alice: Visitor;
  let unheard: Intent;

  beforeAll(async () => {
    stack = await startStack();
    alice = await signIn(stack, { sub: 'alice' });
    unheard = await payUnheard();
  }, 120_000);
  afterAll(() => stack.stop());

  /** The event that tells of the money, and every time it was sent. */
  const deliveries = (intent: Intent) => {
    const { events, deliveries: sent } = stack.stripe.state;
    const event = events
      .values()
      .find(({ type, data }) => type === 'payment_intent.succeeded' && isAbout(data.object, intent));
    return { event, sent: sent.values().filter((delivery) => delivery.event === event?.id) };
  };

  const resend = async (intent: Intent, times: number) => {
    const { event } = deliveries(intent);
    const answer = await ask(`${stack.stripe.url}/_sim/events/${event?.id}/resend`, json({ times }));
    expect(answer.status).toBe(200);
  };

  const allDelivered = (intent: Intent) =>
    until({
      what: 'every delivery to be taken',
      look: () => deliveries(intent).sent.every(({ status }) => status === 'delivered' || status === 'dropped'),
      instead: () => deliveries(intent).sent,
    });

  /** Of what says anything about it: that it was made we said ourselves. */
  const inboxOf = ({ payment_intent_id: ref }: Intent) =>
    stack.rows<{ type: string; state: string }>(
      `select type, state from inbox where payment_ref = $1 and state <> 'ignored'`,
      [ref],
    );

  const allHandled = (intent: Intent) =>
    until({
      what: 'the inbox to be worked off',
      look: async () => (await inboxOf(intent)).every(({ state }) => state === 'handled'),
      instead: () => inboxOf(intent),
    });

  /** All that Stripe says of this payment is lost; only the poll a minute after the opening can find the money. */
  async function payUnheard(): Promise<Intent> {
    const intent = await book(alice);
    arm(stack.stripe, { kind: 'webhook_drop', match: '.' });
    await pay(stack, intent);
    stack.stripe.state.faults.clear();
    return intent;
  }

  it('sent 20 times before, during and after fulfilment makes one order, one debit and one letter', async () => {
    const intent = await payUnheard();
    const holdUp = arm(stack.klook, { kind: 'delay', match: '^POST /v3/orders$', ms: 2_000, times: 1 });
    await resend(intent, 20);
    await untilHit(holdUp);
    await resend(intent, 20);
    await untilStatus(stack, intent, 'confirmed');
    await resend(intent, 20);
    await untilLetter(stack, intent, 'confirmed');
    await allDelivered(intent);
    await allHandled(intent);
    expect(deliveries(intent).sent.filter(({ status }) => status === 'delivered')).toHaveLength(60);
    expect(await outcomeOf(stack, intent)).toEqual(BOUGHT_ONCE);
    const facts = await factsOf(stack, intent.booking_id);
    expect(facts.filter((type) => type === 'payment.captured')).toHaveLength(1);
  }, 90_000);

  it('that comes while worker and background are down is taken, and acted on when they are back', async () => {
    const intent = await book(alice);
    await Promise.all([stack.worker.kill(), stack.background.kill()]);
    await pay(stack, intent);
    await until({ what: 'the delivery', look: () => deliveries(intent).sent.some(({ tries }) => tries > 0) });
    expect(deliveries(intent).sent).toMatchObject([{ status: 'delivered', lastStatus: 200, tries: 1 }]);
    expect(await inboxOf(intent)).toContainEqual({ type: 'payment_intent.succeeded', state: 'pending' });
    await Promise.all([stack.worker.start(), stack.background.start()]);
    await untilBought(stack, intent);
    expect(await outcomeOf(stack, intent)).toEqual(BOUGHT_ONCE);
  }, 120_000);

  it('that comes while our database is away is answered 503, and nothing is lost when it is sent again', async () => {
    const intent = await book(alice);
    stack.apiDatabase.cut();
    await pay(stack, intent);
    await until({ what: 'a refused delivery', look: () => deliveries(intent).sent.some(({ tries }) => tries >= 2) });
    expect(deliveries(intent).sent).toMatchObject([{ status: 'pending', lastStatus: 503 }]);
    expect(await inboxOf(intent)).toEqual([]);
    stack.apiDatabase.mend();
    await untilBought(stack, intent);
    await allDelivered(intent);
    await allHandled(intent);
    expect(await inboxOf(intent)).toEqual([{ type: 'payment_intent.succeeded', state: 'handled' }]);
    expect(await outcomeOf(stack, intent)).toEqual(BOUGHT_ONCE);
  }, 120_000);

  it('that is lost for ever is made up for by polling', async () => {
    await untilBought(stack, unheard, 90_000);
    expect(await inboxOf(unheard)).toEqual([]);
    expect(await outcomeOf(stack, unheard)).toEqual(BOUGHT_ONCE);
  }, 120_000);
});

function isAbout(object: unknown, { payment_intent_id: ref }: Intent): boolean {
  return typeof object === 'object' && object !== null && 'id' in object && object.id === ref;
}
