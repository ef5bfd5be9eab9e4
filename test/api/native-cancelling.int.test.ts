import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createBookingExample } from '../../api/native/requests.ts';
import { cancelQuotes } from '../../db/cancel-quotes.ts';
import { describeWith } from '../setup/parts.ts';
import { confirmBooking, payBooking } from './booking-lives.ts';
import { openShop } from './shop-bench.ts';
import type { Answer, Shop } from './shop-bench.ts';
import { bookStay, captured, mustLoad, openSession, refunded } from './travello-lives.ts';

describeWith('postgres', 'a cancellation quote', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());
  beforeEach(() => void shop.door.said.splice(0));

  let made = 0;
  const book = async (): Promise<{ id: string; ref: string }> => {
    const example = createBookingExample(new Date());
    const ref = `AG-Q${(made += 1)}`;
    const body = { ...example, product: { ...example.product, agent_order_id: ref } };
    return { id: String((await shop.send('POST', '/v1/bookings', { body })).body['id']), ref };
  };
  const quoted = async (id: string): Promise<string> =>
    String((await shop.send('POST', `/v1/bookings/${id}/cancel-quote`, { body: {} })).body['quoteId']);
  const cancel = (id: string, quoteId: string): Promise<Answer> =>
    shop.send('POST', `/v1/bookings/${id}/cancel`, { body: { quoteId } });
  const runOut = (quoteId: string) =>
    shop.db
      .update(cancelQuotes)
      .set({ expiresAt: sql`now() - interval '3 days'` })
      .where(eq(cancelQuotes.id, quoteId));
  const awayOnce = () => shop.door.instead.set('cancel', { kind: 'slow' });
  const outdated = { status: 409, body: { code: 'quote_expired' } };

  it('refused because money moved is refused again, however often it is sent', async () => {
    const { id } = await book();
    const quoteId = await quoted(id);
    await payBooking(shop.door, id);
    for (let n = 0; n < 3; n++) expect(await cancel(id, quoteId)).toMatchObject(outdated);
    expect(shop.door.said).toEqual([]);
    const [quote] = await shop.db.select().from(cancelQuotes).where(eq(cancelQuotes.id, quoteId));
    expect(quote?.usedAt).toBeNull();
  });

  it('that has run out is refused again, and stays unused', async () => {
    const { id } = await book();
    const quoteId = await quoted(id);
    await runOut(quoteId);
    for (let n = 0; n < 2; n++) expect(await cancel(id, quoteId)).toMatchObject(outdated);
    expect(shop.door.said).toEqual([]);
  });

  it('used before payment never speaks of a sum, also when it is heard only after payment', async () => {
    const { id } = await book();
    const quoteId = await quoted(id);
    awayOnce();
    expect((await cancel(id, quoteId)).status).toBe(202);
    await payBooking(shop.door, id);
    await runOut(quoteId);
    shop.door.instead.set('cancel', { kind: 'answered', value: { kind: 'too_late', status: 'confirming' } });
    expect(await cancel(id, quoteId)).toMatchObject({ status: 409, body: { code: 'too_late' } });
    expect(shop.door.said).toEqual([
      { actor: 'alice', quoteId, refundMinor: null },
      { actor: 'alice', quoteId, refundMinor: null },
    ]);
  });

  it('used before a further trip is paid speaks of no sum, whatever an earlier trip cost', async () => {
    const { id, booking } = await bookStay(shop);
    await openSession(shop, booking);
    await shop.door.record(id, ...captured(await mustLoad(shop.db, id)));
    await shop.door.record(id, ...refunded(await mustLoad(shop.db, id)));
    await openSession(shop, booking);
    const quoteId = await quoted(id);
    awayOnce();
    expect((await cancel(id, quoteId)).status).toBe(202);
    expect(shop.door.said).toContainEqual({ actor: 'alice', quoteId, refundMinor: null });
  });

  it('tells the same sum again while it holds, and none once it has run out', async () => {
    const { id, ref } = await book();
    await confirmBooking(shop.door, id, ref);
    const quoteId = await quoted(id);
    awayOnce();
    expect((await cancel(id, quoteId)).status).toBe(202);
    awayOnce();
    expect((await cancel(id, quoteId)).status).toBe(202);
    await runOut(quoteId);
    expect(await cancel(id, quoteId)).toMatchObject(outdated);
    expect(shop.door.said).toEqual([
      { actor: 'alice', quoteId, refundMinor: 9_350 },
      { actor: 'alice', quoteId, refundMinor: 9_350 },
    ]);
  });

  it('that had its effect is answered from the booking, whatever became of its time', async () => {
    const { id, ref } = await book();
    await confirmBooking(shop.door, id, ref);
    const quoteId = await quoted(id);
    awayOnce();
    await cancel(id, quoteId);
    await shop.door.record(id, { type: 'booking.cancelled', reason: `cancelled on quote ${quoteId}`, actor: 'alice' });
    expect((await shop.send('GET', `/v1/bookings/${id}`)).body).not.toHaveProperty('links.cancelQuote');
    await runOut(quoteId);
    expect(await cancel(id, quoteId)).toMatchObject({
      status: 200,
      body: { status: 'cancelled', refund: 9_350, keep: 0 },
    });
    expect(shop.door.said).toHaveLength(1);
  });
});
