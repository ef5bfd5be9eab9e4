import { expect, it } from 'vitest';
import { endOf, recordEnd, wordOnEnd } from '../../activities/supplier-ending.ts';
import type { Ending } from '../../activities/supplier-ending.ts';
import type { Recorder } from '../../activities/record.ts';
import type { Transaction } from '../../db/client.ts';
import type { StoredBooking } from '../../db/bookings.ts';
import { money } from '../../domain/money.ts';
import { newBooking } from '../domain/sample-booking.ts';

const usd = (minor: number) => money(minor, 'USD');
const approved = (returned: number, penalty: number) =>
  ({ kind: 'approved', returned: usd(returned), penalty: usd(penalty) }) as const;
const UNPAID = {
  id: 'so_1',
  supplier: 'klook',
  ourRef: 'bk_1',
  orderNo: 'KLK1',
  returnedMinor: 0,
  payBy: null,
} as const;
const paid = { type: 'supplier.paid', generation: 0, amount: usd(10_000) };
const ended = (returned: number, penalty: number) => ({
  type: 'supplier.ended',
  generation: 0,
  as: 'canceled',
  returned: usd(returned),
  penalty: usd(penalty),
});

it.each<[string, number, Ending['cancel'], readonly object[]]>([
  ['that cost nothing', 0, null, [ended(0, 0)]],
  ['that was cancelled for nothing before it was paid', 0, approved(0, 0), [ended(0, 0)]],
  ['that was paid unheard and kept a fee', 0, approved(8_500, 1_500), [paid, ended(8_500, 1_500)]],
  ['that was paid unheard and kept it all', 0, approved(0, 10_000), [paid, ended(0, 10_000)]],
  ['that was paid unheard and told no fee', 0, approved(8_500, 0), [paid, ended(8_500, 1_500)]],
  ['that is known to be paid and kept a fee', 10_000, approved(8_500, 1_500), [ended(8_500, 1_500)]],
  ['that is known to be paid and said nothing', 10_000, null, [ended(10_000, 0)]],
  ['that was written off', 10_000, 'unknown', [ended(0, 10_000)]],
])('the end of an order %s is booked as what it cost', (_, paidMinor, cancel, events) => {
  expect(endOf({ order: { generation: 0, net: usd(10_000), paidMinor }, as: 'canceled', cancel })).toEqual(events);
});

it.each([
  ['refunded, though nobody heard that it was paid', { refunded: true, cancellation: null }, [paid, ended(10_000, 0)]],
  ['never paid', { refunded: false, cancellation: null }, [ended(0, 0)]],
])('an order that is to be cancelled and was %s ends as what it cost', (_, fact, events) => {
  const order = { generation: 0, net: usd(10_000), paidMinor: 0 };
  expect(endOf({ order, as: 'canceled', cancel: wordOnEnd(fact, order) })).toEqual(events);
});

it('an order that is over ends no second time, and is paid by no second end', async () => {
  const order = { generation: 0, net: usd(10_000), paidMinor: 0 };
  const eventsFor = async (status: 'unpaid' | 'canceled'): Promise<readonly unknown[]> => {
    let decided: readonly unknown[] = [];
    const booking = newBooking({ supplierOrders: [{ ...UNPAID, ...order, status }] });
    const record: Recorder = async (_, decide) => {
      decided = await decide({ booking } as StoredBooking, {} as Transaction);
      return booking;
    };
    await recordEnd({ record }, { bookingId: 'bk_1', generation: 0, as: 'canceled', cancel: null, refunded: true });
    return decided;
  };
  expect(await eventsFor('unpaid')).toEqual([paid, ended(10_000, 0)]);
  expect(await eventsFor('canceled')).toEqual([]);
});
