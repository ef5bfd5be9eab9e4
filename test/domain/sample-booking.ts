// A booking as the intake leaves it, and the few facts most tests begin with.
import type { Booking, Payment } from '../../domain/booking.ts';
import { isPending } from '../../domain/dispute.ts';
import type { BookingEvent, DisputeNews } from '../../domain/events.ts';
import { evolve } from '../../domain/evolve.ts';
import { postingsFor } from '../../domain/ledger.ts';
import type { Posting } from '../../domain/ledger.ts';
import type { PaymentFact } from '../../domain/payment.ts';
import { money } from '../../domain/money.ts';

export const AT = '2026-05-04T10:00:00.000Z';

export const newBooking = (with_: Partial<Booking> = {}): Booking => ({
  id: 'bk_1',
  number: 'HF-1',
  storefront: 'trektoo',
  externalId: 'TRK-1',
  kind: 'activity',
  version: 0,
  phase: 'awaiting_payment',
  attention: null,
  charge: money(10_000, 'HKD'),
  fxRate: null,
  expiresAt: '2026-05-04T10:30:00.000Z',
  serviceAt: '2026-06-01T01:00:00.000Z',
  serviceZone: 'Asia/Hong_Kong',
  sums: { capturedMinor: 0, refundedMinor: 0, reservedMinor: 0, disputedMinor: 0, overReturnedMinor: 0, feesMinor: 0 },
  payments: [],
  supplierOrders: [],
  refunds: [],
  disputes: [],
  vouchers: [],
  confirmedAt: null,
  ...with_,
});

const HKD = (minor: number) => money(minor, 'HKD');
const DISPUTE: DisputeNews = {
  ref: 'du_1',
  paymentId: 'pay_1_1',
  turn: 1,
  standing: 'open',
  wireStatus: 'needs_response',
  reason: 'fraudulent',
  amount: HKD(10_000),
  fee: HKD(1_500),
  evidenceDueBy: '2026-05-13T10:00:00.000Z',
  openedAt: AT,
};
const card = { type: 'card', brand: 'visa', last4: '4242' };

/** Facts about `pay_1_<attempt>`, `rf_<n>` and the order of a generation, in the amounts of the sample booking. */
export const facts = {
  opened: (attempt = 1, amount = HKD(10_000)): BookingEvent => ({
    type: 'payment.opened',
    paymentId: `pay_1_${attempt}`,
    attempt,
    gateway: 'stripe_intent',
    ref: `pi_${attempt}`,
    amount,
    status: 'requires_payment_method',
    wireStatus: 'requires_payment_method',
    expiresAt: '2026-05-04T10:30:00.000Z',
  }),
  refused: (attempt = 1): BookingEvent => ({
    type: 'payment.refused',
    paymentId: `pay_1_${attempt}`,
    attempt,
    gateway: 'stripe_intent',
    amount: HKD(10_000),
    code: 'amount_too_small',
    message: 'too small',
  }),
  actionRequired: (attempt = 1, declines = 0): BookingEvent => ({
    type: 'payment.action_required',
    paymentId: `pay_1_${attempt}`,
    declines,
    wireStatus: 'requires_action',
  }),
  processing: (attempt = 1, declines = 0): BookingEvent => ({
    type: 'payment.processing',
    paymentId: `pay_1_${attempt}`,
    declines,
    wireStatus: 'processing',
  }),
  declined: (attempt = 1, id = 'ch_1'): BookingEvent => ({
    type: 'payment.declined',
    paymentId: `pay_1_${attempt}`,
    decline: {
      id,
      code: 'card_declined',
      declineCode: 'insufficient_funds',
      message: 'Your card has insufficient funds.',
    },
    wireStatus: 'requires_payment_method',
  }),
  authorised: (attempt = 1): BookingEvent => ({
    type: 'payment.authorised',
    paymentId: `pay_1_${attempt}`,
    amount: HKD(10_000),
    heldUntil: '2026-05-11T10:00:00.000Z',
    method: card,
    wireStatus: 'requires_capture',
  }),
  captured: (attempt = 1, amount = HKD(10_000), fee: number | null = 380): BookingEvent => ({
    type: 'payment.captured',
    paymentId: `pay_1_${attempt}`,
    amount,
    capturedAt: `2026-05-04T10:0${attempt}:00.000Z`,
    fee: fee === null ? null : money(fee, amount.currency),
    method: card,
    wireStatus: 'succeeded',
  }),
  feeKnown: (fee: number, attempt = 1): BookingEvent => ({
    type: 'payment.fee_known',
    paymentId: `pay_1_${attempt}`,
    fee: HKD(fee),
  }),
  closed: (attempt = 1): BookingEvent => ({
    type: 'payment.closed',
    paymentId: `pay_1_${attempt}`,
    reason: 'expired',
    wireStatus: 'canceled',
  }),
  placing: (generation = 0, net = HKD(8_000)): BookingEvent => ({
    type: 'supplier.placing',
    supplier: 'klook',
    generation,
    ourRef: generation === 0 ? 'TRK-1' : `TRK-1-r${generation}`,
    net,
  }),
  ordered: (generation = 0, net = HKD(8_000)): BookingEvent => ({
    type: 'supplier.ordered',
    generation,
    orderNo: `KLK${generation}`,
    net,
    payBy: '2026-05-04T10:40:00.000Z',
    adopted: false,
  }),
  supplierRefused: (generation = 0): BookingEvent => ({
    type: 'supplier.refused',
    generation,
    reason: 'sold_out',
    message: 'sold out',
  }),
  supplierPaid: (generation = 0, amount = HKD(8_000)): BookingEvent => ({ type: 'supplier.paid', generation, amount }),
  supplierConfirmed: (generation = 0, net = HKD(8_000)): BookingEvent => ({
    type: 'supplier.confirmed',
    generation,
    net,
  }),
  supplierEnded: (returned: number, penalty: number, generation = 0, currency = 'HKD'): BookingEvent => ({
    type: 'supplier.ended',
    generation,
    as: 'canceled',
    returned: money(returned, currency),
    penalty: money(penalty, currency),
  }),
  writtenOff: (lost: number): BookingEvent => ({
    type: 'supplier.ended',
    generation: 0,
    as: 'canceled',
    returned: HKD(0),
    penalty: HKD(lost),
    writtenOffBy: 'staff-1',
  }),
  confirmed: (attempt = 1): BookingEvent => ({ type: 'booking.confirmed', attempt }),
  expired: (attempt = 1): BookingEvent => ({ type: 'booking.expired', attempt }),
  revived: (attempt = 1): BookingEvent => ({ type: 'booking.revived', attempt }),
  failed: (attempt = 1): BookingEvent => ({ type: 'booking.failed', attempt, reason: 'refused' }),
  cancelled: (): BookingEvent => ({ type: 'booking.cancelled', reason: 'cancelled on quote', actor: 'customer' }),
  compensating: (attempt = 1): BookingEvent => ({
    type: 'booking.compensation_started',
    attempt,
    reason: 'sold_out',
    actor: 'workflow',
  }),
  compensated: (attempt = 1): BookingEvent => ({ type: 'booking.compensated', attempt, reason: 'sold_out' }),
  vouchers: (): BookingEvent => ({
    type: 'vouchers.ready',
    vouchers: [{ codes: [{ code: 'V-1', description: 'Adult' }], bookingRef: 'BR-1', url: null }],
  }),
  refundAsked: (
    n: number,
    minor: number,
    rest: Partial<Extract<BookingEvent, { type: 'refund.requested' }>> = {},
  ): BookingEvent => ({
    type: 'refund.requested',
    refundId: `rf_${n}`,
    paymentId: 'pay_1_1',
    amount: HKD(minor),
    cause: 'staff',
    reason: 'goodwill',
    actor: 'staff-1',
    needsApproval: false,
    ...rest,
  }),
  refundApproved: (n: number): BookingEvent => ({ type: 'refund.approved', refundId: `rf_${n}`, actor: 'staff-2' }),
  refundPending: (n: number): BookingEvent => ({ type: 'refund.pending', refundId: `rf_${n}`, ref: `re_${n}` }),
  refundSucceeded: (n: number): BookingEvent => ({ type: 'refund.succeeded', refundId: `rf_${n}`, ref: `re_${n}` }),
  disputed: (turn = 1, with_: Partial<DisputeNews> = {}): BookingEvent => {
    const news = { ...DISPUTE, turn, ...with_ };
    if (turn === 1) return { type: 'dispute.opened', ...news };
    return { type: isPending(news) ? 'dispute.updated' : 'dispute.closed', ...news };
  },
  refundFailed: (n: number, code = 'expired_or_canceled_card'): BookingEvent => ({
    type: 'refund.failed',
    refundId: `rf_${n}`,
    code,
    message: 'the card is closed',
  }),
} as const;

