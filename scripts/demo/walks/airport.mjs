// @ts-check
// Smart Airport: book, open the payment, a declined card, a good one, have it confirmed, ask how it stands.
import { PlainFailure } from '../../parts/failure.mjs';
import { CARDS } from '../stripe-page.mjs';

const LEAD_DAYS = 30;
const DAY_MS = 86_400_000;
const PASSENGERS = 3;

/** @typedef {{ data: { code: string, price: number, currency: string }[] }} Services */
/** @typedef {{ data: { id: string, amount: number, currency: string } }} Booked */
/** @typedef {{ data: import('../walk.mjs').CardIntent }} Opened */

/** @type {import('../walk.mjs').Walk} */
export const airportWalk = {
  gateway: 'stripe',
  title: 'airport services, as a frontend sees them',
  story:
    'Booked first, paid in a request of its own. The first card is declined, the second pays, and the frontend has it confirmed.',
  act: async (walking) => {
    const booked = await book(walking);
    const followed = await walking.find(booked.id);
    const intent = await openPayment(walking, booked);
    await declined(walking, followed, { booked, intent });
    await paid(walking, { booked, intent });
    const captured = minorOf(booked.amount);
    const sums = { captured, refunded: 0, intentIds: [intent.paymentIntentId] };
    return [{ followed, ending: { name: 'The booking', status: 'confirmed', ...sums, topics: [] } }];
  },
};

/** @param {import('../walk.mjs').Walking} walking */
async function book({ wire }) {
  /** @type {Services} */
  const services = await wire.visitor.ask({
    path: '/services',
    text: 'what can be booked',
    body: { success: true, data: [{ code: /./, name: /./, price: /^\d+(\.\d+)?$/, currency: /^[A-Z]{3}$/ }] },
  });
  const [service] = services.data;
  if (!service) throw new PlainFailure('There is no service to book.');
  const date = new Date(Date.now() + LEAD_DAYS * DAY_MS).toISOString().slice(0, 10);
  const wish = { service: service.code, flight: 'HF 714', date, passengers: PASSENGERS };
  const amount = Number((service.price * PASSENGERS).toFixed(2));
  /** @type {Booked} */
  const { data } = await wire.customer.ask({
    method: 'POST',
    path: '/bookings',
    json: wish,
    text: "booked at the server's price",
    status: 201,
    body: {
      success: true,
      data: { ...wish, amount, currency: service.currency, bookingStatus: 'pending', paymentStatus: 'pending' },
    },
  });
  return data;
}

/**
 * @param {import('../walk.mjs').Walking} walking
 * @param {Booked['data']} booked
 */
async function openPayment({ wire }, { id, amount, currency }) {
  await wire.customer.ask({
    method: 'POST',
    path: '/payment/create-payment-intent',
    json: { bookingId: id, amount: amount - 1, currency },
    text: 'a client does not name the price',
    status: 400,
    body: { success: false, data: { error_code: 'amount_mismatch' } },
  });
  /** @type {Opened} */
  const { data } = await wire.customer.ask({
    method: 'POST',
    path: '/payment/create-payment-intent',
    json: { bookingId: id, amount, currency },
    text: 'the payment opens',
    body: {
      success: true,
      data: {
        paymentIntentId: /^pi_/,
        clientSecret: /_secret_/,
        status: 'requires_payment_method',
        amount,
        currency: currency.toLowerCase(),
      },
    },
  });
  return data;
}

/** @typedef {{ booked: Booked['data'], intent: import('../walk.mjs').CardIntent }} Payment */

/**
 * @param {import('../walk.mjs').Walking} walking
 * @param {import('../walk.mjs').Followed} followed
 * @param {Payment} payment
 */
async function declined({ wire, present }, followed, { booked, intent }) {
  const answer = await present(intent, CARDS.declined);
  if (answer.kind !== 'declined') throw new PlainFailure(`The card was ${answer.kind}, not declined.`);
  await followed.until({
    what: 'the decline to be noted',
    holds: ({ facts }) => facts.some(({ type }) => type === 'payment.declined'),
  });
  await wire.customer.ask({
    method: 'POST',
    path: '/payment/confirm-payment',
    json: { paymentIntentId: intent.paymentIntentId, bookingId: booked.id },
    text: 'not paid yet',
    body: {
      success: false,
      data: {
        paymentStatus: 'requires_payment_method',
        message: 'Payment requires payment method. Use Stripe.js on frontend to complete payment.',
        clientSecret: intent.clientSecret,
        error_code: /declined|decline/,
        error_message: 'Your card was declined.',
      },
    },
  });
}

/**
 * @param {import('../walk.mjs').Walking} walking
 * @param {Payment} payment
 */
async function paid({ wire, present }, { booked, intent }) {
  const answer = await present(intent, CARDS.good);
  if (answer.kind !== 'accepted') throw new PlainFailure(`The card was ${answer.kind}, not accepted.`);
  await wire.customer.ask({
    method: 'POST',
    path: '/payment/confirm-payment',
    json: { paymentIntentId: intent.paymentIntentId, bookingId: booked.id },
    text: 'the workflow is told and waited for',
    body: {
      success: true,
      data: {
        paymentStatus: 'completed',
        bookingStatus: 'confirmed',
        booking: { id: booked.id, amount: booked.amount, bookingStatus: 'confirmed', paymentStatus: 'completed' },
      },
    },
  });
  await wire.customer.ask({
    path: `/payment/status/${booked.id}`,
    text: 'how it stands',
    body: {
      success: true,
      data: { paymentStatus: 'completed', bookingStatus: 'confirmed', stripeStatus: 'succeeded' },
    },
  });
}

/** @param {number} amount of a currency with two decimals */
const minorOf = (amount) => Math.round(amount * 100);
