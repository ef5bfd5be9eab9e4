// @ts-check
// What each gateway says it took and gave back, in the same words for all.

/**
 * @typedef {object} Taken
 * @property {Company} company
 * @property {readonly string[]} refs under which we may know it
 * @property {string | null} booking
 * @property {string} currency
 * @property {number} captured
 * @property {number} refunded
 * @property {number} lost in disputes
 */

/** @typedef {'stripe' | 'chip'} Company */

/** Whose gateway it is; one of ours for money that staff took by hand. @param {string} gateway @returns {Company | undefined} */
export const companyOf = (gateway) =>
  gateway.startsWith('stripe') ? 'stripe' : gateway === 'chip' ? 'chip' : undefined;

/** @param {Pick<import('./books.mjs').Books, 'stripe' | 'chip'>} books @returns {Taken[]} */
export const gatewayMoney = ({ stripe, chip }) => [...stripeMoney(stripe), ...chipMoney(chip)];

/** @param {import('./books.mjs').StripeState} stripe @returns {Taken[]} */
function stripeMoney({ charges, refunds, disputes, checkout_sessions: sessions }) {
  const taken = charges.filter(({ status, captured }) => status === 'succeeded' && captured);
  return taken.map(({ payment_intent: intent, amount_captured: captured, currency }) => {
    const session = sessions.find(({ payment_intent: of }) => of === intent);
    const of = (/** @type {{ payment_intent: string }} */ it) => it.payment_intent === intent;
    return {
      company: /** @type {const} */ ('stripe'),
      refs: [intent, ...(session ? [session.id] : [])],
      booking: null,
      currency: currency.toUpperCase(),
      captured,
      refunded: sum(refunds.filter((it) => of(it) && it.status === 'succeeded')),
      lost: sum(disputes.filter((it) => of(it) && it.status === 'lost')),
    };
  });
}

/** @param {import('./books.mjs').ChipState} chip @returns {Taken[]} */
function chipMoney({ purchases, payments }) {
  return purchases.flatMap(({ id, reference, payment }) => {
    if (payment === null) return [];
    const moved = (/** @type {string} */ kind) =>
      sum(payments.filter((it) => it.related_to.id === id && it.payment.payment_type === kind).map((it) => it.payment));
    const lost = moved('chargeback') - moved('chargeback_reversal');
    const { currency, amount: captured } = payment;
    const refs = [id];
    const company = /** @type {const} */ ('chip');
    return [{ company, refs, booking: reference, currency, captured, refunded: moved('refund'), lost }];
  });
}

/** @param {readonly { amount: number }[]} rows */
const sum = (rows) => rows.reduce((all, { amount }) => all + amount, 0);