export const PAID: readonly BookingEvent[] = [facts.opened(), facts.captured()];
export const CONFIRMED: readonly BookingEvent[] = [
  ...PAID,
  facts.placing(),
  facts.ordered(),
  facts.supplierPaid(),
  facts.supplierConfirmed(),
  facts.confirmed(),
  facts.vouchers(),
];

/** The second attempt bought the trip; then the first turned out to be paid as well. */
export const CONFIRMED_PAID_TWICE: readonly BookingEvent[] = [
  facts.opened(1),
  facts.closed(1),
  facts.opened(2),
  facts.captured(2),
  facts.confirmed(2),
  facts.captured(1),
];

/** What a gateway says of `pay_1_1`. */
export const succeeded = (change: Partial<PaymentFact> = {}): PaymentFact => ({
  ref: 'pi_1',
  status: 'succeeded',
  wireStatus: 'succeeded',
  amount: HKD(10_000),
  captured: HKD(10_000),
  capturedAt: AT,
  heldUntil: null,
  fee: HKD(380),
  refunded: HKD(0),
  disputes: [],
  decline: null,
  method: null,
  bookingId: 'bk_1',
  paymentId: 'pay_1_1',
  ...change,
});

export function after(events: readonly BookingEvent[], from: Booking = newBooking()): Booking {
  return events.reduce((booking, event) => evolve(booking, event, AT), from);
}

export function postingsOf(events: readonly BookingEvent[], from: Booking = newBooking()): Posting[] {
  let booking = from;
  return events.flatMap((event) => {
    const before = booking;
    booking = evolve(before, event, AT);
    return postingsFor(event, before);
  });
}

/** Balance of an account over all parties, in one currency. */
export function balanceOf(postings: readonly Posting[], account: Posting['account'], currency = 'HKD'): number {
  return postings.filter((p) => p.account === account && p.currency === currency).reduce((sum, p) => sum + p.minor, 0);
}

export function paymentNamed(booking: Booking, attempt: number): Payment {
  const payment = booking.payments.find((p) => p.attempt === attempt);
  if (!payment) throw new Error(`no attempt ${attempt}`);
  return payment;
}
