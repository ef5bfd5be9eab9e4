// @ts-check
// Where a walk must have led each booking: asked of staff's view, of Stripe and of the books.
import { GATEWAY_NAMES } from './wording.mjs';
import { decimal, leftOpen, profitIn, unbalanced } from './ledger.mjs';

/** What the gateway keeps stays open in its clearing account until it pays out. */
const OPEN_AT_REST = ['gateway_clearing', 'gateway_fees', 'revenue'];

/**
 * @typedef {object} WalkOutcome
 * @property {import('./walk.mjs').Gateway} gateway
 * @property {import('./walk.mjs').Ending} ending
 * @property {Pick<import('./walk.mjs').WalkSeen, 'booking' | 'facts'>} seen
 * @property {readonly import('./ledger.mjs').Posting[]} postings
 * @property {readonly import('./stand-ins.mjs').Charge[]} charges
 * @property {readonly import('./books.mjs').ToldFact[]} told
 * @property {boolean} hasKafka
 */

/**
 * What the gateway keeps of each payment, as far as it has said so: it does so a moment after the money came.
 * @param {readonly import('./timeline.mjs').RecordedFact[]} facts
 */
export function feesOf(facts) {
  return new Map(facts.flatMap(({ fact: { paymentId = '', fee } }) => (fee ? [[paymentId, fee.minor]] : [])));
}

/** @param {WalkOutcome} outcome @returns {import('./ending.mjs').Check[]} */
export function checksOfWalk(outcome) {
  const { ending, seen, postings } = outcome;
  const { booking } = seen;
  const checks = [
    {
      ok:
        booking.status === ending.status &&
        booking.captured === ending.captured &&
        booking.refunded === ending.refunded,
      text: `staff see it ${booking.status}, ${decimal(booking.captured)} paid, ${decimal(booking.refunded)} given back`,
    },
    ...(ending.intentIds.length === 0 ? [] : [atGateway(outcome)]),
    ...(ending.captured === 0 && postings.length === 0 ? [] : booksOf(outcome)),
    ...toldOthers(outcome),
  ];
  return checks.map(({ ok, text }) => ({ ok, text: `${ending.name}: ${text}` }));
}

/** @param {WalkOutcome} outcome */
function atGateway({ gateway, ending, charges }) {
  const paid = charges.filter(({ status }) => status === 'succeeded');
  const took = paid.reduce((sum, { amount }) => sum + amount, 0);
  const gave = paid.reduce((sum, charge) => sum + charge.amount_refunded, 0);
  // One charge for each intent that was paid.
  const most = ending.captured > 0 ? ending.intentIds.length : 0;
  return {
    ok: paid.length === most && took === ending.captured && gave === ending.refunded,
    text: `charges at ${GATEWAY_NAMES[gateway]}: ${paid.length}, of ${decimal(took)} in all, and ${decimal(gave)} went back`,
  };
}

/** @param {WalkOutcome} outcome */
function toldOthers({ ending: { topics }, told, hasKafka }) {
  if (topics.length === 0 && told.length === 0) return [];
  const found = told.map(({ topic }) => topic).join(', ');
  return [
    { ok: found === topics.join(', '), text: `events, in their order: ${found || 'none'}` },
    ...(hasKafka ? [{ ok: told.every(({ sent }) => sent), text: 'Kafka has taken each of them' }] : []),
  ];
}

/** @param {WalkOutcome} outcome */
function booksOf({ ending, seen: { booking, facts }, postings }) {
  const fees = [...feesOf(facts).values()].reduce((sum, fee) => sum + fee, 0);
  const expected = ending.captured - ending.refunded - fees;
  const ledger = profitIn(postings, booking.currency);
  const open = leftOpen(postings, OPEN_AT_REST);
  return [
    {
      ok: postings.length > 0 && unbalanced(postings).length === 0,
      text: `every ledger transaction sums to zero (${postings.length} lines)`,
    },
    { ok: open.length === 0, text: `accounts that must be back at zero and are not: ${open.join(', ') || 'none'}` },
    {
      ok: ledger === expected && booking.profit?.amount === expected,
      text: `profit is ${decimal(expected)} by the formula, ${decimal(ledger)} in the ledger, ${decimal(booking.profit?.amount ?? 0)} for staff`,
    },
  ];
}
