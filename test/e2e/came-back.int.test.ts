import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../setup/parts.ts';
import { GIVEN_BACK_LEDGER, factsOf, ledgerOf, outcomeOf, untilStatus } from './outcome.ts';
import { book, confirmCard, signIn } from './shop.ts';
import type { Intent, Visitor } from './shop.ts';
import { startStack } from './stack.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

/** Takes each refund, and sends it back a moment later. */
const CLOSED_LATER = '4000000000005126';
const REFUNDS = 'select id, status, came_back, ref from refunds where booking_id = $1 order by requested_at, id';

interface RefundRow {
  readonly id: string;
  readonly status: string;
  readonly came_back: boolean;
  readonly ref: string;
}

describeWith(['postgres', 'temporal'], 'a refund to a card that sends it back', () => {
  let stack: Stack;
  let alice: Visitor;
  let staff: Visitor;

  beforeAll(async () => {
    stack = await startStack({ stripe: { refundMs: 500 } });
    alice = await signIn(stack, { sub: 'alice' });
    staff = await signIn(stack, { sub: 'sue', role: 'staff' });
  }, 120_000);
  afterAll(() => stack.stop());

  const say = ({ booking_id: id }: Intent, verb: string, body: Record<string, string>) =>
    staff.post(`/v1/bookings/${id}/${verb}`, body);
  const attentionOf = async ({ booking_id: id }: Intent): Promise<string> => {
    const [row] = await stack.rows<{ id: string }>("select attention ->> 'id' as id from bookings where id = $1", [id]);
    return row?.id ?? '';
  };
  const refundsOf = ({ booking_id: id }: Intent) => stack.rows<RefundRow>(REFUNDS, [id]);
  const untilCalled = (intent: Intent, times: number) =>
    until({
      what: `staff to be called of what came back for the ${times}. time`,
      look: async () => {
        const { body } = await staff.get(`/v1/bookings/${intent.booking_id}`);
        const cameBack = (await refundsOf(intent)).filter((refund) => refund.came_back);
        return cameBack.length === times && JSON.stringify(body['attention']).includes(String(cameBack.at(-1)?.id));
      },
      instead: () => factsOf(stack, intent.booking_id),
    });

  it('is sent again when staff say so, and stands in the books as given by hand when they say that', async () => {
    const intent = await book(alice);
    expect((await confirmCard(stack, intent, CLOSED_LATER)).status).toBe(200);
    await untilStatus(stack, intent, 'confirmed');
    expect((await say(intent, 'compensate', {})).status).toBe(200);
    await untilCalled(intent, 1);
    expect((await outcomeOf(stack, intent)).refunds).toEqual([]);
    // A word about another step, or about the order, sends no money.
    expect((await say(intent, 'retry?attention=another', {})).status).toBe(409);
    expect((await staff.post(`/api/payments/klook/${intent.agent_order_id}/retry`, {})).status).toBe(409);
    expect((await outcomeOf(stack, intent)).refunds).toEqual([]);
    expect((await say(intent, 'retry', {})).status).toBe(200);
    await untilCalled(intent, 2);
    expect((await say(intent, 'resolve', { outcome: 'done', attention: await attentionOf(intent) })).status).toBe(200);
    await untilStatus(stack, intent, 'refunded');
    const refunds = await refundsOf(intent);
    expect(refunds.map(({ status }) => status)).toEqual(['failed', 'failed', 'succeeded']);
    expect(refunds.at(-1)?.ref).toMatch(/^by-hand\//);
    expect((await outcomeOf(stack, intent)).refunds).toEqual([]);
    expect(await ledgerOf(stack, intent.booking_id)).toEqual(GIVEN_BACK_LEDGER);
  });
});
