import { afterAll, beforeAll, expect, it } from 'vitest';

import { workflowIdOf } from '../../domain/ids.ts';
import { describeWith } from '../setup/parts.ts';
import { BOUGHT_ONCE, arm, outcomeOf, untilBought, untilStatus } from './outcome.ts';
import { CREATE_INTENT, askAgain, book, intentIn, orderFor, pay, signIn } from './shop.ts';
import type { Visitor } from './shop.ts';
import { startStack } from './stack.ts';
import type { Stack } from './stack.ts';
import { openTemporalView } from './temporal.ts';
import type { TemporalView } from './temporal.ts';
import { until } from './until.ts';

describeWith(['postgres', 'temporal'], 'create-intent', () => {
  let stack: Stack;
  let temporal: TemporalView;
  let alice: Visitor;

  beforeAll(async () => {
    stack = await startStack();
    [temporal, alice] = await Promise.all([openTemporalView(stack), signIn(stack, { sub: 'alice' })]);
  }, 120_000);
  afterAll(async () => {
    await temporal.close();
    await stack.stop();
  });

  const bookingRows = () => stack.rows<{ id: string }>('select id from bookings order by created_at');
  const atOnce = (times: number, order: unknown) =>
    Promise.all(Array.from({ length: times }, () => askAgain(() => alice.post(CREATE_INTENT, order))));

  it('sent 100 times at once makes one booking, one workflow and one intent, and gives one answer', async () => {
    const answers = await atOnce(100, orderFor());
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const [row, ...others] = await bookingRows();
    expect(others).toEqual([]);
    expect(stack.stripe.state.intents.size).toBe(1);
    const listed = await until({
      what: 'the workflow to be listed',
      look: async () => (await temporal.list()).length > 0 && temporal.list(),
    });
    expect(listed).toEqual([workflowIdOf(String(row?.id))]);
  }, 60_000);

  it('without a reference of its own is known by its body', async () => {
    const before = (await bookingRows()).length;
    const { agent_order_id: _none, ...order } = orderFor();
    const answers = await atOnce(20, order);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect((await bookingRows()).length).toBe(before + 1);
  }, 60_000);

  it('with the same reference and another body, or from another owner, is a conflict that tells nothing', async () => {
    const order = orderFor();
    const first = intentIn(await askAgain(() => alice.post(CREATE_INTENT, order)));
    const before = (await bookingRows()).length;
    const bob = await signIn(stack, { sub: 'bob' });
    const otherBody = { ...order, passengers: [{ first_name: 'Somebody', family_name: 'Else', otherinfo: [] }] };
    const refusals = [await alice.post(CREATE_INTENT, otherBody), await bob.post(CREATE_INTENT, order)];
    for (const { status, text, body } of refusals) {
      expect(status).toBe(409);
      expect(body).toMatchObject({ success: false, code: 'reference_in_use' });
      for (const secret of [first.booking_id, first.payment_intent_id, first.client_secret])
        expect(text).not.toContain(secret);
    }
    expect((await bookingRows()).length).toBe(before);
  });

  it('gives its first answer again once the booking is paid, and once its workflow is closed and no worker is there', async () => {
    const order = orderFor();
    const first = await askAgain(() => alice.post(CREATE_INTENT, order));
    const intent = intentIn(first);
    await pay(stack, intent);
    await untilStatus(stack, intent, 'confirmed');
    expect(await alice.post(CREATE_INTENT, order)).toMatchObject({ status: 201, text: first.text });
    await temporal.workflow.getHandle(workflowIdOf(intent.booking_id)).terminate('stands for the end of its time');
    await stack.worker.kill();
    const again = await alice.post(CREATE_INTENT, order).finally(() => stack.worker.start());
    expect(again).toMatchObject({ status: 201, text: first.text });
    expect((await outcomeOf(stack, intent)).intents).toBe(1);
  }, 120_000);

  it.each([
    { lost: 'the answer', fault: { kind: 'drop_after' } },
    { lost: 'the call', fault: { kind: 'drop_before' } },
    { lost: 'the answer behind a stored 500', fault: { kind: 'status', status: 500, after: true } },
  ])(
    'makes one intent when $lost is lost at Stripe',
    async ({ fault }) => {
      const armed = arm(stack.stripe, { ...fault, match: '^POST /v1/payment_intents$', times: 1 });
      const intent = await book(alice);
      expect(armed.hits).toBe(1);
      await pay(stack, intent);
      await untilBought(stack, intent);
      expect(await outcomeOf(stack, intent)).toEqual(BOUGHT_ONCE);
    },
    60_000,
  );
});
