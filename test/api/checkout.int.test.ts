import { randomUUID } from 'node:crypto';
import { count, eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CUSTOMER_EXAMPLE } from '../../api/storefronts/cart/customer.ts';
import { bookings, idempotency, travellers } from '../../db/schema.ts';
import { paymentIdOf } from '../../domain/ids.ts';
import { describeWith } from '../setup/parts.ts';
import { cartIn, fill, NOBODY, openCart, prepareCart, SEEDED } from './cart-lives.ts';
import { checkedOut, checkOut, letDoorClose, payCart } from './checkout-lives.ts';
import { changed } from './golden.ts';
import { openShop } from './shop-bench.ts';
import type { Shop } from './shop-bench.ts';

const PERSONAL = [CUSTOMER_EXAMPLE.name, CUSTOMER_EXAMPLE.email, CUSTOMER_EXAMPLE.phone, CUSTOMER_EXAMPLE.street1];

describeWith('postgres', 'a checkout', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
    letDoorClose(shop);
  });
  afterAll(() => shop.close());

  const filled = async () => fill(shop, await openCart(shop), SEEDED);
  const booked = async () => (await shop.db.select({ rows: count() }).from(bookings))[0]?.rows;
  const at = (version: string | undefined) => ({ 'If-Match': `"${version}"` });

  describe('takes no customer that there cannot be, and asks CHIP for nothing', () => {
    const line = 'must be one line of text';
    it.each<[field: string, value: unknown, says: string]>([
      ['name', '$absent', 'is required'],
      ['name', ' ', 'must not be empty'],
      ['name', 'x'.repeat(129), ''],
      ['name', 'Aisyah\nBcc: all@example.com', line],
      ['name', 'Aisyah\u0000', line],
      ['name', 7, 'must be a text'],
      ['email', '$absent', 'is required'],
      ['email', 'aisyah', 'must be a mail address'],
      ['email', 'aisyah@example', 'must be a mail address'],
      ['email', 'a@b.example, c@d.example', 'must be a mail address'],
      ['email', 'aisyah@example.com\nBcc: x@y.example', 'must be a mail address'],
      ['email', `${'a'.repeat(250)}@example.com`, ''],
      ['phone', '12', 'must be a telephone number'],
      ['phone', '+60 call me', 'must be a telephone number'],
      ['phone', '1234567890123456', 'must be a telephone number'],
      ['country', 'XX', 'must be a country of ISO 3166'],
      ['country', 'Malaysia', 'must be a country of ISO 3166'],
      ['country', '', 'must be a country of ISO 3166'],
      ['zip_code', '5045', 'must have five digits in Malaysia'],
      ['zip_code', '50450-1', 'must have five digits in Malaysia'],
      ['zip_code', '<b>', 'must be a postcode'],
      ['street1', '', 'must not be empty'],
      ['city', null, ''],
      ['state', '', 'must not be empty'],
    ])('%s %j', async (field, value, says) => {
      const cart = await filled();
      const before = await booked();
      const example = { cart_id: cart.id, customer: CUSTOMER_EXAMPLE };
      const body = changed(example, { [`customer.${field}`]: value });
      const answer = await shop.send('POST', '/checkout', { ...NOBODY, body });
      expect([answer.status, answer.body]).toMatchObject([400, { success: false, error: { code: 'invalid' } }]);
      const { message } = Object(answer.body['error']) as { message: string };
      expect(message).toContain(`customer.${field} `);
      expect(message).toContain(says);
      expect(await booked()).toBe(before);
    });
  });

  it.each(['SG', 'gb', ' my '])('sends goods to %s as well', async (country) => {
    const customer = { ...CUSTOMER_EXAMPLE, country };
    const { id: cart_id } = await filled();
    expect((await shop.send('POST', '/checkout', { ...NOBODY, body: { cart_id, customer } })).status).toBe(200);
    const holding = { ...NOBODY, headers: { 'X-Cart-Id': cart_id } };
    const { body } = await shop.send('GET', `/carts/${cart_id}`, holding);
    expect(body).toMatchObject({
      metadata: { payment_intent: { customer_data: { country: country.trim().toUpperCase() } } },
    });
  });

  it.each([
    [{ kind: 'answered', value: { kind: 'too_late', status: 'processing' } }, 'processing', 'payment_processing'],
    [{ kind: 'answered', value: { kind: 'too_late', status: 'confirmed' } }, 'paid', 'already_paid'],
  ] as const)(
    'makes no second purchase beside one that cannot be closed any more: %j',
    async (reply, becomes, code) => {
      const names = await checkedOut(shop, await prepareCart(shop, 'filled'), 'changed');
      const id = names['cart'] ?? '';
      const inner = { ...shop.door };
      // The money arrives while the old purchase is being closed.
      shop.door.cancel = async (bookingId, request) => {
        shop.door.instead.set('cancel', reply);
        await landed(bookingId, becomes);
        return inner.cancel(bookingId, request);
      };
      const before = await booked();
      const answer = await checkOut(shop, { id });
      Object.assign(shop.door, inner);
      expect([answer.status, answer.body]).toMatchObject([409, { success: false, error: { code } }]);
      expect(await booked()).toBe(before);
    },
  );

  const landed = (id: string, how: 'processing' | 'paid'): Promise<void> => {
    if (how === 'paid') return payCart(shop.door, id);
    const paymentId = paymentIdOf(id, 1);
    return shop.door.record(id, { type: 'payment.processing', paymentId, declines: 0, wireStatus: 'pending_execute' });
  };

  it('gives up on a cart that changes each time it was frozen, with the cart of now, and leaves nothing payable', async () => {
    const { id } = await filled();
    const inner = { ...shop.door };
    shop.door.open = async (booking) => {
      const reply = await inner.open(booking);
      const now = cartIn(await shop.send('GET', `/carts/${id}`, NOBODY));
      await fill(shop, now, [['items', { product_id: 'enamel-mug', quantity: 1 }]]);
      return reply;
    };
    const answer = await checkOut(shop, { id });
    Object.assign(shop.door, inner);
    const { body: now } = await shop.send('GET', `/carts/${id}`, NOBODY);
    expect(answer.status).toBe(409);
    expect(answer.body).toEqual({
      success: false,
      error: { code: 'cart_version_conflict', message: expect.any(String) },
      cart: now,
    });
    expect(answer.headers.get('ETag')).toBe(`"${String(now['version'])}"`);
    const made = await shop.db
      .select({ phase: bookings.phase })
      .from(bookings)
      .where(sql`${bookings.product} #>> '{order,cartId}' = ${id}`);
    expect(made.map(({ phase }) => phase)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect((await checkOut(shop, { id })).status).toBe(200);
  });

  it('says that it is not ready while the booking does not answer, and has the answer when it is asked again', async () => {
    const cart = await filled();
    shop.door.instead.set('open', { kind: 'slow' });
    const slow = await checkOut(shop, cart);
    expect([slow.status, slow.headers.get('Retry-After'), slow.body]).toMatchObject([
      503,
      '2',
      { success: false, error: { code: 'not_ready' } },
    ]);
    const before = await booked();
    expect((await checkOut(shop, cart)).status).toBe(200);
    expect(await booked()).toBe(before);
  });

  describe('under an Idempotency-Key', () => {
    it('is answered once to the letter, and not at all for another body', async () => {
      const cart = await filled();
      const headers = { 'Idempotency-Key': randomUUID() };
      const [one, two] = [
        await checkOut(shop, cart, { ...NOBODY, headers }),
        await checkOut(shop, cart, { ...NOBODY, headers }),
      ];
      expect(two.body).toEqual(one.body);
      expect(two.headers.get('Idempotent-Replayed')).toBe('true');
      const body = { cart_id: cart.id, customer: { ...CUSTOMER_EXAMPLE, name: 'Bo' } };
      const other = await shop.send('POST', '/checkout', { ...NOBODY, headers, body });
      expect([other.status, other.body]).toMatchObject([409, { success: false, error: { code: 'key_reused' } }]);
    });

    it('keeps nobody in full: neither what was asked nor what a cart with an intent answers', async () => {
      const names = await checkedOut(shop, await prepareCart(shop, 'filled'), 'asked');
      const [id, version] = [names['cart'] ?? '', names['version']];
      const call = {
        ...NOBODY,
        headers: { ...at(version), 'X-Cart-Id': id, 'Idempotency-Key': randomUUID() },
        body: { code: 'RM15OFF' },
      };
      const done = await shop.send('POST', `/carts/${id}/conditions`, call);
      expect([done.status, done.body]).toMatchObject([201, { metadata: { payment_intent: { status: 'created' } } }]);
      await shop.db.delete(travellers).where(eq(travellers.bookingId, names['booking'] ?? ''));
      const again = await shop.send('POST', `/carts/${id}/conditions`, call);
      expect(again.headers.get('Idempotent-Replayed')).toBe('true');
      for (const { body } of [done, again])
        for (const word of PERSONAL) expect(JSON.stringify(body)).not.toContain(word);
    });
  });

  it('keeps its customer sealed, wherever it is written down', async () => {
    await checkOut(shop, await filled(), { ...NOBODY, headers: { 'Idempotency-Key': randomUUID() } });
    const tables = [
      'carts',
      'cart_items',
      'bookings',
      'booking_events',
      'payments',
      'idempotency',
      'outbox',
      'notices',
    ];
    for (const table of tables) {
      const { rows } = await shop.db.execute(sql`select to_jsonb(t)::text as text from ${sql.identifier(table)} t`);
      const text = rows.map((row) => String(row['text'])).join('\n');
      for (const word of PERSONAL) expect([table, text.includes(word)]).toEqual([table, false]);
    }
    expect((await shop.db.select({ rows: count() }).from(idempotency))[0]?.rows).toBeGreaterThan(0);
  });
});
