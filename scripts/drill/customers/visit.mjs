// @ts-check
// One customer's whole visit, and what they, the staff or their bank do afterwards.
import { setTimeout as sleep } from 'node:timers/promises';

import { GaveUp } from '../asking.mjs';
import { afterwards } from '../staff.mjs';
import { visitAirport } from './airport.mjs';
import { visitCart } from './cart.mjs';
import { visitDreamscape } from './dreamscape.mjs';
import { visitTravello } from './travello.mjs';
import { visitTrektoo } from './trektoo.mjs';

/** @typedef {import('../world.mjs').World} World */
/** @typedef {import('../world.mjs').Person} Person */
/** @typedef {import('../script.mjs').Customer} Customer */
/** @typedef {(world: World, customer: Customer, person: Person) => Promise<{ query: string, outcome: import('../browser.mjs').Outcome }>} Visit */

/** @type {Readonly<Record<import('../script.mjs').Storefront, Visit>>} */
export const VISITS = {
  trektoo: visitTrektoo,
  cart: visitCart,
  dreamscape: visitDreamscape,
  travello: visitTravello,
  airport: visitAirport,
};

/** @typedef {{ n: number, storefront: string, outcome: string }} Visited */

/**
 * @param {World} world
 * @param {Customer} customer
 * @param {number} beganAt
 * @returns {Promise<Visited>}
 */
export async function visitAs(world, customer, beganAt) {
  const { n, storefront, atMs } = customer;
  await sleep(Math.max(0, beganAt + atMs - Date.now()));
  try {
    const person = await world.signIn(`drill-${world.seed}-${n}`, 'customer');
    const { query, outcome } = await VISITS[storefront](world, customer, person);
    await afterwards(world, customer, { person, query, outcome });
    return { n, storefront, outcome };
  } catch (error) {
    // Not the customer's concern what became of it: the books are compared whatever anybody was told.
    if (!(error instanceof GaveUp)) throw error;
    return { n, storefront, outcome: `gave up: ${error.message}` };
  }
}
