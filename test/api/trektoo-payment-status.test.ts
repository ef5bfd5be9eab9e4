import { expect, it } from 'vitest';
import { paymentStatusOf } from '../../api/storefronts/trektoo/answers.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { money } from '../../domain/money.ts';
import { after, CONFIRMED, CONFIRMED_PAID_TWICE, facts } from '../domain/sample-booking.ts';

const EXPIRED = [facts.opened(), facts.closed(), facts.expired()];
const LATE = [...EXPIRED, facts.captured(), facts.refundAsked(1, 10_000, { cause: 'late' })];
const MISPAID = [facts.opened(), facts.captured(1, money(15_000, 'HKD'))];
const MISPAID_BACK = [...MISPAID, facts.refundAsked(1, 15_000, { cause: 'late' }), facts.refundSucceeded(1)];
const back = (n: number, minor: number) => [facts.refundAsked(n, minor), facts.refundSucceeded(n)];
const SECOND_BACK = [
  ...CONFIRMED_PAID_TWICE,
  facts.refundAsked(1, 10_000, { cause: 'duplicate' }),
  facts.refundSucceeded(1),
];
const paidBy = (n: number, minor: number) => [
  facts.refundAsked(n, minor, { paymentId: 'pay_1_2' }),
  facts.refundSucceeded(n),
];

it.each<[string, string, readonly BookingEvent[]]>([
  ['pending', 'not paid yet', [facts.opened()]],
  ['failed', 'never paid', EXPIRED],
  ['failed', 'refused by the supplier before it was paid', [facts.opened(), facts.failed()]],
  ['paid', 'paid', CONFIRMED],
  ['partially_refunded', 'a part went back', [...CONFIRMED, ...back(1, 4_000)]],
  ['paid', 'a part is promised', [...CONFIRMED, facts.refundAsked(1, 4_000)]],
  ['refunded', 'all of it went back', [...CONFIRMED, ...back(1, 10_000)]],
  ['paid', 'cancelled, and nothing comes back', [...CONFIRMED, facts.cancelled()]],
  ['paid', 'paid twice', CONFIRMED_PAID_TWICE],
  ['paid', 'paid twice, and the second one went back', SECOND_BACK],
  ['partially_refunded', 'that, and a part of the trip', [...SECOND_BACK, ...paidBy(2, 4_000)]],
  ['refunded', 'that, and the whole trip', [...SECOND_BACK, ...paidBy(2, 10_000)]],
  ['pending', 'paid in another sum', MISPAID],
  ['pending', 'paid in another sum, which went back', MISPAID_BACK],
  ['paid', 'paid rightly after that', [...MISPAID_BACK, facts.opened(2), facts.captured(2), facts.confirmed(2)]],
  [
    'refunded',
    'paid in another sum, which went back after it had run out',
    [...MISPAID, facts.expired(), ...MISPAID_BACK.slice(2)],
  ],
  ['paid', 'paid too late', LATE.slice(0, -1)],
  ['refunded', 'paid too late, and it went back', [...LATE, facts.refundSucceeded(1)]],
])('a booking reads %s: %s', (status, _, events) => {
  expect(paymentStatusOf(after(events))).toBe(status);
});
