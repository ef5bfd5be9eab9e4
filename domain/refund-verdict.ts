// Whether what is asked for can be given back, from which payment, and who must agree.
import type { Booking, Payment, Refund, RefundCause } from './booking.ts';
import {
  isStray,
  paymentOf,
  refundableOfPayment,
  refundedOf,
  staffRefundsMinor,
  totalMinor,
  unreturnedOf,
} from './booking.ts';
import { isFrozen, lostOf } from './dispute.ts';
import type { BookingEvent } from './events.ts';
import type { Money } from './money.ts';
import { money } from './money.ts';
import { causeNow, goneMinor, paysByNow, sourcesOf } from './payment-facts.ts';

export interface RefundWish {
  readonly refundId: string;
  /** Null: everything that is left. */
  readonly amountMinor: number | null;
  /** Less than was asked for will do, when no more is left: what is owed goes back as far as it can. */
  readonly upTo?: true;
  /** It went by other means already, says a person: no bank that has the money could stop it. */
  readonly elsewhere?: true;
  /** The refund he spoke of, where one had been refused. */
  readonly insteadOf?: string;
  /** How much of it had gone when the amount was agreed: what went since, by us or by a bank, counts towards it. */
  readonly goneBeforeMinor?: number;
  /** What it goes back on, where no other payment will do. */
  readonly paymentId?: string;
  readonly cause: RefundCause;
  readonly reason: string;
  readonly actor: string;
  /** More than this by staff of one booking waits for a second person; null: nobody need be asked. */
  readonly approvalLimitMinor: number | null;
}

/** Which payments a refund may draw on. */
type Drawn = Pick<RefundWish, 'cause' | 'paymentId'>;

const drawnOn = (booking: Booking, { cause, paymentId }: Drawn): readonly Payment[] =>
  paymentId === undefined ? sourcesOf(booking, cause) : [paymentOf(booking, paymentId)];

export type RefundVerdict =
  | { kind: 'reserve'; event: BookingEvent }
  | { kind: 'known' }
  | { kind: 'exceeds'; leftMinor: number }
  /** A bank has the money until it decides. */
  | { kind: 'disputed' }
  | { kind: 'nothing_left' };

export function judgeRefund(booking: Booking, wish: RefundWish): RefundVerdict {
  if (booking.refunds.some((r) => r.id === wish.refundId)) return { kind: 'known' };
  if (wish.elsewhere) return judgeGiven(booking, wish);
  if (isOwedNoMore(booking, wish)) return { kind: 'nothing_left' };
  const source = fullest(booking, wish, refundableOfPayment);
  const most = source ? refundableOfPayment(booking, source) : 0;
  const amountMinor = stillAgreed(booking, wish);
  if (amountMinor === 0) return { kind: 'nothing_left' };
  if (!source || most === 0) return { kind: waitsForBank(booking, wish) ? 'disputed' : 'nothing_left' };
  const { refundId, upTo, reason, actor, approvalLimitMinor } = wish;
  const amount = upTo || amountMinor === null ? Math.min(amountMinor ?? most, most) : amountMinor;
  if (amount > most) return { kind: 'exceeds', leftMinor: most };
  const given = money(amount, source.amount.currency);
  const event = {
    type: 'refund.requested',
    refundId,
    paymentId: source.id,
    cause: causeNow(booking, { cause: wish.cause, paymentId: source.id }),
    reason,
    actor,
    needsApproval: approvalLimitMinor !== null && exceeds(booking, given, approvalLimitMinor),
  } as const;
  return { kind: 'reserve', event: { ...event, amount: given } };
}

/** It was meant for one payment, which pays for the trip by now. */
const isOwedNoMore = (booking: Booking, { cause, paymentId }: RefundWish): boolean =>
  paymentId !== undefined && paysByNow(booking, { cause, paymentId });

/** Money goes back the way it came: what lies on two payments takes two refunds. */
function fullest(booking: Booking, wish: RefundWish, leftOf: typeof unreturnedOf): Payment | undefined {
  const sources = drawnOn(booking, wish).filter((payment) => isMeant(booking, payment, wish));
  return sources.toSorted((a, b) => leftOf(booking, b) - leftOf(booking, a))[0];
}

