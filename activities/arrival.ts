// Money that staff have in hand: opened and taken in one, for nobody outside was ever asked for it.
import { useUpAttempts } from '../db/bookings.ts';
import type { StoredBooking } from '../db/bookings.ts';
import type { Digest } from '../domain/digest.ts';
import { digestOf } from '../domain/digest.ts';
import type { BookingEvent } from '../domain/events.ts';
import { zero } from '../domain/money.ts';
import type { Money } from '../domain/money.ts';
import { priceOf } from '../domain/product.ts';
import type { Deps } from './deps.ts';
import { mustLoad } from './loading.ts';
import { paymentOrderOf } from './payment-order.ts';

export interface ArrivalInput {
  readonly bookingId: string;
  readonly attempt: number;
}

export const arrivalActivities = (deps: Deps) => ({
  async takeOnArrival({ bookingId, attempt }: ArrivalInput): Promise<{ now: Digest }> {
    const gateway = deps.gateways.on_arrival;
    const stored = await mustLoad(deps, bookingId);
    const { order, paymentId } = await paymentOrderOf(deps, stored, attempt);
    const amount = dueOf(stored);
    const started = await gateway.start({ ...order, amount }, paymentId);
    if (started.kind !== 'due_on_arrival') throw new Error(`${paymentId} is not due on arrival: ${started.kind}`);
    const { expiresAt } = stored.booking;
    const status = 'requires_payment_method';
    const opened = { paymentId, attempt, gateway: gateway.name, ref: started.ref, amount, status, expiresAt } as const;
    const facts: readonly BookingEvent[] = [
      { type: 'payment.opened', ...opened, wireStatus: 'due_on_arrival' },
      {
        type: 'payment.captured',
        paymentId,
        amount,
        capturedAt: deps.clock().toISOString(),
        fee: zero(amount.currency),
        method: { type: 'on_arrival', brand: null, last4: null },
        wireStatus: 'taken_on_arrival',
      },
    ];
    const after = await deps.record(
      bookingId,
      () => facts,
      (tx, { payments }) => useUpAttempts(tx, bookingId, payments),
    );
    return { now: digestOf(after) };
  },
});

/** At the desk people pay the price, whichever currency they were asked for elsewhere. */
const dueOf = ({ booking, product }: StoredBooking): Money => priceOf(product, booking.charge);
