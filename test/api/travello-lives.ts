// Stays of travello at every stage, and a door behind which what was asked leaves its facts.
import { and, eq } from 'drizzle-orm';
import { bookings } from '../../db/schema.ts';
import { loadBooking } from '../../db/bookings.ts';
import type { StoredBooking } from '../../db/bookings.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { paymentIdOf } from '../../domain/ids.ts';
import { zero } from '../../domain/money.ts';
import { BOOKING_EXAMPLE } from '../../api/storefronts/travello/bookings.ts';
import type { GoldenCase, Names } from './golden.ts';
import type { Shop } from './shop-bench.ts';

export function letDoorAct({ door, db }: Shop): void {
  const inner = { ...door };
  door.markPaid = async (id, request) => {
    const reply = await inner.markPaid(id, request);
    const paid = reply.kind === 'answered' && reply.value.kind === 'paid';
    if (paid) await door.record(id, ...takenOnArrival(await mustLoad(db, id)));
    return reply;
  };
  door.cancel = async (id, request) => {
    const reply = await inner.cancel(id, request);
    const { actor } = request;
    if (reply.kind === 'answered' && reply.value.kind === 'cancelled')
      await door.record(id, ...closed(await mustLoad(db, id)), { type: 'booking.cancelled', reason: 'asked', actor });
    return reply;
  };
}

const methodOf = (type: string) => ({ type, brand: null, last4: null });

function takenOnArrival({ booking }: StoredBooking): BookingEvent[] {
  const attempt = (booking.payments.at(-1)?.attempt ?? 0) + 1;
  const paymentId = paymentIdOf(booking.id, attempt);
  const { charge: amount, expiresAt } = booking;
  const status = 'requires_payment_method';
  const opened = { paymentId, attempt, gateway: 'on_arrival', ref: `${paymentId}:due`, amount, status } as const;
  const fee = zero(amount.currency);
  const at = new Date().toISOString();
  return [
    ...closed({ booking }),
    { type: 'payment.opened', ...opened, wireStatus: 'due_on_arrival', expiresAt },
    {
      type: 'payment.captured',
      paymentId,
      amount,
      capturedAt: at,
      fee,
      method: methodOf('on_arrival'),
      wireStatus: 'taken',
    },
    { type: 'booking.confirmed', attempt },
  ];
}

const closed = ({ booking }: Pick<StoredBooking, 'booking'>): BookingEvent[] =>
  booking.payments
    .filter(({ status }) => status === 'requires_payment_method')
    .map(({ id }) => ({ type: 'payment.closed', paymentId: id, reason: 'replaced', wireStatus: 'expired' }));

let made = 0;

export interface Stay {
  /** Ours, behind the wire. */
  readonly id: string;
  /** Theirs. */
  readonly booking: number;
}

/** For alice; no two alike, so that each is a booking of its own. */
export async function bookStay(shop: Shop, change: Readonly<Record<string, unknown>> = {}): Promise<Stay> {
  made += 1;
  const check_in = new Date(Date.UTC(2099, 0, made)).toISOString().slice(0, 10);
  const check_out = new Date(Date.UTC(2099, 0, made + 2)).toISOString().slice(0, 10);
  const body = { ...BOOKING_EXAMPLE, check_in, check_out, ...change };
  const answer = await shop.send('POST', '/api/bookings/', { body });
  if (answer.status !== 201) throw new Error(`not booked: ${answer.status} ${JSON.stringify(answer.body)}`);
  const booking = Number(answer.body['id']);
  const is = and(eq(bookings.storefront, 'travello'), eq(bookings.externalId, String(booking)));
  const [row] = await shop.db.select({ id: bookings.id }).from(bookings).where(is);
  return { id: row?.id ?? '', booking };
}

export async function openSession(shop: Shop, booking: number): Promise<string> {
  const answer = await shop.send('POST', '/api/payments/create-session/', { body: { booking_id: booking } });
  if (answer.status !== 200) throw new Error(`no session: ${answer.status} ${JSON.stringify(answer.body)}`);
  return String(answer.body['session_id']);
}

export async function prepare(shop: Shop, given: GoldenCase['given']): Promise<Names> {
  if (!given) return {};
  const onArrival = given === 'arrival' || given === 'arrival_paid';
  const stay = await bookStay(shop, onArrival ? { payment_method: 'ARRIVAL' } : {});
  const withSession = !onArrival && given !== 'open' && given !== 'expired';
  const session = withSession ? await openSession(shop, stay.booking) : '';
  await shop.door.record(stay.id, ...lifeTo(given, await mustLoad(shop.db, stay.id)));
  return { booking: String(stay.booking), session };
}

function lifeTo(given: NonNullable<GoldenCase['given']>, stored: StoredBooking): readonly BookingEvent[] {
  const { id } = stored.booking;
  const paymentId = paymentIdOf(id, 1);
  switch (given) {
    case 'declined': {
      const decline = { id: 'ch_1', code: 'card_declined', declineCode: null, message: 'Your card was declined.' };
      return [{ type: 'payment.declined', paymentId, decline, wireStatus: 'open' }];
    }
    case 'processing':
      return [{ type: 'payment.processing', paymentId, declines: 0, wireStatus: 'complete' }];
    case 'confirmed':
      return captured(stored);
    case 'refunded':
      return [...captured(stored), ...refunded(stored)];
    case 'cancelled':
      return [...closed(stored), { type: 'booking.cancelled', reason: 'asked', actor: 'staff-1' }];
    case 'expired':
      return [{ type: 'booking.expired', attempt: 0 }];
    case 'replaced':
      return closed(stored);
    case 'arrival_paid':
      return takenOnArrival(stored);
    case 'open':
    case 'session':
    case 'arrival':
      return [];
  }
}

export function captured({ booking }: StoredBooking): BookingEvent[] {
  const amount = booking.charge;
  const paymentId = paymentIdOf(booking.id, booking.payments.at(-1)?.attempt ?? 1);
  const at = new Date().toISOString();
  const paid = { paymentId, amount, capturedAt: at, fee: null, method: methodOf('card'), wireStatus: 'complete' };
  return [
    { type: 'payment.captured', ...paid },
    { type: 'booking.confirmed', attempt: 1 },
  ];
}

export function refunded({ booking }: StoredBooking, minor?: number): BookingEvent[] {
  const refundId = `rf_${booking.id.slice(3)}_${booking.refunds.length + 1}`;
  const amount = { ...booking.charge, ...(minor !== undefined && { minor }) };
  const why = { cause: 'staff', reason: 'asked', actor: 'staff-1', needsApproval: false } as const;
  return [
    { type: 'refund.requested', refundId, paymentId: paymentIdOf(booking.id, 1), amount, ...why },
    { type: 'refund.succeeded', refundId, ref: `re_${refundId}` },
  ];
}

/** Decided for the guest, at once. */
export function lost({ booking }: StoredBooking, minor = booking.charge.minor): BookingEvent[] {
  const news = {
    ref: `du_${booking.id.slice(3)}`,
    paymentId: paymentIdOf(booking.id, 1),
    wireStatus: 'lost',
    reason: 'fraudulent',
    amount: { ...booking.charge, minor },
    fee: null,
    evidenceDueBy: null,
    openedAt: new Date().toISOString(),
  };
  return [
    { type: 'dispute.opened', ...news, turn: 1, standing: 'open' },
    { type: 'dispute.closed', ...news, turn: 2, standing: 'lost' },
  ];
}

export async function mustLoad(db: Shop['db'], id: string): Promise<StoredBooking> {
  const stored = await loadBooking(db, id);
  if (!stored) throw new Error(`no booking ${id}`);
  return stored;
}
