// @ts-check
// An airport service: booked first, paid in a request of its own, confirmed by the frontend.
import { GaveUp } from '../asking.mjs';
import { payAt, tillOf } from '../browser.mjs';
import { clicked, must } from '../world.mjs';

/** @typedef {{ data: { code: string, price: number, currency: string }[] }} Services */
/** @typedef {{ data: { id: string, amount: number, currency: string } }} Booked */
/** @typedef {{ data: { paymentIntentId: string, clientSecret: string } }} Opened */

/** @type {import('./visit.mjs').Visit} */
export async function visitAirport(world, customer, person) {
  const { n, doubleClick } = customer;
  /** @type {Services} */
  const services = await must(world.visitor, { path: '/services' });
  const { code: service } = services.data[n % services.data.length] ?? { code: '' };
  const wish = { service, flight: `HF ${world.seed % 1_000} ${n}`, date: '2099-05-04', passengers: 1 + (n % 3) };
  /** @type {() => Promise<Booked>} */
  const book = () => must(person, { method: 'POST', path: '/bookings', json: wish });
  const booked = await clicked(doubleClick, book);
  const { id, amount, currency } = booked.first.data;
  if (booked.second.data.id !== id) throw new GaveUp(`a double click made two bookings: ${id}`);
  const order = { bookingId: id, amount, currency };
  /** @type {() => Promise<Opened>} */
  const open = () => must(person, { method: 'POST', path: '/payment/create-payment-intent', json: order });
  const { first, second } = await clicked(doubleClick, open);
  const { paymentIntentId, clientSecret: secret } = first.data;
  if (second.data.paymentIntentId !== paymentIntentId)
    throw new GaveUp(`a double click opened two payments: ${paymentIntentId}, ${second.data.paymentIntentId}`);
  const outcome = await payAt(world, customer, tillOf(world, { id: paymentIntentId, secret }));
  if (outcome === 'paid') {
    const json = { paymentIntentId, bookingId: id };
    await person.say({ method: 'POST', path: '/payment/confirm-payment', json, refusals: [400, 409] });
  }
  return { query: paymentIntentId, outcome };
}
