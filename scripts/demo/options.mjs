// @ts-check
// Which road the demo takes, from its command line.
import { parseArgs } from 'node:util';

import { Refusal } from '../parts/failure.mjs';

const CARDS = /** @type {const} */ (['declined', 'insufficient', '3ds']);
const STOREFRONTS = /** @type {const} */ (['trektoo', 'airport', 'dreamscape', 'travello', 'cart']);
const TURNS = /** @type {const} */ (['sold-out', 'price-change', 'no-balance', 'lost-webhook']);
const CART_TURNS = /** @type {const} */ (['change-cart', 'late-webhook', 'failed']);

/** @typedef {'happy' | typeof CARDS[number] | typeof TURNS[number]} RoadName */
/** @typedef {typeof CART_TURNS[number]} CartTurn */
/** @typedef {typeof STOREFRONTS[number]} StorefrontName */
/** @typedef {Exclude<StorefrontName, 'trektoo'>} WalkName */
/** @typedef {{ storefront: 'trektoo', road: RoadName } | { storefront: WalkName, road: 'happy' | CartTurn }} Choice */

export const USAGE = `npm run demo                          books one Klook activity, from click to voucher
npm run demo -- --card declined       the bank says no; another card pays
npm run demo -- --card insufficient   the card is empty; another card pays
npm run demo -- --card 3ds            the bank asks the customer first
npm run demo -- --sold-out            the last seat is gone after the payment: all the money goes back
npm run demo -- --price-change        the price rises after the payment: all the money goes back
npm run demo -- --no-balance          our Klook balance is empty; it goes on after a top-up
npm run demo -- --lost-webhook        Stripe's webhook never comes; polling finds the payment (a minute)

npm run demo -- --storefront airport      airport services: what goes over the wire, from the list of services to the status
npm run demo -- --storefront dreamscape   payments for another service's bookings: two refunds, a cancellation, events
npm run demo -- --storefront travello     hotel stays: Stripe's page, paying on arrival, rupees that become dollars

npm run demo -- --storefront cart                  a shop's cart, paid on CHIP's page: from the products to the order and its receipt
npm run demo -- --storefront cart --change-cart    the cart changes after the payment was asked for: only the fresh one can be paid
npm run demo -- --storefront cart --late-webhook   CHIP's news come late: the page that the customer returns to finishes the order
npm run demo -- --storefront cart --failed         the payment fails on CHIP's page; another method pays`;

/**
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Choice & { help: boolean }}
 */
export function readOptions(args, env = process.env) {
  refuseSwallowed(env);
  const { help = false, card, storefront = 'trektoo', ...turns } = parsed(args);
  const chosen = TURNS.filter((name) => turns[name]);
  const ofCarts = CART_TURNS.filter((name) => turns[name]);
  if (card !== undefined && !isCard(card)) {
    throw new Refusal(`--card is one of ${CARDS.join(', ')}, not ${card}.`);
  }
  if (!isStorefront(storefront)) {
    throw new Refusal(`--storefront is one of ${STOREFRONTS.join(', ')}, not ${storefront}.`);
  }
  const roads = [...(card === undefined ? [] : [card]), ...chosen];
  if (roads.length + ofCarts.length > 1) throw new Refusal('The demo takes one road at a time: give one option.');
  const [road = 'happy'] = roads;
  const [turn = 'happy'] = ofCarts;
  if (storefront !== 'cart' && turn !== 'happy') throw new Refusal(`--${turn} goes with --storefront cart.`);
  if (storefront === 'trektoo') return { storefront, road, help };
  if (road !== 'happy') {
    const others = storefront === 'cart' ? `one of --${CART_TURNS.join(', --')}, or none` : 'no other option';
    throw new Refusal(`The roads are those of trektoo; with --storefront ${storefront} give ${others}.`);
  }
  return { storefront, road: turn, help };
}

/** @param {string[]} args */
function parsed(args) {
  const flag = /** @type {const} */ ({ type: 'boolean' });
  try {
    return parseArgs({
      args,
      options: {
        help: { type: 'boolean', short: 'h' },
        card: { type: 'string' },
        storefront: { type: 'string' },
        'sold-out': flag,
        'price-change': flag,
        'no-balance': flag,
        'lost-webhook': flag,
        'change-cart': flag,
        'late-webhook': flag,
        failed: flag,
      },
    }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(`${reason}\n\n${USAGE}`);
  }
}

/**
 * @param {string} text
 * @returns {text is typeof CARDS[number]}
 */
function isCard(text) {
  return CARDS.some((card) => card === text);
}

/**
 * @param {string} text
 * @returns {text is StorefrontName}
 */
function isStorefront(text) {
  return STOREFRONTS.some((name) => name === text);
}

/**
 * npm keeps options given before `--` for itself: without a word the happy road would be shown instead.
 * @param {NodeJS.ProcessEnv} env
 */
function refuseSwallowed(env) {
  const swallowed = ['card', 'storefront', ...TURNS, ...CART_TURNS].find((name) => {
    const kept = env[`npm_config_${name.replaceAll('-', '_')}`];
    return kept !== undefined && kept !== '' && kept !== 'false';
  });
  if (swallowed === undefined) return;
  throw new Refusal(`npm kept --${swallowed} for itself: put two dashes before it, npm run demo -- --${swallowed}.`);
}
