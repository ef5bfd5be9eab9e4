// Paying for a booking that stands already: the live payment again, or a further attempt where it is dead or takes another sum.
import { loadBooking } from '../../db/bookings.ts';
import type { StoredBooking } from '../../db/bookings.ts';
import { takeAttempt } from '../../db/intake.ts';
import { paymentAccessOf } from '../../db/payment-secrets.ts';
import { isLive } from '../../domain/booking.ts';
import { equals } from '../../domain/money.ts';
import type { Money } from '../../domain/money.ts';
import { mayReopen } from '../../domain/transitions.ts';
import type { PayRequest } from '../../workflows/messages.ts';
import { answeredOf, notReady } from './asking.ts';
import type { Desk } from './desk.ts';
import type { OpenedBooking } from './open-request.ts';
import { asRefusal, notPayable } from './opening.ts';

/** Null: what the booking costs. */
export async function payBooking(desk: Desk, stored: StoredBooking, wanted: Money | null): Promise<OpenedBooking> {
  const { booking, row } = stored;
  const anew = mayReopen(booking);
  if (booking.phase !== 'awaiting_payment' && !anew) throw notPayable(stored);
  const charge = wanted ?? booking.charge;
  const current = booking.payments.find((p) => p.attempt === row.attempt);
  if (current?.ref && isLive(current) && equals(current.amount, charge)) return openedAs(desk, row.id, current.id);
  const attempt = current ? await takeAttempt(desk.db, row.id, row.attempt) : row.attempt;
  const request: PayRequest = { attempt, terms: { charge, ...(anew && { expiresAt: windowFrom(desk, stored) }) } };
  const result = answeredOf(await desk.door.pay(row.id, request));
  if (result.kind === 'refused') throw result.code === 'not_payable' ? notReady() : asRefusal(result);
  // The request to pay overtook the booking's own opening.
  if (result.kind === 'pays_later') throw notReady();
  return openedAs(desk, row.id, result.paymentId);
}

const windowFrom = ({ clock, config }: Desk, { row }: StoredBooking): string =>
  new Date(clock().getTime() + config.paymentWindowMs[row.storefront]).toISOString();

async function openedAs(desk: Desk, bookingId: string, paymentId: string): Promise<OpenedBooking> {
  const stored = await loadBooking(desk.db, bookingId);
  const payment = stored?.booking.payments.find(({ id }) => id === paymentId);
  if (!stored || !payment) throw new Error(`${paymentId} was opened but is not recorded`);
  return { stored, payment, ...(await paymentAccessOf(desk.db, desk.keyring, paymentId)) };
}
