// The call that gives money back: written down before it is made, and never made again without proof that it had no effect.
import { and, eq, inArray, isNotNull, ne } from 'drizzle-orm';
import type { StoredBooking } from '../db/bookings.ts';
import { lockBooking } from '../db/bookings.ts';
import type { Queryable } from '../db/client.ts';
import { refunds } from '../db/schema.ts';
import { paymentOf, refundOf } from '../domain/booking.ts';
import type { Payment } from '../domain/booking.ts';
import { isFrozen } from '../domain/dispute.ts';
import { isReserved } from '../domain/evolve-refund.ts';
import type { RefundBaseline, RefundFact, RefundOrder } from '../domain/refund-order.ts';
import { GatewayUnreachable } from '../domain/payment.ts';
import type { Deps } from './deps.ts';
import { needsStaff, notYet } from './failures.ts';
import { mustLoad } from './loading.ts';
import { refundOrderOf } from './refund-order.ts';

export interface RefundCall {
  readonly bookingId: string;
  readonly refundId: string;
  readonly payment: Payment;
}

const FROZEN: RefundFact = {
  kind: 'failed',
  ref: null,
  code: 'payment_disputed',
  message: 'a bank has the money until it decides',
};

/** A call begun before may have been carried out: then ask first, whatever became of its answer. Over: it had its end meanwhile. */
export async function askForRefund(deps: Deps, call: RefundCall): Promise<RefundFact | { kind: 'over' }> {
  const gateway = deps.gateways[call.payment.gateway];
  const { order: asked, version } = await readAsked(deps, call);
  // Before the look: what an earlier call does after the look is then a change since.
  const before = await gateway.beforeRefund?.(asked.paymentRef);
  if (asked.askedAt !== undefined) {
    const found = await lookAsked(deps, call, asked);
    if (found.kind !== 'absent') return found;
  }
  const claim = await claimCall(deps, call, { askedAt: asked.askedAt, version, before });
  if (claim.kind === 'over') return claim;
  if (claim.kind === 'frozen') return FROZEN;
  if (claim.kind === 'just_asked') throw notYet('another try has just asked', BETWEEN_TRIES_MS);
  if (claim.kind === 'out_of_date') throw notYet('what the gateway said before is out of date', BETWEEN_TRIES_MS);
  if (claim.kind === 'another_under_way')
    throw notYet('another refund of the same payment is under way', BETWEEN_REFUNDS_MS);
  try {
    return await gateway.refund(claim.order, call.refundId);
  } catch (error) {
    if (error instanceof GatewayUnreachable)
      await deps.db
        .update(refunds)
        .set({ status: 'unknown' })
        .where(and(eq(refunds.id, call.refundId), eq(refunds.status, 'pending')));
    throw error;
  }
}

const BETWEEN_REFUNDS_MS = 10_000;
const BETWEEN_TRIES_MS = 5_000;

/** What became of it at the gateway, as it may have been asked for already. */
export async function lookForRefund(deps: Deps, call: RefundCall): Promise<RefundFact | { kind: 'absent' }> {
  return lookAsked(deps, call, (await readAsked(deps, call)).order);
}

/** After a loss several may count as asked for, of which one was. Each would take the other's return for its own. */
async function lookAsked(deps: Deps, { refundId, payment }: RefundCall, asked: RefundOrder) {
  const gateway = deps.gateways[payment.gateway];
  const isTold = !gateway.refundsOneByOne || asked.askedAt === undefined;
  if (!isTold && (await isAnotherUnderWay(deps.db, refundId, payment.id)))
    throw needsStaff('several refunds of the payment may be under way: which of them is not known', BETWEEN_REFUNDS_MS);
  return gateway.lookRefund(asked);
}

/** `version`: of the booking as it was then. */
async function readAsked(
  deps: Deps,
  { bookingId, refundId }: RefundCall,
): Promise<{ order: RefundOrder; version: number }> {
  const call = await lastCall(deps.db, refundId);
  const stored = await mustLoad(deps, bookingId);
  return { order: { ...orderIn(stored, refundId), ...call }, version: stored.booking.version };
}

/** As it was written down. */
async function lastCall(on: Queryable, refundId: string): Promise<Pick<RefundOrder, 'askedAt' | 'before'>> {
  const { calledAt, leftBeforeMinor, attemptsBefore } = refunds;
  const [row] = await on
    .select({ calledAt, leftBeforeMinor, attemptsBefore })
    .from(refunds)
    .where(eq(refunds.id, refundId));
  if (!row?.calledAt) return {};
  const askedAt = row.calledAt.toISOString();
  if (row.attemptsBefore === null) return { askedAt };
  return { askedAt, before: { leftMinor: row.leftBeforeMinor, attempts: row.attemptsBefore } };
}

function orderIn({ booking }: StoredBooking, refundId: string): RefundOrder {
  const refund = refundOf(booking, refundId);
  return refundOrderOf(booking, refund, paymentOf(booking, refund.paymentId));
}

type Claim =
  | { kind: 'claimed'; order: RefundOrder }
  | { kind: 'over' }
  | { kind: 'just_asked' }
  | { kind: 'out_of_date' }
  | { kind: 'frozen' }
  | { kind: 'another_under_way' };

/** What a claim rests on: the last call that the look was for, and what the gateway said of the booking at that version. */
interface Grounds {
  readonly askedAt: string | undefined;
  readonly version: number;
  readonly before: RefundBaseline | undefined;
}

/** Under the booking's lock, so that of two that come at once one sees the other, and both what has ended before. */
function claimCall(
  deps: Deps,
  { bookingId, refundId, payment }: RefundCall,
  { askedAt, version, before }: Grounds,
): Promise<Claim> {
  return deps.db.transaction(async (tx): Promise<Claim> => {
    const stored = await lockBooking(tx, bookingId);
    if (!isReserved(refundOf(stored.booking, refundId))) return { kind: 'over' };
    // What the look before this said, it said of the call before that one.
    if ((await lastCall(tx, refundId)).askedAt !== askedAt) return { kind: 'just_asked' };
    // Another refund that ended meanwhile may have moved it: what that one did would be taken for this one.
    if (before && stored.booking.version !== version) return { kind: 'out_of_date' };
    // What was reserved before the dispute was known has not left: it would go back twice.
    if (isFrozen(stored.booking, payment)) return { kind: 'frozen' };
    const oneByOne = deps.gateways[payment.gateway].refundsOneByOne;
    if (oneByOne && (await isAnotherUnderWay(tx, refundId, payment.id))) return { kind: 'another_under_way' };
    const calledAt = deps.clock();
    const told = { leftBeforeMinor: before?.leftMinor ?? null, attemptsBefore: before?.attempts ?? null };
    await tx
      .update(refunds)
      .set({ calledAt, ...told })
      .where(eq(refunds.id, refundId));
    return { kind: 'claimed', order: { ...orderIn(stored, refundId), ...(await lastCall(tx, refundId)) } };
  });
}

async function isAnotherUnderWay(on: Queryable, refundId: string, paymentId: string): Promise<boolean> {
  const others = await on
    .select({ id: refunds.id })
    .from(refunds)
    .where(
      and(
        eq(refunds.paymentId, paymentId),
        ne(refunds.id, refundId),
        isNotNull(refunds.calledAt),
        inArray(refunds.status, ['pending', 'unknown']),
      ),
    )
    .limit(1);
  return others.length > 0;
}
