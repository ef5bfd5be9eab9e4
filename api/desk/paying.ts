// Paying for a booking that stands already: the live payment again, or a further attempt where it is dead or takes another sum.
import { loadBooking } from '../../db/bookings.ts';
import type { StoredBooking } from '../../db/bookings.ts';
import { isErased } from '../../db/erasures.ts';
import { takeAttempt } from '../../db/intake.ts';
import { paymentAccessOf } from '../../db/payment-secrets.ts';
import { isLive, livePayment, unreturnedOf } from '../../domain/booking.ts';
import { Unreachable } from '../../domain/unanswered.ts';
import { equals } from '../../domain/money.ts';
import type { Payment } from '../../domain/booking.ts';
import type { Money } from '../../domain/money.ts';
import { otherCurrencyOf } from '../../domain/product.ts';
import { hasBegun, mayReopen } from '../../domain/transitions.ts';
import type { PayRequest } from '../../workflows/messages.ts';
import { erasedError, VisibleError } from '../errors.ts';
import { answeredOf, notReady } from './asking.ts';
import type { Desk } from './desk.ts';
import type { OpenedBooking } from './open-request.ts';
import { asRefusal, notPayable } from './opening.ts';

/** Null: what the booking costs. */
export async function payBooking(desk: Desk, stored: StoredBooking, wanted: Money | null): Promise<OpenedBooking> {
  const { booking, row } = stored;
  if (await isErased(desk.db, row.id)) throw erasedError();
  const anew = mayReopen(booking);
  if (booking.phase !== 'awaiting_payment' && !anew) throw notPayable(stored);
  if (anew && hasBegun(booking, desk.clock().getTime())) throw begun();
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

const begun = (): VisibleError =>
  new VisibleError('conflict', 'This booking can no longer be paid: its time has come.', { code: 'not_payable' });

const REFUSED_CURRENCY = 'currency_not_supported';

/** In the currency of the price; in the other, at the rate frozen with it, where the gateway does not take that one. */
export async function payInEitherCurrency(desk: Desk, stored: StoredBooking): Promise<OpenedBooking> {
  const { booking, product } = stored;
  // Money that is still with us keeps its currency: whoever pays on pays in the same.
  const isClear = booking.payments.every((payment) => unreturnedOf(booking, payment) === 0);
  const other = isClear ? otherCurrencyOf(product) : undefined;
  if (!other || equals(other.charge, booking.charge)) return payBooking(desk, stored, null);
  if (booking.payments.some(({ wireStatus }) => wireStatus === REFUSED_CURRENCY))
    return payBooking(desk, stored, other.charge);
  try {
    return await payBooking(desk, stored, null);
  } catch (error) {
    if (!(error instanceof VisibleError) || error.code !== REFUSED_CURRENCY) throw error;
  }
  const { price, charge, rate, source, at } = other;
  const told = { bookingId: booking.id, from: price.currency, to: charge.currency, rate, source, at };
  desk.log.warn(told, 'the gateway does not take the currency of the price: charged in another');
  return payBooking(desk, await reloaded(desk, stored), charge);
}

/** As the gateway sees its payment now: a page that ended, or was paid on, is known before it is handed out again. */
export async function freshened(desk: Desk, stored: StoredBooking): Promise<StoredBooking> {
  const live = livePayment(stored.booking);
  if (!live?.ref || (await isOpenStill(desk, live))) return stored;
  await desk.door.checkPayment(stored.row.id, { paymentRef: live.ref });
  return reloaded(desk, stored);
}

/** A gateway that does not answer changes nothing of what we know. */
async function isOpenStill({ gateways }: Desk, { gateway, ref }: Payment): Promise<boolean> {
  try {
    const { status } = await gateways[gateway].look(ref ?? '');
    return status === 'requires_payment_method' || status === 'requires_action';
  } catch (error) {
    if (error instanceof Unreachable) return true;
    throw error;
  }
}

async function reloaded(desk: Desk, { row }: StoredBooking): Promise<StoredBooking> {
  const stored = await loadBooking(desk.db, row.id);
  if (!stored) throw new Error(`no booking ${row.id}`);
  return stored;
}

const windowFrom = ({ clock, config }: Desk, { row }: StoredBooking): string =>
  new Date(clock().getTime() + config.paymentWindowMs[row.storefront]).toISOString();

async function openedAs(desk: Desk, bookingId: string, paymentId: string): Promise<OpenedBooking> {
  const stored = await loadBooking(desk.db, bookingId);
  const payment = stored?.booking.payments.find(({ id }) => id === paymentId);
  if (!stored || !payment) throw new Error(`${paymentId} was opened but is not recorded`);
  return { stored, payment, ...(await paymentAccessOf(desk.db, desk.keyring, paymentId)) };
}
