import { afterAll, beforeAll, expect, it } from 'vitest';

import { workflowIdOf } from '../../domain/ids.ts';
import { describeWith } from '../setup/parts.ts';
import { cartShop, untilOrdered } from './cart-shop.ts';
import { wordsReadableIn } from './readable.ts';
import { askAgain, book, orderFor, pay, signIn } from './shop.ts';
import type { Visitor } from './shop.ts';
import { startStack } from './stack.ts';
import type { Stack } from './stack.ts';
import { openTemporalView } from './temporal.ts';
import type { TemporalView } from './temporal.ts';
import { formsFoundIn } from './traces.ts';
import { until } from './until.ts';

const PERSON = ['Quixotina', 'zq.quixotina@travel.example', '+60199887766', 'Lorong Zyxwvut'];
const [FAMILY_NAME = '', MAIL = '', PHONE = '', STREET = ''] = PERSON;
/** As an answer about a cart says it, which is kept for whoever sends the same again. */
const OUTLINE = 'z•••@travel.example';
const CUSTOMER = {
  name: `Zoe ${FAMILY_NAME}`,
  email: MAIL,
  phone: PHONE,
  street1: `7 ${STREET}`,
  city: 'Kuala Lumpur',
  zip_code: '59100',
  country: 'MY',
};

