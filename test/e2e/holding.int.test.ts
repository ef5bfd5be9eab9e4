import { afterAll, beforeAll, expect, it } from 'vitest';

import { describeWith } from '../setup/parts.ts';
import { BOUGHT_ONCE, ledgerOf, outcomeOf, untilBought, untilLetter, untilStatus } from './outcome.ts';
import { book, confirmCard, signIn } from './shop.ts';
import type { Intent, Visitor } from './shop.ts';
import { startStack } from './stack.ts';
import type { Stack } from './stack.ts';

describeWith(['postgres', 'temporal'], 'with CAPTURE=after_supplier', () => {
  let stack: Stack;
  let alice: Visitor;

  beforeAll(async () => {
    stack = await startStack({ environment: { CAPTURE: 'after_supplier' } });
    alice = await signIn(stack, { sub: 'alice' });
  }, 120_000);
  afterAll(() => stack.stop());

  async function hold(intent: Intent): Promise<void> {
    expect((await confirmCard(stack, intent)).body).toMatchObject({ status: 'requires_capture' });
  }

  const intentAtStripe = ({ booking_id: bookingId }: Intent) =>
    stack.stripe.state.intents.values().find(({ metadata }) => metadata['booking_id'] === bookingId);

  it('the card is charged once the supplier has confirmed', async () => {
    const intent = await book(alice);
    await hold(intent);
    await untilBought(stack, intent);
    expect(await outcomeOf(stack, intent)).toEqual(BOUGHT_ONCE);
    expect(intentAtStripe(intent)).toMatchObject({ status: 'succeeded', amount_received: 4675 });
  });

  it('the card is never charged for what is sold out', async () => {
    const intent = await book(alice, { familyName: 'Doe sold-out' });
    await hold(intent);
    await untilStatus(stack, intent, 'failed');
    await untilLetter(stack, intent, 'letGo');
    expect(await outcomeOf(stack, intent)).toMatchObject({ orders: [], debits: [], captures: [], refunds: [] });
    expect(intentAtStripe(intent)).toMatchObject({ status: 'canceled', amount_received: 0 });
    expect(await ledgerOf(stack, intent.booking_id)).toEqual({});
  });
});
