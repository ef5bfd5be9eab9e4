// Staff gives money back: small sums at once, larger ones when a second person agrees.
import type { StoredBooking } from '../../db/bookings.ts';
import { loadBooking } from '../../db/bookings.ts';
import { recordAudit, refundReasons, sealWords } from '../../db/audit.ts';
import {
  isServed,
  isToHandOut,
  isWithdrawn,
  refundableMinor,
  staffRefundsMinor,
  unreturnedMinor,
} from '../../domain/booking.ts';
import type { Booking, Refund } from '../../domain/booking.ts';
import { awaitedMinor } from '../../domain/dispute.ts';
import { chargeStep, downToStep, formatMajor, money, parseMajor } from '../../domain/money.ts';
import { waitsForBank } from '../../domain/refund-verdict.ts';
import type { RefundResult } from '../../workflows/messages.ts';
import { forbidden } from '../auth.ts';
import type { Principal } from '../auth.ts';
import { VisibleError } from '../errors.ts';
import { answeredOf, notReady } from './asking.ts';
import type { Desk } from './desk.ts';
import type { Reply } from './door.ts';
import { refuseUnreturnable } from './returnable.ts';

export interface RefundWish {
  readonly refundId: string;
  /** Null: everything that is left. */
  readonly amountMinor: number | null;
  readonly reason: string;
  readonly principal: Principal;
}

export interface RefundNow {
  readonly refundId: string;
  readonly status: Refund['status'];
  /** The gateway's own name of it, once known. */
  readonly ref: string | null;
  readonly amountMinor: number;
  readonly currency: string;
  /** Staff have to give it: nobody else can. */
  readonly toHandOut: boolean;
  /** What could be given back after this. */
  readonly leftMinor: number;
  /** Whether there is a row of it, and so somebody who works on it. */
  readonly known: boolean;
}

/** Nobody works on it any more. */
export const isFinal = ({ status }: RefundNow): boolean => status === 'succeeded' || status === 'failed';

export async function refundBooking(desk: Desk, { booking, row }: StoredBooking, wish: RefundWish): Promise<RefundNow> {
  const { refundId, amountMinor, reason, principal } = wish;
  const { sub: actor, role } = principal;
  const before = booking.refunds.find((refund) => refund.id === refundId);
  if (before) return refundNow(desk, { bookingId: row.id, refundId, wanted: before.amount.minor });
  const left = refundableMinor(booking);
  if (left === 0 && waitsForBank(booking, { cause: 'staff' })) throw notRefundable('payment_disputed');
  const wanted = amountMinor ?? downToStep(left, row.currency);
  if (downToStep(wanted, row.currency) !== wanted) throw unmovable(row.currency);
  if (booking.sums.capturedMinor === 0) throw notRefundable('nothing_captured');
  if (wanted > left || wanted === 0) throw exceeds(left, row.currency);
  await refuseUnreturnable(desk, booking, wanted);
  await recordAudit(desk.db, {
    actor,
    role,
    action: 'refund',
    bookingId: row.id,
    detail: { refundId, amountMinor },
    sealedWords: await sealWords(desk.keyring, row.id, reason),
  });
  // A program speaks for a house that has decided; the limit asks for a second person of ours.
  const approvalLimitMinor = role === 'service' ? null : limitMinor(desk, row.currency);
  const reply = await desk.door.refund(row.id, { refundId, amountMinor: wanted, actor, approvalLimitMinor });
  return settled(desk, { reply, bookingId: row.id, refundId, wanted });
}

export async function approveRefund(
  desk: Desk,
  { booking, row }: StoredBooking,
  asked: { refundId: string; principal: Principal },
): Promise<RefundNow> {
  const { refundId, principal } = asked;
  const { sub: actor, role } = principal;
  const refund = known(booking, refundId);
  if (refund.actor === actor) throw forbidden(SAME_PERSON);
  if (refund.status !== 'awaiting_approval') throw notRefundable('not_waiting');
  await recordAudit(desk.db, { actor, role, action: 'approve_refund', bookingId: row.id, detail: { refundId } });
  const reply = await desk.door.approveRefund(row.id, { refundId, actor });
  return settled(desk, { reply, bookingId: row.id, refundId, wanted: refund.amount.minor });
}

/** By whoever asked for it, too: to give nothing back takes no second person. */
export async function withdrawRefund(
  desk: Desk,
  { booking, row }: StoredBooking,
  asked: { refundId: string; principal: Principal },
): Promise<RefundNow> {
  const { refundId, principal } = asked;
  const { sub: actor, role } = principal;
  const refund = known(booking, refundId);
  const now = { bookingId: row.id, refundId, wanted: refund.amount.minor };
  if (isWithdrawn(refund)) return refundNow(desk, now);
  if (refund.status !== 'awaiting_approval') throw notRefundable('not_waiting');
  await recordAudit(desk.db, { actor, role, action: 'withdraw_refund', bookingId: row.id, detail: { refundId } });
  const reply = await desk.door.withdrawRefund(row.id, { refundId, actor });
  if (reply.kind === 'slow') return underWay(desk, now);
  const result = answeredOf(reply);
  if (result.kind === 'not_refundable') throw notRefundable(result.code);
  return refundNow(desk, now);
}

