import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BOOKING_EXAMPLE } from '../../api/storefronts/travello/bookings.ts';
import { CREATE_EXAMPLE } from '../../api/storefronts/dreamscape/requests.ts';
import { bookings } from '../../db/schema.ts';
import type { Storefront } from '../../domain/booking.ts';
import { writeLetter } from '../../worker/letters.ts';
import { BRAND } from '../adapters/sample-documents.ts';
import { openShop } from '../api/shop-bench.ts';
import type { Shop } from '../api/shop-bench.ts';
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
const NOTICE = { id: 1, detail: null, kind: 'refund_waits', version: 'rf_1', audience: 'staff', attempts: 0 } as const;

describeWith('postgres', 'a letter about a service names what was booked', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());

  const told = async (storefront: Storefront): Promise<readonly string[]> => {
    const ofIt = eq(bookings.storefront, storefront);
    const [row] = await shop.db.select({ bookingId: bookings.id }).from(bookings).where(ofIt);
    const { keyring, db } = shop.database;
    const deps = { db, keyring, brand: BRAND, staff: ['staff@holdfast.example'], workflowsUrl: '' };
    const written = await writeLetter(deps, { ...NOTICE, bookingId: row?.bookingId ?? null });
    return (written?.letter.facts ?? []).map(({ label, value }) => `${label}: ${value}`);
  };

  it('of travello: hotel, room, from when until when, and how many', async () => {
    await shop.send('POST', '/api/bookings/', { body: BOOKING_EXAMPLE });
    expect(await told('travello')).toEqual([expect.stringMatching(/^Booking: HF-/), ...STAY]);
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
