// When a person can be forgotten: as soon as nobody needs to know any more who it was.
import type { Booking } from './booking.ts';
import { isEnded, isServed } from './booking.ts';
import { isPending } from './dispute.ts';

/** What a booking still needs its person for; `now`: nothing. */
export type Forgettable =
  | 'now'
  | 'booking_under_way'
  | 'service_to_come'
  | 'refund_under_way'
  | 'dispute_open'
  | 'needs_attention';

const DAY_MS = 86_400_000;
/** A stay goes on after it began, goods are on their way, and complaints come in the days after. */
const AFTER_SERVICE_MS = 30 * DAY_MS;

export function forgettableAt(booking: Booking, nowMs: number): Forgettable {
  if (booking.attention) return 'needs_attention';
  if (booking.disputes.some(isPending)) return 'dispute_open';
  if (booking.refunds.some(({ status }) => status !== 'succeeded' && status !== 'failed')) return 'refund_under_way';
  if (isEnded(booking.phase)) return 'now';
  if (!isServed(booking.phase)) return 'booking_under_way';
  return nowMs >= servedMs(booking) + AFTER_SERVICE_MS ? 'now' : 'service_to_come';
}

/** Where nobody said when, it began when it was sold. */
const servedMs = ({ serviceAt, confirmedAt }: Booking): number => Date.parse(serviceAt ?? confirmedAt ?? '') || 0;
