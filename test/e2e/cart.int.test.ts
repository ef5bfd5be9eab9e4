import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeWith } from '../setup/parts.ts';
import { cartShop, CUSTOMER, untilOrdered } from './cart-shop.ts';
import type { CartShop } from './cart-shop.ts';
import { signIn } from './shop.ts';
import { startStack } from './stack.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

const TOTAL = 12_900;

describeWith('temporal', 'a cart, paid at CHIP', () => {
  let stack: Stack;
  let shop: CartShop;
  beforeAll(async () => {
    stack = await startStack();
    shop = cartShop(stack);
  }, 120_000);
  afterAll(() => stack.stop());
  beforeEach(() => shop.set({ callbacks: 'send', webhooks: 'send', refunds: 'at_once', callbackMs: 0, webhookMs: 0 }));

  const bookingOf = async (purchaseId: string) => {
    const [row] = await stack.rows<{ id: string; phase: string; status: string; refunded_minor: string }>(
      'select b.id, b.phase, b.status, b.refunded_minor from bookings b join payments p on p.booking_id = b.id where p.ref = $1',
      [purchaseId],
    );
    return row;
  };
  const untilBooking = (purchaseId: string, good: (row: Awaited<ReturnType<typeof bookingOf>>) => boolean) =>
    until({
      what: `the booking of ${purchaseId}`,
      look: async () => {
        const row = await bookingOf(purchaseId);
        return good(row) ? row : undefined;
      },
      withinMs: 30_000,
      instead: () => bookingOf(purchaseId),
    });

  it('is one order at the price of the seed, whichever of two channels says so, and leaves the cart empty', async () => {
    const id = await shop.filled();
    const purchase = await shop.checkOut(id);
    expect(purchase).toEqual({
      success: true,
      purchase_id: expect.any(String),
      checkout_url: expect.any(String),
      reference: id,
    });
    expect(await shop.pay(purchase)).toBe(`${stack.apiUrl}/checkout/success/${id}`);
    const [order] = await untilOrdered(shop, id);
    expect(order).toMatchObject({ status: 'completed', total_minor: String(TOTAL) });
    expect(await shop.cart(id)).toMatchObject({ items: [], metadata: { payment_intent: { status: 'paid' } } });
    const answer = await shop.order(String(order?.order_number), id);
    expect(answer.body).toMatchObject({
      total: TOTAL,
      address: { name: CUSTOMER.name, street1: CUSTOMER.street1 },
      payments: [{ status: 'completed', gateway: 'chip', amount: TOTAL }],
      status_history: [{ status: 'pending' }, { status: 'completed' }],
    });
    const told = await stack.rows('select 1 from outbox where topic = $1 and key = $2', [
      'order.paid',
      order?.order_number,
    ]);
    expect(told).toHaveLength(1);
  });

  it('is one order when callback and webhook come at the same moment, five times each', async () => {
    await shop.set({ callbacks: 'none', webhooks: 'none' });
    const id = await shop.filled();
    const purchase = await shop.checkOut(id);
    await shop.pay(purchase);
    await shop.set({ callbacks: 'send', webhooks: 'send' });
    await shop.told('purchase.paid', { purchase_id: purchase.purchase_id, channel: 'both', times: 5 });
    await untilOrdered(shop, id);
    await until({
      what: 'all news to be handled',
      look: async () => {
        const open = await stack.rows(`select 1 from inbox where gateway = 'chip' and state in ('pending', 'parked')`);
        return open.length === 0 ? true : undefined;
      },
      withinMs: 30_000,
    });
    expect(await shop.ordersOf(id)).toHaveLength(1);
  });

  it('is finished by the page its customer comes back to when no webhook ever comes, also by the wrong link', async () => {
    await shop.set({ callbacks: 'none', webhooks: 'none' });
    for (const link of ['success', 'failure', 'cancel'] as const) {
      const id = await shop.filled();
      await shop.pay(await shop.checkOut(id));
      const seen = await until({
        what: `the ${link} page to say paid`,
        look: async () => {
          const said = await shop.back(link, id);
          return said['isCompleted'] === true ? said : undefined;
        },
        withinMs: 30_000,
      });
      expect(seen).toMatchObject({ isPending: false, payment: { status: 'completed' }, order: { total: TOTAL } });
      expect(seen['customerSnapshot']).not.toMatchObject({ name: CUSTOMER.name });
      expect(await shop.ordersOf(id)).toHaveLength(1);
    }
  });

  it('keeps its frozen price when the cart changes after the intent, and what came in since', async () => {
    const id = await shop.filled();
    await shop.change(id, 'POST', '/conditions', { code: 'RM15OFF' });
    const purchase = await shop.checkOut(id);
    await shop.change(id, 'DELETE', '/conditions/RM15OFF');
    await shop.put(id, 'enamel-mug', 1);
    expect((await shop.read(`/carts/${id}/payment-intent`)).body).toMatchObject({
      valid: false,
      reason: 'cart_changed',
    });
    await shop.pay(purchase);
    const [order] = await untilOrdered(shop, id);
    const paid = shop.atChip(purchase.purchase_id)?.purchase.total;
    expect(order?.total_minor).toBe(String(paid));
    expect(paid).toBeLessThan(TOTAL);
    expect(await shop.cart(id)).toMatchObject({ items: [{ product_id: 'enamel-mug', quantity: 1 }] });
  });

  it('has one purchase that can be paid: the same when nothing changed, a fresh one after the old was closed', async () => {
    const id = await shop.filled();
    const first = await shop.checkOut(id);
    expect(await shop.checkOut(id)).toEqual({ ...first, reused_intent: true });
    await shop.put(id, 'enamel-mug', 1);
    const second = await shop.checkOut(id);
    expect(second.purchase_id).not.toBe(first.purchase_id);
    expect(second.reused_intent).toBeUndefined();
    expect(shop.atChip(first.purchase_id)?.status).toBe('cancelled');
    const moved = await shop.checkOut(id, { ...CUSTOMER, street1: '1 Jalan Baru' });
    expect(moved.purchase_id).not.toBe(second.purchase_id);
    expect(shop.atChip(second.purchase_id)?.status).toBe('cancelled');
    expect(['created', 'viewed']).toContain(shop.atChip(moved.purchase_id)?.status);
  });

  it('asked for by ten clicks at once is one purchase', async () => {
    const id = await shop.filled();
    const all = await Promise.all(Array.from({ length: 10 }, () => shop.checkOut(id)));
    expect(new Set(all.map(({ purchase_id }) => purchase_id)).size).toBe(1);
    expect(stack.chip.state.purchasesByReference.all(id).filter(({ status }) => status !== 'cancelled')).toHaveLength(
      1,
    );
  });

  it('that failed is told so, and is completed by another method', async () => {
    const id = await shop.filled();
    const purchase = await shop.checkOut(id);
    expect(await shop.pay(purchase, 'failed')).toBe(`${stack.apiUrl}/checkout/failure/${id}`);
    expect(await shop.back('failure', id)).toMatchObject({
      isCompleted: false,
      isPending: false,
      payment: { status: 'failed' },
    });
    await shop.pay(purchase, 'paid', 'duitnow_qr');
    await untilOrdered(shop, id);
    expect(await shop.back('success', id)).toMatchObject({ isCompleted: true, payment: { status: 'completed' } });
  });

  it('whose customer left the page is cancelled for the shop, and may be asked for anew', async () => {
    const id = await shop.filled();
    const purchase = await shop.checkOut(id);
    expect(await shop.pay(purchase, 'cancelled')).toBe(`${stack.apiUrl}/checkout/cancel/${id}`);
    const left = await shop.back('cancel', id);
    expect(left).toMatchObject({
      isCompleted: false,
      payment: { status: 'cancelled', note: expect.stringContaining('came back') },
    });
  });

  it.each([
    ['more', { amount: 20_000 }],
    ['less', { amount: 1_000 }],
    ['another currency', { amount: TOTAL, currency: 'SGD' }],
  ])('paid with %s is no order, goes back, and calls staff', async (_, paid) => {
    const id = await shop.filled();
    const { purchase_id } = await shop.checkOut(id);
    await shop.told('purchase.paid', { purchase_id, ...paid });
    await untilBooking(purchase_id, (row) => row?.status === 'needs_attention');
    await until({
      what: 'the money to be back',
      look: async () => (shop.atChip(purchase_id)?.status === 'refunded' ? true : undefined),
      withinMs: 30_000,
      instead: () => shop.atChip(purchase_id)?.status,
    });
    expect(await shop.ordersOf(id)).toEqual([]);
  });

  it('is not believed by a signature of another key', async () => {
    const id = await shop.filled();
    const { purchase_id } = await shop.checkOut(id);
    const body = JSON.stringify({ id: purchase_id, type: 'purchase', event_type: 'purchase.paid', status: 'paid' });
    for (const path of ['/webhooks/chip', '/webhooks/chip/unknown-webhook']) {
      const answer = await shop.send(path, body, { 'x-signature': Buffer.from('no').toString('base64') });
      expect([path, answer.status]).toEqual([path, 401]);
    }
    expect(await shop.ordersOf(id)).toEqual([]);
  });

  it('is given back in part and in full by staff, and its order says so', async () => {
    const id = await shop.filled();
    const purchase = await shop.checkOut(id);
    await shop.pay(purchase);
    const [order] = await untilOrdered(shop, id);
    const sue = await signIn(stack, { sub: 'sue', role: 'staff' });
    const bookingId = (await bookingOf(purchase.purchase_id))?.id ?? '';
    const part = await sue.post(`/v1/bookings/${bookingId}/refunds`, { amount: 2_900, reason: 'one came broken' });
    expect(part.status).toBe(200);
    await untilBooking(purchase.purchase_id, (row) => row?.phase === 'partially_refunded');
    expect((await shop.order(String(order?.order_number), id)).body).toMatchObject({ status: 'partially_refunded' });
    expect(shop.atChip(purchase.purchase_id)?.refundable_amount).toBe(10_000);
  });

  it('that was paid in a way which goes back as a whole only is not promised in part', async () => {
    const id = await shop.filled();
    const purchase = await shop.checkOut(id);
    await shop.pay(purchase, 'paid', 'razer_atome');
    await untilOrdered(shop, id);
    const sue = await signIn(stack, { sub: 'sue', role: 'staff' });
    const refunds = `/v1/bookings/${(await bookingOf(purchase.purchase_id))?.id}/refunds`;
    const part = await sue.post(refunds, { amount: 2_900, reason: 'one came broken' });
    expect([part.status, part.body['code']]).toEqual([409, 'refund_whole_only']);
    expect((await sue.get(refunds)).body).toMatchObject({ items: [] });
    expect((await sue.post(refunds, { reason: 'all came broken' })).status).toBe(200);
    await untilBooking(purchase.purchase_id, (row) => row?.phase === 'refunded');
  });
});
