// Lives of bookings, told as the facts a workflow would record.
import { money } from '../../domain/money.ts';
import { paymentIdOf } from '../../domain/ids.ts';
import type { FakeDoor } from './fake-door.ts';

const USD = 'USD';

export async function payBooking(door: FakeDoor, id: string, amountMinor = 9_350): Promise<void> {
  await door.record(id, {
    type: 'payment.captured',
    paymentId: paymentIdOf(id, 1),
    amount: money(amountMinor, USD),
    capturedAt: new Date().toISOString(),
    fee: null,
    method: { type: 'card', brand: 'visa', last4: '4242' },
    wireStatus: 'succeeded',
  });
}

/** Refused once by the supplier, then bought under the next generation of our reference. */
export async function confirmBooking(
  door: FakeDoor,
  id: string,
  ref: string,
  order = { ref: `${ref}-r1`, orderNo: `KL-${id}` },
): Promise<void> {
  const net = money(8_500, USD);
  await payBooking(door, id);
  await door.record(
    id,
    { type: 'supplier.placing', supplier: 'klook', generation: 0, ourRef: ref, net },
    { type: 'supplier.refused', generation: 0, reason: 'price_changed', message: 'the price moved' },
    { type: 'supplier.placing', supplier: 'klook', generation: 1, ourRef: order.ref, net },
    { type: 'supplier.ordered', generation: 1, orderNo: order.orderNo, net, payBy: null, adopted: false },
    { type: 'supplier.paid', generation: 1, amount: net },
    { type: 'supplier.confirmed', generation: 1, net },
    {
      type: 'vouchers.ready',
      vouchers: [{ codes: [{ code: `V-${id}`, description: 'Adult' }], bookingRef: 'B1', url: null }],
    },
    { type: 'booking.confirmed', attempt: 1 },
  );
}
