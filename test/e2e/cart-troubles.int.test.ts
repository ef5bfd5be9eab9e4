import { randomUUID, sign } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

import { mailsTo } from '../../sim/mail/state.ts';
import { describeWith } from '../setup/parts.ts';
import { CUSTOMER, cartShop, untilOrdered } from './cart-shop.ts';
import type { CartShop, Purchase } from './cart-shop.ts';
import { arm, ledgerOf } from './outcome.ts';
import { ask, askAgain, json } from './shop.ts';
import { startStack } from './stack.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

const TOTAL = 12_900;
const CREATE = '^POST /api/v1/purchases/$';
const OTHER_TYPES = ['purchase.created', 'purchase.recurring_token_deleted', 'purchase.viewed'];
const RECOVERED_WITHIN_MS = 120_000;
/** Long enough to kill a worker meanwhile. */
const LOCKED_S = 6;

describeWith(['postgres', 'temporal'], 'a cart whose payment goes wrong', () => {
  let stack: Stack;
  let shop: CartShop;
  beforeAll(async () => {
    stack = await startStack();
    shop = cartShop(stack);
  }, 120_000);
  afterAll(() => stack.stop());
  beforeEach(async () => {
    stack.chip.state.faults.clear();
    await shop.set({ callbacks: 'send', webhooks: 'send', refunds: 'at_once', callbackMs: 0, webhookMs: 0 });
  });

  const frozen = async (customer: object = CUSTOMER) => {
    const id = await shop.filled();
    return { id, purchase: await shop.checkOut(id, customer) };
  };
  const bookingsOf = (id: string) =>
    stack.rows<{ id: string; status: string; refunded: number }>(
      `select id, status, refunded_minor::int as refunded from bookings where product->'order'->>'cartId' = $1 order by created_at`,
      [id],
    );
  const untilAtChip = (purchaseId: string, status: string) =>
    until({
      what: `${purchaseId} to be ${status} at CHIP`,
      look: async () => shop.atChip(purchaseId)?.status === status,
      instead: () => shop.atChip(purchaseId)?.status,
    });
  const payable = (id: string) =>
    stack.chip.state.purchasesByReference.all(id).filter(({ status }) => ['created', 'viewed'].includes(status));
  const inboxOf = (purchaseId: string) =>
    stack.rows<{ type: string; state: string }>(
      `select type, state from inbox where $1 in (payment_ref, object_ref) and verdict = 'verified' order by id`,
      [purchaseId],
    );
  const untilHandled = ({ purchase_id }: Purchase) =>
    until({
      what: `all news of ${purchase_id} to be handled`,
      look: async () => (await inboxOf(purchase_id)).every(({ state }) => state === 'handled' || state === 'ignored'),
      instead: () => inboxOf(purchase_id),
    });

  it('is ordered by the webhook alone when its customer never comes back', async () => {
    await shop.set({ callbacks: 'none' });
    const { id, purchase } = await frozen();
    await shop.pay(purchase);
    expect(await untilOrdered(shop, id)).toHaveLength(1);
  });

  it('is shown as paid, in a browser too, by the failure link of a purchase that was paid', async () => {
    await shop.set({ callbacks: 'none', webhooks: 'none' });
    const { id, purchase } = await frozen();
    await shop.pay(purchase);
    const page = await until({
      what: 'the failure page to say paid',
      look: async () => {
        const { text } = await ask(`${stack.apiUrl}/checkout/failure/${id}`, { headers: { accept: 'text/html' } });
        return text.includes('your order is paid') && text;
      },
    });
    expect(page).not.toContain('Nothing was paid');
    expect(await shop.ordersOf(id)).toHaveLength(1);
  });

  it('is not moved by news whose signature is cut short, whose body differs by a byte, or that another key signed', async () => {
    await shop.set({ callbacks: 'none', webhooks: 'none' });
    const { id, purchase } = await frozen();
    const [webhook] = stack.chip.state.webhooks.values();
    const ways = [
      { path: '/webhooks/chip', key: 'company', foreign: String(webhook?.id) },
      { path: `/webhooks/chip/${webhook?.id}`, key: String(webhook?.id), foreign: 'company' },
    ];
    const body = JSON.stringify({ ...shop.atChip(purchase.purchase_id), status: 'paid', event_type: 'purchase.paid' });
    for (const { path, key, foreign } of ways) {
      const good = signed(body, key);
      const forged = [
        { body, signature: good.slice(0, -8) },
        { body, signature: good.slice(0, 8) },
        { body: body.replace('"paid"', '"paiD"'), signature: good },
        { body: `${body} `, signature: good },
        { body, signature: signed(body, foreign) },
        { body, signature: '' },
      ];
      for (const { body: sent, signature } of forged) {
        const answer = await shop.send(path, sent, { 'x-signature': signature });
        expect([path, signature.length, answer.status]).toEqual([path, signature.length, 401]);
      }
    }
    expect(await inboxOf(purchase.purchase_id)).toEqual([]);
    expect(await shop.ordersOf(id)).toEqual([]);
    expect(await bookingsOf(id)).toMatchObject([{ status: 'awaiting_payment' }]);
    // What proves that only the signatures were wrong; that it is not true is found out at CHIP.
    for (const { path, key } of ways)
      expect((await shop.send(path, body, { 'x-signature': signed(body, key) })).status).toBe(200);
    expect(await inboxOf(purchase.purchase_id)).toHaveLength(2);
    await untilHandled(purchase);
    expect(await shop.ordersOf(id)).toEqual([]);
    expect(await bookingsOf(id)).toMatchObject([{ status: 'awaiting_payment' }]);
  });

  const signed = (body: string, key: string): string =>
    sign('RSA-SHA256', Buffer.from(body), String(stack.chip.state.keys.get(key)?.privateKey)).toString('base64');

  it('is not moved by other types of event, nor by purchases that are not ours: they are recorded, and that is all', async () => {
    const { id, purchase } = await frozen();
    const { purchase_id } = purchase;
    for (const event of OTHER_TYPES) await shop.told(event, { purchase_id, apply: false });
    const stranger = await createdElsewhere();
    await shop.told('purchase.paid', { purchase_id: stranger });
    // Our own row may come a moment after its news: they wait for it, and are given up in the end.
    const kept = { type: 'purchase.paid', state: 'parked' };
    await until({
      what: 'news of the stranger to be put aside',
      look: async () => (await inboxOf(stranger)).filter(({ state }) => state === 'parked').length === 1,
      instead: () => inboxOf(stranger),
    });
    expect(await inboxOf(stranger)).toContainEqual(kept);
    await untilHandled(purchase);
    const recorded = (await inboxOf(purchase_id)).filter(({ state }) => state === 'ignored').map(({ type }) => type);
    expect([...new Set(recorded)].toSorted()).toEqual(OTHER_TYPES);
    expect(await bookingsOf(id)).toMatchObject([{ status: 'awaiting_payment' }]);
    expect(await stack.rows('select 1 from payments where ref = $1', [stranger])).toEqual([]);
  });

  /** By another program of the same company. */
  const createdElsewhere = async (): Promise<string> => {
    const { method, headers, body } = json({
      brand_id: randomUUID(),
      client: { email: 'somebody@example.com' },
      purchase: { currency: 'MYR', products: [{ name: 'Something', price: 5_000 }] },
      reference: randomUUID(),
    });
    const answer = await ask(`${stack.chip.url}/api/v1/purchases/`, {
      method,
      body,
      headers: { ...headers, authorization: 'Bearer another' },
    });
    return String(answer.body['id']);
  };

  it('is one order by a purchase whose create was never answered, and the one made after it is closed', async () => {
    const { id, purchase } = await frozen({ ...CUSTOMER, name: 'Aisyah timeout-at-create' });
    const lost = lostBeside(id, purchase);
    await shop.told('purchase.paid', { purchase_id: lost });
    expect(await untilOrdered(shop, id)).toMatchObject([{ total_minor: String(TOTAL) }]);
    await untilAtChip(purchase.purchase_id, 'cancelled');
    expect(payable(id)).toEqual([]);
  });

  it('is one order when the purchase of the lost answer is paid beside the other: the second goes back in full', async () => {
    const { id, purchase } = await frozen({ ...CUSTOMER, name: 'Aisyah timeout-at-create' });
    await shop.pay(purchase);
    await untilOrdered(shop, id);
    const lost = lostBeside(id, purchase);
    await shop.told('purchase.paid', { purchase_id: lost });
    await untilAtChip(lost, 'refunded');
    expect(shop.atChip(purchase.purchase_id)?.status).toBe('paid');
    expect(await shop.ordersOf(id)).toMatchObject([{ status: 'completed' }]);
  });

  function lostBeside(id: string, { purchase_id }: Purchase): string {
    const others = stack.chip.state.purchasesByReference.all(id).filter((one) => one.id !== purchase_id);
    expect(others).toHaveLength(1);
    return String(others[0]?.id);
  }

  it.each([
    ['refuses every call', { kind: 'status', status: 500 }],
    ['takes no call', { kind: 'drop_before' }],
    ['does not answer those it took', { kind: 'drop_after' }],
  ])('can be paid on one page as soon as CHIP is back, which %s for a while', async (_, fault) => {
    const id = await shop.filled();
    arm(stack.chip, { match: CREATE, times: 3, ...fault });
    const first = await shop.send('/checkout', { cart_id: id, customer: CUSTOMER });
    expect([200, 503]).toContain(first.status);
    const purchase = await shop.checkOut(id);
    expect(await bookingsOf(id)).toHaveLength(1);
    await shop.pay(purchase);
    expect(await untilOrdered(shop, id)).toHaveLength(1);
    const taken = stack.chip.state.purchasesByReference.all(id).filter(({ status }) => status === 'paid');
    expect(taken.map((one) => one.id)).toEqual([purchase.purchase_id]);
  });

  it.each([
    ['refuses to close it', { kind: 'status', status: 500 }],
    ['does not say that it closed it', { kind: 'drop_after' }],
  ])('has no fresh page beside the one before it while CHIP %s', async (_, fault) => {
    const { id, purchase: old } = await frozen();
    await shop.put(id, 'enamel-mug', 1);
    arm(stack.chip, { match: '^POST /api/v1/purchases/.+/cancel/$', times: 2, ...fault });
    const fresh = await shop.checkOut(id);
    expect(shop.atChip(old.purchase_id)?.status).toBe('cancelled');
    expect(payable(id).map((one) => one.id)).toEqual([fresh.purchase_id]);
  });

  it('gives back in full what comes for a purchase that was replaced, and orders the cart that is paid for', async () => {
    const { id, purchase: old } = await frozen();
    await shop.put(id, 'enamel-mug', 1);
    const fresh = await shop.checkOut(id);
    const cancelled = shop.atChip(old.purchase_id);
    if (!cancelled) throw new Error('CHIP has the old purchase');
    // A bank that was at it while the purchase was closed.
    stack.chip.state.purchases.put({ ...cancelled, status: 'viewed' });
    await shop.told('purchase.paid', { purchase_id: old.purchase_id });
    await untilAtChip(old.purchase_id, 'refunded');
    expect(await shop.ordersOf(id)).toEqual([]);
    await shop.pay(fresh);
    const [order] = await untilOrdered(shop, id);
    expect(order?.total_minor).toBe(String(shop.atChip(fresh.purchase_id)?.purchase.total));
    const [first] = await until({
      what: 'both bookings to be at rest',
      look: async () => {
        const both = await bookingsOf(id);
        return both.some(({ status, refunded }) => status === 'cancelled' && refunded === TOTAL) && both;
      },
      instead: () => bookingsOf(id),
    });
    const { revenue, customer_receivable } = await ledgerOf(stack, String(first?.id));
    expect({ revenue, customer_receivable }).toEqual({});
  });

  it.each([
    ['more', { amount: 20_000 }],
    ['another currency', { amount: TOTAL, currency: 'SGD' }],
  ])('paid with %s keeps nothing of it, and says so truthfully', async (_, paid) => {
    const email = `${randomUUID()}@example.com`;
    const { id, purchase } = await frozen({ ...CUSTOMER, email });
    await shop.told('purchase.paid', { purchase_id: purchase.purchase_id, ...paid });
    const subjects = () => mailsTo(stack.mail.state, email).map(({ subject }) => subject.replace(/HF-\w{8}/, 'HF-…'));
    await until({ what: 'a letter', look: () => subjects().length > 0, instead: () => bookingsOf(id) });
    expect(subjects()).toEqual(['Your payment for order HF-… was not what we asked for; we have sent it back']);
    expect(shop.atChip(purchase.purchase_id)).toMatchObject({ status: 'refunded', refundable_amount: 0 });
    expect(await shop.ordersOf(id)).toEqual([]);
    const [booking] = await bookingsOf(id);
    expect(booking?.status).toBe('needs_attention');
    // What CHIP keeps of every payment.
    expect(await ledgerOf(stack, String(booking?.id))).toEqual({ gateway_fees: 100, gateway_clearing: -100 });
  });

  it('is one order when the worker dies between the money and the order', async () => {
    const { id, purchase } = await frozen();
    const locked = stack.rows(`do $$ begin lock table orders in exclusive mode; perform pg_sleep(${LOCKED_S}); end $$`);
    await shop.pay(purchase);
    await until({
      what: 'the order to wait for its table',
      look: async () =>
        (await stack.rows(`select 1 from pg_locks where relation = 'orders'::regclass and not granted`)).length > 0,
    });
    await stack.worker.kill();
    await locked;
    await stack.worker.start();
    await until({
      what: 'the order',
      look: async () => (await shop.ordersOf(id)).length > 0,
      withinMs: RECOVERED_WITHIN_MS,
      instead: () => bookingsOf(id),
    });
    await untilHandled(purchase);
    expect(await shop.ordersOf(id)).toMatchObject([{ status: 'completed', total_minor: String(TOTAL) }]);
    const [booking] = await bookingsOf(id);
    const count = async (type: string) =>
      (await stack.rows('select 1 from booking_events where booking_id = $1 and type = $2', [booking?.id, type]))
        .length;
    expect([await count('payment.captured'), await count('booking.confirmed')]).toEqual([1, 1]);
    expect(await askAgain(() => shop.read(`/checkout/success/${id}`))).toMatchObject({ body: { isCompleted: true } });
  }, 180_000);
});
