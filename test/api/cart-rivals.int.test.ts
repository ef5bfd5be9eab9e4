// Other payments of the same cart that somebody may still be asked to make, when its payment is asked for once more.
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CUSTOMER_EXAMPLE } from '../../api/storefronts/cart/customer.ts';
import { loadBooking } from '../../db/bookings.ts';
import { bookings } from '../../db/schema.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { paymentIdOf } from '../../domain/ids.ts';
import { facts } from '../domain/sample-booking.ts';
import { describeWith } from '../setup/parts.ts';
import { NOBODY, prepareCart } from './cart-lives.ts';
import { openShop } from './shop-bench.ts';
import type { Call, Shop } from './shop-bench.ts';

describeWith('postgres', 'a payment of a cart that is still being opened', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
    const inner = { ...shop.door };
    // Of what was never opened there is nothing to close but the booking.
    shop.door.cancel = async (id, request) => {
      const reply = await inner.cancel(id, request);
      if (reply.kind === 'answered')
        await shop.door.record(id, { type: 'booking.cancelled', reason: 'asked', actor: 'checkout' });
      return reply;
    };
  });
  afterAll(() => shop.close());

  const filled = async () => String((await prepareCart(shop, 'filled'))['cart']);
  const checkOut = (cart_id: string, call: Call = NOBODY, street1 = CUSTOMER_EXAMPLE.street1) => {
    const headers = { 'X-Cart-Id': cart_id };
    return shop.send('POST', '/checkout', {
      ...call,
      headers,
      body: { cart_id, customer: { ...CUSTOMER_EXAMPLE, street1 } },
    });
  };
  const madeFrom = (cartId: string) =>
    shop.db
      .select({ id: bookings.id, phase: bookings.phase })
      .from(bookings)
      .where(sql`${bookings.product} #>> '{order,cartId}' = ${cartId}`)
      .orderBy(bookings.createdAt);
  const bookingOf = async (id: string) => {
    const stored = await loadBooking(shop.db, id);
    if (!stored) throw new Error(`no booking ${id}`);
    return stored.booking;
  };
  /** Taken in, and answered too late for who asked. */
  const slow = async (cartId: string) => {
    shop.door.instead.set('open', { kind: 'slow' });
    expect((await checkOut(cartId)).status).toBe(503);
  };

  it('is waited for while nobody can close it yet', async () => {
    const id = await filled();
    await slow(id);
    const [first] = await madeFrom(id);
    shop.door.instead.set('cancel', { kind: 'gone' });
    expect(await checkOut(id, NOBODY, '1 Jalan Baru')).toMatchObject({
      status: 503,
      body: { error: { code: 'not_ready' } },
    });
    expect(await madeFrom(id)).toHaveLength(1);
    await shop.db
      .update(bookings)
      .set({ workflowSeenAt: new Date() })
      .where(eq(bookings.id, first?.id ?? ''));
    shop.door.instead.set('cancel', { kind: 'gone' });
    expect((await checkOut(id, NOBODY, '1 Jalan Baru')).status).toBe(200);
  });

  it('is not made twice while no order was made of what was paid a moment ago', async () => {
    const id = await filled();
    expect((await checkOut(id)).status).toBe(200);
    const [first] = await madeFrom(id);
    const bookingId = first?.id ?? '';
    const paymentId = paymentIdOf(bookingId, 1);
    const { charge } = await bookingOf(bookingId);
    await shop.door.record(bookingId, { ...facts.captured(1, charge, null), paymentId } as BookingEvent);
    expect((await bookingOf(bookingId)).phase).toBe('confirming');
    shop.door.instead.set('cancel', { kind: 'answered', value: { kind: 'too_late', status: 'confirming' } });
    expect(await checkOut(id)).toMatchObject({ status: 409, body: { error: { code: 'already_paid' } } });
    expect(await madeFrom(id)).toHaveLength(1);
  });

  it('is closed though it was answered, when who asks is somebody else', async () => {
    const id = await filled();
    expect((await checkOut(id)).status).toBe(200);
    expect(await checkOut(id)).toMatchObject({ status: 200, body: { reused_intent: true } });
    const hers = await checkOut(id, { sub: 'alice' });
    expect([hers.status, hers.body['reused_intent'] ?? false]).toEqual([200, false]);
    expect((await madeFrom(id)).map(({ phase }) => phase)).toEqual(['cancelled', 'awaiting_payment']);
  });

  it('is closed when the same is asked for under another name', async () => {
    const id = await filled();
    await slow(id);
    expect((await checkOut(id, { sub: 'alice' })).status).toBe(200);
    expect((await madeFrom(id)).map(({ phase }) => phase)).toEqual(['cancelled', 'awaiting_payment']);
  });
});
