// Which payment of ours a webhook is about, by whatever name it calls it.
import { randomUUID } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createInboxWriter } from '../../db/inbox-writer.ts';
import { takeDue } from '../../db/inbox-work.ts';
import type { DueRow } from '../../db/inbox-work.ts';
import { bookings, inbox, payments } from '../../db/schema.ts';
import type { GatewayName } from '../../domain/payment.ts';
import { openTestDatabase } from '../api/database-under-test.ts';
import type { DatabaseUnderTest } from '../api/database-under-test.ts';
import { insertBooking } from '../api/database-under-test.ts';
import { describeWith } from '../setup/parts.ts';

describeWith('postgres', 'the payment that a webhook is about', () => {
  let database: DatabaseUnderTest;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());

  const fresh = () => {
    const mark = randomUUID().slice(0, 8);
    return { id: `bk_${mark}`, session: `cs_${mark}`, intent: `pi_${mark}`, paymentId: `pay_bk_${mark}` };
  };

  async function booked(id: string, ref: string, gateway: GatewayName = 'stripe_checkout'): Promise<void> {
    await insertBooking(database, id, { paymentRef: ref });
    await database.db.update(payments).set({ gateway }).where(eq(payments.bookingId, id));
  }

  async function madeFrom(cartId: string, id: string): Promise<void> {
    const product = sql`jsonb_set(${bookings.product}, '{order}', jsonb_build_object('cartId', ${cartId}::text))`;
    await database.db.update(bookings).set({ storefront: 'cart', product }).where(eq(bookings.id, id));
  }

  interface News {
    readonly paymentRef: string;
    readonly bookingId?: string;
    readonly paymentId?: string;
    /** Whose path it came in by. */
    readonly gateway?: GatewayName;
  }
  async function told({ paymentRef, bookingId, paymentId, gateway = 'stripe_intent' }: News): Promise<DueRow> {
    const eventId = randomUUID();
    await createInboxWriter(
      database.db,
      database.keyring,
    )({
      gateway,
      channel: `/${gateway}`,
      raw: Buffer.from('{}'),
      headers: {},
      eventId,
      type: 'test',
      objectRef: paymentRef,
      effect: eventId,
      paymentRef,
      bookingId: bookingId ?? null,
      paymentId: paymentId ?? null,
    });
    const [stored] = await database.db.select().from(inbox).where(eq(inbox.eventId, eventId));
    const due = (await takeDue(database.db, 100)).find((row) => row.id === stored?.id);
    if (!due) throw new Error('what arrived is not due');
    return due;
  }

  it('is known by our own reference', async () => {
    const { id, intent } = fresh();
    await booked(id, intent, 'stripe_intent');
    expect(await told({ paymentRef: intent })).toMatchObject({ booking: { id }, paymentRef: intent });
  });

  it('is known by our id, though the event names the money as only the gateway does', async () => {
    const { id, session, intent, paymentId } = fresh();
    await booked(id, session);
    const row = await told({ paymentRef: intent, bookingId: id, paymentId });
    expect(row).toMatchObject({ booking: { id }, gateway: 'stripe_checkout', paymentRef: session });
  });

  it('is known by what was said of the money before, as in a dispute, which names nothing of ours', async () => {
    const { id, session, intent, paymentId } = fresh();
    await booked(id, session);
    await told({ paymentRef: intent, bookingId: id, paymentId });
    const dispute = await told({ paymentRef: intent });
    expect(dispute).toMatchObject({ booking: { id }, gateway: 'stripe_checkout', paymentRef: session });
  });

  it('is the same on whatever path the news comes in', async () => {
    const { id, session, intent, paymentId } = fresh();
    await booked(id, session);
    const found = { booking: { id }, gateway: 'stripe_checkout', paymentRef: session };
    expect(await told({ paymentRef: session, gateway: 'stripe_intent' })).toMatchObject(found);
    await told({ paymentRef: intent, bookingId: id, paymentId, gateway: 'stripe_checkout' });
    expect(await told({ paymentRef: intent, gateway: 'stripe_intent' })).toMatchObject(found);
  });

  it('is the one that was paid for, though its cart was checked out again since: money that moves later names only the cart', async () => {
    const [first, second] = [fresh(), fresh()];
    for (const { id, intent } of [first, second]) {
      await booked(id, intent, 'chip');
      await madeFrom(`cart_of_${first.id}`, id);
    }
    const bookingId = `cart_of_${first.id}`;
    const chargedBack = await told({ paymentRef: first.intent, bookingId, gateway: 'chip' });
    expect(chargedBack).toMatchObject({ booking: { id: first.id }, paymentRef: first.intent });
    const unheardOf = await told({ paymentRef: 'purchase_nobody_knows', bookingId, gateway: 'chip' });
    expect(unheardOf).toMatchObject({ booking: { id: second.id }, paymentRef: 'purchase_nobody_knows' });
  });

  it('is none of ours when nothing of ours was ever named', async () => {
    const { id, session, intent } = fresh();
    await booked(id, session);
    await told({ paymentRef: intent, paymentId: 'pay_of_another_program' });
    const row = await told({ paymentRef: intent });
    expect(row).toMatchObject({ booking: null, gateway: 'stripe_intent', paymentRef: intent });
  });
});