function known({ refunds }: Booking, refundId: string): Refund {
  const refund = refunds.find(({ id }) => id === refundId);
  if (!refund) throw new VisibleError('not_found', 'There is no such refund.', { code: 'refund_not_found' });
  return refund;
}

/**
 * Giving back a whole trip that was sold, or what was kept of one by agreement, is a refund: it must not go round the second
 * person, whatever else needs one there. What a bank has is not ours to give.
 */
export function refuseUnapproved(desk: Desk, { booking }: StoredBooking): void {
  const wasSold = isServed(booking.phase) || (booking.phase === 'cancelled' && booking.confirmedAt !== null);
  const { currency } = booking.charge;
  const wouldGo = Math.max(0, unreturnedMinor(booking) - awaitedMinor(booking));
  const returning = wouldGo === 0 ? 0 : staffRefundsMinor(booking, currency) + wouldGo;
  if (!wasSold || returning <= limitMinor(desk, currency)) return;
  throw new VisibleError('conflict', 'This much goes back only with a second person: ask for a refund instead.', {
    code: 'needs_approval',
  });
}

/** No limit, or one that this currency cannot express, asks for a second person: the safe side. */
function limitMinor({ config }: Desk, currency: string): number {
  const { of, others } = config.approvalLimits;
  const limit = of.get(currency) ?? others;
  return limit === null ? 0 : (parseMajor(limit, currency)?.minor ?? 0);
}

export const reasonsGiven = (desk: Desk, bookingId: string): Promise<ReadonlyMap<string, string>> =>
  refundReasons(desk.db, desk.keyring, bookingId);

interface Settling {
  readonly reply: Reply<RefundResult>;
  readonly bookingId: string;
  readonly refundId: string;
  readonly wanted: number;
}

async function settled(desk: Desk, { reply, bookingId, refundId, wanted }: Settling): Promise<RefundNow> {
  // Not final in time is no failure: the refund goes on, and its state can be asked for.
  if (reply.kind === 'slow') return underWay(desk, { bookingId, refundId, wanted });
  const result = answeredOf(reply);
  if (result.kind === 'not_refundable') throw notRefundable(result.code);
  const now = await refundNow(desk, { bookingId, refundId, wanted });
  if (result.kind === 'exceeds') throw exceeds(result.leftMinor, now.currency);
  return { ...now, status: result.status };
}

/** Heard or not: without a row nobody works on it yet, and the same request must be sent again. */
async function underWay(desk: Desk, asked: Omit<Settling, 'reply'>): Promise<RefundNow> {
  const now = await refundNow(desk, asked);
  if (!now.known) throw notReady();
  return now;
}

async function refundNow(desk: Desk, { bookingId, refundId, wanted }: Omit<Settling, 'reply'>): Promise<RefundNow> {
  const stored = await loadBooking(desk.db, bookingId);
  if (!stored) throw new Error(`no booking ${bookingId}`);
  const refund = stored.booking.refunds.find(({ id }) => id === refundId);
  const { currency } = stored.row;
  const leftMinor = refundableMinor(stored.booking);
  const base = { refundId, currency, leftMinor };
  if (!refund) return { ...base, known: false, status: 'pending', toHandOut: false, ref: null, amountMinor: wanted };
  return {
    ...base,
    known: true,
    status: refund.status,
    toHandOut: isToHandOut(refund),
    ref: refund.ref,
    amountMinor: refund.amount.minor,
  };
}

function unmovable(currency: string): VisibleError {
  const step = `${formatMajor(money(chargeStep(currency), currency))} ${currency}`;
  return new VisibleError('invalid', 'The request is not valid.', {
    fields: { amount: [`must be a multiple of ${step}`] },
  });
}

function exceeds(leftMinor: number, currency: string): VisibleError {
  const left = `${formatMajor(money(leftMinor, currency))} ${currency}`;
  return new VisibleError('conflict', `Only ${left} can still be refunded.`, {
    code: 'refund_exceeds_captured',
    details: { left: leftMinor },
  });
}

const SAME_PERSON = 'A refund is approved by somebody else than who asked for it.';

export const DISPUTED = 'The payment is disputed: its money is with the bank of the customer until that has decided.';

const NOT_REFUNDABLE: Record<Extract<RefundResult, { kind: 'not_refundable' }>['code'], string> = {
  nothing_captured: 'Nothing was paid that could be refunded.',
  in_progress: 'The booking is still being worked on.',
  not_waiting: 'This refund does not wait for approval.',
  same_person: SAME_PERSON,
  payment_disputed: DISPUTED,
};

const notRefundable = (code: keyof typeof NOT_REFUNDABLE): VisibleError =>
  new VisibleError('conflict', NOT_REFUNDABLE[code], { code });
