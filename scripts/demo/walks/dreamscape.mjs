// @ts-check
// DreamScape: another service has a payment opened, replaces its amount, gives back in parts, cancels; Kafka hears of it.
import { PlainFailure } from '../../parts/failure.mjs';
import { CARDS } from '../stripe-page.mjs';

const PAYMENT = '/api/v1/payment';
const PRICE = 60_000;
const PARTS = [15_000, 20_000];
const TOPICS = ['payment.completed', 'booking.confirmed', ...Array.from({ length: 3 }, () => 'payment.refunded')];

/** @typedef {import('../walk.mjs').Walking} Walking */
/** @typedef {{ data: import('../walk.mjs').CardIntent }} Opened */
/** @typedef {ReturnType<typeof orderOf>} Order */

/** @type {import('../walk.mjs').Walk} */
export const dreamscapeWalk = {
  gateway: 'stripe',
  title: 'payments for bookings that another service owns',
  story:
    'The voyage service opens, refunds and cancels; the customer pays; what happened is told over Kafka, in order.',
  act: async (walking) => {
    const order = orderOf(walking, 'A', 50_000);
    const first = await createIntent(walking, order, 'the voyage service asks for a payment');
    const followed = await walking.find(first.paymentIntentId);
    const intent = await createIntent(walking, { ...order, amount: PRICE }, 'the cart grew: the intent is replaced');
    if (intent.paymentIntentId === first.paymentIntentId) throw new PlainFailure('The intent was not replaced.');
    await pay(walking, followed, { intent, order });
    await giveBack(walking, followed, { intent, order });
    const paid = { captured: PRICE, refunded: PRICE, intentIds: [intent.paymentIntentId], topics: TOPICS };
    return [
      { followed, ending: { name: 'The paid booking', status: 'refunded', ...paid } },
      await cancelAnother(walking),
    ];
  },
};

/** @param {Walking} walking @param {string} letter @param {number} amount */
function orderOf({ run, customerId }, letter, amount) {
  return {
    amount,
    currency: 'eur',
    bookingId: `booking-${run}-${letter}`,
    bookingReference: `DREAM-${run}-${letter}`,
    userId: customerId,
    metadata: { cartId: `cart-${run}` },
  };
}

/**
 * @param {Walking} walking
 * @param {Order} order
 * @param {string} text
 */
async function createIntent({ wire }, order, text) {
  const { amount, currency } = order;
  /** @type {Opened} */
  const { data } = await wire.service.ask({
    method: 'POST',
    path: `${PAYMENT}/create-intent`,
    json: order,
    text,
    body: {
      success: true,
      data: { paymentIntentId: /^pi_/, clientSecret: /_secret_/, amount, currency, status: 'requires_payment_method' },
    },
  });
  return data;
}

/** @typedef {{ intent: import('../walk.mjs').CardIntent, order: Order }} Payment */

/** @param {Walking} walking @param {import('../walk.mjs').Followed} followed @param {Payment} payment */
async function pay({ wire, present }, followed, { intent, order }) {
  await wire.visitor.ask({
    path: `${PAYMENT}/config`,
    text: 'what the card form needs',
    body: { success: true, data: { publishableKey: /^pk_/ } },
  });
  const answer = await present(intent, CARDS.good);
  if (answer.kind !== 'accepted') throw new PlainFailure(`The card was ${answer.kind}, not accepted.`);
  await followed.until({ what: 'the booking to be confirmed', holds: ({ booking }) => booking.status === 'confirmed' });
  const { bookingId, bookingReference, currency } = order;
  await wire.customer.ask({
    path: `${PAYMENT}/${intent.paymentIntentId}`,
    text: 'the customer reads it too',
    body: {
      success: true,
      data: { amount: PRICE, currency, status: 'succeeded', bookingId, bookingReference, refundedAmount: 0 },
    },
  });
}

/** @param {Walking} walking @param {import('../walk.mjs').Followed} followed @param {Payment} payment */
async function giveBack({ wire }, followed, { intent, order: { bookingId, userId } }) {
  const asked = { paymentIntentId: intent.paymentIntentId, bookingId, userId };
  const whenBack = (/** @type {number} */ minor) =>
    followed.until({ what: `${minor} to be back`, holds: ({ booking }) => booking.refunded === minor });
  let left = PRICE;
  for (const amount of PARTS) {
    left -= amount;
    await wire.service.ask({
      method: 'POST',
      path: `${PAYMENT}/refund`,
      json: { ...asked, amount, reason: 'Customer requested cancellation' },
      text: 'a part goes back',
      body: { success: true, data: { refundId: /^re_/, amount, status: 'succeeded', remaining: left } },
    });
    await whenBack(PRICE - left);
  }
  await wire.service.ask({
    method: 'POST',
    path: `${PAYMENT}/refund`,
    json: { ...asked, amount: left + 1, reason: 'one cent too many' },
    text: 'never more than is left',
    status: 400,
    body: { success: false, error: { code: 'refund_exceeds_captured' } },
  });
  await wire.service.ask({
    method: 'POST',
    path: `${PAYMENT}/refund`,
    json: { ...asked, reason: 'the rest' },
    text: 'without an amount: all that is left',
    body: { success: true, data: { amount: left, status: 'succeeded', remaining: 0 } },
  });
  await whenBack(PRICE);
  await wire.customer.ask({
    path: `${PAYMENT}/${intent.paymentIntentId}`,
    text: 'all went back',
    body: { success: true, data: { status: 'succeeded', refundedAmount: PRICE } },
  });
}

/** @param {Walking} walking @returns {Promise<import('../walk.mjs').Ended>} */
async function cancelAnother(walking) {
  const intent = await createIntent(walking, orderOf(walking, 'B', 25_000), 'another booking');
  const followed = await walking.find(intent.paymentIntentId);
  const { paymentIntentId } = intent;
  const canceled = { success: true, data: { paymentIntentId, status: 'canceled' } };
  for (const text of ['its customer cancels it', 'again: the same answer']) {
    await walking.wire.customer.ask({
      method: 'POST',
      path: `${PAYMENT}/cancel/${paymentIntentId}`,
      json: {},
      text,
      body: canceled,
    });
  }
  const nothing = { captured: 0, refunded: 0, intentIds: [paymentIntentId], topics: ['payment.canceled'] };
  return { followed, ending: { name: 'The cancelled booking', status: 'cancelled', ...nothing } };
}
