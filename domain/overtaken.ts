// Whether a letter that waited still tells the truth: while no mail could go out, the booking went on.
import { isServed, leadingPayment } from './booking.ts';
import type { Booking } from './booking.ts';
import type { NoticeKind } from './notices.ts';
import { tripTaken } from './trip.ts';

type Rule = (booking: Booking, version: string) => boolean;

/** Each fact that makes one of these untrue brings a letter of its own, so nobody is left without word. */
export const isOvertaken = (kind: NoticeKind, version: string, booking: Booking): boolean =>
  RULES[kind]?.(booking, version) ?? false;

const isNotServed: Rule = ({ phase }) => !isServed(phase);
/** It came back, or never arrived. */
const hasFailed: Rule = ({ refunds }, refundId) =>
  refunds.some(({ id, status }) => id === refundId && status === 'failed');
/** What came beside, or bought an earlier one, has its own letters. */
const wasCharged: Rule = (booking) => tripTaken(booking);
/** A try may be under way while the letter tells of the one before it. */
const isPayable = ({ phase }: Booking): boolean => phase === 'awaiting_payment' || phase === 'processing';

const RULES: Readonly<Partial<Record<NoticeKind, Rule>>> = {
  booking_confirmed: isNotServed,
  voucher_ready: isNotServed,
  payment_failed: (booking, attempt) => !isPayable(booking) || String(leadingPayment(booking)?.attempt) !== attempt,
  booking_expired: (booking, version) => booking.phase !== 'expired' || wasCharged(booking, version),
  hold_released: wasCharged,
  booking_refunded: hasFailed,
  duplicate_refunded: hasFailed,
  late_payment_refunded: hasFailed,
  mispaid_refunded: hasFailed,
};
