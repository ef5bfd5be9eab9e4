// @ts-check
// Compares everybody's books, booking by booking, and says what nobody can explain. Plain data in, findings out.
import { companyOf, gatewayMoney } from './gateway-money.mjs';
import { compareSupply, isServed } from './compare-supply.mjs';
import { compareSystem } from './compare-system.mjs';

/**
 * @typedef {object} Finding
 * @property {string} booking
 * @property {string} rule which promise does not hold
 * @property {string} evidence
 * @property {{ minor: number, currency: string }} [money] what of it nobody can explain
 */

/**
 * @typedef {object} Comparison
 * @property {Finding[]} findings
 * @property {Record<string, number>} checked how often each rule was looked at
 * @property {Record<string, number>} unexplained minor units by currency
 */

/** @typedef {import('./books.mjs').Books} Books */
/** @typedef {import('./books.mjs').BookingRow} Booking */
/** @typedef {(rule: string, holds: boolean, finding: () => Omit<Finding, 'rule'>) => void} Expect */

const GONE = new Set(['refunded', 'expired', 'failed']);
const UNDER_WAY = new Set(['awaiting_payment', 'processing', 'confirming']);

/** @param {Books} books @returns {Comparison} */
export function compareBooks(books) {
  /** @type {Finding[]} */
  const findings = [];
  /** @type {Record<string, number>} */
  const checked = {};
  /** @type {Expect} */
  const expect = (rule, holds, finding) => {
    checked[rule] = (checked[rule] ?? 0) + 1;
    if (!holds) findings.push({ rule, ...finding() });
  };
  const gateways = gatewayMoney(books);
  comparePayments(books, gateways, expect);
  for (const booking of books.ours.bookings) {
    compareEnd(books, booking, expect);
    compareSupply(books, booking, expect);
  }
  compareSystem(books, expect);
  return { findings, checked, unexplained: unexplainedOf(books, findings) };
}

/** @param {Books} books @param {readonly Finding[]} findings */
function unexplainedOf({ ours }, findings) {
  /** @type {Record<string, number>} */
  const sums = Object.fromEntries(ours.payments.map(({ currency }) => [currency, 0]));
  for (const { money } of findings)
    if (money) sums[money.currency] = (sums[money.currency] ?? 0) + Math.abs(money.minor);
  return sums;
}

/**
 * Captured there = captured here, given back there = given back here, and nothing there that is not here.
 * @param {Books} books
 * @param {readonly import('./gateway-money.mjs').Taken[]} gateways
 * @param {Expect} expect
 */
function comparePayments({ ours }, gateways, expect) {
  const known = new Set();
  for (const payment of ours.payments.filter(({ gateway }) => gateway !== 'on_arrival')) {
    const { id, booking_id: booking, ref, currency, captured } = payment;
    const there = gateways.filter(
      (each) => ref !== null && each.company === companyOf(payment.gateway) && each.refs.includes(ref),
    );
    for (const each of there) known.add(each);
    const sum = (/** @type {'captured' | 'refunded' | 'lost'} */ what) =>
      there.reduce((all, each) => all + each[what], 0);
    // What staff gave back by hand, for the card took nothing, no gateway knows of.
    const returned = sumOf(
      ours.refunds.filter((it) => it.payment_id === id && it.status === 'succeeded' && !it.by_hand),
    );
    const lost = sumOf(ours.disputes.filter((it) => it.payment_id === id && it.standing === 'lost'));
    const pairs = /** @type {const} */ ([
      ['captured at the gateway = ours', 'captured', captured],
      ['refunded at the gateway = ours', 'refunded', returned],
      ['lost in disputes at the gateway = ours', 'lost', lost],
    ]);
    for (const [rule, what, here] of pairs) {
      expect(rule, sum(what) === here, () => ({
        booking,
        evidence: `${ref}: ${sum(what)} there, ${here} here`,
        money: { minor: sum(what) - here, currency },
      }));
    }
    expect(
      'one currency',
      there.every((each) => each.currency === currency),
      () => ({ booking, evidence: `${ref}` }),
    );
  }
  for (const each of gateways) {
    expect('every payment at a gateway is known', known.has(each) || each.captured === 0, () => ({
      booking: each.booking ?? 'unknown',
      evidence: `${each.company} took ${each.captured} for ${each.refs.join(', ')}, which no payment of ours names`,
      money: { minor: each.captured - each.refunded, currency: each.currency },
    }));
  }
}

/** @param {readonly { amount: number }[]} rows */
const sumOf = (rows) => rows.reduce((sum, { amount }) => sum + amount, 0);

/** @param {Books} books @param {string} bookingId */
function standingOf({ ours }, bookingId) {
  const payments = ours.payments.filter(({ booking_id: of }) => of === bookingId);
  const each = payments.map(({ id, captured, currency }) => {
    const refunded = sumOf(ours.refunds.filter((it) => it.payment_id === id && it.status === 'succeeded'));
    const lost = sumOf(ours.disputes.filter((it) => it.payment_id === id && it.standing === 'lost'));
    return { captured, refunded, lost, kept: captured - refunded - lost, currency };
  });
  const total = (/** @type {'captured' | 'refunded' | 'lost' | 'kept'} */ what) =>
    each.reduce((sum, payment) => sum + payment[what], 0);
  return {
    each,
    captured: total('captured'),
    refunded: total('refunded'),
    lost: total('lost'),
    kept: total('kept'),
    currency: each[0]?.currency ?? '',
  };
}

/**
 * At rest a booking is paid and delivered, or everything went back, or an accepted quote says what is kept.
 * @param {Books} books
 * @param {Booking} booking
 * @param {Expect} expect
 */
function compareEnd(books, booking, expect) {
  const { id, phase, attention } = booking;
  const { ours } = books;
  const money = standingOf(books, id);
  const { kept, currency } = money;
  const found =
    (/** @type {string} */ evidence, minor = 0) =>
    () => ({
      booking: id,
      evidence: `${booking.storefront}, ${phase}: ${evidence}`,
      ...(minor !== 0 && { money: { minor, currency } }),
    });
  expect('at rest', !UNDER_WAY.has(phase), found('under way'));
  expect('nobody is waited for', attention === null, found(`${attention?.step}: ${attention?.reason}`));
  const waiting = ours.refunds.filter(
    ({ booking_id: of, status }) => of === id && status !== 'succeeded' && status !== 'failed',
  );
  expect(
    'no refund is open',
    waiting.length === 0,
    found(waiting.map(({ status }) => status).join(', '), sumOf(waiting)),
  );
  if (GONE.has(phase)) expect('not sold: nothing is kept', kept <= 0, found(`${kept} kept`, kept));
  if (phase === 'cancelled') {
    const quote = ours.quotes.find(({ booking_id: of }) => of === id);
    const agreed = quote?.keep ?? 0;
    expect(
      'cancelled: what is kept was agreed',
      kept <= agreed,
      found(`${kept} kept, ${agreed} agreed`, kept - agreed),
    );
  }
  if (phase === 'confirmed' || phase === 'partially_refunded') {
    expect('sold: it was paid', money.captured > 0 && (kept > 0 || money.lost > 0), found(`${kept} kept`));
    expect('sold: it was delivered', isServed(books, booking), found('not delivered', kept));
  }
  const standing = money.each.filter((each) => each.kept > 0 && each.captured > 0);
  expect('at most one payment stands', standing.length <= 1, found(`${standing.length} stand`, kept));
  expect(
    'never more back than came',
    money.refunded <= money.captured,
    found(`${money.refunded} of ${money.captured}`),
  );
}
