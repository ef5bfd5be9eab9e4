// What the gateway's word of disputes adds to what we know of them.
import type { Booking, Dispute, Payment } from './booking.ts';
import { isPending } from './dispute.ts';
import type { BookingEvent, DisputeNews } from './events.ts';
import { equals } from './money.ts';
import type { DisputeFact, PaymentFact } from './payment.ts';

export function disputesLearned(booking: Booking, payment: Payment, fact: PaymentFact): readonly BookingEvent[] {
  if (fact.status !== 'succeeded') return [];
  return fact.disputes.map(inOurMoney).flatMap((told) => {
    const known = booking.disputes.find(({ ref }) => ref === told.ref);
    return known ? changeOf(known, told) : openingOf(payment.id, told);
  });

  function inOurMoney(told: DisputeFact): DisputeFact {
    const { currency } = payment.amount;
    // A bank may count in its own currency: until a person knows better, all that was taken is disputed.
    return told.amount.currency === currency ? told : { ...told, amount: fact.captured ?? payment.amount };
  }
}

/** Heard of only when it is over, it was opened all the same. */
function openingOf(paymentId: string, told: DisputeFact): readonly BookingEvent[] {
  const first = { ...told, paymentId, turn: 1 };
  if (isPending(told)) return [{ type: 'dispute.opened', ...first }];
  const standing = told.standing === 'dropped' ? 'inquiry' : 'open';
  return [
    { type: 'dispute.opened', ...first, standing },
    { type: 'dispute.closed', ...first, turn: 2 },
  ];
}

function changeOf(known: Dispute, told: DisputeFact): readonly BookingEvent[] {
  // A fee that was told stays, until another is told.
  const now = { ...told, fee: told.fee ?? known.fee };
  if (isSame(known, now)) return [];
  const news: DisputeNews = { ...now, paymentId: known.paymentId, turn: known.turn + 1 };
  return [{ type: isPending(told) ? 'dispute.updated' : 'dispute.closed', ...news }];
}

const isSame = (known: DisputeFact, told: DisputeFact): boolean =>
  known.standing === told.standing &&
  known.wireStatus === told.wireStatus &&
  known.evidenceDueBy === told.evidenceDueBy &&
  equals(known.amount, told.amount) &&
  known.fee?.minor === told.fee?.minor;