/** What a person gave has left us, whatever went back or was lost beside it: that it was too much is for staff to see. */
function judgeGiven(booking: Booking, wish: RefundWish): RefundVerdict {
  const { refundId, reason, actor } = wish;
  const spokenOf = booking.refunds.find(({ id }) => id === wish.insteadOf);
  const given = spokenOf ?? unrefused(booking, wish);
  if (!given) return { kind: 'nothing_left' };
  const { paymentId, amount } = given;
  const cause = causeNow(booking, { cause: wish.cause, paymentId });
  const made = { refundId, paymentId, amount, cause, reason, actor, needsApproval: false } as const;
  return { kind: 'reserve', event: { type: 'refund.requested', ...made, elsewhere: true, byHand: true } };
}

/** None had been refused: all that was owed, as far as it lies on one payment. Null stands for what there is. */
function unrefused(booking: Booking, wish: RefundWish): Pick<Refund, 'paymentId' | 'amount'> | undefined {
  const keptOf = (_: Booking, payment: Payment): number => payment.capturedMinor - refundedOf(booking, payment);
  const source = fullest(booking, wish, keptOf);
  if (!source) return undefined;
  const most = Math.max(0, keptOf(booking, source));
  const owed = stillAgreed(booking, wish) || wish.amountMinor;
  const minor = owed === null ? most : Math.min(owed, most || owed);
  return minor > 0 ? { paymentId: source.id, amount: money(minor, source.amount.currency) } : undefined;
}

/** Counted together and under the lock, so that a large refund is not made of small ones, not even at the same moment. */
function exceeds(booking: Booking, { minor, currency }: Money, limitMinor: number): boolean {
  // The limit is told in the currency of the charge: of money in another it says nothing.
  if (currency !== booking.charge.currency) return true;
  return !(staffRefundsMinor(booking, currency) + minor <= limitMinor);
}

/** Whoever names an amount means the currency of the charge, or that of the payment he names; stray money goes back in its own. */
const isMeant = ({ charge }: Booking, { amount }: Payment, { amountMinor, cause, paymentId }: RefundWish): boolean =>
  amountMinor === null || paymentId !== undefined || isStray(cause) || amount.currency === charge.currency;

/** An agreed amount is owed once: what the customer got since from his bank is not owed by us any more. */
export function stillAgreed(
  booking: Booking,
  { amountMinor, cause, goneBeforeMinor }: Pick<RefundWish, 'amountMinor' | 'cause' | 'goneBeforeMinor'>,
): number | null {
  if (amountMinor === null || goneBeforeMinor === undefined) return amountMinor;
  const goneSince = Math.max(0, goneMinor(booking, cause) - goneBeforeMinor);
  return Math.max(0, amountMinor - goneSince);
}

/** A bank has some of it until it decides: what it gives back is to be asked for again then. */
export const waitsForBank = (booking: Booking, drawn: Drawn): boolean =>
  drawnOn(booking, drawn).some((payment) => isFrozen(booking, payment) && unreturnedOf(booking, payment) > 0);

/** Not given back yet of what such a refund may draw on, be it with a bank for now. */
export const leftFor = (booking: Booking, drawn: Drawn): number =>
  drawnOn(booking, drawn).reduce((sum, payment) => sum + unreturnedOf(booking, payment), 0);

/** Asked for and not agreed on, and more by now than can ever come back: the second person would agree to another sum. */
export const lapsedRefunds = (booking: Booking): readonly BookingEvent[] =>
  booking.refunds
    .filter(({ status, amount, paymentId }) => {
      return status === 'awaiting_approval' && amount.minor > leftForGood(booking, paymentOf(booking, paymentId));
    })
    .map(({ id: refundId }) => ({ type: 'refund.failed', refundId, code: LAPSED, message: 'less than that is left' }));

export const LAPSED = 'lapsed';

/** What is only on its way may come back, and what a bank has may be won. */
function leftForGood(booking: Booking, payment: Payment): number {
  const back = booking.refunds.filter(({ paymentId, status }) => paymentId === payment.id && status === 'succeeded');
  return payment.capturedMinor - totalMinor(back) - lostOf(booking, payment);
}
