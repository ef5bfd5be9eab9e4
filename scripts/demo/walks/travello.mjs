// @ts-check
// Travello: a stay paid on Stripe's page, given back and paid anew; one paid on arrival; one that is charged in dollars.
import { PlainFailure } from '../../parts/failure.mjs';
import { CARDS, fillInPage } from '../stripe-page.mjs';

const LEAD_DAYS = 60;
const NIGHTS = 2;
const DAY_MS = 86_400_000;
const SESSION = '/api/payments/create-session/';

/** @typedef {import('../walk.mjs').Walking} Walking */
/** @typedef {import('../walk.mjs').Ended} Ended */
/** @typedef {{ id: number, name: string, rooms: { id: number, name: string, price: number, currency: string, capacity: number }[] }} Hotel */
/** @typedef {{ id: number, amount: number, currency: string }} Stay */
/** @typedef {{ session_id: string, session_url: string }} Session */

/** @type {import('../walk.mjs').Walk} */
export const travelloWalk = {
  gateway: 'stripe',
  title: "hotel stays, paid on Stripe's page or on arrival",
  story:
    'One stay is paid online, given back in full and paid anew; one is paid at the hotel; for one Stripe takes no rupees.',
  act: async (walking) => {
    const room = await chooseRoom(walking);
    const online = await payOnline(walking, await book(walking, room, { day: 0, method: 'ONLINE' }));
    const arrival = await payOnArrival(walking, await book(walking, room, { day: 10, method: 'ARRIVAL' }));
    return [online, arrival, await payInDollars(walking, room)];
  },
};

/** @typedef {{ hotel: number, room: number, price: number, currency: string }} Choice */

/** @param {Walking} walking @returns {Promise<Choice>} */
async function chooseRoom({ wire }) {
  /** @type {{ results: Hotel[] }} */
  const { results } = await wire.visitor.ask({
    path: '/api/hotels/',
    text: 'hotels and rooms',
    body: {
      results: [{ id: /^\d+$/, name: /./, rooms: [{ id: /^\d+$/, price: /^\d+(\.\d+)?$/, capacity: /^\d+$/ }] }],
    },
  });
  for (const hotel of results) {
    const room = hotel.rooms.find(({ currency }) => currency === 'PKR');
    if (room) return { hotel: hotel.id, room: room.id, price: room.price, currency: room.currency };
  }
  throw new PlainFailure('No room is priced in rupees.');
}

/**
 * @param {Walking} walking
 * @param {Choice} choice
 * @param {{ day: number, method: 'ONLINE' | 'ARRIVAL' }} stay
 */
async function book({ wire }, { hotel, room, price, currency }, { day, method }) {
  const dayOf = (/** @type {number} */ days) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
  const checkIn = LEAD_DAYS + day;
  const wish = {
    hotel,
    room,
    check_in: dayOf(checkIn),
    check_out: dayOf(checkIn + NIGHTS),
    guests: 1,
    payment_method: method,
  };
  const amount = Number((price * NIGHTS).toFixed(2));
  /** @type {Stay} */
  const stay = await wire.customer.ask({
    method: 'POST',
    path: '/api/bookings/',
    json: wish,
    text: method === 'ONLINE' ? 'a stay, to be paid online' : 'a stay, to be paid on arrival',
    status: 201,
    body: { ...wish, id: /^\d+$/, status: 'PENDING', amount, currency, nights: NIGHTS },
  });
  return stay;
}

/** @param {Walking} walking @param {Stay} stay @param {{ text: string } & Record<string, unknown>} expected */
const standing = ({ wire }, { id }, { text, ...body }) =>
  wire.customer.ask({ path: `/api/payments/booking/${id}/status/`, text, body: { booking_id: id, ...body } });

/** @param {Walking} walking @param {Stay} stay @param {string} text @returns {Promise<Session>} */
const openSession = ({ wire }, { id }, text) =>
  wire.customer.ask({
    method: 'POST',
    path: SESSION,
    json: { booking_id: id },
    text,
    body: { success: true, session_id: /^cs_/, session_url: /^http/, payment_id: /^\d+$/, publishable_key: /^pk_/ },
  });

/** @param {Walking} walking @param {Stay} stay @param {{ status: number, error: string, text: string }} refusal */
const refused = ({ wire }, { id }, { status, error, text }) =>
  wire.customer.ask({
    method: 'POST',
    path: SESSION,
    json: { booking_id: id },
    text,
    status,
    body: { success: false, error },
  });

/**
 * @param {Walking} walking
 * @param {Session} session
 * @param {{ number: string, outcome: 'accepted' | 'declined' }} card
 */
async function payOnPage({ screen, email }, { session_url: url }, { number, outcome }) {
  const answer = await fillInPage(url, { number, email });
  const { sentAt, ms, httpStatus, kind } = answer;
  screen.step({
    at: sentAt,
    who: 'customer',
    text: `card ${number.replaceAll(/(.{4})(?=.)/g, '$1 ')} on Stripe's page: ${kind}`,
    detail: `${httpStatus} in ${ms} ms`,
  });
  if (kind !== outcome) throw new PlainFailure(`Stripe's page ${kind} the card ${number}; it must be ${outcome}.`);
}

/** @param {string} status @returns {import('../walk.mjs').WalkAwaited} */
const booked = (status) => ({ what: `the booking to be ${status}`, holds: ({ booking }) => booking.status === status });

