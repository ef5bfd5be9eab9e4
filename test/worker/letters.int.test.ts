import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BOOKING_EXAMPLE } from '../../api/storefronts/travello/bookings.ts';
import { CREATE_EXAMPLE } from '../../api/storefronts/dreamscape/requests.ts';
import type { DueNotice } from '../../db/notices.ts';
import { bookings } from '../../db/schema.ts';
import type { Storefront } from '../../domain/booking.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { paymentIdOf } from '../../domain/ids.ts';
import { money } from '../../domain/money.ts';
import { writeLetter } from '../../worker/letters.ts';
import { BRAND } from '../adapters/sample-documents.ts';
import { openShop } from '../api/shop-bench.ts';
import type { Shop } from '../api/shop-bench.ts';
import { facts } from '../domain/sample-booking.ts';
import { describeWith } from '../setup/parts.ts';

const STAY = [
  'Hotel: Shalimar Garden Hotel, Lahore',
  'Room: Garden double',
  'Check-in: from Monday 4 May 2099, 14:00 (Asia/Karachi)',
  'Check-out: by Wednesday 6 May 2099, 12:00 (Asia/Karachi)',
  'Nights: 2',
  'Guests: 2',
  'Amount: PKR 20,000.00',
];
const FLIGHT = [
  'Service: Lounge, three hours',
  'Flight: HF 1',
  'Date: 4 May 2099',
  'Passengers: 3',
  'Amount: USD 178.50',
];
const THEIRS = ['Reference: DREAM-2024-001', 'Booking id: booking-123', 'Amount: EUR 500.00'];
const NOTICE = {
  id: 1,
  detail: null,
  kind: 'refund_waits',
  version: 'rf_1',
  audience: 'staff',
  attempts: 1,
  createdAt: new Date(),
} as const;

describeWith('postgres', 'a letter about a service names what was booked', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());

  const written = async (storefront: Storefront, change: Partial<DueNotice> = {}) => {
    const { keyring, db } = shop.database;
    const deps = { db, keyring, brand: BRAND, staff: ['staff@holdfast.example'], workflowsUrl: '' };
    const mail = await writeLetter(deps, { ...NOTICE, ...change, bookingId: await idOf(storefront) });
    if (!('letter' in mail)) throw new Error(`not written: ${mail.kind}`);
    return mail;
  };
  const idOf = async (storefront: Storefront): Promise<string> => {
    const [row] = await shop.db.select().from(bookings).where(eq(bookings.storefront, storefront));
    return row?.id ?? '';
  };
  const told = async (storefront: Storefront): Promise<readonly string[]> =>
    (await written(storefront)).letter.facts.map(({ label, value }) => `${label}: ${value}`);

  it('of travello: hotel, room, from when until when, and how many', async () => {
    await shop.send('POST', '/api/bookings/', { body: BOOKING_EXAMPLE });
    expect(await told('travello')).toEqual([expect.stringMatching(/^Booking: HF-/), ...STAY]);
  });

  it('and calls staff to the very step that they are needed for, whatever came into view since', async () => {
    const stuck = {
      type: 'attention.raised',
      id: 'one',
      step: 'read the payment',
      reason: 'no answer in time',
    } as const;
    const later = { ...stuck, id: 'two', step: 'a refund' };
    await shop.door.record(await idOf('travello'), stuck, later);
    const call = await written('travello', { kind: 'needs_attention', version: 'one' });
    expect(call.letter.subject).toMatch(/, read the payment: no answer in time$/);
    expect(call.letter.paragraphs.join(' ')).toContain('The gateway does not answer, or refuses our key');
  });

  it('and names the refund that the step is about, whichever others there are', async () => {
    const PKR = (minor: number) => money(minor, 'PKR');
    const id = await idOf('travello');
    const paymentId = paymentIdOf(id, 1);
    await shop.door.record(
      id,
      { ...facts.opened(1, PKR(2_000_000)), paymentId } as BookingEvent,
      { ...facts.captured(1, PKR(2_000_000), null), paymentId } as BookingEvent,
      facts.refundAsked(1, 0, { paymentId, amount: PKR(50_000) }),
      facts.refundSucceeded(1),
      facts.refundAsked(2, 0, { paymentId, amount: PKR(70_000) }),
      facts.refundSucceeded(2),
      facts.refundFailed(1),
      { type: 'attention.raised', id: 'three', step: 'refund rf_1', reason: 'it had arrived and came back' },
    );
    const call = await written('travello', { kind: 'needs_attention', version: 'three' });
    expect(call.letter.facts).toContainEqual({ label: 'Refund', value: 'PKR 500.00' });
  });

  it('of airport: the service, the flight, the day and how many', async () => {
    const body = { service: 'lounge', flight: 'HF 1', date: '2099-05-04', passengers: 3 };
    await shop.send('POST', '/bookings', { body });
    expect(await told('airport')).toEqual([expect.stringMatching(/^Booking: HF-/), ...FLIGHT]);
  });

  it('of dreamscape: what the other house calls it', async () => {
    await shop.send('POST', '/api/v1/payment/create-intent', { body: CREATE_EXAMPLE, role: 'service', sub: 'voyage' });
    expect(await told('dreamscape')).toEqual([expect.stringMatching(/^Booking: HF-/), ...THEIRS]);
  });
});
