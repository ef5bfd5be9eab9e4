// Verbs about what customers' banks dispute: how it stands, and the paper that answers it.
import { KeyDestroyed } from '../db/keyring.ts';
import type { Digest } from '../domain/digest.ts';
import { digestOf } from '../domain/digest.ts';
import { paymentOf } from '../domain/booking.ts';
import type { Booking } from '../domain/booking.ts';
import { isPending } from '../domain/dispute.ts';
import { disputesLearned } from '../domain/dispute-facts.ts';
import type { PaymentFact } from '../domain/payment.ts';
import { lapsedRefunds } from '../domain/refund-verdict.ts';
import type { Deps } from './deps.ts';
import { keepEvidence } from './evidence.ts';
import { mustLoad } from './loading.ts';
import { keepingAnswer } from './payment-answers.ts';

interface OfBooking {
  readonly bookingId: string;
}

interface LookInput extends OfBooking {
  /** Those that are pending as far as we know, or whatever there is. */
  readonly of: 'pending' | 'all';
}

export const disputeActivities = (deps: Deps) => ({
  /** Only disputes are read: whatever else is new stays new for who listens to it. */
  async lookDisputes({ bookingId, of }: LookInput): Promise<{ now: Digest }> {
    let { booking } = await mustLoad(deps, bookingId);
    for (const { id, gateway, ref } of of === 'all' ? takenPayments(booking) : disputedPayments(booking)) {
      const fact = await deps.gateways[gateway].look(ref ?? '');
      booking = await recordDisputes(deps, { bookingId, paymentId: id, fact });
    }
    return { now: digestOf(booking) };
  },

  async drawEvidence({ bookingId }: OfBooking): Promise<{ kind: 'drawn' | 'erased' }> {
    try {
      await keepEvidence(deps, await mustLoad(deps, bookingId));
      return { kind: 'drawn' };
    } catch (error) {
      // Of a person who was erased nothing is known, and nothing may be kept.
      if (error instanceof KeyDestroyed) return { kind: 'erased' };
      throw error;
    }
  },
});

const takenPayments = (booking: Booking) => booking.payments.filter(({ status }) => status === 'succeeded');

interface Told extends OfBooking {
  readonly paymentId: string;
  readonly fact: PaymentFact;
}

/** And what they leave no money for. */
export async function recordDisputes(deps: Deps, { bookingId, paymentId, fact }: Told): Promise<Booking> {
  const known = await deps.record(
    bookingId,
    ({ booking }) => disputesLearned(booking, paymentOf(booking, paymentId), fact),
    await keepingAnswer(deps, { bookingId, paymentId, fact }),
  );
  if (lapsedRefunds(known).length === 0) return known;
  return deps.record(bookingId, ({ booking }) => lapsedRefunds(booking));
}

const disputedPayments = (booking: Booking) =>
  booking.payments.filter(({ id }) => booking.disputes.some((d) => d.paymentId === id && isPending(d)));
