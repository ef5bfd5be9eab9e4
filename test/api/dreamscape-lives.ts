// Bookings of dreamscape at every stage, and a door whose refunds and cancellations leave their facts.
import { eq } from 'drizzle-orm';
import { CREATE_EXAMPLE } from '../../api/storefronts/dreamscape/requests.ts';
import { loadBooking } from '../../db/bookings.ts';
import type { StoredBooking } from '../../db/bookings.ts';
import { bookings } from '../../db/schema.ts';
import { money } from '../../domain/money.ts';
import { paymentIdOf } from '../../domain/ids.ts';
import type { GoldenCase, Names } from './golden.ts';
import { dataOf } from './shop-bench.ts';
import type { Shop } from './shop-bench.ts';

export const PAYMENT = '/api/v1/payment';
export const SERVICE = { role: 'service', sub: 'voyage' } as const;

export function letDoorAct({ door, db }: Shop): void {
  const inner = { ...door };
  door.cancel = async (id, request) => {
    const reply = await inner.cancel(id, request);
    const { actor } = request;
    if (reply.kind === 'answered' && reply.value.kind === 'cancelled')
      await door.record(id, closed(id, 'cancelled'), { type: 'booking.cancelled', reason: 'asked', actor });
    return reply;
  };
  door.refund = async (id, request) => {
    const reply = await inner.refund(id, request);
    const { refundId, actor, amountMinor } = request;
    const stored = await loadBooking(db, id);
    if (reply.kind !== 'answered' || reply.value.kind !== 'accepted' || !stored || amountMinor === null) return reply;
    const amount = money(amountMinor, stored.row.currency);
    const needsApproval = reply.value.status === 'awaiting_approval';
    const paymentId = paymentIdOf(id, 1);
    const why = { cause: 'staff', reason: 'asked', actor } as const;
    await door.record(id, { type: 'refund.requested', refundId, paymentId, amount, needsApproval, ...why });
    if (!needsApproval) await door.record(id, { type: 'refund.succeeded', refundId, ref: `re_${refundId}` });
    return reply;
  };
}

const closed = (id: string, reason: string) =>
  ({ type: 'payment.closed', paymentId: paymentIdOf(id, 1), reason, wireStatus: 'canceled' }) as const;

let made = 0;

export interface Made {
  readonly id: string;
  readonly booking: string;
  readonly intent: string;
}

/** For alice, as the seed's request has it. */
export async function makeBooking(shop: Shop): Promise<Made> {
  const booking = `ds-${(made += 1)}`;
  const body = { ...CREATE_EXAMPLE, bookingId: booking, userId: 'alice' };
  const answer = await shop.send('POST', `${PAYMENT}/create-intent`, { ...SERVICE, body });
  const [row] = await shop.db.select().from(bookings).where(eq(bookings.externalId, booking));
  return { id: row?.id ?? '', booking, intent: String(dataOf(answer)['paymentIntentId']) };
}

export async function prepare(shop: Shop, given: GoldenCase['given']): Promise<Names> {
  if (!given) return {};
  const { id, ...names } = await makeBooking(shop);
  const paymentId = paymentIdOf(id, 1);
  switch (given) {
    case 'open':
      break;
    case 'confirmed':
      await pay(shop, id);
      break;
    case 'processing':
      await shop.door.record(id, { type: 'payment.processing', paymentId, declines: 0, wireStatus: 'processing' });
      break;
    case 'cancelled':
      await shop.door.record(id, closed(id, 'cancelled'), {
        type: 'booking.cancelled',
        reason: 'asked',
        actor: 'alice',
      });
      break;
    case 'expired':
      await shop.door.record(id, closed(id, 'expired'), { type: 'booking.expired', attempt: 1 });
      break;
    case 'replaced': {
      const body = { ...CREATE_EXAMPLE, bookingId: names.booking, userId: 'alice', amount: 60_000 };
      await shop.send('POST', `${PAYMENT}/create-intent`, { ...SERVICE, body });
      break;
    }
    case 'session':
    case 'declined':
    case 'refunded':
    case 'arrival':
    case 'arrival_paid':
      throw new Error(`no golden case of dreamscape begins ${given}`);
  }
  return names;
}

export async function pay(shop: Shop, id: string): Promise<void> {
  await shop.door.record(
    id,
    {
      type: 'payment.captured',
      paymentId: paymentIdOf(id, 1),
      amount: money(50_000, 'EUR'),
      capturedAt: new Date().toISOString(),
      fee: null,
      method: { type: 'card', brand: 'visa', last4: '4242' },
      wireStatus: 'succeeded',
    },
    { type: 'booking.confirmed', attempt: 1 },
  );
}

export async function storedOf(shop: Shop, id: string): Promise<StoredBooking> {
  const stored = await loadBooking(shop.db, id);
  if (!stored) throw new Error(`no booking ${id}`);
  return stored;
}
