// What disputes do to the money of a payment: taken by the customer's bank until it decides, and perhaps for good.
import type { Booking, Dispute, Payment, RefundStatus } from './booking.ts';
import type { DisputeStanding } from './payment.ts';

/** What staff are called for when a customer has more than he paid. */
export const EXCESS = 'what went back';

export const isPending = ({ standing }: { standing: DisputeStanding }): boolean =>
  standing === 'inquiry' || standing === 'open';

/** What the bank has of it now. */
export const withBank = ({ standing, amount }: Pick<Dispute, 'standing' | 'amount'>): number =>
  standing === 'open' || standing === 'lost' ? amount.minor : 0;

export const lostIn = ({ standing, amount }: Pick<Dispute, 'standing' | 'amount'>): number =>
  standing === 'lost' ? amount.minor : 0;

const disputesOf = ({ disputes }: Pick<Booking, 'disputes'>, { id }: Pick<Payment, 'id'>): readonly Dispute[] =>
  disputes.filter(({ paymentId }) => paymentId === id);

/** While a bank has the money, whatever we gave back could go back twice. */
export const isFrozen = (booking: Pick<Booking, 'disputes'>, payment: Pick<Payment, 'id'>): boolean =>
  disputesOf(booking, payment).some(({ standing }) => standing === 'open');

export const disputedOf = (booking: Pick<Booking, 'disputes'>, payment: Pick<Payment, 'id'>): number =>
  disputesOf(booking, payment).reduce((sum, dispute) => sum + withBank(dispute), 0);

export const lostOf = (booking: Pick<Booking, 'disputes'>, payment: Pick<Payment, 'id'>): number =>
  disputesOf(booking, payment).reduce((sum, dispute) => sum + lostIn(dispute), 0);

export const lostMinor = ({ disputes }: Pick<Booking, 'disputes'>): number =>
  disputes.reduce((sum, dispute) => sum + lostIn(dispute), 0);

/** What banks have until they decide. */
export const awaitedMinor = ({ charge, disputes }: Pick<Booking, 'charge' | 'disputes'>): number =>
  disputes
    .filter(({ standing, amount }) => standing === 'open' && amount.currency === charge.currency)
    .reduce((sum, { amount }) => sum + amount.minor, 0);

const REFUND_TURN: Readonly<Record<RefundStatus, number>> = {
  awaiting_approval: 0,
  pending: 1,
  unknown: 1,
  succeeded: 2,
  failed: 3,
};

/** Grows with everything that the paper for the bank shows of disputes and of money given back. */
export function evidenceTurn({ disputes, refunds }: Pick<Booking, 'disputes' | 'refunds'>): number {
  const turns = [...disputes.map(({ turn }) => turn), ...refunds.map(({ status }) => REFUND_TURN[status])];
  return turns.reduce((sum, turn) => sum + turn, 0);
}
