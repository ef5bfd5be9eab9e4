// Whether a gateway and we say the same of a payment. What only it knows, the booking's workflow learns by reading it again.
import type { Booking, Dispute, Payment, Refund } from './booking.ts';
import { isLive, isMadeByHand } from './booking.ts';
import { isPending, withBank } from './dispute.ts';
import { disputesLearned } from './dispute-facts.ts';
import type { Finding } from './findings.ts';
import { findingsOf } from './judging.ts';
import type { Report } from './judging.ts';
import { money } from './money.ts';
import type { Money } from './money.ts';
import type { PaymentFact, PaymentListed, RefundListed } from './payment.ts';

export interface PaymentSeen {
  readonly booking: Booking;
  readonly payment: Payment;
  readonly fact: PaymentFact | { readonly kind: 'absent' };
}

export function judgePayment({ booking, payment, fact }: PaymentSeen): readonly Finding[] {
  return findingsOf(booking, (report) => {
    if ('kind' in fact) return judgeAbsent(payment, report);
    judgeTaken(payment, fact, report);
    judgeOpen(payment, fact, report);
    judgeReturned({ booking, payment, fact }, report);
    judgeDisputes({ booking, payment, fact }, report);
  });
}

type Read = PaymentSeen & { readonly fact: PaymentFact };

/** Nothing was lost with a payment that nobody could make any more. */
function judgeAbsent(payment: Payment, report: Report): void {
  const { id, status, gateway, amount, capturedMinor } = payment;
  if (capturedMinor === 0 && !isLive(payment)) return;
  const unexplained = capturedMinor > 0 ? money(capturedMinor, amount.currency) : null;
  report('I-28', {
    kind: 'missing_there',
    subject: id,
    unexplained,
    evidence: { gateway, status, taken: capturedMinor },
  });
}

const mendedBy = ({ gateway }: Payment, { ref }: PaymentFact) => ({ mendedBy: { gateway, paymentRef: ref } });

function judgeTaken(payment: Payment, fact: PaymentFact, report: Report): void {
  const { id, status, amount, capturedMinor, gateway } = payment;
  const there = fact.status === 'succeeded' ? fact.captured : null;
  const evidence = { gateway, here: capturedMinor, there: there?.minor ?? 0, status, statusThere: fact.wireStatus };
  if (status !== 'succeeded') {
    if (there)
      report('L-6', { kind: 'missing_here', subject: id, unexplained: there, evidence, ...mendedBy(payment, fact) });
    return;
  }
  const here = money(capturedMinor, amount.currency);
  if (!there) return report('I-28', { kind: 'missing_there', subject: id, unexplained: here, evidence });
  if (there.currency !== here.currency || there.minor !== here.minor)
    report('I-28', { kind: 'amount_differs', subject: id, unexplained: difference(here, there), evidence });
  judgeFee(payment, fact, report);
}

/** Two sums in two currencies do not add up: all that was taken is in question. */
const difference = (here: Money, there: Money): Money =>
  here.currency === there.currency ? money(Math.abs(here.minor - there.minor), here.currency) : there;

function judgeFee(payment: Payment, fact: PaymentFact, report: Report): void {
  const { id, feeMinor, amount } = payment;
  const { fee } = fact;
  if (!fee || fee.currency !== amount.currency || fee.minor === feeMinor) return;
  const found = { subject: `${id}/fee`, evidence: { here: feeMinor, there: fee.minor } };
  const unexplained = money(Math.abs(fee.minor - (feeMinor ?? 0)), fee.currency);
  if (feeMinor === null) report('L-6', { kind: 'missing_here', unexplained, ...found, ...mendedBy(payment, fact) });
  else report('I-28', { kind: 'amount_differs', unexplained, ...found });
}

/** What is over here must not be payable there; what is over there is not payable here either. */
function judgeOpen(payment: Payment, fact: PaymentFact, report: Report): void {
  const isOpenThere = isLive({ ...payment, status: fact.status });
  const evidence = { gateway: payment.gateway, status: payment.status, statusThere: fact.wireStatus };
  const found = { subject: `${payment.id}/open`, evidence };
  if ((payment.status === 'cancelled' || payment.status === 'failed') && isOpenThere) report('I-1', found);
  if (isLive(payment) && fact.status === 'cancelled')
    report('L-6', { kind: 'missing_here', ...found, ...mendedBy(payment, fact) });
  if (isLive(payment) && payment.status !== 'authorised' && fact.status === 'authorised')
    report('L-6', { kind: 'missing_here', ...found, unexplained: fact.amount, ...mendedBy(payment, fact) });
}

function judgeReturned({ booking, payment, fact }: Read, report: Report): void {
  if (payment.status !== 'succeeded' || fact.status !== 'succeeded') return;
  const ofIt = booking.refunds.filter((r) => r.paymentId === payment.id && !isMadeByHand(r));
  const sumOf = (...statuses: readonly string[]): number =>
    ofIt.reduce((sum, { status, amount }) => sum + (statuses.includes(status) ? amount.minor : 0), 0);
  const [here, underWay] = [sumOf('succeeded'), sumOf('pending', 'unknown')];
  const there = fact.refunded.minor;
  const evidence = { gateway: payment.gateway, here, underWay, there };
  const subject = `${payment.id}/refunds`;
  const { currency } = payment.amount;
  // A refund under way may be counted there already, or not yet.
  if (there > here + underWay)
    report('I-13', {
      kind: 'missing_here',
      subject,
      unexplained: money(there - here - underWay, currency),
      evidence,
      ...mendedBy(payment, fact),
    });
  if (there < here)
    report('I-28', {
      kind: 'missing_there',
      subject,
      unexplained: money(here - there, currency),
      evidence,
      // A refund that came back is recorded by whoever looks.
      ...mendedBy(payment, fact),
    });
}

