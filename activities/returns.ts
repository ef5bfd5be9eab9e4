// Money that went back, or came back again, without a word to us: seen by comparing the gateway's figures with ours.
import type { Booking, Payment, Refund } from '../domain/booking.ts';
import { refundedOf, totalMinor } from '../domain/booking.ts';
import type { BookingEvent, EventOf } from '../domain/events.ts';
import { money } from '../domain/money.ts';
import type { PaymentFact } from '../domain/payment.ts';
import type { Deps } from './deps.ts';
import { madeAtGateway, refundOrderOf } from './refund-order.ts';

/** Returns of ours that the gateway knows as failed by now: a bank may send them back days later. */
export async function bouncedRefunds(
  deps: Deps,
  { booking, payment, fact }: Seen,
): Promise<readonly EventOf<'refund.failed'>[]> {
  if (returnedBeyondOurs(booking, payment, fact) >= 0) return [];
  const ours = madeAtGateway(booking, payment);
  const looked = await Promise.all(
    ours.map(async (refund) => ({
      refund,
      fate: await deps.gateways[payment.gateway].lookRefund(refundOrderOf(booking, refund, payment)),
    })),
  );
  return looked.flatMap(({ refund, fate }) =>
    fate.kind === 'failed'
      ? [{ type: 'refund.failed', refundId: refund.id, code: fate.code, message: fate.message } as const]
      : [],
  );
}

export interface Seen {
  readonly booking: Booking;
  readonly payment: Payment;
  readonly fact: PaymentFact;
}

/** Made in the gateway's own dashboard: recorded as what it is, whatever a bank took beside it. */
export function refundsElsewhere({ booking, payment, fact }: Seen): readonly BookingEvent[] {
  const surplus = returnedBeyondOurs(booking, payment, fact) - totalMinor(inFlight(booking, payment));
  const amountMinor = Math.min(surplus, payment.capturedMinor - refundedOf(booking, payment));
  if (payment.status !== 'succeeded' || amountMinor <= 0) return [];
  const refundId = `rf_${payment.id.slice('pay_'.length)}_elsewhere_${fact.refunded.minor}`;
  const amount = money(amountMinor, payment.amount.currency);
  const made = { cause: 'staff', reason: 'made at the gateway', actor: 'gateway', needsApproval: false } as const;
  return [
    { type: 'refund.requested', refundId, paymentId: payment.id, amount, elsewhere: true, ...made },
    { type: 'refund.succeeded', refundId, ref: `${fact.ref}/elsewhere` },
  ];
}

/** What the gateway gave back beside what we know to have gone. */
export const returnedBeyondOurs = (booking: Booking, payment: Payment, { refunded }: PaymentFact): number =>
  refunded.minor - totalMinor(madeAtGateway(booking, payment));

const inFlight = (booking: Booking, payment: Payment): readonly Refund[] =>
  booking.refunds.filter((r) => r.paymentId === payment.id && (r.status === 'pending' || r.status === 'unknown'));
