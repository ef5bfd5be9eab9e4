// What the gateway's word of disputes adds to what we know of them.
import type { Booking, Dispute, Payment } from './booking.ts';
import { isPending } from './dispute.ts';
import type { BookingEvent, DisputeNews } from './events.ts';
import { equals } from './money.ts';
import type { DisputeFact, DisputeRead, PaymentFact } from './payment.ts';

export function disputesLearned(booking: Booking, payment: Payment, fact: PaymentFact): readonly BookingEvent[] {
  if (fact.status !== 'succeeded') return [];
  return fact.disputes.flatMap((read) => {
    const known = booking.disputes.find(({ ref }) => ref === read.ref);
    if (known && isFromBefore(known, read)) return [];
    const { isTakenUpAgain: _, ...told } = read;
    return known ? changeOf(known, inOurMoney(told)) : openingOf(payment.id, inOurMoney(told));
  });

  function inOurMoney(told: DisputeFact): DisputeFact {
    const { currency } = payment.amount;
    // A bank may count in its own currency: until a person knows better, all that was taken is disputed.
    return told.amount.currency === currency ? told : { ...told, amount: fact.captured ?? payment.amount };
  }
}

/**
 * Two reads may be under way at once, and nothing in them says which came first: no inquiry follows the dispute it became, and
 * nothing that is undecided a verdict, unless the gateway has a word for a case that is taken up again.
 */
function isFromBefore(known: Dispute, { standing, isTakenUpAgain }: DisputeRead): boolean {
  if (known.standing === 'inquiry' || isTakenUpAgain) return false;
  // A bank that let an inquiry drop may dispute the payment all the same.
  if (known.standing === 'dropped') return standing === 'inquiry';
  return standing === 'inquiry' || (standing === 'open' && !isPending(known));
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
