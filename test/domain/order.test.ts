import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PHASES } from '../../domain/booking.ts';
import type { Booking, Phase, Refund } from '../../domain/booking.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { money } from '../../domain/money.ts';
import { orderPaymentStatusOf, orderStatusOf } from '../../domain/order.ts';
import type { OrderPaymentStatus, OrderStatus } from '../../domain/order.ts';
import { ONE_SEED } from '../one-seed.ts';
import { after, AT, facts } from './sample-booking.ts';

const abandoned = (as: 'failed' | 'cancelled'): BookingEvent => ({
  type: 'payment.abandoned',
  paymentId: 'pay_1_1',
  as,
  declines: 0,
  note: 'came back',
});

describe('an order', () => {
  const STATUSES: Readonly<Record<Phase, OrderStatus>> = {
    awaiting_payment: 'pending',
    processing: 'pending',
    confirming: 'pending',
    confirmed: 'completed',
    expired: 'pending',
    cancelled: 'cancelled',
    failed: 'pending',
    partially_refunded: 'partially_refunded',
    refunded: 'refunded',
  };
  it.each(PHASES)('stands as its booking does: %s', (phase) => {
    expect(orderStatusOf(phase)).toBe(STATUSES[phase]);
  });
});

describe('the payment of an order is', () => {
  it.each<[OrderPaymentStatus, string, BookingEvent[]]>([
    ['pending', 'while nobody has tried', []],
    ['pending', 'while the bank asks the customer', [facts.actionRequired()]],
    ['pending', 'while its money is on its way', [facts.processing()]],
    ['pending', 'while its money is only held', [facts.authorised()]],
    ['pending', 'on its way, though the customer had left before', [abandoned('cancelled'), facts.processing()]],
    ['failed', 'once a try was refused', [facts.declined()]],
    ['failed', 'once the customer came back by the link for failure', [abandoned('failed')]],
    ['cancelled', 'once the customer left the page', [abandoned('cancelled')]],
    ['cancelled', 'once the customer left after a refusal', [facts.declined(), abandoned('cancelled')]],
    ['failed', 'once a try was refused of a customer who had left before', [abandoned('cancelled'), facts.declined()]],
    ['cancelled', 'once the gateway has closed it', [facts.closed()]],
    ['completed', 'once it is paid', [facts.captured()]],
    ['completed', 'paid by another card after a refusal', [facts.declined(), facts.captured()]],
    ['completed', 'paid though the customer had left', [abandoned('cancelled'), facts.captured()]],
    ['completed', 'paid though the customer came back by the wrong link', [abandoned('failed'), facts.captured()]],
    ['completed', 'paid though it had been closed', [facts.closed(), facts.captured()]],
  ])('%s %s', (status, _why, told) => {
    expect(statusAfter(after([facts.opened(), ...told]))).toBe(status);
  });

  const given = fc.array(fc.integer({ min: 1, max: 4_000 }), { maxLength: 6 });
  it('refunded exactly when all of it went back, in however many parts', ONE_SEED, () => {
    fc.assert(
      fc.property(given, fc.boolean(), (parts, all) => {
        const fitting = upTo(10_000, parts);
        const rest = 10_000 - fitting.reduce((sum, part) => sum + part, 0);
        const returned = all && rest > 0 ? [...fitting, rest] : fitting;
        const booking = paidAndReturned(returned);
        const isAll = returned.reduce((sum, part) => sum + part, 0) === 10_000;
        expect(statusAfter(booking)).toBe(isAll ? 'refunded' : 'completed');
      }),
    );
  });

  it.each(['pending', 'failed', 'awaiting_approval'] as const)('not refunded by a refund that is %s', (status) => {
    const booking = paidAndReturned([10_000]);
    const refunds = booking.refunds.map((refund) => ({ ...refund, status }));
    expect(statusAfter({ ...booking, refunds })).toBe('completed');
  });

  it('not refunded by what went back of another one', () => {
    const booking = paidAndReturned([10_000]);
    const refunds = booking.refunds.map((refund) => ({ ...refund, paymentId: 'pay_1_2' }));
    expect(statusAfter({ ...booking, refunds })).toBe('completed');
  });
});

function statusAfter(booking: Booking): OrderPaymentStatus {
  const [payment] = booking.payments;
  if (!payment) throw new Error('there is no payment');
  return orderPaymentStatusOf(booking, payment);
}

/** As many of them as the sum has room for. */
const upTo = (sum: number, parts: readonly number[]): number[] =>
  parts.filter((_, i) => parts.slice(0, i + 1).reduce((total, part) => total + part, 0) <= sum);

function paidAndReturned(parts: readonly number[]): Booking {
  const booking = after([facts.opened(), facts.captured()]);
  const refunds = parts.map((minor, i): Refund => ({
    id: `rf_${i + 1}`,
    paymentId: 'pay_1_1',
    amount: money(minor, 'HKD'),
    status: 'succeeded',
    cause: 'staff',
    reason: 'came broken',
    actor: 'sue',
    ref: `re_${i + 1}`,
    failure: null,
    cameBack: false,
    requestedAt: AT,
  }));
  return { ...booking, refunds };
}
