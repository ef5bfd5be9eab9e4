// From a wish to a stay: what it costs, until when it can be paid, and what stands in its way.
import type { z } from '@hono/zod-openapi';
import { formatLocal } from '../../../domain/display.ts';
import { instantOf } from '../../../domain/local-time.ts';
import { convert, MAX_MINOR, times } from '../../../domain/money.ts';
import type { Money } from '../../../domain/money.ts';
import type { Detail, OtherCurrency } from '../../../domain/product.ts';
import type { RefundPolicy } from '../../../domain/refund-policy.ts';
import { contactOf, hotelOf, nextBookingNumber } from '../../bookings.ts';
import type { Desk, Principal, ServiceOrder } from '../../bookings.ts';
import { VisibleError } from '../../errors.ts';
import type { NewBooking } from './wire.ts';

type Wish = z.output<typeof NewBooking>;

const DAY_MS = 86_400_000;
const CHECK_IN = '14:00:00';
const CHECK_OUT = '12:00:00';
const TERMS: RefundPolicy = [{ hoursBefore: 48, percent: '100' }];

export async function orderOf(desk: Desk, wish: Wish, principal: Principal): Promise<ServiceOrder> {
  const { hotel, room } = await foundIn(desk, wish);
  const nights = nightsOf(wish);
  refuseUnfit(wish, { nights, capacity: room.capacity });
  const zone = hotel.timezone;
  if (Date.parse(instantOf(`${wish.check_in} 23:59:59`, zone)) < desk.clock().getTime())
    throw invalid('check_in', 'must not lie in the past');
  const price = times(room.price, nights);
  if (price.minor > MAX_MINOR) throw invalid('check_out', 'makes the stay dearer than can be charged at once');
  const number = String(await nextBookingNumber(desk));
  const online = wish.payment_method === 'ONLINE';
  return {
    product: {
      name: hotel.name,
      option: room.name,
      when: { local: wish.check_in, zone },
      items: [{ name: 'Night', count: nights, unit: room.price }],
      details: detailsOf(wish, { hotel, room, nights }),
      refundPolicy: TERMS,
      gateway: online ? 'stripe_checkout' : 'on_arrival',
      payWhen: 'later',
      ...(online && otherCurrencyFor(desk, price)),
      refs: refsOf(wish, { number, nights }),
    },
    charge: price,
    externalId: number,
    serviceAt: new Date(instantOf(`${wish.check_in} ${CHECK_IN}`, zone)),
    travellers: contactOf(principal),
    // Staff may write down on the next day what a guest paid when leaving.
    ...(!online && { payUntil: new Date(Date.parse(instantOf(`${wish.check_out} ${CHECK_OUT}`, zone)) + DAY_MS) }),
  };
}

async function foundIn(desk: Desk, wish: Wish) {
  const hotel = await hotelOf(desk, wish.hotel);
  if (!hotel) throw invalid('hotel', 'is not known');
  const room = hotel.rooms.find(({ id }) => id === wish.room);
  if (!room) throw invalid('room', 'is not one of this hotel');
  return { hotel, room };
}

interface Stay extends Awaited<ReturnType<typeof foundIn>> {
  readonly nights: number;
}

/** As the guest would say what was booked; frozen like the price, whatever becomes of the hotel's name. */
function detailsOf(wish: Wish, { hotel, room, nights }: Stay): readonly Detail[] {
  const at = (day: string, time: string): string => formatLocal({ local: `${day} ${time}`, zone: hotel.timezone });
  return [
    { label: 'Hotel', value: hotel.name },
    { label: 'Room', value: room.name },
    { label: 'Check-in', value: `from ${at(wish.check_in, CHECK_IN)}` },
    { label: 'Check-out', value: `by ${at(wish.check_out, CHECK_OUT)}` },
    { label: 'Nights', value: String(nights) },
    { label: 'Guests', value: String(wish.guests) },
  ];
}

const nightsOf = ({ check_in, check_out }: Wish): number =>
  Math.round((Date.parse(check_out) - Date.parse(check_in)) / DAY_MS);

function refuseUnfit({ guests }: Wish, { nights, capacity }: { nights: number; capacity: number }): void {
  if (nights < 1) throw invalid('check_out', 'must be after check_in');
  if (guests > capacity) throw invalid('guests', `must be at most ${capacity} in this room`);
}

const invalid = (field: string, words: string): VisibleError =>
  new VisibleError('invalid', 'The request is not valid.', { fields: { [field]: [words] } });

/** Frozen with the price, so that a later attempt takes the same sum. Without a rate of ours there is no other currency. */
function otherCurrencyFor({ config, clock }: Desk, price: Money): { otherCurrency?: OtherCurrency } {
  const { primary, fallback } = config.stripe.currencies;
  const rate = config.pricing.fxRates.get(`${price.currency}/${fallback}`);
  if (price.currency !== primary || rate === undefined) return {};
  const charge = convert(price, rate, fallback);
  return { otherCurrency: { price, charge, rate, source: 'FX_RATES', at: clock().toISOString() } };
}

/** What the booking is told as again; at Stripe it stands beside the payment. */
const refsOf = (wish: Wish, { number, nights }: { number: string; nights: number }): Record<string, string> => ({
  travello_booking_id: number,
  hotel: String(wish.hotel),
  room: String(wish.room),
  check_in: wish.check_in,
  check_out: wish.check_out,
  guests: String(wish.guests),
  nights: String(nights),
});