/** @param {Walking} walking @param {Stay} stay @returns {Promise<Ended>} */
async function payOnline(walking, stay) {
  await standing(walking, stay, { text: 'nothing yet', payment_status: 'NOT_INITIATED', payment_required: true });
  const first = await openSession(walking, stay, "Stripe's page opens");
  const again = await openSession(walking, stay, 'the same page, while it is open');
  if (again.session_id !== first.session_id) throw new PlainFailure('A second page was opened beside the first.');
  const followed = await walking.find(first.session_id);
  await standing(walking, stay, { text: 'a page is open', payment_status: 'PROCESSING' });
  await payOnPage(walking, first, { number: CARDS.declined, outcome: 'declined' });
  await followed.until({
    what: 'the decline to be noted',
    holds: ({ facts }) => facts.some(({ type }) => type === 'payment.declined'),
  });
  await standing(walking, stay, { text: 'declined; the page stays open', payment_status: 'FAILED' });
  await payOnPage(walking, first, { number: CARDS.good, outcome: 'accepted' });
  await followed.until(booked('confirmed'));
  const paid = { payment_status: 'SUCCEEDED', payment_required: false, stripe_session_id: first.session_id };
  await standing(walking, stay, { text: 'paid', ...paid });
  await refused(walking, stay, { status: 400, error: 'Payment already processed', text: 'not twice' });

  const firstIntent = await walking.standIns.stripe.intentOfSession(first.session_id);
  await walking.standIns.stripe.refundInDashboard(firstIntent);
  walking.screen.step({ at: Date.now(), who: 'staff', text: "all goes back, by a click in Stripe's dashboard" });
  await followed.until(booked('refunded'));
  await standing(walking, stay, { text: 'bookable again', payment_status: 'REFUNDED', payment_required: true });
  const second = await openSession(walking, stay, 'a new page');
  if (second.session_id === first.session_id) throw new PlainFailure('The page that was paid on was given again.');
  await payOnPage(walking, second, { number: CARDS.good, outcome: 'accepted' });
  await followed.until(booked('confirmed'));
  await standing(walking, stay, { text: 'paid anew', ...paid, stripe_session_id: second.session_id });
  const secondIntent = await walking.standIns.stripe.intentOfSession(second.session_id);
  const price = minorOf(stay.amount);
  const sums = { captured: 2 * price, refunded: price, intentIds: [firstIntent, secondIntent] };
  return { followed, ending: { name: 'The stay paid online, twice', status: 'confirmed', ...sums, topics: [] } };
}

/** @param {Walking} walking @param {Stay} stay @returns {Promise<Ended>} */
async function payOnArrival(walking, stay) {
  const onArrival = { payment_status: 'PAY_ON_ARRIVAL', payment_required: false, stripe_session_id: null };
  await standing(walking, stay, { text: 'to be paid at the hotel', ...onArrival, amount: stay.amount });
  await refused(walking, stay, { status: 400, error: 'Payment method must be ONLINE', text: 'no page for it' });
  const followed = await walking.find(String(stay.id));
  const markPaid = { method: /** @type {const} */ ('POST'), path: `/api/bookings/${stay.id}/mark-paid/` };
  const { customer, staff } = walking.wire;
  await customer.ask({
    ...markPaid,
    json: {},
    text: 'a guest does not mark his own bill paid',
    status: 403,
    body: { success: false, error: 'User not authorized' },
  });
  await staff.ask({
    ...markPaid,
    json: { note: 'cash' },
    text: 'paid at the desk',
    body: { id: stay.id, status: 'PAID' },
  });
  await staff.ask({
    ...markPaid,
    json: {},
    text: 'not twice',
    status: 400,
    body: { success: false, error: 'Payment already processed' },
  });
  await standing(walking, stay, { text: 'as before: nothing to pay online', ...onArrival });
  const sums = { captured: minorOf(stay.amount), refunded: 0, intentIds: [] };
  return { followed, ending: { name: 'The stay paid on arrival', status: 'confirmed', ...sums, topics: [] } };
}

/** @param {Walking} walking @param {Choice} room @returns {Promise<Ended>} */
async function payInDollars(walking, room) {
  const { stripe } = walking.standIns;
  walking.afterwards(() => stripe.refuseCurrencies([]));
  await stripe.refuseCurrencies(['pkr']);
  walking.screen.step({ at: Date.now(), who: 'stripe', text: 'takes no rupees from now on' });
  const stay = await book(walking, room, { day: 20, method: 'ONLINE' });
  const session = await openSession(walking, stay, 'the page opens in dollars');
  await stripe.refuseCurrencies([]);
  const followed = await walking.find(session.session_id);
  const charged = { charged_amount: /^\d+(\.\d{1,2})?$/, charged_currency: 'USD' };
  /** @type {{ charged_amount: number }} */
  const status = await standing(walking, stay, {
    text: 'the price in rupees, the charge in dollars',
    amount: stay.amount,
    currency: 'PKR',
    ...charged,
  });
  await payOnPage(walking, session, { number: CARDS.good, outcome: 'accepted' });
  await followed.until(booked('confirmed'));
  await standing(walking, stay, { text: 'paid', payment_status: 'SUCCEEDED', ...charged });
  const intentIds = [await stripe.intentOfSession(session.session_id)];
  const sums = { captured: minorOf(status.charged_amount), refunded: 0, intentIds };
  return { followed, ending: { name: 'The stay charged in dollars', status: 'confirmed', ...sums, topics: [] } };
}

/** @param {number} amount of a currency with two decimals */
const minorOf = (amount) => Math.round(amount * 100);
