// The call that gives money back: written down before it is made, and never made again without proof that it had no effect.
import { and, eq, inArray, isNotNull, ne } from 'drizzle-orm';
import type { StoredBooking } from '../db/bookings.ts';
import { lockBooking } from '../db/bookings.ts';
import type { Queryable } from '../db/client.ts';
import { refunds } from '../db/schema.ts';
import { paymentOf, refundOf } from '../domain/booking.ts';
import type { Payment } from '../domain/booking.ts';
import { isFrozen } from '../domain/dispute.ts';
import type { RefundFact, RefundOrder } from '../domain/payment.ts';
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

/** A call begun before may have been carried out: then ask first, whatever became of its answer. */
export async function askForRefund(deps: Deps, call: RefundCall): Promise<RefundFact> {
  const gateway = deps.gateways[call.payment.gateway];
  const asked = await refundAsked(deps, call);
  if (asked.askedAt !== undefined) {
    const found = await lookAsked(deps, call, asked);
    if (found.kind !== 'absent') return found;
  }
  const claim = await claimCall(deps, call);
  if (claim.kind === 'frozen') return FROZEN;
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

/** What became of it at the gateway, as it may have been asked for already. */
export async function lookForRefund(deps: Deps, call: RefundCall): Promise<RefundFact | { kind: 'absent' }> {
  return lookAsked(deps, call, await refundAsked(deps, call));
}

/** After a loss several may count as asked for, of which one was. Each would take the other's return for its own. */
async function lookAsked(deps: Deps, { refundId, payment }: RefundCall, asked: RefundOrder) {
  const gateway = deps.gateways[payment.gateway];
  const isTold = !gateway.refundsOneByOne || asked.askedAt === undefined;
  if (!isTold && (await isAnotherUnderWay(deps.db, refundId, payment.id)))
    throw needsStaff('several refunds of the payment may be under way: which of them is not known', BETWEEN_REFUNDS_MS);
  return gateway.lookRefund(asked);
}

async function refundAsked(deps: Deps, { bookingId, refundId }: RefundCall): Promise<RefundOrder> {
  const [row] = await deps.db.select({ calledAt: refunds.calledAt }).from(refunds).where(eq(refunds.id, refundId));
  const order = orderIn(await mustLoad(deps, bookingId), refundId);
  return row?.calledAt ? { ...order, askedAt: row.calledAt.toISOString() } : order;
}

function orderIn({ booking }: StoredBooking, refundId: string): RefundOrder {
  const refund = refundOf(booking, refundId);
  return refundOrderOf(booking, refund, paymentOf(booking, refund.paymentId));
}

type Claim = { kind: 'claimed'; order: RefundOrder } | { kind: 'frozen' } | { kind: 'another_under_way' };

/** Under the booking's lock, so that of two that come at once one sees the other, and both what has ended before. */
function claimCall(deps: Deps, { bookingId, refundId, payment }: RefundCall): Promise<Claim> {
  return deps.db.transaction(async (tx): Promise<Claim> => {
    const stored = await lockBooking(tx, bookingId);
    // What was reserved before the dispute was known has not left: it would go back twice.
    if (isFrozen(stored.booking, payment)) return { kind: 'frozen' };
    const oneByOne = deps.gateways[payment.gateway].refundsOneByOne;
    if (oneByOne && (await isAnotherUnderWay(tx, refundId, payment.id))) return { kind: 'another_under_way' };
    await tx.update(refunds).set({ calledAt: deps.clock() }).where(eq(refunds.id, refundId));
    return { kind: 'claimed', order: orderIn(stored, refundId) };
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
