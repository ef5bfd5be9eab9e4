import { expect, it } from 'vitest';
import type { Booking } from '../../domain/booking.ts';
import type { NoticeKind } from '../../domain/notices.ts';
import { isOvertaken } from '../../domain/overtaken.ts';
import { CONFIRMED, after, facts, newBooking } from './sample-booking.ts';

const DECLINED = [facts.opened(), facts.declined()];
const EXPIRED = [facts.opened(), facts.closed(), facts.expired()];
const AGAIN = [facts.opened(2), facts.closed(2), facts.expired(2)];
const STAY = newBooking({ storefront: 'travello' });
const SOLD_BEFORE = [...CONFIRMED, facts.refundAsked(1, 10_000), facts.refundSucceeded(1)];
const LATE_BACK = [
  ...EXPIRED,
  facts.captured(),
  facts.refundAsked(1, 10_000, { cause: 'late' }),
  facts.refundSucceeded(1),
];
const RETURNED = [...CONFIRMED, facts.refundAsked(1, 2_000), facts.refundSucceeded(1)];

it.each<[NoticeKind, string, string, Booking]>([
  ['payment_failed', '1', 'it can still be paid', after(DECLINED)],
  ['payment_failed', '1', 'another try is under way', after([...DECLINED, facts.processing(1, 1)])],
  ['booking_expired', '1', 'nothing came', after(EXPIRED)],
  ['booking_expired', '2', 'what was paid bought an earlier trip', after([...SOLD_BEFORE, ...AGAIN], STAY)],
  ['booking_expired', '2', 'late money went back before', after([...LATE_BACK, ...AGAIN], STAY)],
  ['booking_confirmed', '1', 'somebody travels on it', after(CONFIRMED)],
  ['booking_confirmed', '1', 'a part went back', after(RETURNED)],
  ['voucher_ready', '2', 'somebody travels on it', after(CONFIRMED)],
  ['booking_refunded', 'rf_1', 'it has arrived', after(RETURNED)],
  ['booking_refunded', 'all-1', 'another refund failed', after([...RETURNED, facts.refundFailed(1)])],
  ['hold_released', '1', 'nothing was taken', after([facts.opened(), facts.failed()])],
  ['booking_cancelled', '1', 'cancelled is cancelled', after([...CONFIRMED, facts.cancelled()])],
])('%s (%s) goes out: %s', (kind, version, _, booking) => {
  expect(isOvertaken(kind, version, booking)).toBe(false);
});

it.each<[NoticeKind, string, string, Booking]>([
  ['payment_failed', '1', 'it was paid since', after([...DECLINED, ...CONFIRMED.slice(1)])],
  ['payment_failed', '1', 'it ran out since', after([...DECLINED, facts.closed(), facts.expired()])],
  ['payment_failed', '1', 'another attempt is open', after([...DECLINED, facts.closed(), facts.opened(2)])],
  ['booking_expired', '1', 'late money bought it', after([...EXPIRED, facts.captured(), facts.revived()])],
  ['booking_expired', '1', 'late money goes back', after([...EXPIRED, facts.captured()])],
  ['booking_confirmed', '1', 'it was cancelled since', after([...CONFIRMED, facts.cancelled()])],
  ['voucher_ready', '2', 'it was cancelled since', after([...CONFIRMED, facts.cancelled()])],
  ['booking_refunded', 'rf_1', 'it came back', after([...RETURNED, facts.refundFailed(1)])],
  ['hold_released', '1', 'money was taken since', after([facts.opened(), facts.failed(), facts.captured()])],
])('%s (%s) stays here: %s', (kind, version, _, booking) => {
  expect(isOvertaken(kind, version, booking)).toBe(true);
});
