// The call that gives money back: written down before it is made, and never made again without proof that it had no effect.
import { and, eq, inArray, isNotNull, ne } from 'drizzle-orm';
import type { StoredBooking } from '../db/bookings.ts';
import { lockBooking } from '../db/bookings.ts';
import type { Queryable, Transaction } from '../db/client.ts';
import { refunds } from '../db/schema.ts';
import { paymentOf, refundOf } from '../domain/booking.ts';
import type { Payment } from '../domain/booking.ts';
import { isFrozen } from '../domain/dispute.ts';
import { isReserved } from '../domain/evolve-refund.ts';
import type { RefundFact, RefundOrder } from '../domain/payment.ts';
import { GatewayUnreachable } from '../domain/payment.ts';
import type { Deps } from './deps.ts';
import { notYet } from './failures.ts';
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
  const asked = await refundAsked(deps, call);
  if (asked.askedAt !== undefined) {
    const found = await gateway.lookRefund(asked);
    if (found.kind !== 'absent') return found;
  }
  const claim = await claimCall(deps, call, asked);
  if (claim.kind === 'over') return claim;
  if (claim.kind === 'frozen') return FROZEN;
  if (claim.kind === 'just_asked') throw notYet('another try has just asked', BETWEEN_TRIES_MS);
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

/** As it may have been asked for already. */
export async function refundAsked(
  deps: Deps,
  { bookingId, refundId }: Omit<RefundCall, 'payment'>,
): Promise<RefundOrder> {
  const askedAt = await lastAsked(deps.db, refundId);
  const order = orderIn(await mustLoad(deps, bookingId), refundId);
  return askedAt === undefined ? order : { ...order, askedAt };
}

async function lastAsked(on: Queryable, refundId: string): Promise<string | undefined> {
  const [row] = await on.select({ calledAt: refunds.calledAt }).from(refunds).where(eq(refunds.id, refundId));
  return row?.calledAt?.toISOString();
}

function orderIn({ booking }: StoredBooking, refundId: string): RefundOrder {
  const refund = refundOf(booking, refundId);
  return refundOrderOf(booking, refund, paymentOf(booking, refund.paymentId));
}

type Claim =
  | { kind: 'claimed'; order: RefundOrder }
  | { kind: 'over' }
  | { kind: 'just_asked' }
  | { kind: 'frozen' }
  | { kind: 'another_under_way' };

/** Under the booking's lock, so that of two that come at once one sees the other, and both what has ended before. */
function claimCall(
  deps: Deps,
  { bookingId, refundId, payment }: RefundCall,
  { askedAt }: Pick<RefundOrder, 'askedAt'>,
): Promise<Claim> {
  return deps.db.transaction(async (tx): Promise<Claim> => {
    const stored = await lockBooking(tx, bookingId);
    if (!isReserved(refundOf(stored.booking, refundId))) return { kind: 'over' };
    // What the look before this said, it said of the call before that one.
    if ((await lastAsked(tx, refundId)) !== askedAt) return { kind: 'just_asked' };
    // What was reserved before the dispute was known has not left: it would go back twice.
    if (isFrozen(stored.booking, payment)) return { kind: 'frozen' };
    const oneByOne = deps.gateways[payment.gateway].refundsOneByOne;
    if (oneByOne && (await isAnotherUnderWay(tx, refundId, payment.id))) return { kind: 'another_under_way' };
    const calledAt = deps.clock();
    await tx.update(refunds).set({ calledAt }).where(eq(refunds.id, refundId));
    return { kind: 'claimed', order: { ...orderIn(stored, refundId), askedAt: calledAt.toISOString() } };
  });
}

async function isAnotherUnderWay(tx: Transaction, refundId: string, paymentId: string): Promise<boolean> {
  const others = await tx
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
