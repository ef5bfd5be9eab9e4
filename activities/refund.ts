// Verbs about money going back: the row first, the amount reserved, then the call.
import type { ApplicationFailure } from '@temporalio/common';
import { and, eq } from 'drizzle-orm';
import { bookingEvents } from '../db/schema.ts';
import type { Booking, Payment, Refund, RefundCause } from '../domain/booking.ts';
import {
  holdsMoney,
  isToHandOut,
  isUnderWay,
  paymentOf,
  refundOf,
  refundableMinor,
  refundableOfPayment,
} from '../domain/booking.ts';
import { isFrozen } from '../domain/dispute.ts';
import type { Digest } from '../domain/digest.ts';
import { digestOf } from '../domain/digest.ts';
import type { BookingEvent } from '../domain/events.ts';
import { keyOf } from '../domain/events.ts';
import { evolve } from '../domain/evolve.ts';
import { isReserved } from '../domain/evolve-refund.ts';
import { money } from '../domain/money.ts';
import type { RefundFact } from '../domain/refund-order.ts';
import { MISPAID, straySuccesses } from '../domain/payment-facts.ts';
import { judgeRefund, lapsedRefunds, leftFor, stillAgreed } from '../domain/refund-verdict.ts';
import type { RefundVerdict, RefundWish } from '../domain/refund-verdict.ts';
import type { Deps } from './deps.ts';
import { recordDisputes } from './disputes.ts';
import { notYet, notYetUnless } from './failures.ts';
import { mustLoad } from './loading.ts';
import { askForRefund, lookForRefund } from './refund-call.ts';
import { hasMoved, refundsElsewhere, wentBack } from './returns.ts';

export interface ReserveRefundInput extends RefundWish {
  readonly bookingId: string;
}

export type ReserveOutcome =
  /** leftMinor: what is to be given back yet beside this. */
  | { kind: 'reserved' | 'awaiting_approval'; amountMinor: number; leftMinor: number; now: Digest }
  | { kind: 'exceeds'; leftMinor: number; now: Digest }
  /** A bank has the money until it decides: to be asked for again then. */
  | { kind: 'disputed'; now: Digest }
  | { kind: 'nothing_left'; now: Digest };

export interface RefundInput {
  readonly bookingId: string;
  readonly refundId: string;
}

/** disputed: refused because a bank has the money until it decides. To hand out: only staff can give it. */
export type RefundOutcome = { kind: 'succeeded' | 'pending' | 'failed' | 'disputed' | 'to_hand_out'; now: Digest };
export interface ReservedReturn {
  readonly refundId: string;
  readonly amountMinor: number;
  readonly cause: RefundCause;
  readonly reason: string;
}
export interface DuplicatesOutcome {
  readonly owed: readonly ReservedReturn[];
  readonly now: Digest;
}
export type ApproveOutcome = {
  kind: 'approved' | 'exceeds' | 'not_waiting' | 'same_person' | 'disputed';
  leftMinor: number;
  now: Digest;
};

