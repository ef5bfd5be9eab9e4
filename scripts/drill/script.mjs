// @ts-check
// What will happen in a drill, decided before anything happens: customers, staff, the supplier's moods, faults.
// It holds offsets and choices only, no clock and no address, so that a seed means the same everywhere.
import { createHash } from 'node:crypto';

import { faultsOf } from './fault-script.mjs';
import { createRandom } from './random.mjs';

export const STOREFRONTS = /** @type {const} */ (['trektoo', 'cart', 'dreamscape', 'travello', 'airport']);

/** @typedef {typeof STOREFRONTS[number]} Storefront */
/** Whose bank has a word to say later. @typedef {'disputed' | 'not_received' | 'inquiry'} DisputedCard */
/** @typedef {'declined' | 'insufficient' | '3ds_failed' | '3ds_declined' | 'expired' | 'wrong_cvc' | 'blocked'} BadCard */
/** @typedef {'good' | '3ds' | 'refund_pending' | 'refund_fails' | DisputedCard} GoodCard */
/** @typedef {'none' | 'part' | 'cancel' | 'stop' | 'dashboard'} After what staff or the customer do once it is confirmed */

/**
 * @typedef {object} Customer
 * @property {number} n
 * @property {number} atMs after the beginning
 * @property {Storefront} storefront
 * @property {boolean} doubleClick everything is asked for twice in the same moment
 * @property {readonly (BadCard | GoodCard)[]} cards presented one after another; none: the customer walks away
 * @property {number} thinksMs before the first card
 * @property {boolean} atTheLastMoment pays when the time to pay ends
 * @property {boolean} insists their money was on its way, and comes though the payment was closed
 * @property {string | null} supplierMood what the supplier's stand-in does with this order
 * @property {'online' | 'arrival'} pays
 * @property {boolean} changes the cart, or the amount, after its payment was asked for
 * @property {After} after
 * @property {number} part of what was paid that goes back, in percent
 */

/**
 * @typedef {object} Script
 * @property {number} seed
 * @property {number} lastsMs
 * @property {readonly Customer[]} customers
 * @property {readonly import('./fault-script.mjs').Fault[]} faults
 * @property {string} digest the same for the same script
 */

/**
 * @param {{ seed: number, bookings: number, minutes: number, faults: readonly import('./fault-script.mjs').FaultName[] }} asked
 * @returns {Script}
 */
export function scriptOf({ seed, bookings, minutes, faults }) {
  const random = createRandom(seed);
  const lastsMs = Math.round(minutes * 60_000);
  const [customersSeed, faultsSeed] = [random.seed(), random.seed()];
  const luck = createRandom(customersSeed);
  const customers = Array.from({ length: bookings }, (_, n) => {
    const atMs = Math.round(((n + luck.between(0, 99) / 100) * lastsMs) / bookings);
    return customerOf(createRandom(luck.seed()), { n, atMs, storefront: storefrontOf(n, luck) });
  });
  const script = { seed, lastsMs, customers, faults: faultsOf(createRandom(faultsSeed), { lastsMs, names: faults }) };
  const digest = createHash('sha256').update(JSON.stringify(script)).digest('hex').slice(0, 16);
  return { ...script, digest };
}

const SHARES = { trektoo: 4, cart: 2, dreamscape: 2, travello: 2, airport: 2 };

/** The first few go round, so that even a small drill sees all of them. @param {number} n @param {import('./random.mjs').Random} luck */
const storefrontOf = (n, luck) => STOREFRONTS[n] ?? luck.weighed(SHARES);

/**
 * @param {import('./random.mjs').Random} luck
 * @param {Pick<Customer, 'n' | 'atMs' | 'storefront'>} who
 * @returns {Customer}
 */
function customerOf(luck, who) {
  const { storefront } = who;
  const cards = cardsOf(luck, storefront);
  return {
    ...who,
    doubleClick: luck.chance(0.25),
    cards,
    thinksMs: luck.between(0, 3_000),
    atTheLastMoment: luck.chance(0.08),
    insists: luck.chance(0.5),
    supplierMood: storefront === 'trektoo' ? moodOf(luck) : null,
    pays: storefront === 'travello' && luck.chance(0.3) ? 'arrival' : 'online',
    changes: luck.chance(0.3),
    after: luck.weighed({ none: 10, part: 4, cancel: 4, stop: 1, dashboard: 1 }),
    part: luck.between(5, 60),
  };
}

/** @param {import('./random.mjs').Random} luck @param {Storefront} storefront @returns {(BadCard | GoodCard)[]} */
function cardsOf(luck, storefront) {
  if (luck.chance(0.12)) return luck.chance(0.5) ? [] : ['declined'];
  /** @type {BadCard[]} */
  const bad = luck.chance(0.25) ? [luck.pick(BAD_CARDS)] : [];
  // At CHIP nobody presents a card, and no bank has a say.
  const good = storefront === 'cart' ? 'good' : luck.weighed(GOOD_CARDS);
  return [...bad, good];
}

/** @type {readonly [BadCard, ...BadCard[]]} */
const BAD_CARDS = ['declined', 'insufficient', '3ds_failed', '3ds_declined', 'expired', 'wrong_cvc', 'blocked'];
const GOOD_CARDS = {
  good: 30,
  '3ds': 9,
  refund_pending: 5,
  refund_fails: 3,
  disputed: 2,
  not_received: 1,
  inquiry: 2,
};

const MOODS = {
  'sold-out': 1,
  'sold-out-at-pay': 1,
  'price-change': 1,
  'price-change-at-pay': 1,
  reject: 1,
  'error-503-once': 1,
  'error-503-at-pay-once': 1,
  'timeout-at-create': 1,
  'timeout-at-pay': 1,
  'not-cancellable': 1,
};

/** @param {import('./random.mjs').Random} luck */
const moodOf = (luck) => (luck.chance(0.45) ? luck.weighed(MOODS) : null);
