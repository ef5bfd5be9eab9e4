// @ts-check
// A hotel stay, paid on Stripe's own page, or to staff on arrival.
import { payAt, stripePage } from '../browser.mjs';
import { GaveUp } from '../asking.mjs';
import { clicked, must } from '../world.mjs';

const DAY_MS = 86_400_000;

/** @typedef {{ results: { id: number, rooms: { id: number, currency: string, price: number }[] }[] }} Hotels */
/** @typedef {{ id: number }} Stay */
/** @typedef {{ session_id: string, session_url: string }} Session */

/** @type {import('./visit.mjs').Visit} */
export async function visitTravello(world, customer, person) {
  const { n, pays, doubleClick } = customer;
  /** @type {Hotels} */
  const { results } = await must(world.visitor, { path: '/api/hotels/' });
  const rooms = results.flatMap(({ id: hotel, rooms: of }) => of.map(({ id: room }) => ({ hotel, room })));
  const day = (/** @type {number} */ days) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
  const [from, method] = [30 + n * 2, pays === 'arrival' ? 'ARRIVAL' : 'ONLINE'];
  const dates = { check_in: day(from), check_out: day(from + 1 + (n % 3)), guests: 1, payment_method: method };
  const json = { ...rooms[n % rooms.length], ...dates };
  /** @type {Stay} */
  const stay = await must(person, { method: 'POST', path: '/api/bookings/', json });
  if (pays === 'arrival') return { query: String(stay.id), outcome: await atTheDesk(world, stay, doubleClick) };
  /** @type {() => Promise<Session>} */
  const open = () =>
    must(person, { method: 'POST', path: '/api/payments/create-session/', json: { booking_id: stay.id } });
  const { first, second } = await clicked(doubleClick, open);
  if (first.session_id !== second.session_id) throw new GaveUp(`a double click opened two pages for ${stay.id}`);
  const present = stripePage(first.session_url);
  return { query: first.session_id, outcome: await payAt(world, customer, { openedAt: Date.now(), present }) };
}

/**
 * Two of the staff may take the same money down: the second is told that it is there already.
 * @param {import('../world.mjs').World} world
 * @param {Stay} stay
 * @param {boolean} twice
 */
async function atTheDesk(world, { id }, twice) {
  const mark = () =>
    world.staff.say({
      method: 'POST',
      path: `/api/bookings/${id}/mark-paid/`,
      json: { note: 'cash' },
      refusals: [400, 409],
    });
  await clicked(twice, mark);
  return /** @type {const} */ ('paid');
}