export const refundActivities = (deps: Deps) => ({
  async reserveRefund(input: ReserveRefundInput): Promise<ReserveOutcome> {
    let verdict: RefundVerdict = { kind: 'nothing_left' };
    const after = await deps.record(input.bookingId, ({ booking }) => {
      verdict = judgeRefund(booking, input);
      return verdict.kind === 'reserve' ? [verdict.event] : [];
    });
    return outcomeOf(verdict, after, input);
  },

  async approveRefund({ bookingId, refundId, actor }: RefundInput & { actor: string }): Promise<ApproveOutcome> {
    // Said once, heard twice: an approval whose answer was lost is still this person's approval.
    let kind: ApproveOutcome['kind'] = (await wasApproved(deps, { bookingId, refundId, actor }))
      ? 'approved'
      : 'not_waiting';
    const after = await deps.record(bookingId, ({ booking }) => {
      const refund = booking.refunds.find((r) => r.id === refundId);
      if (refund?.status !== 'awaiting_approval') return [];
      if (refund.actor === actor) {
        kind = 'same_person';
        return [];
      }
      kind = approvalOf(booking, refund);
      if (kind === 'exceeds') return lapsedRefunds(booking);
      return kind === 'approved' ? [{ type: 'refund.approved', refundId, actor }] : [];
    });
    return { kind, leftMinor: refundableMinor(after), now: digestOf(after) };
  },

  async executeRefund({ bookingId, refundId }: RefundInput): Promise<RefundOutcome> {
    const { booking } = await mustLoad(deps, bookingId);
    const refund = refundOf(booking, refundId);
    if (refund.status === 'succeeded' || refund.status === 'failed') return endOf(booking, refund);
    const payment = paymentOf(booking, refund.paymentId);
    const fact = await askForRefund(deps, { bookingId, payment, refundId });
    if (fact.kind === 'over') return endNow(deps, { bookingId, refundId });
    return settle(deps, { bookingId, refundId, fact, payment });
  },

  /** Waits for a gateway that takes its time; ends only with its final word. */
  async awaitRefund({ bookingId, refundId }: RefundInput): Promise<RefundOutcome> {
    const { booking } = await mustLoad(deps, bookingId);
    const refund = refundOf(booking, refundId);
    if (refund.status === 'succeeded' || refund.status === 'failed') return endOf(booking, refund);
    const payment = paymentOf(booking, refund.paymentId);
    const fact = await lookForRefund(deps, { bookingId, payment, refundId });
    if (fact.kind === 'absent' || fact.kind === 'pending') throw stillRefunding(refund, fact.kind, deps.clock());
    return settle(deps, { bookingId, refundId, fact, payment });
  },

  /** Reserves the return of every success beside the first; answers with what must now be executed. */
  async reserveDuplicates({ bookingId }: Pick<RefundInput, 'bookingId'>): Promise<DuplicatesOutcome> {
    const after = await deps.record(bookingId, ({ booking }) =>
      straySuccesses(booking)
        // What came back once goes by no word but a person's.
        .filter(({ id }) => !booking.refunds.some((refund) => refund.paymentId === id && refund.cameBack))
        .flatMap((p) => returnOf(booking, p)),
    );
    const open = after.refunds.filter((r) => BESIDE.test(r.id) && holdsMoney(r.status) && r.status !== 'succeeded');
    const owed = open.map(({ id, amount, cause, reason }) => ({
      refundId: id,
      amountMinor: amount.minor,
      cause,
      reason,
    }));
    return { owed, now: digestOf(after) };
  },
});

function approvalOf(booking: Booking, { amount, paymentId }: Refund): 'approved' | 'exceeds' | 'disputed' {
  const payment = paymentOf(booking, paymentId);
  if (amount.minor <= refundableOfPayment(booking, payment)) return 'approved';
  return isFrozen(booking, payment) ? 'disputed' : 'exceeds';
}

function outcomeOf(verdict: RefundVerdict, after: Booking, wish: ReserveRefundInput): ReserveOutcome {
  const now = digestOf(after);
  if (verdict.kind === 'exceeds') return { ...verdict, now };
  if (verdict.kind === 'nothing_left' || verdict.kind === 'disputed') return { kind: verdict.kind, now };
  const { status, amount } = refundOf(after, wish.refundId);
  const leftMinor = Math.min(leftFor(after, wish), stillAgreed(after, wish) ?? Infinity);
  const kind = status === 'awaiting_approval' ? 'awaiting_approval' : 'reserved';
  return { kind, amountMinor: amount.minor, leftMinor, now };
}

interface Approval extends RefundInput {
  readonly actor: string;
}

async function wasApproved(deps: Deps, { bookingId, refundId, actor }: Approval): Promise<boolean> {
  const key = keyOf({ type: 'refund.approved', refundId, actor });
  const known = await deps.db
    .select({ data: bookingEvents.data })
    .from(bookingEvents)
    .where(and(eq(bookingEvents.bookingId, bookingId), eq(bookingEvents.key, key)));
  return known.some(({ data }) => data.type === 'refund.approved' && data.actor === actor);
}

function returnOf(booking: Booking, payment: Payment): readonly BookingEvent[] {
  const left = refundableOfPayment(booking, payment);
  if (left === 0) return [];
  const refundId = `rf_${payment.id.slice('pay_'.length)}_duplicate`;
  const asked = {
    type: 'refund.requested',
    refundId,
    paymentId: payment.id,
    amount: money(left, payment.amount.currency),
    actor: 'workflow',
    needsApproval: false,
  } as const;
  // Without a trip it is no second payment: it came for an attempt that was given up.
  if (!isUnderWay(booking.phase) && booking.confirmedAt === null) {
    const reason = payment.mispaid ? MISPAID : 'not what the booking costs now';
    return payment.ofEarlierTrip ? [] : [{ ...asked, cause: 'late', reason }];
  }
  return [
    { ...asked, cause: 'duplicate', reason: payment.mispaid ? MISPAID : 'paid twice' },
    { type: 'payment.duplicate_refunded', paymentId: payment.id, refundId },
  ];
}

/** Also of those that an earlier run of this had reserved. */
const BESIDE = /_duplicate$/;

