// @ts-check
// An activity resold from Klook, paid on the storefront's own card form.
import { GaveUp } from '../asking.mjs';
import { payAt, tillOf } from '../browser.mjs';
import { clicked, must } from '../world.mjs';

const LEAD_DAYS = 30;
const DAY_MS = 86_400_000;

/** @typedef {{ data: { booking_id: string, payment_intent_id: string, client_secret: string } }} Opened */

/** @type {import('./visit.mjs').Visit} */
export async function visitTrektoo(world, customer, person) {
  const json = orderOf(world.seed, customer);
  /** @type {() => Promise<Opened>} */
  const open = () => must(person, { method: 'POST', path: '/api/payments/klook/create-intent', json });
  const { first, second } = await clicked(customer.doubleClick, open);
  const { booking_id: bookingId, payment_intent_id: id, client_secret: secret } = first.data;
  if (second.data.payment_intent_id !== id)
    throw new GaveUp(`a double click opened two payments: ${id}, ${second.data.payment_intent_id}`);
  const till = tillOf(world, { id, secret });
  return { query: bookingId, outcome: await payAt(world, customer, till) };
}

/**
 * One adult on the harbour cruise: 42.50 for Klook, 46.75 for the customer.
 * @param {number} seed
 * @param {import('../script.mjs').Customer} customer
 */
function orderOf(seed, { n, supplierMood }) {
  const day = new Date(Date.now() + (LEAD_DAYS + (n % 60)) * DAY_MS).toISOString().slice(0, 10);
  const name = { first_name: 'Mei', family_name: supplierMood === null ? 'Chan' : `Chan ${supplierMood}` };
  return {
    agent_order_id: `drill-${seed}-${n}`,
    activity: { activity_id: '1001', activity_name: 'Evening Cruise', package_id: '2001', package_name: 'Upper deck' },
    schedule: { start_time: `${day} 19:00:00`, timezone: 'Asia/Hong_Kong' },
    items: [{ sku_id: '3001', name: 'Adult', count: 1, price: '42.50' }],
    passengers: [{ ...name, type: 'adult', otherinfo: [] }],
    contact_info: { ...name, email: `drill-${n}@travel.example`, mobile: '+85251234567', country: 'HK' },
    amount: '46.75',
    currency: 'USD',
    markup: { type: 'percent', value: '10' },
  };
}