function judgeDisputes({ booking, payment, fact }: Read, report: Report): void {
  const ours = booking.disputes.filter(({ paymentId }) => paymentId === payment.id);
  for (const event of disputesLearned(booking, payment, fact)) {
    if (!('standing' in event)) continue;
    const known = ours.find(({ ref }) => ref === event.ref);
    if (known?.standing === event.standing && known.amount.minor === event.amount.minor) continue;
    const [here, there] = [known ? withBank(known) : 0, withBank(event)];
    const unexplained = here === there ? null : money(Math.abs(here - there), event.amount.currency);
    const evidence = { here: known?.standing ?? null, there: event.standing, withBankHere: here, withBankThere: there };
    report('L-6', { kind: 'missing_here', subject: event.ref, unexplained, evidence, ...mendedBy(payment, fact) });
  }
  if (fact.status !== 'succeeded') return;
  for (const dispute of ours) {
    const read = fact.disputes.find(({ ref }) => ref === dispute.ref);
    if (read) judgeUnlearned({ ...fact, disputes: [read] }, { booking, payment, dispute }, report);
    if (read) continue;
    const minor = withBank(dispute);
    const unexplained = minor > 0 ? money(minor, dispute.amount.currency) : null;
    const evidence = { here: dispute.standing, there: null };
    report('I-28', { kind: 'missing_there', subject: dispute.ref, unexplained, evidence });
  }
}

type Known = Omit<Read, 'fact'> & { readonly dispute: Dispute };

/** What nobody learns, since it may be from before the verdict that we know: read afresh it is not. */
function judgeUnlearned(fact: PaymentFact, { booking, payment, dispute }: Known, report: Report): void {
  const [read] = fact.disputes;
  if (!read || disputesLearned(booking, payment, fact).length > 0) return;
  const [here, there] = [withBank(dispute) > 0, withBank(read) > 0];
  if (here === there && isPending(dispute) === isPending(read)) return;
  const unexplained = here === there ? null : dispute.amount;
  const evidence = { here: dispute.standing, there: read.standing };
  report('L-6', { kind: 'amount_differs', subject: dispute.ref, unexplained, evidence });
}

/** What our books have of a booking by the names that gateways list. */
export interface NamesHere {
  readonly id: string;
  readonly payments: readonly Pick<Payment, 'id' | 'ref' | 'gateway' | 'status'>[];
  readonly refunds: readonly Pick<Refund, 'id'>[];
}

/** Whose it is by the words that we gave along; null where our books know no such booking. */
export interface ListedPayment {
  readonly listed: PaymentListed;
  readonly booking: NamesHere | null;
  /** Another was listed for the same payment of ours before. */
  readonly isSecond: boolean;
}

/** Money that bears our name at a gateway, and that no payment of ours stands for. */
export function judgeListedPayment({ listed, booking, isSecond }: ListedPayment): readonly Finding[] {
  const { ref, gateway, paymentId, bookingId, taken } = listed;
  const payment = booking?.payments.find(({ id }) => id === paymentId);
  // A page of the gateway's own has a name beside that of the money: one page takes it once, and not after it was closed.
  const isByPage = payment && payment.gateway !== gateway && !isSecond && mayHaveTaken(payment);
  const isKnown = payment?.ref === ref || isByPage;
  if (isKnown || taken.minor === 0) return [];
  return findingsOf({ id: booking?.id ?? null }, (report) =>
    report('L-6', {
      kind: 'missing_here',
      subject: ref,
      unexplained: taken,
      evidence: { gateway, names: bookingId, payment: paymentId, taken: taken.minor },
      ...(booking && { mendedBy: { gateway, paymentRef: ref } }),
    }),
  );
}

const mayHaveTaken = (payment: Pick<Payment, 'status'>): boolean => payment.status === 'succeeded' || isLive(payment);

export interface ListedRefund {
  readonly listed: RefundListed;
  readonly booking: NamesHere | null;
}

/** Of a payment of ours, and in none of our books: its payment has to be read again however old it is, and says what is missing. */
export const isBesideUs = ({ listed, booking }: ListedRefund): boolean =>
  booking !== null && listed.isMade && booking.refunds.every(({ id }) => id !== listed.refundId);

/** A refund that bears our name, of a booking that our books do not know. */
export function judgeListedRefund({ listed, booking }: ListedRefund): readonly Finding[] {
  const { ref, gateway, refundId, bookingId, amount, isMade } = listed;
  if (!isMade || booking) return [];
  return findingsOf({ id: null }, (report) =>
    report('I-13', {
      kind: 'missing_here',
      subject: ref,
      unexplained: amount,
      evidence: { gateway, names: bookingId, refund: refundId, minor: amount.minor },
    }),
  );
}