interface Settlement {
  readonly bookingId: string;
  readonly refundId: string;
  readonly fact: RefundFact;
  readonly payment: Payment;
}

async function settle(deps: Deps, { fact, ...settlement }: Settlement): Promise<RefundOutcome> {
  const { bookingId, refundId } = settlement;
  let after =
    fact.kind === 'nothing_left'
      ? await settleReturned(deps, settlement)
      : await deps.record(bookingId, ({ booking }) =>
          mayEnd(booking, refundId, fact) ? [eventOf(refundId, fact)] : [],
        );
  // A dispute that nobody has told us of yet may be why it was refused.
  if (fact.kind === 'failed') after = await readDisputes(deps, settlement);
  return endOf(after, refundOf(after, refundId));
}

/** Its end may have been written down while the gateway was asked: a late refusal takes nothing back. That it was made after it had failed is for staff. */
const mayEnd = (booking: Booking, refundId: string, fact: RefundFact): boolean =>
  fact.kind === 'succeeded' || isReserved(refundOf(booking, refundId));

async function endNow(deps: Deps, { bookingId, refundId }: RefundInput): Promise<RefundOutcome> {
  const { booking } = await mustLoad(deps, bookingId);
  return endOf(booking, refundOf(booking, refundId));
}

async function readDisputes(deps: Deps, { bookingId, payment }: Omit<Settlement, 'fact'>): Promise<Booking> {
  const fact = await deps.gateways[payment.gateway].look(payment.ref ?? '');
  return recordDisputes(deps, { bookingId, paymentId: payment.id, fact });
}

function endOf(booking: Booking, refund: Refund): RefundOutcome {
  const { status, paymentId } = refund;
  const now = digestOf(booking);
  if (isToHandOut(refund)) return { kind: 'to_hand_out', now };
  if (status === 'failed') return { kind: isFrozen(booking, paymentOf(booking, paymentId)) ? 'disputed' : status, now };
  return { kind: status === 'succeeded' ? status : 'pending', now };
}

function eventOf(refundId: string, fact: Exclude<RefundFact, { kind: 'nothing_left' }>): BookingEvent {
  switch (fact.kind) {
    case 'succeeded':
      return { type: 'refund.succeeded', refundId, ref: fact.ref };
    case 'pending':
      return { type: 'refund.pending', refundId, ref: fact.ref };
    case 'failed':
      return { type: 'refund.failed', refundId, code: fact.code, message: fact.message };
  }
}

/** Somebody gave money back in the gateway's dashboard: this one, as far as its own figures cover it, else a part. */
async function settleReturned(
  deps: Deps,
  { bookingId, refundId, payment }: Omit<Settlement, 'fact'>,
): Promise<Booking> {
  const { booking } = await mustLoad(deps, bookingId);
  const fact = await deps.gateways[payment.gateway].look(payment.ref ?? '');
  // Decided where it is written down: the same money must not make two refunds.
  return deps.record(bookingId, ({ booking: now }) => {
    const refund = refundOf(now, refundId);
    if (!isReserved(refund)) return [];
    if (hasMoved(booking, now, payment)) throw notYet('another refund ended while the gateway was read', SOON_MS);
    if (wentBack({ booking: now, payment, fact }, refund))
      return [{ type: 'refund.succeeded', refundId, ref: `${fact.ref}/returned-at-the-gateway` }];
    const failed = { type: 'refund.failed', refundId, code: 'nothing_left', message: LESS_LEFT } as const;
    const after = evolve(now, failed, deps.clock().toISOString());
    return [failed, ...refundsElsewhere({ booking: after, payment: paymentOf(after, payment.id), fact })];
  });
}

const LESS_LEFT = 'the gateway has less left to give back';
const SOON_MS = 1_000;

const MINUTE_MS = 60_000;
/** Banks take days; a refund that the gateway does not know of at all is odd at once. */
const PENDING_WORRY_MS = 3 * 24 * 60 * MINUTE_MS;
const ABSENT_WORRY_MS = 15 * MINUTE_MS;

function stillRefunding(refund: Refund, as: 'absent' | 'pending', now: Date): ApplicationFailure {
  return notYetUnless(`the refund is ${as}`, {
    sinceMs: Date.parse(refund.requestedAt),
    nowMs: now.getTime(),
    patienceMs: as === 'pending' ? PENDING_WORRY_MS : ABSENT_WORRY_MS,
    delayMs: pendingDelayMs(refund, now),
  });
}

const pendingDelayMs = (refund: Refund, now: Date): number =>
  now.getTime() - Date.parse(refund.requestedAt) < 10 * MINUTE_MS ? 5_000 : 15 * MINUTE_MS;
