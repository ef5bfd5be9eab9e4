// Money for a booking whose workflow is over.
import { eq } from 'drizzle-orm';
import { lastDocumentVersion } from '../db/documents.ts';
import { bookingEvents, latePayments } from '../db/schema.ts';
import type { Booking, Payment, Refund } from '../domain/booking.ts';
import { paymentOf, unreturnedOf } from '../domain/booking.ts';
import type { Digest } from '../domain/digest.ts';
import { digestOf } from '../domain/digest.ts';
import { EXCESS, isFrozen } from '../domain/dispute.ts';
import { disputesLearned } from '../domain/dispute-facts.ts';
import type { BookingEvent } from '../domain/events.ts';
import { evolve } from '../domain/evolve.ts';
import { isReserved } from '../domain/evolve-refund.ts';
import { money } from '../domain/money.ts';
import type { PaymentFact } from '../domain/payment.ts';
import { factsLearned } from '../domain/payment-facts.ts';
import type { Deps } from './deps.ts';
import { mustLoad } from './loading.ts';
import { adoptPaid } from './payment-news.ts';

export interface LateMoneyInput {
  readonly bookingId: string;
  readonly gateway: string;
  readonly paymentRef: string;
}

/** `isExcessTold`: staff were called for what went back beyond what was taken, and nothing has moved since. */
export type LateMoney = { now: Digest; isExcessTold: boolean } & (
  | {
      /** `held_up`: a bank had it when it came; what it lets go of is owed. */
      kind: 'owed' | 'held_up';
      refundId: string;
      amountMinor: number;
      /** That of the booking's newest papers. */
      documentVersion: number;
    }
  | { kind: 'nothing' }
);

export const lateMoneyActivities = (deps: Deps) => ({
  /** Money for a booking whose workflow is over: claimed once, recorded under the booking, owed in full. */
  async claimLateMoney({ bookingId, paymentRef, gateway }: LateMoneyInput): Promise<LateMoney> {
    const payment = await paymentNamed(deps, { bookingId, paymentRef, gateway });
    if (!payment?.ref) return nothingFor(deps, bookingId);
    const { ref } = payment;
    const fact = await deps.gateways[payment.gateway].look(ref);
    const refundId = `rf_${payment.id.slice('pay_'.length)}_late`;
    let isNew = false;
    const after = await deps.record(
      bookingId,
      (stored) => {
        const facts = lateFacts(stored.booking, { paymentId: payment.id, refundId, fact, at: deps.clock() });
        isNew = facts.some(({ type }) => type === 'payment.captured');
        return facts;
      },
      async (tx) => {
        const claim = { paymentRef: ref, gateway: payment.gateway, bookingId };
        if (isNew) await tx.insert(latePayments).values(claim).onConflictDoNothing();
      },
    );
    const told = await toldOf(deps, after);
    const owed = after.refunds.find((r) => r.id === refundId);
    const left = (await isClaimed(deps, ref)) ? unreturnedOf(after, paymentOf(after, payment.id)) : 0;
    if (left === 0 && !(owed && isUnderWay(after, owed))) return { kind: 'nothing', ...told };
    const late = { refundId, documentVersion: await lastDocumentVersion(deps.db, bookingId), ...told };
    if (owed) return { kind: 'owed', amountMinor: owed.amount.minor, ...late };
    return { kind: 'held_up', amountMinor: left, ...late };
  },
});

/**
 * Nobody may have been sent to pay it: a purchase whose answer we never got. Its news bear the name of the account
 * they came to, which several gateways of ours share, so it is found by the name under which it was adopted.
 */
async function paymentNamed(
  deps: Deps,
  { bookingId, paymentRef, gateway }: LateMoneyInput,
): Promise<Payment | undefined> {
  const { booking } = await mustLoad(deps, bookingId);
  const known = booking.payments.find((p) => p.ref === paymentRef && p.gateway === gateway);
  if (known) return known;
  const ref = await adoptPaid(deps, bookingId, paymentRef);
  if (ref === undefined) return undefined;
  return (await mustLoad(deps, bookingId)).booking.payments.find((p) => p.ref === ref);
}

async function nothingFor(deps: Deps, bookingId: string): Promise<LateMoney> {
  return { kind: 'nothing', ...(await toldOf(deps, (await mustLoad(deps, bookingId)).booking)) };
}

const toldOf = async (deps: Deps, booking: Booking) => ({
  now: digestOf(booking),
  isExcessTold: await isExcessTold(deps, booking.id),
});

async function isExcessTold({ db }: Deps, bookingId: string): Promise<boolean> {
  const { data, seq } = bookingEvents;
  const facts = await db
    .select({ data })
    .from(bookingEvents)
    .where(eq(bookingEvents.bookingId, bookingId))
    .orderBy(seq);
  const called = facts.findLastIndex(({ data: fact }) => fact.type === 'attention.raised' && fact.step === EXCESS);
  return called > facts.findLastIndex(({ data: { type } }) => /^(dispute|refund)\./.test(type));
}

/** What is owed was refused, or came back, and goes again under another name. */
const isUnderWay = ({ refunds }: Booking, { paymentId }: Refund): boolean =>
  refunds.some((refund) => refund.paymentId === paymentId && isReserved(refund));

async function isClaimed(deps: Deps, paymentRef: string): Promise<boolean> {
  const rows = await deps.db.select().from(latePayments).where(eq(latePayments.paymentRef, paymentRef));
  return rows.length > 0;
}

interface Late {
  readonly paymentId: string;
  readonly refundId: string;
  readonly fact: PaymentFact;
  readonly at: Date;
}

/** Only money we did not know of is late: a payment long recorded has had its use, whatever a bank says of it. */
function lateFacts(booking: Booking, { paymentId, refundId, fact, at }: Late): readonly BookingEvent[] {
  const known = paymentOf(booking, paymentId);
  const learned = [...factsLearned(known, fact), ...disputesLearned(booking, known, fact)];
  if (!learned.some(({ type }) => type === 'payment.captured')) return learned;
  const after = learned.reduce((soFar, event) => evolve(soFar, event, at.toISOString()), booking);
  const payment = paymentOf(after, paymentId);
  // A bank has it: given back as well, it would go back twice.
  if (isFrozen(after, payment) || unreturnedOf(after, payment) === 0) return learned;
  return [...learned, owedFor(after, payment, refundId)];
}

const owedFor = (booking: Booking, payment: Payment, refundId: string): BookingEvent => ({
  type: 'refund.requested',
  refundId,
  paymentId: payment.id,
  amount: money(unreturnedOf(booking, payment), payment.amount.currency),
  cause: 'late',
  reason: 'the payment came after the booking had ended',
  actor: 'workflow',
  needsApproval: false,
});
