// A cart whose money is on its way, or whose customer waits for it: what may be asked meanwhile, and how often.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { workflowIdOf } from '../../domain/ids.ts';
import { describeWith } from '../setup/parts.ts';
import { cartShop, CUSTOMER } from './cart-shop.ts';
import type { CartShop, Purchase } from './cart-shop.ts';
import { ask } from './shop.ts';
import { startStack } from './stack.ts';
import type { Stack } from './stack.ts';
import { openTemporalView } from './temporal.ts';
import type { TemporalView } from './temporal.ts';
import { until } from './until.ts';

describeWith('temporal', 'a cart that waits for its money', () => {
  let stack: Stack;
  let shop: CartShop;
  let temporal: TemporalView;
  beforeAll(async () => {
    stack = await startStack();
    shop = cartShop(stack);
    temporal = await openTemporalView(stack);
  }, 120_000);
  afterAll(async () => {
    await temporal.close();
    await stack.stop();
  });
  beforeEach(() => shop.set({ callbacks: 'send', webhooks: 'send', callbackMs: 0, webhookMs: 0, executeMs: 2_000 }));

  const workflowOf = async ({ purchase_id }: Purchase) => {
    const [row] = await stack.rows<{ booking_id: string }>('select booking_id from payments where ref = $1', [
      purchase_id,
    ]);
    return temporal.workflow.getHandle(workflowIdOf(row?.booking_id ?? ''));
  };

  it('is asked about once in a while, however often its pages are opened', async () => {
    const id = await shop.filled();
    const purchase = await shop.checkOut(id);
    const startedMs = Date.now();
    for (let round = 0; round < 4; round += 1)
      await Promise.all((['success', 'success', 'cancel', 'cancel'] as const).map((link) => shop.back(link, id)));
    const turns = Math.ceil((Date.now() - startedMs) / 2_000) + 1;
    const { events } = await (await workflowOf(purchase)).fetchHistory();
    const questions = events?.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes) ?? [];
    // Beside the one that opened it: one for each kind of link in each turn.
    expect(questions.length - 1).toBeLessThanOrEqual(turns * 2);
    expect(turns).toBeLessThan(8);
  });

  it('can be asked to be paid anew once the bank has let go of it', async () => {
    const id = await shop.filled();
    const first = await shop.checkOut(id);
    const body = new URLSearchParams({ outcome: 'pending_failed', payment_method: 'fpx' });
    await ask(first.checkout_url, { method: 'POST', body });
    await until({
      what: 'the money to be on its way',
      look: async () => (shop.atChip(first.purchase_id)?.status === 'pending_execute' ? true : undefined),
      withinMs: 5_000,
    });
    const moved = { cart_id: id, customer: { ...CUSTOMER, street1: '1 Jalan Baru' } };
    const tooSoon = await shop.send('/checkout', moved);
    expect([tooSoon.status, tooSoon.body['error']]).toEqual([
      409,
      expect.objectContaining({ code: 'payment_processing' }),
    ]);
    await until({
      what: 'the bank to refuse',
      look: async () => (shop.atChip(first.purchase_id)?.status === 'error' ? true : undefined),
      withinMs: 10_000,
    });
    const second = await shop.checkOut(id, moved.customer);
    expect(second.purchase_id).not.toBe(first.purchase_id);
    expect(shop.atChip(first.purchase_id)?.status).toBe('cancelled');
  });
});