describeWith(['postgres', 'temporal'], 'a person who asks to be forgotten', () => {
  let stack: Stack;
  let temporal: TemporalView;
  let staff: Visitor;
  let admin: Visitor;

  beforeAll(async () => {
    stack = await startStack();
    temporal = await openTemporalView(stack);
    staff = await signIn(stack, { sub: 'sigrid', role: 'staff' });
    admin = await signIn(stack, { sub: 'ada', role: 'admin' });
  }, 120_000);
  afterAll(async () => {
    await temporal.close();
    await stack.stop();
  });

  async function boughtGoods(): Promise<{ goods: string; page: string }> {
    const shop = cartShop(stack);
    const cart = await shop.filled();
    // Under a key, so that the answer with the page is kept as well.
    const asked = { cart_id: cart, customer: CUSTOMER };
    await askAgain(() => shop.send('/checkout', asked, { 'idempotency-key': `checkout-of-${cart}` }));
    const purchase = await shop.checkOut(cart, CUSTOMER);
    await shop.pay(purchase);
    await untilOrdered(shop, cart);
    const { version } = await shop.cart(cart);
    const headers = { 'if-match': `"${String(version)}"`, 'idempotency-key': `one-more-for-${cart}` };
    const answer = await shop.send(`/carts/${cart}/items`, { product_id: 'enamel-mug', quantity: 1 }, headers);
    expect([answer.status, answer.text.includes(OUTLINE)]).toEqual([201, true]);
    const [row] = await stack.rows<{ booking_id: string }>('select booking_id from orders where cart_id = $1', [cart]);
    if (!row) throw new Error('nothing was ordered');
    return { goods: row.booking_id, page: purchase.checkout_url };
  }

  async function boughtTrip(): Promise<string> {
    const alice = await signIn(stack, { sub: 'alice' });
    const order = orderFor({ familyName: FAMILY_NAME });
    const contact_info = { ...order.contact_info, email: MAIL, mobile: PHONE };
    const intent = await book(alice, {
      agentOrderId: order.agent_order_id,
      familyName: FAMILY_NAME,
      change: { contact_info },
    });
    await pay(stack, intent);
    await until({ what: 'the trip', look: () => statusIs(intent.booking_id, 'confirmed') });
    return intent.booking_id;
  }

  const statusIs = async (id: string, status: string): Promise<boolean> =>
    (await stack.rows('select 1 from bookings where id = $1 and status = $2', [id, status])).length > 0;

  async function giveBack(id: string): Promise<void> {
    const reason = `${FAMILY_NAME} called from ${PHONE}`;
    await until({
      what: `the refund of ${id} to be taken`,
      look: async () => {
        const { status, body, text } = await staff.post(`/v1/bookings/${id}/refunds`, { reason });
        // Its papers may still be drawn.
        if (body['code'] === 'in_progress') return false;
        expect(status, text).toBe(200);
        return true;
      },
    });
    await until({ what: `${id} to be refunded`, look: () => statusIs(id, 'refunded') });
  }

  const standing = async () => (await admin.post('/v1/erasures', { email: MAIL })).body['bookings'];

  /** What the books rest on. */
  const money = () =>
    stack.rows(`select t.booking_id, p.account, p.party, p.minor, p.currency from ledger_postings p
      join ledger_transactions t on t.id = p.transaction_id order by p.id`);
  const facts = () => stack.rows('select * from booking_events order by booking_id, seq');

  it('waits where it must, then is in no table, no answer, no log and no history, and the money stands as it did', async () => {
    const { goods, page } = await boughtGoods();
    const trip = await boughtTrip();
    await giveBack(goods);
    await until({ what: 'all news to be worked off', look: async () => (await pendingNews()) === 0 });
    // The search finds what is there.
    const before = await wordsReadableIn(stack, [...PERSON, OUTLINE]);
    expect(Object.keys(before).toSorted()).toEqual(['audit', 'idempotency', 'inbox', 'payment_answers', 'travellers']);
    expect([before['travellers'], before['idempotency']]).toEqual([PERSON, [OUTLINE]]);
    expect(Object.keys(await wordsReadableIn(stack, [page]))).toEqual(expect.arrayContaining(['carts', 'idempotency']));

    expect((await staff.post('/v1/erasures', { email: MAIL })).status).toBe(403);
    expect(await standing()).toEqual([
      { id: goods, state: 'erased', because: null },
      { id: trip, state: 'waiting', because: 'service_to_come' },
    ]);
    const { items } = (await admin.get('/v1/erasures')).body;
    expect(items).toEqual([
      expect.objectContaining({ bookingId: goods, state: 'erased', because: null }),
      expect.objectContaining({ bookingId: trip, state: 'waiting', because: 'service_to_come' }),
    ]);
    // By its number, as staff see it; one that is mistyped does not look like done.
    const [row] = await stack.rows<{ number: string }>('select number from bookings where id = $1', [trip]);
    const byNumber = await admin.post('/v1/erasures', { booking: row?.number });
    expect(byNumber.body['bookings']).toEqual([{ id: trip, state: 'waiting', because: 'service_to_come' }]);
    expect((await admin.post('/v1/erasures', { booking: `${row?.number}X` })).status).toBe(404);
    await giveBack(trip);
    const [sums, told] = [await money(), await facts()];
    // The address leads to the second booking alone: the first one is forgotten.
    expect(await standing()).toEqual([{ id: trip, state: 'erased', because: null }]);

    for (const id of [goods, trip]) await temporal.workflow.getHandle(workflowIdOf(id)).terminate();
    await stack.background.stop();
    await stack.background.start();
    await until({ what: 'the keys to be destroyed', look: async () => (await keysOf([goods, trip])) === 0 });

    expect(await wordsReadableIn(stack, [...PERSON, OUTLINE, page])).toEqual({});
    expect(await money()).toEqual(sums);
    // Papers are drawn anew after a refund, without a name on them.
    expect(await facts()).toEqual(expect.arrayContaining(told));
    const shown = await Promise.all(
      [goods, trip].flatMap((id) =>
        ['', '/timeline', '/refunds'].map((path) => staff.get(`/v1/bookings/${id}${path}`)),
      ),
    );
    expect(shown.map(({ status }) => status)).toEqual(shown.map(() => 200));
    expect(formsFoundIn(shown.map(({ text }) => text).join(), PERSON)).toEqual([]);
    const paper = await staff.get(`/v1/bookings/${trip}/receipt.pdf`);
    expect([paper.status, paper.body['code']]).toEqual([404, 'erased']);
    for (const program of [stack.api, stack.worker, stack.background])
      expect(formsFoundIn(program.lines.join('\n'), PERSON)).toEqual([]);
    for (const id of [goods, trip])
      expect(formsFoundIn((await temporal.rawHistory(workflowIdOf(id))).bytes, PERSON)).toEqual([]);
  }, 120_000);

  const pendingNews = async (): Promise<number> =>
    (await stack.rows(`select 1 from inbox where state in ('pending', 'parked')`)).length;
  const keysOf = async (ids: readonly string[]): Promise<number> =>
    (await stack.rows('select 1 from booking_keys where key_id = any($1) and wrapped is not null', [ids])).length;
});
